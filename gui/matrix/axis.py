"""The places of a matrix's rows or columns on the screen: bands with gaps, zoomed, moved, changing places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 6.0
"""Pixels between two bands."""
_WHOLE_FROM = 4.0
"""From so many pixels on, an entry has a whole number of them, so that all are equally large."""


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

    def __init__(self, bands: Sequence[Band] = (), before: Axis | None = None) -> None:
        """Begin with the entries in sight that were in sight `before`, if there are as many entries as before."""
        self.bands = tuple(bands)
        self.count = sum(band.size for band in bands)
        self.first = [sum(band.size for band in bands[:place]) for place in range(len(bands))]
        """The first entry of each band."""
        self.cell = 1.0
        """Pixels of an entry."""
        self.fitting = 1.0
        """Pixels of an entry when all of them are seen."""
        self.slide = 1.0
        """How far bands that change places have come, 0 to 1."""
        self._former = self._rank = list(range(len(bands)))
        self._from = self._room = 0.0
        self._scroll: float = before._scroll if before is not None and before.count == self.count else 0.0
        self._gap = GAP

    def came_from(self, former: Sequence[Band]) -> None:
        """Let every band slide from its place among the same bands in another order."""
        rest = list(enumerate(former))
        self._former = []
        for band in self.bands:
            found = next(entry for entry in rest if entry[1] == band)
            rest.remove(found)
            self._former.append(found[0])
        self.slide = 0.0

    def fit(self, start: float, room: float, largest: float, zoom: float) -> None:
        """Take a place on the screen: `zoom` 0 shows all entries, 1 has entries of `largest` pixels."""
        self._from, self._room = start, max(room, 1.0)
        between = len(self.bands) - 1
        self._gap = min(GAP, round(0.3 * self._room / between)) if between else GAP
        fitting = max((self._room - between * self._gap) / max(self.count, 1), 1e-6)
        self.fitting = _whole(min(largest, fitting))
        self.cell = _whole(self.fitting * (largest / self.fitting) ** zoom)
        self.move(0.0)

    @property
    def length(self) -> float:
        """Pixels of all bands and gaps."""
        return self.count * self.cell + (len(self.bands) - 1) * self._gap

    @property
    def room(self) -> tuple[float, float]:
        """The pixels where entries can be seen: from, to."""
        return self._from, self._from + self._room

    def move(self, pixels: float) -> None:
        """Move the entries by so many pixels, as far as there are any."""
        self._scroll = min(max(self._scroll - pixels, 0.0), max(self.length - self._room, 0.0))

    @property
    def origin(self) -> float:
        """The pixel where the first band begins, in sight or not."""
        return self._from + round(max(self._room - self.length, 0.0) / 2) - round(self._scroll)

    def start(self, band: int) -> float:
        """Return the pixel where a band begins now."""
        here = self._offset(self._rank, band)
        if self.slide < 1:
            there = self._offset(self._former, band)
            here = round(there + (here - there) * self.slide)
        return self.origin + here

    def _offset(self, ranks: Sequence[int], band: int) -> float:
        before = sum(other.size for other, rank in zip(self.bands, ranks, strict=True) if rank < ranks[band])
        return before * self.cell + ranks[band] * self._gap

    def span(self, entries: slice) -> tuple[float, float]:
        """Return the pixels of some entries: from, to."""
        begins, ends = [], []
        for place, band in enumerate(self.bands):
            first = max(entries.start - self.first[place], 0)
            last = min(entries.stop - self.first[place], band.size)
            if first < last:
                begins.append(self.start(place) + first * self.cell)
                ends.append(self.start(place) + last * self.cell)
        return (min(begins), max(ends)) if begins else (self._from, self._from)

    def seen(self, band: int, low: float, high: float) -> slice:
        """Return the entries of a band between two pixels, counted within it."""
        start, size = self.start(band), self.bands[band].size
        first = min(max(int((low - start) // self.cell), 0), size)
        last = min(max(int(-(-(high - start) // self.cell)), 0), size)
        return slice(first, max(first, last))

    def at(self, pixel: float) -> int | None:
        """Return the entry at a pixel."""
        low, high = self.room
        if low <= pixel < high:
            for place, band in enumerate(self.bands):
                entry = (pixel - self.start(place)) / self.cell
                if 0 <= entry < band.size:
                    return self.first[place] + int(entry)
        return None

    def position(self, pixel: float) -> float:
        """Return the place within the matrix, in entries, nearest to a pixel."""
        nearest, where = float("inf"), 0.0
        for place, band in enumerate(self.bands):
            entry = min(max((pixel - self.start(place)) / self.cell, 0.0), float(band.size))
            away = abs(self.start(place) + entry * self.cell - pixel)
            if away < nearest:
                nearest, where = away, self.first[place] + entry
        return where

    def bring(self, position: float, pixel: float) -> None:
        """Move so that a place within the matrix, in entries, is at a pixel."""
        band = max(place for place in range(len(self.bands)) if self.first[place] <= position)
        self.move(pixel - (self.start(band) + (position - self.first[band]) * self.cell))


def _whole(pixels: float) -> float:
    return float(int(pixels)) if pixels >= _WHOLE_FROM else pixels
