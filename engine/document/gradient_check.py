"""Checks gradients against the loss itself: a weight is nudged up and down, and the slope in between is measured.

The slope (L(w + ε) − L(w − ε)) / 2ε differs from dL/dw by about ε² times a third derivative, because the loss bends,
and by about 10⁻¹⁶·|L|/ε, because a double has 16 digits: an ε in the middle is best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cell.provenance import Place
from ..cell.trace import Trace, backpropagate
from ..errors import PlainError, did_you_mean
from ..text.numbers import written
from .document import Document
from .loss import Loss, loss_and_seeds
from .tracing import trace_document

EPSILONS = tuple(float(f"1e-{power}") for power in range(1, 13))
"""The nudges that are offered."""
USUAL = 1e-5
MOST_DIGITS = 16.0
"""Of a double: two numbers that are the same agree in so many digits."""
_ALIKE = 1e-6
"""Relative difference up to which slope and gradient are the same number for the reader."""

Matrix = NDArray[np.float64]


class CheckError(PlainError, ValueError):
    """A weight that there is not; the message is one sentence."""


@dataclass(frozen=True)
class WeightCheck:
    """One weight nudged by ±epsilon: the loss on both sides, the slope between them, and backpropagation's number."""

    name: str
    place: Place
    value: float
    epsilon: float
    above: float
    """L(w + ε)."""
    below: float
    """L(w − ε)."""
    gradient: float
    """dL/dw by backpropagation through time."""

    @property
    def slope(self) -> float:
        """(L(w + ε) − L(w − ε)) / 2ε."""
        return (self.above - self.below) / (2 * self.epsilon)

    @property
    def difference(self) -> float:
        """The relative difference of slope and gradient: 0 where they are the same, at most 2."""
        return float(relative_differences(np.array(self.slope), np.array(self.gradient)))

    @property
    def rounding(self) -> float:
        """How far the slope may be off because a loss has only 16 digits."""
        return float(np.finfo(np.float64).eps * max(abs(self.above), abs(self.below)) / self.epsilon)

    @property
    def sentence(self) -> str:
        """What to make of it."""
        size = max(abs(self.slope), abs(self.gradient))
        if self.above == self.below and self.gradient != 0:
            return "ε is too small: nudged so little, the loss does not change in any of its 16 digits."
        if size <= 4 * self.rounding:
            return "Both are 0, as far as 16 digits can tell: this weight does not change the loss."
        if self.difference <= _ALIKE:
            return f"They agree: backpropagation is right to {int(-np.log10(max(self.difference, 1e-16)))} digits."
        if abs(self.slope - self.gradient) <= 8 * self.rounding:
            return "ε is too small: L(w + ε) and L(w − ε) are so close that rounding shows in their difference."
        return "ε is too large: the loss bends between w − ε and w + ε, and a straight line misses that."


def relative_differences(some: Matrix, others: Matrix) -> Matrix:
    """Return |a − b| / max(|a|, |b|) of every pair of entries; 0 where both are 0."""
    largest = np.maximum(np.abs(some), np.abs(others))
    apart = np.abs(some - others)
    return np.divide(apart, largest, out=np.zeros_like(largest), where=largest > 0)


def digits_in_common(differences: Matrix) -> Matrix:
    """Return in how many digits numbers of these relative differences agree, 0 to MOST_DIGITS."""
    with np.errstate(divide="ignore"):
        return np.clip(-np.log10(differences), 0.0, MOST_DIGITS)


def loss_of(trace: Trace, loss: Loss) -> float:
    """Return the loss; of gradients that are typed in, that of which they are the gradients: Σ δ·v."""
    value, seeds = loss_and_seeds(trace, loss)
    if value is None:
        value = sum(float(seed @ trace.steps[-1][name]) for name, seed in seeds.items())
    return value


def gradients_of(document: Document, loss: Loss) -> dict[str, Matrix]:
    """Return dL/dw of every weight of a document by backpropagation through time. Raises LossError."""
    trace = trace_document(document)
    seeds = [dict[str, Matrix]() for _ in trace.steps]
    seeds[-1] = loss_and_seeds(trace, loss)[1]
    return dict(backpropagate(trace, seeds).parameters)


def known_place(document: Document, name: str, row: int, column: int | None) -> Place:
    """Return the place of an entry counted from 1; column: None of a vector.

    Raises CheckError where the document has no such weight.
    """
    if name not in document.weights:
        raise CheckError(f"This cell has no weight {name}{did_you_mean(name, document.weights)}")
    shape = document.weights[name].shape
    place = (row,) if len(shape) == 1 else (row, 1 if column is None else column)
    if len(shape) == 1 and column not in (None, 1):
        raise CheckError(f"{name} is a vector, which has no column {column}; leave it out")
    for what, number, last in zip(("row", "column"), place, shape, strict=False):
        if not 1 <= number <= last:
            raise CheckError(f"{name} has no {what} {number}; choose one from 1 to {last}")
    return tuple(number - 1 for number in place)


def check_weight(document: Document, loss: Loss, name: str, place: Place, epsilon: float = USUAL) -> WeightCheck:
    """Nudge one weight by ±epsilon and compare the slope of the loss with its gradient. Raises LossError."""
    above, below = _sides(document, loss, name, place, epsilon)
    weight = document.weights[name]
    gradient = float(gradients_of(document, loss)[name][place])
    return WeightCheck(name, place, float(weight[place]), epsilon, above, below, gradient)


def check_matrix(
    document: Document, loss: Loss, name: str, epsilon: float, goes_on: Callable[[float], bool]
) -> Matrix | None:
    """Check every entry of a weight; return the relative differences in its shape, or None if it was broken off.

    goes_on: told how much is done, 0 to 1; returns whether to go on. Raises LossError.
    """
    gradient = gradients_of(document, loss)[name]
    slopes = np.zeros_like(gradient)
    for done, place in enumerate(np.ndindex(gradient.shape)):
        if not goes_on(done / gradient.size):
            return None
        above, below = _sides(document, loss, name, place, epsilon)
        slopes[place] = (above - below) / (2 * epsilon)
    return relative_differences(slopes, gradient)


def matrix_in_words(name: str, differences: Matrix) -> str:
    """Say how well a weight's gradients agree with the slopes."""
    worst = np.unravel_index(int(np.argmax(differences)), differences.shape)
    where = ",".join(str(int(axis) + 1) for axis in worst)
    digits = float(digits_in_common(differences)[worst])
    largest = f"largest relative difference {written(float(differences[worst]))} at {name}[{where}]"
    return f"{differences.size:,} weights: {largest}, which is {int(digits)} digits in common."


def _sides(document: Document, loss: Loss, name: str, place: Place, epsilon: float) -> tuple[float, float]:
    """Return L(w + ε) and L(w − ε)."""
    found = []
    for nudge in (epsilon, -epsilon):
        weight = document.weights[name].copy()
        weight[place] += nudge
        found.append(loss_of(trace_document(document.with_weight(name, weight)), loss))
    return found[0], found[1]
