"""Prepares a run before its first step: loads torch and the task, chooses device and threads, builds the trainer."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..settings.config import TrainingConfig, as_learnt, check
from ..tasks import create_task
from ..tasks.data_reading import file_of
from .devices import available_devices
from .memory import check_memory
from .placement import choose_threads, fastest_device, seed_generator, set_threads, warm_up
from .trainer import Trainer


@dataclass(frozen=True)
class Prepared:
    """A run that can begin. place: "1 thread, CPU"; devices: id and name of each there is."""

    trainer: Trainer
    threads: int
    place: str
    devices: tuple[tuple[str, str], ...]


def prepared(config: TrainingConfig, say: Callable[[str], object], threads: int = 0) -> Prepared:
    """Prepare a run, saying what is being done.

    threads: how many to compute with on a CPU that has as many cores; 0 measures. Raises ConfigError and DataError
    for what cannot be trained.
    """
    check(config)
    file = file_of(config)
    if file:
        say(f"reading {Path(file).name}")
    task = create_task(config)
    config = as_learnt(config, task.config)
    say("preparing the optimizer")
    check_memory(config, task, "cpu")  # there it all begins
    warm_up(replace(config, device="cpu"), task)
    say("measuring devices and threads")
    choice = fastest_device(config, task)
    config = replace(config, device=choice.device)
    check_memory(config, task, choice.device)
    if choice.device == "cpu" and 0 < threads <= (os.cpu_count() or 1):
        set_threads(threads)
    else:
        threads = choose_threads(config, task)
    seed_generator(config.seed)
    place = f"{threads} thread{'s' * (threads > 1)}, {choice.words}"
    return Prepared(Trainer(config, task), threads, place, tuple(available_devices()))
