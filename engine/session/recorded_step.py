"""Repeats one training step of a recorded run, to show it in slow motion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ..errors import PlainError
from ..recording.about import RecordingError
from ..recording.recording import Recording
from ..runs.messages import Stop
from ..runs.step_apart import StepApart
from ..setting import ELSEWHERE
from ..tables.answers import DataError


def step_apart_at(path: Path, step: int) -> StepApart:
    """Take the step apart that followed the newest checkpoint not beyond `step`, on the example looked at there.

    Loads torch: for a process of its own. Raises RecordingError, ConfigError, DataError.
    """
    with Recording(path) as recording:
        checkpoint, about = recording.checkpoint(step), recording.about()
    if about.config.task == ELSEWHERE:
        raise RecordingError(
            f"No training step of {path.name} can be shown: the network was trained elsewhere, and its batches are not "
            "known here; train one here to see its steps."
        )
    if checkpoint is None:
        raise RecordingError(f"{path.name} has no checkpoint before step {step:,}; go to a later step.")
    from ..training.trainer import Trainer

    trainer = Trainer(replace(checkpoint.config, device="cpu"))
    trainer.restore(checkpoint)
    return trainer.step_apart()


def send_steps_apart(
    commands: SimpleQueue[Any], send: Callable[[StepApart | DataError], None], path: Path, step: int
) -> None:
    """Send a recorded step that was taken apart, and another for each (path, step) that is commanded, until Stop.

    The work of a child process; what cannot be done is sent as a DataError of one sentence.
    """
    wanted: Any = path, step
    while not isinstance(wanted, Stop):
        try:
            send(step_apart_at(*wanted))
        except PlainError as error:
            send(DataError(str(error)))
        wanted = commands.get()
