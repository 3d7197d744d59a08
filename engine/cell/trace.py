"""Evaluates a declared cell: every value of every time step, and every gradient under the same names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cell import Cell, size_in_numbers
from .graph import Array, array_namespace

Values = Mapping[str, Array]


@dataclass(frozen=True)
class Trace:
    """All values of a sequence.

    `steps[t]` holds the step's inputs and the result of every operation, by name, each of shape (…, size).
    """

    cell: Cell
    sizes: Mapping[str, int]
    parameters: Values
    steps: tuple[Values, ...]

    def value(self, t: int, name: str) -> Array:
        """Return a value of step t (from 0), or a parameter, by its name; raise KeyError if unknown."""
        return self.parameters[name] if name in self.parameters else self.steps[t][name]


@dataclass(frozen=True)
class Gradients:
    """dL/d(everything): parameters (summed over time), values step by step, and the initial state."""

    parameters: Values
    steps: tuple[Values, ...]
    initial: Values


def evaluate(cell: Cell, parameters: Values, inputs: Values, held: Values | None = None) -> dict[str, Array]:
    """Compute one step: return the inputs and every operation's result, by name, in the order computed.

    held: what operations result in whatever they compute, by name; an entry that is NaN is computed.
    """
    values = {item.name: inputs[item.name] for item in cell.inputs}
    held = held or {}
    # σ(-1e4) is smaller than any double: 0 is the nearest, whatever the caller has numpy do on underflow.
    with np.errstate(under="ignore"):
        for operation in cell.operations:
            arguments = (parameters[n] if n in parameters else values[n] for n in operation.inputs)
            result = operation.kind.forward(*arguments)
            if operation.name in held:
                hand = held[operation.name]
                result = array_namespace(hand).where(hand == hand, hand, result)  # NaN alone is not itself
            values[operation.name] = result
    return values


def evaluate_backwards(
    cell: Cell, parameters: Values, values: Values, seeds: Values
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Carry gradients back through one step.

    `seeds` holds dL/d(value) that arrives from outside the step (a loss, or the step after). Returns the
    gradients of the values and those of the parameters, by name, each in the shape of what it belongs to.
    """
    gradients = dict(seeds)
    with np.errstate(under="ignore"):
        for operation in reversed(cell.operations):
            arriving = gradients.get(operation.name)
            if arriving is None:
                continue
            arguments = [parameters[n] if n in parameters else values[n] for n in operation.inputs]
            parts = operation.kind.backward(arriving, arguments, values[operation.name])
            for name, part in zip(operation.inputs, parts, strict=True):
                gradients[name] = gradients[name] + part if name in gradients else part
    return (
        {name: gradient for name, gradient in gradients.items() if name not in parameters},
        {name: gradient for name, gradient in gradients.items() if name in parameters},
    )


def trace_sequence(
    cell: Cell,
    parameters: Values,
    x: Array,
    initial: Values,
    sizes: Mapping[str, int] | None = None,
    given: Values | None = None,
    held: Values | None = None,
) -> Trace:
    """Evaluate a cell over a sequence.

    Args:
        cell: the declared cell.
        parameters: every weight by name, in the shapes that the cell declares.
        x: inputs of the sequence, shape (T, …, m).
        initial: the state before the first step by input name, such as {"h_prev": h0, "C_prev": c0}.
        sizes: numbers for the symbols m, n, k; they are read off the arrays where absent.
        given: what else each step reads, by input name, each of shape (T, …, size): the uniform numbers of
            gates that are drawn, {"draw_f": …}.
        held: what operations result in whatever they compute, by name, each of shape (T, …, size): {"f_t": …};
            an entry that is NaN is computed.
    """
    if sizes is None:
        sizes = {item.shape[0]: int(initial[item.name].shape[-1]) for item in cell.inputs if item.name in initial}
        sizes = {"m": int(x.shape[-1]), **sizes}
    state = dict(initial)
    steps = []
    for t, x_t in enumerate(x):
        more = {name: values[t] for name, values in given.items()} if given else {}
        fixed = {name: values[t] for name, values in held.items()} if held else None
        values = evaluate(cell, parameters, {"x_t": x_t, **state, **more}, fixed)
        state = {name: values[source] for name, source in cell.carried.items()}
        steps.append(values)
    return Trace(cell, dict(sizes), parameters, tuple(steps))


def uniform_numbers(
    cell: Cell, sizes: Mapping[str, int], steps: int, generator: np.random.Generator, runs: tuple[int, ...] = ()
) -> dict[str, NDArray[np.float64]]:
    """Return uniform numbers of [0, 1) for every gate that a cell draws, by input name: (T, …runs, size).

    They come gate by gate in the declared order, run by run: a run has the same numbers however many follow it.
    """
    widths = [size_in_numbers(item.shape, sizes)[0] for item in cell.draws]
    numbers = generator.random((*runs, steps * sum(widths)))
    blocks: dict[str, NDArray[np.float64]] = {}
    start = 0
    for item, width in zip(cell.draws, widths, strict=True):
        stop = start + steps * width
        block = numbers[..., start:stop].reshape(*runs, steps, width)
        blocks[item.name] = np.moveaxis(block, -2, 0)  # (T, …runs, size)
        start = stop
    return blocks


def added(some: Values, more: Values) -> dict[str, Array]:
    """Return the sums of two sets of gradients by name; what only one has is left as it is."""
    sums = dict(some)
    for name, gradient in more.items():
        sums[name] = sums[name] + gradient if name in sums else gradient
    return sums


def backpropagate(trace: Trace, seeds: Sequence[Values]) -> Gradients:
    """Backpropagate through time.

    `seeds[t]` holds dL/d(value) by name for the values of step t that the loss reads directly, such as
    {"h_t": …}; a step that the loss does not read has {}. Raises ValueError if there is not one per step.
    """
    if len(seeds) != len(trace.steps):
        raise ValueError(f"{len(trace.steps)} steps need as many sets of gradients, not {len(seeds)}")
    cell = trace.cell
    totals: dict[str, Array] = {}
    carried: dict[str, Array] = {}
    steps: list[Values] = []
    for values, seed in zip(reversed(trace.steps), reversed(seeds), strict=True):
        gradients, of_parameters = evaluate_backwards(cell, trace.parameters, values, added(seed, carried))
        totals = added(totals, of_parameters)
        carried = {source: gradients[name] for name, source in cell.carried.items() if name in gradients}
        steps.append(gradients)
    for name, value in trace.parameters.items():
        if name not in totals:
            totals[name] = array_namespace(value).zeros_like(value)
    initial: dict[str, Array] = {}
    if steps:
        for name in cell.carried:
            value = trace.steps[0][name]
            initial[name] = steps[-1].get(name, array_namespace(value).zeros_like(value))
    return Gradients(totals, tuple(reversed(steps)), initial)
