"""Reads a recording for the plots: its history, and what was added since the last look."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..runs.divergence import Divergence
from ..runs.history import KEPT, History
from ..runs.metrics import Float32, Metrics
from ..runs.snapshot import Snapshot
from ..runs.start import Start
from ..runs.verdict.judging import Judging
from ..tasks.base import TaskFacts
from .about import About, Event, RecordingError
from .lock import is_written
from .recording import Recording

AT_ONCE = 16_384
"""Steps that are taken at once of a run that is followed."""
SAMPLED = 120
"""Moments that are read to draw what changed over training; a picture has no room for more columns."""


@dataclass(frozen=True, eq=False)
class RecordedRun:
    """A run that was read. history: of all its steps, and its newest snapshot. moments: steps that have a snapshot.

    last_checkpoint: the step from which it can be resumed, -1 for none. written: whether a process of this
    machine still writes it. events: how many of them were read. start: the weights it began with, where they were
    given. divergence: why it ended by itself, if it did. judging: what has seen its steps, None where its task is not
    known.
    """

    path: Path
    about: About
    facts: TaskFacts | None
    history: History
    moments: tuple[int, ...]
    last_checkpoint: int
    written: bool
    events: int
    start: Start | None = None
    divergence: Divergence = field(default_factory=Divergence)
    judging: Judging | None = None

    @property
    def words(self) -> str:
        """That it is recorded, and why it ended by itself, if it did."""
        return " · ".join(["recorded", *filter(None, [self.divergence.sentence])])


@dataclass(frozen=True, eq=False)
class News:
    """What was recorded since one looked last: metrics, a newer snapshot, and the rest as it is now."""

    about: About
    facts: TaskFacts | None
    metrics: Metrics
    snapshot: Snapshot | None
    moments: tuple[int, ...]
    events: tuple[Event, ...]
    written: bool


def read_run(path: Path, upto: int | None = None) -> RecordedRun:
    """Read a whole run, or its steps up to one of them; raises RecordingError."""
    with Recording(path) as recording:
        about, facts = recording.about(), recording.facts()
        history = History(recording.columns, KEPT)
        last = about.steps if upto is None else upto
        divergence = Divergence()
        judging = Judging(about.config, facts) if facts is not None else None
        for rows in recording.rows():
            rows = rows[: max(0, last - history.count)]
            history.append(rows)
            divergence.see(Metrics(recording.columns, rows))
            if judging is not None:
                judging.see(Metrics(recording.columns, rows))
        moments = [step for step in recording.steps_of("snapshots") if step <= last]
        for step in _spread([step for step in recording.steps_of("extras") if step <= last]):
            history.sample(step, recording.extras(step))
        history.last_snapshot = recording.snapshot(moments[-1]) if moments else None
        if judging is not None and history.last_snapshot is not None:
            judging.see_snapshot(history.last_snapshot)
        events = [event for event in recording.events() if event.step <= last]
        history.events = [(event.step, event.words) for event in events]
        checkpoints = recording.steps_of("checkpoints")
        start = recording.start()
    newest = max((step for step in checkpoints if step <= last), default=-1)
    shown = path, about, facts, history, tuple(moments), newest, is_written(path, about), len(events)
    return RecordedRun(*shown, start, divergence, judging)


def _spread(moments: list[int]) -> list[int]:
    """Return some of the moments, evenly many apart in their order, with the last."""
    every = -(-len(moments) // SAMPLED) or 1
    return sorted({*moments[::every], *moments[-1:]})


def read_news(path: Path, count: int, snapshot_step: int, events: int) -> News:
    """Return what was recorded after `count` steps, `events` events and a snapshot; raises RecordingError.

    Of many steps the first AT_ONCE come; the others can be asked for at once.
    """
    with Recording(path) as recording:
        about, facts = recording.about(), recording.facts()
        blocks = list(recording.rows(count + 1, count + AT_ONCE))
        moments = recording.steps_of("snapshots")
        newer = bool(moments) and moments[-1] > snapshot_step
        snapshot = recording.snapshot(moments[-1], near=False) if newer else None
        found = recording.events()[events:]
        empty = np.empty((0, len(recording.columns)), np.float32)
        metrics = Metrics(recording.columns, np.concatenate([empty, *blocks]))
    return News(about, facts, metrics, snapshot, tuple(moments), tuple(found), is_written(path, about))


def read_moments(path: Path) -> tuple[int, ...]:
    """Return the steps that have a snapshot; raises RecordingError."""
    with Recording(path) as recording:
        return tuple(recording.steps_of("snapshots"))


def read_snapshot(path: Path, step: int) -> Snapshot:
    """Return the snapshot nearest to a step; raises RecordingError where there is none."""
    with Recording(path) as recording:
        snapshot = recording.snapshot(step)
    if snapshot is None:
        raise RecordingError(f"{path.name} has no snapshot to show yet; let the run make some training steps.")
    return snapshot


def read_rows(path: Path, first: int, last: int) -> Float32:
    """Return the metrics of some steps, (steps, columns); raises RecordingError."""
    with Recording(path) as recording:
        empty = np.empty((0, len(recording.columns)), np.float32)
        return np.concatenate([empty, *recording.rows(first, last)])
