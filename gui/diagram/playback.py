"""Where the walk through the cell stands: operation by operation, step by step, forwards and back."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from engine.graph import Operation
from engine.trace import Trace
from gui.walk import Walk


@dataclass(frozen=True)
class Moment:
    """What is on the screen: `done` operations of step `t` (from 0) are computed, the last one to `progress`."""

    t: int
    done: int
    progress: float

    @property
    def current(self) -> int | None:
        """Index of the operation that is being computed or was computed last; None before the first."""
        return self.done - 1 if self.done else None

    @property
    def moving(self) -> bool:
        """Whether the current operation is still being computed."""
        return self.progress < 1.0


class Playback(Walk):
    """A position among all operations of all time steps; position p has p operations computed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trace: Trace | None = None

    @property
    def per_step(self) -> int:
        """Operations of one time step."""
        return len(self.trace.cell.operations) if self.trace else 0

    @property
    def last(self) -> int:
        """The last position: everything is computed."""
        return self.per_step * len(self.trace.steps) if self.trace else 0

    @property
    def moment(self) -> Moment:
        """The moment that the position stands for. A step that is complete stays until the next begins."""
        if not self.position or not self.trace:
            return Moment(0, 0, 1.0)
        t, before = divmod(self.position - 1, self.per_step)
        return Moment(t, before + 1, self._progress)

    @property
    def operation(self) -> Operation | None:
        """The current operation."""
        current = self.moment.current
        return self.trace.cell.operations[current] if self.trace and current is not None else None

    def set_trace(self, trace: Trace) -> None:
        """Take new numbers; the walk stays where it is if the new trace has that place."""
        same_cell = self.trace is not None and trace.cell == self.trace.cell
        self.trace = trace
        if not same_cell or self.position > self.last:
            self._set_playing(False)
            self._stand_at(0 if not same_cell else self.last)
        else:
            self.moved.emit()

    def seek_step(self, t: int) -> None:
        """Stand at the end of time step t (from 0)."""
        self.seek((t + 1) * self.per_step)
