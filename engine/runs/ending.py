"""When a run ends by itself: after so many steps, or as soon as it has solved its task."""

from ..settings.config import TrainingConfig
from .metrics import goal_of

SOLVED = "solved"
"""The event of the step at which a run has solved its task for the first time."""


def ends_when_solved(config: TrainingConfig) -> bool:
    """Say whether a run of these settings ends when its task is solved; a task must say in numbers what that is."""
    return config.until == "solved" and goal_of(config) is not None


def most_steps(config: TrainingConfig) -> int:
    """Return how many steps a run of these settings makes, at most where it ends when its task is solved."""
    return config.limit if ends_when_solved(config) else config.steps
