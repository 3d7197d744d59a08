"""Metrics made up for verdicts, and small networks that are really trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from engine.runs.metrics import ERRORS, Metrics
from engine.runs.observation import FLOW
from engine.runs.verdict.judging import Judging, Verdict
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.tasks.base import TaskFacts
from engine.training.trainer import Trainer

NAMES = ("loss", "measure", "grad_norm", *ERRORS)
ADDING = TrainingConfig(device="cpu")
FACTS = create_task(ADDING).facts()


def metrics(
    loss: ArrayLike,
    measure: ArrayLike = 0.0,
    mean_error: ArrayLike = np.nan,
    largest_error: ArrayLike = np.nan,
    names: Sequence[str] = NAMES,
) -> Metrics:
    """Steps with these numbers, each one for all or one a step."""
    columns = np.broadcast_arrays(np.atleast_1d(loss), measure, 1.0, mean_error, largest_error)
    found = Metrics(NAMES, np.stack(columns, axis=1).astype(np.float32))
    return Metrics(tuple(names), found.of(names))


def judging(config: TrainingConfig = ADDING, facts: TaskFacts | None = None) -> Judging:
    return Judging(config, facts or create_task(config).facts())


def trained(steps: int, seed: int = 1, **settings: Any) -> Judging:
    """What has seen a network train so many steps."""
    config = TrainingConfig(device="cpu", seed=seed, steps=steps, **settings)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        trainer = Trainer(config)
        found = judging(config, trainer.task.facts())
        for _ in range(steps):
            trainer.step()
        found.see(trainer.drain())
        found.see_snapshot(trainer.snapshot(frozenset({FLOW})))
    finally:
        torch.set_num_threads(threads)
    return found


def tried(verdict: Verdict) -> tuple[str, Any] | None:
    """Setting and value to try."""
    return (verdict.to_try.setting, verdict.to_try.value) if verdict.to_try is not None else None
