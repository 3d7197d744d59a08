"""The metrics of a run so far, ready to be drawn over any range of its training steps.

Curves are decimated by minimum and maximum over an incrementally kept pyramid: whatever a run did in a single
step shows at any zoom, and a million steps cost no more to draw than a thousand. The pyramid may forget the details of
what is long past, which a recording of the run has: then the past is drawn in coarser groups, until its steps are lent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .observation import Extras, Observed
from .pyramid import Float32, Float64, Pyramid, Summary
from .samples import Samples
from .snapshot import Snapshot

KEPT = 16_384
"""Entries of each level of the pyramid that a window keeps; what is drawn with up to KEPT / 16 points is as fine."""


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


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of neighbouring steps, and what metrics come to in them; low, high and middle are (names, groups).

    edges: (groups + 1,), counted from 0: a group has the steps after one edge up to the next. middle: about the median,
    see `engine.runs.pyramid.Summary`.
    """

    edges: NDArray[np.int64]
    low: Float32
    high: Float32
    middle: Float32

    @property
    def centres(self) -> Float64:
        """The middle step of each group, (groups,)."""
        return (self.edges[:-1] + self.edges[1:] + 1) / 2

    @property
    def size(self) -> int:
        """How many steps a whole group has; 0 where there are none."""
        return int(np.diff(self.edges).max(initial=0))


@dataclass(frozen=True)
class _Lent:
    """Steps of a run that begin after its first `start`."""

    start: int
    pyramid: Pyramid

    def covers(self, start: int, stop: int) -> bool:
        return self.start <= start and stop <= self.start + self.pyramid.count


