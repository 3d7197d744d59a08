"""One example of a task as plain data: inputs and targets at each time step, and the task's own words."""

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..tables.answers import DataError
from ..text.matrix_text import parse_row
from ..text.number_text import NumberTextError
from ..text.numbers import in_full
from .base import Float32, Task
from .characters import OTHER

LONGEST = 5000
"""Steps of a sequence that is typed, at most."""
_NAMED = 12  # symbols that a sentence lists


@dataclass(frozen=True)
class TaskWords:
    """What a task says about itself.

    title: its name; about: what it is, a few sentences. outputs: how many numbers come out of the network at each
    step (every_step) or after the last. measure: with its unit.
    """

    title: str
    about: str
    criterion: str
    source: str
    loss: str
    measure: str
    trivial_name: str
    trivial_loss: float
    inputs: int
    outputs: int
    every_step: bool
    value_name: str


@dataclass(frozen=True, eq=False)
class Example:
    """One sequence of a task; its arrays are read-only.

    number: 0 is the probe; None where a user typed or drew it. x: (T, m) float32. input_names: of each input.
    symbols: number from 0 of the symbol at each step (T,), -1 for none; None where inputs are not one-hot.
    target: (T, outputs) where every_step, else (outputs,), as the loss wants it; None where nobody knows it.
    answers: number of the symbol that is the answer at each step (T,), or (1,); -1 for none; None for numbers.
    answer_names: of each symbol. legal: (T, outputs) bool, what a grammar allows next, None elsewhere.
    """

    number: int | None
    words: TaskWords
    x: Float32
    input_names: tuple[str, ...]
    symbols: NDArray[np.int64] | None
    target: Float32 | None
    answers: NDArray[np.int64] | None
    answer_names: tuple[str, ...]
    legal: NDArray[np.bool_] | None
    letters: tuple[str, ...] = ()
    """The character of each symbol, where they are those of a text."""
    in_units: Float32 | None = None
    """The target in the task's own units (T, outputs), where the network answers in others."""
    tells_symbols: bool = False
    """Whether what is predicted are symbols or classes, also where nobody knows the target."""

    @property
    def steps(self) -> int:
        """T, the number of time steps."""
        return len(self.x)

    @property
    def is_text(self) -> bool:
        """Whether its symbols are the characters of a text."""
        return bool(self.letters)

    def with_inputs(self, x: Float32) -> "Example":
        """Return the same task with a sequence of the user's, x (T, m), whose answer nobody knows."""
        x = np.array(x, dtype=np.float32)
        x.flags.writeable = False
        symbols = _symbols_of(x) if self.symbols is not None else None
        return replace(self, number=None, x=x, symbols=symbols, target=None, answers=None, legal=None, in_units=None)


def example_of(task: Task, number: int) -> Example:
    """Return an example of a task: 0 is the probe that heatmaps show; every number gives the same one each time."""
    x, target = task.example(number)
    inputs, answer = x[:, 0], (target[:, 0] if task.every_step else target[0])  # (T, m); (T, …) or (…)
    inputs, answer = np.array(inputs), np.array(answer)
    inputs.flags.writeable = answer.flags.writeable = False
    legal = None
    shown = answer
    if task.tells_legal:
        shown, legal = answer[:, : task.output_size], answer[:, task.output_size :] > 0
    in_units = task.in_units(answer) if task.output_size == 1 else answer
    normalised = not np.array_equal(in_units, answer)
    words, input_names = words_of(task), tuple(task.input_names)
    if normalised:
        input_names, value_name = task.network_names()
        words = replace(words, value_name=value_name)
    return Example(
        number=number,
        words=words,
        x=inputs,
        input_names=input_names,
        symbols=_symbols_of(inputs),
        target=answer,
        answers=_symbols_of(np.atleast_2d(shown)),
        answer_names=task.answer_names,
        legal=legal,
        letters=tuple(task.alphabet),
        in_units=in_units if normalised else None,
        tells_symbols=_symbols_of(np.atleast_2d(shown)) is not None,
    )


def words_of(task: Task) -> TaskWords:
    """Return what a task says about itself."""
    unit = f" ({task.measure_unit})" if task.measure_unit else ""
    return TaskWords(
        title=task.title,
        about=_about(task),
        criterion=task.criterion,
        source=task.source,
        loss=task.loss_name,
        measure=task.measure_name + unit,
        trivial_name=task.trivial_name,
        trivial_loss=float(task.trivial_loss),
        inputs=task.input_size,
        outputs=task.output_size,
        every_step=task.every_step,
        value_name=task.value_name,
    )


