"""The formula of each operation, derived from the declared cell: as text, as LaTeX and in shapes.

A formula stops at the values that have a name in the field (f_t, C̃_t, C_t …) and spells the others out, so
that f_t reads σ(W_f·[x_t, h_{t-1}] + b_f) although the graph computes it in four operations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .cell import Cell, Quantity, shape_text
from .graph import CLOSED, PRODUCT, Operation

_Symbol = Callable[[Quantity | Operation], str]


def text(cell: Cell, name: str) -> str:
    """Return the formula in plain text: "σ(W_f·[x_t, h_{t-1}] + b_f)"."""
    return _written(cell, name, "text", lambda item: item.symbol)[0]


def numbers_text(cell: Cell, name: str, number: Callable[[str], str]) -> str:
    """Return the formula of one entry with its numbers: "0.90 · 0.80 + 0.00 · 0.50"; number: writes a value by name."""
    written = _written(cell, name, "text", lambda item: number(item.name))[0]
    # Of one entry, the entry-wise product is a product; a negative number in brackets needs no others.
    return re.sub(r"\((\([^()]*\))\)", r"\1", written.replace("∘", "·"))


def latex(cell: Cell, name: str) -> str:
    r"""Return the formula in LaTeX, with its left side: "f_t = \sigma\left(W_f …\right)"."""
    item = cell.described(name)
    right = _written(cell, name, "latex", lambda item: item.latex)[0]
    return right if item.latex == right else f"{item.latex} = {right}"


def shapes_latex(cell: Cell, name: str) -> str:
    r"""Return the same formula with each symbol's shape in its place: "k×1 = σ(k×(m+n) · (m+n)×1 + k×1)"."""
    return _in_shapes(cell, name, "latex", lambda item: shape_text(cell.shapes[item.name]).replace("×", r"{\times}"))


def shapes_text(cell: Cell, name: str, sizes: Mapping[str, int]) -> str:
    """Return the shapes in numbers, in plain text: "3×1 = σ(3×6 · 6×1 + 3×1)"."""
    return _in_shapes(cell, name, "text", lambda item: shape_text(cell.shapes[item.name], sizes))


def _in_shapes(cell: Cell, name: str, style: str, shape: _Symbol) -> str:
    return f"{shape(cell.operation(name))} = {_written(cell, name, style, shape, in_shapes=True)[0]}"


def _written(cell: Cell, name: str, style: str, symbol: _Symbol, *, in_shapes: bool = False) -> tuple[str, int]:
    """Return an operation's formula and how tightly it binds; an input is its own symbol.

    in_shapes: [x, h] is not opened, for its shape is what matters, and a product of two shapes has room around its dot.
    """
    item = cell.described(name)
    if not isinstance(item, Operation):
        return symbol(item), CLOSED
    arguments = []
    for source in item.inputs:
        argument = cell.described(source)
        is_open = isinstance(argument, Operation) and argument.spelled_out
        if is_open and not (in_shapes and source == "xh"):
            written, binding = _written(cell, source, style, symbol, in_shapes=in_shapes)
        else:
            written, binding = symbol(argument), CLOSED
        if binding < item.kind.needs:
            written = rf"\left({written}\right)" if style == "latex" else f"({written})"
        arguments.append(written)
    template = item.kind.latex if style == "latex" else item.kind.text
    if in_shapes and item.kind is PRODUCT:
        template = r"{0} \cdot {1}" if style == "latex" else "{0} · {1}"
    return template.format(*arguments), item.kind.binding
