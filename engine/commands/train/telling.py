"""Keeps track of a run and reports it, in one process or on the first of several ranks."""

from __future__ import annotations

import math
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ...recording.about import RecordingError
from ...recording.judged import judging_of
from ...recording.recording import Recording
from ...runs.messages import State, Update
from ...runs.verdict.judging import Judging, Verdict
from ...settings.config import TrainingConfig
from .report import SAY_S, Moment, Outcome, Report


@dataclass
class Telling:
    """Passes on where a run stands, at most ten times a second, and how it ended.

    moment: where it stands, at first before its first step here. config: its settings. recorded: the file, or "".
    verdict: of a run that was resumed, before its first step here.
    """

    report: Report
    moment: Moment
    config: TrainingConfig
    recorded: str = ""
    verdict: Verdict | None = None
    began: float = math.nan
    """When the first step was about to be made."""
    read: tuple[str, ...] = ()
    """What a person might not expect of how the data were read."""
    _judging: Judging | None = None
    _made_before: int = 0
    _last_step_at: float = math.nan
    _say_due: float = 0.0

    def hear(self, update: Update) -> None:
        """Say what an update tells of where the run stands."""
        self.recorded = update.recorded or self.recorded
        for words in filter(None, (update.traceback.rstrip(), update.error)):
            self.report.say(words)
        if update.state is State.PREPARING:
            self.report.preparing(update.message)
            return
        if update.facts is not None:
            self.began, self._made_before = time.perf_counter(), self.moment.step
            self.moment = replace(self.moment, measure_name=update.facts.measure_name)
            self.read = update.facts.notes
            self._judging = self._judging_so_far() or Judging(self.config, update.facts)
            for note in self.read:
                self.report.say(f"note: {note}")
            self.report.begin(self.moment, update.place, update.recorded)
        if update.step > self.moment.step:
            self.moment, self._last_step_at = replace(self.moment, step=update.step), time.perf_counter()
        if update.snapshot is not None:
            self.moment = replace(self.moment, held_out=update.snapshot.held_out)
            if self._judging is not None:
                self._judging.see_snapshot(update.snapshot)
        if update.metrics is None:
            return
        self.moment = self.moment.after(update, update.metrics)
        if self._judging is not None:
            self._judging.see(update.metrics)
        if time.perf_counter() >= self._say_due or update.over:
            self._say_due = time.perf_counter() + SAY_S
            self.report.went_on(self.moment)

    def end(self, state: str) -> None:
        """Say how the run ended; its steps per second are the mean over those made now."""
        made, seconds = self.moment.step - self._made_before, self._last_step_at - self.began
        moment = replace(self.moment, steps_per_s=made / seconds if seconds > 0 else 0.0)
        if self._judging is not None and self._judging.count:
            self.verdict = self._judging.verdict(over=True)
        sequences = self.moment.step * self.config.batch_size
        self.report.end(Outcome(moment, state, sequences, self.recorded, self.read, self.verdict))

    def _judging_so_far(self) -> Judging | None:
        """Return what has seen the steps that were made before this; None where there are none to be read."""
        if not self.recorded or not self.moment.step:
            return None
        try:
            with Recording(Path(self.recorded)) as recording:
                return judging_of(recording, self.moment.step)
        except RecordingError:  # whoever records it says why
            return None


def leave(status: int) -> None:
    """End the process at once: taking torch's 1,900 modules down takes up to two seconds, or waits for a lost rank."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
