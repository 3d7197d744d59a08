"""Numbers as text: what people paste from a spreadsheet, a CSV file, Python or NumPy, and copy to there."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from ..errors import PlainError

LARGEST = 1e100
"""Entries beyond this are refused: sums of products of two of them would no longer be numbers."""

_WITH_DECIMAL_COMMA = re.compile(r"[-+−]?(\d+)(?:,(\d+))?(?:[eE][-+−]?\d+)?")


class MatrixTextError(PlainError, ValueError):
    """Text that is no block of numbers; the message is one sentence for the user."""


def parse_number(text: str) -> float:
    """Return the number in a cell's text; a decimal comma and a typographic minus are understood.

    Raises MatrixTextError with the reason.
    """
    cleaned = text.strip().replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"[+-]?\d+,\d+([eE][+-]?\d+)?", cleaned):
        cleaned = cleaned.replace(",", ".")
    try:
        number = float(cleaned)
    except ValueError:
        what = f"“{text.strip()[:30]}” is not a number" if cleaned else "the cell is empty"
        raise MatrixTextError(f"{what}; type one such as 0.5 or -1e-3") from None
    if not math.isfinite(number):
        raise MatrixTextError(f"“{text.strip()[:30]}” is not a finite number; type one such as 0.5")
    if abs(number) > LARGEST:
        raise MatrixTextError(f"{number:g} is too large; type a number between -1e100 and 1e100")
    return number


def parse_matrix(text: str) -> NDArray[np.float64]:
    """Return the block of numbers in a text, of shape (rows, columns).

    Understands rows of tab-, semicolon-, comma- or space-separated numbers, Python or NumPy text such as
    [[1, 2], [3, 4]], array([[1., 2.], [3., 4.]]) and what NumPy prints, and MATLAB's [1 2; 3 4]. One number is
    a 1×1 block, one list one row.

    Several lines with at most one comma each, such as "1,2" and "3,4", are rows of two numbers, unless a comma
    is seen to be a decimal one: a 0 stands before it ("0,5"), a 0 and more digits after it ("1,05"), or the
    lines have different numbers of digits after it ("1,25" and "2,5"). Then they are one column. Lines of
    nothing but 0 and 1, such as "0,1" and "1,0", stay rows of two.

    Raises MatrixTextError naming the row and column that does not fit.
    """
    if not text.strip():
        raise MatrixTextError("there is no text to paste; copy a block of numbers first")
    rows = _bracketed_rows(text) if "[" in text or "(" in text else _plain_rows(text)
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            raise MatrixTextError(
                f"row {number} of the pasted block has {len(row)} numbers where row 1 has {width}; "
                "give every row as many"
            )
    return np.array(rows, dtype=np.float64)


def format_matrix(matrix: NDArray[np.float64], style: str = "tabs") -> str:
    """Return a block as text that loses no digit: "tabs" for a spreadsheet, "numpy" for Python."""
    rows = [[repr(float(value)) for value in row] for row in np.atleast_2d(matrix)]
    if style == "numpy":
        return "np.array([" + ",\n          ".join("[" + ", ".join(row) + "]" for row in rows) + "])"
    return "\n".join("\t".join(row) for row in rows)


def _cells(cells: list[str], row: int) -> list[float]:
    numbers = []
    for column, cell in enumerate(cells, 1):
        try:
            numbers.append(parse_number(cell))
        except MatrixTextError as error:
            raise MatrixTextError(f"row {row}, column {column} of the pasted block: {error}") from None
    return numbers


def _plain_rows(text: str) -> list[list[float]]:
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    for separator in ("\t", ";"):
        if separator in text:
            return [_cells(line.split(separator), row) for row, line in enumerate(lines, 1)]
    # No decimal comma has a space, a sign, another comma, a decimal point or an exponent at its side like this.
    if re.search(r",\s|,[-+−]|\d,[^,\s]*,|\.\d*,|,\d*\.|[eE][-+−]?\d+,", text):
        return [_cells(line.split(","), row) for row, line in enumerate(lines, 1)]
    if "," in text and " " not in text.strip() and len(lines) > 1 and not _is_decimal_column(lines):
        return [_cells(line.split(","), row) for row, line in enumerate(lines, 1)]
    return [_cells(line.split(), row) for row, line in enumerate(lines, 1)]


def _is_decimal_column(lines: list[str]) -> bool:
    """Whether every line is one number and a comma in them can only be a decimal one; parse_matrix has the rule."""
    numbers = [match for line in lines if (match := _WITH_DECIMAL_COMMA.fullmatch(line.strip()))]
    if len(numbers) < len(lines) or all(re.fullmatch("[01],[01]", number[0]) for number in numbers):
        return False
    parts = [(number[1], number[2]) for number in numbers if number[2]]
    if len({len(after) for _, after in parts}) > 1:
        return True
    return any(before == "0" or (after[0] == "0" and len(after) > 1) for before, after in parts)


def _bracketed_rows(text: str) -> list[list[float]]:
    """Read nested brackets by hand: no evaluation of pasted text, and NumPy's print has no commas."""
    body = re.sub(r"^\s*Parameter containing:", "", text)  # what torch prints around a weight …
    body = re.sub(r"\b(dtype|device|requires_grad|grad_fn)\s*=\s*(<[^>]*>|[\w.:'\"]+)", "", body)
    body = re.sub(r"\b(np\.|numpy\.)?(float|int)\d*\(([^()\[\]]*)\)", r"\3", body)  # np.float64(0.5)
    body = re.sub(r"^\s*[A-Za-z_]\w*\s*=", "", body)  # W = …
    body = re.sub(r"[A-Za-z_][\w.]*\s*\(", "(", body)  # np.array( …, torch.tensor( …
    body = body.translate(str.maketrans("()", "[]")).strip().rstrip(";")
    if body.count("[") != body.count("]"):
        raise MatrixTextError("the brackets of the pasted text do not close; copy the whole of it")
    innermost = re.findall(r"\[([^\[\]]*)\]", body)
    outside = re.sub(r"\[[^\[\]]*\]", "", body)
    if re.sub(r"[\s,\[\]]", "", outside):
        raise MatrixTextError("there is more than brackets and numbers in the pasted text; copy the block alone")
    if len(innermost) == 1:  # MATLAB; in several brackets its semicolons stack columns side by side
        innermost = innermost[0].strip("; \r\n\t").split(";")
    rows = [row.strip(" ,\r\n\t") for row in innermost]
    if not any(rows):
        raise MatrixTextError("the brackets of the pasted text are empty; copy a block of numbers")
    split = [re.split(r"\s*,\s*|\s+", row) for row in rows]
    return [_cells(cells, number) for number, cells in enumerate(split, 1)]
