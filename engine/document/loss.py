"""Where the backward pass starts: a loss on the last time step, or gradients that are typed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..cell.trace import Trace
from ..errors import PlainError
from ..text.numbers import short

Vector = NDArray[np.float64]

LOSSES = ("sum", "square", "entropy", "typed")
"""L is the sum of the entries of what it reads, ½ Σ (entry − target)², −ln of one entry; or its gradients are typed."""


class LossError(PlainError, ValueError):
    """A loss that does not fit this cell; the message is one sentence: what, where, expected, what to do."""


@dataclass(frozen=True)
class Loss:
    """A loss by its name in LOSSES.

    `target` is v̂ of "square" (as long as what is read; empty: all 0), or one whole number for "entropy": the
    entry c, from 1. `by_hand` holds dL/d(value) for "typed": "h_t", "C_t".
    """

    name: str = "sum"
    target: tuple[float, ...] = ()
    by_hand: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def read_by(trace: Trace) -> str:
    """Return the name of what a loss reads: y_t where the cell has an output, h_t otherwise."""
    return "y_t" if "y_t" in trace.cell.shapes else "h_t"


def losses_of(trace: Trace) -> tuple[str, ...]:
    """Return the losses that a cell can have: the cross-entropy needs shares that add up to 1."""
    shares = "y_t" in trace.cell.shapes and trace.cell.operation("y_t").kind.name == "softmax"
    return tuple(name for name in LOSSES if name != "entropy" or shares)


def loss_and_seeds(trace: Trace, loss: Loss) -> tuple[float | None, dict[str, Vector]]:
    """Return L and dL/d(value) of the last time step by name; L is None where gradients are typed in.

    Raises LossError where the target or a typed gradient does not fit, or the cell cannot have the loss.
    """
    if loss.name not in losses_of(trace):
        raise LossError(f"loss {loss.name!r}: expected one of {', '.join(losses_of(trace))}; choose one of these")
    last = trace.steps[-1]
    if loss.name == "typed":
        return None, _typed(trace, loss)
    name = read_by(trace)
    value = np.asarray(last[name], dtype=np.float64)
    if loss.name == "sum":
        return float(value.sum()), {name: np.ones_like(value)}
    if loss.name == "square":
        difference = value - _fitting("target", loss.target or (0.0,) * value.size, value.size)
        return float(difference @ difference / 2), {name: difference}
    return _entropy(name, value, loss.target or (1.0,))


def _entropy(name: str, value: Vector, target: tuple[float, ...]) -> tuple[float, dict[str, Vector]]:
    if len(target) != 1 or target[0] != round(target[0]) or not 1 <= target[0] <= value.size:
        raise LossError(f"target: expected a whole number from 1 to {value.size}, the number of the correct entry of y")
    right = int(target[0]) - 1
    if value[right] < np.finfo(np.float64).tiny:  # its logarithm or the gradient would be no number
        raise LossError(
            f"target: y[{right + 1}] is {short(value[right])}, too small for a logarithm; choose another entry"
        )
    gradient = np.zeros_like(value)
    gradient[right] = -1 / value[right]
    return -float(np.log(value[right])), {name: gradient}


def _typed(trace: Trace, loss: Loss) -> dict[str, Vector]:
    seeds = {}
    for name in ("h_t", "C_t"):
        if name in trace.cell.shapes:
            size = np.shape(trace.steps[-1][name])[-1]
            ones = 1.0 if name == "h_t" and not loss.by_hand else 0.0
            symbol = trace.cell.described(name).symbol
            seeds[name] = _fitting(f"∂L/∂{symbol}", loss.by_hand.get(name) or (ones,) * size, size)
    return seeds


def _fitting(what: str, given: tuple[float, ...], size: int) -> Vector:
    if len(given) != size:
        raise LossError(f"{what}: expected {size} numbers, found {len(given)}; type one for each entry")
    return np.array(given, dtype=np.float64)
