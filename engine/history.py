"""Every metric of every step of a run so far; thinned out for drawing, never for keeping.

Curves are decimated by minimum and maximum over an incrementally kept pyramid: whatever a run did in a single
step shows at any zoom, and a million steps cost no more to draw than a thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.config import TrainingConfig
from engine.observation import Extras
from engine.samples import Samples
from engine.snapshot import Snapshot

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

BEFORE_LAYERS = ("loss", "measure", "grad_norm", "applied_norm", "twin_loss")
"""The first columns of every run."""
_FACTOR = 8  # steps of one level of the pyramid that become one entry of the next
_CHUNK = 65_536  # entries that are stored together


def metric_names(config: TrainingConfig) -> tuple[str, ...]:
    """Return the columns that a run of this config records at every step.

    loss; measure; grad_norm and applied_norm, of all weights together, before and after clipping; twin_loss, of the
    plain RNN beside it (NaN while there is none); then per layer, counted from 1, the gradient norm of each weight,
    such as layer1.W_f, by the names that the cell declares.
    """
    weights = [item.name for item in config.made_cell.parameters]
    if config.cell == "lstm":  # in torch's order, so that a trainer can write its norms as they come
        weights = [f"{letter}_{gate}" for letter in "Wb" for gate in ("i", "f", "C", "o")]
        weights += ["W_hr"] if config.projected else []
    layers = range(1, config.layers + 1)
    return (*BEFORE_LAYERS, *(f"layer{layer}.{name}" for layer in layers for name in weights))


def sampled_values(extras: Extras) -> dict[str, ArrayLike]:
    """Return the numbers of a snapshot's extras by key; layers are counted from 1.

    flow.1.h_t and flow.1.C_t (T,), flow.1.part.line … (T,), flow.1.low.f_t and flow.1.high.f_t (shares);
    twin.1.h_t … of the plain RNN beside it; ratio.layer1.W_f.
    """
    values: dict[str, ArrayLike] = {}
    for kind, flow in (("flow", extras.flow), ("twin", extras.twin_flow)):
        for layer, part in enumerate(flow.layers if flow is not None else (), 1):
            values |= {f"{kind}.{layer}.{name}": norms for name, norms in part.states.items()}
            values |= {f"{kind}.{layer}.part.{name}": norms for name, norms in part.parts.items()}
            for gate, (low, high) in part.saturation.items():
                values |= {f"{kind}.{layer}.low.{gate}": low, f"{kind}.{layer}.high.{gate}": high}
    if extras.observed is not None:
        values |= {f"ratio.{name}": facts.ratio for name, facts in extras.observed.weights.items()}
    return values


Values = NDArray[Any]
_DTYPES = (np.float32, np.float32, np.float64, np.int32)


@dataclass(frozen=True)
class _Summary:
    """What groups of neighbouring steps come to; each array is (columns, groups).

    total and counted are of the values that are finite: a mean can leave the others out.
    """

    minimum: Float32
    maximum: Float32
    total: Float64
    counted: NDArray[np.int32]

    @property
    def parts(self) -> tuple[Values, ...]:
        return self.minimum, self.maximum, self.total, self.counted

    def grouped(self, size: int) -> "_Summary":
        """Return the summary of each `size` neighbouring groups; their number is a multiple of it."""
        reducers = (np.fmin, np.fmax, np.add, np.add)
        blocks = (part.reshape(len(part), -1, size) for part in self.parts)
        return _Summary(*(reducer.reduce(block, axis=2) for reducer, block in zip(reducers, blocks, strict=True)))


class _Columns:
    """A (columns, count) array that grows at its end, in chunks of one size: growing never copies."""

    def __init__(self, columns: int, dtype: type) -> None:
        self._shape = (columns, _CHUNK)
        self._dtype = dtype
        self._chunks: list[Values] = []
        self.count = 0

    def extend(self, block: Values) -> None:
        done = 0
        while done < block.shape[1]:
            at = self.count % _CHUNK
            if at == 0:
                self._chunks.append(np.empty(self._shape, dtype=self._dtype))
            fits = min(_CHUNK - at, block.shape[1] - done)
            self._chunks[-1][:, at : at + fits] = block[:, done : done + fits]
            self.count += fits
            done += fits

    def between(self, places: list[int] | slice, start: int, stop: int) -> Values:
        """Return entries start to stop of some columns, as an array of their own."""
        pieces: list[Values] = [np.empty((self._shape[0], 0), dtype=self._dtype)[places]]
        for number in range(start // _CHUNK, -(-stop // _CHUNK)):
            at = number * _CHUNK
            pieces.append(self._chunks[number][places, max(start - at, 0) : stop - at])
        return np.concatenate(pieces, axis=1)


class _Level:
    """Summaries of groups of one size: a floor of the pyramid."""

    def __init__(self, columns: int) -> None:
        self._parts = [_Columns(columns, dtype) for dtype in _DTYPES]

    @property
    def count(self) -> int:
        return self._parts[0].count

    def extend(self, summary: _Summary) -> None:
        for part, block in zip(self._parts, summary.parts, strict=True):
            part.extend(block)

    def between(self, places: list[int] | slice, start: int, stop: int) -> _Summary:
        return _Summary(*(part.between(places, start, stop) for part in self._parts))


class History:
    """The metrics of a run, step by step; steps are counted from 1.

    metric_names: what the columns of each appended row mean. last_snapshot: the newest one kept, or None. samples:
    what snapshots brought besides, moment by moment. events: what the user changed and after which step, in words.
    """

    def __init__(self, metric_names: Sequence[str]) -> None:
        self.metric_names = tuple(metric_names)
        self.last_snapshot: Snapshot | None = None
        self.samples = Samples()
        self.events: list[tuple[int, str]] = []
        self._places = {name: place for place, name in enumerate(self.metric_names)}
        self._steps = _Columns(len(self.metric_names), np.float32)
        # Level 1 sums up each 8 steps, level 2 each 64, and so on.
        self._levels: list[_Level] = []
        self._asked: tuple[Any, ...] = ()
        self._answer: tuple[NDArray[np.intp], _Summary]

    @property
    def count(self) -> int:
        """How many steps are recorded."""
        return self._steps.count

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot as the newest, and the numbers of what it brought besides as samples."""
        self.last_snapshot = snapshot
        values = sampled_values(snapshot.extras)
        if values:
            self.samples.append(snapshot.step, values)

    def append(self, rows: Float32) -> None:
        """Append steps: rows (steps, columns). Raises ValueError for another number of columns."""
        if rows.ndim != 2 or rows.shape[1] != len(self.metric_names):
            raise ValueError(f"rows of {len(self.metric_names)} columns were expected, found shape {rows.shape}")
        self._steps.extend(rows.T)
        level = 0
        while below := self._count_at(level) // _FACTOR:
            if level == len(self._levels):
                self._levels.append(_Level(len(self.metric_names)))
            above = self._levels[level]
            fresh = self._summary(level, slice(None), above.count * _FACTOR, below * _FACTOR)
            above.extend(fresh.grouped(_FACTOR))
            level += 1

    def _count_at(self, level: int) -> int:
        return self._levels[level - 1].count if level else self.count

    def _summary(self, level: int, places: list[int] | slice, start: int, stop: int) -> _Summary:
        """Return entries start to stop of a level; those of level 0 are the steps themselves."""
        if level:
            return self._levels[level - 1].between(places, start, stop)
        values: Float32 = self._steps.between(places, start, stop)
        finite = np.isfinite(values)
        return _Summary(values, values, np.where(finite, values, 0).astype(np.float64), finite.astype(np.int32))

    def column(self, name: str) -> Float32:
        """Return every step of one metric, (count,), as a read-only array; KeyError for an unknown name."""
        values: Float32 = self._steps.between([self._places[name]], 0, self.count)[0]
        values.flags.writeable = False
        return values

    def averaged(self, names: Sequence[str], first: int, last: int, groups: int) -> tuple[Float64, Float64]:
        """Return (steps, means) of metrics over at most `groups` groups of neighbours, from `first` to `last`.

        steps (points,), means (names, points). Values that are not finite are left out; a group of nothing else
        is NaN. Raises KeyError for an unknown name.
        """
        edges, summary = self._in_groups(names, first, last, groups)
        means = np.full(summary.total.shape, np.nan)
        np.divide(summary.total, summary.counted, out=means, where=summary.counted > 0)
        return (edges[:-1] + edges[1:] + 1) / 2, means

    def decimated(self, names: Sequence[str], first: int, last: int, max_points: int) -> tuple[Float64, Float32]:
        """Return (steps, values) to draw metrics from step `first` to step `last`, both included.

        steps (points,), values (names, points). Where there are more than max_points steps, groups of neighbours
        become their minimum and maximum: the extremes of what is shown are always among the values. A NaN shows
        only where a whole group is NaN. Raises ValueError for max_points below 8, KeyError for an unknown name.
        """
        if max_points < 8:
            raise ValueError(f"max_points is {max_points}; at least 8 are needed")
        start, stop = max(first - 1, 0), min(last, self.count)
        if stop - start <= max_points:
            places = [self._places[name] for name in names]
            stop = max(start, stop)
            values: Float32 = self._steps.between(places, start, stop)
            return np.arange(start + 1, stop + 1, dtype=np.float64), values
        edges, summary = self._in_groups(names, first, last, max_points // 2)
        # The two values of a group stand at its quarters: the curve passes each group from left to right.
        widths = np.diff(edges)
        steps = np.stack([edges[:-1] + widths * 0.25, edges[:-1] + widths * 0.75], axis=1) + 1.0
        both = np.stack([summary.minimum, summary.maximum], axis=2)
        return steps.ravel(), both.reshape(len(names), -1)

    def _in_groups(self, names: Sequence[str], first: int, last: int, groups: int) -> tuple[NDArray[np.intp], _Summary]:
        """Return the edges of at most `groups` groups of steps (groups + 1,), counted from 0, and what they come to.

        Groups are aligned to multiples of their size, so that a growing curve does not flicker; the ragged ends
        are groups of their own. The last answer is kept: a plot asks for extremes and means of the same groups.
        """
        asked = (tuple(names), first, last, groups, self.count)
        if asked != self._asked:
            self._asked, self._answer = asked, self._group(*asked[:4])
        return self._answer

    def _group(self, names: Sequence[str], first: int, last: int, groups: int) -> tuple[NDArray[np.intp], _Summary]:
        places = [self._places[name] for name in names]
        start = max(first - 1, 0)
        stop = max(start, min(last, self.count))
        group = max(1, -(-(stop - start) // max(1, groups - 2)))
        level, size = 0, 1
        while level < len(self._levels) and size * _FACTOR <= group:
            level, size = level + 1, size * _FACTOR
        group = -(-group // size) * size
        begin = min(-(-start // group) * group, stop)
        end = max(begin, min(stop, self._count_at(level) * size) // group * group)
        inner = self._summary(level, places, begin // size, end // size).grouped(group // size)
        edges, summaries = np.arange(begin, end + 1, group), [inner]
        if start < begin:
            edges = np.insert(edges, 0, start)
            summaries.insert(0, self._summary(0, places, start, begin).grouped(begin - start))
        if end < stop:
            edges = np.append(edges, stop)
            summaries.append(self._summary(0, places, end, stop).grouped(stop - end))
        joined = zip(*(summary.parts for summary in summaries), strict=True)
        return edges, _Summary(*(np.concatenate(blocks, axis=1) for blocks in joined))
