"""What the diagram shows at one moment of the forward or backward pass: values by name, and the present move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cell.backward import BackMove, Backward
from engine.cell.cell import Cell, size_in_numbers
from engine.cell.trace import Trace
from engine.explain.backward_line import delta
from engine.explain.number_line import exact_text
from engine.text import numbers
from gui.diagram.layout import Layout, Point
from gui.playback.walk import Moment

Values = Mapping[str, Any]

ARRIVES = 0.6
"""At this fraction of an operation's time its tokens arrive, and its result appears."""


@dataclass(frozen=True)
class Move:
    """One thing that happens: an operation works, tokens take `routes` to it, and `target` fills in."""

    operation: str
    target: str
    routes: tuple[tuple[Point, ...], ...]
    progress: float


@dataclass(frozen=True, eq=False)
class Frame:
    """The diagram at a moment."""

    cell: Cell
    sizes: Mapping[str, int]
    values: Values
    """Every value that can be shown, by name; the move's target as it will be after the move."""
    known: frozenset[str]
    """Names of the computed values: without the move's target while that is being computed."""
    move: Move | None
    words: Callable[[str, int], str]
    """Returns the symbol of an entry of a value, counted from 0, and the number with every digit."""
    before: NDArray[np.float64] | None = None
    """What the target was before the move, if anything."""
    backwards: bool = False
    whole: bool = False
    """Whether every value of the time step is shown, computed on the walk or not."""
    when: str = ""
    """The time step in words, "t = 2 of 4"; "" if there is only one."""

    @property
    def phase(self) -> str:
        """The name of the phase of the present move; "" without one."""
        return self.cell.phase_of(self.move.operation) if self.move else ""

    @property
    def moving(self) -> bool:
        """Whether the move is under way."""
        return self.move is not None and self.move.progress < 1

    def latex(self, name: str) -> str:
        """Return the symbol of what is shown of a value: its own, or that of its gradient."""
        symbol = self.cell.described(name).latex
        return delta(symbol) if self.backwards else symbol

    def newest(self, names: tuple[str, ...]) -> str | None:
        """Return which of the values that share a column is shown: the one computed last; None before the first."""
        order = names if self.backwards else reversed(names)
        return next((name for name in order if name in self.known), None)

    def first(self, names: tuple[str, ...]) -> str:
        """Return which of the values that share a column comes first."""
        return names[-1] if self.backwards else names[0]

    def size(self, name: str) -> int:
        """Return how many entries a value has, computed or not."""
        return size_in_numbers(self.cell.shapes[name], self.sizes)[0]

    def is_gate(self, name: str) -> bool:
        """Whether a value lies between 0 and 1."""
        return not self.backwards and self.cell.described(name).gate_role is not None

    def rounds(self, name: str) -> bool:
        """Whether a value is never exactly the whole number that it looks like."""
        return not self.backwards and self.cell.described(name).rounds


def forward_frame(trace: Trace, moment: Moment, layout: Layout, whole: bool = False) -> Frame:
    """Return the frame of a moment of the playback; whole: with every value of its time step."""
    cell = trace.cell
    finished = len(cell.operations) if whole else moment.done - (1 if moment.moving else 0)
    known = frozenset((*(item.name for item in cell.inputs), *(item.name for item in cell.operations[:finished])))
    move = None
    if moment.current is not None:
        name = cell.operations[moment.current].name
        move = Move(name, name, layout.routes.get(name, ()), moment.progress)

    def words(name: str, index: int) -> str:
        return f"{cell.described(name).symbol}[{index + 1}] = {exact_text(trace, moment.t, name, (index,))}"

    when = _when(moment.t, len(trace.steps))
    return Frame(cell, trace.sizes, trace.steps[moment.t], known, move, words, whole=whole, when=when)


def backward_frame(way: Backward, position: int, progress: float, layout: Layout) -> Frame:
    """Return the frame of a position of the backward pass, of which the last move has come to `progress`."""
    cell, current = way.trace.cell, way.move(position)
    t = current.t if current else len(way.trace.steps) - 1
    values = way.known(position, t)
    known, move, before = frozenset(values), None, None

    def words(name: str, index: int) -> str:
        symbol = cell.described(name).symbol
        return f"∂L/∂{symbol}[{index + 1}] = {numbers.exact(float(np.asarray(values[name])[index]))}"

    if current is not None:
        if progress < 1 and current.is_first:
            known -= {current.target}
        move = Move(current.operation.name, current.target, _route_back(way.trace, current, layout), progress)
        if current.of_value is not None:  # no column shows a weight, so its sum so far is not needed
            before = current.before()
    when = _when(t, len(way.trace.steps))
    return Frame(cell, way.trace.sizes, values, known, move, words, before, backwards=True, when=when)


def _when(t: int, steps: int) -> str:
    return f"t = {t + 1:,} of {steps:,}" if steps > 1 else ""


def _route_back(trace: Trace, move: BackMove, layout: Layout) -> tuple[tuple[Point, ...], ...]:
    """Return the forward route from the target's column in reverse; a weight has none."""
    routes, slot = layout.routes.get(move.operation.name, ()), layout.slot_of(move.target)
    if move.target in trace.parameters or slot is None or not routes:
        return ()
    x, y = layout.slots[slot].centre
    nearest = min(routes, key=lambda route: min(abs(px - x) + abs(py - y) for px, py in route[:2]))
    return (tuple(reversed(nearest)),)
