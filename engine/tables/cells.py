"""Whether a cell of a table looks like a number, a word or nothing, before its meaning is known."""

from __future__ import annotations

import re

MISSING = frozenset(
    (
        *("", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "nil", "missing", "?"),
        *("-", "--", "\N{EN DASH}", ".", "..", "...", "*", "**", "***"),
        *("inf", "+inf", "-inf", "infinity", "-infinity"),
    )
)
"""Texts, in small letters, of cells where no number stands."""

LONGEST_FIGURE = 60
"""Letters of a number or a date; what is longer is none."""
_FIGURES = re.compile(r"[\s\d.,:/+\-%()eETZ'’\u2212\u00a0\u202f\u2009]+")
_MONTH = re.compile(
    r"(\d{1,4}[-/ .]{1,2})?(jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zäé]*[-/ .]*"
    r"\d[\d, \-/:]*",
    re.IGNORECASE,
)
_QUARTER = re.compile(r"\d{4}[- ]?[QW]\d{1,2}", re.IGNORECASE)
_YEAR = re.compile(r"[12]\d{3}(-[12]\d{3}|/\d{2})?")
_NAMED_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?")


def is_missing(cell: str) -> bool:
    """Say whether a cell is empty or holds a word for a missing value."""
    return cell.strip().casefold() in MISSING


def is_figure(cell: str) -> bool:
    """Say whether a cell is a number or a date, however it is written, and no name."""
    text = cell.strip()
    if not text or len(text) > LONGEST_FIGURE or not any(map(str.isdecimal, text)):
        return False
    return bool(_FIGURES.fullmatch(text) or _MONTH.fullmatch(text) or _QUARTER.fullmatch(text))


def is_year_or_date(cell: str) -> bool:
    """Say whether a cell, as a column's name, is a year or a date."""
    text = cell.strip()
    return bool(_YEAR.fullmatch(text) or _NAMED_DATE.fullmatch(text) or (_MONTH.fullmatch(text) and len(text) < 20))


def shown(text: str) -> str:
    """Return a cell as a sentence quotes it."""
    text = " ".join(text.split())
    return repr(text if len(text) <= 40 else text[:40] + "…")
