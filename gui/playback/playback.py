"""The walk through the cell: the forward pass by operations, the backward pass by the gradients passed on."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.cell import formula
from engine.cell.backward import BackMove, Backward
from engine.cell.cell import Cell
from engine.cell.graph import Operation
from engine.cell.trace import Trace
from gui.playback.walk import Leg, Stop, Walk


class Playback(Walk):
    """The walk through the numbers of the open document."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cell: Cell | None = None

    @property
    def operation(self) -> Operation | None:
        """The current operation."""
        return self._cell.operations[self.stop] if self._cell and self.stop is not None else None

    def set_trace(self, trace: Trace) -> None:
        """Take new numbers; the position stays if the new trace has it."""
        before, self._cell = self._cell, trace.cell
        legs = self.legs
        if before is not trace.cell or len(legs) != len(trace.steps):
            legs = forward_legs(trace)
        # With its columns in another order it is the same walk.
        same = before is not None and _names(before) == _names(trace.cell)
        self.take(legs, None if same else 0)


def forward_legs(trace: Trace) -> list[Leg]:
    """Return a leg for each time step, with a stop for each operation."""
    cell = trace.cell

    def stop(item: Operation) -> Stop:
        words = f"{item.symbol} = {formula.text(cell, item.name)}"
        return Stop(item.role, words, item.symbol, cell.phase_of(item.name))

    stops = tuple(map(stop, cell.operations))
    return [Leg(t, stops) for t in range(len(trace.steps))]


def backward_legs(way: Backward, part: int = 0) -> list[Leg]:
    """Return a leg for each time step from the last to the first, with a stop for each derivative passed on."""
    cell, known = way.trace.cell, dict[tuple[str, str], Stop]()

    def stop(move: BackMove) -> Stop:
        names = move.operation.name, move.target
        if names not in known:
            source, target = (cell.described(name).symbol for name in names)
            words, phase = f"∂L/∂{source} is passed on to ∂L/∂{target}", cell.phase_of(move.operation.name)
            known[names] = Stop(move.operation.role, words, f"∂L/∂{target}", phase)
        return known[names]

    places = reversed(list(enumerate(way.places)))
    return [Leg(t, [stop(way.moves[index]) for index in place], True, part) for t, place in places]


def _names(cell: Cell) -> list[str]:
    return [operation.name for operation in cell.operations]
