"""Reads and writes a block of numbers as text, as people copy it from spreadsheets, LaTeX, Python or MATLAB."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .bracket_text import Rows, bracketed, latex_rows
from .latex import latex_matrix
from .number_text import HARD_SPACES, NumberTextError, decimals_of, read_as, readings
from .numbers import copied, exact

Block = NDArray[np.float64]

_ONE_NUMBER = re.compile(r"[-+−]?(\d+)(?:,(\d+))?(?:[eE][-+−]?\d+)?")
_HARD = re.compile(f"[{HARD_SPACES}]")
_GROUPS = re.compile(rf"(?<![\d.,{HARD_SPACES}])[1-9]\d{{0,2}}(?:[{HARD_SPACES}]\d{{3}})+(?!\d)")
_IN_BRACKETS = re.compile(r"(?m)(?:^|(?<=\t))[ ]?\(([\d.,]+)\)[ ]?(?=\t|$)")
"""A cell that is a negative number as accountants, and spreadsheets, write it."""
_SHORTENED = re.compile(r"\.\.\.|…|⋯|\\[cldv]*dots")
_TWO_NUMBERS = re.compile(r"\d,?[ \t]+[-+−]?[\d.]")
_SHOWN = 6


def readings_of_block(text: str) -> list[Block]:
    """Return the blocks of numbers (rows, columns) that a text can mean: one, or several with the likeliest first.

    Understands rows of tab-, semicolon-, comma-, bar- or space-separated numbers, Python, NumPy and torch text such as
    [[1, 2], [3, 4]], array([[1., 2.], [3., 4.]]) and what NumPy prints, {{1, 2}, {3, 4}}, MATLAB's [1 2; 3 4] with
    and without its brackets, and LaTeX's matrices. One number is a 1×1 block, one list one row.

    Open can be: what may be thousands (`number_text` has the rule); lines such as "1,5" and "2,5", one number each
    or two, unless a comma is seen to be a decimal one: a 0 stands before it ("0,5"), a 0 and more digits after it
    ("1,05"), or the lines have different numbers of digits after it ("1,25" and "2,5"); and a long printed row that
    goes on in the next line.

    Raises NumberTextError naming the row and column that does not fit.
    """
    if not text.strip():
        raise NumberTextError("there is no text to paste; copy a block of numbers first")
    if _SHORTENED.search(text):
        raise NumberTextError("the pasted text is abbreviated with “...”; print all of its numbers and copy it again")
    text = _with_plain_spaces(text)
    if "\t" in text or len(_IN_BRACKETS.findall(text)) > 1:
        text = _IN_BRACKETS.sub(r"-\1", text)
    dots_may_separate = False
    if "\\" in text:
        candidates = [latex_rows(text)]
    elif re.search(r"[\[\](){}]", text):
        candidates = bracketed(text)
    else:
        candidates = _plain(text)
        dots_may_separate = ";" in text
    blocks: list[Block] = []
    refused: NumberTextError | None = None
    for rows in candidates:
        try:
            for block in _blocks(rows, dots_may_separate):
                if not any(np.array_equal(block, known) for known in blocks):
                    blocks.append(block)
        except NumberTextError as error:
            refused = refused or error
    if refused is not None and not blocks:
        raise refused
    return blocks


def parse_row(text: str) -> list[float]:
    """Return the numbers of a typed row, with spaces, tabs or commas between them.

    Raises NumberTextError with the place of what is no number, or with both readings where there are two.
    """
    text = _with_plain_spaces(text)
    if not text.strip():
        raise NumberTextError("nothing was typed; type numbers with spaces between them, such as 0.5 -1")
    candidates = _plain(text)
    if any(len(rows) > 1 for rows in candidates):
        raise NumberTextError("one row of numbers was expected; type them with spaces between them, in one line")
    blocks = [block for rows in candidates for block in _blocks(rows, False, "number {column}")]
    if len(blocks) > 1:
        raise NumberTextError(f"this can mean {in_words(blocks[0])} or {in_words(blocks[1])}; type decimal points")
    return [float(number) for number in blocks[0].flat]


def in_words(block: Block) -> str:
    """Return how a person tells a block from another: "1×2 (1234, 5678)"."""
    shown = ", ".join(f"{exact(value)}" for value in block.flat[:_SHOWN])
    return f"{block.shape[0]}×{block.shape[1]} ({shown}{', …' if block.size > _SHOWN else ''})"


def format_matrix(matrix: Block, style: str = "tabs") -> str:
    """Return a block as text that loses no digit: "tabs" for a spreadsheet, "numpy" for Python, "latex" for a paper."""
    if style == "latex":
        return latex_matrix(np.atleast_2d(matrix))
    rows = [[copied(value) for value in row] for row in np.atleast_2d(matrix)]
    if style == "numpy":
        return "np.array([" + ",\n          ".join("[" + ", ".join(row) + "]" for row in rows) + "])"
    return "\n".join("\t".join(row) for row in rows)


def _with_plain_spaces(text: str) -> str:
    """Return a text with hard spaces taken out of numbers, and plain ones in place of the others."""
    text = _GROUPS.sub(lambda found: _HARD.sub("", found[0]), text)
    return _HARD.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", ""))


def _blocks(
    rows: Rows, dots_may_separate: bool, place: str = "row {row}, column {column} of the pasted block"
) -> list[Block]:
    width = len(rows[0]) if rows else 0
    if not width:
        raise NumberTextError("the pasted text contains no numbers; copy a block of numbers")
    for number, row in enumerate(rows, 1):
        if len(row) != width and row != [""]:
            raise NumberTextError(
                f"row {number} of the pasted block has {len(row)} number{'s' * (len(row) != 1)}, but row 1 has "
                f"{width}; copy a block whose rows are equally long"
            )
    result = []
    for decimal in decimals_of((cell for row in rows for cell in row), dots_may_separate):
        block = np.empty((len(rows), width))
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                try:
                    block[i, j] = read_as(cell, decimal)
                except NumberTextError as error:
                    raise NumberTextError(f"{place.format(row=i + 1, column=j + 1)}: {error}") from None
        result.append(block)
    return result


def _plain(text: str) -> list[Rows]:
    lines = [line for line in text.split("\n") if line.strip()]
    lines = _without_last(_without_edges(lines))
    joined = "\n".join(lines)
    for separator in ("\t", "|", "&"):
        if separator in joined:
            return [_split(lines, separator)]
    if ";" in joined:
        return _with_semicolons(lines)
    by_space = [line.split() for line in lines]
    if "," not in joined:
        return [by_space]
    by_comma = _split(lines, ",")
    if '"' in joined or not _is_block(by_space):
        return [by_comma] if _is_block(by_comma) or re.search(r",\s|,[^,\s]*,|\.\d*,", joined) else [by_space]
    if (len(lines) == 1 and _ONE_NUMBER.fullmatch(joined.strip())) or not _is_block(by_comma):
        return [by_space]
    if not all(_ONE_NUMBER.fullmatch(line.strip()) for line in lines):  # thousands that prove themselves, or several
        return [by_space, by_comma]
    return [by_space] if _lines_are_decimals(lines) else [by_comma, by_space]


def _is_block(rows: Rows) -> bool:
    """Whether rows are equally long and all their cells are numbers."""
    return len({len(row) for row in rows}) == 1 and all(readings(cell) != (None, None) for row in rows for cell in row)


def _without_edges(lines: Sequence[str]) -> list[str]:
    """Drop the bars at both ends of each line of a table that is drawn with them."""
    if all(line.strip().startswith("|") and line.strip().endswith("|") and len(line.strip()) > 1 for line in lines):
        return [line.strip()[1:-1] for line in lines]
    return list(lines)


def _without_last(lines: Sequence[str]) -> list[str]:
    """Drop a separator at the end of every line, or of every line but the last: it separates nothing."""
    for sign in "\t,;":
        ends = [line.rstrip(" ").endswith(sign) for line in lines]
        if all(ends) or (len(ends) > 1 and all(ends[:-1]) and sign != "\t"):
            return [line.rstrip(" ").removesuffix(sign) for line in lines]
    return list(lines)


def _split(lines: Sequence[str], separator: str) -> Rows:
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator, skipinitialspace=True)]
    except csv.Error as error:
        raise NumberTextError(f"the pasted text is not a block of numbers ({error}); copy only numbers") from None


def _with_semicolons(lines: Sequence[str]) -> list[Rows]:
    """Read semicolons as the signs between cells, or, as in MATLAB, between rows, where a cell is several numbers."""
    cells = _split(lines, ";")
    pieces = [cell for row in cells for cell in row]
    if any(_TWO_NUMBERS.search(piece) for piece in pieces):
        return _plain("\n".join(pieces))
    if len(lines) == 1 and len(pieces) > 1 and all(re.fullmatch(r"[^,]+,[^,]+", piece) for piece in pieces):
        return [cells, _split(pieces, ",")]  # 1,2;3,4
    return [cells]


def _lines_are_decimals(lines: Sequence[str]) -> bool:
    """Say whether a comma in lines of one number each can only be a decimal one.

    A 0 stands before it ("0,5"), a 0 and more digits after it ("1,05"), or the lines have different numbers of digits
    after it ("1,25" and "2,5"). Lines of nothing but 0 and 1, such as "0,1", are not.
    """
    numbers = [match for line in lines if (match := _ONE_NUMBER.fullmatch(line.strip()))]
    if len(numbers) < len(lines) or all(re.fullmatch("[01],[01]", number[0]) for number in numbers):
        return False
    parts = [(number[1], number[2]) for number in numbers if number[2]]
    if len({len(after) for _, after in parts}) > 1:
        return True
    return any(before == "0" or (after[0] == "0" and len(after) > 1) for before, after in parts)
