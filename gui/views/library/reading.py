"""What the overlay reads of a recording: its losses, and at which steps its gates can be seen. Reads files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.comparison.results import Curves
from engine.recording.recording import About, Float32, Recording, RecordingError
from engine.runs.history import KEPT, History
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
    """What a run has got since: rows (steps, 1) of losses, and the steps that have a snapshot now."""

    rows: Float32
    moments: tuple[int, ...]


def read_losses(path: Path) -> Losses:
    """Read the losses of a run; a run that cannot be read has a problem instead."""
    history = History((_LOSS,), KEPT)
    try:
        with Recording(path) as recording:
            about, facts = recording.about(), recording.facts()
            ends: tuple[tuple[int, float], ...] = ()
            for rows in _losses(recording, 1):
                ends = ends or _ends(rows, history.count)
                history.append(rows)
            moments = tuple(recording.snapshot_steps())
    except RecordingError as error:
        return Losses(path, None, None, history, problem=str(error))
    return Losses(path, about, facts, history, moments, ends)


def read_more(path: Path, count: int) -> MoreLosses:
    """Read the losses that follow the first `count`; raises RecordingError."""
    with Recording(path) as recording:
        blocks = list(_losses(recording, count + 1))
        moments = tuple(recording.snapshot_steps())
    return MoreLosses(np.concatenate([np.empty((0, 1), np.float32), *blocks]), moments)


def read_gates(path: Path, step: int) -> Snapshot | str:
    """Return the snapshot nearest to a step, or a sentence about what is wrong."""
    try:
        with Recording(path) as recording:
            snapshot = recording.snapshot(step)
    except RecordingError as error:
        return str(error)
    return snapshot if snapshot is not None else "nothing to see yet: let the run make some steps"


def _losses(recording: Recording, first: int) -> Sequence[Float32]:
    if _LOSS not in recording.columns:
        raise RecordingError(f"{recording.path.name} holds no loss; choose another recording.")
    place = recording.columns.index(_LOSS)
    return [np.ascontiguousarray(rows[:, place : place + 1]) for rows in recording.rows(first)]


def _ends(rows: Float32, before: int) -> tuple[tuple[int, float], ...]:
    wrong = np.flatnonzero(~np.isfinite(rows[:, 0]))
    return ((before + int(wrong[0]) + 1, float(rows[wrong[0], 0])),) if wrong.size else ()


def more(losses: Losses, news: MoreLosses) -> Losses:
    """Return a run's losses with those that have come since; its history takes them up."""
    ends = losses.ends or _ends(news.rows, losses.history.count)
    losses.history.append(news.rows)
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
