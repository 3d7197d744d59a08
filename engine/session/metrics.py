"""Keeps the metrics of a session's steps until the window asks for them, and measures the speed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ..runs.divergence import Divergence
from ..runs.metrics import Metrics, joined

_RATE_INTERVAL_S = 0.5  # steps/s over at least this long, or the figure is unreadable


@dataclass
class SessionMetrics:
    """Metrics that nobody has asked for yet."""

    _pending: list[Metrics] = field(default_factory=list)
    _divergence: Divergence = field(default_factory=Divergence)

    def go_on(self, step: int) -> None:
        """Say how many steps were made before."""
        self._divergence.count = step

    def add(self, metrics: Metrics) -> str:
        """Add the metrics of the next steps; returns a sentence where a loss is no finite number."""
        self._pending.append(metrics)
        return self._divergence.sentence if self._divergence.see(metrics) else ""

    def take(self) -> Metrics | None:
        """Return the metrics that have come since the last time, or None."""
        pending, self._pending = self._pending, []
        return joined(pending)


@dataclass
class Rate:
    """Steps per second, over the last half second or more."""

    per_s: float = 0.0
    _mark: tuple[float, int] = (0.0, 0)
    _first_mark: tuple[float, int] | None = None

    def begin(self, step: int) -> None:
        """Say that steps are made from now on."""
        self._mark = time.perf_counter(), step
        self._first_mark = self._first_mark or self._mark

    def after(self, step: int) -> float:
        """Return the rate now that this step has been made."""
        now = time.perf_counter()
        since, marked = self._mark
        if now - since >= _RATE_INTERVAL_S:
            self.per_s = (step - marked) / (now - since)
            self._mark = (now, step)
        elif self._mark == self._first_mark and now > since:  # better than nothing to show
            self.per_s = (step - marked) / (now - since)
        return self.per_s
