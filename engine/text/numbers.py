"""Writes numbers for people to read: short, honest about rounding, and the same everywhere in the program."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable
from enum import Enum

import numpy as np
from numpy.typing import NDArray

MINUS = "\N{MINUS SIGN}"
RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
"""The minus sign and the digits of an exponent."""


class Style(Enum):
    """How many digits a number is shown with; all of them are one hover away."""

    SHORT = "short"
    """Two decimals at most."""
    LONG = "long"
    """Four decimals."""
    SCIENTIFIC = "scientific"
    """Three digits and a power of ten: 9.20·10¹."""


def is_real(value: object) -> bool:
    """Return whether a value is a number that a float can hold: JSON has whole numbers of any length."""
    return isinstance(value, float) or (isinstance(value, int) and value.bit_length() < sys.float_info.max_exp)


def short(value: float, rounds: bool = False, style: Style = Style.SHORT) -> str:
    """Return a number for the screen, in the chosen style: "92", "0.88", "−0.20", "123.4", "4·10⁻³".

    A whole number is written without decimals only if it is one exactly; `rounds` says that the quantity
    never is (σ and tanh), so that a saturated gate reads "1.00" and not "1".
    """
    if not math.isfinite(value):
        return not_finite(value)
    value += 0.0  # -0 becomes 0
    if style is Style.SCIENTIFIC:
        return _power(value, 2) if value else "0"
    size, is_short = abs(value), style is Style.SHORT
    if size < 1e5 and value == round(value) and not rounds:
        return f"{value:.0f}".replace("-", MINUS)
    if size >= 99_999.5 or 0 < size < (0.00995 if is_short else 0.00005):
        return _power(value, 0 if is_short else 3)
    digits = 4 if not is_short else 2 if size < 99.995 else 1 if size < 999.95 else 0
    return f"{value:.{digits}f}".replace("-", MINUS)


def not_finite(value: float) -> str:
    """Return how the others are written: "NaN", "∞", "−∞"."""
    return "NaN" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"


def exact(value: float) -> str:
    """Return the shortest decimal that is this double and no other, to be read: "−0.2", "1·10⁻⁵", "∞"."""
    return typed(value).replace("-", MINUS)


def typed(value: float) -> str:
    """Return the same for a field in which numbers are typed, with the minus of the keyboard: "-0.2", "-1·10⁻⁵".

    `number_text` reads it as this double and no other.
    """
    if not math.isfinite(value):
        return not_finite(value).replace(MINUS, "-")
    if value and not 1e-4 <= abs(value) < 1e15:
        mantissa, exponent = np.format_float_scientific(value, trim="-").split("e")
        return f"{mantissa}·{power_of_ten(int(exponent))}"
    return f"{value:.0f}" if value == round(value) else repr(float(value))


def copied(value: float) -> str:
    """Return every digit for other programs, as Python writes them: "-0.2", "1e-05", "3.0", "nan"."""
    return repr(float(value))


def in_full(value: float) -> str:
    """Return a number that somebody has chosen, within a sentence, with all its digits: "0.01", "1,000", "10⁻⁵"."""
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    text = _without_one(exact(value))
    return text if "·" in text else re.sub(r"\d+", lambda digits: f"{int(digits[0]):,}", text, count=1)


def exact_single(value: float) -> str:
    """Return the shortest decimal that is this float32 and no other: what is trained with has no more digits."""
    return exact(float(str(np.float32(value))))


def grouped(value: float) -> str:
    """Return a number in four digits, or all of those before its point with thousands apart: "1,383", "0.0123"."""
    if not math.isfinite(value) or abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        return short(value, style=Style.SCIENTIFIC)
    return (f"{value:,.0f}" if abs(value) >= 999.95 else f"{value:.4g}").replace("-", MINUS)


def brief(value: float) -> str:
    """Return a number in three digits at most, for a sentence: "0.0411", "1,383", "6.4·10⁷", "10⁻⁵"."""
    if not math.isfinite(value):
        return not_finite(value)
    size = abs(value)
    if size == 0 or 1e-4 <= size < 99_950:
        return (f"{value:,.0f}" if size >= 999.5 else f"{value:.3g}").replace("-", MINUS)
    return _without_one(_power(value, 1).replace(".0·", "·"))


def percent(share: float) -> str:
    """Return a share in percent, never rounded to 0 or 100 where it is not: "38 %", "99.1 %", "99.95 %"."""
    return _percent(share, 0)


def share(value: float) -> str:
    """Return a share in percent, to be compared with others: "98.0 %", "99.97 %"; 0 and 100 only where it is that."""
    return _percent(value, 1)


def _percent(share: float, least: int) -> str:
    for decimals in range(least, 4):
        text = f"{100 * share:.{decimals}f}"
        if float(text) not in (0, 100) or not 0 < share < 1:
            return f"{text} %".replace("-", MINUS)
    return "99.999 %" if share > 0.5 else "0.001 %"


def subscript(number: int) -> str:
    """Return a whole number in subscript digits, "₁₂"."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def power_of_ten(exponent: int) -> str:
    """Return "10⁻⁸"."""
    return "10" + str(exponent).translate(str.maketrans("-0123456789", RAISED))


