"""The walk back: one derivative after the other, from the loss to the first time step."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.cell.backward import BackMove, Backward
from gui.playback.playback import Mark, StepWalk


class BackPlayback(StepWalk):
    """A position among all moves of a way back; position p has p derivatives passed on."""

    backwards = True

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.way: Backward | None = None
        self._marks: dict[int, tuple[Mark, ...]] = {}

    @property
    def last(self) -> int:
        return len(self.way.moves) if self.way else 0

    @property
    def steps(self) -> int:
        return len(self.way.trace.steps) if self.way else 0

    @property
    def move(self) -> BackMove | None:
        """The present move; None before the first."""
        return self.way.moves[self.position - 1] if self.way and self.position else None

    @property
    def t(self) -> int:
        return self.move.t if self.move else max(0, self.steps - 1)

    @property
    def marks(self) -> tuple[Mark, ...]:
        if self.way is None:
            return ()
        if self.t not in self._marks:
            self._marks[self.t] = tuple(_mark(self.way, self.way.moves[i]) for i in self.way.places[self.t])
        return self._marks[self.t]

    @property
    def mark(self) -> int | None:
        return self.position - 1 - self.way.places[self.t].start if self.way and self.position else None

    def set_way(self, way: Backward | None) -> None:
        """Take another way back; the walk stays where it is if the new way has as many moves."""
        same = way is not None and self.way is not None and len(way.moves) == len(self.way.moves)
        self.way = way
        self._marks.clear()
        if same:
            self.moved.emit()
        else:
            self._set_playing(False)
            self._stand_at(0)

    def seek_mark(self, index: int) -> None:
        if self.way is not None:
            self.seek(self.way.places[self.t].start + index + 1)

    def seek_step(self, t: int) -> None:
        if self.way is not None:
            self.seek(self.way.places[t].stop)


def _mark(way: Backward, move: BackMove) -> Mark:
    cell = way.trace.cell
    source, target = (cell.described(name).symbol for name in (move.operation.name, move.target))
    return Mark(move.operation.role, f"∂L/∂{source} is passed on to ∂L/∂{target}")
