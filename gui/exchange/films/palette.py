"""The 256 colours of a GIF, chosen from some of its frames, and what each pixel becomes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_BITS = 5
"""Of each of red, green and blue, by which pixels are told apart."""
_COLOURS = 256
_KEPT = 64
"""So many of the most frequent colours stay exactly as they are: grounds, roles, letters."""


class Palette:
    """The colours, and a table from every pixel to the nearest of them."""

    def __init__(self, samples: Iterable[NDArray[np.uint32]]) -> None:
        """samples: frames (height, width) of pixels 0xffRRGGBB."""
        counts, sums = np.zeros(1 << 3 * _BITS), np.zeros((1 << 3 * _BITS, 3))
        for pixels in samples:
            bins = _bins(pixels).ravel()
            counts += np.bincount(bins, minlength=len(counts))
            for place, channel in enumerate(_channels(pixels)):
                sums[:, place] += np.bincount(bins, channel.ravel(), len(counts))
        found = np.flatnonzero(counts)
        colours = sums[found] / counts[found, None]
        order = np.argsort(-counts[found], kind="stable")
        often, others = order[:_KEPT], order[_KEPT:]
        chosen = colours[often]
        if len(others):
            rest = _chosen(colours[others], np.sqrt(counts[found][others]), _COLOURS - _KEPT)
            chosen = np.concatenate([chosen, rest])
        # Every bin, not only those of the samples: a later frame may have others.
        places = np.arange(1 << 3 * _BITS)
        middles = np.stack([(places >> shift & (1 << _BITS) - 1) for shift in (2 * _BITS, _BITS, 0)], axis=1)
        middles = (middles + 0.5) * 2 ** (8 - _BITS)
        middles[found] = colours
        self._table = _nearest(middles, chosen)
        rounded = np.rint(chosen).astype(np.uint8)
        self.colours = np.zeros((_COLOURS, 4), np.uint8)
        """Each as alpha, red, green, blue."""
        self.colours[:, 0] = 255
        self.colours[: len(rounded), 1:] = rounded

    def indices(self, pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return the place of the nearest colour of each pixel, (height, width)."""
        return self._table[_bins(pixels)]


def _bins(pixels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mask = np.uint32((1 << _BITS) - 1)
    red, green, blue = (pixels >> np.uint32(shift) & mask for shift in (24 - _BITS, 16 - _BITS, 8 - _BITS))
    bins: NDArray[np.uint32] = red << np.uint32(2 * _BITS) | green << np.uint32(_BITS) | blue
    return bins


def _channels(pixels: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], ...]:
    return tuple(pixels >> np.uint32(shift) & np.uint32(255) for shift in (16, 8, 0))


def _chosen(colours: NDArray[np.float64], weights: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Return at most so many colours by median cut: the box with the widest spread is halved, again and again."""
    boxes = [np.arange(len(colours))]
    while len(boxes) < most:
        spreads = [_spread(colours[box], weights[box]) for box in boxes]
        widest = int(np.argmax(spreads))
        if spreads[widest] <= 0:
            break
        box = boxes.pop(widest)
        channel = int(np.argmax(np.ptp(colours[box], axis=0)))
        box = box[np.argsort(colours[box, channel], kind="stable")]
        share = np.cumsum(weights[box])
        cut = min(max(int(np.searchsorted(share, share[-1] / 2)), 1), len(box) - 1)
        boxes += [box[:cut], box[cut:]]
    return np.stack([np.average(colours[box], axis=0, weights=weights[box]) for box in boxes])


def _spread(colours: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return float(np.ptp(colours, axis=0).max() * weights.sum()) if len(colours) > 1 else 0.0


def _nearest(colours: NDArray[np.float64], chosen: NDArray[np.float64]) -> NDArray[np.uint8]:
    found = np.empty(len(colours), np.uint8)
    for begin in range(0, len(colours), 4096):  # 8 MB at a time
        part = colours[begin : begin + 4096]
        away = (part**2).sum(1)[:, None] - 2 * part @ chosen.T + (chosen**2).sum(1)
        found[begin : begin + 4096] = away.argmin(1)
    return found
