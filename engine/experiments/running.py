"""Trains one network of an experiment from a seed, until the task is solved or the limit is reached."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import torch

from ..settings.config import TrainingConfig
from ..tasks.base import Float32
from ..training.placement import warm_up
from ..training.preparation import task_for
from ..training.trainer import Trainer
from .experiment import Experiment
from .judges import Judge
from .results import Job, SeedResult
from .watched import WatchedTask

_FINITE_EVERY_STEPS = 100  # how long a run may go on after its loss was no longer a number
_CHUNK_FLOATS = 1 << 22  # a long test is answered in parts of about 16 MB of hidden states
TELL_EVERY_S = 0.2  # for a person to read

Told = Callable[[int, float | None], None]
"""Hears of a run now and then: the sequences so far, and the mean loss of the last hundred steps or so."""


def run_jobs(
    experiment: Experiment,
    jobs: Iterable[Job],
    told: Callable[[Job], Told] = lambda _job: lambda _sequences, _loss: None,
) -> Iterator[tuple[Job, SeedResult]]:
    """Yield the result of one job after another; told(job) makes what hears of its progress.

    Raises as `run_seed`, and KeyError for a setting that the experiment does not have.
    """
    tasks = [task_for(arm.config) for arm in experiment.arms]
    # What the first step loads counts in no seed's seconds; torch computes on one core.
    warm_up(experiment.arms[0].config, tasks[0])
    for job in jobs:
        config = experiment.arm(job.arm).config
        yield job, run_seed(config, experiment.judge_of, job.seed, experiment.bound, told(job))


def run_seed(
    config: TrainingConfig,
    judge_of: Callable[[TrainingConfig], Judge],
    seed: int,
    bound: int,
    told: Told = lambda _sequences, _loss: None,
) -> SeedResult:
    """Train until the judge is content or `bound` sequences are used up; the same seed gives the same result.

    told: called a few times a second while it trains. Raises ConfigError where the config cannot be used.
    """
    config = replace(config, seed=seed)
    task = task_for(config)
    judge = judge_of(config)
    started = time.perf_counter()
    trainer = Trainer(config, WatchedTask(task, judge.on_answers, judge.on_drawn))
    solved = _train(trainer, judge, bound, told)
    seconds = time.perf_counter() - started
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged network is wrong everywhere; no warning adds to it
        test = judge.test(lambda x: answers(trainer, x))
    return SeedResult(seed, solved, trainer.done * config.batch_size, seconds, test)


def _train(trainer: Trainer, judge: Judge, bound: int, told: Told) -> bool:
    """Make steps until the judge is content; return whether it was. A diverged run ends early."""
    batch = trainer.config.batch_size
    every_steps = max(judge.every // batch, 1)
    loss: float | None = None
    tell_at = time.perf_counter()
    while (trainer.done + 1) * batch <= bound:
        trainer.step()
        if time.perf_counter() >= tell_at:
            told(trainer.done * batch, loss)
            tell_at = time.perf_counter() + TELL_EVERY_S
        if trainer.done % every_steps == 0 and judge.solved(lambda x: answers(trainer, x), trainer.done * batch):
            return True
        if trainer.done % _FINITE_EVERY_STEPS == 0:
            metrics = trainer.drain()
            if metrics.lost is not None:
                return False
            loss = float(metrics["loss"].mean())
    return False


def answers(trainer: Trainer, x: Float32) -> Float32:
    """Return what the network answers to x (T, B, m) now, without learning from it; see `judges.Answer`."""
    chunk = max(_CHUNK_FLOATS // (x.shape[0] * 4 * trainer.config.cell_size), 1)
    parts = []
    with torch.no_grad():
        for begin in range(0, x.shape[1], chunk):
            part = torch.tensor(x[:, begin : begin + chunk], device=trainer.device)
            parts.append(trainer.network(part).cpu().numpy())
    return np.concatenate(parts, axis=1 if trainer.task.every_step else 0)
