"""What the network reads over the probe sequence, and what it should answer: numbers, marks or symbols."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.tasks.base import TaskFacts, output_words
from engine.tasks.example import Example
from engine.tasks.symbols import likeliest, probabilities
from gui.views.live.sharing import shared

Values = NDArray[np.floating]

_HEAD = 64
"""Time steps that tell of most inputs that they are no marks."""
_AT_ONCE = 150_000
"""Numbers that are looked through within a frame."""
_FEW = 3
"""So many different whole numbers make an input a row of marks."""


@dataclass(frozen=True, eq=False)
class Coarse:
    """Many inputs over time as a map of few pixels shows them: values (columns, rows) at most.

    room: columns and rows that it was found for. size: that of the largest finite number.
    """

    reading: Reading
    room: tuple[int, int]
    values: Values
    size: float


@dataclass(frozen=True, eq=False)
class Reading:
    """The probe sequence x (T, m) and its target, in the words of the task.

    symbols: number of the input that is 1 at each step (T,), -1 for none; None where inputs are numbers. target: (T,
    outputs), NaN where there is none; None where nobody knows it. answers: number of the right symbol (T,), -1 for
    none. names: of the outputs. by_class: whether the network answers with one of several symbols. legal: (T, outputs),
    what a grammar allows. value: what an answer is, in words.
    """

    x: Values
    inputs: tuple[str, ...]
    symbols: NDArray[np.int64] | None
    names: tuple[str, ...]
    by_class: bool
    every_step: bool
    value: str = ""
    target: Values | None = None
    answers: NDArray[np.int64] | None = None
    legal: NDArray[np.bool_] | None = None

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of answers that are numbers, where there are several."""
        return () if self.by_class or len(self.names) < 2 else output_words(self.names)

    @property
    def steps(self) -> int:
        """T, the number of time steps."""
        return len(self.x)

    @cached_property
    def marks(self) -> tuple[int, ...]:
        """The inputs that are marks: a few whole numbers, 0 among them."""
        head = self.x[:_HEAD]
        possible = np.flatnonzero((head == np.round(head)).all(axis=0))
        return tuple(int(place) for place in possible if is_mark(self.x[:, place]))

    @cached_property
    def curves(self) -> tuple[int, ...]:
        """The other inputs."""
        marks = set(self.marks)
        return tuple(place for place in range(self.x.shape[1]) if place not in marks)

    @property
    def is_small(self) -> bool:
        """Whether `coarse` is found within a frame; else have it found in the background."""
        return self.x.size <= _AT_ONCE

    def coarse(self, columns: int, rows: int) -> Coarse:
        """Return the symbols, or the inputs that are curves, where neighbours share so many columns and rows."""
        signs = self.symbols is not None
        values = self.x if signs or len(self.curves) == self.x.shape[1] else self.x[:, list(self.curves)]
        drawn = shared(shared(values, columns, 0, signs), rows, 1, signs)
        size = float(np.abs(drawn[np.isfinite(drawn)]).max(initial=0.0))
        return Coarse(self, (columns, rows), drawn, size)

    @cached_property
    def marked_steps(self) -> tuple[int, ...]:
        """The time steps, from 0, at which a mark is above 0, where these are few."""
        for place in self.marks if self.symbols is None else ():
            up = np.flatnonzero(self.x[:, place] > 0)
            if 0 < up.size <= max(2, self.steps // 5):
                return tuple(int(t) for t in up)
        return ()

    def chances(self, answers: Values) -> Values:
        """Return what the network expects (T, outputs): the softmax of what the readout gives (T, outputs)."""
        with np.errstate(invalid="ignore", over="ignore"):
            return probabilities(answers.astype(np.float32))

    def answered(self, answers: Values) -> NDArray[np.int64]:
        """Return the number of the likeliest symbol at each time step (T,); -1 where it is not finite."""
        found = likeliest(answers.astype(np.float32))
        return np.where(np.isfinite(found), np.nan_to_num(found) - 1, -1).astype(np.int64)


def is_mark(values: Values) -> bool:
    """Return whether numbers over time are marks: whole, of few kinds, 0 among them."""
    kinds = np.unique(values)
    return kinds.size <= _FEW and bool(np.all(kinds == np.round(kinds))) and 0 in kinds


def reading_of(x: Values, facts: TaskFacts | None, example: Example | None) -> Reading:
    """Return what is read and wanted in a sequence x (T, m).

    example: one of the same task; its target counts if its x is this one.
    """
    if example is None or example.x.shape[1] != x.shape[1]:
        inputs = facts.input_names if facts is not None and len(facts.input_names) == x.shape[1] else ()
        inputs = inputs or tuple(f"input {number + 1}" for number in range(x.shape[1]))
        loss = facts.loss_name if facts is not None else ""
        outputs = facts.answer_names or facts.alphabet if facts is not None else ()
        by_class = loss.startswith("cross-entropy") and len(outputs) > 1
        return Reading(x, inputs, _symbols(x), outputs, by_class, True)
    words = example.words
    if example.x.shape != x.shape or not np.array_equal(example.x, x):
        example = example.with_inputs(x.astype(np.float32))
    target, answers = _over_time(example)
    return Reading(
        x,
        example.input_names,
        example.symbols,
        example.answer_names,
        words.loss.startswith("cross-entropy") and words.outputs > 1,
        words.every_step,
        words.value_name,
        target,
        answers,
        example.legal,
    )


def _over_time(example: Example) -> tuple[Values | None, NDArray[np.int64] | None]:
    """Return target (T, outputs) and the number of the right symbol (T,), as far as they are known."""
    steps, every = example.steps, example.words.every_step
    target = None
    if example.target is not None:
        given = np.atleast_2d(example.target.astype(np.float64))[:, : example.words.outputs]
        missing = example.words.outputs - given.shape[1]  # a loss of the user's own may want fewer numbers
        given = np.pad(given, ((0, 0), (0, missing)), constant_values=np.nan)
        target = given if every else np.full((steps, given.shape[1]), np.nan)
        if not every:
            target[-1] = given[0]
    answers = None
    if example.answers is not None:
        answers = example.answers if every else np.full(steps, -1, dtype=np.int64)
        if not every:
            answers[-1] = example.answers[0]
    return target, answers


def _symbols(x: Values) -> NDArray[np.int64] | None:
    """Return the number of the 1 in each row (T,), -1 for a row of zeros; None where rows are not one-hot."""
    if x.shape[1] < 2 or not np.isin(x[:_HEAD], (0, 1)).all():
        return None
    up = np.count_nonzero(x, axis=1)
    if (up > 1).any() or not up.any() or np.count_nonzero(x == 1) != up.sum():
        return None
    return np.where(x.any(axis=1), x.argmax(axis=1), -1)
