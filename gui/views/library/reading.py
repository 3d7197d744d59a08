"""Reads from a recording what a comparison shows: its losses, and the training steps that have a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.comparison.results import Curves
from engine.recording.about import About, RecordingError
from engine.recording.recording import Recording
from engine.runs.history import KEPT, History
from engine.runs.metrics import Metrics, joined
from engine.runs.snapshot import Snapshot
from engine.tasks.base import TaskFacts

_LOSS = "loss"
_FEWEST, _MOST = 20, 200
"""Groups of steps that a curve is made of."""
_TOGETHER = 4


@dataclass(frozen=True, eq=False)
class Losses:
    """A run's losses. history: of every step. moments: steps that have a snapshot. problem: why there is nothing.

    ends: the first step whose loss is no number, and that loss.
    """

    path: Path
    about: About | None
    facts: TaskFacts | None
    history: History
    moments: tuple[int, ...] = ()
    ends: tuple[tuple[int, float], ...] = ()
    problem: str = ""


@dataclass(frozen=True, eq=False)
class MoreLosses:
    """What a run has got since: losses, if there are more, and the steps that have a snapshot now."""

    losses: Metrics | None
    moments: tuple[int, ...]


def read_losses(path: Path) -> Losses:
    """Read the losses of a run; a run that cannot be read has a problem instead."""
    history = History((_LOSS,), KEPT)
    try:
        with Recording(path) as recording:
            about, facts = recording.about(), recording.facts()
            ends: tuple[tuple[int, float], ...] = ()
            for losses in _losses(recording, 1):
                ends = ends or _ends(losses, history.count)
                history.append(losses.values)
            moments = tuple(recording.steps_of("snapshots"))
    except RecordingError as error:
        return Losses(path, None, None, history, problem=str(error))
    return Losses(path, about, facts, history, moments, ends)


def read_more(path: Path, count: int) -> MoreLosses:
    """Read the losses that follow the first `count`; raises RecordingError."""
    with Recording(path) as recording:
        return MoreLosses(joined(_losses(recording, count + 1)), tuple(recording.steps_of("snapshots")))


def read_gates(path: Path, step: int) -> Snapshot | str:
    """Return the snapshot nearest to a step, or a sentence about what is wrong."""
    try:
        with Recording(path) as recording:
            snapshot = recording.snapshot(step)
    except RecordingError as error:
        return str(error)
    return snapshot if snapshot is not None else "no snapshot yet: let the run train for some steps"


def _losses(recording: Recording, first: int) -> Iterator[Metrics]:
    for rows in recording.rows(first):
        yield Metrics((_LOSS,), Metrics(recording.columns, rows).of((_LOSS,)))


def _ends(losses: Metrics, before: int) -> tuple[tuple[int, float], ...]:
    lost = losses.lost
    return () if lost is None else ((before + lost + 1, float(losses[_LOSS][lost])),)


def more(losses: Losses, news: MoreLosses) -> Losses:
    """Return a run's losses with those that have come since; its history takes them up."""
    ends = losses.ends
    if news.losses is not None:
        ends = ends or _ends(news.losses, losses.history.count)
        losses.history.append(news.losses.values)
    return Losses(losses.path, losses.about, losses.facts, losses.history, news.moments, ends)


def curves_of(losses: Losses, each: int = 1) -> Curves:
    """Return a run's loss as a curve: means of groups of steps, and the lowest and the highest of each.

    each: what one step counts on the axis, such as B sequences.
    """
    history = losses.history
    count = history.count
    groups = int(np.clip(count // _TOGETHER, _FEWEST, _MOST))
    steps, means = history.averaged((_LOSS,), 1, count, groups)
    if count <= 2 * groups:  # too few to take some together
        steps, values = history.decimated((_LOSS,), 1, count, max(8, 2 * groups))
        single = values[0].astype(np.float64)
        return Curves(steps * each, single, single, single)
    _, extremes = history.decimated((_LOSS,), 1, count, 2 * groups)
    low, high = extremes[0].astype(np.float64).reshape(-1, 2).T
    return Curves(steps * each, means[0], low, high)


def nearest(moments: Sequence[int], step: int) -> int:
    """Return the place of the moment nearest to a step, the earlier of two; 0 where there is none."""
    return min(range(len(moments)), key=lambda place: (abs(moments[place] - step), moments[place]), default=0)
