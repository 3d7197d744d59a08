"""The activation functions: value, derivative, its maximum with a derivation, and where a cell's units are on them.

Value and derivative are those that a cell computes with, taken from its kinds of operation. The derivations stand
here as LaTeX, one true equation a line, so that whoever shows them shows the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..cell.cell import Cell
from ..cell.graph import ADD, PRODUCT, SIGMOID, TANH, Array, Kind, Operation, array_namespace
from ..cell.trace import Trace
from ..document.through_time import cell_line
from .field_examples import RELU_AND_DEPTH

SATURATED_BELOW, SATURATED_ABOVE = 0.1, 0.9
"""Bounds of a gate that counts as closed or open (Karpathy, Johnson and Fei-Fei 2015); |tanh| has the upper one."""


class Relu(Kind):
    """max(0, z). Its derivative at 0, where there is none, is taken as 0, as torch takes it."""

    name, text, latex = "relu", "ReLU({0})", r"\mathrm{{ReLU}}\left({0}\right)"

    def forward(self, *inputs: Array) -> Array:
        """Return z where it is positive, else 0."""
        (z,) = inputs
        xp = array_namespace(z)
        return xp.where(z > 0, z, xp.zeros_like(z))

    def backward(self, gradient: Array, inputs: Sequence[Array], output: Array) -> tuple[Array, ...]:
        """Return dL/dz: what arrives where z is positive, else 0."""
        xp = array_namespace(output)
        return (xp.where(output > 0, gradient, xp.zeros_like(gradient)),)


RELU = Relu()
"""Drawn beside the others for comparison; no declared cell computes it."""


@dataclass(frozen=True)
class Step:
    """One line of a derivation: an equation (or "at most") and why it holds."""

    left: str
    right: str
    reason: str
    relation: str = "="
    where: str = ""
    """The condition that it holds under, in LaTeX; none where it always does."""


@dataclass(frozen=True)
class Activation:
    """An activation function with all that there is to say about its derivative."""

    kind: Kind
    title: str
    symbol: str
    latex: str
    derivative_latex: str
    headline: str
    """What its derivation shows."""
    largest: float
    """The largest derivative."""
    largest_at: tuple[float, float]
    """From where to where it is that large."""
    where: str
    """The same in words."""
    derivation: tuple[Step, ...]
    remark: str = ""
    """What follows for networks, where people often conclude something else."""

    def value(self, z: Array) -> Array:
        """Return the function at z, any shape."""
        with np.errstate(under="ignore"):  # σ(-1e4) is smaller than any double
            return self.kind.forward(z)

    def derivative(self, z: Array) -> Array:
        """Return the derivative at z, in z's shape, as backpropagation computes it."""
        return _slopes(self.kind, z, self.value(z))


def _slopes(kind: Kind, z: Array, value: Array) -> Array:
    with np.errstate(under="ignore"):
        (slopes,) = kind.backward(array_namespace(z).ones_like(value), (z,), value)
    return slopes


_OVER = r"\frac{1}{1 + e^{-z}}"
_REST = r"\frac{e^{-z}}{1 + e^{-z}}"

