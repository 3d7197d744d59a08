"""Every metric of every step of a run so far; thinned out for drawing, never for keeping.

Curves are decimated by minimum and maximum over an incrementally kept pyramid: whatever a run did in a single
step shows at any zoom, and a million steps cost no more to draw than a thousand.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.config import TrainingConfig
from engine.snapshot import Snapshot

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

GATE_COLUMNS = ("i", "f", "C", "o")  # torch's order, so that a trainer can write its norms as they come
_FACTOR = 8  # steps of one level of the pyramid that become one entry of the next
_FIRST_CAPACITY = 1024


def metric_names(config: TrainingConfig) -> tuple[str, ...]:
    """Return the columns that a run of this config records at every step.

    loss; measure; grad_norm (of all weights together, before clipping); then per layer, counted from 1, the
    gradient norms layer1.W_i layer1.W_f layer1.W_C layer1.W_o layer1.b_i … layer1.b_o and, with a projection,
    layer1.W_hr.
    """
    names = ["loss", "measure", "grad_norm"]
    for layer in range(1, config.layers + 1):
        names += [f"layer{layer}.{letter}_{gate}" for letter in "Wb" for gate in GATE_COLUMNS]
        if config.projected:
            names.append(f"layer{layer}.W_hr")
    return tuple(names)


class _Rows:
    """A (columns, count) float32 array that grows at its end, in amortised constant time per entry."""

    def __init__(self, columns: int) -> None:
        self._data = np.empty((columns, _FIRST_CAPACITY), dtype=np.float32)
        self.count = 0

    def extend(self, block: Float32) -> None:
        needed = self.count + block.shape[1]
        if needed > self._data.shape[1]:
            # A fresh array: views handed out earlier keep the old one, which nothing writes to any more.
            grown = np.empty((self._data.shape[0], max(needed, 2 * self._data.shape[1])), dtype=np.float32)
            grown[:, : self.count] = self._data[:, : self.count]
            self._data = grown
        self._data[:, self.count : needed] = block
        self.count = needed

    @property
    def filled(self) -> Float32:
        return self._data[:, : self.count]


class _Sums:
    """Running sums of each metric, (columns, count + 1): the mean of any stretch is one difference."""

    def __init__(self, columns: int) -> None:
        self._data = np.zeros((columns, _FIRST_CAPACITY))
        self._count = 1

    def extend(self, block: Float32) -> None:
        needed = self._count + block.shape[1]
        if needed > self._data.shape[1]:
            grown = np.zeros((self._data.shape[0], max(needed, 2 * self._data.shape[1])))
            grown[:, : self._count] = self.filled
            self._data = grown
        finite = np.where(np.isfinite(block), block, 0.0).astype(np.float64)
        self._data[:, self._count : needed] = self.filled[:, -1:] + np.cumsum(finite, axis=1)
        self._count = needed

    @property
    def filled(self) -> Float64:
        return self._data[:, : self._count]


class History:
    """The metrics of a run, step by step; steps are counted from 1.

    metric_names: what the columns of each appended row mean. last_snapshot: the newest one kept, or None.
    """

    def __init__(self, metric_names: Sequence[str]) -> None:
        self.metric_names = tuple(metric_names)
        self.last_snapshot: Snapshot | None = None
        self._places = {name: place for place, name in enumerate(self.metric_names)}
        self._steps = _Rows(len(self.metric_names))
        # Level 1 holds the minimum and maximum of each 8 steps, level 2 of each 64, and so on.
        self._sums = _Sums(len(self.metric_names))
        self._minima: list[_Rows] = []
        self._maxima: list[_Rows] = []

    @property
    def count(self) -> int:
        """How many steps are recorded."""
        return self._steps.count

    def append(self, rows: Float32) -> None:
        """Append steps: rows (steps, columns). Raises ValueError for another number of columns."""
        if rows.ndim != 2 or rows.shape[1] != len(self.metric_names):
            raise ValueError(f"rows of {len(self.metric_names)} columns were expected, found shape {rows.shape}")
        self._steps.extend(rows.T)
        self._sums.extend(rows.T)
        below_min, below_max = self._steps, self._steps
        level = 0
        while below_min.count // _FACTOR:
            if level == len(self._minima):
                self._minima.append(_Rows(len(self.metric_names)))
                self._maxima.append(_Rows(len(self.metric_names)))
            minima, maxima = self._minima[level], self._maxima[level]
            fresh = slice(minima.count * _FACTOR, below_min.count // _FACTOR * _FACTOR)
            minima.extend(_reduced(np.fmin, below_min.filled[:, fresh], _FACTOR))
            maxima.extend(_reduced(np.fmax, below_max.filled[:, fresh], _FACTOR))
            below_min, below_max = minima, maxima
            level += 1

    def column(self, name: str) -> Float32:
        """Return every step of one metric, (count,), as a read-only view; KeyError for an unknown name."""
        view: Float32 = self._steps.filled[self._places[name]]
        view.flags.writeable = False
        return view

    def averaged(self, names: Sequence[str], first: int, last: int, groups: int) -> tuple[Float64, Float64]:
        """Return (steps, means) of metrics over at most `groups` groups of neighbours, from `first` to `last`.

        steps (points,), means (names, points). A value that is not finite counts as 0, so that one bad step does
        not take the whole curve away. Groups are aligned to multiples of their size, so that a growing curve does
        not flicker. Raises KeyError for an unknown name.
        """
        places = [self._places[name] for name in names]
        start, stop = max(first - 1, 0), min(last, self.count)
        if stop <= start:
            return np.empty(0), np.empty((len(places), 0))
        size = max(1, -(-(stop - start) // max(1, groups - 2)))
        inner = np.arange(start // size + 1, -(-stop // size)) * size
        edges = np.concatenate([[start], inner, [stop]])
        sums = self._sums.filled[:, edges][places]
        return (edges[:-1] + edges[1:] + 1) / 2, np.diff(sums, axis=1) / np.diff(edges)

    def decimated(self, names: Sequence[str], first: int, last: int, max_points: int) -> tuple[Float64, Float32]:
        """Return (steps, values) to draw metrics from step `first` to step `last`, both included.

        steps (points,), values (names, points). Where there are more than max_points steps, groups of neighbours
        become their minimum and maximum: the extremes of what is shown are always among the values. A NaN shows
        only where a whole group is NaN. Raises ValueError for max_points below 8, KeyError for an unknown name.
        """
        if max_points < 8:
            raise ValueError(f"max_points is {max_points}; at least 8 are needed")
        places = [self._places[name] for name in names]
        start, stop = max(first - 1, 0), min(last, self.count)
        raw = self._steps.filled
        if stop - start <= max_points:
            return np.arange(start + 1, max(start, stop) + 1, dtype=np.float64), raw[:, start:stop][places]
        # Two points a group; two groups are kept for the ragged ends.
        group = -(-(stop - start) // (max_points // 2 - 2))
        level, size = 0, 1
        while level < len(self._minima) and size * _FACTOR <= group:
            level, size = level + 1, size * _FACTOR
        group = -(-group // size) * size
        low = self._minima[level - 1].filled if level else raw
        high = self._maxima[level - 1].filled if level else raw
        # Groups are aligned to multiples of their size, so that a growing curve does not flicker.
        begin = -(-start // group)
        end = max(begin, min(stop // group, low.shape[1] * size // group))
        inner = slice(begin * group // size, end * group // size)
        minima = [_reduced(np.fmin, low[:, inner][places], group // size)]
        maxima = [_reduced(np.fmax, high[:, inner][places], group // size)]
        starts = [np.arange(begin, end) * group]
        for at, edge, stretch in ((0, start, slice(start, begin * group)), (3, end * group, slice(end * group, stop))):
            ragged = raw[:, stretch][places]
            if ragged.size:
                minima.insert(at, _reduced(np.fmin, ragged, ragged.shape[1]))
                maxima.insert(at, _reduced(np.fmax, ragged, ragged.shape[1]))
                starts.insert(at, np.array([edge]))
        begins = np.concatenate(starts)
        ends = np.append(begins[1:], stop)
        # The two values of a group stand at its quarters: the curve passes each group from left to right.
        steps = np.stack([begins + (ends - begins) * 0.25, begins + (ends - begins) * 0.75], axis=1)
        values = np.stack([np.concatenate(minima, axis=1), np.concatenate(maxima, axis=1)], axis=2)
        return steps.ravel() + 1.0, values.reshape(len(places), -1)


def _reduced(extreme: np.ufunc, block: Float32, factor: int) -> Float32:
    """Return the extreme of each `factor` neighbours: (columns, entries) → (columns, entries / factor)."""
    columns, entries = block.shape
    reduced: Float32 = extreme.reduce(block.reshape(columns, entries // factor, factor), axis=2)
    return reduced
