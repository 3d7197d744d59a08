"""Which settings count, by the values of the others: how long a run goes on depends on what counts as solved."""

from collections.abc import Callable

from ..setting import OWN
from ..tasks import TASKS

ValueOf = Callable[[str], object]


def _may_say_solved(value_of: ValueOf) -> bool:
    """Return whether a task says, or may say, what counts as solved: a user's file is not read for that."""
    name = str(value_of("task"))
    task = TASKS.get(name)
    return name.startswith(OWN) or (task is not None and task.goal is not None)


def may_be_solved(value_of: ValueOf) -> bool:
    """Return whether it is said, or may be said, what counts as solved."""
    return bool(value_of("goal")) or _may_say_solved(value_of)


def needs_a_goal(value_of: ValueOf) -> bool:
    """Return whether it is for the user to say what counts as solved, or was said so."""
    task = str(value_of("task"))
    return bool(value_of("goal")) or task.startswith(OWN) or not _may_say_solved(value_of)


def steps_count(value_of: ValueOf) -> bool:
    """Return whether a run makes its training steps, and does not end when it is solved."""
    return value_of("until") != "solved" or not may_be_solved(value_of)
