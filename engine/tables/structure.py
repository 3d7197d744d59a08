"""How a file is split into rows and cells: its delimiter, its header, and where its rows begin."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from ..text.number_text import readings
from .answers import Answers, DataError
from .cells import is_figure, is_missing, is_year_or_date, shown
from .rows import COMMENT, SIGNS, Row, Structure, cut, names_delimiter, pieces, require_few_columns
from .text_file import bounded_lines, open_text

_SAMPLE_LINES = 200
_MOST_LINES = 20_000  # of comments, above the first row
_MOST_LETTERS = 2_000_000
_MOST_OF_A_LINE = 100_000  # letters, where it is cut by itself; csv takes no longer cells

_ZERO_BEHIND = re.compile(r",0\d")  # which no second cell begins with

Line = tuple[int, str]


def structure_of(path: Path, encoding: str, answers: Answers) -> Structure:
    """Return how the lines of a file are cut, judged by its first 200 lines that are no comments.

    Raises DataError for an empty file, for too many columns, and where names and cells do not fit.
    """
    lines, comments = _sample(path, encoding)
    if answers.as_before:
        return _as_before(path, encoding, lines)
    sign: str | None = None
    skipped: list[int] = []
    if lines and lines[0][0] == 1 and names_delimiter(lines[0][1]):
        sign = lines[0][1][4]
        skipped.append(lines.pop(0)[0])
    if not lines:
        raise DataError(f"{path.name} is empty; choose a file with one row per time step.")
    quote = _quote(lines)
    if sign is None:
        sign = _delimiter(lines, quote)
        if sign == "," and _is_open(lines):
            raise DataError(
                f"{path.name}, line {lines[0][0]}: {shown(lines[0][1])} can be one number, with a thousands "
                "separator, or two columns; write the numbers without commas, or add a first line with column names."
            )
    rows = _rows_of(lines, sign, quote)
    if not rows:
        raise DataError(f"{path.name} is empty; choose a file with one row per time step.")
    width = _usual([len(row) for _, row in rows], sign, rows)
    require_few_columns(path, next((line for line, row in rows if len(row) >= width), rows[0][0]), width)
    head = _Head(path, rows, width, skipped)
    head.skip_titles()
    head.take_names(answers.header)
    head.skip_units()
    below = rows[head.at :]
    begins = rows[head.at - 1][0] if head.at else 0
    skipped += [number for number in comments or () if number <= begins]
    dated = sum(is_figure(row[0]) for _, row in below[:5]) * 2 > len(below[:5])
    return Structure(
        encoding,
        sign,
        quote,
        comments is not None,
        head.names,
        head.header_line,
        begins,
        tuple(sorted(skipped)),
        head.width,
        dated,
    )


def _as_before(path: Path, encoding: str, lines: list[Line]) -> Structure:
    """Return the structure that older recordings read a file with: the first row has the names, or is the first."""
    if not lines:
        raise DataError(f"{path.name} is empty; choose a file with one row per time step.")
    sign = _delimiter(lines[:50], '"')
    sign = "," if sign in ("", " ") else sign
    line, first = _rows_of(lines, sign, '"')[0]
    named = any(cell.strip() and not _was_data(cell.strip(), sign) for cell in first)
    names = tuple(cell.strip() for cell in first) if named else ()
    at = line if named else 0
    return Structure(encoding, sign, '"', False, names, at, at, (), len(first), False)


def _was_data(cell: str, sign: str) -> bool:
    if any(map(str.isdecimal, cell)) and not any(map(str.isalpha, cell)):
        return True
    try:
        return math.isfinite(float(cell.replace(",", ".") if sign != "," else cell))
    except ValueError:
        return False


def _sample(path: Path, encoding: str) -> tuple[list[Line], list[int] | None]:
    """Return the first lines that are neither empty nor comments, and the lines of comments met.

    Where every line begins like a comment, none is one: None.
    """
    lines: list[Line] = []
    comments: list[Line] = []
    letters = 0
    with open_text(path, encoding) as file:
        for number, line in enumerate(islice(bounded_lines(path, file), _MOST_LINES), 1):
            letters += len(line)
            if COMMENT.match(line):
                comments.append((number, line))
            elif line.strip() and line[0] != "\x1a":
                lines.append((number, line))
            if len(lines) == _SAMPLE_LINES or letters > _MOST_LETTERS:
                break
    if not lines:
        return comments[:_SAMPLE_LINES], None
    return lines, [number for number, _ in comments]


def _quote(lines: Sequence[Line]) -> str:
    first = lines[0][1].strip()
    apostrophes = len(first) > 2 and first[0] == first[-1] == "'" and any(f"'{sign}'" in first for sign in SIGNS)
    return "'" if apostrophes else '"'


def _cut_anyhow(lines: Sequence[Line], sign: str, quote: str) -> list[list[str]]:
    texts = [line for _, line in lines]
    try:
        return [row for row in cut(iter(texts), sign, quote) if row]
    except csv.Error:  # told when the file is read
        short = (text[:_MOST_OF_A_LINE] for text in texts)
        return [row for text in short for row in cut(iter([text]), sign, quote, strict=False)]


def _delimiter(lines: Sequence[Line], quote: str) -> str:
    """Return the sign that cuts the first lines into equally many cells, more than one; "" if none does."""
    for sign in SIGNS:
        rows = _cut_anyhow(lines, sign, quote)
        for widths in (list(map(len, rows)), [len(_without_empty_end(row)) for row in rows]):
            usual = _most_frequent(widths)
            if usual > 1 and widths.count(usual) * 2 > len(widths):
                if sign == "," and _are_numbers_with_commas(lines):
                    return " " if len(pieces(lines[-1][1])) > 1 else ""
                return sign
    return " " if _has_spaced_columns([pieces(line) for _, line in lines]) else ""


def _are_numbers_with_commas(lines: Sequence[Line]) -> bool:
    """Say whether commas stand within numbers, as in "1 0,5", or in "1,020" alone in its line.

    A line of two whole numbers and one number with a comma can look alike: "1,5". It is one number where a 0 shows it
    ("0,5", "1,05"), or where all commas may separate thousands; but not below names with commas, nor where what stands
    before the commas only counts.
    """
    named, rows = _data_pieces(lines)
    same = rows and len({len(row) for row in rows}) == 1 and len(rows[0]) > 0
    if not same or any(readings(cell) == (None, None) for row in rows for cell in row):
        return False
    if len(rows[0]) > 1:
        return True
    texts = [row[0] for row in rows]
    if named and "," in lines[0][1]:
        return False
    if all(map(_may_be_thousands, texts)):
        return named or not _counts_before_commas(texts) or any(_ZERO_BEHIND.search(text) for text in texts)
    zero = any(text.startswith("0,") or _ZERO_BEHIND.search(text) for text in texts)
    return zero and not _counts_before_commas(texts) and not all(re.fullmatch("[01],[01]", text) for text in texts)


def _is_open(lines: Sequence[Line]) -> bool:
    """Say whether lines such as "1,237" and "2,374" may be thousands, as well as two columns of which one counts."""
    named, rows = _data_pieces(lines)
    texts = [row[0] for row in rows if len(row) == 1]
    same = not named and len(texts) == len(rows) > 1
    return same and all(map(_may_be_thousands, texts)) and _counts_before_commas(texts)


def _data_pieces(lines: Sequence[Line]) -> tuple[bool, list[list[str]]]:
    """Say whether the first line has names, and return what stands between the spaces of the others."""
    rows = [pieces(line) for _, line in lines]
    named = not any(map(is_figure, rows[0]))
    return named, rows[1:] if named else rows


def _counts_before_commas(texts: Sequence[str]) -> bool:
    begins = [text.split(",")[0] for text in texts]
    return begins[0].isdecimal() and begins == [str(int(begins[0]) + place) for place in range(len(begins))]


def _may_be_thousands(text: str) -> bool:
    point, comma = readings(text)
    return point is not None and comma is not None and ("," not in text or point != comma)


def _has_spaced_columns(rows: Sequence[list[str]]) -> bool:
    """Say whether spaces stand between columns, and not within texts: then rows begin or end with figures."""
    wide = [row for row in rows if len(row) > 1]
    if len(wide) * 2 <= len(rows):
        return False
    begin = sum(is_figure(row[0]) and sum(map(is_figure, row)) * 2 > len(row) for row in wide[1:])
    end = sum(is_figure(row[-1]) for row in wide[1:])
    same = len({len(row) for row in rows}) == 1
    return begin * 2 > len(rows) - 1 or (len(wide) == len(rows) and (same or end == len(rows) - 1 > 0))


def _rows_of(lines: Sequence[Line], sign: str, quote: str) -> list[Row]:
    numbers: list[int] = []

    def feed(line: Line) -> str:
        numbers.append(line[0])
        return line[1]

    rows: list[Row] = []
    try:
        for row in cut(map(feed, lines), sign, quote):
            if "".join(row).strip():
                rows.append((numbers[-1], row))
    except csv.Error:  # the sample may end within quotation marks; what is wrong is told when the file is read
        pass
    if not rows:
        rows = [
            (line[0], row)
            for line in lines
            for row in cut(iter([line[1][:_MOST_OF_A_LINE]]), sign, quote, strict=False)
        ]
    return rows


def _usual(widths: list[int], sign: str, rows: Sequence[Row]) -> int:
    """Return how many cells a row has: most rows do, but texts with spaces widen those of an aligned table."""
    if sign == " " and is_figure(rows[0][1][0]):
        return max(widths)
    if sign == " " and len(rows) > 1 and widths[0] == widths[1] > 1 and any(map(is_figure, rows[1][1])):
        return widths[0]
    return _most_frequent(widths)


class _Head:
    """What stands above the rows: titles, names, units. at: the place of the first row in the sample."""

    def __init__(self, path: Path, rows: Sequence[Row], width: int, skipped: list[int]) -> None:
        self._path = path
        self._rows = rows
        self._skipped = skipped
        self.width = width
        filled = [len(_without_empty_end(row)) for _, row in rows]
        self._filled_width = _most_frequent(filled)
        self.at = 0
        self.names: tuple[str, ...] = ()
        self.header_line = 0

    def skip_titles(self) -> None:
        """Pass over lines of words that are no names, for the rows have another width."""
        rows = self._rows
        while self.at + 1 < len(rows) and len(rows[self.at][1]) not in (self.width, self._filled_width):
            cells = rows[self.at][1]
            figures, filled = sum(map(is_figure, cells)), sum(bool(cell.strip()) for cell in cells)
            if figures * 2 > filled or all(len(row) != self.width for _, row in rows[self.at + 1 :]):
                return
            if len(cells) > 1 and filled == len(cells) and figures == 0:
                self._require_enough_names(len(cells))
            self._skip()

    def _require_enough_names(self, count: int) -> None:
        """Raise DataError where figures follow at once, each row with more cells; a title stands above names."""
        line, following = self._rows[self.at + 1]
        same = all(len(row) == self.width for _, row in self._rows[self.at + 1 :])
        if same and self.width > count and any(map(is_figure, following)):
            raise DataError(
                f"{self._path.name}, line {line}: this row has {self.width} cells, but line {self._rows[self.at][0]} "
                f"names {count} columns; name every column, or remove those without a name."
            )

    def take_names(self, header: str) -> None:
        """Take the names of the columns, where the next line has them."""
        line, cells = self._rows[self.at]
        if header == "yes" or (header == "" and self._are_names(cells)):
            self.names = tuple(cell.strip() for cell in cells)
            self.header_line = line
            self.width = max(len(cells), 1)
            self.at += 1

    def _are_names(self, cells: list[str]) -> bool:
        filled = [place for place, cell in enumerate(cells) if cell.strip()]
        words = [place for place in filled if not is_figure(cells[place]) and not is_missing(cells[place])]
        if (
            filled
            and filled[0] > 0
            and [cells[place].strip() for place in filled] == [str(n) for n in range(len(filled))]
        ):
            # The names that pandas gives: none for its index, and numbers from 0.
            return any(row and row[0].strip() for _, row in self._rows[self.at + 1 : self.at + 2])
        if len(words) == len(filled):
            return bool(words)
        below = [row for _, row in self._rows[self.at + 1 : self.at + 20]]
        if not below or not words:
            return False
        if any(place < len(row) and is_figure(row[place]) for row in below[:1] for place in words):
            return True  # a word stands above a figure
        rest = [cells[place] for place in filled if place not in words]
        return len(set(rest)) == len(rest) > 1 and all(map(is_year_or_date, rest)) and _are_in_order(rest)

    def skip_units(self) -> None:
        """Pass over a line of words between the names and the figures."""
        if self.header_line and self._skip_one_of_units():
            self._skip_one_of_units()  # such as "-,-,mean" below

    def _skip_one_of_units(self) -> bool:
        if self.at + 1 >= len(self._rows):
            return False
        cells = self._rows[self.at][1]
        below = [row for _, row in self._rows[self.at + 1 :]]
        figures = any(
            sum(place < len(row) and is_figure(row[place]) for row in below) * 2 > len(below)
            for place in range(self.width)
        )
        words = [cell.strip() for cell in cells if cell.strip()]
        found = figures and bool(words)
        if found and not any(is_figure(word) or (is_missing(word) and word != "-") for word in words):
            self._skip()
            return True
        return False

    def _skip(self) -> None:
        self._skipped.append(self._rows[self.at][0])
        self.at += 1


def _are_in_order(texts: Sequence[str]) -> bool:
    """Say whether years or dates in names follow one another; dates are taken at their word."""
    if not all(text.strip().isdecimal() for text in texts):
        return True
    values = [int(text) for text in texts]
    return values in (sorted(values), sorted(values, reverse=True))


def _without_empty_end(cells: list[str]) -> list[str]:
    end = len(cells)
    while end > 1 and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _most_frequent(widths: Sequence[int]) -> int:
    """Return the most frequent width, of several the largest."""
    return max(set(widths), key=lambda width: (widths.count(width), width), default=1)
