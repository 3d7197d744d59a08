"""Reads a number as people write it: one rule for points and commas, in fields, pasted text and files.

A dot is a decimal point. A lone comma is a decimal comma, except where it may as well separate thousands: before
exactly three digits, after one to three that are not 0 ("1,234"). Signs that prove themselves are understood:
"1,007.28", "1.007,28", "1,234,567", "1.234.567", and spaces that do not break ("1 234") or apostrophes between
groups of three digits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from enum import StrEnum

from ..errors import PlainError
from .numbers import RAISED, exact, in_full

LARGEST = 1e100
"""Entries beyond this are refused: sums of products of two of them would no longer be numbers."""

HARD_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}"
"""Spaces that stand between the groups of one number, never between two numbers."""

_LONGEST_SHOWN = 30
_LOWERED = str.maketrans(f"⁺{RAISED}", "+-0123456789")
_PARTS = re.compile(
    r"(?P<sign>[-+]?)(?P<mantissa>[^eE·×*]+)"
    r"(?:[eE](?P<e>[-+]?\d+)|[ ]?[·×*][ ]?10(?:(?:\^|\*\*)(?P<power>[-+]?\d+)|(?P<raised>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)))?"
)
_BARE_POWER = re.compile(r"(?P<sign>[-+]?)10(?=(?:\^|\*\*)[-+]?\d|[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹])")
"""A power of ten without a number before it, as the program writes it, too: 10⁻⁵."""
_DIGITS = re.compile(r"\d*")


class NumberTextError(PlainError, ValueError):
    """Text that is no number, or no block of numbers; the message is one sentence for the user."""


class Decimal(StrEnum):
    """The sign before the decimals of a number; the other one then separates thousands."""

    POINT = "point"
    COMMA = "comma"

    @property
    def sign(self) -> str:
        """The sign itself."""
        return "." if self is Decimal.POINT else ","

    @property
    def other(self) -> Decimal:
        """The sign that then separates thousands."""
        return Decimal.COMMA if self is Decimal.POINT else Decimal.POINT


_GROUPS = {
    decimal: re.compile(rf"[1-9]\d{{0,2}}(?P<group>[{decimal.other.sign}'’{HARD_SPACES}])\d{{3}}(?:(?P=group)\d{{3}})*")
    for decimal in Decimal
}


def parse_number(text: str) -> float:
    """Return the number in a cell's text.

    Raises NumberTextError with the reason, and with both readings where there are two.
    """
    point, comma = readings(text)
    if point is not None and comma is not None and point != comma and "," in text:
        shown = _shown(text)
        raise NumberTextError(
            f"“{shown}” can mean {exact(point)} or {exact(comma)}; type it without the comma, or with a decimal point"
        )
    return require_number(comma if point is None else point, text)


def readings(text: str) -> tuple[float | None, float | None]:
    """Return what a text means if its decimals follow a point, and if a comma; None where it then is no number.

    Infinities and NaN are no numbers here, whatever digits they are written with.
    """
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if _BARE_POWER.match(plain):
        plain = _BARE_POWER.sub(r"\g<sign>1·10", plain, count=1)
    parts = _PARTS.fullmatch(plain)
    if parts is None:
        return None, None
    exponent = parts["e"] or parts["power"] or (parts["raised"] or "").translate(_LOWERED)
    point, comma = (_value(parts["sign"], parts["mantissa"].rstrip(" "), exponent, decimal) for decimal in Decimal)
    if exponent and point is not None and comma is not None and re.match(r"\d[.,]", parts["mantissa"]):
        # Thousands are not separated in front of a power of ten.
        return (point, None) if "." in parts["mantissa"] else (None, comma)
    return point, comma


def decimals_of(texts: Iterable[str], dots_may_separate: bool = False) -> tuple[Decimal, ...]:
    """Return the decimal sign of texts that belong together, such as a column; two, likelier first, if it is open.

    A text that is a number in one way only decides for all. Else "1,234" is open, thousands being likelier, and
    "1.234" means 1.234 unless dots_may_separate.
    """
    proofs, open_signs = set(), set()
    for text in texts:
        if "," in text or "." in text:
            point, comma = readings(text)
            if point is None and comma is None:
                continue
            if point is None or comma is None:
                proofs |= {Decimal.POINT} if comma is None else {Decimal.COMMA}
            elif point != comma:
                open_signs.add("," if "," in text else ".")
    if len(proofs) == 1:
        return (proofs.pop(),)
    if "," in open_signs:
        return Decimal.POINT, Decimal.COMMA
    if "." in open_signs and dots_may_separate:
        return Decimal.COMMA, Decimal.POINT
    return (Decimal.POINT,)


def read_as(text: str, decimal: Decimal) -> float:
    """Return the number in a text by its decimal sign; one that is a number only by the other sign is read by that.

    Raises NumberTextError with the reason.
    """
    point, comma = readings(text)
    first, second = (point, comma) if decimal is Decimal.POINT else (comma, point)
    return require_number(second if first is None else first, text)


def require_number(value: float | None, text: str) -> float:
    """Return a reading of a text; raises NumberTextError, with the reason, where there is none or it is too large."""
    if value is None:
        shown, bare = _shown(text), re.sub("^[-+\N{MINUS SIGN}]", "", text.strip().casefold())
        if not shown:
            raise NumberTextError("the cell is empty; type a number such as 0.5 or −0.001")
        if bare in ("nan", "inf", "infinity", "∞") or re.fullmatch(r"\d+(\.\d*)?(e\+?\d+)?", bare):
            raise NumberTextError(f"“{shown}” is not a finite number; type one such as 0.5")
        raise NumberTextError(f"“{shown}” is not a number; type one such as 0.5 or −0.001")
    if abs(value) > LARGEST:
        raise NumberTextError(f"{in_full(value)} is too large; type a number between −10¹⁰⁰ and 10¹⁰⁰")
    return value


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _value(sign: str, mantissa: str, exponent: str, decimal: Decimal) -> float | None:
    whole, sign_found, decimals = mantissa.partition(decimal.sign)
    if not _DIGITS.fullmatch(decimals) or not (whole or decimals) or (sign_found == "," and not decimals):
        return None
    if not _DIGITS.fullmatch(whole):
        groups = _GROUPS[decimal].fullmatch(whole)
        if groups is None:
            return None
        whole = whole.replace(groups["group"], "")
    value = float(f"{sign}{whole or 0}.{decimals or 0}e{exponent or 0}")
    return value if math.isfinite(value) else None
