r"""Writes numbers and matrices in LaTeX, as they stand on the screen or with every digit."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .numbers import MINUS, RAISED, exact

_POWER = re.compile(f"·10([{RAISED}]+)")
_BARE_POWER = re.compile(f"10([{RAISED}]+)")
_PLAIN = str.maketrans(RAISED, "-0123456789")
_SIGNS = {MINUS: "-", "∞": r"\infty", "NaN": r"\mathrm{NaN}", "…": r"\dots", "%": r"\%"}


def latex_number(text: str) -> str:
    r"""Return a number that is written for people in LaTeX: "−1.2·10⁻⁴" as "-1.2 \cdot 10^{-4}"."""
    text = _POWER.sub(lambda found: rf" \cdot 10^{{{found[1].translate(_PLAIN)}}}", text)
    text = _BARE_POWER.sub(lambda found: f"10^{{{found[1].translate(_PLAIN)}}}", text)
    for sign, written in _SIGNS.items():
        text = text.replace(sign, written)
    return text


def latex_block(rows: Sequence[Sequence[str]], kind: str = "bmatrix") -> str:
    r"""Return rows of numbers, as people read them, as a matrix: \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}."""
    lines = [" & ".join(map(latex_number, row)) for row in rows]
    inside = " \\\\\n  ".join(lines)
    return f"\\begin{{{kind}}}\n  {inside}\n\\end{{{kind}}}"


def latex_matrix(matrix: NDArray[np.float64]) -> str:
    """Return a matrix (rows, columns), or a vector as a column, that loses no digit."""
    block = matrix[:, None] if matrix.ndim == 1 else matrix
    return latex_block([[exact(float(value)) for value in row] for row in block])
