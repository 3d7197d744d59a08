"""Reads the numbers of one column by the rule for points and commas, or says why a cell is not a number."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..text.number_text import Decimal, readings
from .answers import Answers
from .cells import shown

_PROOFS = {  # on texts that are numbers by this sign: one that is none by the other
    Decimal.POINT: re.compile(r"^(?![ \t]*[-+\u2212]?[1-9]\d{0,2}\.\d{3}[ \t]*$)[^\n]*\.", re.MULTILINE),
    Decimal.COMMA: re.compile(r"^(?![ \t]*[-+\u2212]?[1-9]\d{0,2},\d{3}[ \t]*$)[^\n]*,", re.MULTILINE),
}
_NEEDS_CARE = re.compile("[_'’\u00a0\u202f\u2009\u2007]")


@dataclass(frozen=True)
class Flaw:
    """The first cell of a column that is no number: its row from 0, its line in the file, and what is wrong.

    missing: nothing stands there, or a word for a missing value; else the whole column is no column of numbers.
    """

    row: int
    line: int
    words: str
    missing: bool = False


class Proof(NamedTuple):
    """A cell that shows which sign a column's decimals follow."""

    line: int
    text: str


class ColumnOfNumbers:
    """Gathers the numbers of one column; a cell that is no number and not missing ends it.

    decimal: the sign that the cells are read by; what they turn out to mean is `decided`, and where that is another
    sign, the column has to be read again. marks: texts, in small letters, of cells where no number stands.
    """

    def __init__(self, answers: Answers, delimiter: str, decimal: Decimal, marks: frozenset[str]) -> None:
        self.decimal = decimal
        self.numbers = array("d")
        self.flaw: Flaw | None = None
        self.is_over = False
        """Whether the column is no column of numbers."""
        self.proofs: dict[Decimal, Proof] = {}
        self.open: dict[str, Proof] = {}
        """The first cell with a dot, and with a comma, that can be read in two ways."""
        self.is_empty = True
        self._marks = marks
        self._either = answers.as_before
        self._commas = self._either and delimiter != ","

    def add(self, lines: Sequence[int], texts: list[str], rows_before: int) -> None:
        """Take the cells of further rows, which end on these lines."""
        if self.is_over:
            return
        values = self._plain(lines, texts)
        gaps: list[int] = []
        if values is None:
            gaps = [place for place, text in enumerate(texts) if text.strip().casefold() in self._marks]
            if gaps:
                values = self._plain(lines, _without(texts, gaps))
        if values is None:
            self._add_each(lines, texts, rows_before)
            return
        for place in gaps:
            values[place] = math.nan
            self._note_missing(lines[place], texts[place].strip(), rows_before + place)
        self.numbers.fromlist(values)
        self.is_empty = self.is_empty and len(gaps) == len(values)

    def give_up(self, flaw: Flaw) -> None:
        """End the column: it has no numbers."""
        self.is_over, self.flaw, self.numbers = True, flaw, array("d")

    def _plain(self, lines: Sequence[int], texts: list[str]) -> list[float] | None:
        """Return the numbers of cells that Python itself can read, None where one needs a closer look."""
        joined = "\n".join(texts)
        if _NEEDS_CARE.search(joined):
            return None
        comma = self._commas or self.decimal is Decimal.COMMA
        if comma and "." in joined and not self._either:
            return None
        try:
            values = list(map(float, [text.replace(",", ".") for text in texts] if comma else texts))
        except ValueError:
            return None
        if not all(map(math.isfinite, values)):
            return None
        if not self._either:
            self._look_for_proof(self.decimal, joined, lines, texts)
        return values

    def _look_for_proof(self, decimal: Decimal, joined: str, lines: Sequence[int], texts: list[str]) -> None:
        if decimal in self.proofs or decimal.sign not in joined:
            return
        found = _PROOFS[decimal].search(joined)
        if found is not None:
            place = min(joined.count("\n", 0, found.start()), len(lines) - 1)
            self.proofs[decimal] = Proof(lines[place], texts[place].strip())
        elif decimal.sign not in self.open:
            place = next(place for place, text in enumerate(texts) if decimal.sign in text)
            self.open[decimal.sign] = Proof(lines[place], texts[place].strip())

    def _add_each(self, lines: Sequence[int], texts: list[str], rows_before: int) -> None:
        for place, raw in enumerate(texts):
            text = raw.strip()
            value = self._number(text, lines[place])
            if value is None and text.casefold() in self._marks:
                value = math.nan
                self._note_missing(lines[place], text, rows_before + place)
            if text:
                self.is_empty = False
            if value is None:
                self.give_up(Flaw(rows_before + place, lines[place], f"found {shown(text)}"))
                return
            self.numbers.append(value)

    def _note_missing(self, line: int, text: str, row: int) -> None:
        if self.flaw is None:
            words = f"found {shown(text)}" if text else "the cell is empty"
            self.flaw = Flaw(row, line, words, missing=True)
        if text:
            self.is_empty = False

    def _number(self, text: str, line: int) -> float | None:
        if text.casefold() in self._marks:
            return None
        if self._either:
            return _finite(text.replace(",", ".") if self._commas else text)
        if "," not in text and "." not in text and not _NEEDS_CARE.search(text):
            value = _finite(text)
            if value is not None:
                return value
        point, comma = readings(text)
        if "," in text or "." in text:
            self._weigh(point, comma, Proof(line, text))
        by_point = self.decimal is Decimal.POINT
        first, second = (point, comma) if by_point else (comma, point)
        return second if first is None else first

    def _weigh(self, point: float | None, comma: float | None, proof: Proof) -> None:
        if point is None and comma is None:
            return
        if point is None or comma is None:
            self.proofs.setdefault(Decimal.POINT if comma is None else Decimal.COMMA, proof)
        elif point != comma:
            self.open.setdefault("," if "," in proof.text else ".", proof)


def _without(texts: list[str], gaps: list[int]) -> list[str]:
    """Return texts with a number in place of those that are missing."""
    texts = texts.copy()
    for place in gaps:
        texts[place] = "0"
    return texts


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
