"""`watch`: records a training loop that somebody else runs, so that the window can follow it, and never disturbs it."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..errors import FailureReport, PlainError, first_line
from ..file_kinds import RECORDING
from ..recording.about import MOST_STEPS, About
from ..recording.folder import runs_folder
from ..recording.library import Library, free_path
from ..recording.parcel import Budget
from ..recording.writer import RecordingWriter, now, versions
from ..runs.messages import State
from ..runs.metrics import metric_names
from ..runs.verdict.judging import Judging
from ..settings.config import TrainingConfig
from ..tasks.elsewhere import facts_elsewhere
from .modules import WatchedModule, sequence_of
from .network import ElsewhereError, Weights, checked_layers, config_elsewhere
from .step_rows import StepRows
from .writing import Look, Writing

TITLE = "Your own training"
MOST_A_SECOND = 50.0
_SHARE, _BESIDE_SHARE = 0.03, 0.1
"""Of the time, for snapshots, while Python waits for them, and beside it: a large network is seen less often."""
_NORMS_SHARE, _NORMS_CREDIT_S = 0.004, 0.02
"""Of the time, for gradient norms; and what they may take at first."""
_STRETCH = 10
"""Steps in a row whose gradient norms are measured, so that a curve of them is drawn."""
_TELL_S = 0.45
"""Until steps are written where no snapshot is due: no more is lost when the process is killed."""
_CLOSE_S = 3.0


def watch(
    module: Any,
    probe: Any,
    record: str | os.PathLike[str] | None = None,
    *,
    name: str = "",
    every: float = 10.0,
    goal: int = 0,
) -> Watcher:
    """Record the training of a recurrent layer; call `step(loss)` of what is returned once a training step.

    module: torch's nn.LSTM, nn.GRU or nn.RNN (tanh), or one of their cells, on any device and in any dtype. probe: the
    sequence that the heatmaps show, as this layer receives it, such as after an embedding: (T, m), or a batch in the
    layer's own order, of which the first is taken; a tensor or an array. record: the file to write, to which ".lstmrec"
    is added; where there is one already, another name is taken and said. Without it the run stands in the library.
    name: what the run is called. every: snapshots a second, at most; fewer where they would take more than 3 % of the
    time. goal: the training steps that will be made, 0 where that is not known.

    Raises ElsewhereError (NotWatchedError, which is a TypeError, for what is no such module or no sequence for it),
    ConfigError and RecordingError, each with one sentence, before the training begins. After that no fault of the
    watcher reaches the training: there is one warning on stderr, and the watcher is off.
    """
    watched = WatchedModule(module)
    x = sequence_of(probe, watched)
    if isinstance(every, bool) or not isinstance(every, int | float) or not 0 < every <= MOST_A_SECOND:
        raise ElsewhereError(
            f"every is {every!r}; choose more than 0 and at most {MOST_A_SECOND:g} snapshots a second."
        )
    if isinstance(goal, bool) or not isinstance(goal, int) or not 0 <= goal <= MOST_STEPS:
        raise ElsewhereError(f"goal is {goal!r}; it is a whole number of training steps, or 0 where that is not known.")
    config = config_elsewhere(watched.cell, checked_layers(watched.cell, watched.weights(), x), x)
    asked, path = _paths(record, config)
    about = About(
        config,
        metric_names(config),
        name=name or (path.stem if record is not None else ""),
        started=now(),
        state=str(State.RUNNING),
        place=f"process {os.getpid()}",
        versions=versions(),
        goal=goal,
    )
    watcher = Watcher(watched, x, path, about, 1 / every)
    if asked != path:
        _say(f"{asked.name} exists already; this training is recorded in {path}")
    for note in watched.notes:
        _say(note)
    return watcher


class Watcher:
    """Records a training loop; made by `watch`. A context manager; `close` is called at its end, and when Python ends.

    path: the recording, which the window follows while it is written. is_off: whether a fault has ended the watching.
    looks: how many snapshots were taken; the newest is recorded, and of those before it some.
    """

    def __init__(
        self, watched: WatchedModule, x: NDArray[np.float32], path: Path, about: About, interval_s: float
    ) -> None:
        self.path = path
        self._watched, self._interval_s, self._goal = watched, interval_s, about.goal
        self._facts = facts_elsewhere(x.shape[1], title=TITLE)
        self._process = os.getpid()
        self._count = 0
        """Steps that were made."""
        self._rows = StepRows(about.columns)
        self._norms, self._stretch = Budget(_NORMS_SHARE, _NORMS_CREDIT_S), 0
        self._about: dict[str, Any] = {}
        self._columns_told = False
        self.is_off = self._is_over = False
        self.looks = 0
        self._off = threading.Lock()
        writer = RecordingWriter(path, about, asdict(self._facts))
        self._writing = Writing(writer, watched.cell, x, Judging(about.config, self._facts), self._give_up)
        self._look_due = self._tell_due = 0.0
        self._hand_over(time.perf_counter())
        atexit.register(self.close)

    def step(self, loss: Any, metrics: Mapping[str, Any] | None = None) -> None:
        """Take note of one training step; call it after the backward pass, while the gradients are there.

        loss: a number, or a tensor with one. metrics: other numbers of this step by their names, such as
        {"accuracy": 0.9}; the first of them is plotted, and those of the first step are all recorded.
        """
        if self.is_off or self._is_over or os.getpid() != self._process:
            return
        with FailureReport(self._give_up):
            self._step(loss, metrics)

    def _step(self, loss: Any, metrics: Mapping[str, Any] | None) -> None:
        moment = time.perf_counter()
        norms: dict[str, float] | None = None
        if self._stretch or self._norms.allows(moment):
            self._stretch = (self._stretch or _STRETCH) - 1
            norms = self._watched.gradient_norms()
            self._norms.spend(time.perf_counter() - moment)
        before = self._rows.measured
        self._rows.add(loss, metrics, norms)
        self._count += 1
        if self._rows.measured != before:
            self._facts = replace(self._facts, measure_name=self._rows.measured)
            self._about["facts"] = asdict(self._facts)
        if moment >= self._tell_due:
            self._hand_over(moment)

    def _hand_over(self, moment: float) -> None:
        """Have written what has come, with a snapshot if one is due; waits for nothing."""
        if not self._writing.is_free:
            return
        weights = None
        if moment >= self._look_due:
            began = time.perf_counter()
            weights = self._watched.weights()
            spent, beside = time.perf_counter() - began + self._writing.gates_s, self._writing.all_s
            self._look_due = moment + max(self._interval_s, spent / _SHARE, beside / _BESIDE_SHARE)
            self.looks += 1
        self._tell_due = min(self._look_due, moment + _TELL_S)
        self._writing.offer(self._look(weights))

    def _look(self, weights: Sequence[Weights] | None) -> Look:
        rows = self._rows.take()
        more = () if self._columns_told else self._rows.more
        self._columns_told = self._columns_told or bool(len(rows))
        about, self._about = self._about, {}
        return Look(self._count, rows, weights, more, about)

    def close(self) -> None:
        """Write what is left and close the recording; waits for a few seconds at most, and may be called again."""
        self._end(State.STOPPED if self._count < self._goal else State.FINISHED)

    def _end(self, state: State) -> None:
        atexit.unregister(self.close)
        if self.is_off or self._is_over or os.getpid() != self._process:
            return
        self._is_over = True
        with FailureReport(self._give_up):
            if not self._writing.close(lambda: self._look(self._watched.weights()), str(state), _CLOSE_S):
                _say(f"the last part of {self.path.name} is still being written; its last steps may be missing")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._end(State.STOPPED)

    def _give_up(self, error: Exception) -> None:
        """Watch no more, whatever has gone wrong, and say so once: the training has nothing to do with it."""
        with self._off:
            if self.is_off:
                return
            self.is_off = True
        atexit.unregister(self.close)
        self._writing.give_up()
        why = str(error) if isinstance(error, PlainError) else f"{type(error).__name__}: {first_line(error)}"
        _say(f"this training is watched no longer, and goes on by itself. {why}")


def _paths(record: str | os.PathLike[str] | None, config: TrainingConfig) -> tuple[Path, Path]:
    """Return the file that was asked for, and the one that is written: another where there is such a file already."""
    if record is None:
        asked = Library(runs_folder()).path_for(config, datetime.now(), str(os.getpid()))
        return asked, free_path(asked)
    try:
        asked = Path(record)
        if asked.suffix != RECORDING.suffix:
            asked = asked.with_name(f"{asked.name}{RECORDING.suffix}")
    except (TypeError, ValueError) as error:
        raise ElsewhereError(f"record is {record!r}; name a file, such as run{RECORDING.suffix}.") from error
    return asked, free_path(asked)


def _say(words: str) -> None:
    """Write a line to stderr, if there is one; nothing depends on it."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"LSTM Visualizer: {words}\n")
