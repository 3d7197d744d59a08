"""Reads the rows of a text file as cells, each with the line that it ends on."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from .answers import DataError
from .cells import is_figure, is_missing, is_year_or_date
from .dates import date_of
from .roles import is_time_word
from .text_file import bounded_lines, no_text, open_text

Row = tuple[int, list[str]]

HELD_BACK = 20  # rows at the end that may turn out to be no rows
_ASIDE = 4  # of the first, and of the last, lines that are no rows
_ASIDE_LETTERS = 300
COMMENT = re.compile(r"\s*(?:[#%](?!\s*[;,\t|]|\d+[;,\t|])|//)")  # "#,value" is a name, "#1,5" a row
MOST_COLUMNS = 5000
SIGNS = (";", "\t", ",", "|")
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_NO_SIGN = "\x1f"  # stands in no text


def names_delimiter(line: str) -> bool:
    """Say whether a first line is Excel's, which names the delimiter: sep=;"""
    return line[:4].casefold() == "sep=" and line[4:].rstrip("\r\n") in (*SIGNS, " ")


def require_few_columns(path: Path, line: int, count: int) -> None:
    """Raise DataError where a row has more cells than can be read as columns."""
    if count > MOST_COLUMNS:
        raise DataError(
            f"{path.name}, line {line}: {count:,} columns were found, but at most {MOST_COLUMNS:,} can be read; choose "
            "a file with fewer."
        )


@dataclass(frozen=True)
class Structure:
    """How the lines of a file are cut into rows and cells.

    delimiter: "" for one column, " " for runs of spaces. quote: the sign around cells. comments: whether lines that
    begin with # or % are none. header_line: of the names, from 1, 0 where there are none. begins: the line that the
    first row of numbers begins after. skipped: lines of the head that are no rows, from 1. width: cells of a row.
    dated: whether the first cell of a row is a figure, so that one with a word there may be a footer.
    """

    encoding: str
    delimiter: str
    quote: str
    comments: bool
    names: tuple[str, ...]
    header_line: int
    begins: int
    skipped: tuple[int, ...]
    width: int
    dated: bool


def pieces(line: str) -> list[str]:
    """Return what stands between plain spaces and tabs; hard spaces belong to a number."""
    return _SPACES.split(line.strip(" \t\r\n\f\v")) if line.strip() else []


def cut(lines: Iterator[str], delimiter: str, quote: str = '"', strict: bool = True) -> Iterator[list[str]]:
    """Yield the cells of lines, one row after another; raises csv.Error for wrong quotation marks if strict."""
    if delimiter == " " and quote == '"':
        return (pieces(line) if '"' not in line else _spaced(line) for line in lines)
    return csv.reader(
        lines, delimiter=delimiter or _NO_SIGN, quotechar=quote, skipinitialspace=delimiter != "\t", strict=strict
    )


def _spaced(line: str) -> list[str]:
    return next(csv.reader([" ".join(pieces(line))], delimiter=" "), [])


@dataclass
class Rows:
    """The rows of one file, read from its beginning.

    skipped: lines met that are no rows: comments between rows, and footers. aside: the text of the first and last few
    that are none, those of the head too. blank: the first empty line between rows.
    """

    path: Path
    structure: Structure
    skipped: list[int] = field(default_factory=list)
    aside: list[tuple[int, str]] = field(default_factory=list)
    blank: int = 0
    _line: int = 0
    _start: int = 0
    _between: bool = True

    def chunks(self, size: int) -> Iterator[list[Row]]:
        """Yield the rows below the head, about `size` at a time; what follows the last one is left out.

        Raises DataError, naming the line, for wrong quotation marks and for a cell that is too long, and where the
        file was changed meanwhile.
        """
        held: list[Row] = []
        with open_text(self.path, self.structure.encoding) as file:
            rows = self._rows(bounded_lines(self.path, file))
            while chunk := list(islice(rows, size)):
                held += chunk
                if len(held) > HELD_BACK:
                    yield held[:-HELD_BACK]
                    held = held[-HELD_BACK:]
        self._drop_footers(held)
        if held:
            yield held

    def _rows(self, lines: Iterator[str]) -> Iterator[Row]:
        structure = self.structure
        reader = cut(self._feed(lines), structure.delimiter, structure.quote)
        blank = 0
        try:
            for row in reader:
                self._between = True
                if not "".join(row).strip():
                    blank = blank or self._line
                elif self._line > structure.begins:
                    if blank > structure.begins:
                        self.blank = self.blank or blank
                    blank = 0
                    yield self._line, row
        except csv.Error as error:
            raise DataError(f"{self.path.name}, line {self._start}: {_wrong(error)}.") from error
        except UnicodeDecodeError as error:  # it was written to meanwhile
            raise no_text(self.path) from error

    def _feed(self, lines: Iterator[str]) -> Iterator[str]:
        """Yield lines, counting them; a comment is left out unless it stands within quotation marks."""
        comments = self.structure.comments
        of_head = set(self.structure.skipped)
        for line in lines:
            self._line += 1
            if self._line in of_head:
                self._set_aside(self._line, line)
            if self._between:
                if self._line == 1 and names_delimiter(line):
                    continue
                if comments and line[0] in "#%/ \t" and COMMENT.match(line):
                    if self._line > self.structure.begins:
                        self.skipped.append(self._line)
                        self._set_aside(self._line, line)
                    continue
                if line[0] == "\x1a":
                    continue
                self._start = self._line
            self._between = False
            yield line

    def _set_aside(self, line: int, text: str) -> None:
        if len(self.aside) == 2 * _ASIDE:
            del self.aside[_ASIDE]
        self.aside.append((line, text.rstrip("\r\n")[:_ASIDE_LETTERS]))

    def _drop_footers(self, held: list[Row]) -> None:
        from_here, footers = len(self.skipped), []
        while len(held) > 1 and (self._is_footer(held[-1][1]) or self._is_sum(held)):
            footers.append(held.pop())
            self.skipped.insert(from_here, footers[-1][0])
        for line, row in reversed(footers):
            self._set_aside(line, (self.structure.delimiter or " ").join(row))

    def _is_footer(self, row: list[str]) -> bool:
        word = row[0].strip()
        is_word = not is_figure(word) and not is_missing(word)
        return self.structure.dated and is_word and (self.structure.width > 1 or " " in word)

    def _is_sum(self, held: list[Row]) -> bool:
        """Say whether the last row has an empty first cell, where every row above begins with a date."""
        if not self.structure.dated or held[-1][1][0].strip():
            return False
        above = [row[0].strip() for _, row in held[:-1] if not self._is_footer(row)]
        is_named = any(map(is_time_word, self.structure.names[:1]))
        return len(above) > 1 and all(date_of(cell) or (is_named and is_year_or_date(cell)) for cell in above)


def _wrong(error: csv.Error) -> str:
    """Return what csv met in a row, and what to do."""
    text = str(error)
    if "field larger" in text:
        most = csv.field_size_limit()
        return (
            f"a cell of this row has more than {most:,} characters; shorten it, or close its quotation marks if they "
            "were left open"
        )
    if "expected after" in text:
        return "there is text after a closing quotation mark; double the quotation marks inside a cell, or remove them"
    if "unexpected end" in text:
        return "a quotation mark is opened here and never closed; close it, or remove it"
    return f"this row cannot be split into cells ({text}); correct it"
