"""What one training step did to one weight: norms, and histograms of its values and gradients. Pure numpy."""

import numpy as np
from numpy.typing import NDArray

from .observation import Histogram, WeightFacts

BINS = 41
"""An odd number: the bin in the middle stands around 0."""
SUBSAMPLED = 65_536
"""Entries of a weight beyond which its histograms take a regular part of them."""
_CHUNK = 16_384  # entries that are made double at a time: they stay in the processor's cache
_SMALLEST, _LARGEST = 1e-30, 1e38  # edges that float32 can tell apart

Array = NDArray[np.floating]


def weight_facts(before: Array, gradient: Array, after: Array) -> WeightFacts:
    """Return norms and histograms of one weight in one step: ‖W‖, ‖∂L/∂W‖, ‖ΔW‖ with ΔW = after - before.

    before, after: the weight before and after the step; gradient: before clipping; three arrays of one shape, of any
    float dtype. Norms are Frobenius norms in double precision over every entry: inf or NaN where an entry is.
    Histograms leave such entries out; of more than SUBSAMPLED entries they count every second, third, … one, so that
    at most SUBSAMPLED are counted. Raises ValueError where the shapes differ.
    """
    if not before.shape == gradient.shape == after.shape:
        raise ValueError(
            f"three arrays of one shape were expected, found {before.shape}, {gradient.shape} and {after.shape}"
        )
    start, slopes, end = before.ravel(), gradient.ravel(), after.ravel()
    squares = np.zeros(3)
    with np.errstate(over="ignore", invalid="ignore"):  # a network that has diverged is observed as it is
        for first in range(0, start.size, _CHUNK):
            rows = [array[first : first + _CHUNK].astype(np.float64) for array in (start, slopes, end)]
            rows[2] -= rows[0]
            squares += [np.einsum("i,i->", row, row) for row in rows]  # row @ row would wait for threads of its own
        norm, gradient_norm, update_norm = (float(length) for length in np.sqrt(squares))
    return WeightFacts(norm, gradient_norm, update_norm, histogram(start), histogram(slopes))


def histogram(values: Array) -> Histogram:
    """Return how many of some values (N,) lie in each of BINS bins of one width, symmetric around 0.

    The outer edges are the largest |value| rounded up to 1, 2 or 5 times a power of ten, so that an axis seldom
    changes; 1 where every value is 0. Values that are not finite are left out, and many subsampled.
    """
    part = values[:: -(-values.size // SUBSAMPLED) or 1]
    part = part.astype(np.float64)
    finite = np.isfinite(part)
    if not finite.all():
        part = part[finite]
    limit = rounded_up(float(np.abs(part).max(initial=0.0)))
    edges = (np.arange(BINS + 1) * (2 / BINS) - 1) * limit
    # An entry at the outer edge belongs to the last bin; one beyond all that float32 can hold, too.
    places = np.clip((part / limit + 1) * (BINS / 2), 0, BINS - 1).astype(np.intp)
    return Histogram(np.bincount(places, minlength=BINS).astype(np.int64), edges.astype(np.float32))


def rounded_up(value: float) -> float:
    """Return the next of …, 0.1, 0.2, 0.5, 1, 2, 5, 10, … that is not below a value; 1 for 0."""
    if value == 0:
        return 1.0
    value = min(max(value, _SMALLEST), _LARGEST)
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value))
