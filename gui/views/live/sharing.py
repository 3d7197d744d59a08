"""More units and time steps than there are pixels: neighbours share a row or a column that shows the largest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]


def sharing(count: int, room: int) -> int:
    """Return how many of `count` neighbours share a row at most, if there is room for so many rows."""
    return -(-count // max(1, min(count, room)))


def shared(values: Values, room: int, axis: int, gate: bool) -> Values:
    """Return values with at most `room` entries along an axis; neighbours become the largest of them.

    The largest is the one farthest from zero, or of a gate, which is never negative, simply the largest. NaN counts as
    larger than everything, so that it is never hidden.
    """
    count = values.shape[axis]
    if count <= room:
        return values
    starts = first_of(count, room)
    highest = np.maximum.reduceat(values, starts, axis=axis)
    if gate:
        return highest
    lowest = np.minimum.reduceat(values, starts, axis=axis)
    return np.where(highest < -lowest, lowest, highest)


def first_of(count: int, room: int) -> NDArray[np.intp]:
    """Return the first of the neighbours in each row, where `count` of them share at most `room` rows."""
    rows = max(1, min(count, room))
    return (np.arange(rows) * count // rows).astype(np.intp)


def row_of(place: int, count: int, room: int) -> tuple[int, int]:
    """Return the row that a neighbour shares, and how many rows there are."""
    starts = first_of(count, room)
    return int(np.searchsorted(starts, place, side="right")) - 1, len(starts)


def places_of_row(row: int, count: int, room: int) -> range:
    """Return the neighbours that share a row."""
    starts = [*first_of(count, room).tolist(), count]
    return range(starts[row], starts[row + 1])
