"""What each column contains: values, row numbers, parts of a date, a constant, places or running totals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np

from .answers import Stop
from .cells import is_year_or_date
from .dates import Float64, calendar_seconds, seconds_of_figures, seconds_of_years


class Role(StrEnum):
    """What a column is to a forecast."""

    VALUE = "value"
    COUNTS = "counts"
    DATE = "date"
    CONSTANT = "constant"
    PLACE = "place"
    TOTAL = "total"
    TEXT = "text"
    EMPTY = "empty"


_PARTS: Mapping[str, tuple[str, float, float]] = {
    "year": ("year yr yyyy jahr annee année año anno", 1, 9999),
    "month": ("month mon mo mm monat mois mes", 1, 12),
    "day": ("day dy dd dom tag jour dia día", 1, 31),
    "hour": ("hour hr hh stunde heure hora", 0, 24),
    "minute": ("minute min mi mn", 0, 59),
    "second": ("second sec ss", 0, 60),
}
"""The words of the parts of a date, the least and the largest value."""
_PART_OF_WORD = {word: part for part, (words, _, _) in _PARTS.items() for word in words.split()}
_TIME_WORDS = re.compile(
    r"\bts\b|date|datum|time|zeit|fecha|epoch|unix|minute|second|month|year|\bday|\bweek|hour|\bt\b|period|mess_datum"
    r"|quarter|season|interval|jahr|monat|quartal|woche|tag\b|stunde|semaine|trimestre",
    re.I,
)
_YEAR_WORD = re.compile(r"year|jahr|ann[ée]e|\ba[ñn]o\b")
_YEAR_WITH_FRACTION = re.compile(r"decimal|frac|dec.?date", re.IGNORECASE)
_PLACES = frozenset(("lat", "latitude", "long", "lon", "lng", "longitude", "x_coord", "y_coord"))
_FEWEST_TO_COUNT = 3
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Positions:
    """Where the rows stand: values (rows,), seconds since 1970 if dated, and the column or columns that say so."""

    values: Float64
    dated: bool
    columns: tuple[int, ...]


def counts(values: Float64) -> bool:
    """Say whether whole numbers go up, or down, by the same step each row."""
    if len(values) < 2 or not np.array_equal(values, np.floor(values)):
        return False
    steps = np.diff(values)
    return bool(steps[0] != 0 and np.all(steps == steps[0]))


def never_falls(values: Float64) -> bool:
    """Say whether values only rise or stay, and rise more than once, as totals do."""
    steps = np.diff(values)
    return len(values) > _FEWEST_TO_COUNT and bool(np.all(steps >= 0)) and int(np.count_nonzero(steps)) > 1


class Judge:
    """Judges the columns of numbers of one table.

    values: the numbers of each column, (rows,), None for a column without, NaN where one is missing.
    """

    def __init__(
        self, names: Sequence[str], named: bool, values: Sequence[Float64 | None], rows: int, stop: Stop
    ) -> None:
        self._names = [name.strip().casefold() for name in names]
        self._named = named
        self._values = values
        self._rows = rows
        self._stop = stop
        self.roles: dict[int, tuple[Role, str]] = {}
        """The role of each column of numbers, and why it has it."""
        self._parts: dict[str, int] = {}
        self._known: dict[int, Float64] = {}
        """The numbers of a column with gaps that are there."""

    def judge(self) -> None:
        """Give every column of numbers its role; raises ReadingStoppedError where `stop` says so."""
        judged = []
        for place, values in enumerate(self._between(self._values)):
            if values is None:
                continue
            self.roles[place] = Role.VALUE, ""
            gaps = np.isnan(values)
            if gaps.any():
                self._known[place] = values[~gaps]
            if len(self._numbers(place)):
                judged.append(place)
        whole = [place for place in judged if place not in self._known]
        self._find_parts(judged, whole)
        for place in self._between(judged):
            if self.roles[place][0] is Role.VALUE:
                self.roles[place] = self._judged(place, self._numbers(place))
        self._find_totals(whole)

    def _between(self, columns: Sequence[_Item]) -> Iterator[_Item]:
        return self._stop.between(columns, self._rows)

    def _numbers(self, place: int) -> Float64:
        """Return the numbers of a column that are there: (rows,) or fewer."""
        if place in self._known:
            return self._known[place]
        values = self._values[place]
        if values is None:
            raise ValueError("a column of numbers was expected")
        return values

    def _judged(self, place: int, values: Float64) -> tuple[Role, str]:
        name = self._names[place]
        if name in _PLACES:
            return Role.PLACE, "it contains geographic coordinates"
        if _seconds(name, place, values, self._named) is not None:
            return Role.DATE, "it contains dates"
        others, has_gaps = len(self._values) > 1, place in self._known
        if others and not has_gaps and self._rows > 1 and values.min() == values.max():
            return Role.CONSTANT, "it has the same value in every row"
        if place == 0 and others and not has_gaps and self._rows > 1 and bool(np.all(values[1:] > values[:-1])):
            return Role.COUNTS, "it only counts the rows"
        if others and len(values) >= _FEWEST_TO_COUNT and (counts(values) or self._counts_rows(place)):
            return Role.COUNTS, "it only counts"
        nameless = place == 0 and name == "column 1"
        if others and (nameless or _YEAR_WORD.search(name)) and _are_years(values):
            return Role.DATE, "it contains years"
        return Role.VALUE, ""

    def _counts_rows(self, place: int) -> bool:
        """Say whether a column with gaps goes by one step each row, also over the rows of its gaps."""
        values = self._values[place]
        if values is None or place not in self._known:
            return False
        rows = np.flatnonzero(~np.isnan(values))
        return counts(np.interp(np.arange(rows[0], rows[-1] + 1), rows, self._known[place]))

    def _find_parts(self, judged: Sequence[int], whole: Sequence[int]) -> None:
        """Find the columns that together make a date: by their names, or without any by what they hold."""
        for place in self._between(judged):
            part = _part_of_date(self._names[place])
            if part is not None and part not in self._parts and self._fits(part, place):
                self._parts[part] = place
        if not self._named:
            self._find_unnamed_parts(whole)
        if not {"year", "month"} <= set(self._parts):  # minutes and seconds may well be values
            self._parts = {part: place for part, place in self._parts.items() if part in ("year", "month", "hour")}
        for part, place in self._parts.items():
            self.roles[place] = Role.DATE, f"it is the {part} of a date"
        for place in self._between(judged):
            fraction = self._named and _YEAR_WITH_FRACTION.search(self._names[place])
            if place not in self._parts.values() and (fraction or "year" in self._parts):
                years = self._values[self._parts["year"]] if "year" in self._parts else None
                if _is_year_with_fraction(self._numbers(place)) and self._are_within(place, years):
                    self.roles[place] = Role.DATE, "it is the year as a decimal number"

    def _are_within(self, place: int, years: Float64 | None) -> bool:
        """Say whether the numbers of a column are in the year of their row, where both are known."""
        values = self._values[place]
        if years is None or values is None:
            return True
        return bool(np.all((np.floor(values) == years) | np.isnan(values) | np.isnan(years)))

    def _find_unnamed_parts(self, whole: Sequence[int]) -> None:
        if 0 not in whole or 1 not in whole or len(self._names) < 3:
            return
        year, month = self._numbers(0), self._numbers(1)
        if year.min() < 1000 or year.max() > 2999 or not self._fits("year", 0) or not self._fits("month", 1):
            return
        moments = year * 12 + month
        if not (np.all(np.diff(moments) >= 0) or np.all(np.diff(moments) <= 0)):
            return
        self._parts = {"year": 0, "month": 1}
        seconds = calendar_seconds(year, month, np.ones_like(year))
        for part, place in (("day", 2), ("hour", 3), ("minute", 4)):
            if seconds is None or len(np.unique(seconds)) == len(seconds) or place not in whole:
                return
            if not self._fits(part, place):
                return
            self._parts[part] = place
            seconds = self._moments()

    def _fits(self, part: str, place: int) -> bool:
        _, least, largest = _PARTS[part]
        values = self._numbers(place)
        return bool(values.min() >= least and values.max() <= largest and np.array_equal(values, np.floor(values)))

    def _find_totals(self, whole: Sequence[int]) -> None:
        rest = [place for place in whole if self.roles[place][0] is Role.VALUE]
        falling = any(np.any(np.diff(self._numbers(place)) < 0) for place in self._between(rest))
        for place in self._between(rest if falling else ()):
            values = self._numbers(place)
            if values.min() >= 0 and np.array_equal(values, np.floor(values)) and never_falls(values):
                self.roles[place] = Role.TOTAL, "it never decreases, as running totals do, while other columns do"

    def _moments(self) -> Float64 | None:
        parts = {part: self._numbers(place) for part, place in self._whole_parts().items()}
        one = np.ones(self._rows)
        clock = parts.get("hour", 0 * one) * 3600 + parts.get("minute", 0 * one) * 60 + parts.get("second", 0 * one)
        return calendar_seconds(parts["year"], parts.get("month", one), parts.get("day", one), clock)

    def _whole_parts(self) -> dict[str, int]:
        return {part: place for part, place in self._parts.items() if place not in self._known}

    def positions(self) -> Positions | None:
        """Return where the rows stand by the columns of numbers without gaps, None where none says so."""
        dates = [place for place, (role, _) in self.roles.items() if role is Role.DATE and place not in self._known]
        parts = self._whole_parts()
        for place in dates:
            if place not in parts.values():
                seconds = _seconds(self._names[place], place, self._numbers(place), self._named)
                if seconds is not None and "month" not in parts:
                    return Positions(seconds, True, (place,))
        if "year" in parts and self._numbers(parts["year"]).min() >= 1000:
            moments = self._moments() if "month" in parts else None
            if moments is not None:
                return Positions(moments, True, tuple(parts.values()))
            if self._numbers(parts["year"]).min() != self._numbers(parts["year"]).max():
                return Positions(self._numbers(parts["year"]), False, (parts["year"],))
        counting = [
            place for place, (role, _) in self.roles.items() if role is Role.COUNTS and place not in self._known
        ]
        return Positions(self._numbers(counting[0]), False, (counting[0],)) if counting else None


def is_time_word(name: str) -> bool:
    """Say whether a column's name says that it holds a time."""
    return bool(_TIME_WORDS.search(name)) or _part_of_date(name) is not None


