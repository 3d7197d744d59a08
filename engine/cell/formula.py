"""The formula of each operation, derived from the declared cell: as text, as LaTeX and in shapes.

A formula stops at the values that have a name in the field (f_t, C̃_t, C_t …) and spells the others out, so
that f_t reads σ(W_f·[x_t, h_{t-1}] + b_f) although the graph computes it in four operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .cell import Cell, shape_text
from .graph import CONCATENATE, MULTIPLY, ONE_MINUS, PRODUCT, Kind, Operation, Shape

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


def shapes_latex(cell: Cell, name: str) -> str:
    r"""Return the same formula with each symbol's shape in its place: "k×1 = σ(k×(m+n) · (m+n)×1 + k×1)"."""
    return _in_shapes(cell, name, "latex", lambda shape: shape_text(shape).replace("×", r"{\times}"))


def shapes_text(cell: Cell, name: str, sizes: Mapping[str, int]) -> str:
    """Return the shapes in numbers, in plain text: "3×1 = σ(3×6 · 6×1 + 3×1)"."""
    return _in_shapes(cell, name, "text", lambda shape: shape_text(shape, sizes))


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


def _in_shapes(cell: Cell, name: str, style: str, shape: _ShapeWriter) -> str:
    operation, left = cell.operation(name), shape(cell.shapes[name])
    if operation.kind is CONCATENATE:
        template = operation.kind.latex if style == "latex" else operation.kind.text
        return f"{left} = " + template.format(*(shape(cell.shapes[source]) for source in operation.inputs))
    return f"{left} = {_shape_formula(cell, operation, style, shape)[0]}"


def _shape_formula(cell: Cell, operation: Operation, style: str, shape: _ShapeWriter) -> tuple[str, int]:
    arguments = []
    for source in operation.inputs:
        argument = cell.described(source)
        if isinstance(argument, Operation) and argument.spelled_out and argument.kind is not CONCATENATE:
            written, binding = _shape_formula(cell, argument, style, shape)
        else:
            written, binding = shape(cell.shapes[source]), _CLOSED
        arguments.append(_enclosed(written, binding, _ARGUMENT_BINDING.get(operation.kind, 0), style))
    template = operation.kind.latex if style == "latex" else operation.kind.text
    if operation.kind is PRODUCT:  # between two shapes the product needs room
        template = r"{0} \cdot {1}" if style == "latex" else "{0} · {1}"
    return template.format(*arguments), operation.kind.binding
