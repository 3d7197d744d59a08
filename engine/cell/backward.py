"""The backward pass through a cell, one derivative at a time: from a loss to every value and weight.

The order is that of backpropagation through time (Werbos 1990): the last time step first, in each step the last
operation first, and for each operation one input after the other. The sums are those of
`engine.cell.trace.backpropagate`; here each of their terms is kept, so that it can be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .graph import Operation
from .trace import Trace, added

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
    arguments: tuple[Gradient, ...]
    """Values of the operation's inputs."""
    result: Gradient
    """Value of the operation."""
    earlier: BackMove | None
    """Of a weight, the move that passed something on to it before; None of the first, and of every value."""
    of_value: tuple[Gradient | None, Gradient] | None
    """Of a value, its gradient before this move and what this adds. None of a weight: a large W times T is too much."""

    @property
    def target(self) -> str:
        """Name of the value or weight that the move passes a gradient to."""
        return self.operation.inputs[self.number]

    @property
    def is_first(self) -> bool:
        """Whether nothing was passed on to the target before."""
        return self.earlier is None if self.of_value is None else self.of_value[0] is None

    def part(self) -> Gradient:
        """Return what this move adds to dL/d(target)."""
        if self.of_value is not None:
            return self.of_value[1]
        return _share(self.operation, self.number, self.arriving, self.arguments, self.result)

    def before(self) -> Gradient | None:
        """Return dL/d(target) so far, from moves before this one; None if this is the first."""
        if self.of_value is not None:
            return self.of_value[0]
        total, move = None, self.earlier
        while move is not None:
            total = move.part() if total is None else total + move.part()
            move = move.earlier
        return total

    def total(self) -> Gradient:
        """Return dL/d(target) after this move: of a weight over the time steps so far, of a value within its own."""
        before = self.before()
        return self.part() if before is None else before + self.part()


def _share(
    operation: Operation, number: int, arriving: Gradient, arguments: tuple[Gradient, ...], result: Gradient
) -> Gradient:
    with np.errstate(under="ignore"):
        share: Gradient = operation.kind.backward(arriving, arguments, result)[number]
    return share


@dataclass(frozen=True, eq=False)
class Backward:
    """The whole backward pass. `arrivals[t]` holds dL/d(value) by name that step t begins with.

    That is what the loss reads of step t, and what the step after passes on through h and C.
    """

    trace: Trace
    arrivals: tuple[Mapping[str, Gradient], ...]
    moves: tuple[BackMove, ...]
    places: tuple[range, ...]
    """Indices of the moves of each time step."""

    def move(self, position: int) -> BackMove | None:
        """Return the last of `position` moves; None before the first."""
        return self.moves[position - 1] if position else None

    def known(self, position: int, t: int) -> dict[str, Gradient]:
        """Return dL/d(value) by name in step t once `position` moves are made; a value not reached is absent."""
        found = dict(self.arrivals[t])
        for index in self.places[t]:
            move = self.moves[index]
            if index < position and move.target not in self.trace.parameters:
                found[move.target] = move.total()
        return found


def go_back(trace: Trace, seeds: Mapping[str, Gradient] | Sequence[Mapping[str, Gradient]]) -> Backward:
    """Return every move of the backward pass.

    `seeds` holds dL/d(value) by name, such as {"h_t": …}, each in its value's shape: what the loss reads of the last
    time step, or one mapping for each time step. Raises ValueError where there are not as many as time steps.
    """
    cell, steps = trace.cell, len(trace.steps)
    of_steps = [*({} for _ in range(steps - 1)), seeds] if isinstance(seeds, Mapping) else list(seeds)
    if len(of_steps) != steps:
        raise ValueError(f"expected seeds for each of {steps} time steps, found {len(of_steps)}")
    moves: list[BackMove] = []
    arrivals: list[Mapping[str, Gradient]] = []
    places: list[range] = []
    of_weights: dict[str, BackMove] = {}
    passed_on: dict[str, Gradient] = {}
    for t in range(steps - 1, -1, -1):
        values, first = trace.steps[t], len(moves)
        totals = added(passed_on, of_steps[t])
        arrivals.append(MappingProxyType(dict(totals)))
        for operation in reversed(cell.operations):
            gradient = totals.get(operation.name)
            if gradient is None:
                continue
            arguments = tuple(trace.value(t, name) for name in operation.inputs)
            result = values[operation.name]
            for number, name in enumerate(operation.inputs):
                if name in trace.parameters:
                    move = BackMove(t, operation, number, gradient, arguments, result, of_weights.get(name), None)
                    of_weights[name] = move
                else:
                    before, share = totals.get(name), _share(operation, number, gradient, arguments, result)
                    totals[name] = share if before is None else before + share
                    move = BackMove(t, operation, number, gradient, arguments, result, None, (before, share))
                moves.append(move)
        places.append(range(first, len(moves)))
        passed_on = {source: totals[name] for name, source in cell.carried.items() if name in totals}
    return Backward(trace, tuple(reversed(arrivals)), tuple(moves), tuple(reversed(places)))
