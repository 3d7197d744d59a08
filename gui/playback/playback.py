"""Where the walk through the cell stands: operation by operation, time step by time step."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from engine.cell import formula
from engine.cell.cell import Cell
from engine.cell.graph import Operation
from engine.cell.trace import Trace
from gui.playback.walk import Walk


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


@dataclass(frozen=True)
class Mark:
    """One place on the timeline of a time step."""

    role: str
    text: str


class StepWalk(Walk):
    """A walk through time steps, each of which has places of its own: what a timeline shows."""

    backwards = False
    """Whether it goes from the last time step to the first."""

    @property
    def steps(self) -> int:
        """How many time steps there are; 0 while there is nothing to walk through."""
        raise NotImplementedError

    @property
    def t(self) -> int:
        """The time step that the walk stands in, from 0."""
        raise NotImplementedError

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The places of the present time step, in the order of the walk."""
        raise NotImplementedError

    @property
    def mark(self) -> int | None:
        """Index of the present place among the marks; None before the first."""
        raise NotImplementedError

    def seek_mark(self, index: int) -> None:
        """Stand at a place of the present time step."""
        raise NotImplementedError

    def seek_step(self, t: int) -> None:
        """Stand at the end of time step t (from 0)."""
        raise NotImplementedError


class Playback(StepWalk):
    """A position among all operations of all time steps; position p has p operations computed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trace: Trace | None = None
        self._marks: tuple[Mark, ...] = ()

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

    @property
    def steps(self) -> int:
        return len(self.trace.steps) if self.trace else 0

    @property
    def t(self) -> int:
        return self.moment.t

    @property
    def marks(self) -> tuple[Mark, ...]:
        return self._marks

    @property
    def mark(self) -> int | None:
        return self.moment.current

    def set_trace(self, trace: Trace) -> None:
        """Take new numbers; the walk stays where it is if the new trace has that place."""
        cell, before = trace.cell, self.trace.cell if self.trace is not None else None
        # With its columns in another order it is the same walk.
        same_cell = before is not None and _names(cell) == _names(before)
        self.trace = trace
        if cell is not before:
            self._marks = tuple(
                Mark(item.role, f"{item.name} = {formula.text(cell, item.name)}") for item in cell.operations
            )
        if not same_cell or self.position > self.last:
            self._set_playing(False)
            self._stand_at(0 if not same_cell else self.last)
        else:
            self.moved.emit()

    def seek_mark(self, index: int) -> None:
        self.seek(self.moment.t * self.per_step + index + 1)

    def seek_step(self, t: int) -> None:
        self.seek((t + 1) * self.per_step)


class TimeWalk(StepWalk):
    """The playback by whole time steps, for views in which single operations move nothing."""

    def __init__(self, playback: Playback, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        playback.moved.connect(self._on_playback)
        self.moved.connect(self._lead)
        self._leading = False

    @property
    def last(self) -> int:
        return max(0, self.steps - 1)

    @property
    def steps(self) -> int:
        return self._playback.steps

    @property
    def t(self) -> int:
        return self._playback.t

    @property
    def marks(self) -> tuple[Mark, ...]:
        return self._playback.marks

    @property
    def mark(self) -> int | None:
        return self._playback.mark

    def seek_mark(self, index: int) -> None:
        self._playback.seek_mark(index)

    def seek_step(self, t: int) -> None:
        self._playback.seek_step(t)

    def _lead(self) -> None:
        if self._playback.trace is not None and self.position != self._playback.t:
            self._leading = True
            self._playback.seek_step(self.position)
            self._leading = False

    def _on_playback(self) -> None:
        if not self._leading:
            self.position = self._playback.t
            self._progress = 1.0
            self.moved.emit()


def _names(cell: Cell) -> list[str]:
    return [operation.name for operation in cell.operations]


@dataclass(frozen=True)
class AtRest(Moment):
    """A moment after which nothing happens here: everything is computed and nothing glows."""

    @property
    def current(self) -> int | None:
        """No operation is going on."""
        return None
