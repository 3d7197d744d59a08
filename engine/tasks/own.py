"""Tasks that a user writes: one Python file each, in a folder of the user's own.

A file defines one subclass of `engine.tasks.base.Task`. It has to say `input_size`, `output_size` and `every_step`,
and how `examples` are drawn; everything else has a default here. Loading a file runs it, so nothing is loaded before
it is listed or chosen. Whatever goes wrong in it becomes a DataError of one sentence with file and line.
"""

import inspect
import os
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from queue import SimpleQueue
from typing import Any, ClassVar, Literal

import numpy as np
import platformdirs

from engine.config import ConfigError, TrainingConfig, check, settings
from engine.setting import OWN
from engine.tasks.base import SCALE_STREAM, TEST_STREAM, Examples, Float32, Task
from engine.tasks.example import Example, TaskWords, example_of
from engine.tasks.symbols import cross_entropy, entropy, likeliest
from engine.tasks.table import DataError

FOLDER_VARIABLE = "LSTM_VISUALIZER_TASKS"
"""The environment variable that names another folder."""
EXAMPLE_FILE = "first_value.py"
TEST_EXAMPLES = 64
_SCALE_EXAMPLES = 500  # what the trivial answer is measured on
_GUARDED = ("examples", "probe", "example", "test_batch", "positions", "shown", "in_units", "facts")
_NEEDED = ("input_size", "output_size", "every_step")
_MOST = 4096  # inputs or outputs


class OwnDefaults(Task):
    """What a user's task need not say.

    answers: "numbers" are learnt by their mean squared error; "symbols", one-hot targets, by cross-entropy.
    """

    answers: Literal["numbers", "symbols"] = "numbers"
    criterion = "below the trivial answer"
    position_name = "example"

    writes_loss: ClassVar[bool] = False
    """Whether the user wrote `batch_loss_and_measure`."""

    def complete(self) -> None:
        """Fill in what neither the class nor its __init__ says; not earlier, for examples may need what that sets."""
        symbols = self.answers == "symbols"
        self._default("loss_name", "cross-entropy (nats)" if symbols else "mean squared error")
        self._default("measure_name", "share of answers that are right" if symbols else "root mean squared error")
        if symbols and not self.writes_loss:
            self.measure_is_share = True
        self._default("trivial_name", "answering with each symbol's frequency" if symbols else "answering the mean")
        self._default("prediction_kind", "series" if symbols else "scatter")
        self._default("value_name", "symbol (likeliest)" if symbols else "target")
        self._default("input_names", tuple(f"input {number + 1}" for number in range(self.input_size)))
        if not hasattr(self, "trivial_loss"):
            self.trivial_loss = self._measured_trivial_loss()

    def _default(self, name: str, value: Any) -> None:
        if not hasattr(self, name):
            setattr(self, name, value)

    def _measured_trivial_loss(self) -> float:
        _, target = self.fixed_examples(SCALE_STREAM, _SCALE_EXAMPLES)
        answers = target.reshape(-1, target.shape[-1]).astype(np.float64)
        return entropy(answers.sum(axis=0)) if self.answers == "symbols" else float(answers.var(axis=0).mean())

    def _last_targets(self) -> tuple[Float32, Float32]:
        x, target = self.fixed_examples(TEST_STREAM, TEST_EXAMPLES)
        last = target[-1] if self.every_step else target  # (B, outputs)
        if self.answers == "numbers":
            return x, last[:, 0]
        shown = likeliest(last)
        order = np.argsort(shown, kind="stable")
        return x[:, order], shown[order]

    def test_batch(self) -> Examples:
        """Return 64 fixed examples, x (T, 64, m), and what is to be answered at the end of each (64,)."""
        return self._last_targets()

    def shown(self, output: Float32) -> Float32:
        """Return the first number, or the likeliest symbol from 1, that is answered at the end of each example."""
        if self.answers == "symbols":
            return likeliest(output[-1] if self.every_step else output)
        return super().shown(output)

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return mean squared error and its root, or cross-entropy and the share that is right."""
        if self.answers == "symbols":
            right = output.detach().argmax(-1) == target.argmax(-1)
            return cross_entropy(output, target), right.float().mean()
        loss = (output - target).square().mean()
        return loss, loss.detach().sqrt()


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
    given = os.environ.get(FOLDER_VARIABLE, "")
    if not given:
        return platformdirs.user_data_path("LSTM Visualizer") / "tasks"
    try:
        return Path(given).expanduser()
    except RuntimeError as error:  # ~somebody
        raise DataError(
            f"{given}: there is no such home folder; name another folder for your tasks with the environment variable "
            f"{FOLDER_VARIABLE}."
        ) from error


def is_own(task: str) -> bool:
    """Return whether a value of the setting `task` means a file of the user's."""
    return task.startswith(OWN)


