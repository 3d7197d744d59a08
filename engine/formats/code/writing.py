"""How a script writes arrays, shapes and long lines: readable where they are few, as base64 where they are many."""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

READABLE = 500
"""Numbers, of all arrays together, that are written as lists; more stand in the script as a packed .npz file."""
WIDTH = 100
_COMMENT_AT = 44


def number(value: float) -> str:
    """Return a float as Python reads it back exactly; a whole one as NumPy prints it, "92."."""
    value = float(value)
    return f"{value:.0f}." if value == int(value) and abs(value) < 1e15 else repr(value)


def rows(array: NDArray[Any], indent: int) -> str:
    """Return an array of one or two axes as nested lists, a line for each row; indent: of the lines that follow."""
    written = number if array.dtype.kind == "f" else str
    if array.ndim == 1:
        return _wrapped([written(value) for value in array], indent)
    lines = [_wrapped([written(value) for value in row], indent + 1) for row in array]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _wrapped(items: list[str], indent: int) -> str:
    lines = textwrap.wrap(", ".join(items), WIDTH - indent - 1, break_on_hyphens=False, break_long_words=False)
    return "[" + ("\n" + " " * (indent + 1)).join(lines) + "]"


def packed(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return arrays as the lines of a compressed .npz file in base64, every number exact."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # names of arrays, none of them an option
    return "\n".join(textwrap.wrap(base64.b64encode(file.getvalue()).decode("ascii"), WIDTH))


def commented(code: str, comment: str, indent: int = 4) -> str:
    """Return a line of code with a comment in the column where all comments stand."""
    line = " " * indent + code
    return f"{line:<{_COMMENT_AT}}  # {comment}" if comment else line


def filled(begin: str, items: Iterable[str], end: str, indent: int) -> str:
    """Return a call or a list over as many lines as its items need: begin, items with commas, end."""
    whole = " " * indent + begin + ", ".join(items := list(items)) + end
    if len(whole) <= WIDTH:
        return whole
    inner = " " * (indent + 4)
    lines = textwrap.wrap(", ".join(items) + ",", WIDTH, initial_indent=inner, subsequent_indent=inner)
    return "\n".join([" " * indent + begin, *lines, " " * indent + end.strip()])


def sentence_lines(text: str, width: int = WIDTH) -> str:
    """Return a paragraph in lines that are not too long."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))
