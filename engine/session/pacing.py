"""Keeps a session to its pace: says how long to wait before the next step, and measures the speed."""

from __future__ import annotations

import time

from ..runs.pace import Pace

_RATE_INTERVAL_S = 0.5  # steps/s over at least this long, or the figure is unreadable
_RATE_STEPS, _RATE_LONGEST_S = 10, 4.0  # at a slow pace over so many steps, or so long
_CATCH_UP_S = 0.05  # a run that was held up longer, such as by a look, does not hurry after it


class Pacer:
    """Says when the next step is due, and how many steps a second were made of late.

    per_s: steps per second, over the last half second or more.
    """

    def __init__(self, pace: Pace) -> None:
        self.per_s = 0.0
        self._last = self._mark = self._first_mark = (0.0, 0)
        """When a step was made, and its number: the last, and those from which the speed is measured."""
        self.keep(pace)

    def keep(self, pace: Pace) -> None:
        """Keep to another pace from now on."""
        self.pace = pace
        self._interval = 0.0 if pace.full or pace.one_at_a_time else 1 / pace.per_s
        self._due = time.perf_counter()
        self._mark = self._first_mark = self._last  # the speed of before is no longer the speed

    def begin(self, step: int) -> None:
        """Say that steps are made from now on, the next one at once."""
        self._due = time.perf_counter()
        self._last = self._mark = self._due, step
        if not self._first_mark[0]:
            self._first_mark = self._mark

    def made(self, step: int) -> float:
        """Take note of a step that was made just now; returns the moment."""
        now = time.perf_counter()
        self._last = now, step
        if self._interval:
            self._due = max(self._due + self._interval, now - _CATCH_UP_S)
        return now

    @property
    def wait_s(self) -> float:
        """How long it is until the next step is due; 0 where it is."""
        return max(0.0, self._due - time.perf_counter()) if self._interval else 0.0

    def measured(self) -> float:
        """Return how many steps a second were made of late, now that somebody asks."""
        now, step = self._last
        since, marked = self._mark
        took = now - since
        if took >= _RATE_INTERVAL_S and (step - marked >= _RATE_STEPS or took >= _RATE_LONGEST_S):
            self.per_s = (step - marked) / took
            self._mark = self._last
        elif self._mark == self._first_mark and took > 0:  # better than nothing to show
            self.per_s = (step - marked) / took
        return self.per_s
