"""The way back through a cell, one derivative at a time: from a loss to every value and weight, step by step.

The order is that of backpropagation through time (Werbos 1990): the last time step first, in each step the last
operation first, and for each operation one input after the other. The sums are those of
`engine.trace.backpropagate`; here each of their terms is kept, so that it can be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.graph import Operation
from engine.trace import Trace

Gradient = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BackMove:
    """One derivative: what operation `operation` of step `t` passes on to the value or weight `target`."""

    t: int
    operation: Operation
    number: int
    """Which input of the operation the target is."""
    arriving: Gradient
    """dL/d(operation), complete: everything that reads it has passed its share on."""
    part: Gradient
    """What this move adds to dL/d(target)."""
    before: Gradient | None
    """dL/d(target) so far, from moves before this one; None if this is the first."""
    total: Gradient
    """dL/d(target) after this move: of a weight over the time steps so far, of a value within its own."""

    @property
    def target(self) -> str:
        """Name of the value or weight that the move passes a gradient to."""
        return self.operation.inputs[self.number]


@dataclass(frozen=True, eq=False)
class Backward:
    """The whole way back. `arrivals[t]` holds dL/d(value) by name that step t begins with.

    That is what the loss reads of step t, and what the step after passes on through h and C.
    """

    trace: Trace
    arrivals: tuple[Mapping[str, Gradient], ...]
    moves: tuple[BackMove, ...]
    places: tuple[range, ...]
    """Indices of the moves of each time step."""

    def known(self, position: int, t: int) -> dict[str, Gradient]:
        """Return dL/d(value) by name in step t once `position` moves are made; a value not reached is absent."""
        found = dict(self.arrivals[t])
        for index in self.places[t]:
            move = self.moves[index]
            if index < position and move.target not in self.trace.parameters:
                found[move.target] = move.total
        return found

    def parameters(self, position: int) -> dict[str, Gradient]:
        """Return dL/d(weight) by name as far as it is summed after `position` moves."""
        return {move.target: move.total for move in self.moves[:position] if move.target in self.trace.parameters}


def go_back(trace: Trace, seeds: Mapping[str, Gradient]) -> Backward:
    """Return every move of the way back.

    `seeds` holds dL/d(value) of the last time step by name, such as {"h_t": …}, each in its value's shape.
    """
    cell = trace.cell
    moves: list[BackMove] = []
    arrivals: list[Mapping[str, Gradient]] = []
    places: list[range] = []
    weights: dict[str, Gradient] = {}
    arriving: dict[str, Gradient] = dict(seeds)
    for t in range(len(trace.steps) - 1, -1, -1):
        values, first = trace.steps[t], len(moves)
        arrivals.append(MappingProxyType(dict(arriving)))
        totals = dict(arriving)
        for operation in reversed(cell.operations):
            gradient = totals.get(operation.name)
            if gradient is None:
                continue
            arguments = [trace.value(t, name) for name in operation.inputs]
            with np.errstate(under="ignore"):
                parts = operation.kind.backward(gradient, arguments, values[operation.name])
            for number, (name, part) in enumerate(zip(operation.inputs, parts, strict=True)):
                store = weights if name in trace.parameters else totals
                before = store.get(name)
                store[name] = part if before is None else before + part
                moves.append(BackMove(t, operation, number, gradient, part, before, store[name]))
        places.append(range(first, len(moves)))
        arriving = {source: totals[name] for name, source in cell.carried.items() if name in totals}
    return Backward(trace, tuple(reversed(arrivals)), tuple(moves), tuple(reversed(places)))
