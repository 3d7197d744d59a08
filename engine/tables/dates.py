"""Reads dates and times, written as text or as one number.

A date is kept as one number a row until the whole column is known, for only then the order of day and month is:
code = (year · 10,000 + first · 100 + second) · 100,000 + seconds of the day. Dates are seconds since 1970, float64.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cells import LONGEST_FIGURE

Float64 = NDArray[np.float64]

DAY_FIRST, MONTH_FIRST = "day first", "month first"
_DAY_S = 86_400
_DAY_CODE = 100_000  # beyond 24:00, which is a time of the day that ends with it
_CLOCK = r"(?:[T ,]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}(?:[.,]\d+)?))?(?:\s*(?P<half>[AaPp][Mm]))?)?"
_ZONE = r"(?:\s*(?:Z|UTC|GMT|(?P<zone>[+-](?:[01]\d|2[0-3]):?[0-5]\d)))?"
_MONTHS = (
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ("jän", "fév", "mär", "avr", "mai", "jui", "juil", "aoû", "sept", "okt", "nov", "dez"),
)
_MONTH_OF = {name: place % 12 + 1 for names in _MONTHS for place, name in enumerate(names)}
_WORD = r"(?P<word>[A-Za-zäéû]{3,9})\.?"
_PATTERNS = tuple(
    re.compile(pattern + _CLOCK + f"(?P<offset>{_ZONE})")
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


class Moment(NamedTuple):
    """A date as its code, or a time in seconds; offset: seconds before UTC, NaN where none is written."""

    code: float
    offset: float = math.nan

    @property
    def first_and_second(self) -> tuple[int, int]:
        """The numbers of a date that are its day and month, or its month and day."""
        _, first, second, _ = _parts(np.asarray(self.code))
        return int(first), int(second)


def date_of(text: str) -> Moment | None:
    """Return a date, with its time if it has one; None for a text that is no date."""
    if len(text) > LONGEST_FIGURE:
        return None
    try:
        moment = datetime.fromisoformat(text) if len(text) >= 10 and text[4] == "-" else None
    except ValueError:
        moment = None
    if moment is not None:
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
        code = (moment.year * 10_000 + moment.month * 100 + moment.day) * _DAY_CODE + seconds
        offset = moment.utcoffset()
        return Moment(code) if offset is None else Moment(code, offset.total_seconds())
    for pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            code_or_none = _code(found.groupdict())
            return None if code_or_none is None else Moment(code_or_none, _offset(found["offset"], found["zone"]))
    return None


def _offset(written: str, zone: str | None) -> float:
    if zone is None:
        return 0.0 if written else math.nan
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600.0 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


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
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (parts["half"].casefold() == "pm")
    clock = _clock(hour, parts["M"], parts["S"])
    if not (1 <= first <= 31 and 1 <= second <= 31) or clock is None or clock >= _DAY_S + 1:
        return None
    return (year * 10_000 + first * 100 + second) * _DAY_CODE + clock


def _clock(hours: int, minute: str | None, second: str | None) -> float | None:
    """Return seconds of what a clock shows; None where no clock does. Second 60 is a leap second."""
    minutes, seconds = int(minute or 0), float((second or "0").replace(",", "."))
    return hours * 3600 + minutes * 60 + seconds if minutes < 60 and seconds < 61 else None


def time_of(text: str) -> Moment | None:
    """Return a time without a date, such as 12:30 or 0:00.003; None for another text."""
    found = _TIME.fullmatch(text) if len(text) <= LONGEST_FIGURE else None
    if found is None:
        return None
    if found["m"]:  # minutes, which may be more than an hour
        seconds = _clock(0, None, found["s"])
        return None if seconds is None else Moment(int(found["m"]) * 60 + seconds)
    seconds = _clock(int(found["H"]), found["M"], found["S"])
    return None if seconds is None else Moment(seconds)


def is_numeric_date(text: str) -> bool:
    """Say whether a date is written in figures with a year at its end and no dots: 1/2/2021 has two readings."""
    found = _PATTERNS[1].fullmatch(text)
    return found is not None and found["sep"] != "."


class ColumnOfDates:
    """Gathers the dates, or the times, of one column; a cell that is neither ends it."""

    def __init__(self, read: Callable[[str], Moment | None]) -> None:
        self.codes = array("d")
        self._offsets = array("f")
        self.is_time = read is time_of
        self.has_order = False
        """Whether day and month stand in an order that only the whole column can tell."""
        self.example = ""
        self.wrong = ""
        """Why it is no column of dates: a line, and what it holds; "" while it is one."""
        self._read = read
        self._known: dict[str, Moment | None] = {}

    def add(self, lines: Sequence[int], texts: list[str], _rows_before: int) -> None:
        """Take the cells of further rows, which end on these lines."""
        if self.wrong:
            return
        if not self.is_time:
            codes = _iso_codes(texts)
            if codes is not None:
                self._take(lines, codes, np.full(len(codes), math.nan))
                return
        if len(self._known) > 100_000:
            self._known.clear()
        known = self._known
        moments: list[Moment] = []
        for line, raw in zip(lines, texts, strict=True):
            if raw not in known:
                text = raw.strip()
                known[raw] = self._read(text)
                if not self.is_time and not self.has_order and is_numeric_date(text):
                    self.has_order, self.example = True, text
            moment = known[raw]
            if moment is None:
                self._give_up(f"line {line} contains no date")
                return
            moments.append(moment)
        found = np.array(moments).reshape(-1, 2)
        self._take(lines, found[:, 0], found[:, 1])

    def _take(self, lines: Sequence[int], codes: Float64, offsets: Float64) -> None:
        """Take dates with their offsets from UTC; without one, a row's place among rows that have one is not known."""
        is_bare = np.isnan(offsets)
        other = np.flatnonzero(is_bare != (np.isnan(self._offsets[0]) if self._offsets else is_bare[:1].any()))
        if len(other):
            has = "no offset" if is_bare[other[0]] else "an offset"
            self._give_up(f"line {lines[other[0]]} has {has} from UTC, unlike the lines before it")
            return
        self.codes.frombytes(codes.astype(np.float64).tobytes())
        self._offsets.frombytes(offsets.astype(np.float32).tobytes())

    def _give_up(self, why: str) -> None:
        self.wrong, self.codes, self._offsets = why, array("d"), array("f")

    @property
    def is_in_utc(self) -> bool:
        """Whether the dates are counted in UTC, for they were written with more than one offset from it."""
        return bool(np.any(np.abs(np.diff(np.frombuffer(self._offsets, dtype=np.float32))) > 0))

    def orders(self) -> tuple[str, ...]:
        """Return the orders of day and month that the dates can have: one where a number above 12 shows it."""
        if not self.has_order:
            return (MONTH_FIRST,)
        first, second = _parts(np.frombuffer(self.codes))[1:3]
        possible = ((DAY_FIRST, second), (MONTH_FIRST, first))
        return tuple(order for order, months in possible if months.max() <= 12)

    def seconds(self, order: str) -> Float64 | None:
        """Return the dates by an order, or the times, in seconds (rows,); None where one is not in the calendar.

        They are of the clock that was looked at, but of UTC where that was put forward or back meanwhile.
        """
        codes = np.frombuffer(self.codes)
        if self.is_time:
            return codes
        year, first, second, clock = _parts(codes)
        month, day = (second, first) if order == DAY_FIRST else (first, second)
        seconds = calendar_seconds(year, month, day, clock)
        offsets = np.frombuffer(self._offsets, dtype=np.float32)
        return seconds - offsets if seconds is not None and self.is_in_utc else seconds


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
    codes: Float64 = ((year + 1970) * 10_000 + (month + 1) * 100 + day) * _DAY_CODE + clock
    return codes


def _parts(codes: Float64) -> tuple[Float64, Float64, Float64, Float64]:
    days, clock = np.divmod(codes, _DAY_CODE)
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