def own_tasks() -> tuple[OwnTask, ...]:
    """Load every file of the folder and return what came of it, by name; raises DataError as `own_folder` does.

    Runs the user's code: not for a window's process, which has `tell_own_tasks`.
    """
    found = tuple(_described(path) for path in own_files())
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
    """Let `task_choices` name these, which another process has found."""
    _LISTED[:] = found


def tell_own_tasks(commands: SimpleQueue[Any], send: Callable[[object], None]) -> None:
    """Send what `own_tasks` returns, or a DataError; the work of an `engine.child.Child`."""
    del commands  # the owner ends a child that takes too long
    send(_said(own_tasks))


def tell_own_examples(
    commands: SimpleQueue[Any], send: Callable[[object], None], config: TrainingConfig, number: int
) -> None:
    """Send the example `number` of a config's own task, then each whose number is a command, until another comes.

    Sends a DataError where there is none; the work of an `engine.child.Child`.
    """

    def begin() -> Task:
        check(config)
        return create_own(config)

    task = _said(begin)
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
    except (ConfigError, DataError) as error:
        return DataError(str(error))  # a subclass of the user's could not be read by another process
    except MemoryError:
        return DataError("There is not enough memory for your own task; choose a shorter sequence length.")


def _plain_example(task: Task, number: int) -> Example:
    """Return an example without objects of the user's: its reader could load them only by running the file."""
    path = Path(f"{task.name.removeprefix(OWN)}.py")
    with _said_with_line(path):
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


def task_choices() -> tuple[tuple[str, str], ...]:
    """Return value and words of every task; the user's come last, as `own_tasks` has found them. Waits for nothing."""
    declared = next(setting for setting in settings() if setting.name == "task")
    built_in = zip(declared.choices, declared.choice_labels, strict=True)
    return (*built_in, *((task.value, words_of(task)) for task in tuple(_LISTED)))


def words_of(task: OwnTask) -> str:
    """Return how a list names a user's task; one with an error has a mark."""
    return f"{task.title} ⚠" if task.error else task.title


def put_example() -> Path:
    """Make the folder, with the example file if there is no task in it; return the folder.

    Raises DataError where it cannot be made.
    """
    folder = own_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.glob("*.py")):
            source = (files("resources") / "tasks" / EXAMPLE_FILE).read_bytes()
            (folder / EXAMPLE_FILE).write_bytes(source)
    except OSError as error:
        raise DataError(
            f"{folder}: the folder for your tasks cannot be made ({error.strerror or error}); "
            f"name another one with the environment variable {FOLDER_VARIABLE}."
        ) from error
    return folder


def create_own(config: TrainingConfig) -> Task:
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
    kind = _guarded_class(_load(path), path, config.task)
    task = kind(config)
    _check_examples(task, path)
    task.complete()
    if len(task.input_names) != task.input_size:
        raise DataError(
            f"{path.name}: input_names has {len(task.input_names)} names for {task.input_size} inputs; give each one."
        )
    return task


def _described(path: Path) -> OwnTask:
    value = f"{OWN}{path.stem}"
    try:
        task = create_own(TrainingConfig(task=value))
    except DataError as error:
        return OwnTask(value, path, path.stem, str(error))
    return OwnTask(value, path, str(task.title), "", int(task.input_size))  # plain ones, for another process


