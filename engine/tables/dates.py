"""Dates and times in cells of text, and dates written as one number.

A date is kept as one number a row until the whole column is known, for only then the order of day and month is:
code = (year · 10,000 + first · 100 + second) · 86,400 + seconds of the day. Dates are seconds since 1970, float64.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

DAY_FIRST, MONTH_FIRST = "day first", "month first"
_DAY_S = 86_400
_CLOCK = r"(?:[T ,]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}(?:[.,]\d+)?))?\s*(?P<half>[AaPp][Mm])?)?"
_ZONE = r"\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_MONTHS = (
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ("jän", "fév", "mär", "avr", "mai", "jui", "juil", "aoû", "sept", "okt", "nov", "dez"),
)
_MONTH_OF = {name: place % 12 + 1 for names in _MONTHS for place, name in enumerate(names)}
_WORD = r"(?P<word>[A-Za-zäéû]{3,9})\.?"
_PATTERNS = tuple(
    re.compile(pattern + _CLOCK + _ZONE)
    for pattern in (
        r"(?P<y>\d{4})[-/.](?P<a>\d{1,2})(?:[-/.](?P<b>\d{1,2}))?",
        r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})",
        r"(?P<b>\d{1,2})[-/ .]{1,2}" + _WORD + r"[-/ ,]{1,2}(?P<y>\d{4}|\d{2})",
        _WORD + r"[ -](?P<b>\d{1,2}),? (?P<y>\d{4})",
        _WORD + r"[-/ ](?P<y>\d{4}|\d{2})",
        r"(?P<y>\d{4})[- ]" + _WORD,
        r"(?P<y>\d{4})[- ]?Q(?P<quarter>[1-4])",
    )
)
_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?:\n|$))+")
_TIME = re.compile(r"(?P<H>\d{1,3}):(?P<M>\d{2})(?::(?P<S>\d{2}(?:[.,]\d+)?))?|(?P<m>\d{1,3}):(?P<s>\d{2}[.,]\d+)")


def code_of(text: str) -> float | None:
    """Return the code of a date, with its time if it has one; None for a text that is no date."""
    try:
        moment = datetime.fromisoformat(text) if len(text) >= 10 and text[4] == "-" else None
    except ValueError:
        moment = None
    if moment is not None:
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
        return (moment.year * 10_000 + moment.month * 100 + moment.day) * _DAY_S + seconds
    for pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            return _code(found.groupdict())
    return None


def _code(parts: dict[str, str | None]) -> float | None:
    year = int(parts["y"] or 0)
    if len(parts["y"] or "") == 2:
        year += 2000 if year < 69 else 1900
    word, quarter = parts.get("word"), parts.get("quarter")
    first = int(parts.get("a") or 0)
    if word is not None:
        word = word.casefold()
        first = _MONTH_OF.get(word[:4], 0) or _MONTH_OF.get(word[:3], 0)
    elif quarter is not None:
        first = int(quarter) * 3 - 2
    second = int(parts.get("b") or 1)
    if parts.get("sep") == ".":  # nobody writes the month first with dots
        first, second = second, first
    hour = int(parts["H"] or 0)
    if parts["half"]:
        hour = hour % 12 + 12 * (parts["half"].casefold() == "pm")
    seconds = hour * 3600 + int(parts["M"] or 0) * 60 + float((parts["S"] or "0").replace(",", "."))
    if not (1 <= first <= 31 and 1 <= second <= 31 and seconds < _DAY_S + 1):
        return None
    return (year * 10_000 + first * 100 + second) * _DAY_S + seconds


def time_of(text: str) -> float | None:
    """Return the seconds of a time without a date, such as 12:30 or 0:00.003; None for another text."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    if found["m"]:
        return int(found["m"]) * 60 + float(found["s"].replace(",", "."))
    return int(found["H"]) * 3600 + int(found["M"]) * 60 + float((found["S"] or "0").replace(",", "."))


def is_numeric_date(text: str) -> bool:
    """Say whether a date is written in figures with a year at its end and no dots: 1/2/2021 has two readings."""
    found = _PATTERNS[1].fullmatch(text)
    return found is not None and found["sep"] != "."


