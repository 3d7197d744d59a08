"""Collects the columns of a file row by row: numbers, dates, and the line number of each row.

What is kept are numbers (8 bytes each) and the line of each row (4 bytes), never text, so that a file of some hundred
megabytes needs less memory than disk.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from ..text.number_text import Decimal, readings
from .answers import Answers, DataError, Stop
from .cells import MISSING, is_missing, shown
from .columns import ColumnOfNumbers, Flaw
from .dates import ColumnOfDates, Moment, date_of, time_of
from .rows import Row, Structure, require_few_columns
from .signs import likely_decimal

MOST_NUMBERS = 20_000_000
PREVIEW_ROWS = 20


class Gathering:
    """Gathers what a file's rows hold; a column with a cell that is no number is given up.

    decimals: the sign to read a column by, where it is known from a reading before. Raises DataError for too many
    columns.
    """

    def __init__(
        self,
        path: Path,
        structure: Structure,
        answers: Answers,
        first: Sequence[Row],
        decimals: dict[int, Decimal],
        stop: Stop,
    ) -> None:
        self._path = path
        self._structure = structure
        self.grows = structure.delimiter == " " and not structure.header_line
        """Whether a longer row adds a column: a mark behind the newest rows of an aligned table."""
        self.names = [name or f"column {place}" for place, name in enumerate(structure.names, 1)]
        width = len(structure.names) if structure.header_line else max(len(row) for _, row in first)
        require_few_columns(path, structure.header_line or first[0][0], width)
        self.names += [f"column {place}" for place in range(len(self.names) + 1, width + 1)]
        self.lines = array("I")
        self.preview: list[tuple[int, tuple[str, ...]]] = []
        self.numbers: list[ColumnOfNumbers] = []
        self.dates: dict[int, ColumnOfDates] = {}
        self._marks = MISSING | answers.mark_texts
        for place in stop.between(range(width), len(first)):
            texts = [row[place].strip() for _, row in first if place < len(row)]
            decimal = decimals.get(place) or likely_decimal(texts, answers, structure.delimiter)
            column = ColumnOfNumbers(answers, structure.delimiter, decimal, self._marks)
            self.numbers.append(column)
            read = _reader_of_dates(texts)
            if read is not None:
                line, row = first[0]
                column.give_up(Flaw(0, line, f"found {shown(row[place] if place < len(row) else '')}"))
                self.dates[place] = ColumnOfDates(read)

    def add(self, rows: list[Row]) -> None:
        """Take further rows, each with its line; raises DataError for one with too many cells, and for too many."""
        self._check_widths(rows)
        width, before = len(self.names), len(self.lines)
        lines = [line for line, _ in rows]
        for place in range(width):
            column: ColumnOfNumbers | ColumnOfDates = self.dates.get(place) or self.numbers[place]
            if isinstance(column, ColumnOfNumbers) and column.is_over:
                continue
            try:
                texts = [row[place] for _, row in rows]
            except IndexError:
                texts = [row[place] if place < len(row) else "" for _, row in rows]
            column.add(lines, texts, before)
        self.lines.extend(lines)
        for line, row in rows[: PREVIEW_ROWS - len(self.preview)]:
            self.preview.append((line, tuple(cell.strip() for cell in row)))
        held = sum(len(column.numbers) for column in self.numbers) + sum(len(d.codes) for d in self.dates.values())
        if held > MOST_NUMBERS:
            raise DataError(
                f"{self._path.name} has more than {MOST_NUMBERS:,} numbers, which is too many; choose a file with "
                "fewer rows or columns."
            )

    def _check_widths(self, rows: list[Row]) -> None:
        width = len(self.names)
        for line, row in rows:
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                if self.grows:
                    require_few_columns(self._path, line, len(row))
                    self._grow(len(row))
                    width = len(row)
                    continue
                head = self._structure.header_line
                other = f"line {head} names {width} column{'s' * (width > 1)}" if head else f"the first row has {width}"
                raise DataError(
                    f"{self._path.name}, line {line}: this row has {len(row)} cells, but {other}; correct the row, or "
                    "choose a file whose rows are equally long."
                )

    def _grow(self, width: int) -> None:
        cells = f"the row ends after {len(self.names)} cells"
        line = self.lines[0] if self.lines else 1
        while len(self.names) < width:
            self.names.append(f"column {len(self.names) + 1}")
            column = ColumnOfNumbers(Answers(), " ", Decimal.POINT, self._marks)
            column.give_up(Flaw(0, line, cells))
            column.is_empty = False
            self.numbers.append(column)

    def drop_unnamed(self) -> None:
        """Take out columns at the end that have no name and no cell: a delimiter ends each line."""
        while len(self.names) > 1 and self.numbers[-1].is_empty and len(self.names) - 1 not in self.dates:
            named = self._structure.names[len(self.names) - 1 : len(self.names)]
            if named and named[0]:
                return
            self.names.pop()
            self.numbers.pop()


def _reader_of_dates(texts: Sequence[str]) -> Callable[[str], Moment | None] | None:
    """Return what reads the cells of a column, if most of those that are filled are dates or times; else None."""
    filled = [text for text in texts if not is_missing(text)]
    for read in (date_of, time_of):
        found = sum(read(text) is not None for text in filled)
        if found * 2 > len(filled) and not any(readings(text) != (None, None) for text in filled[:3]):
            return read
    return None
