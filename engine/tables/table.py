"""A table after reading: its columns with their numbers, or why one has none, and how the file was read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .answers import Choice, DataError, OpenQuestion
from .cells import shown
from .columns import Flaw
from .dates import Float64, date_of, time_of
from .roles import Positions, Role

_MOST_NAMED = 12  # in a sentence
_MOST_WITH_WORDS = 4  # in a sentence, each with its first cell that is no number
_PLAIN = "write plain numbers there, such as 1234.5"
_LONGEST_NUMBER = 9  # digits of a column's number; Python refuses to read thousands of them


@dataclass(frozen=True)
class Column:
    """A column to pick: its place from 0, the value that `Table.find` takes for it, and how a person reads it."""

    index: int
    value: str
    words: str


@dataclass(frozen=True)
class ColumnFacts:
    """What is known of one column besides its numbers.

    role: what it is to a forecast; reason: why it is that, or why it cannot be used, "" for a plain value. decimal:
    "point" or "comma", the likelier where `question` is open. missing: how many cells. marks: numbers that look like
    marks for a missing value, with rows and the first line of each. question: what is open about its signs.
    """

    role: Role
    reason: str = ""
    decimal: str = "point"
    missing: int = 0
    marks: tuple[tuple[float, int, int], ...] = ()
    question: OpenQuestion | None = None


@dataclass(frozen=True)
class Table:
    """The columns of a file: their names, their numbers, or why one has no numbers.

    count: rows. lines: the line of the file that each row ends on, (rows,). values: the numbers of each column,
    (rows,), NaN where one is missing, empty for a column that is none of numbers. flaws: the first cell that is no
    number; None where every one is, or where `missing` says how gaps are closed. columns: what each column is.
    positions: where the rows stand, None for rows that are only counted. order: how the rows stood in the file:
    "oldest first", "newest first", "none", or "" where no date says so; they are sorted unless `answers` says
    otherwise. skipped: lines that are no rows. preview: the first rows, as they stand in the file, with their lines.
    aside: the text of the first and last few of the lines that are no rows. questions: what is open about the whole
    file. refusal: why no column can be forecast, "" if one can. notes: sentences on how it was read. as_before:
    whether columns are chosen as recordings had it before these answers were.
    """

    path: Path
    encoding: str
    delimiter: str
    header_line: int
    skipped: tuple[int, ...]
    names: tuple[str, ...]
    count: int
    lines: NDArray[np.uint32]
    values: tuple[Float64, ...]
    flaws: tuple[Flaw | None, ...]
    columns: tuple[ColumnFacts, ...]
    positions: Positions | None
    order: str
    dates: str
    preview: tuple[tuple[int, tuple[str, ...]], ...]
    aside: tuple[tuple[int, str], ...]
    questions: tuple[OpenQuestion, ...]
    refusal: str
    notes: tuple[str, ...]
    as_before: bool = False

    def outline(self) -> Table:
        """Return the same table with no more numbers than those of its preview, in the file's order: small."""
        shown = np.flatnonzero(np.isin(self.lines, [line for line, _ in self.preview]))
        shown = shown[np.argsort(self.lines[shown])]
        # Older recordings choose their column by whether the first one counts up to its end.
        values = tuple(
            numbers[shown] if len(numbers) and not (self.as_before and index == 0) else numbers
            for index, numbers in enumerate(self.values)
        )
        positions = replace(self.positions, values=np.empty(0)) if self.positions else None
        outline = replace(self, lines=self.lines[shown], values=values, positions=positions)
        _ = outline._only_candidate  # found here, where the file is read: a window asks for it again and again
        return outline

    # Whether a column can be used

    def require(self, index: int) -> None:
        """Raise DataError where a cell of column `index` is missing or no number, OpenQuestion where signs are open."""
        flaw, name = self.flaws[index], self.names[index]
        if flaw is not None:
            where = f"{self.path.name}, line {flaw.line}, column {name!r}: a number was expected, but {flaw.words}; "
            if flaw.missing:
                raise DataError(
                    f"{where}correct the cell, remove its row, or let gaps be filled: --missing carry repeats the "
                    "value before, --missing interpolate draws a straight line between its neighbours."
                )
            raise DataError(
                f"{where}correct the cell or remove its row; if it means missing, name it with --marks and choose "
                "--missing carry or interpolate."
            )
        question = self.columns[index].question
        if question is not None:
            raise question

    def require_rows(self) -> None:
        """Raise what stands against using the rows of this file at all: DataError, OpenQuestion."""
        if self.as_before:
            return
        if self.refusal:
            raise DataError(self.refusal)
        for question in self.questions:
            raise question

    def column(self, index: int) -> Float64:
        """Return column `index` as float64 (rows,), not to be written to.

        Raises as `require` does.
        """
        self.require(index)
        return self.values[index]

    # Which column is meant

    def numeric_columns(self) -> tuple[int, ...]:
        """Return the columns whose first row holds a number, or would if it were not missing."""
        return tuple(
            index
            for index, flaw in enumerate(self.flaws)
            if (flaw is None or flaw.row > 0 or flaw.missing) and self.columns[index].role is not Role.EMPTY
        )

    def candidates(self) -> tuple[int, ...]:
        """Return the columns that may be forecast: of values, and not what counts them, dates, constants, totals."""
        return tuple(index for index, column in enumerate(self.columns) if column.role is Role.VALUE)

    def find(self, wanted: str) -> int:
        """Return the column of a name or of a number from 1; "" is the only one that may be forecast.

        Raises DataError with the names there are; OpenQuestion, with the columns, where "" leaves more than one.
        """
        if not wanted:
            if isinstance(self._only_candidate, DataError):
                raise self._only_candidate.with_traceback(None)
            return self._only_candidate
        index = self._places.get(wanted.strip().casefold())
        if index is not None:
            return index
        number = wanted.strip()
        if len(number) <= _LONGEST_NUMBER and number.isdecimal() and 1 <= int(number) <= len(self.names):
            return int(number) - 1
        raise DataError(f"{self.path.name}: there is no column {shown(wanted)}; choose one of {_named(self.names)}.")

    @cached_property
    def _only_candidate(self) -> int | DataError:
        """The only column that may be forecast, or why it cannot be told: found once, however often it is asked."""
        if self.as_before:
            found = self._values_as_before()
            if found:
                return found[0]
        if self.refusal:
            return DataError(self.refusal)
        found = self.candidates()
        if len(found) == 1:
            return found[0]
        offered = set(found)
        choices = [column for column in self.choices() if not found or column.index in offered]
        words = "" if found else self._words()
        if not choices:
            what = f": some cells are not numbers in {words}; {_PLAIN}, or" if words else ";"
            return DataError(f"{self.path.name}: no column of numbers was found{what} choose a file that has one.")
        if len(self.names) == 1:
            return 0
        why = (
            f"{len(found)} columns can be forecast"
            if found
            else "every column of numbers only counts the rows, is part of a date or never changes"
        )
        if words:
            why += f", and some cells are not numbers in {words}"
        likely = [column for column in choices if self.columns[column.index].role not in (Role.TEXT, Role.DATE)]
        if words and len(likely) < 2:  # the column that is meant is one of those with words
            return DataError(f"{self.path.name}: {why}; {_PLAIN}, or name a column with --series-column.")
        return OpenQuestion(
            f"{self.path.name}: {why}; choose one with --series-column: "
            f"{_named([column.value for column in choices])}.",
            "series_column",
            tuple(Choice(column.value, column.words) for column in choices),
        )

    def _words(self) -> str:
        """Return which columns have a cell that is no number, each with that: those with figures if any has."""
        found = []
        for index, (name, flaw) in enumerate(zip(self.names, self.flaws, strict=True)):
            is_text = self.columns[index].role is Role.TEXT and not self._has_dates(index)
            if is_text and flaw is not None and not flaw.missing:
                found.append((f"{name!r} (line {flaw.line}: {flaw.words})", any(map(str.isdecimal, flaw.words))))
        some = [text for text, has_figures in found if has_figures] or [text for text, _ in found]
        more = " …" if len(some) > _MOST_WITH_WORDS else ""
        return ", ".join(some[:_MOST_WITH_WORDS]) + more

    def _has_dates(self, index: int) -> bool:
        """Say whether a date or a time stands in one of the first cells of a column."""
        cells = [cells[index] for _, cells in self.preview if index < len(cells)]
        return any(date_of(cell) or time_of(cell) for cell in cells)

    def find_each(self, wanted: str) -> tuple[int, ...]:
        """Return the columns of names or numbers with commas between, each once, in the order written.

        "all" is every column of values. A name that holds a comma stands in quotation marks. Raises as `find` does.
        """
        if wanted.strip().casefold() == "all" and self.as_before:
            return self._values_as_before()
        if wanted.strip().casefold() == "all":
            return tuple(
                index
                for index in self.numeric_columns()
                if self.columns[index].role in (Role.VALUE, Role.TOTAL, Role.TEXT)
            )
        if wanted.strip().casefold() in self._places:
            return (self.find(wanted),)
        try:
            parts = next(csv.reader([wanted.replace("\n", " ")], skipinitialspace=True), [])
        except csv.Error:  # a name of more than 131,072 characters
            parts = [wanted]
        return tuple(dict.fromkeys(self.find(part) for part in parts if part.strip()))

    def written(self, columns: Sequence[int]) -> str:
        """Return what `find_each` takes for some columns: their names, or their numbers where names do not do."""
        names = ((index, self.value_of(index)) for index in columns)
        by_name = ", ".join(str(index + 1) if "," in name else name for index, name in names)
        return by_name if self._mean(by_name, columns) else ", ".join(str(index + 1) for index in columns)

    def _mean(self, text: str, columns: Sequence[int]) -> bool:
        try:
            return text.strip().casefold() != "all" and self.find_each(text) == tuple(columns)
        except DataError:
            return False

    @cached_property
    def _places(self) -> dict[str, int]:
        """The place of each name, in small letters; of several columns with one name the first."""
        places: dict[str, int] = {}
        for index, name in enumerate(self.names):
            places.setdefault(name.casefold(), index)
        return places

    def _values_as_before(self) -> tuple[int, ...]:
        """Return every column of numbers but a first one that only counts up."""
        counts = len(self.names) > 1 and self.flaws[0] is None and bool(np.all(np.diff(self.values[0]) > 0))
        return tuple(index for index in self.numeric_columns() if index or not counts)

    def choices(self) -> tuple[Column, ...]:
        """Return every numeric column; one that is named like an earlier column is taken by its number."""
        choices = []
        for index in self.numeric_columns():
            value = self.value_of(index)
            if value:
                name = self.names[index]
                choices.append(Column(index, value, name if value == name else f"{name} (column {value})"))
        return tuple(choices)

    def value_of(self, index: int) -> str:
        """Return what `find` takes for a column: its name, or its number; "" where neither is its own."""
        name, number = self.names[index], str(index + 1)
        if self.find(name) == index:
            return name
        return number if self.find(number) == index else ""  # not where another column is named like this number


def _named(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(repr(name) for name in names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
