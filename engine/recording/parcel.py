"""What is written of a run in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..runs.snapshot import Snapshot
from .checkpoint import Checkpoint
from .recording import Event, Float32


@dataclass(frozen=True, eq=False)
class Parcel:
    """What is written in one transaction: rows (steps, columns) that follow the last ones, and the rest.

    about: facts of `About` that have changed.
    """

    rows: Sequence[Float32] = ()
    snapshots: Sequence[Snapshot] = ()
    checkpoints: Sequence[Checkpoint] = ()
    events: Sequence[Event] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows or self.snapshots or self.checkpoints or self.events or self.about)

    def after(self, older: Parcel) -> Parcel:
        """Return one parcel of this and an older one that could not be written."""
        return Parcel(
            [*older.rows, *self.rows],
            [*older.snapshots, *self.snapshots],
            [*older.checkpoints, *self.checkpoints],
            [*older.events, *self.events],
            {**older.about, **self.about},
        )
