"""A matrix as shades, one byte an entry, and smaller pictures of it for entries of less than a pixel.

The farther an entry is from zero, the larger is its shade: of two entries in a pixel, the larger shade is kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.appearance.colour_maps import SHARE, largest_size, places_of
from gui.appearance.hatching import missing_in

Shades = NDArray[np.uint8]
"""The shade of each entry, (rows, columns)."""

_AT_ONCE = 1 << 20
"""Entries turned into shades at a time, so that a large matrix needs no copy of doubles."""
MANY = 4096
"""Of more entries, the usual ones and not the largest set the range of the colours."""
_USUAL = 99.5
"""Per cent of these entries that are not beyond the strongest colour."""
_TINY = 1e-300
"""The least scale, for numbers are divided by it."""
_SMALLEST = 4096
"""A picture of up to so many entries needs no smaller one."""

SIGNED = np.array([127 - (shade >> 1) if shade % 2 == 0 else 128 + (shade >> 1) for shade in range(256)])
"""Place of each shade of an entry of either sign in a table that runs from negative through zero to positive."""
_SHADES = np.argsort(SIGNED).astype(np.uint8)
"""The shade of each of these places."""


@dataclass(frozen=True, eq=False)
class Block:
    """The entries of a band of rows and a band of columns: shades in levels, each half as large as the one before.

    missing: the same for what there is in place of finite numbers, `hatching.Missing`; None if all are finite.
    """

    levels: tuple[Shades, ...]
    missing: Block | None = None

    @property
    def shades(self) -> Shades:
        """The shade of every entry."""
        return self.levels[0]

    def part(
        self, rows: slice, columns: slice, height: float, width: float
    ) -> tuple[Shades, tuple[int, int], tuple[int, int]]:
        """Return the picture of some entries, which have so many pixels each; its places have a pixel or more.

        Also returns its first entry, and how many entries one place of it covers, as (row, column).
        """
        down, across = _halvings(height), _halvings(width)
        level = min(down, across, len(self.levels) - 1)
        # The picture begins and ends at the edge of a place, so that nothing flickers when it is moved.
        top, left = rows.start >> down << down, columns.start >> across << across
        bottom, right = -(-rows.stop >> down) << down, -(-columns.stop >> across) << across
        shades = self.levels[level][top >> level : bottom >> level, left >> level : right >> level]
        for axis, halvings in enumerate((down, across)):
            for _ in range(halvings - level):
                shades = _halved(shades, axis)
        return shades, (top, left), (1 << down, 1 << across)


def blocks_of(
    values: NDArray[np.float64], rows: Sequence[int], columns: Sequence[int], gates: Sequence[str | None], scale: float
) -> dict[tuple[int, int], Block]:
    """Return the block of each band of rows and band of columns, by their numbers.

    rows, columns: sizes of the bands. gates: for each band of rows, the role whose colours run from 0 to 1; the
    entries of the others run to ± `scale`, and larger ones have the strongest colour.
    """
    tops, lefts = _starts(rows), _starts(columns)
    blocks = {}
    for r, (top, height) in enumerate(zip(tops, rows, strict=True)):
        band = values[top : top + height]
        shades = np.empty(band.shape, np.uint8)
        for part in _parts(band):
            shades[part] = places_of(band[part], SHARE) if gates[r] else _SHADES[places_of(band[part], (-scale, scale))]
        for c, (left, width) in enumerate(zip(lefts, columns, strict=True)):
            missing = missing_in(band[:, left : left + width])
            blocks[r, c] = Block(
                _pyramid(np.ascontiguousarray(shades[:, left : left + width])),
                None if missing is None else Block(_pyramid(missing)),
            )
    return blocks


def scale_of(bands: Sequence[NDArray[np.float64]], fine: bool = False) -> float:
    """Return the size of an entry that gets the strongest colour, of matrices with the same colours.

    That is the largest size, and at least 1 unless they are `fine`, as gradients are. Of more than `MANY` entries it is
    the size that all but one in 200 stay below: a few large ones would leave the rest without a colour, and often all
    of them are far from 1.
    """
    largest = max(map(largest_size, bands), default=0.0)
    if sum(band.size for band in bands) <= MANY:
        return largest or 1.0 if fine else max(largest, 1.0)
    sizes = np.concatenate([_sample(band) for band in bands])
    usual = float(np.percentile(sizes, _USUAL)) if sizes.size else 0.0
    return max(usual or largest or 1.0, _TINY)


def _starts(sizes: Sequence[int]) -> list[int]:
    return [sum(sizes[:place]) for place in range(len(sizes))]


def _parts(values: NDArray[np.float64]) -> list[slice]:
    rows = max(1, _AT_ONCE // values.shape[1])
    return [slice(start, start + rows) for start in range(0, len(values), rows)]


def _sample(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sizes of the finite entries, of an even sample if there are very many."""
    places = np.linspace(0, values.size - 1, min(values.size, _AT_ONCE)).astype(np.intp)
    sizes: NDArray[np.float64] = np.abs(values[np.unravel_index(places, values.shape)])
    return sizes[np.isfinite(sizes)]


def _halvings(pixels: float) -> int:
    """Return how often the picture is halved until each of its places has a pixel."""
    return max(0, math.ceil(-math.log2(pixels)))


def _pyramid(shades: Shades) -> tuple[Shades, ...]:
    levels = [shades]
    while levels[-1].size > _SMALLEST:
        levels.append(_halved(_halved(levels[-1], 0), 1))
    return tuple(levels)


def _halved(shades: Shades, axis: int) -> Shades:
    """Keep the larger of each two rows (axis 0) or columns (1); the last of an odd number stays."""
    pairs = shades.shape[axis] // 2
    parts = slice(0, 2 * pairs, 2), slice(1, None, 2), slice(2 * pairs, None)
    first, second, rest = (shades[(slice(None),) * axis + (part,)] for part in parts)
    half: Shades = np.maximum(first, second)
    return np.concatenate([half, rest], axis) if rest.size else half
