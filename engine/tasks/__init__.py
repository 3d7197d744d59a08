"""All tasks that a network can learn, in the order of the form."""

from collections.abc import Mapping
from types import MappingProxyType

from ..setting import ELSEWHERE
from ..tables.answers import DataError
from .adding import AddingTask
from .base import Examples, Task, TaskFacts
from .characters import CharactersTask
from .copying import CopyingTask
from .counting import ThreeLettersTask, TwoLettersTask
from .multiplication import MultiplicationTask
from .outbreak import OutbreakTask
from .own import create_own, is_own
from .parity import ParityTask
from .reber import ContinualReberTask, EmbeddedReberTask
from .series import SeriesTask
from .sine import SineTask
from .task_settings import TaskSettings
from .temporal_order import TemporalOrder3Task, TemporalOrderTask

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


def create_task(config: TaskSettings) -> Task:
    """Return the task that a checked config names.

    Raises DataError where its data cannot be used, and for a network that was not trained here, which has none.
    """
    if config.task == ELSEWHERE:
        raise DataError(
            "This network was trained elsewhere, so there is nothing here that it could go on learning; choose a task."
        )
    return create_own(config) if is_own(config.task) else TASKS[config.task](config)
