"""A matrix as shades, one byte an entry, and smaller pictures of it for where an entry has less than a pixel.

A shade is larger the farther its entry is from zero, so that the largest of two is the one to keep.
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
"""Of each entry, (rows, columns)."""

_AT_ONCE = 1 << 20
"""So many entries are turned into shades in one go: a large matrix needs no second one of doubles."""
MANY = 4096
"""Of more entries the colours follow the usual ones rather than the largest."""
_USUAL = 99.5
"""So many of a hundred entries are no larger than what has the strongest colour."""
_TINY = 1e-300
"""What a size may be divided by."""
_SMALLEST = 4096
"""A picture of so few entries needs no smaller one."""

SIGNED = np.array([127 - (shade >> 1) if shade % 2 == 0 else 128 + (shade >> 1) for shade in range(256)])
"""Place of each shade of an entry of either sign in a table that runs from negative through zero to positive."""
_SHADES = np.argsort(SIGNED).astype(np.uint8)
"""The shade of each of these places."""


@dataclass(frozen=True, eq=False)
class Block:
    """Where a band of rows meets a band of columns: its shades, and each level half as large as the one before.

    missing: the same of where there is no finite number, 1 there and 0 elsewhere; None where all are.
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
        """Return the picture of some entries, for entries of so many pixels, each of its places a pixel or more.

        With it come the entry that it begins with and the entries that one place of it stands for, as (row, column).
        """
        down, across = _halvings(height), _halvings(width)
        level = min(down, across, len(self.levels) - 1)
        # The picture begins and ends where a place of it does, so that nothing flickers when it is moved.
        top, left = rows.start >> down << down, columns.start >> across << across
        bottom, right = -(-rows.stop >> down) << down, -(-columns.stop >> across) << across
        shades = self.levels[level][top >> level : bottom >> level, left >> level : right >> level]
        for _ in range(down - level):
            shades = _half_as_high(shades)
        for _ in range(across - level):
            shades = _half_as_wide(shades)
        return shades, (top, left), (1 << down, 1 << across)


def blocks_of(
    values: NDArray[np.float64], rows: Sequence[int], columns: Sequence[int], gates: Sequence[str | None], scale: float
) -> dict[tuple[int, int], Block]:
    """Return the block of every band of rows and of columns, by their places.

    rows, columns: sizes of the bands. gates: for each band of rows, the role whose colours run from 0 to 1; the
    entries of the others run to ± `scale`, and those beyond have the colour of the last.
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
                None if missing is None else Block(_pyramid(missing.astype(np.uint8))),
            )
    return blocks


def scale_of(bands: Sequence[NDArray[np.float64]], fine: bool = False) -> float:
    """Return the size of an entry that gets the strongest colour, of matrices that are coloured alike.

    That is the largest size there is, and at least 1 unless they are `fine`, as gradients are. Of more than `MANY`
    entries it is the size that all but one in 200 stay below: a few large ones would leave the rest without a colour,
    and many are all far from 1.
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
    """Return the sizes of the entries, evenly chosen of very many; all of them are finite."""
    places = np.linspace(0, values.size - 1, min(values.size, _AT_ONCE)).astype(np.intp)
    sizes: NDArray[np.float64] = np.abs(values[np.unravel_index(places, values.shape)])
    return sizes[np.isfinite(sizes)]


def _halvings(pixels: float) -> int:
    """How often a number of entries is halved until each place of the picture has a pixel."""
    return max(0, math.ceil(-math.log2(pixels)))


def _pyramid(shades: Shades) -> tuple[Shades, ...]:
    levels = [shades]
    while levels[-1].size > _SMALLEST:
        levels.append(_half_as_wide(_half_as_high(levels[-1])))
    return tuple(levels)


def _half_as_high(shades: Shades) -> Shades:
    """Keep the larger of each two rows; the last of an odd number stays."""
    pairs = len(shades) // 2
    half: Shades = np.maximum(shades[: 2 * pairs : 2], shades[1::2])
    return half if len(shades) % 2 == 0 else np.concatenate([half, shades[-1:]])


def _half_as_wide(shades: Shades) -> Shades:
    """Keep the larger of each two columns; the last of an odd number stays."""
    pairs = shades.shape[1] // 2
    half: Shades = np.maximum(shades[:, : 2 * pairs : 2], shades[:, 1::2])
    return half if shades.shape[1] % 2 == 0 else np.concatenate([half, shades[:, -1:]], axis=1)
