"""Records a session if there is a file to record it to; otherwise does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..recording.about import About, RecordingError
from ..recording.checkpoint import Checkpoint
from ..runs.ending import most_steps
from ..runs.metrics import Metrics
from ..runs.snapshot import Snapshot
from ..runs.verdict.judging import Judging
from ..settings.config import TrainingConfig
from .recorder import (
    RecordTo,
    RunRecorder,
    about_run,
    newest_checkpoint,
    other_device_sentence,
    settings_to_go_on,
)

if TYPE_CHECKING:
    from ..training.trainer import Trainer

_CLOSE_S = 1.6  # less than a window that closes waits
Begin = Callable[[RecordTo], RunRecorder]


@dataclass
class SessionRecording:
    """Records a session if there is somewhere to record it to; does nothing otherwise."""

    to: RecordTo | None
    resumed: tuple[Checkpoint, About] | None = None
    _recorder: RunRecorder | None = None
    _begin: Begin | None = None
    _is_told_where: bool = False
    """Whether the device on which a recorded run is resumed was chosen."""

    def take_up(self, config: TrainingConfig) -> tuple[TrainingConfig, int]:
        """Return the settings and the goal of the run: those of the recording that is resumed, else these.

        Raises RecordingError where it cannot be resumed.
        """
        if self.to is None or not self.to.resume:
            return config, most_steps(config)
        self.resumed = newest_checkpoint(self.to.path)
        checkpoint, about = self.resumed
        self._is_told_where = config.device != "auto"
        return settings_to_go_on(checkpoint.config, config), max(about.goal, checkpoint.step)

    def with_device_here(self, config: TrainingConfig) -> TrainingConfig:
        """Return the settings with a device that this machine has, where nobody chose the one of a recorded run."""
        if self.resumed is None or self._is_told_where:
            return config
        from ..training.devices import device_or_auto  # asks torch

        return replace(config, device=device_or_auto(config.device))

    def moved_to(self, device: str) -> tuple[str, str]:
        """Return the event's words if a run is resumed on another device, and a sentence if nobody chose that one.

        Both are empty where it is the same device.
        """
        before = self.resumed[0].config.device if self.resumed is not None else device
        if before in (device, "auto"):
            return "", ""
        return f"device {before} → {device}", "" if self._is_told_where else other_device_sentence(before, device)

    @property
    def threads_before(self) -> int:
        """The number of threads that a run was computed with on the CPU, so that it goes on bit for bit; else 0."""
        if self.resumed is None or self.resumed[0].config.device != "cpu":
            return 0  # of a GPU it says nothing
        return self.resumed[1].threads

    @property
    def path(self) -> Path | None:
        """The file that is written; None where nothing is recorded."""
        return self._recorder.path if self._recorder is not None else None

    def begin(self, trainer: Trainer, place: str, threads: int, goal: int, collect: Callable[[], object]) -> str:
        """Begin to record; returns one sentence where that cannot be, or "". `go_on` tries again."""
        if self.to is None:
            return ""

        def begin(to: RecordTo) -> RunRecorder:
            about = about_run(trainer, place, threads, goal, to.name)
            return RunRecorder(trainer, to, about, asdict(trainer.task.facts()), collect)

        self._begin = begin
        return self.go_on()

    def go_on(self) -> str:
        """Record again after a problem; returns one sentence where that cannot be, or ""."""
        if self._recorder is not None:
            self._recorder.go_on()
        elif self._begin is not None and self.to is not None:
            try:
                self._recorder = self._begin(self.to)
            except RecordingError as error:
                return str(error)
        return ""

    def judging_so_far(self) -> Judging | None:
        """Return what has seen the steps of a run that is resumed; None of another one."""
        return self._recorder.judging_so_far() if self.resumed is not None and self._recorder is not None else None

    def give_up(self) -> None:
        """Record no more; what is written stays."""
        if self._recorder is not None:
            self._recorder.close(_CLOSE_S, "stopped", whole=False)
        self._recorder = self._begin = self.to = None

    def add(self, metrics: Metrics) -> None:
        """Record metrics."""
        if self._recorder is not None:
            self._recorder.add(metrics)

    def offer(self, snapshot: Snapshot) -> None:
        """Record a snapshot that was made for the window, if one is due."""
        if self._recorder is not None:
            self._recorder.offer(snapshot)

    def event(self, step: int, words: str) -> None:
        """Record what was changed."""
        if self._recorder is not None:
            self._recorder.add_event(step, words)

    def after_step(self) -> str:
        """Record what is due; returns one sentence where it cannot be written, or ""."""
        if self._recorder is None:
            return ""
        self._recorder.after_step()
        return self._recorder.problem

    def say(self, **about: Any) -> None:
        """Record facts of the run that have changed."""
        if self._recorder is not None:
            self._recorder.say(**about)

    def rest(self, state: str) -> None:
        """Record everything as it is now: the run rests."""
        if self._recorder is not None:
            self._recorder.say(state=state)
            self._recorder.rest()

    def keep(self) -> bool:
        """Record this moment because the user wants it; returns whether anything is recorded."""
        if self._recorder is not None:
            self._recorder.keep()
        return self._recorder is not None

    def close(self, state: str, whole: bool = True) -> None:
        """Write what is left; waits for at most a second. whole: with a last snapshot and checkpoint."""
        if self._recorder is not None:
            self._recorder.close(_CLOSE_S, state, whole)
