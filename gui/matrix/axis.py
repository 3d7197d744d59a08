"""Where the rows or the columns of a matrix stand: bands with gaps between them, zoomed, moved, changing places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 6.0
"""Pixels between two bands."""
_WHOLE_FROM = 4.0
"""Entries of so many pixels have a whole number of them, so that all are equally large."""


@dataclass(frozen=True)
class Band:
    """Rows or columns that belong together."""

    label: str
    """LaTeX, such as "x_t" or "W_i"; typeset beside or above the band."""
    size: int
    role: str
    """Colour of its bracket and label."""


class Axis:
    """One direction of a matrix on the screen, in pixels of the widget."""

    def __init__(self, bands: Sequence[Band]) -> None:
        self.bands = tuple(bands)
        self.count = sum(band.size for band in bands)
        self.first = [sum(band.size for band in bands[:place]) for place in range(len(bands))]
        """The first entry of each band."""
        self.cell = 1.0
        """Pixels of an entry."""
        self.fitting = 1.0
        """Pixels of an entry where the whole is seen."""
        self.slide = 1.0
        """How far bands have come that change places."""
        self._former = self._rank = list(range(len(bands)))
        self._from = self._room = self._scroll = 0.0
        self._gap = GAP

    def came_from(self, former: Sequence[Band]) -> None:
        """Let every band begin where it stood among the same bands in another order."""
        rest = list(enumerate(former))
        self._former = []
        for band in self.bands:
            found = next(entry for entry in rest if entry[1] == band)
            rest.remove(found)
            self._former.append(found[0])
        self.slide = 0.0

    def keep(self, other: Axis) -> None:
        """Stand where another stood."""
        self._scroll = other._scroll

    def fit(self, start: float, room: float, largest: float, zoom: float) -> None:
        """Take a place on the screen: `zoom` 0 shows the whole, 1 has entries of `largest` pixels."""
        self._from, self._room = start, max(room, 1.0)
        between = len(self.bands) - 1
        self._gap = min(GAP, round(0.3 * self._room / between)) if between else GAP
        self.fitting = min(largest, max((self._room - between * self._gap) / max(self.count, 1), 1e-6))
        self.fitting = _whole(self.fitting)
        self.cell = _whole(self.fitting * (largest / self.fitting) ** zoom)
        self.move(0.0)

    @property
    def length(self) -> float:
        """Pixels of the whole."""
        return self.count * self.cell + (len(self.bands) - 1) * self._gap

    @property
    def room(self) -> tuple[float, float]:
        """Where entries can be seen: from, to."""
        return self._from, self._from + self._room

    def move(self, pixels: float) -> None:
        """Move what is seen, as far as there is something."""
        self._scroll = min(max(self._scroll - pixels, 0.0), max(self.length - self._room, 0.0))

    @property
    def origin(self) -> float:
        """Where the first band begins, or would if it could be seen."""
        return self._from + round(max(self._room - self.length, 0.0) / 2) - round(self._scroll)

    def start(self, band: int) -> float:
        """Where a band begins now."""
        here = self._offset(self._rank, band)
        if self.slide < 1:
            there = self._offset(self._former, band)
            here = round(there + (here - there) * self.slide)
        return self.origin + here

    def _offset(self, ranks: Sequence[int], band: int) -> float:
        before = sum(other.size for other, rank in zip(self.bands, ranks, strict=True) if rank < ranks[band])
        return before * self.cell + ranks[band] * self._gap

    def span(self, entries: slice) -> tuple[float, float]:
        """Where some entries stand: from, to."""
        begins, ends = [], []
        for place, band in enumerate(self.bands):
            first = max(entries.start - self.first[place], 0)
            last = min(entries.stop - self.first[place], band.size)
            if first < last:
                begins.append(self.start(place) + first * self.cell)
                ends.append(self.start(place) + last * self.cell)
        return (min(begins), max(ends)) if begins else (self._from, self._from)

    def band_span(self, band: int) -> tuple[float, float]:
        """Where a band stands: from, to."""
        start = self.start(band)
        return start, start + self.bands[band].size * self.cell

    def seen(self, band: int, low: float, high: float) -> slice:
        """Return the entries of a band that stand between two places on the screen, counted within it."""
        start, size = self.start(band), self.bands[band].size
        first = min(max(int((low - start) // self.cell), 0), size)
        last = min(max(int(-(-(high - start) // self.cell)), 0), size)
        return slice(first, max(first, last))

    def at(self, pixel: float) -> int | None:
        """Return the entry at a place on the screen."""
        low, high = self.room
        if low <= pixel < high:
            for place, band in enumerate(self.bands):
                entry = (pixel - self.start(place)) / self.cell
                if 0 <= entry < band.size:
                    return self.first[place] + int(entry)
        return None

    def position(self, pixel: float) -> float:
        """Return the place within the matrix, in entries, nearest to a place on the screen."""
        nearest, where = float("inf"), 0.0
        for place, band in enumerate(self.bands):
            entry = min(max((pixel - self.start(place)) / self.cell, 0.0), float(band.size))
            away = abs(self.start(place) + entry * self.cell - pixel)
            if away < nearest:
                nearest, where = away, self.first[place] + entry
        return where

    def bring(self, position: float, pixel: float) -> None:
        """Move so that a place within the matrix, in entries, stands at a place on the screen."""
        band = max(place for place in range(len(self.bands)) if self.first[place] <= position)
        self.move(pixel - (self.start(band) + (position - self.first[band]) * self.cell))


def _whole(pixels: float) -> float:
    return float(int(pixels)) if pixels >= _WHOLE_FROM else pixels
