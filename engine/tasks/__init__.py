"""What can be learnt: a registry with one entry per task, in the order of the form."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.config import TrainingConfig
from engine.tasks.adding import AddingTask
from engine.tasks.base import Examples, Task, TaskFacts
from engine.tasks.characters import CharactersTask
from engine.tasks.copying import CopyingTask
from engine.tasks.counting import ThreeLettersTask, TwoLettersTask
from engine.tasks.multiplication import MultiplicationTask
from engine.tasks.outbreak import OutbreakTask
from engine.tasks.own import create_own, is_own
from engine.tasks.parity import ParityTask
from engine.tasks.reber import ContinualReberTask, EmbeddedReberTask
from engine.tasks.series import SeriesTask
from engine.tasks.sine import SineTask
from engine.tasks.temporal_order import TemporalOrder3Task, TemporalOrderTask

__all__ = ["TASKS", "Examples", "Task", "TaskFacts", "create_task"]

_TASKS: tuple[type[Task], ...] = (
    AddingTask,
    MultiplicationTask,
    TemporalOrderTask,
    TemporalOrder3Task,
    EmbeddedReberTask,
    ContinualReberTask,
    CopyingTask,
    TwoLettersTask,
    ThreeLettersTask,
    ParityTask,
    SineTask,
    OutbreakTask,
    SeriesTask,
    CharactersTask,
)
TASKS: Mapping[str, type[Task]] = MappingProxyType({task.name: task for task in _TASKS})


def create_task(config: TrainingConfig) -> Task:
    """Return the task that a checked config names; raises DataError where its data cannot be used."""
    return create_own(config) if is_own(config.task) else TASKS[config.task](config)