def typed_inputs(example: Example, text: str) -> Float32:
    """Return the sequence x (T, m) float32 that a text means, for the task of an example.

    Symbols: their names, with spaces or commas between them where a name has more than one letter. A text: its
    characters. Numbers: with spaces, or commas and spaces between them, and a semicolon or a new line between inputs.
    Raises DataError, in one sentence, for what does not fit.
    """
    if not text.strip():
        raise DataError(f"Nothing was typed; type {how_to_type(example)}.")
    if example.symbols is not None:
        return _typed_symbols(example, text)
    rows = [row for row in re.split(r"[;\n]", text) if row.strip()]
    if len(rows) != example.words.inputs:
        raise DataError(f"{len(rows)} rows were typed for {example.words.inputs} inputs; type {how_to_type(example)}.")
    values = [_typed_numbers(row, name) for row, name in zip(rows, example.input_names, strict=True)]
    for name, row in zip(example.input_names, values, strict=True):
        if len(row) != len(values[0]):
            raise DataError(
                f"{name} has {len(row)} numbers, but {example.input_names[0]} has {len(values[0])}; "
                "give every input one number for each time step."
            )
    _check_length(len(values[0]))
    return np.array(values, dtype=np.float32).T.copy()


def how_to_type(example: Example) -> str:
    """Return what can be typed for a task, in a few words."""
    if example.is_text:
        return "a text"
    if example.symbols is not None:
        return f"symbols, such as {' '.join(example.input_names[:4])}"
    if example.words.inputs == 1:
        return "numbers, such as 0.5 -1 0.25"
    return f"{example.words.inputs} rows of numbers with ; between them: " + " ; ".join(example.input_names[:4])


def _typed_numbers(row: str, name: str) -> list[float]:
    try:
        numbers = parse_row(row)
    except NumberTextError as error:
        raise DataError(f"{name}, {error}.") from error
    for place, number in enumerate(numbers, 1):
        if abs(number) > np.finfo(np.float32).max:
            raise DataError(f"{name}, number {place}: {in_full(number)} is too large; type one below 10³⁸.")
    return numbers


def _typed_symbols(example: Example, text: str) -> Float32:
    names = example.letters or example.input_names
    if example.is_text:
        parts = list(text)
    elif re.search(r"[\s,;]", text.strip()):
        parts = [part for part in re.split(r"[\s,;]+", text) if part]
    else:
        parts = [text.strip()] if text.strip() in names else list(text.strip())
    _check_length(len(parts))
    known = {name.casefold(): place for place, name in enumerate(names) if _alone(name, names)}
    other = names.index(OTHER) if OTHER in names else -1
    places = []
    for number, part in enumerate(parts, 1):
        place = names.index(part) if part in names else known.get(part.casefold(), other)
        if place < 0:
            some = " ".join(example.input_names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
            raise DataError(f"Symbol {number}, “{part[:20]}”, does not occur in this task; choose among {some}.")
        places.append(place)
    return np.eye(len(names), dtype=np.float32)[places]


def _alone(name: str, names: tuple[str, ...]) -> bool:
    """Return whether no other symbol is the same letter in the other case."""
    return sum(other.casefold() == name.casefold() for other in names) == 1


def _check_length(steps: int) -> None:
    if steps > LONGEST:
        raise DataError(f"The sequence has {steps:,} time steps; type at most {LONGEST:,}.")


def _symbols_of(rows: Float32) -> NDArray[np.int64] | None:
    """Return the number of the one in each row (T,), -1 for a row of zeros; None where rows are not one-hot."""
    one_hot = rows.shape[1] > 1 and np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) <= 1).all()
    if not one_hot or not rows.any():
        return None
    return np.where(rows.any(axis=1), rows.argmax(axis=1), -1)


def _about(task: Task) -> str:
    """Return what a learner has to know of a task; of a user's own the first paragraph of its docstring."""
    if task.about:
        return task.about
    paragraphs = re.split(r"\n\s*\n", (type(task).__doc__ or "").strip())
    return " ".join(" ".join(paragraphs[:2]).split())
