"""Prepares any run before its first step: makes its task, checks the memory, chooses device and threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ..machine import core_count
from ..runs.start import Start
from ..settings.config import TrainingConfig, as_learnt, check
from ..tasks import create_task
from ..tasks.base import Task
from ..tasks.data_reading import file_of
from .devices import Choice, available_devices, choose_device, describe_device
from .memory import check_memory
from .placement import choose_threads, fastest_device, set_threads, warm_up
from .trainer import Trainer

Say = Callable[[str], object]
"""Takes what is being done."""


@dataclass(frozen=True)
class Prepared:
    """A run that can begin. place: "1 thread, CPU"; devices: id and name of each there is."""

    trainer: Trainer
    threads: int
    place: str
    devices: tuple[tuple[str, str], ...]


def prepared(config: TrainingConfig, say: Say, threads: int = 0, start: Start | None = None) -> Prepared:
    """Prepare a run, saying what is being done.

    threads: see `threads_for`. start: the weights that it is to begin with; where the task has another number of inputs
    they are new ones, and the trainer has no start. Raises ConfigError and DataError for what cannot be trained.
    """
    task = task_for(config, say)
    config = as_learnt(config, task.config)
    choice = device_for(config, task, say)
    config = replace(config, device=choice.device)
    check_memory(config, task, choice.device)
    threads = threads_for(config, task, threads)
    torch.manual_seed(config.seed)  # whatever draws from torch's own generator is the same in equal runs
    place = f"{in_words(threads)}, {choice.words}"
    if start is not None and start.m != task.input_size:
        start = None
    return Prepared(Trainer(config, task, start=start), threads, place, tuple(available_devices()))


def task_for(config: TrainingConfig, say: Say = lambda _doing: None) -> Task:
    """Return the task of a config that can be trained; raises ConfigError and DataError for one that cannot."""
    check(config)
    if file := file_of(config):
        say(f"reading {Path(file).name}")
    task = create_task(config)
    check_memory(config, task, "cpu")  # there it all begins
    return task


def device_for(config: TrainingConfig, task: Task, say: Say, alone: bool = True) -> Choice:
    """Load what a first step loads, and return where a config is computed; raises ConfigError.

    alone: whether nothing else is trained at the same time. Who measures at once disturbs each other, and each could
    choose another device.
    """
    say("preparing the optimizer")
    warm_up(replace(config, device="cpu"), task)
    if alone:
        say("measuring devices and threads")
        return fastest_device(config, task)
    device = choose_device("cpu" if config.device == "auto" else config.device)
    return Choice(str(device), f"{describe_device(device)}, side by side")


def threads_for(config: TrainingConfig, task: Task, threads: int = 0) -> int:
    """Set and return torch's number of threads: `threads` on a CPU where as many cores may be used; 0 measures."""
    if config.device != "cpu" or not 0 < threads <= core_count():
        return choose_threads(config, task)
    set_threads(threads)
    return threads


def in_words(threads: int) -> str:
    """Return a number of threads: "2 threads"."""
    return f"{threads} thread{'s' * (threads > 1)}"
