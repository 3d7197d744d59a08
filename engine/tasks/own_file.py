"""Loads a task from a user's Python file, fills in defaults, and turns its errors into sentences.

A file defines one subclass of `engine.tasks.base.Task`. It has to say `input_size`, `output_size` and `every_step`,
and how `examples` are drawn; everything else has a default here. Whatever goes wrong in it becomes a DataError of one
sentence with file and line.
"""

import inspect
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from ..setting import ConfigError
from ..tables.answers import DataError
from .base import SCALE_STREAM, TEST_STREAM, Examples, Float32, PredictionKind, Reals, Task
from .goal import EXAMPLE, goal_of_words
from .own_code import in_time, said_with_line
from .symbols import cross_entropy, entropy, likeliest
from .task_settings import TaskSettings

EXAMPLE_FILE = "first_value.py"
"""The shipped file to begin with."""
TEST_EXAMPLES = 64
_SCALE_EXAMPLES = 500  # what the trivial answer is measured on
_GUARDED = ("examples", "probe", "example", "test_batch", "positions", "shown", "in_units", "facts")
_NEEDED = {"input_size": "input_size = 1", "output_size": "output_size = 1", "every_step": "every_step = False"}
"""What a class must say, and how it can."""
_MOST = 4096  # inputs or outputs
_SHOWN = 12
"""Answers of an example in the plot of predictions, at most; a snapshot holds them all."""


class OwnDefaults(Task):
    """What a user's task need not say.

    answers: "numbers" are learnt by their mean squared error; "symbols", one-hot targets, by cross-entropy.
    """

    answers: Literal["numbers", "symbols"] = "numbers"
    criterion = "better than the trivial answer"
    position_name = "example"

    writes_loss: ClassVar[bool] = False
    """Whether the user wrote `batch_loss_and_measure`."""
    writes_plot: ClassVar[bool] = False
    """Whether the user wrote what the plot sets against each other."""

    def complete(self) -> None:
        """Fill in what neither the class nor its __init__ says; not earlier, for examples may need what that sets."""
        symbols = self.answers == "symbols"
        self._default("loss_name", "cross-entropy (nats)" if symbols else "mean squared error")
        self._default("measure_name", "correct answers" if symbols else "root mean squared error")
        if symbols and not self.writes_loss:
            self.measure_is_share = True
        trivial_name = "predicting each symbol by its frequency" if symbols else "always predicting the mean"
        self._default("trivial_name", trivial_name)
        self._default("prediction_kind", "symbols" if symbols else "scatter")
        self._default("value_name", "symbol (likeliest)" if symbols else "target")
        self._default("input_names", tuple(f"input {number + 1}" for number in range(self.input_size)))
        if not symbols and self.output_size > 1 and not self.writes_plot:
            _, target = self.fixed_examples(TEST_STREAM, 1)
            if target.shape[-1] >= self.output_size:  # a loss of the user's own may want another
                self.shown_names = self.answer_names[:_SHOWN]
        if not hasattr(self, "trivial_loss"):
            _, target = self.fixed_examples(SCALE_STREAM, _SCALE_EXAMPLES)
            flat = target.reshape(-1, target.shape[-1]).astype(np.float64)
            self.trivial_loss = entropy(flat.sum(axis=0)) if symbols else float(flat.var(axis=0).mean())

    def _default(self, name: str, value: Any) -> None:
        if not hasattr(self, name):
            setattr(self, name, value)

    def test_batch(self) -> Examples:
        """Return 64 fixed examples, x (T, 64, m), and the target at the end of each (64,)."""
        x, target = self.fixed_examples(TEST_STREAM, TEST_EXAMPLES)
        last = target[-1] if self.every_step else target  # (B, outputs)
        if self.answers == "numbers":
            return x, last[:, : len(self.shown_names) or 1].ravel()
        shown = likeliest(last)
        order = np.argsort(shown, kind="stable")
        return x[:, order], shown[order]

    def positions(self) -> Reals:
        """Return the number of the example of each target of the plot."""
        beside = max(1, len(self.shown_names))
        count = len(self.test_batch()[1]) // beside
        return np.repeat(np.arange(1, count + 1, dtype=np.float32), beside)

    def shown(self, output: Float32) -> Reals:
        """Return the numbers, or the likeliest symbol from 1, that are predicted at the end of each example."""
        last = output[-1] if self.every_step else output
        if self.answers == "symbols":
            return likeliest(last)
        return self.in_units(last[:, : len(self.shown_names) or 1].ravel())

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return mean squared error and its root, or cross-entropy and the share that is right."""
        if self.answers == "symbols":
            right = output.detach().argmax(-1) == target.argmax(-1)
            return cross_entropy(output, target), right.float().mean()
        loss = (output - target).square().mean()
        return loss, loss.detach().sqrt()

    def counted(self, target: Any) -> Any:
        """Return how many symbols are to be answered; of numbers, and of a loss of the user's own, the sequences."""
        return target.sum() if self.answers == "symbols" and not self.writes_loss else super().counted(target)


