"""What the formula line shows of one operation, or of one gradient passed on in the backward pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from engine.cell import formula
from engine.cell.backward import BackMove, Backward
from engine.cell.trace import Trace
from engine.explain import backward_line
from engine.explain.explanation import explain, heading_of
from engine.explain.number_latex import MOST, number_latex
from engine.explain.number_line import Piece, number_line
from engine.text.numbers import Style
from gui.appearance.typeset import Typesetter


@dataclass(frozen=True, eq=False)
class Line:
    """An equation in symbols, in shapes and in numbers."""

    source: Trace | BackMove
    """Where its numbers come from."""
    t: int
    """The time step, from 0."""
    name: str
    """The operation that it is about."""
    role: str
    numbers: Callable[..., tuple[Piece, ...]]
    """Given (rows, columns, style): the equation in numbers, with at most so many rows and columns of each value."""
    symbols: str
    """In LaTeX, as `shapes`."""
    shapes: str = ""
    sizes: str = ""
    """The shapes in numbers, in plain text."""
    heading: str = ""
    """The name of its part, and what that is for in a few words."""
    worked: str = ""
    """Entry 1 of the result worked out, in a sentence; "" where the numbers say it."""
    about: str = ""
    """What its part is for, with an example of the field."""
    left: str = ""
    """What it computes, in LaTeX; "" where the symbols are all that there is."""

    def latex(self, style: Style) -> str:
        """Return its numbers as LaTeX, with so many digits as the screen has."""
        return number_latex(self.numbers(MOST, MOST, style), self.left)


def line_of(trace: Trace, t: int, name: str) -> Line:
    """Return the formula line of an operation at time step t (from 0)."""
    cell = trace.cell
    sizes = formula.shapes_text(cell, name, trace.sizes)
    symbols, shapes = formula.latex(cell, name), formula.shapes_latex(cell, name)
    numbers = partial(number_line, trace, t, name)
    names = [operation.name for operation in cell.operations]
    computed = (*(item.name for item in cell.inputs), *names[: names.index(name) + 1])
    said = explain(trace, t, name, computed)
    about = said.purpose if name in cell.carried.values() else said.example
    heading = ": ".join(heading_of(cell, name))
    worked = said.numbers if name == said.place else ""
    left = cell.operation(name).latex
    return Line(
        trace, t, name, cell.operation(name).role, numbers, symbols, shapes, sizes, heading, worked, about, left
    )


def line_back(way: Backward, move: BackMove) -> Line:
    """Return the formula line of one move of the backward pass."""
    numbers, symbols = partial(backward_line.number_line, way.trace, move), backward_line.latex(way.trace.cell, move)
    return Line(move, move.t, move.operation.name, move.operation.role, numbers, symbols)


def typeset_way(typesetter: Typesetter, way: Backward) -> None:
    """Typeset every formula of a backward pass in the background, so that none has to be waited for."""
    steps = len(way.trace.steps)
    for t in {0, max(0, steps - 2), steps - 1}:  # all others have the formulas of the last but one
        for index in way.places[t]:
            typesetter.prepare(backward_line.latex(way.trace.cell, way.moves[index]))
