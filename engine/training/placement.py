"""Chooses the device for a run, and the number of CPU threads, by measuring."""

import time
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from ..machine import core_count
from ..settings.config import TrainingConfig
from ..tasks import Task, create_task
from ..tasks.base import TRAINING_STREAM
from .devices import Candidate, Choice, available_devices, choose_device, describe_device, fastest
from .trainer import Trainer

_MEASURE_S = 0.25  # for each number of threads
_TOO_MUCH_FOR_A_CPU = 2e10  # operations in one step: a core takes about a second for them
_WORTH_A_THREAD = 1.15  # a second thread must win by this much: the window wants a core as well


def fastest_device(config: TrainingConfig, task: Task | None = None) -> Choice:
    """Return where this config is to be computed, by a short measurement where its device is "auto".

    A few real steps of throwaway trainers, on the CPU with its best number of threads and on each kind of GPU: a
    small network is often faster on the CPU. A device that is named is taken without measuring, as is the CPU where
    it is the only one, and a GPU where one step would keep the CPU busy for long. Sets torch's number of threads.
    Raises ConfigError for a device that is not there.
    """
    if config.device != "auto":
        device = choose_device(config.device)
        return Choice(str(device), describe_device(device))
    kinds = {name.partition(":")[0]: name for name, _ in reversed(available_devices())}  # the first of each kind
    names = [kinds[kind] for kind in ("cpu", "cuda", "mps") if kind in kinds]
    if len(names) > 1 and _flops_per_step(config, task or create_task(config)) > _TOO_MUCH_FOR_A_CPU:
        names.remove("cpu")
    if len(names) > 1 and "cpu" in names:
        choose_threads(replace(config, device="cpu"), task)
    return fastest(
        [
            Candidate(name, describe_device(torch.device(name)), partial(Trainer, replace(config, device=name), task))
            for name in names
        ]
    )


def _flops_per_step(config: TrainingConfig, task: Task) -> float:
    """Return about how many multiplications and additions one step takes: 2 for each weight there, 4 back."""
    x, _ = task.fixed_examples(TRAINING_STREAM, 1)  # (T, 1, m)
    columns = task.input_size + config.n + (config.layers - 1) * 2 * config.n
    return 6.0 * 4 * config.cell_size * columns * len(x) * config.batch_size


def _seconds_per_step(trainer: Trainer, give_up_at: float) -> float:
    """Return the median time of a step; ends early where three steps were all slower than give_up_at."""
    times: list[float] = []
    begin = time.perf_counter()
    trainer.step()  # not counted: the first step with another number of threads starts them
    while not times or (len(times) < 40 and time.perf_counter() - begin < _MEASURE_S):
        start = time.perf_counter()
        trainer.step()
        times.append(time.perf_counter() - start)
        if len(times) >= 3 and min(times) > give_up_at:
            break
    return float(np.median(times))


def set_threads(count: int) -> None:
    """Let torch compute with so many threads."""
    torch.set_num_threads(count)


def warm_up(config: TrainingConfig, task: Task | None = None) -> None:
    """Make one step of a throwaway trainer: the first optimizer loads for about a second."""
    torch.set_num_threads(1)
    Trainer(config, task).step()


def choose_threads(config: TrainingConfig, task: Task | None = None) -> int:
    """Set torch's number of threads for this config by a short measurement, and return it.

    1, 2, 4, … up to the number of cores, as long as each is at least 1.15 times as fast as the one before:
    for a small network one thread is several times faster than two. Takes about a second at most, on a
    throwaway trainer; 1 without measuring where the network is not computed by the CPU.
    """
    torch.set_num_threads(1)
    cores = core_count()
    trainer = Trainer(config, task)
    if trainer.device.type != "cpu" or cores == 1:
        return 1
    trainer.step()
    best, best_s = 1, _seconds_per_step(trainer, np.inf)
    candidate = 2
    while candidate <= cores:
        torch.set_num_threads(candidate)
        seconds = _seconds_per_step(trainer, best_s)
        if seconds * _WORTH_A_THREAD > best_s:
            break
        best, best_s = candidate, seconds
        candidate *= 2
    torch.set_num_threads(best)
    return best