def written(value: float, rounds: bool = False, below_one: float | None = None, style: Style = Style.SHORT) -> str:
    """Return the number as it stands in a formula.

    `below_one` is 1 - value where the caller knows it more exactly than a double near 1 can hold it; it is
    shown as the difference, "1 − 1.1·10⁻⁴⁰", where the decimals would print a plain 1.
    """
    if below_one is not None and 0 < below_one < 0.005:
        return f"1 {MINUS} {_power(below_one, 1)}"
    return short(value, rounds, style)


_DECIMALS = {Style.SHORT: 2, Style.LONG: 4}
_LARGEST_FIXED = 99_999.5


def decimals(values: Iterable[float], rounds: bool = False, style: Style = Style.SHORT) -> int:
    """Return how many decimals a column of numbers has: none if all are whole numbers exactly, else the style's."""
    whole = not rounds and all(value == round(value) for value in values if abs(value) < _LARGEST_FIXED)
    return digits_of(whole, style)


def digits_of(whole: bool, style: Style = Style.SHORT) -> int:
    """Return how many decimals a column has, of whole numbers or of others."""
    return 0 if whole else _DECIMALS.get(style, 2)


def whole_columns(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which columns of a matrix have no decimals, (columns,): see `decimals`."""
    with np.errstate(invalid="ignore"):
        known = np.abs(values) < _LARGEST_FIXED
        whole: NDArray[np.bool_] = ((values == np.round(values)) | ~known).all(axis=0)
    return whole


def aligned(value: float, digits: int, style: Style = Style.SHORT, fits: Callable[[str], bool] | None = None) -> str:
    """Return a number of a column whose numbers have `digits` decimals.

    One that they would show as 0, and a very large one, is a power of ten: 1.2·10⁻⁴. Where the text does not fit, the
    number has fewer digits, at last one and a power of ten.
    """
    if not math.isfinite(value):
        return not_finite(value)
    value += 0.0  # -0 becomes 0
    least = 0.995 * 10.0**-digits
    written: list[str] = []
    if style is not Style.SCIENTIFIC and abs(value) < _LARGEST_FIXED and (value == 0 or abs(value) >= least):
        fewer = (places for places in range(digits, -1, -1) if value == 0 or abs(value) >= 10.0**-places)
        written = [f"{value:.{places}f}".replace("-", MINUS) for places in (digits, *fewer)]
    if value:
        written += [_power(value, places) for places in ((2, 1, 0) if style is Style.SCIENTIFIC else (1, 0))]
    elif not written:
        return "0"
    return next((text for text in written if fits is None or fits(text)), written[-1])


def column(
    values: Iterable[float],
    rounds: bool = False,
    style: Style = Style.SHORT,
    fits: Callable[[str], bool] | None = None,
) -> list[str]:
    """Return the numbers of a column, all with the same decimals; see `aligned`."""
    entries = list(values)
    digits = decimals(entries, rounds, style)
    return [aligned(value, digits, style, fits) for value in entries]


def _without_one(power: str) -> str:
    """Return "10⁻⁵" for "1·10⁻⁵"."""
    return power.replace("1·", "") if power.startswith(("1·", f"{MINUS}1·")) else power


def _power(value: float, decimals: int) -> str:
    mantissa, exponent = f"{value:.{decimals}e}".split("e")
    return f"{mantissa}·{power_of_ten(int(exponent))}".replace("-", MINUS)
