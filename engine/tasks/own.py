"""Tasks that a user has written: one Python file each, in the user's own folder.

This module finds and describes the files; `engine.tasks.own_file` loads one. Loading a file runs it, so nothing is
loaded before it is listed or chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import platformdirs

from ..errors import PlainError
from ..setting import OWN
from ..shipped import SHIPPED, named_folder
from ..tables.answers import DataError
from .base import Task
from .example import Example, TaskWords, example_of
from .own_code import said_with_line
from .own_file import EXAMPLE_FILE, task_of_file
from .task_settings import TaskSettings

FOLDER_VARIABLE = "LSTM_VISUALIZER_TASKS"
"""The environment variable that names another folder."""
CHILD_DIED = "The process that runs your own tasks {words}; correct the task."


@dataclass(frozen=True)
class OwnTask:
    """A file of the user's folder; value: of the setting `task`; error: what is wrong with it, "" if nothing."""

    value: str
    path: Path
    title: str
    error: str = ""
    input_size: int = 0


def own_folder() -> Path:
    """Return the folder of the user's tasks; it need not exist.

    Raises DataError where its name begins with a home folder that is not there.
    """
    named = named_folder(FOLDER_VARIABLE, "your tasks", DataError)
    return named or platformdirs.user_data_path("LSTM Visualizer") / "tasks"


def is_own(task: str) -> bool:
    """Return whether a value of the setting `task` means a file of the user's."""
    return task.startswith(OWN)


def own_tasks(config: TaskSettings) -> tuple[OwnTask, ...]:
    """Load every file of the folder and return what came of it, by name; raises DataError as `own_folder` does.

    config: the settings that each is made with. Runs the user's code: not for a window's process, which has
    `tell_own_tasks`.
    """
    found = tuple(_described(path, config) for path in own_files())
    remember_own(found)
    return found


def own_files() -> list[Path]:
    """Return the files of the folder that may be tasks, by name, and run none; raises DataError as `own_folder`."""
    folder = own_folder()
    try:
        return sorted(path for path in folder.glob("*.py") if not path.name.startswith((".", "_")))
    except OSError:
        return []


def remember_own(found: tuple[OwnTask, ...]) -> None:
    """Let `own_choices` name these, which another process has found."""
    _LISTED[:] = found


def tell_own_tasks(commands: SimpleQueue[Any], send: Callable[[object], None], config: TaskSettings) -> None:
    """Send what `own_tasks` returns, or a DataError; the work of an `engine.session.child.Child`."""
    del commands  # the owner ends a child that takes too long
    send(_said(partial(own_tasks, config)))


def tell_own_examples(
    commands: SimpleQueue[Any], send: Callable[[object], None], config: TaskSettings, number: int
) -> None:
    """Send the example `number` of a config's own task, then each whose number is a command, until another comes.

    Sends a DataError where there is none; the work of an `engine.session.child.Child`.
    """
    task = _said(partial(create_own, config))
    if isinstance(task, Exception):
        send(task)
        return
    wanted: Any = number
    while isinstance(wanted, int):
        send(_said(partial(_plain_example, task, wanted)))
        wanted = commands.get()


def _said(work: Callable[[], Any]) -> Any:
    """Return what the work returns, or a DataError that a window can say."""
    try:
        return work()
    except PlainError as error:
        return DataError(str(error))  # a subclass of the user's could not be read by another process
    except MemoryError:
        return DataError("There is not enough memory for your own task; choose a shorter sequence length.")


def _plain_example(task: Task, number: int) -> Example:
    """Return an example without objects of the user's: its reader could load them only by running the file."""
    path = Path(f"{task.name.removeprefix(OWN)}.py")
    with said_with_line(path):
        example = example_of(task, number)
        kinds: Any = {field.name: field.type for field in fields(TaskWords)}
        words = TaskWords(**{name: kind(getattr(example.words, name)) for name, kind in kinds.items()})
        return replace(
            example,
            words=words,
            input_names=tuple(map(str, example.input_names)),
            answer_names=tuple(map(str, example.answer_names)),
            letters=tuple(map(str, example.letters)),
        )


_LISTED: list[OwnTask] = []
"""What `own_tasks` found last, for lists that must not wait for it."""


def own_choices() -> tuple[tuple[str, str], ...]:
    """Return value and words of the user's tasks, as `own_tasks` has found them; waits for nothing."""
    return tuple((task.value, words_of(task)) for task in tuple(_LISTED))


def words_of(task: OwnTask) -> str:
    """Return how a list names a user's task; one with an error has a mark."""
    return f"{task.title} ⚠" if task.error else task.title


def put_example() -> Path:
    """Make the folder, with the example file if there is no task in it; return the folder.

    Raises DataError where it cannot be created.
    """
    folder = own_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.glob("*.py")):
            source = (SHIPPED / "tasks" / EXAMPLE_FILE).read_bytes()
            (folder / EXAMPLE_FILE).write_bytes(source)
    except OSError as error:
        raise DataError(
            f"{folder}: the folder for your tasks cannot be created ({error.strerror or error}); "
            f"name another one with the environment variable {FOLDER_VARIABLE}."
        ) from error
    return folder


def create_own(config: TaskSettings) -> Task:
    """Return the task of the user's file that a config names, checked on two small batches of its examples.

    Raises DataError, in one sentence with file and line, for whatever is wrong in it.
    """
    name = config.task.removeprefix(OWN)
    path = own_folder() / f"{name}.py"
    if Path(name).name != name or not path.is_file():
        raise DataError(
            f"{path}: there is no such file; put your task there, or choose another task "
            "(main.py tasks lists them and the folder)."
        )
    return task_of_file(path, config)


def _described(path: Path, config: TaskSettings) -> OwnTask:
    value = f"{OWN}{path.stem}"
    try:
        task = create_own(replace(config, task=value))
    except DataError as error:
        return OwnTask(value, path, path.stem, str(error))
    return OwnTask(value, path, str(task.title), "", int(task.input_size))  # plain ones, for another process
