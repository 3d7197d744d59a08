"""Columns of numbers out of a CSV file, or one sentence that says which cell to mend.

A file is read a few rows at a time. What is kept are its numbers (8 bytes each) and the line of each row (4
bytes), never its text, so that a file of some hundred megabytes needs less memory than disk.
"""

import codecs
import csv
import math
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from ..errors import PlainError

Float64 = NDArray[np.float64]
ShouldStop = Callable[[], bool]

MOST_NUMBERS = 20_000_000

# Semicolon first: where it stands, a comma is a decimal comma.
_DELIMITERS = (";", "\t", ",", "|")
_SAMPLE_ROWS = 50
_CHUNK_CELLS = 4000  # about two milliseconds: as long as a window may wait for its turn
_CHUNK_BYTES = 1 << 18
_LONGEST_LINE = 1_000_000  # characters


class DataError(PlainError, ValueError):
    """Data that cannot be used; its text is one sentence with file, line and column."""


class ReadingStoppedError(Exception):
    """A file was not read to its end because nobody wants it any more."""


def never() -> bool:
    """Say that a file is to be read to its end."""
    return False


@dataclass(frozen=True)
class Column:
    """A column to pick: its place from 0, the value that `Table.find` takes for it, and how a person reads it."""

    index: int
    value: str
    words: str


@dataclass(frozen=True)
class Flaw:
    """The first cell of a column that is no number: its row from 0, its line in the file, and what is wrong."""

    row: int
    line: int
    words: str


@dataclass(frozen=True)
class Table:
    """The columns of a CSV file: their names, their numbers, or why one has no numbers.

    count: rows. lines: the line of the file that each row ends on, (rows,). values: the numbers of each column,
    (rows,), empty for one with a flaw. flaws: None for a column of numbers. counting: 0 where the first column
    only counts up, such as a year, and others follow, else None.
    """

    path: Path
    names: tuple[str, ...]
    count: int
    lines: NDArray[np.uint32]
    values: tuple[Float64, ...]
    flaws: tuple[Flaw | None, ...]
    counting: int | None

    def outline(self) -> "Table":
        """Return the same table without its numbers: what a list to pick from needs, and small."""
        return replace(self, lines=self.lines[:0].copy(), values=tuple(np.empty(0) for _ in self.names))

    def require(self, index: int) -> None:
        """Raise DataError naming line and column where a cell of column `index` is empty, missing or no number."""
        flaw = self.flaws[index]
        if flaw is not None:
            raise DataError(
                f"{self.path.name}, line {flaw.line}, column {self.names[index]!r}: a number was expected, but "
                f"{flaw.words}; correct the cell or remove its row."
            )

    def column(self, index: int) -> Float64:
        """Return column `index` as float64 (rows,), not to be written to.

        Raises DataError as `require` does.
        """
        self.require(index)
        return self.values[index]

    def numeric_columns(self) -> tuple[int, ...]:
        """Return the columns whose first row holds a number."""
        return tuple(index for index, flaw in enumerate(self.flaws) if flaw is None or flaw.row > 0)

    def find(self, wanted: str) -> int:
        """Return the column of a name or of a number from 1; "" chooses.

        "" is the first column of numbers, leaving out a first column that only counts up.
        Raises DataError with the names there are.
        """
        if not wanted:
            for index in self.numeric_columns():
                if index != self.counting:
                    return index
            raise DataError(f"{self.path.name}: no column of numbers was found; choose a file that has one.")
        folded = [name.casefold() for name in self.names]
        if wanted.strip().casefold() in folded:
            return folded.index(wanted.strip().casefold())
        if wanted.strip().isdecimal() and 1 <= int(wanted) <= len(self.names):
            return int(wanted) - 1
        known = ", ".join(repr(name) for name in self.names[:12]) + (" …" if len(self.names) > 12 else "")
        raise DataError(f"{self.path.name}: there is no column {wanted!r}; choose one of {known}.")

    def find_each(self, wanted: str) -> tuple[int, ...]:
        """Return the columns of names or numbers with commas between, each once, in the order written.

        "all" is every column of numbers but a first one that only counts up. A name that holds a comma stands in
        quotation marks. Raises DataError as `find` does.
        """
        if wanted.strip().casefold() == "all":
            return tuple(index for index in self.numeric_columns() if index != self.counting)
        if wanted.strip().casefold() in (name.casefold() for name in self.names):
            return (self.find(wanted),)
        parts = next(csv.reader([wanted.replace("\n", " ")], skipinitialspace=True), [])
        return tuple(dict.fromkeys(self.find(part) for part in parts if part.strip()))

    def choices(self) -> tuple[Column, ...]:
        """Return every numeric column; one that is named like an earlier column is taken by its number."""
        choices = []
        for index in self.numeric_columns():
            name, number = self.names[index], str(index + 1)
            if self.find(name) == index:
                choices.append(Column(index, name, name))
            elif self.find(number) == index:  # not where another column is named like this number
                choices.append(Column(index, number, f"{name} (column {number})"))
        return tuple(choices)


