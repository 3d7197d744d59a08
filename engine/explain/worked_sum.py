"""One row of W·[x, h] worked out: its terms, their sum, and each operation after it up to a named value.

Row 1 of the forget layer: 1·1 + 2·2 + 3·3 + 4·4 + 5·5 + 6·6 = 91, + 1 = 92, σ(92) = 1 − 1.1·10⁻⁴⁰. Every number
knows which entry of which value it is, so that it can be pointed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..cell.cell import Cell
from ..cell.graph import (
    ADD,
    BERNOULLI,
    CLOSED,
    CONCATENATE,
    IDENTITY,
    MULTIPLY,
    PRODUCT,
    SIGMOID,
    SOFTMAX,
    TANH,
    Operation,
)
from ..cell.provenance import Place
from ..cell.trace import Trace
from ..text import numbers
from .number_line import distance_from_one

MOST_TERMS = 12
"""Longer rows lose their middle."""
_FIRST, _LAST = 7, 3
"""How many terms are written before and after what is left out."""


@dataclass(frozen=True)
class Number:
    """An entry of a value, a weight or an input, as it is written."""

    name: str
    place: Place
    value: float
    text: str


Piece = str | Number
"""A sign in plain text, or a number."""


@dataclass(frozen=True)
class Term:
    """One weight times one entry of the vector, "4·(−2)"."""

    column: int
    weight: Number
    entry: Number

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The term as it is written."""
        return (*_factor(self.weight), "·", *_factor(self.entry))


@dataclass(frozen=True)
class Step:
    """One operation after the product, "+ 1 = 92"."""

    operation: Operation
    pieces: tuple[Piece, ...]
    """All that is written, with the equals sign and the result."""
    result: Number
    note: str = ""
    """What the pieces cannot show."""

    @property
    def operands(self) -> tuple[Number, ...]:
        """The numbers before the equals sign."""
        return tuple(piece for piece in self.pieces[:-1] if isinstance(piece, Number))


@dataclass(frozen=True)
class WorkedRow:
    """Row `row` (from 0) of `matrix` times `vector`, and what follows."""

    matrix: str
    vector: str
    row: int
    terms: tuple[Term, ...]
    """The terms that are written: all, or the first and the last."""
    left_out: slice
    """The columns between them that are not written; empty where all are."""
    product: Number
    steps: tuple[Step, ...]

    @property
    def result(self) -> Number:
        """The last number: an entry of a value with a name, such as f_t."""
        return self.steps[-1].result if self.steps else self.product

    @property
    def lines(self) -> tuple[str, ...]:
        """The sum and each step in plain text."""
        sum_ = "".join(_text(piece) for piece in self.sum_pieces())
        return sum_, *("".join(_text(piece) for piece in step.pieces) for step in self.steps)

    def sum_pieces(self) -> Iterator[Piece]:
        """Yield "1·1 + 2·2 = 5" piece by piece."""
        before = -1
        for term in self.terms:
            if before >= 0:
                yield " + "
            if term.column > before + 1:
                yield f"… {more_terms(self.left_out)} … + "
            yield from term.pieces
            before = term.column
        yield " = "
        yield self.product


def more_terms(left_out: slice) -> str:
    """Return "(1000 more)"."""
    return f"({left_out.stop - left_out.start} more)"


def chain(cell: Cell, matrix: str) -> tuple[Operation, ...]:
    """Return the product that reads a matrix and every operation after it, up to the first value with a name.

    (a_f, z_f, f_t) for W_f; h_t alone for W_hr. Raises KeyError where no product reads it.
    """
    current = next((op for op in cell.operations if op.kind is PRODUCT and op.inputs[0] == matrix), None)
    if current is None:
        raise KeyError(f"{cell.title} has no product with {matrix!r}")
    found = [current]
    while current.spelled_out:
        current = next(operation for operation in cell.operations if found[-1].name in operation.inputs)
        found.append(current)
    return tuple(found)


def stages(cell: Cell, matrix: str) -> int:
    """Return how many moves one row takes: its product, then one for each step."""
    return sum(operation.kind is not IDENTITY for operation in chain(cell, matrix))