def _load(path: Path) -> type[Task]:
    """Run a file and return the one subclass of Task that it defines."""
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except OSError as error:
        raise DataError(f"{path}: the file cannot be read ({error.strerror}); check it, or choose another.") from error
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise DataError(f"{path.name}{line}: this is not Python ({error.msg}); correct it.") from error
    except ValueError as error:  # a zero byte
        raise DataError(f"{path.name}: this is not Python ({error}); correct it.") from error
    module = types.ModuleType(f"own_task_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    with _said_with_line(path):
        exec(code, module.__dict__)  # the user's own code, which the user has chosen
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Task) and value.__module__ == module.__name__
    ]
    # A class that others in the file build on is no task of its own.
    found = [kind for kind in dict.fromkeys(found) if not any(o is not kind and issubclass(o, kind) for o in found)]
    if not found:
        raise DataError(
            f"{path.name}: there is no subclass of Task in it; write one, as the example {EXAMPLE_FILE} shows."
        )
    if len(found) > 1:
        second = _line_of(found[1])
        names = ", ".join(kind.__name__ for kind in found)
        raise DataError(f"{path.name}{second}: there are {len(found)} tasks ({names}); keep one in each file.")
    return found[0]


def _line_of(kind: type) -> str:
    try:
        return f", line {inspect.getsourcelines(kind)[1]}"
    except (OSError, TypeError):
        return ""


