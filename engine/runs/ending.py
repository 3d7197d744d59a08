"""When a run ends by itself: after so many steps, or as soon as it has solved its task."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..settings.config import TrainingConfig
from ..tasks.base import TaskFacts
from .metrics import goal_of

SOLVED = "solved"
"""The event of the step at which a run has solved its task for the first time."""
_COUNTS_WITH = {"steps": "steps", "limit": "solved"}
"""The settings that say how many steps a run makes, each with the value of `until` with which it counts."""


def ends_when_solved(config: TrainingConfig, facts: TaskFacts | None = None) -> bool:
    """Say whether a run of these settings ends when its task is solved: something must say in numbers what that is.

    facts: of its task, once they are known.
    """
    return config.until == "solved" and goal_of(config, facts) is not None


def most_steps(config: TrainingConfig, facts: TaskFacts | None = None) -> int:
    """Return how many steps a run of these settings makes, at most where it ends when its task is solved."""
    return config.limit if ends_when_solved(config, facts) else config.steps


def changed(config: TrainingConfig, name: str, value: Any) -> TrainingConfig:
    """Return a config with another value of a setting, so that it counts: a limit is one of a run until solved."""
    changes: dict[str, Any] = {name: value}
    if name in _COUNTS_WITH and goal_of(config) is not None:
        changes["until"] = _COUNTS_WITH[name]
    return replace(config, **changes)