def _part_of_date(name: str) -> str | None:
    return _PART_OF_WORD.get(name.casefold().strip("_ .()#*"))


def names_are_dates(names: Sequence[str]) -> bool:
    """Say whether dates, or years, stand in the names of columns: then a row is a place, and no moment."""
    dates = [name for name in names if is_year_or_date(name)]
    return len(dates) > 1 and len(dates) * 2 >= len(names) - 2


def _are_years(values: Float64) -> bool:
    whole = np.array_equal(values, np.floor(values))
    return whole and bool(values.min() >= 1000 and values.max() <= 2999 and np.all(np.diff(values) >= 0))


def _is_year_with_fraction(values: Float64) -> bool:
    return bool(values.min() >= 1000 and values.max() < 3000 and not np.array_equal(values, np.floor(values)))


def _seconds(name: str, place: int, values: Float64, named: bool) -> Float64 | None:
    """Return seconds since 1970 of a column that holds dates by its name, or by its place and what it holds."""
    by_name = named and is_time_word(name)
    steps = np.diff(values)
    in_order = bool(np.all(steps >= 0) or np.all(steps <= 0))
    if by_name or (place == 0 and in_order):
        seconds = seconds_of_figures(values)
        if seconds is not None:
            return seconds
    if not in_order and not by_name:
        return None
    whole = np.array_equal(values, np.floor(values))
    if by_name and whole:
        for unit, least, largest in ((1e-3, 1e11, 1e13), (1.0, 1e8, 1e10), (60.0, 1e7, 1e8)):
            if values.min() >= least and values.max() < largest:
                return values * unit
    as_years = not whole and _is_year_with_fraction(values) and (by_name or (place == 0 and in_order))
    if as_years and (bool(np.all(np.abs(steps) <= 1)) or _YEAR_WITH_FRACTION.search(name)):
        return seconds_of_years(values)
    return None
