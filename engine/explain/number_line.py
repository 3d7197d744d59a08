"""An operation with the numbers of one time step: blocks of entries with symbols between them.

What is drawn stays countable: every entry knows which entry of which value it is, so that it can be pointed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cell.graph import CONCATENATE, SIGMOID, SOFTMAX, TANH, Kind, Operation
from ..cell.provenance import Place
from ..cell.trace import Trace
from ..text import numbers

DOTS = "…"

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """A value in brackets: its rows of entries, each a text with its place; dots have none.

    A vector stands as a column; a longer one as a row that is marked as transposed. In `[x, h]` vectors stand as
    rows, as one writes them there.
    """

    name: str
    rows: tuple[tuple[tuple[str, Place | None], ...], ...]
    transposed: bool = False

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The entries as they are written, row by row."""
        return tuple(tuple(text for text, _ in row) for row in self.rows)


Piece = str | Block
"""A symbol in LaTeX, or a block of numbers."""


def number_line(
    trace: Trace, t: int, name: str, rows: int = 4, columns: int = 8, style: numbers.Style = numbers.Style.SHORT
) -> tuple[Piece, ...]:
    """Return an operation in numbers, "σ [92 …] = [1 − 1.1·10⁻⁴⁰ …]", at time step t (from 0).

    Of a larger value at most `rows` × `columns` entries are shown, its middle becomes dots. A sigmoid that rounds
    to 1 shows how far below 1 it is, from σ(-z) = 1 - σ(z). Raises KeyError for an unknown name.
    """
    operation = trace.cell.operation(name)
    values = [np.asarray(trace.value(t, source)) for source in operation.inputs]
    lying = operation.kind is CONCATENATE
    blocks = []
    for source, value in zip(operation.inputs, values, strict=True):
        rounds = not lying and trace.cell.described(source).rounds
        blocks.append(block_of(source, value, rows, columns, rounds=rounds, lying=lying, style=style))
    pieces: list[Piece] = []
    for fragment in re.split(r"(\{\d\})", operation.kind.latex):
        if re.fullmatch(r"\{\d\}", fragment):
            pieces.append(blocks[int(fragment[1:-1])])
        elif symbol := _symbol(fragment):
            pieces.append(symbol)
    result = np.asarray(trace.value(t, name))
    if operation.kind is SIGMOID:
        below_one = distance_from_one(SIGMOID, values[0])
        if np.any((below_one > 0) & (below_one < 0.005)):  # "1 − 1.1·10⁻⁴⁰" is too wide to stand in a row
            shown = _shown(result.size, rows)
            column = tuple((entry,) for entry in _entries(result, shown, True, style, below_one))
            return *pieces, "=", Block(name, column)
    return *pieces, "=", block_of(name, result, rows, columns, rounds=operation.kind.rounds, lying=lying, style=style)


def distance_from_one(kind: Kind, z: Numbers) -> Numbers:
    """Return 1 - |result| of σ, tanh or softmax for the vector z, more exactly than a double near 1 can hold it.

    1 - σ(z) = σ(-z), 1 - |tanh z| = 2σ(-2|z|); of softmax it is the share of all others. Raises ValueError for
    another kind.
    """
    with np.errstate(under="ignore"):
        if kind is SIGMOID:
            return np.asarray(SIGMOID.forward(-z))
        if kind is TANH:
            return np.asarray(2 * SIGMOID.forward(-2 * np.abs(z)))
        if kind is SOFTMAX:
            powers = np.exp(z - np.max(z))
            below = 1 - powers / np.sum(powers)
            largest = np.argmax(z)  # no other entry can be near 1
            below[largest] = np.sum(np.delete(powers, largest)) / np.sum(powers)
            return np.asarray(below)
    raise ValueError(f"{kind.name} has no bound at 1")


def exact_text(trace: Trace, t: int, name: str, place: Place) -> str:
    """Return an entry with all its digits; of a σ or tanh that a double rounds to ±1, how far from 1 it is.

    Raises KeyError for an unknown name.
    """
    value = float(np.asarray(trace.value(t, name))[place])
    item = trace.cell.described(name)
    if isinstance(item, Operation) and item.kind in (SIGMOID, TANH) and abs(value) == 1:
        z = np.asarray(trace.value(t, item.inputs[0]))[place]
        distance = float(distance_from_one(item.kind, np.atleast_1d(z))[0])
        if distance > 0:
            written = numbers.written(1.0, below_one=distance)
            return f"{numbers.MINUS}({written})" if value < 0 else written
    return numbers.exact(value)


def block_of(
    name: str,
    values: Numbers,
    rows: int = 4,
    columns: int = 8,
    *,
    rounds: bool = False,
    lying: bool = False,
    style: numbers.Style = numbers.Style.SHORT,
) -> Block:
    """Return a vector or a matrix as a block of at most `rows` × `columns` entries; `lying`, a vector is a row."""
    if values.ndim == 2:
        return _matrix(name, values, rows, columns, style)
    if lying or values.size > rows:
        row = tuple(_entries(values, _shown(values.size, columns), rounds, style))
        return Block(name, (row,), transposed=not lying)
    return Block(name, tuple((entry,) for entry in _entries(values, _shown(values.size, rows), rounds, style)))


def _symbol(fragment: str) -> str:
    """Return what stands between two blocks; round brackets go, the blocks have their own."""
    for bracket in (r"\left(", r"\right)", r"\left", r"\right", r"\,", r"\ "):
        fragment = fragment.replace(bracket, "")
    return fragment.strip()


def _entries(
    values: Numbers,
    shown: list[int | None],
    rounds: bool,
    style: numbers.Style,
    below_one: Numbers | None = None,
) -> list[tuple[str, Place | None]]:
    """Return entries of a vector as they are written, all with the same decimals; dots for what is left out."""
    digits = numbers.decimals((float(values[i]) for i in shown if i is not None), rounds, style)

    def entry(index: int | None) -> tuple[str, Place | None]:
        if index is None:
            return DOTS, None
        value, below = float(values[index]), 1.0 if below_one is None else float(below_one[index])
        if 0 < below < 0.005:
            return numbers.written(value, rounds, below, style), (index,)
        return numbers.aligned(value, digits, style), (index,)

    return [entry(index) for index in shown]


def _matrix(name: str, values: Numbers, rows: int, columns: int, style: numbers.Style) -> Block:
    down, across = _shown(len(values), rows), _shown(values.shape[1], columns)
    seen = (float(values[i, j]) for i in down if i is not None for j in across if j is not None)
    digits = numbers.decimals(seen, style=style)

    def entry(i: int | None, j: int | None) -> tuple[str, Place | None]:
        return (DOTS, None) if i is None or j is None else (numbers.aligned(float(values[i, j]), digits, style), (i, j))

    return Block(name, tuple(tuple(entry(i, j) for j in across) for i in down))


def _shown(count: int, limit: int) -> list[int | None]:
    """Return the indices that are shown, at most `limit` of them with None for the middle left out."""
    return list(range(count)) if count <= limit else [*range(limit - 2), None, count - 1]
