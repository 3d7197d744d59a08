"""The formula of each operation, read off the declared cell: in text, in LaTeX, as shapes, with numbers.

A formula stops at the values that have a name in the field (f_t, C̃_t, C_t …) and spells the others out, so
that f_t reads σ(W_f·[x_t, h_{t-1}] + b_f) although the graph computes it in four operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine import numbers
from engine.cells import Cell, size_in_numbers
from engine.graph import CONCATENATE, MULTIPLY, ONE_MINUS, PRODUCT, SIGMOID, Kind, Operation, Shape
from engine.trace import Trace

# What an argument's own formula must bind like to stand without brackets; the others enclose theirs.
_ARGUMENT_BINDING: Mapping[Kind, int] = {PRODUCT: 3, MULTIPLY: 2, ONE_MINUS: 2}
_CLOSED = 3

_ShapeWriter = Callable[[Shape], str]


def text(cell: Cell, name: str) -> str:
    """Return the formula in plain text: "σ(W_f·[x_t, h_{t-1}] + b_f)"."""
    return _written(cell, name, "text")[0]


def latex(cell: Cell, name: str) -> str:
    r"""Return the formula in LaTeX, with its left side: "f_t = \sigma\left(W_f …\right)"."""
    item = cell.described(name)
    right = _written(cell, name, "latex")[0]
    return right if item.latex == right else f"{item.latex} = {right}"


def shapes_latex(cell: Cell, name: str, sizes: Mapping[str, int] | None = None) -> str:
    r"""Return the same formula with each symbol's shape in its place: "k×1 = σ(k×(m+n) · (m+n)×1 + k×1)".

    With `sizes` the shapes are numbers: "3×1 = σ(3×6 · 6×1 + 3×1)".
    """

    def shape(shape_in_symbols: Shape) -> str:
        return _shape_latex(shape_in_symbols, sizes)

    left = shape(cell.shapes[name])
    operation = cell.operation(name)
    if operation.kind is CONCATENATE:
        return f"{left} = " + operation.kind.latex.format(*(shape(cell.shapes[n]) for n in operation.inputs))
    return f"{left} = {_shape_formula(cell, operation, shape)[0]}"


def shape_text(shape: Shape, sizes: Mapping[str, int] | None = None) -> str:
    """Return ("k", "m+n") as "k×(m+n)", or as "3×6" with sizes; a vector is a column, "k×1"."""
    axes = (
        [str(number) for number in size_in_numbers(shape, sizes)]
        if sizes
        else [f"({axis})" if "+" in axis else axis for axis in shape]
    )
    return "×".join(axes if len(axes) > 1 else [*axes, "1"])


def numbers_latex(trace: Trace, t: int, name: str, rows: int = 4, columns: int = 8) -> str:
    """Return the operation with the numbers of step t: matrices and columns in brackets, and the result.

    A sigmoid that rounds to 1 shows how far below 1 it is, from σ(-z) = 1 - σ(z).
    """
    operation = trace.cell.operation(name)
    values = [np.asarray(trace.value(t, source)) for source in operation.inputs]
    result = np.asarray(trace.value(t, name))
    kind = operation.kind
    if kind is CONCATENATE:
        inside = r",\ ".join(numbers.row_latex(value, columns=columns) for value in values)
        return rf"\left[{inside}\right] = {numbers.row_latex(result, columns=columns)}"
    written = []
    for source, value in zip(operation.inputs, values, strict=True):
        if value.ndim == 2:
            written.append(numbers.matrix_latex(value, rows, columns))
        else:
            written.append(numbers.column_latex(value, _rounds(trace.cell, source), None, rows, columns))
    below_one = None
    if kind is SIGMOID:
        with np.errstate(under="ignore"):
            below_one = SIGMOID.forward(-values[0]).tolist()
    right = numbers.column_latex(result, kind.rounds, below_one, rows, columns)
    return f"{kind.latex.format(*written)} = {right}"


def _rounds(cell: Cell, name: str) -> bool:
    item = cell.described(name)
    return isinstance(item, Operation) and item.kind.rounds


def _enclosed(written: str, binding: int, needed: int, style: str) -> str:
    if binding >= needed:
        return written
    return rf"\left({written}\right)" if style == "latex" else f"({written})"


def _written(cell: Cell, name: str, style: str) -> tuple[str, int]:
    """Return an operation's formula and how tightly it binds; an input is its own symbol."""
    item = cell.described(name)
    if not isinstance(item, Operation):
        return (item.latex if style == "latex" else item.symbol), _CLOSED
    arguments = []
    for source in item.inputs:
        argument = cell.described(source)
        if isinstance(argument, Operation) and argument.spelled_out:
            written, binding = _written(cell, source, style)
        else:
            written, binding = (argument.latex if style == "latex" else argument.symbol), _CLOSED
        arguments.append(_enclosed(written, binding, _ARGUMENT_BINDING.get(item.kind, 0), style))
    template = item.kind.latex if style == "latex" else item.kind.text
    return template.format(*arguments), item.kind.binding


def _shape_formula(cell: Cell, operation: Operation, shape: _ShapeWriter) -> tuple[str, int]:
    arguments = []
    for source in operation.inputs:
        argument = cell.described(source)
        if isinstance(argument, Operation) and argument.spelled_out and argument.kind is not CONCATENATE:
            written, binding = _shape_formula(cell, argument, shape)
        else:
            written, binding = shape(cell.shapes[source]), _CLOSED
        arguments.append(_enclosed(written, binding, _ARGUMENT_BINDING.get(operation.kind, 0), "latex"))
    # Between two shapes the product needs a visible dot.
    template = r"{0} \cdot {1}" if operation.kind is PRODUCT else operation.kind.latex
    return template.format(*arguments), operation.kind.binding


def _shape_latex(shape: Shape, sizes: Mapping[str, int] | None) -> str:
    return shape_text(shape, sizes).replace("×", r"{\times}")
