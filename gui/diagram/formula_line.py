"""What the formula line shows of one operation, or of one move of the way back."""

from __future__ import annotations

from dataclasses import dataclass

from engine.cell import formula
from engine.cell.backward import BackMove, Backward
from engine.cell.trace import Trace
from engine.explain import backward_line as back_line
from engine.explain.number_line import Piece, number_line
from engine.text.numbers import Style
from gui.appearance.typeset import Typesetter


class Line:
    """An equation in symbols, in shapes and in numbers. Lines are equal that show the same."""

    symbols: str
    """In LaTeX, as `shapes`."""
    shapes: str
    sizes: str
    """The shapes in numbers, in plain text."""
    role: str
    name: str
    """The operation that it tells of."""

    def numbers(self, rows: int, columns: int, style: Style = Style.SHORT) -> tuple[Piece, ...]:
        """Return it in numbers, with at most so many rows and columns of each value."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class OperationLine(Line):
    """An operation with the numbers of time step t (from 0)."""

    trace: Trace
    t: int
    name: str
    symbols: str
    shapes: str
    sizes: str
    role: str

    def numbers(self, rows: int, columns: int, style: Style = Style.SHORT) -> tuple[Piece, ...]:
        return number_line(self.trace, self.t, self.name, rows, columns, style)


@dataclass(frozen=True, eq=False)
class MoveLine(Line):
    """A move of the way back, with its numbers."""

    way: Backward
    move: BackMove
    symbols: str
    role: str
    shapes: str = ""
    sizes: str = ""

    @property
    def name(self) -> str:  # type: ignore[override]  # read alone
        return self.move.operation.name

    def numbers(self, rows: int, columns: int, style: Style = Style.SHORT) -> tuple[Piece, ...]:
        return back_line.number_line(self.way.trace, self.move, rows, columns, style)


def line_of(trace: Trace, t: int, name: str) -> OperationLine:
    """Return the formula line of an operation at time step t (from 0)."""
    cell = trace.cell
    sizes = formula.shapes_text(cell, name, trace.sizes)
    symbols, shapes = formula.latex(cell, name), formula.shapes_latex(cell, name)
    return OperationLine(trace, t, name, symbols, shapes, sizes, cell.operation(name).role)


def line_back(way: Backward, move: BackMove) -> MoveLine:
    """Return the formula line of a move of the way back."""
    return MoveLine(way, move, back_line.latex(way.trace.cell, move), move.operation.role)


def typeset_way(typesetter: Typesetter, way: Backward) -> None:
    """Have every formula of the way typeset, so that none has to be waited for; all steps share them."""
    for t in {0, max(0, len(way.trace.steps) - 2), len(way.trace.steps) - 1}:
        for index in way.places[t]:
            typesetter.formula(back_line.latex(way.trace.cell, way.moves[index]))
