"""What is written to a recording in one transaction, and how often snapshots and checkpoints are made."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..runs.metrics import Float32
from ..runs.snapshot import Snapshot
from .about import Event
from .checkpoint import Checkpoint

FIRST = 20
"""Steps that all have their snapshot; after them each next one comes by a share of the steps made later."""
_MOST, _FEWEST = 280, 24  # snapshots, and kept checkpoints, within a million steps
_USUAL_STEPS = 1_000_000
_LARGE_BYTES = 2**20  # a first snapshot beyond this is not followed by one at every step


@dataclass(frozen=True, eq=False)
class Parcel:
    """What is written in one transaction: rows (steps, columns) that follow the last ones, and the rest.

    about: facts of `About` that have changed. dropped: steps whose snapshots go.
    """

    rows: Sequence[Float32] = ()
    snapshots: Sequence[Snapshot] = ()
    checkpoints: Sequence[Checkpoint] = ()
    events: Sequence[Event] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    dropped: Sequence[int] = ()

    def __bool__(self) -> bool:
        return bool(self.rows or self.snapshots or self.checkpoints or self.events or self.about or self.dropped)

    def after(self, older: Parcel) -> Parcel:
        """Return one parcel of this and an older one that could not be written."""
        return Parcel(
            [*older.rows, *self.rows],
            [*older.snapshots, *self.snapshots],
            [*older.checkpoints, *self.checkpoints],
            [*older.events, *self.events],
            {**older.about, **self.about},
            [*older.dropped, *self.dropped],
        )


class Spacing:
    """At which steps something is recorded: at all of the first, then at steps that grow by a ratio.

    The ratio is such that `budget` bytes hold what a million steps bring, but never more than _MOST or fewer than
    _FEWEST times.
    """

    def __init__(self, budget: float, step: int) -> None:
        self._budget = budget
        self.next = step

    def took(self, step: int, nbytes: int) -> None:
        """Say what was recorded after a step."""
        times = min(max(self._budget / max(nbytes, 1), _FEWEST), _MOST)
        ratio = (_USUAL_STEPS / FIRST) ** (1 / times)
        every = step < FIRST and nbytes <= _LARGE_BYTES
        self.next = step + 1 if every else max(step + 1, int(max(step, FIRST / ratio) * ratio) + 1)


class Budget:
    """Time that something may take: a share of what has passed, and a credit."""

    def __init__(self, share: float, credit_s: float) -> None:
        self._share = share
        self._left = credit_s
        self._last = time.perf_counter()

    def allows(self, moment: float) -> bool:
        """Whether there is time for it now."""
        self._left += self._share * (moment - self._last)
        self._last = moment
        return self._left > 0

    def spend(self, seconds: float) -> None:
        """Say what it took; what was not there is made up for before the next time."""
        self._left -= seconds
