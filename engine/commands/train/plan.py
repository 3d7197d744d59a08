"""The plan of a training without a window: from its arguments, or from the recording that it resumes."""

from __future__ import annotations

import argparse
import os
import shlex
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ...file_kinds import RECORDING
from ...recording.about import About, RecordingError
from ...recording.folder import runs_folder
from ...recording.library import Library, run_of
from ...recording.lock import check_name, who
from ...runs.ending import most_steps
from ...session.recorder import RecordTo, newest_checkpoint
from ...settings.config import ConfigError, TrainingConfig, setting
from ...settings.files import files_of
from ...text.numbers import in_full
from .arguments import Values, config_of_values, flag_of, given_values

_GIVEN_ANEW = ("steps", "worker", "device")
"""The settings in which a resumed run may differ from its recording."""


@dataclass(frozen=True)
class Plan:
    """What is to be trained. record: None for nothing; made: steps that the recording has; goal: of all steps.

    about: what is known of a recording that is resumed. warnings: what was asked for and is not done.
    """

    config: TrainingConfig
    record: RecordTo | None
    goal: int
    made: int = 0
    about: About | None = None
    warnings: tuple[str, ...] = ()


def planned(options: argparse.Namespace) -> Plan:
    """Return what the arguments of `train_arguments` ask for; raises ConfigError and RecordingError."""
    values = given_values(options)
    path = getattr(options, "record", None)
    without, resume = getattr(options, "no_record", False), getattr(options, "resume", False)
    if without and (resume or path is not None):
        raise ConfigError("--no-record: --record and --resume need a recording; leave one of these options out.")
    if resume:
        return _resumed(path, values)
    config = config_of_values(values)
    if without:
        return Plan(config, None, most_steps(config))
    if path is None:
        # The process's number: several runs are often started in the same second.
        path = Library(runs_folder()).new_path(config, datetime.now(), str(os.getpid()))
    return Plan(config, RecordTo(_checked_new(path)), most_steps(config))


def _checked_new(path: Path) -> Path:
    if path.suffix != RECORDING.suffix:
        raise ConfigError(f"--record {path}: the name of a recording ends in {RECORDING.suffix}; choose such a name.")
    check_name(path)
    if os.path.exists(path):
        raise RecordingError(f"{path} already exists; resume it with --resume, or choose another name.")
    return path


def _resumed(path: Path | None, values: Values) -> Plan:
    """Return how a recording is resumed: with its own settings, to a number of all steps together."""
    if path is None:
        raise ConfigError(f"--resume: which recording? Name it with --record FILE{RECORDING.suffix}.")
    run = run_of(path)
    if run.about is None:
        raise RecordingError(run.problem)
    if run.written:
        raise RecordingError(f"{path.name} is still being written by {who(run.about.writer)}; stop that first.")
    checkpoint, _ = newest_checkpoint(path)
    made = checkpoint.step
    config = run.about.config
    _check_files(path, config, values)
    warnings = tuple(
        f"{name} is {_shown(getattr(config, name))} as in the recording, not {_shown(value)}: --resume keeps the "
        "recording's settings."
        for name, value in values.items()
        if name not in _GIVEN_ANEW and value not in (getattr(config, name), "auto")
    )
    config = replace(config, device=values.get("device", "auto"))  # which is the one that it had
    goal = int(values.get("steps", max(run.about.goal, made)))
    return Plan(config, RecordTo(path, resume=True), max(goal, made), made, run.about, warnings)


def _shown(value: object) -> object:
    return in_full(value) if isinstance(value, float) else "empty" if value == "" else value


def _check_files(path: Path, config: TrainingConfig, values: Values) -> None:
    """Raise ConfigError for a file that a recording names and nobody here: a recording may come from anywhere."""
    for name, file in files_of(config).items():
        if values.get(name) != file:
            verb, what = ("run", "your own task") if name == "task" else ("read", "the file")
            raise ConfigError(
                f"{path.name} would {verb} {what} {file} on this computer; if that is right, name it yourself "
                f"({flag_of(setting(name))} {shlex.quote(file)}), or begin a new run."
            )