_SIGMOID_STEPS = (
    Step(r"\sigma(z)", _OVER, "the definition"),
    Step(r"\sigma'(z)", r"\frac{d}{dz} \left(1 + e^{-z}\right)^{-1}", "written as a power"),
    Step(r"\sigma'(z)", r"-\left(1 + e^{-z}\right)^{-2} \cdot \left(-e^{-z}\right)", "chain rule"),
    Step(r"\sigma'(z)", r"\frac{e^{-z}}{\left(1 + e^{-z}\right)^{2}}", "two minus signs cancel"),
    Step(r"\sigma'(z)", rf"{_OVER} \cdot {_REST}", "split the square"),
    Step(_REST, rf"1 - {_OVER}", "add and subtract 1 in the numerator"),
    Step(r"\sigma'(z)", r"\sigma(z) \left(1 - \sigma(z)\right)", "write both factors as σ"),
    Step(r"\sigma'(z)", r"\frac{1}{4} - \left(\sigma(z) - \frac{1}{2}\right)^{2}", "complete the square"),
    Step(r"\sigma'(z)", r"\frac{1}{4}", "a square is never negative, and this one is 0 at z = 0", r"\le"),
)
_TANH_STEPS = (
    Step(r"\tanh(z)", r"\frac{\sinh(z)}{\cosh(z)}", "the definition"),
    Step(r"\frac{d}{dz} \sinh(z)", r"\frac{d}{dz} \frac{e^{z} - e^{-z}}{2}", "the definition of sinh"),
    Step(r"\frac{d}{dz} \sinh(z)", r"\frac{e^{z} + e^{-z}}{2}", "term by term: cosh(z)"),
    Step(r"\frac{d}{dz} \cosh(z)", r"\sinh(z)", "in the same way"),
    Step(r"\tanh'(z)", r"\frac{\cosh^{2}(z) - \sinh^{2}(z)}{\cosh^{2}(z)}", "quotient rule"),
    Step(r"\tanh'(z)", r"1 - \frac{\sinh^{2}(z)}{\cosh^{2}(z)}", "divide each term"),
    Step(r"\tanh'(z)", r"1 - \tanh^{2}(z)", "sinh / cosh = tanh"),
    Step(r"\tanh'(z)", "1", "a square is never negative", r"\le"),
    Step(r"\tanh'(0)", "1", "tanh is 0 at z = 0, and only there"),
)
_FROM_0 = r"\frac{\mathrm{ReLU}(h) - \mathrm{ReLU}(0)}{h}"
_RELU_STEPS = (
    Step(r"\mathrm{ReLU}(z)", r"\max(0, z)", "the definition"),
    Step(r"\mathrm{ReLU}'(z)", "0", "ReLU is 0 for z < 0", where="z < 0"),
    Step(r"\mathrm{ReLU}'(z)", "1", "ReLU is z for z > 0", where="z > 0"),
    Step(_FROM_0, "0", "slope from the left", where="h < 0"),
    Step(_FROM_0, "1", "slope from the right: not the same, so there is none at 0; programs use 0", where="h > 0"),
)

ACTIVATIONS = (
    Activation(
        kind=SIGMOID,
        title="sigmoid",
        symbol="σ",
        latex=r"\sigma(z)",
        derivative_latex=r"\sigma'(z)",
        headline="σ' is at most 0.25, far below 1",
        largest=0.25,
        largest_at=(0.0, 0.0),
        where="at z = 0",
        derivation=_SIGMOID_STEPS,
    ),
    Activation(
        kind=TANH,
        title="tanh",
        symbol="tanh",
        latex=r"\tanh(z)",
        derivative_latex=r"\tanh'(z)",
        headline="tanh' is 1 at z = 0 and smaller everywhere else",
        largest=1.0,
        largest_at=(0.0, 0.0),
        where="at z = 0",
        derivation=_TANH_STEPS,
    ),
    Activation(
        kind=RELU,
        title="ReLU",
        symbol="ReLU",
        latex=r"\mathrm{ReLU}(z)",
        derivative_latex=r"\mathrm{ReLU}'(z)",
        headline="ReLU' is 1 for z > 0 and 0 for z < 0",
        largest=1.0,
        largest_at=(0.0, math.inf),
        where="for all z > 0",
        derivation=_RELU_STEPS,
        remark=f"{RELU_AND_DEPTH} An LSTM is saved by its cell line instead.",
    ),
)


def saturated(values: Array, kind: Kind) -> float:
    """Return the share of results that are saturated: σ below 0.1 or above 0.9, tanh beyond ±0.9.

    `values` are what σ or tanh gave, any shape; raises ValueError for another kind.
    """
    if kind not in (SIGMOID, TANH):
        raise ValueError(f"saturation is defined for σ and tanh, not for {kind.name}")
    if kind is SIGMOID:
        return float(np.mean((values < SATURATED_BELOW) | (values > SATURATED_ABOVE)))
    return float(np.mean(np.abs(values) > SATURATED_ABOVE))