def _group_size(steps: int, groups: int) -> int:
    """Return the size of groups of which, aligned to its multiples, at most `groups` hold so many steps."""
    return max(1, -(-steps // max(1, groups - 2)))


class History:
    """The metrics of a run, step by step; steps are counted from 1.

    metric_names: what the columns of each appended row mean. keep: how many steps and how many groups of each size
    stay known at least, the newest; older details are forgotten, so that memory does not grow with the run. None keeps
    every step. last_snapshot: the newest one kept, or None. looked_at: a recorded moment that is looked at in place of
    the newest, or None. samples: what snapshots brought besides, moment by moment. first_observed: the first step that
    was seen closely.
    events: what the user changed and after which step, in words.
    """

    def __init__(self, metric_names: Sequence[str], keep: int | None = None) -> None:
        self.metric_names = tuple(metric_names)
        self.last_snapshot: Snapshot | None = None
        self.looked_at: Snapshot | None = None
        self.samples = Samples()
        self.first_observed: Observed | None = None
        self._seen = Extras()
        self.events: list[tuple[int, str]] = []
        self._places = {name: place for place, name in enumerate(self.metric_names)}
        self._pyramid = Pyramid(len(self.metric_names), keep)
        self._lent = _Lent(0, Pyramid(len(self.metric_names)))
        self._asked: tuple[object, ...] = ()
        self._answer: tuple[NDArray[np.int64], Summary]

    @property
    def shown(self) -> Snapshot | None:
        """The snapshot that is to be drawn: the moment that is looked at, or else the newest."""
        return self.looked_at or self.last_snapshot

    @property
    def moment(self) -> int | None:
        """The step that is looked at; None for the newest."""
        return self.looked_at.step if self.looked_at is not None else None

    @property
    def extras(self) -> Extras:
        """What is known besides of the snapshot that is to be drawn: each the newest until then, which says its step.

        A snapshot often brings none of it, for it takes longer to compute.
        """
        return self._seen if self.looked_at is None else self.looked_at.extras

    @property
    def count(self) -> int:
        """How many steps are recorded, also those whose details were forgotten."""
        return self._pyramid.count

    @property
    def kept_bytes(self) -> int:
        """The bytes of all metrics that are kept, and of those that are lent."""
        return self._pyramid.kept_bytes + self._lent.pyramid.kept_bytes

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot as the newest, and the numbers of what it brought besides as samples."""
        self.last_snapshot = snapshot
        self.sample(snapshot.step, snapshot.extras)

    def sample(self, step: int, extras: Extras) -> None:
        """Keep the numbers of what was seen besides after a step, later than any before."""
        values = sampled_values(extras)
        if values:
            self.samples.append(step, values)
        self.first_observed = self.first_observed or extras.observed
        if extras.flow is not None:
            self._seen = replace(self._seen, flow=extras.flow, twin_flow=extras.twin_flow)
        if extras.observed is not None:
            self._seen = replace(self._seen, observed=extras.observed)
        if extras.sample:
            self._seen = replace(self._seen, sample=extras.sample)

    def append(self, rows: Float32) -> None:
        """Append steps: rows (steps, columns). Raises ValueError for another number of columns."""
        self._check(rows)
        self._pyramid.append(rows)

    def _check(self, rows: Float32) -> None:
        if rows.ndim != 2 or rows.shape[1] != len(self.metric_names):
            raise ValueError(f"rows of {len(self.metric_names)} columns were expected, found shape {rows.shape}")

    def lend(self, first: int, rows: Float32 | Pyramid) -> None:
        """Take steps of the past, from step `first` on, to draw ranges that lie within them as they were.

        rows: (steps, columns), such as a recording has; many of them rather as a `Pyramid`, which another thread can
        have made. They are used where details were forgotten, until the next are lent; of more than KEPT steps only
        groups are kept. Raises ValueError for another number of columns and for steps that were not recorded.
        """
        if not isinstance(rows, Pyramid):
            self._check(rows)
            pyramid = Pyramid(len(self.metric_names))
            pyramid.append(rows)
        elif rows.columns != len(self.metric_names):
            raise ValueError(f"steps of {len(self.metric_names)} columns were expected, found {rows.columns}")
        else:
            pyramid = rows
        last = first + pyramid.count - 1
        if first < 1 or last > self.count:
            raise ValueError(f"steps {first} to {last} were lent to a run of {self.count} steps")
        pyramid.thin(KEPT)
        self._lent = _Lent(first - 1, pyramid)
        self._asked = ()

    def misses(self, first: int, last: int, max_points: int) -> bool:
        """Whether `decimated` would draw a range coarser than max_points allows, for details that were forgotten.

        Then the steps from `first` to `last` can be lent.
        """
        start, stop = self._range(first, last)
        group = 1 if stop - start <= max_points else _group_size(stop - start, max_points // 2)
        source = self._source(start, stop, group)
        return start < stop and source.pyramid.size_for(start - source.start, group) > group

    def column(self, name: str) -> Float32:
        """Return every step of one metric, (count,), as a read-only array.

        Raises KeyError for an unknown name, ValueError where steps were forgotten.
        """
        place = self._places[name]
        if forgotten := self._pyramid.forgotten:
            raise ValueError(f"the first {forgotten} of {self.count} steps were forgotten; ask `decimated` instead")
        values = self._pyramid.steps(np.array([place]), 0, self.count)[:, 0]
        values.flags.writeable = False
        return values

    def averaged(self, names: Sequence[str], first: int, last: int, groups: int) -> tuple[Float64, Float64]:
        """Return (steps, means) of metrics over at most `groups` groups of neighbours, from `first` to `last`.

        steps (points,), means (names, points). Values that are not finite are left out; a group of nothing else
        is NaN. Where details were forgotten, groups are larger, and the first and the last may reach beyond the range.
        Raises KeyError for an unknown name.
        """
        edges, summary = self._in_groups(names, *self._range(first, last), groups)
        means = np.full(summary.total.T.shape, np.nan)
        np.divide(summary.total.T, summary.counted.T, out=means, where=summary.counted.T > 0)
        return (edges[:-1] + edges[1:] + 1) / 2, means

    def in_groups(self, names: Sequence[str], first: int, last: int, groups: int) -> Groups:
        """Return what metrics come to in at most `groups` groups of neighbours, from step `first` to step `last`.

        Where details were forgotten, groups are larger, and the first and the last may reach beyond the range. Raises
        KeyError for an unknown name.
        """
        edges, summary = self._in_groups(names, *self._range(first, last), groups)
        return Groups(edges, summary.minimum.T, summary.maximum.T, summary.middle.T)

    def decimated(self, names: Sequence[str], first: int, last: int, max_points: int) -> tuple[Float64, Float32]:
        """Return (steps, values) to draw metrics from step `first` to step `last`, both included.

        steps (points,), values (names, points). Where there are more than max_points steps, groups of neighbours
        become their minimum and maximum: the extremes of what is shown are always among the values. A NaN shows
        only where a whole group is NaN. Where details were forgotten, even one step becomes the group that it is
        in: groups are larger, and the first and the last may reach beyond the range. Raises ValueError for max_points
        below 8, KeyError for an unknown name.
        """
        if max_points < 8:
            raise ValueError(f"max_points is {max_points}; at least 8 are needed")
        start, stop = self._range(first, last)
        if stop - start <= max_points:
            source = self._source(start, stop, 1)
            if source.pyramid.size_for(start - source.start, 1) == 1:
                values = source.pyramid.steps(self._columns(names), start - source.start, stop - source.start)
                return np.arange(start + 1, stop + 1, dtype=np.float64), np.ascontiguousarray(values.T)
        edges, summary = self._in_groups(names, start, stop, max_points // 2)
        # The two values of a group stand at its quarters: the curve passes each group from left to right.
        widths = np.diff(edges)
        steps = np.stack([edges[:-1] + widths * 0.25, edges[:-1] + widths * 0.75], axis=1) + 1.0
        both = np.stack([summary.minimum.T, summary.maximum.T], axis=2)  # (names, groups, 2)
        return steps.ravel(), both.reshape(len(names), -1)

    def _columns(self, names: Sequence[str]) -> NDArray[np.intp]:
        return np.array([self._places[name] for name in names], dtype=np.intp)

    def _range(self, first: int, last: int) -> tuple[int, int]:
        """Return the steps of a range that there are: the first counted from 0, and the one after the last."""
        stop = min(last, self.count)
        start = min(max(first - 1, 0), self.count)
        return start, max(start, stop)

    def _source(self, start: int, stop: int, group: int) -> _Lent:
        """Return what knows best of a range in groups of `group` steps."""
        own, lent = _Lent(0, self._pyramid), self._lent
        size = self._pyramid.size_for(start, group)
        if size > group and lent.covers(start, stop) and lent.pyramid.size_for(start - lent.start, group) < size:
            return lent
        return own

    def _in_groups(self, names: Sequence[str], start: int, stop: int, groups: int) -> tuple[NDArray[np.int64], Summary]:
        """Return the edges of at most `groups` groups of steps (groups + 1,), counted from 0, and what they come to.

        The last answer is kept: a plot asks for extremes and means of the same groups, and again while the run goes on.
        """
        asked = (tuple(names), start, stop, groups)
        if asked != self._asked:
            group = 1 if stop - start <= groups else _group_size(stop - start, groups)
            source = self._source(start, stop, group)
            places = self._columns(names)
            edges, summary = source.pyramid.in_groups(places, start - source.start, stop - source.start, group)
            self._asked, self._answer = asked, (edges + source.start, summary)
        return self._answer
