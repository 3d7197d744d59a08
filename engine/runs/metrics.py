"""What is measured at every step of a run, by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..settings.config import TrainingConfig
from ..tasks import TASKS
from ..tasks.base import TaskFacts
from ..tasks.goal import Goal, goal_of_words

Float32 = NDArray[np.float32]

BEFORE_LAYERS = ("loss", "measure", "grad_norm", "applied_norm", "twin_loss")
"""The first columns of every run."""
ERRORS = ("mean_error", "largest_error")
"""The last columns where a task's goal bounds errors; recordings of earlier versions do not have them."""


def goal_of(config: TrainingConfig, facts: TaskFacts | None = None) -> Goal | None:
    """Return what counts as solved, in numbers: what the settings declare, else what the task does; None of neither.

    facts: of the task, once it is made: a user's own declares its goal in its file.
    """
    if config.goal:
        return goal_of_words(config.goal)
    task = TASKS.get(config.task)
    if task is not None:
        return task.goal
    return goal_of_words(facts.own_goal) if facts is not None else None


def _bounds_errors(config: TrainingConfig) -> bool:
    """Return whether the task's own goal bounds errors, so that they are recorded whatever is declared besides."""
    task = TASKS.get(config.task)
    return task is not None and task.goal is not None and task.goal.bounds_errors


def metric_names(config: TrainingConfig) -> tuple[str, ...]:
    """Return the columns that a run of this config records at every step.

    loss; measure; grad_norm and applied_norm, of all weights together, before and after clipping; twin_loss, of the
    plain RNN beside it (NaN while there is none); then per layer, counted from 1, the gradient norm of each weight,
    such as layer1.W_f, by the names that the cell declares; then, where the task's goal bounds them, mean_error and
    largest_error of the batch's sequences (NaN where ranks share a batch).
    """
    weights = [item.name for item in config.made_cell.parameters]
    if config.cell == "lstm":  # in torch's order, so that a trainer can write its norms as they come
        weights = [f"{letter}_{gate}" for letter in "Wb" for gate in ("i", "f", "C", "o")]
        weights += ["W_hr"] if config.projected else []
    layers = range(1, config.layers + 1)
    errors = ERRORS if _bounds_errors(config) else ()
    return (*BEFORE_LAYERS, *(f"layer{layer}.{name}" for layer in layers for name in weights), *errors)


@dataclass(frozen=True, eq=False)
class Metrics:
    """What was measured at some steps, one after another. names: of the columns. values: (steps, columns)."""

    names: tuple[str, ...]
    values: Float32

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, name: str) -> Float32:
        """Return one column, (steps,), which can be written to; raises ValueError for an unknown name."""
        return self.values[:, self.names.index(name)]

    def of(self, names: Sequence[str]) -> Float32:
        """Return the columns of these names, (steps, names); NaN where there is none of a name.

        A run that is resumed may have more columns than before, such as those of ranks, or fewer.
        """
        if tuple(names) == self.names:
            return self.values
        found = np.full((len(self), len(names)), np.nan, dtype=np.float32)
        for place, name in enumerate(names):
            if name in self.names:
                found[:, place] = self[name]
        return found

    @property
    def lost(self) -> int | None:
        """The place of the first step whose loss is no finite number, counted from 0; None where there is none."""
        wrong = np.flatnonzero(~np.isfinite(self["loss"]))
        return int(wrong[0]) if wrong.size else None


def joined(parts: Iterable[Metrics | None]) -> Metrics | None:
    """Return metrics that follow each other, all of the same columns, as one; None where there are none."""
    found = [part for part in parts if part is not None]
    if len(found) < 2:
        return found[0] if found else None
    return Metrics(found[0].names, np.concatenate([part.values for part in found]))