@dataclass(frozen=True, eq=False)
class Pre:
    """The pre-activations of one σ or tanh of a cell at one time step, all arrays of its size."""

    name: str
    """What is computed of them: f_t."""
    source: str
    """What they are called: z_f, or C_t before tanh(C_t)."""
    kind: Kind
    role: str
    symbol: str
    """Of `source`, in plain text."""
    source_latex: str
    latex: str
    """Of `name`."""
    values: Array
    results: Array
    derivatives: Array
    share: float
    """Of the units, how many are saturated, 0 to 1."""
    bias: str | None
    """The bias whose change shifts `values` by as much; None where there is none.

    Exactly as much at the first step; later the h that the step begins with has moved, too.
    """


def pre_activations(trace: Trace, t: int) -> tuple[Pre, ...]:
    """Return the pre-activations of every σ and tanh of the cell at time step t (from 0), in the order computed."""
    found = []
    for operation in trace.cell.operations:
        if operation.kind not in (SIGMOID, TANH):
            continue
        (source,) = operation.inputs
        z, result = trace.value(t, source), trace.value(t, operation.name)
        found.append(
            Pre(
                name=operation.name,
                source=source,
                kind=operation.kind,
                role=operation.role,
                symbol=trace.cell.described(source).symbol,
                source_latex=trace.cell.described(source).latex,
                latex=operation.latex,
                values=z,
                results=result,
                derivatives=_slopes(operation.kind, z, result),
                share=saturated(result, operation.kind),
                bias=_bias(trace.cell, source),
            )
        )
    return tuple(found)


def _summands(cell: Cell, name: str) -> Iterator[str]:
    """Yield what a value is the sum of, back through its additions."""
    item = cell.described(name)
    if isinstance(item, Operation) and item.kind is ADD:
        for source in item.inputs:
            yield from _summands(cell, source)
    else:
        yield name


def _bias(cell: Cell, name: str) -> str | None:
    vectors = {item.name for item in cell.parameters if len(item.shape) == 1}
    return next((summand for summand in _summands(cell, name) if summand in vectors), None)


# ---- why a gradient gets far


@dataclass(frozen=True)
class Line:
    """What one step back along the carried state multiplies a gradient by, and what follows from that."""

    latex: str
    sentence: str


_CHAIN = "With σ' in the product, at most 0.25 would be left per step: 0.25²⁰ = 9·10⁻¹³."


def line_back(cell: Cell) -> Line:
    """Return the derivative of the carried state by the one before it, as a formula and in words."""
    state = "C" if cell.has_state else "h"
    left = rf"\frac{{\partial {state}_t}}{{\partial {state}_{{t-1}}}}"
    line = cell_line(cell)
    if line is None:
        return Line(
            f"{left} = {_squashed(cell)}",
            "This cell has no line that bypasses its tanh. Each step back multiplies the gradient by tanh', which is 1 "
            "at most, and by the columns of W that read h: it vanishes, or explodes if the weights are large.",
        )
    if line.factor is None:
        return Line(
            f"{left} = 1",
            "Nothing is multiplied along this cell line: a gradient passes back over any number of steps unchanged, "
            f"but the cell can forget nothing. {_CHAIN}",
        )
    gate = cell.operation(line.factor)
    return Line(
        f"{left} = {gate.latex}",
        f"Along the line of {state} a gradient is multiplied by the {gate.word or gate.role} gates (as constants), not "
        f"by σ'. They can stay near 1: 0.99²⁰ = 0.82. {_CHAIN}",
    )


def _squashed(cell: Cell) -> str:
    """Return the derivative of h_t = g(W·[x, h] + b) by h in LaTeX: that of g, and the columns of W that read h."""
    operation = cell.operation("h_t")
    (source,) = operation.inputs
    products = (cell.described(name) for name in _summands(cell, source))
    matrix = next(item.inputs[0] for item in products if isinstance(item, Operation) and item.kind is PRODUCT)
    slope = next(activation for activation in ACTIVATIONS if activation.kind is operation.kind)
    inner = slope.derivative_latex.replace("(z)", rf"\left({cell.described(source).latex}\right)")
    return rf"\mathrm{{diag}}\left({inner}\right)\, {cell.described(matrix).latex}^{{(h)}}"