def _guarded_class(kind: type[Task], path: Path, value: str) -> type[OwnDefaults]:
    """Return the user's class with the defaults beneath it and its errors turned into sentences above it."""
    line = _line_of(kind)
    whole: Any = type(kind.__name__, (kind, OwnDefaults), {"__doc__": kind.__doc__, "__module__": kind.__module__})
    for name in _NEEDED:
        if not hasattr(whole, name):
            raise DataError(
                f"{path.name}{line}: {kind.__name__} does not say {name}; add it, such as {_SUCH_AS[name]}."
            )
    for name in ("input_size", "output_size"):
        size = getattr(whole, name)
        if (
            isinstance(size, bool)
            or not isinstance(size, (int, property))
            or (isinstance(size, int) and not 1 <= size <= _MOST)
        ):
            raise DataError(f"{path.name}{line}: {name} is {size!r}; make it a whole number from 1 to {_MOST}.")
    if "examples" in whole.__abstractmethods__:
        raise DataError(
            f"{path.name}{line}: {kind.__name__} has no method examples; add examples(self, rng, count), "
            f"as in {EXAMPLE_FILE}."
        )
    writes_loss = whole.batch_loss_and_measure is not OwnDefaults.batch_loss_and_measure
    if writes_loss and not hasattr(whole, "trivial_loss"):
        raise DataError(
            f"{path.name}{line}: {kind.__name__} has a loss of its own, but does not say trivial_loss; add the loss of "
            "the simplest answer, such as trivial_loss = 1.0."
        )
    first_words = (kind.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    members: dict[str, Any] = {name: _guard(getattr(whole, name), path) for name in ("__init__", "complete", *_GUARDED)}
    members["examples"] = _guard_examples(members["examples"], path)
    members["batch_loss_and_measure"] = _guard_loss(whole.batch_loss_and_measure, path)
    members |= {"__doc__": kind.__doc__, "writes_loss": writes_loss}
    members["name"] = value
    for name, given in (("title", first_words or path.stem), ("source", f"your file {path.name}")):
        if not hasattr(whole, name):
            members[name] = given
    guarded: type[OwnDefaults] = type(kind.__name__, (whole,), members)
    return guarded


_SUCH_AS = {"input_size": "input_size = 1", "output_size": "output_size = 1", "every_step": "every_step = False"}


def _guard(method: Callable[..., Any], path: Path) -> Callable[..., Any]:
    def guarded(*arguments: Any, **named: Any) -> Any:
        with _said_with_line(path):
            return method(*arguments, **named)

    return guarded


def _guard_examples(draw: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """Hold the task to one T: the plots of a run keep arrays of one shape."""

    def guarded(task: Any, *arguments: Any, **named: Any) -> Any:
        drawn = draw(task, *arguments, **named)
        if isinstance(drawn, tuple) and drawn and isinstance(drawn[0], np.ndarray) and drawn[0].ndim:
            steps = len(drawn[0])
            before = task.__dict__.setdefault("_steps_of_examples", steps)
            if steps != before:
                raise DataError(
                    f"{path.name}: examples returned x with {steps} time steps, earlier with {before}; "
                    "return the same number each time, filling shorter sequences up."
                )
        return drawn

    return guarded


def _guard_loss(method: Callable[..., Any], path: Path) -> Callable[..., Any]:
    def guarded(*arguments: Any, **named: Any) -> Any:
        with _said_with_line(path):
            answer = method(*arguments, **named)
            if not isinstance(answer, tuple) or len(answer) != 2:
                raise DataError(f"{path.name}: batch_loss_and_measure has to return two tensors, loss and measure.")
        for words, tensor in zip(("loss", "measure"), answer, strict=True):
            shape = getattr(tensor, "shape", None)
            if shape is None or tuple(shape) != ():
                found = f"shape {tuple(shape)}" if shape is not None else type(tensor).__name__
                raise DataError(
                    f"{path.name}: the {words} of batch_loss_and_measure has to be a 0-d tensor, not {found}; "
                    "end it with .mean()."
                )
        return answer

    return guarded


@contextmanager
def _said_with_line(path: Path) -> Iterator[None]:
    """Turn what the user's code raises into a DataError with the last line of that file that was on the way."""
    try:
        yield
    except (DataError, MemoryError):  # the latter is said by whoever made the sizes
        raise
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        where = f"{path.name}, line {lines[-1]}" if lines else path.name
        words = (str(error).splitlines() or [""])[0][:200]
        raise DataError(f"{where}: {type(error).__name__}{': ' if words else ''}{words}; correct it.") from error


def _check_examples(task: OwnDefaults, path: Path) -> None:
    """Draw two batches of other numbers and another size: what depends on either shows."""
    for seed, count in ((0, 2), (1, 3)):
        _check_batch(task, path, seed, count)


def _check_batch(task: OwnDefaults, path: Path, seed: int, count: int) -> None:
    """Draw examples and check shapes, dtypes and numbers; say what was expected."""
    drawn: Any = task.examples(np.random.default_rng(seed), count)
    if not isinstance(drawn, tuple) or len(drawn) != 2:
        raise DataError(f"{path.name}: examples has to return a pair of arrays, x and target.")
    x, target = drawn
    for words, array in (("x", x), ("target", target)):
        if not isinstance(array, np.ndarray) or array.dtype != np.float32:
            found = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
            raise DataError(
                f"{path.name}: examples has to return {words} as a float32 array, not {found}; "
                "end it with .astype(np.float32)."
            )
        if not np.isfinite(array).all():
            raise DataError(f"{path.name}: examples returned a {words} with NaN or infinity; correct it.")
    m, outputs = task.input_size, task.output_size
    if x.ndim != 3 or x.shape[1:] != (count, m) or not len(x):
        raise DataError(
            f"{path.name}: for count = {count}, examples has to return x of shape (T, {count}, {m}), "
            f"time steps first and input_size last; it returned {x.shape}."
        )
    wanted = (len(x), count, outputs) if task.every_step else (count, outputs)
    # The last axis of a target is as wide as the loss wants it.
    fits = target.shape == wanted or (task.writes_loss and target.shape[: len(wanted) - 1] == wanted[:-1])
    if not fits:
        raise DataError(
            f"{path.name}: for count = {count} and every_step = {task.every_step}, examples has to return a target of "
            f"shape {wanted}; it returned {target.shape}."
        )