def user_path(file: str) -> Path:
    """Return the path that a person wrote, with ~ resolved; raises DataError for a home folder that is not there."""
    try:
        return Path(file).expanduser()
    except RuntimeError as error:  # ~somebody
        raise DataError(f"{file}: there is no such home folder; choose another file.") from error


def read_table(path: Path, should_stop: ShouldStop = never) -> Table:
    """Read a CSV file: commas, semicolons, tabs or bars; with or without a header; UTF-8, UTF-16 or cp1252.

    Without a header the columns are named "column 1", "column 2", …. should_stop is asked every few milliseconds.
    Raises DataError, in one sentence, for a file that cannot be read, is no text, holds no rows, has a row longer
    than its first or more than MOST_NUMBERS numbers; ReadingStoppedError where should_stop says so.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is a folder or a device")  # reading a pipe or a device might never end
        with path.open(encoding=_encoding(path, should_stop), newline="") as file:
            return _read(path, file, should_stop)
    except DataError:
        raise
    except UnicodeDecodeError as error:  # it was written to meanwhile
        raise DataError(_no_text(path)) from error
    except (OSError, ValueError) as error:  # ValueError: no file can have this name
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: the file cannot be read ({reason}); choose another file.") from error


def _read(path: Path, file: TextIO, should_stop: ShouldStop) -> Table:
    lines = _lines(path, file)
    sample = list(islice(lines, _SAMPLE_ROWS))
    sign = _delimiter(sample)
    reader = csv.reader(chain(sample, lines), delimiter=sign)
    rows: Iterator[tuple[int, list[str]]] = ((reader.line_num, row) for row in reader if "".join(row).strip())
    try:
        first = next(rows, None)
        if first is None:
            raise DataError(f"{path.name} is empty; choose a CSV file with one row per moment.")
        gathering = _Gathering(path, first[1], sign != ",")
        if not gathering.has_header:
            rows = chain([first], rows)
        size = max(1, _CHUNK_CELLS // len(first[1]))
        while gathering.goes_on and (chunk := list(islice(rows, size))):
            gathering.add(chunk)
            if should_stop():
                raise ReadingStoppedError(path.name)
    except csv.Error as error:
        raise DataError(
            f"{path.name}, line {reader.line_num}: this is not a CSV file ({error}); choose one with one row per "
            "moment, or close its quotation marks."
        ) from error
    return gathering.table()


def _no_text(path: Path) -> str:
    return f"{path.name} is not a text file in UTF-8, UTF-16 or Windows-1252; save it anew as CSV in UTF-8."


def _encoding(path: Path, should_stop: ShouldStop) -> str:
    """Return the encoding in which the whole file is text."""
    with path.open("rb") as file:
        start = file.read(2)
    for encoding in ("utf-16",) if start in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        if _is_text(path, encoding, should_stop):
            return encoding
    raise DataError(_no_text(path))


def _is_text(path: Path, encoding: str, should_stop: ShouldStop) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            text = decoder.decode(file.read(_CHUNK_BYTES))
            if any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text[:4096]):
                return False
            while part := file.read(_CHUNK_BYTES):
                decoder.decode(part)
                if should_stop():
                    raise ReadingStoppedError(path.name)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    """Yield line after line; one without an end must not fill the memory."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise DataError(
                f"{path.name}, line {number}: it is longer than {_LONGEST_LINE:,} characters; choose a CSV file with "
                "one row per moment."
            )
        yield line


