"""What was found of a run, in numbers: what its verdict says in words, and what the rules decide by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from ...settings.config import TrainingConfig
from ...tasks.base import TaskFacts
from ...tasks.goal import Goal
from ...tasks.held_out import HeldOut


class Outlook(StrEnum):
    """Where a run stands with its task, as JSON has it; with its loss alone where its task is not known."""

    SOLVED = "solved"
    SOLVED_ONCE = "solved once"
    LEARNING = "learning"
    NOT_LEARNING = "not learning"
    DIVERGED = "diverged"
    OVERFITTING = "overfitting"
    TOO_EARLY = "too early"
    NO_CRITERION = "no criterion"
    FALLING = "loss falling"
    NOT_FALLING = "loss not falling"


@dataclass(frozen=True)
class Recent:
    """What the last steps came to. steps: how many. loss: their mean. grad_norm: of the newest.

    mean_error, largest_error: of their sequences, NaN where the goal bounds none; error_is_bound: whether mean_error
    was not measured and is only a bound. wrong: how many of their sequences (or parts of them) were wrong; wrong_share.
    """

    steps: int
    loss: float
    grad_norm: float = math.nan
    mean_error: float = math.nan
    largest_error: float = math.nan
    error_is_bound: bool = False
    wrong: int = 0
    wrong_share: float = 0.0


@dataclass(frozen=True)
class Findings:
    """A run as its metrics show it after `steps` steps.

    over: whether no step comes by itself any more. needed: the steps that a judgement needs. first_loss: of the first
    step. solved_at: the first step at which the goal was met. diverged_at: since when the loss is far above the trivial
    answer, or no finite number (is_lost). falling: whether the loss, or the share of wrong predictions, is still going
    down. carried: of the gradient that arrives at the last time step, what is left halfway back; NaN where nobody
    looked. held_out: of the newest network that was judged on rows that training never sees.
    """

    outlook: Outlook
    config: TrainingConfig
    facts: TaskFacts
    goal: Goal | None
    over: bool
    steps: int
    needed: int
    recent: Recent
    first_loss: float = math.nan
    solved_at: int | None = None
    diverged_at: int | None = None
    is_lost: bool = False
    last_norm: tuple[int, float] | None = None
    falling: bool = False
    carried: float = math.nan
    held_out: HeldOut | None = None
