"""When a walk stands where in a film: each move takes its usual time, and a long walk goes faster in its middle."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from gui.playback.walk import OPERATION_MS, REST_MS, Leg, eased

LONGEST_S = 120.0
"""A film of a walk lasts no longer than this, unless somebody asks for it."""
_BEGIN_S, _END_S = 1.0, 2.0
"""So long the start and the end are seen."""
_LEG_S = 0.3
"""A whole time step in the middle of a long walk."""
_LEAST_LEG_S = 0.05
_ALONE_S = 3.0
"""A stop that belongs to no time step and stands alone, such as the loss."""
_FASTEST = 3.0
"""A walk that would have to be so many times faster passes its middle legs as a whole."""


@dataclass(frozen=True)
class Shot:
    """A stop of the walk: the move to its position takes `move_s` seconds, and then it is seen for `rest_s`."""

    position: int
    move_s: float
    rest_s: float

    @property
    def lasts_s(self) -> float:
        """How long it takes."""
        return self.move_s + self.rest_s


@dataclass(frozen=True)
class Place:
    """What a frame shows: the position, and how far the move there has come (0 to 1)."""

    position: int
    progress: float


class Schedule:
    """The shots of a film in their order, and what is seen at each of its moments."""

    def __init__(self, shots: Sequence[Shot], seconds: float | None = None) -> None:
        """seconds: how long it is to last; all is made faster or slower for it."""
        natural = sum(shot.lasts_s for shot in shots)
        self._factor = seconds / natural if seconds is not None and natural > 0 else 1.0
        self._shots = tuple(shots)
        self._ends = list(accumulate(shot.lasts_s * self._factor for shot in shots))

    @property
    def lasts_s(self) -> float:
        """How long the film is."""
        return self._ends[-1] if self._ends else 0.0

    def frames(self, rate: int) -> int:
        """Return how many frames there are at so many a second; at least one."""
        return max(1, round(self.lasts_s * rate))

    def at(self, seconds: float) -> Place:
        """Return what is seen at a moment."""
        index = min(bisect_right(self._ends, seconds), len(self._shots) - 1)
        shot = self._shots[index]
        since = seconds - (self._ends[index] - shot.lasts_s * self._factor)
        move_s = shot.move_s * self._factor
        return Place(shot.position, eased(min(1.0, since / move_s)) if move_s > 0 else 1.0)

    def place_of(self, frame: int, rate: int) -> Place:
        """Return what a frame shows; the last shows the end, whatever the rounding of its moment."""
        if frame >= self.frames(rate) - 1:
            return Place(self._shots[-1].position, 1.0)
        return self.at(frame / rate)


def schedule_of(
    legs: Sequence[Leg], by_legs: bool = False, only_t: int | None = None, seconds: float | None = None
) -> Schedule:
    """Return the schedule of a walk along legs, from its start to its end.

    by_legs: whether it goes leg by leg, for single stops move nothing. only_t: the time step (from 0) that is walked
    through alone. A walk that would take too long passes each part's middle legs as a whole, the first
    and last stop by stop.
    """
    shots = _shots_of(legs, by_legs, only_t, frozenset())
    whole = sum(shot.lasts_s for shot in shots)
    if whole > (LONGEST_S if seconds is None else _FASTEST * seconds):
        shots = _shots_of(legs, by_legs, only_t, _middle_of(legs))
        whole = sum(shot.lasts_s for shot in shots)
    return Schedule(shots, min(whole, LONGEST_S) if seconds is None else seconds)


def _shots_of(legs: Sequence[Leg], by_legs: bool, only_t: int | None, whole: frozenset[int]) -> list[Shot]:
    move_s, rest_s = OPERATION_MS / 1000, REST_MS / 1000
    shots: list[Shot] = []
    end = 0
    for index, leg in enumerate(legs):
        begin, end = end, end + len(leg.stops)
        if only_t is not None and leg.t != only_t:
            continue
        if not shots:
            shots.append(Shot(begin, 0.0, _BEGIN_S))
        if by_legs:
            shots.append(Shot(end, 0.0, move_s + rest_s))
        elif index in whole:
            shots.append(Shot(end, 0.0, max(_LEAST_LEG_S, min(_LEG_S, 20 / len(legs)))))
        elif leg.t is None and len(leg.stops) == 1:
            shots.append(Shot(end, move_s, _ALONE_S))
        else:
            shots += [Shot(position, move_s, rest_s) for position in range(begin + 1, end + 1)]
    last = shots[-1] if shots else Shot(0, 0.0, 0.0)
    return [*shots[:-1], Shot(last.position, last.move_s, last.rest_s + _END_S)]


def _middle_of(legs: Sequence[Leg]) -> frozenset[int]:
    """Return the legs that are neither the first nor the last of their part of the walk."""
    parts: dict[int, list[int]] = {}
    for index, leg in enumerate(legs):
        parts.setdefault(leg.part, []).append(index)
    return frozenset(index for part in parts.values() for index in part[1:-1])