def _delimiter(sample: list[str]) -> str:
    """Return the sign that cuts the first rows into equally many cells, more than one; "," if none does."""
    for sign in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=sign) if row]
        except csv.Error:
            continue  # told when the file is read
        usual = max(set(widths), key=widths.count, default=1)
        if usual > 1 and widths.count(usual) * 2 > len(widths):
            return sign
    return ","


class _Gathering:
    """The numbers of each column as they are read; a column with a cell that is no number is given up."""

    def __init__(self, path: Path, first: list[str], decimal_comma: bool) -> None:
        self._path = path
        self._decimal_comma = decimal_comma
        self.has_header = any(cell.strip() and not self._is_data(cell) for cell in first)
        places = [f"column {place}" for place in range(1, len(first) + 1)]
        names = [cell.strip() for cell in first] if self.has_header else [""] * len(first)
        self._names = tuple(name or place for name, place in zip(names, places, strict=True))
        self._numbers = [array("d") for _ in self._names]
        self._flaws: list[Flaw | None] = [None for _ in self._names]
        self._lines = array("I")

    @property
    def goes_on(self) -> bool:
        """Whether there is still a column to gather."""
        return None in self._flaws

    def add(self, rows: list[tuple[int, list[str]]]) -> None:
        """Take further rows, each with its line."""
        width = len(self._names)
        for line, row in rows:
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                raise DataError(
                    f"{self._path.name}, line {line}: {len(row)} cells were found, but the first row has {width}; "
                    "correct the row, or choose a file whose rows are equally long."
                )
        for index, flaw in enumerate(self._flaws):
            if flaw is None:
                self._add_to(index, rows)
        self._lines.extend(line for line, _ in rows)
        if sum(map(len, self._numbers)) > MOST_NUMBERS:
            raise DataError(
                f"{self._path.name} has more than {MOST_NUMBERS:,} numbers, which is too many; choose a file with "
                "fewer rows or columns."
            )

    def table(self) -> Table:
        """Return what was gathered."""
        if not self._lines:
            raise DataError(f"{self._path.name} has a header but no rows; choose a CSV file with one row per moment.")
        values = tuple(_read_only(np.frombuffer(numbers)) for numbers in self._numbers)
        first = values[0]
        counts_up = len(self._names) > 1 and self._flaws[0] is None and bool(np.all(first[1:] > first[:-1]))
        return Table(
            self._path,
            self._names,
            len(self._lines),
            np.frombuffer(self._lines, dtype=np.uint32),
            values,
            tuple(self._flaws),
            0 if counts_up else None,
        )

    def _add_to(self, index: int, rows: list[tuple[int, list[str]]]) -> None:
        try:
            texts = [row[index] for _, row in rows]
            if self._decimal_comma:
                texts = [text.replace(",", ".") for text in texts]
            values = list(map(float, texts))
        except (IndexError, ValueError):
            values = [math.nan]
        if all(map(math.isfinite, values)):
            self._numbers[index].fromlist(values)
        else:
            self._give_up(index, rows)

    def _give_up(self, index: int, rows: list[tuple[int, list[str]]]) -> None:
        for place, (line, row) in enumerate(rows):
            text = row[index].strip() if index < len(row) else ""
            if self._number(text) is None:
                ends = f"the row ends after {len(row)} cell{'s' * (len(row) > 1)}"
                words = f"found {text[:40]!r}" if text else "the cell is empty" if index < len(row) else ends
                self._flaws[index] = Flaw(len(self._lines) + place, line, words)
                self._numbers[index] = array("d")
                return

    def _number(self, text: str) -> float | None:
        try:
            value = float(text.replace(",", ".") if self._decimal_comma else text)
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def _is_data(self, cell: str) -> bool:
        """Say whether a cell of the first row is a number, or a date in figures, and not a name."""
        figures = any(letter.isdecimal() for letter in cell) and not any(letter.isalpha() for letter in cell)
        return figures or self._number(cell.strip()) is not None


def _read_only(values: Float64) -> Float64:
    values.flags.writeable = False
    return values
