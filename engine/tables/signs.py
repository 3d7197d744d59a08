"""Decides whether a column has decimal points or decimal commas, once all of its cells are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..text.number_text import Decimal, decimals_of, readings
from ..text.numbers import exact
from .answers import Answers, Choice, OpenQuestion
from .cells import shown
from .columns import ColumnOfNumbers, Flaw, Proof


@dataclass(frozen=True)
class Signs:
    """How a column's numbers are written.

    decimal: the sign before the decimals, the likelier where that is open. shown_by: the cell that proves it, None
    where nothing had to be. open: the cell that can be read in two ways and is not answered for.
    """

    decimal: Decimal
    shown_by: Proof | None = None
    open: Proof | None = None


def likely_decimal(texts: Sequence[str], answers: Answers, delimiter: str) -> Decimal:
    """Return the sign to begin to read a column by, from its first cells."""
    if answers.decimal in tuple(Decimal):
        return Decimal(answers.decimal)
    return decimals_of(texts, dots_may_separate=delimiter == ";")[0]


def signs_of(column: ColumnOfNumbers, answers: Answers, delimiter: str, point_elsewhere: bool) -> Signs:
    """Return how a column's numbers are written.

    point_elsewhere: whether another column of the file proves a decimal point, which says what dots mean that may
    separate thousands.
    """
    if answers.as_before:
        return Signs(Decimal.POINT)
    for decimal in Decimal:
        if decimal in column.proofs and decimal.other not in column.proofs:
            return Signs(decimal, column.proofs[decimal])
    if answers.decimal:
        return Signs(Decimal(answers.decimal))
    if "," in column.open:
        return Signs(Decimal.POINT, open=column.open[","])
    if "." in column.open and delimiter == ";" and not point_elsewhere:
        return Signs(Decimal.COMMA, open=column.open["."])
    return Signs(Decimal.POINT)


def contradiction(column: ColumnOfNumbers) -> Flaw | None:
    """Return what is wrong with a column whose cells prove both signs."""
    if len(column.proofs) < 2:
        return None
    (first, before), (second, after) = sorted(column.proofs.items(), key=lambda item: item[1].line)
    earlier = f"{shown(before.text)} in line {before.line} a decimal {first}"
    return Flaw(0, after.line, f"{shown(after.text)} has a decimal {second}, and {earlier}")


def question_of(where: str, signs: Signs) -> OpenQuestion | None:
    """Return what is to be asked of a column's signs; where: the file and column, as a sentence begins."""
    if signs.open is None:
        return None
    point, comma = readings(signs.open.text)
    assert point is not None
    assert comma is not None
    values = {Decimal.POINT: exact(point), Decimal.COMMA: exact(comma)}
    order = (signs.decimal, signs.decimal.other)
    sign = "comma" if "," in signs.open.text else "dot"
    return OpenQuestion(
        f"{where}, line {signs.open.line}: {shown(signs.open.text)} can mean {values[order[0]]} or {values[order[1]]}, "
        f"and no other cell of the column shows which; say how the numbers are written, with --decimal {order[0]} for "
        f"{values[order[0]]} or --decimal {order[1]} for {values[order[1]]}.",
        "data_decimal",
        tuple(
            Choice(
                decimal.value,
                f"a decimal {decimal}: {shown(signs.open.text)} is {values[decimal]}, the {sign} "
                + ("is the decimal sign" if decimal.sign in signs.open.text else "separates thousands"),
            )
            for decimal in order
        ),
    )