def task_of_file(path: Path, config: TaskSettings) -> Task:
    """Return the task that a file defines, checked on two small batches of its examples.

    Raises DataError, in one sentence with file and line, for whatever is wrong in it. Runs the file.
    """
    kind = _guarded_class(_load(path), path, config.task)
    task = kind(config)
    for seed, count in ((0, 2), (1, 3)):  # what depends on the numbers or on the size shows in the second
        _check_batch(task, path, seed, count)
    task.complete()
    if len(task.input_names) != task.input_size:
        raise DataError(
            f"{path.name}: input_names has {len(task.input_names)} names for {task.input_size} inputs; give each one."
        )
    if task.prediction_kind not in get_args(PredictionKind):
        known = ", ".join(get_args(PredictionKind))
        raise DataError(f"{path.name}: prediction_kind is {task.prediction_kind!r:.40}; make it one of {known}.")
    return task


def _load(path: Path) -> type[Task]:
    """Run a file and return the one subclass of Task that it defines."""
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except OSError as error:
        raise DataError(f"{path}: the file cannot be read ({error.strerror}); check it, or choose another.") from error
    except (SyntaxError, ValueError) as error:  # ValueError: a zero byte
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise DataError(f"{path.name}{line}: this is not Python ({reason}); correct it.") from error
    module = types.ModuleType(f"own_task_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    in_time(path, lambda: exec(code, module.__dict__))  # the user's own code, which the user has chosen
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
    for name, such_as in _NEEDED.items():
        if not hasattr(whole, name):
            raise DataError(f"{path.name}{line}: {kind.__name__} does not define {name}; add it, such as {such_as}.")
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
            f"{path.name}{line}: {kind.__name__} has a loss of its own, but does not define trivial_loss; add the "
            "loss of the trivial answer, such as trivial_loss = 1.0."
        )
    first_words = (kind.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    members: dict[str, Any] = {name: _guard(getattr(whole, name), path) for name in ("__init__", "complete", *_GUARDED)}
    members["examples"] = _guard_examples(members["examples"], path)
    members["batch_loss_and_measure"] = _guard_loss(whole.batch_loss_and_measure, path)
    writes_plot = any(getattr(whole, name) is not getattr(OwnDefaults, name) for name in ("test_batch", "shown"))
    members |= {"__doc__": kind.__doc__, "writes_loss": writes_loss, "writes_plot": writes_plot}
    members["name"] = value
    members |= _declared_goal(whole, f"{path.name}{line}")
    for name, given in (("title", first_words or path.stem), ("source", f"your file {path.name}")):
        if not hasattr(whole, name):
            members[name] = given
    guarded: type[OwnDefaults] = type(kind.__name__, (whole,), members)
    return guarded


def _declared_goal(kind: type[Task], where: str) -> dict[str, Any]:
    """Return the members that say what counts as solved, as the class declares it in words."""
    words: Any = kind.goal
    if words is None:
        return {}
    if not isinstance(words, str):
        raise DataError(f'{where}: goal is {words!r:.60}; write it as a text, such as goal = "{EXAMPLE}".')
    try:
        return {"goal": goal_of_words(words), "own_goal": words}
    except ConfigError as error:
        raise DataError(f"{where}: {error}") from error


def _guard(method: Callable[..., Any], path: Path) -> Callable[..., Any]:
    def guarded(*arguments: Any, **named: Any) -> Any:
        return in_time(path, lambda: method(*arguments, **named))

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
                    "return the same number each time; fill up shorter sequences."
                )
        return drawn

    return guarded


def _guard_loss(method: Callable[..., Any], path: Path) -> Callable[..., Any]:
    def guarded(*arguments: Any, **named: Any) -> Any:
        with said_with_line(path):
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
