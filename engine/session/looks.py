"""Decides when to observe a run in training, so that watching takes only a small part of its time."""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..runs.observation import OBSERVED
from ..runs.snapshot import Snapshot

if TYPE_CHECKING:
    from ..training.trainer import Trainer

EXTRAS_SHARE = 0.01  # of the time, for each of the things that a snapshot is asked for besides
_SHARES = {OBSERVED: 0.003}  # a step seen closely takes longer itself, which is not measured here: about as much again
SNAPSHOT_SHARE = 0.01  # of the time; a larger probe is shown less often rather than slowing training down
_REMEMBERED = 3  # looks; what a busy machine added to one of them must not keep the next away for minutes


class Looks:
    """Makes the snapshots of a session, none where nothing is new or where it would slow training down."""

    def __init__(self) -> None:
        self.at_once()

    def at_once(self) -> None:
        """Let the next look have everything that is wanted, even while the run rests: what is looked at has changed."""
        self._told: tuple[int, frozenset[str]] = (-1, frozenset())
        """The last snapshot: its step, and what it brought besides."""
        self._due = 0.0
        self._extras_due: dict[str, float] = {}
        self._took: dict[str, deque[float]] = {}
        """What snapshots, their sending and each of the things that are wanted took the last times."""

    def without(self, wants: Iterable[str]) -> None:
        """Make these no more: there is not enough memory for them."""
        self._extras_due |= dict.fromkeys(wants, math.inf)

    def snapshot(self, trainer: Trainer, hurries: bool, wants: frozenset[str] = frozenset()) -> Snapshot | None:
        """Return a snapshot with what is wanted, so far as that is due; None where none is to be made.

        hurries: whether it holds up training; else everything is due.
        """
        start = time.perf_counter()
        too_soon = hurries and start < self._due
        if too_soon or (trainer.done == self._told[0] and wants <= self._told[1]):
            return None
        if hurries:  # what takes long comes less often, and holds nothing else up
            wants = frozenset(want for want in wants if start >= self._extras_due.get(want, 0.0))
        snapshot = trainer.snapshot(wants)
        end = time.perf_counter()
        self._told = snapshot.step, wants
        costs = trainer.extras_seconds(wants)
        self._extras_due |= {
            want: end + self._usual(want, took) / _SHARES.get(want, EXTRAS_SHARE) for want, took in costs.items()
        }
        self._due = end + self._usual("snapshot", end - start - sum(costs.values())) / SNAPSHOT_SHARE
        return snapshot

    def sent(self, seconds: float) -> None:
        """Take note of what sending the last snapshot took: a large one costs more to send than to make."""
        self._due += self._usual("sending", seconds) / SNAPSHOT_SHARE

    def _usual(self, what: str, seconds: float) -> float:
        """Take note of what something took, and return the median of the last times, of two the less."""
        took = self._took.setdefault(what, deque(maxlen=_REMEMBERED))
        took.append(seconds)
        return statistics.median_low(took)
