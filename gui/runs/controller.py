"""Starts, steers and ends runs: the one place where the window meets the training worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QObject, Signal

from engine.recording.recorded_run import RecordedRun
from engine.runs.messages import (
    ChangeSetting,
    ExtendSteps,
    FollowSequence,
    KeepMoment,
    Pause,
    PauseAt,
    Refusal,
    Resume,
    SetPace,
    SetProbe,
    State,
    Step,
    StopRecording,
    TakeApart,
    Update,
)
from engine.runs.observation import check_sequence
from engine.runs.pace import FULL, Pace
from engine.runs.start import Start
from engine.session.recorder import RecordTo
from engine.session.worker import TrainingWorker
from engine.setting import ELSEWHERE
from engine.settings.config import ConfigError, TrainingConfig, data_of, live_as, settings, with_live
from gui.jobs.polling import Polling
from gui.runs.named_files import NamedFiles
from gui.runs.shown_run import ShownRun

REFRESH_MS = 50
"""At most twenty refreshes a second, each asked for when the last is drawn; thirty slowed the training by a tenth."""
THREAD_REFRESH_MS = 100
"""A training thread shares Python with the window: what is drawn less often is left to it."""
_POLL_MS = 8

Probe = tuple[int | None, NDArray[np.float32] | None]
"""An example of the task by its number, or a sequence x (T, m); neither is example 0."""


class TrainingController(QObject):
    """Steers the worker, and takes what it has when the window has time for it."""

    diverged = Signal(str)
    refused = Signal(object)
    """A Refusal: why something that was asked of the run was not done."""
    probe_changed = Signal(object)
    """The number of the example that is looked at, or None for a sequence that was typed or drawn."""
    taken_apart = Signal(object)
    """A StepApart: one step with everything that it computed; the run rests after it."""
    pace_changed = Signal()
    """Steps are made at another pace from now on."""
    next_changed = Signal()
    """The settings of the next run were changed by `use_next`."""
    silent = Signal(bool)
    """Whether the training process has stopped answering."""
    failed = Signal(str, str)
    """One sentence, and the whole traceback where there is one."""

    def __init__(self, config: TrainingConfig, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.config = config
        """The settings of the next run; a run that goes on keeps those it began with."""
        self.start: Start | None = None
        """The weights that the next run begins with, where they are given."""
        self.run = ShownRun(config, self)
        self.recording_for: Callable[[TrainingConfig], RecordTo | None] = lambda _config: None
        """Returns where a run of these settings is to be recorded; None for nowhere."""
        self.named = NamedFiles(self)
        self.worker: TrainingWorker | None = None
        """The worker of the present run."""
        self.pace = FULL
        """At which steps are made, in this run and the next."""
        self._ending: list[TrainingWorker] = []
        self._probe: Probe = (None, None)
        self._probe_before: Probe = (None, None)
        self._followed: int | None = None
        self._stopping = False
        self._told_failure = self._told_divergence = False
        self._wants: frozenset[str] = frozenset()
        self._polling = Polling(_POLL_MS, self._hear, self, self._is_due)
        self._polling.silent.connect(self.silent)
        self._taken = QElapsedTimer()

    @property
    def active(self) -> bool:
        """Whether there is a run that can be steered."""
        over = self._stopping or self.run.state in (State.STOPPED, State.FAILED)
        return self.worker is not None and not over

    @property
    def differs(self) -> bool:
        """Whether the settings of the next run differ from those of this one in what cannot change live."""
        other = replace(live_as(self.run.config, self.config), steps=self.config.steps) != self.config
        return other or self.start is not self.run.start

    def train_or_pause(self) -> None:
        """Begin a run, pause it, continue it, or add as many steps again to a finished one."""
        if not self.active or self.worker is None:
            self.begin()
        elif self.run.state is State.RUNNING:
            self.worker.tell(Pause())
        elif self.run.state is State.PAUSED:
            self.worker.tell(Resume())
        elif self.run.state is State.FINISHED:
            self._go_on_after_it_was_solved()
            self.worker.tell(ExtendSteps(self.run.config.steps))

    def pause_at(self, step: int) -> None:
        """Let the run go on until a training step, and pause it there; one that is further pauses at once."""
        if self.active and self.worker is not None:
            self.worker.tell(PauseAt(step))

    def step(self) -> None:
        """Do one training step, then pause; begins a run if there is none."""
        if not self.active:
            self.begin()
        if self.worker is not None:
            self._go_on_after_it_was_solved()
            self.worker.tell(Step())

    def _go_on_after_it_was_solved(self) -> None:
        """Know what the run does by itself: one that has ended because it was solved is not ended so once more."""
        if self.run.last is not None and self.run.last.solved:
            self.run.config = with_live(self.run.config, "until", "steps")

    def set_pace(self, pace: Pace) -> None:
        """Make steps at another pace, in this run and the next; a run that rests after each step goes on."""
        if pace != self.pace:
            self.pace = pace
            if self.active and self.worker is not None:
                self.worker.tell(SetPace(pace))
            self.pace_changed.emit()

    def begin(self) -> None:
        """Begin a run with the present settings; one that is open is ended first."""
        self._begin(self.recording_for(self.config))

    def resume(self, run: RecordedRun) -> None:
        """Resume a recorded run, which was read up to its last checkpoint; one that is open is ended first."""
        self.config, self.start = self._with_settings_of(run), run.start
        self._begin(RecordTo(run.path, resume=True), run)

    def _begin(self, record: RecordTo | None, run: RecordedRun | None = None) -> None:
        self.stop()
        if data_of(self.config) != data_of(self.run.config):
            self._probe = self._probe_before = None, None  # a sequence of other data
            self._tell_probe()
        if (self._followed or 0) > self.config.batch_size:
            self._followed = None
        self._stopping = self._told_failure = self._told_divergence = False
        # A recorded run goes on where it was, or where this machine can.
        config = self.config if run is None else replace(self.config, device="auto")
        start = self._start_that_fits() if run is None else None  # what is resumed has its own
        self.worker = TrainingWorker(config, record, pace=self.pace, start=start)
        self.worker.start()
        example, x = self._probe
        if example is not None or x is not None:
            self.worker.tell(SetProbe(example, x))
        if self._followed is not None:
            self.worker.tell(FollowSequence(self._followed))
        self.worker.request(self._wants)
        self.run.begin(self.config, run, start)
        self._polling.listen_to(self.worker)

    def _start_that_fits(self) -> Start | None:
        """Return the weights that the next run begins with; where the settings have another cell, say so and forget."""
        if self.start is not None and not self.start.fits(self.config):
            sentence = f"This run begins with new weights: those of “{self.start.name}” fit another cell"
            self.start = None
            self.refused.emit(Refusal("settings", sentence))
        return self.start

    def _with_settings_of(self, run: RecordedRun) -> TrainingConfig:
        """Return what a run was trained with; where the next one is computed stays as it was chosen here."""
        config = self.named.came_with(run.about.config, self.config)
        return replace(config, worker=self.config.worker, device=self.config.device)

    def show_recorded(self, run: RecordedRun) -> None:
        """Show a run that was read from its recording; one that goes on is ended first."""
        self.stop()
        self._polling.stop()
        self.worker = None
        self._stopping = False
        self._probe = self._probe_before = None, None
        config = run.about.config
        if config.task != ELSEWHERE:  # of which nothing is known that the next run could have
            config = self.config = self._with_settings_of(run)
            self.start = run.start
        self.run.show_recorded(config, run)

    def stop(self) -> None:
        """End the run; what it showed stays. The worker ends in the background."""
        if self.worker is None or not self.worker.alive:
            return
        self._stopping = True
        self.worker.stop()
        self._ending = [worker for worker in self._ending if worker.alive] + [self.worker]

    def use_next(self, config: TrainingConfig) -> None:
        """Give the next run other settings; the present one keeps all of its own, also those that can change live."""
        self.config = config
        self.next_changed.emit()

    def use_live(self, before: TrainingConfig) -> None:
        """Let the present run take over what may change while it goes on, where `config` differs from `before`."""
        for setting in settings():
            value = getattr(self.config, setting.name)
            if self.active and setting.live and value != getattr(before, setting.name):
                try:
                    self._change_run(setting.name, value)
                except ConfigError as error:  # a gate or weight of another cell: it is meant for the next run
                    self.refused.emit(Refusal("settings", f"This run keeps its settings: {error}"))

    def change_setting(self, name: str, value: float | str) -> None:
        """Change a live setting: from the next step on, and in the next run where it fits that.

        Raises ConfigError for a value that it cannot have in the run, or where there is none, in the next one.
        """
        with_live(self.live_config, name, value)
        with suppress(ValueError):  # a gate that the next cell has not, or a next cell that cannot be
            self.config = with_live(self.config, name, value)
        if self.active:
            self._change_run(name, value)

    @property
    def live_config(self) -> TrainingConfig:
        """The settings that are in force: those of the present run with all that was changed, else of the next."""
        return self.run.config if self.active else self.config

    def set_until(self, until: str) -> None:
        """Let the run, and the next, go on until it is "solved", or for its "steps"."""
        self.change_setting("until", until)
        self.next_changed.emit()

    def _change_run(self, name: str, value: float | str) -> None:
        self.run.config = with_live(self.run.config, name, value)
        if self.worker is not None:
            self.worker.tell(ChangeSetting(name, value))
            self.worker.request(self._wants)  # a run that rests shows what changed, too

    def set_probe(self, example: int | None = None, x: NDArray[np.float32] | None = None) -> None:
        """Look at another sequence: an example of the task by its number, or any x (T, m); also in the next run."""
        self._probe_before, self._probe = self._probe, (example, x)
        self._tell_probe()
        if self.active and self.worker is not None:
            self.worker.tell(SetProbe(example, x))
            self.worker.request(self._wants)

    def _tell_probe(self) -> None:
        self.probe_changed.emit(self.probe)

    @property
    def probe(self) -> int | None:
        """The number of the example that is looked at, or None for a sequence that was typed or drawn."""
        example, x = self._probe
        return None if x is not None else example or 0

    @property
    def own_probe(self) -> NDArray[np.float32] | None:
        """The sequence x (T, m) that is looked at, where it was typed or drawn."""
        return self._probe[1]

    @property
    def followed_sequence(self) -> int:
        """The sequence of each batch whose gradients are looked at, from 1; 0 for all, and where it is not there."""
        number = self._followed or 0
        return number if number <= self.live_config.batch_size else 0

    def follow_sequence(self, number: int | None) -> None:
        """Look at the gradients through time of one sequence of each batch, 1 … B, or of all; also in the next run.

        Raises ConfigError for a sequence that is not there.
        """
        check_sequence(number, self.live_config.batch_size)
        self._followed = number
        if self.active and self.worker is not None:
            self.worker.tell(FollowSequence(number))
            self.worker.request(self._wants)

    def keep_moment(self) -> None:
        """Record a snapshot and a checkpoint of this moment."""
        if self.active and self.worker is not None:
            self.worker.tell(KeepMoment())

    def stop_recording(self) -> None:
        """Let the present run go on without being recorded."""
        if self.active and self.worker is not None:
            self.worker.tell(StopRecording())

    def take_apart(self) -> None:
        """Make one step on the probe alone, then pause; begins a run if there is none. `taken_apart` follows."""
        if not self.active:
            self.begin()
        if self.worker is not None:
            self.worker.tell(TakeApart())

    def close(self) -> None:
        """End the run because the window closes; does not wait."""
        self._polling.stop()
        if self.worker is not None:
            self.worker.close()
            self._ending.append(self.worker)

    def wait_closed(self, timeout_s: float) -> bool:
        """Wait until every run has ended and its recording is closed, when there is no window any more."""
        deadline = time.monotonic() + timeout_s
        return all(worker.join(max(0.0, deadline - time.monotonic())) for worker in self._ending)

    def _is_due(self) -> bool:
        interval_ms = REFRESH_MS if self.run.config.worker == "process" else THREAD_REFRESH_MS
        return not self._taken.isValid() or self._taken.elapsed() >= interval_ms - _POLL_MS // 2

    def _hear(self, update: Update) -> None:
        self._taken.start()
        self.run.take(update)
        for refusal in update.refusals:
            self._on_refusal(refusal)
        if update.apart is not None:
            self.taken_apart.emit(update.apart)
        if update.error and not self._told_failure:
            self._told_failure = True
            self.failed.emit(update.error, update.traceback)
        if update.diverged and not self._told_divergence:
            self._told_divergence = True
            self.diverged.emit(update.message)

    def _on_refusal(self, refusal: Refusal) -> None:
        if refusal.what == "probe":
            self._probe = self._probe_before
            self._tell_probe()
        if refusal.what == "start":
            self.start = self.run.start = None
        if refusal.what == "twin":
            self.run.config = replace(self.run.config, twin="off")
            self.config = replace(self.config, twin="off")
        self.refused.emit(refusal)

    def ask(self, wants: frozenset[str] = frozenset()) -> None:
        """Ask for the next update, now that the last one is drawn; its snapshot brings what is wanted besides.

        A run that rests and has told everything says by itself when it goes on.
        """
        more = not wants <= self._wants
        self._wants = wants
        if self.worker is not None and (more or not self.told_all):
            self.worker.request(wants)

    @property
    def told_all(self) -> bool:
        """Whether the run rests and has nothing more to tell."""
        last = self.run.last
        if last is None or last.state not in (State.PAUSED, State.FINISHED):
            return False
        # An answer may have been joined by a word that came after it: then there are steps that were not told.
        return last.answer and last.step == self.run.history.count and last.metrics is None and last.snapshot is None