class ColumnOfDates:
    """Gathers the dates, or the times, of one column; a cell that is neither ends it."""

    def __init__(self, read: Callable[[str], float | None]) -> None:
        self.codes = array("d")
        self.is_time = read is time_of
        self.has_order = False
        """Whether day and month stand in an order that only the whole column can tell."""
        self.example = ""
        self.wrong = 0
        """The line of the first cell that is no date, 0 if there is none."""
        self._read = read
        self._known: dict[str, float | None] = {}

    def add(self, lines: Sequence[int], texts: list[str], _rows_before: int) -> None:
        """Take the cells of further rows, which end on these lines."""
        if self.wrong:
            return
        if not self.is_time:
            codes = _iso_codes(texts)
            if codes is not None:
                self.codes.frombytes(codes.tobytes())
                return
        if len(self._known) > 100_000:
            self._known.clear()
        known = self._known
        for line, raw in zip(lines, texts, strict=True):
            code = known.get(raw, math.nan)
            if code != code:
                text = raw.strip()
                code = known[raw] = self._read(text)
                if not self.is_time and not self.has_order and is_numeric_date(text):
                    self.has_order, self.example = True, text
            if code is None:
                self.wrong, self.codes = line, array("d")
                return
            self.codes.append(code)

    def orders(self) -> tuple[str, ...]:
        """Return the orders of day and month that the dates can have: one where a number above 12 shows it."""
        if not self.has_order:
            return (MONTH_FIRST,)
        first, second = _parts(np.frombuffer(self.codes))[1:3]
        possible = ((DAY_FIRST, second), (MONTH_FIRST, first))
        return tuple(order for order, months in possible if months.max() <= 12)

    def seconds(self, order: str) -> Float64 | None:
        """Return the dates by an order, or the times, in seconds (rows,); None where one is not in the calendar."""
        codes = np.frombuffer(self.codes)
        if self.is_time:
            return codes
        year, first, second, clock = _parts(codes)
        month, day = (second, first) if order == DAY_FIRST else (first, second)
        return calendar_seconds(year, month, day, clock)


def _iso_codes(texts: list[str]) -> Float64 | None:
    """Return the codes of many dates at once, all written as ISO 8601 has it and without a zone; else None."""
    if not _ISO.fullmatch("\n".join(texts)):
        return None
    try:
        moments = np.array(texts, dtype="datetime64[us]")
    except ValueError:  # February 30
        return None
    days = moments.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    day = (days - months).astype(np.int64) + 1
    year, month = np.divmod(months.astype(np.int64), 12)
    clock = (moments - days).astype(np.int64) / 1e6
    codes: Float64 = ((year + 1970) * 10_000 + (month + 1) * 100 + day) * _DAY_S + clock
    return codes


def _parts(codes: Float64) -> tuple[Float64, Float64, Float64, Float64]:
    days, clock = np.divmod(codes, _DAY_S)
    return days // 10_000, days // 100 % 100, days % 100, clock


def calendar_seconds(year: Float64, month: Float64, day: Float64, clock: Float64 | float = 0.0) -> Float64 | None:
    """Return seconds since 1970 of days of the calendar; None where one does not exist."""
    whole = [np.asarray(part, dtype=np.int64) for part in (year, month, day)]
    if not all(np.array_equal(part, given) for part, given in zip(whole, (year, month, day), strict=True)):
        return None
    years, months, days = whole
    if not (((years > 0) & (years < 10_000) & (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all()):
        return None
    begins = ((years - 1970) * 12 + months - 1).astype("datetime64[M]")
    moments = begins.astype("datetime64[D]") + (days - 1)
    if not np.array_equal(moments.astype("datetime64[M]"), begins):
        return None
    return moments.astype(np.int64).astype(np.float64) * _DAY_S + clock


def seconds_of_figures(values: Float64) -> Float64 | None:
    """Return seconds since 1970 of dates written as one number: YYYYMM, YYYYMMDD to YYYYMMDDhhmmss; else None."""
    if not len(values) or values.min() < 100_001 or values.max() > 1e14 or not np.array_equal(values, values // 1):
        return None
    digits = len(f"{values[0]:.0f}")
    if digits not in (6, 8, 10, 12, 14) or values.max() >= 10.0**digits or values.min() < 10.0 ** (digits - 1):
        return None
    rest = values
    parts: list[Float64] = []
    for _ in range((digits - 4) // 2):
        rest, part = np.divmod(rest, 100)
        parts.insert(0, part)
    if rest.min() < 1000 or rest.max() > 2999:
        return None
    zero = np.zeros_like(values)
    parts += (zero + 1, zero, zero, zero)[len(parts) - 1 :]
    month, day, hour, minute, second = parts
    if hour.max() > 24 or minute.max() > 59 or second.max() > 60:
        return None
    return calendar_seconds(rest, month, day, hour * 3600 + minute * 60 + second)


def seconds_of_years(values: Float64) -> Float64:
    """Return seconds since 1970 of years with a fraction, such as 1749.042."""
    whole = np.floor(values)
    begins = calendar_seconds(whole, np.ones_like(values), np.ones_like(values))
    ends = calendar_seconds(whole + 1, np.ones_like(values), np.ones_like(values))
    if begins is None or ends is None:
        raise ValueError("years from 1 to 9998 were expected")
    return begins + (values - whole) * (ends - begins)
