"""One column of numbers out of a CSV file, or one sentence that says which cell to mend."""

import csv
import io
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Semicolon first: where it stands, a comma is a decimal comma.
_DELIMITERS = (";", "\t", ",", "|")
_SAMPLE_ROWS = 50


class DataError(ValueError):
    """Data that cannot be used; its text is one sentence with file, line and column."""


@dataclass(frozen=True)
class Column:
    """A column to pick: its place from 0, the value that `Table.find` takes for it, and how a person reads it."""

    index: int
    value: str
    words: str


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file as text: column names, rows, and the line of the file each row ends on."""

    path: Path
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    decimal_comma: bool

    def number(self, text: str) -> float | None:
        """Return the finite number that a cell holds, None if it holds none."""
        text = text.strip().replace(",", ".") if self.decimal_comma else text.strip()
        try:
            value = float(text)
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def column(self, index: int) -> NDArray[np.float64]:
        """Return column `index` as float64 (rows,).

        Raises DataError naming the line and the column of the first cell that is empty, missing or no number.
        """
        values = np.empty(len(self.rows))
        for row, (cells, line) in enumerate(zip(self.rows, self.lines, strict=True)):
            text = cells[index].strip() if index < len(cells) else ""
            value = self.number(text)
            if value is None:
                found = f"found {text[:40]!r}" if text else "the cell is empty"
                raise DataError(
                    f"{self.path.name}, line {line}, column {self.names[index]!r}: a number was expected, "
                    f"but {found}; correct the cell or remove its row."
                )
            values[row] = value
        return values

    def numeric_columns(self) -> tuple[int, ...]:
        """Return the columns whose first row holds a number; cells beyond the header have no column."""
        first = self.rows[0][: len(self.names)] if self.rows else ()
        return tuple(index for index, text in enumerate(first) if self.number(text) is not None)

    def counting_column(self) -> int | None:
        """Return 0 where the first column only counts up, such as a year, and others follow; else None."""
        if len(self.names) < 2:
            return None
        values = [self.number(row[0]) for row in self.rows]
        known = [value for value in values if value is not None]
        rising = all(left < right for left, right in pairwise(known))
        return 0 if len(known) == len(values) and rising else None

    def find(self, wanted: str) -> int:
        """Return the column of a name or of a number from 1; "" chooses.

        "" is the first column of numbers, leaving out a first column that only counts up.
        Raises DataError with the names there are.
        """
        if not wanted:
            counting = self.counting_column()
            for index in self.numeric_columns():
                if index != counting:
                    return index
            raise DataError(f"{self.path.name}: no column of numbers was found; choose a file that has one.")
        folded = [name.casefold() for name in self.names]
        if wanted.strip().casefold() in folded:
            return folded.index(wanted.strip().casefold())
        if wanted.strip().isdecimal() and 1 <= int(wanted) <= len(self.names):
            return int(wanted) - 1
        known = ", ".join(repr(name) for name in self.names[:12]) + (" …" if len(self.names) > 12 else "")
        raise DataError(f"{self.path.name}: there is no column {wanted!r}; choose one of {known}.")

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


def _decode(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is a folder or a device")  # reading a pipe or a device might never end
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: no file can have this name
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: the file cannot be read ({reason}); choose another file.") from error
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text[:4096]):
            return text
        break
    raise DataError(f"{path.name} is not a text file; choose a CSV file with one row per moment.")


def _delimiter(text: str) -> str:
    """Return the sign that cuts the first rows into equally many cells, more than one; "," if none does."""
    sample = text.splitlines()[:_SAMPLE_ROWS]
    for sign in _DELIMITERS:
        widths = [len(row) for row in csv.reader(sample, delimiter=sign) if row]
        usual = max(set(widths), key=widths.count, default=1)
        if usual > 1 and widths.count(usual) * 2 > len(widths):
            return sign
    return ","


def read_table(path: Path) -> Table:
    """Read a CSV file: commas, semicolons, tabs or bars; with or without a header; UTF-8, UTF-16 or cp1252.

    Without a header the columns are named "column 1", "column 2", ….
    Raises DataError, in one sentence, for a file that cannot be read, is no text, or holds no rows.
    """
    text = _decode(path)
    try:
        sign = _delimiter(text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
        numbered = [(reader.line_num, tuple(row)) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(f"{path.name} is not a CSV file ({error}); choose one with one row per moment.") from error
    if not numbered:
        raise DataError(f"{path.name} is empty; choose a CSV file with one row per moment.")
    decimal_comma = sign != ","
    header = numbered[0][1]
    blank = Table(path, header, (), (), decimal_comma)
    if any(cell.strip() and blank.number(cell) is None for cell in header):
        names = tuple(cell.strip() or f"column {place}" for place, cell in enumerate(header, 1))
        body = numbered[1:]
    else:
        names = tuple(f"column {place}" for place in range(1, len(header) + 1))
        body = numbered
    if not body:
        raise DataError(f"{path.name} has a header but no rows; choose a CSV file with one row per moment.")
    return Table(path, names, tuple(row for _, row in body), tuple(line for line, _ in body), decimal_comma)
