"""Numbers as people read them: short, honest about rounding, the same on every surface."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MINUS = "\N{MINUS SIGN}"


def plain(value: float, rounds: bool = False) -> str:
    """Return a number in few digits, two decimals at most: "92", "0.88", "-0.20", "123.4", "4e-3".

    A whole number is written without decimals only if it is one exactly; `rounds` says that the quantity
    never is (σ and tanh), so that a saturated gate reads "1.00" and not "1".
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    value += 0.0  # -0 becomes 0
    size = abs(value)
    if size < 1e5 and value == round(value) and not rounds:
        return f"{value:.0f}"
    if size >= 99_999.5 or 0 < size < 0.00995:
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:.{2 if size < 99.995 else 1 if size < 999.95 else 0}f}"


def short(value: float, rounds: bool = False) -> str:
    """Return `plain` with a typographic minus, for the screen."""
    return plain(value, rounds).replace("-", MINUS)


def exact(value: float) -> str:
    """Return the shortest decimal that is this double and no other, for hovering and editing."""
    return f"{value:.0f}" if abs(value) < 1e15 and value == round(value) else repr(float(value))


def subscript(number: int) -> str:
    """Return a whole number in subscript digits, "₁₂"."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def latex(value: float, rounds: bool = False, below_one: float | None = None) -> str:
    r"""Return the number for a formula, with 4\cdot 10^{-3} for 4e-3.

    `below_one` is 1 - value where the caller knows it more exactly than a double near 1 can hold it; it is
    shown as the difference where two decimals would print a plain 1.
    """
    if below_one is not None and 0 < below_one < 0.005:
        return rf"1 - {_power(below_one, 1)}"
    text = plain(value, rounds)
    return _power(value, 0) if "e" in text else text.replace("∞", r"\infty")


def _power(value: float, decimals: int) -> str:
    mantissa, exponent = f"{value:.{decimals}e}".split("e")
    return rf"{mantissa}\cdot 10^{{{int(exponent)}}}"


def column_latex(
    values: NDArray[np.float64],
    rounds: bool = False,
    below_one: Sequence[float] | None = None,
    rows: int = 4,
    columns: int = 8,
) -> str:
    """Return a vector as a column in brackets; one longer than `rows` as a transposed row with dots."""
    if len(values) > rows:
        return "{" + row_latex(values, rounds, columns) + "}^{T}"
    written = [
        latex(float(value), rounds, None if below_one is None else below_one[index])
        for index, value in enumerate(values)
    ]
    return r"\begin{bmatrix}" + r"\\".join(written) + r"\end{bmatrix}"


def row_latex(values: NDArray[np.float64], rounds: bool = False, columns: int = 8) -> str:
    """Return a vector as a row in brackets; a longer one loses its middle to dots."""
    written = [
        r"\cdots" if index is None else latex(float(values[index]), rounds) for index in _shown(len(values), columns)
    ]
    return r"\begin{bmatrix}" + " & ".join(written) + r"\end{bmatrix}"


def matrix_latex(values: NDArray[np.float64], rows: int = 4, columns: int = 8) -> str:
    """Return a matrix in brackets; a larger one loses its middle to dots."""
    lines = []
    shown = _shown(values.shape[1], columns)
    for index in _shown(len(values), rows):
        if index is None:
            lines.append(r"\vdots")
            continue
        row = values[index]
        lines.append(" & ".join(r"\cdots" if j is None else latex(float(row[j])) for j in shown))
    return r"\begin{bmatrix}" + r"\\".join(lines) + r"\end{bmatrix}"


def _shown(count: int, limit: int) -> list[int | None]:
    """Return the indices that are shown, at most `limit` of them with None for the middle left out."""
    return list(range(count)) if count <= limit else [*range(limit - 2), None, count - 1]
