"""Missing values: which entries look like a mark for one, and how gaps are filled."""

from __future__ import annotations

import numpy as np

from .dates import Float64

_FAR = 5.0  # times the largest of the others
_SURELY = 950.0  # a number of three nines or more need not be repeated


def likely_marks(values: Float64) -> tuple[float, ...]:
    """Return the numbers of a column that look like marks for a missing value, such as -1 or 999, from the lowest.

    Far outside the rest, of nines alone, and repeated or of at least three nines; or -1, repeated, where no other
    number is negative.
    """
    if not len(values) or np.isnan(values).all():
        return ()
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low != -1 and not _is_of_nines(low) and not _is_of_nines(high):
        return ()
    rest = values[~np.isnan(values)]
    nines: dict[float, int] = {}
    while len(rest):
        ends = [number for number in (float(rest.min()), float(rest.max())) if _is_of_nines(number)]
        if not ends:
            break
        nines |= {number: int(np.count_nonzero(rest == number)) for number in ends}
        rest = rest[~np.isin(rest, ends)]
    if len(rest) < 2 or rest.min() == rest.max():
        return ()
    largest = float(np.abs(rest).max())
    outside = {number: count for number, count in nines.items() if abs(number) > _FAR * largest}
    found = {number for number, count in outside.items() if count > 1 or abs(number) > _SURELY}
    negative = rest[rest < 0]
    if len(negative) > 1 and np.all(negative == -1):
        found.add(-1.0)
    return tuple(sorted(found))


def _is_of_nines(number: float) -> bool:
    digits = f"{abs(number):.10g}".replace(".", "")
    return len(digits) > 1 and set(digits) == {"9"}


def filled(values: Float64, missing: str) -> Float64:
    """Return values (rows,) with every NaN replaced: by the last value before it, or on the line between neighbours.

    missing: "carry" or "interpolate". At an end without a neighbour the nearest value is taken.
    """
    known = np.flatnonzero(~np.isnan(values))
    if not len(known) or len(known) == len(values):
        return values
    rows = np.arange(len(values))
    if missing == "interpolate":
        return np.interp(rows, known, values[known])
    before = np.searchsorted(known, rows, side="right") - 1
    return np.asarray(values[known[np.maximum(before, 0)]])
