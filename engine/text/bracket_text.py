"""Reads a matrix written in brackets, as Python, NumPy, torch, MATLAB, Mathematica, C and LaTeX write it.

Nothing of a pasted text is evaluated, and the time taken grows with its length alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod

from .number_text import NumberTextError

Rows = list[list[str]]
"""The texts of cells, row by row."""

_WRAPPED = 55
"""Characters of a line; a row of numbers that is shorter is not printed in two lines."""
_TARGET = re.compile(r"[A-Za-z_][\w\s.\[\]:'\"]*=(?!=)")
_OPTION = re.compile(
    r"\b(?:dtype|device|requires_grad|grad_fn|layout|shape|size)\s*=\s*(?:<[^<>]*>|[\w.:'\"]+|\([\d, ]*\))"
)
_SCALAR = re.compile(r"(?<![\w.])(?:np\.|numpy\.)?(?:float|int)\d*\(([^()\[\]]*)\)")
_CALL = re.compile(
    r"(?<![\w.])(?:[A-Za-z_]\w*\.)*(?:as)?(?:array|matrix|mat|Matrix|Array|tensor|Tensor|FloatTensor|DoubleTensor|"
    r"Parameter|vector|list|tuple|c)\s*(?=\()"
)
"""What makes a matrix of what stands in its brackets; any other function makes something else of it."""
_BEFORE_LATEX = re.compile(r"\s*(?:\$\$?|\\\[|\\\()?\s*(?:[^=]*=)?\s*(?:\\left\s*\\?[.(\[|{])?\s*")
_AFTER_LATEX = re.compile(r"\s*(?:\\right\s*\\?[.)\]|}])?\s*[.,;]?\s*(?:\$\$?|\\\]|\\\))?\s*")
_BEGIN = re.compile(r"\\begin\s*\{(?:[a-zA-Z]*matrix\*?|array)\}(?:\{[^{}]*\}|\[[^\[\]]*\])?")
_END = re.compile(r"\\end\s*\{[a-zA-Z]*\*?\}")
_LATEX_SPACE = re.compile(r"\\[,;:! ]|\\q?quad\b|\\hline\b|~")


def bracketed(text: str) -> list[Rows]:
    """Return what a text in brackets means: one reading, or two of a row of numbers that goes on in the next line.

    Raises NumberTextError for brackets that do not close or hold something else than one matrix.
    """
    body = text.strip().removeprefix("Parameter containing:")
    target = _TARGET.match(body)  # W = …, states[1] = …
    body = body[target.end() :] if target else body
    body = _SCALAR.sub(r"\1", _OPTION.sub("", body))
    body = _CALL.sub("", body)  # np.array( …
    body = body.translate(str.maketrans("(){}", "[][]")).strip().rstrip(";")
    leaves, counts = _nest(body)
    if len(leaves) == 1:
        return _one_list(leaves[0])
    return [_as_matrix(rows, counts) for rows in _cells(leaves)]


def latex_rows(text: str) -> Rows:
    r"""Return the cells of LaTeX's \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}, in any of its brackets.

    Raises NumberTextError where there is not exactly one matrix.
    """
    begins, ends = list(_BEGIN.finditer(text)), list(_END.finditer(text))
    if len(begins) > 1 or len(ends) != len(begins):
        raise NumberTextError(
            "the pasted text must contain one LaTeX matrix, from \\begin to \\end, but it has "
            f"{len(begins)} \\begin and {len(ends)} \\end; copy one whole matrix"
        )
    if begins and not (
        _BEFORE_LATEX.fullmatch(text[: begins[0].start()]) and _AFTER_LATEX.fullmatch(text[ends[0].end() :])
    ):
        raise NumberTextError("the pasted LaTeX contains more than one matrix; copy only one, from \\begin to \\end")
    body = text[begins[0].end() : ends[0].start()] if begins else text
    body = body.replace("\\cdot", "·").replace("\\times", "×").replace("$", "").replace("{,}", ",")
    body = re.sub(r"10\s?\^\s?\{\s?([-+−]?\d+)\s?\}", r"10^\1", body)
    rows = re.split(r"\\\\(?:\[[^\[\]]*\])?|\\cr\b", body)
    if not rows[-1].strip():
        rows.pop()
    return [[" ".join(_LATEX_SPACE.sub(" ", cell).split()) for cell in row.split("&")] for row in rows]


def _nest(body: str) -> tuple[list[str], list[set[int]]]:
    """Return the texts of the innermost lists, and how many parts the lists of each depth have."""
    leaves: list[str] = []
    counts: list[set[int]] = []
    parts = [0]  # of each open list, the whole text being the first
    begun = 0
    between = 0
    for sign in re.finditer(r"[\[\]]", body):
        outside = body[between : sign.start()]
        between = sign.end()
        if sign[0] == "[":
            _require_nothing(outside)
            parts[-1] += 1
            parts.append(0)
            begun = sign.end()
            continue
        if len(parts) == 1:
            raise NumberTextError("the pasted text has a closing bracket without an opening one; copy the whole matrix")
        count = parts.pop()
        if count:
            _require_nothing(outside)
            depth = len(parts) - 1
            counts.extend(set() for _ in range(depth + 1 - len(counts)))
            counts[depth].add(count)
        else:
            leaves.append(body[begun : sign.start()])
    _require_nothing(body[between:])
    if len(parts) > 1:
        raise NumberTextError("the pasted text has an opening bracket without a closing one; copy the whole matrix")
    return leaves, counts


def _require_nothing(outside: str) -> None:
    if outside.strip(" \t\n,;"):
        raise NumberTextError("the pasted text contains more than brackets and numbers; copy only the matrix")


def _one_list(leaf: str) -> list[Rows]:
    """Read one pair of brackets: one row, or MATLAB's rows with semicolons or line ends between."""
    leaf = leaf.strip("; \n\t")
    if not leaf.replace(",", "").strip():
        raise NumberTextError("the brackets of the pasted text are empty; copy a block of numbers")
    lines = [line for line in leaf.split("\n") if line.strip()]
    if ";" in leaf:
        return _cells([row for line in lines for row in (line.rstrip("; \t") if len(lines) > 1 else line).split(";")])
    whole = _cells([leaf.replace("\n", " ")])
    if len(lines) == 1 or any(line.rstrip().endswith(",") for line in lines[:-1]):  # Python's
        return whole
    rows = _cells(lines)
    if len(lines[0]) < _WRAPPED:
        return rows
    return rows + whole if len({len(row) for row in rows[0]}) == 1 else whole


