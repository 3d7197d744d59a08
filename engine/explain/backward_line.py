"""The formula of one move of the backward pass, in symbols and in numbers; δv means ∂L/∂v."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ..cell.backward import BackMove
from ..cell.cell import Cell
from ..cell.graph import CONCATENATE, SIGMOID, SOFTMAX, TANH, Operation
from ..cell.trace import Trace
from ..text import numbers
from .number_line import Numbers, Piece, block_of, distance_from_one

LARGEST_SHOWN = 65_536
"""Entries of a W up to which its gradient is shown in numbers; of a larger one only its two factors are."""
GRADIENT = "δ"
"""Begins the name of a block of numbers that is a gradient."""

_DERIVATIVES: Mapping[tuple[str, int], tuple[str, str]] = MappingProxyType(
    {
        ("add", 0): ("{d}", "{d}"),
        ("add", 1): ("{d}", "{d}"),
        ("multiply", 0): (r"{d} \circ {1}", r"{d} \circ {1}"),
        ("multiply", 1): (r"{d} \circ {0}", r"{d} \circ {0}"),
        ("sigmoid", 0): (r"{d} \circ {y} \circ \left(1 - {y}\right)", r"{d} \circ {y} \circ {r}"),
        ("tanh", 0): (r"{d} \circ \left(1 - {y} \circ {y}\right)", r"{d} \circ {r}"),
        ("one-minus", 0): (r"-{d}", r"-{d}"),
        ("identity", 0): ("{d}", "{d}"),
        ("softmax", 0): (r"{y} \circ \left({d} - {y}^{{\top}} {d}\right)", r"{y} \circ {r}"),
        ("product", 0): (r"{d}\ {1}^{{\top}}", "{d} {t1}"),
        ("product", 1): (r"{0}^{{\top}}\ {d}", "{t0} {d}"),
        ("draw", 0): (r"0", "0"),
        ("draw", 1): (r"0", "0"),
    }
)
"""For each kind of operation and each of its inputs, its share in symbols and in numbers.

{d} is what arrives, {0} and {1} the inputs, {y} the result, {r} what follows from y, {t0} and {t1} transposed.
"""


def delta(latex: str) -> str:
    r"""Return dL/dv in LaTeX, "\delta f_t"; a symbol of several parts stands in brackets."""
    if r"\circ" in latex or " + " in latex or " - " in latex:
        return rf"\delta\left({latex}\right)"
    return rf"\delta {latex}"


def latex(cell: Cell, move: BackMove) -> str:
    r"""Return the move in symbols: "\delta f_t = \delta\left(f_t \circ C_{t-1}\right) \circ C_{t-1}".

    Where the value has received a share before, the new one is added: "\delta C_t \leftarrow \delta C_t + …".
    """
    left = delta(_symbol(cell, move.target))
    if move.operation.kind is CONCATENATE:
        right = rf"{delta(_symbol(cell, move.operation.name))}\ \mathrm{{at}}\ {_symbol(cell, move.target)}"
    else:
        arguments = [_argument(cell, name) for name in move.operation.inputs]
        template = _DERIVATIVES[move.operation.kind.name, move.number][0]
        right = template.format(
            *arguments, d=delta(_symbol(cell, move.operation.name)), y=_argument(cell, move.operation.name)
        )
    return f"{left} = {right}" if move.is_first else rf"{left} \leftarrow {left} + {right}"


def number_line(
    trace: Trace, move: BackMove, rows: int = 4, columns: int = 8, style: numbers.Style = numbers.Style.SHORT
) -> tuple[Piece, ...]:
    """Return the move in numbers: what arrives, times the derivative, is what is passed on.

    Of a larger value at most `rows` × `columns` entries are shown. Blocks of gradients are named GRADIENT and the
    value.
    """

    def block(name: str, values: Numbers | None) -> Piece:
        return block_of(name, np.asarray(values), rows, columns, style=style)

    operation, target = move.operation, move.target
    own = f"{GRADIENT}{target}"
    if operation.kind is CONCATENATE:
        pieces: list[Piece] = [block(own, move.part())]
    else:
        values = [np.asarray(trace.value(move.t, name)) for name in operation.inputs]
        result = np.asarray(trace.steps[move.t][operation.name])
        given = {"d": (f"{GRADIENT}{operation.name}", move.arriving), "y": (operation.name, result)}
        given |= {str(number): (name, values[number]) for number, name in enumerate(operation.inputs)}
        given |= {
            f"t{number}": (f"{name}ᵀ", np.atleast_2d(values[number]).T if values[number].ndim == 2 else values[number])
            for number, name in enumerate(operation.inputs)
        }
        given["r"] = (f"r{operation.name}", _rest(operation, move, result))
        pieces = []
        for fragment in re.split(r"(\{\w+\})", _DERIVATIVES[operation.kind.name, move.number][1]):
            if re.fullmatch(r"\{\w+\}", fragment):
                key = fragment[1:-1]
                name, array = given[key]
                lying = key == "t1" and array.ndim == 1
                pieces.append(block_of(name, array, rows, columns, style=style, lying=lying))
            elif fragment.strip():
                pieces.append(fragment.strip())
    if np.size(trace.value(move.t, target)) > LARGEST_SHOWN:
        return tuple(pieces)
    if not move.is_first:
        return block(own, move.before()), "+", *pieces, "=", block(own, move.total())
    passed_on = operation.kind is CONCATENATE or operation.kind.name in ("add", "identity")
    return tuple(pieces) if passed_on else (*pieces, "=", block(own, move.total()))


def _rest(operation: Operation, move: BackMove, result: Numbers) -> Numbers:
    """Return what a derivative has beside the result itself: 1 − y of σ, 1 − y² of tanh, or δ − yᵀδ of softmax."""
    kind = operation.kind
    if kind is SOFTMAX:
        return move.arriving - np.sum(move.arriving * result)
    if kind is SIGMOID:
        return distance_from_one(SIGMOID, np.asarray(move.arguments[0]))
    with np.errstate(under="ignore"):
        (slope,) = kind.backward(np.ones_like(result), move.arguments, result) if kind is TANH else (1 - result,)
    return np.asarray(slope)


def _symbol(cell: Cell, name: str) -> str:
    return cell.described(name).latex


def _argument(cell: Cell, name: str) -> str:
    """Return a value's symbol, in brackets where it is written as a sum or a product."""
    symbol = _symbol(cell, name)
    return rf"\left({symbol}\right)" if r"\circ" in symbol or " - " in symbol else symbol