def worked_sum(trace: Trace, t: int, matrix: str, row: int, digits: numbers.Style = numbers.Style.SHORT) -> WorkedRow:
    """Return one row of a matrix times its vector with all numbers, at time step t (from 0).

    Args:
        trace: the numbers, of vectors without batch axes.
        t: the time step, from 0.
        matrix: a weight matrix of the cell, such as "W_f".
        row: its row, from 0.
        digits: how the numbers are written.

    Raises KeyError for a matrix that the cell has not, IndexError for a row that the matrix has not.
    """
    operations = chain(trace.cell, matrix)
    weights = np.asarray(trace.value(t, matrix))  # (rows, columns)
    if not 0 <= row < len(weights):
        raise IndexError(f"{matrix} has rows 0 to {len(weights) - 1}, not {row}")
    write = _Writer(trace, t, digits)
    vector = operations[0].inputs[1]
    shown, left_out = _shown(weights.shape[1])
    terms = tuple(Term(j, write.number(matrix, (row, j)), write.origin(vector, j)) for j in shown)
    steps: list[Step] = []
    for before, operation in pairwise(operations):
        if operation.kind is IDENTITY:  # what the sum has come to is the result already
            result = write.number(operation.name, (row,))
            steps[-1] = replace(steps[-1], pieces=(*steps[-1].pieces[:-1], result), result=result)
        else:
            steps.append(write.step(before, operation, row))
    product = write.number(operations[0].name, (row,))
    return WorkedRow(matrix, vector, row, terms, left_out, product, tuple(steps))


def _shown(columns: int) -> tuple[list[int], slice]:
    """Return the columns whose terms are written, and those that are not."""
    if columns <= MOST_TERMS:
        return list(range(columns)), slice(columns, columns)
    return [*range(_FIRST), *range(columns - _LAST, columns)], slice(_FIRST, columns - _LAST)


def _text(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.text


def _factor(number: Number) -> tuple[Piece, ...]:
    """Return a number beside an operator: in brackets if it begins with a minus or is a product itself."""
    return ("(", number, ")") if number.text.startswith(numbers.MINUS) or "·" in number.text else (number,)


@dataclass(frozen=True)
class _Writer:
    """Writes the numbers of one time step."""

    trace: Trace
    t: int
    digits: numbers.Style

    def number(self, name: str, place: Place) -> Number:
        value = float(np.asarray(self.trace.value(self.t, name))[place])
        return Number(name, place, value, self._written(name, place, value))

    def origin(self, name: str, index: int) -> Number:
        """Return an entry of a vector; of [x, h] the entry of x or h that stands there."""
        item = self.trace.cell.described(name)
        if isinstance(item, Operation) and item.kind is CONCATENATE:
            for source in item.inputs:
                size = len(self.trace.value(self.t, source))
                if index < size:
                    return self.number(source, (index,))
                index -= size
        return self.number(name, (index,))

    def step(self, before: Operation, operation: Operation, row: int) -> Step:
        """Return an operation entry by entry, of which `before` is the value that the sum has come to."""
        result, note = self.number(operation.name, (row,)), ""
        pieces: tuple[Piece, ...]
        if operation.kind is ADD:
            other = next(name for name in operation.inputs if name != before.name)
            pieces = ("+ ", *self._summand(other, row))
        elif operation.kind is SOFTMAX:
            pieces = ("exp(", self.number(before.name, (row,)), ") / Σ exp(z)")
            note = "Σ runs over all rows: softmax needs every z"
        else:
            pieces = tuple(self._filled(operation, row))
            if operation.kind is BERNOULLI:
                note = "1 if random number < probability, else 0"
        return Step(operation, (*pieces, " = ", result), result, note)

    def _filled(self, operation: Operation, row: int) -> Iterator[Piece]:
        """Yield the operation's plain text with its inputs' numbers in it; of two numbers ∘ is a common product."""
        for fragment in re.split(r"(\{\d\})", operation.kind.text.replace("∘", "·")):
            if re.fullmatch(r"\{\d\}", fragment):
                number = self.number(operation.inputs[int(fragment[1:-1])], (row,))
                yield from (number,) if operation.kind.binding == CLOSED else _factor(number)
            elif fragment:
                yield fragment

    def _summand(self, name: str, row: int) -> tuple[Piece, ...]:
        """Return what is added: a product of two numbers where the formula spells one out."""
        item = self.trace.cell.described(name)
        if isinstance(item, Operation) and item.kind is MULTIPLY and item.spelled_out:
            left, right = (self.number(source, (row,)) for source in item.inputs)
            return (*_factor(left), "·", *_factor(right))
        return _factor(self.number(name, (row,)))

    def _written(self, name: str, place: Place, value: float) -> str:
        item = self.trace.cell.described(name)
        if not isinstance(item, Operation) or item.kind not in (SIGMOID, TANH, SOFTMAX):
            return numbers.written(value, self._rounds(name), None, self.digits)
        distance = float(distance_from_one(item.kind, np.asarray(self.trace.value(self.t, item.inputs[0])))[place])
        text = numbers.written(abs(value), True, distance, self.digits)
        if value >= 0:
            return text
        return text.replace("1 −", "−1 +", 1) if text.startswith("1 −") else numbers.MINUS + text

    def _rounds(self, name: str) -> bool:
        """Whether a value was computed with σ or tanh, so that no short decimal is all of it."""
        if name in self.trace.cell.carried:
            return self.t > 0
        item = self.trace.cell.described(name)
        if not isinstance(item, Operation) or item.kind is BERNOULLI:
            return False
        return item.kind.rounds or any(map(self._rounds, item.inputs))