def _cells(rows: Sequence[str]) -> list[Rows]:
    """Cut rows into cells at commas and spaces; at spaces alone where the commas may all be decimal ones."""
    cleaned = [" ".join(row.split()).removesuffix(",").rstrip() for row in rows]
    both = [re.split(r" ?, ?| ", row) for row in cleaned]
    joined = "\n".join(cleaned)
    if " " not in joined or "," not in joined or re.search(r", | ,|,[^\s,]*,|,[-+−]", joined):
        return [both]
    return [[row.split(" ") for row in cleaned], both]


def _as_matrix(rows: Rows, counts: list[set[int]]) -> Rows:
    """Lay lists of more than two dimensions out as a matrix, where all but two of them are 1.

    counts: how many parts the lists of each depth have.
    """
    if len(counts) < 2:
        return rows
    if any(len(of_depth) > 1 for of_depth in counts) or prod(next(iter(c)) for c in counts) != len(rows):
        raise NumberTextError("the lists in the pasted text have different lengths; copy a whole matrix")
    outer = [count for of_depth in counts for count in of_depth if count > 1]
    if len(outer) < 2:
        return rows
    width = {len(row) for row in rows}
    if len(outer) == 2 and width == {1}:
        return [[row[0] for row in rows[i : i + outer[1]]] for i in range(0, len(rows), outer[1])]
    size = "×".join(map(str, [*outer, *sorted(width)[:1]]))
    raise NumberTextError(f"the pasted text has {len(outer) + 1} dimensions, {size}; copy one matrix from it")
