"""The rows that are seen of a long column, and the one that a pixel shows of several."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WHOLE_UNTIL = 24
"""Up to so many rows, none is cut off at an edge."""


@dataclass(frozen=True)
class Rows:
    """Rows `first` to `first + count` of `size`, from 0; of many, the first and the last may be cut."""

    size: int
    first: float
    count: float

    @classmethod
    def all(cls, size: int) -> Rows:
        """Return all rows of a column."""
        return cls(size, 0.0, float(max(1, size)))

    @property
    def whole(self) -> bool:
        """Whether all rows are seen."""
        return self.count >= self.size

    @property
    def seen(self) -> slice:
        """Every row of which a part is seen."""
        return slice(math.floor(self.first), min(self.size, math.ceil(self.first + self.count)))

    def moved(self, first: float) -> Rows:
        """Return as many rows from `first` on, as far as there are any."""
        if self.count <= _WHOLE_UNTIL:
            first = round(first)
        return Rows(self.size, min(max(first, 0.0), max(self.size - self.count, 0.0)), self.count)

    def zoomed(self, factor: float, share: float, least: int) -> Rows:
        """Return `factor` times as many rows, at least `least`; the row at `share` of the height (0…1) stays there."""
        count = max(self.count * factor, least)
        if count >= self.size:
            return Rows.all(self.size)
        if count <= _WHOLE_UNTIL:
            count = float(max(round(count), least))
        about = self.first + share * self.count
        return Rows(self.size, 0.0, count).moved(about - share * count)


def farthest_from_zero(values: NDArray[np.float64], each: int) -> NDArray[np.float64]:
    """Return the entry farthest from zero of every `each` entries; the last group may have fewer."""
    if each == 1:
        return values
    starts = np.arange(0, len(values), each)
    highest, lowest = np.maximum.reduceat(values, starts), np.minimum.reduceat(values, starts)
    return np.where(highest >= -lowest, highest, lowest)
