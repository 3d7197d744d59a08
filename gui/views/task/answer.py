"""What a network predicts for the example that is shown, set against the target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.runs.snapshot import Snapshot
from engine.setting import ELSEWHERE
from engine.settings.config import TrainingConfig
from engine.tasks.example import Example
from engine.tasks.symbols import likeliest, probabilities
from engine.text import numbers


@dataclass(frozen=True, eq=False)
class Answer:
    """A network's prediction over an example, from the first time step to the last, whenever it is asked for.

    step: training steps that it has made. values (T, outputs): numbers as the target has them, or the probability of
    each symbol. symbols (T,): the likeliest, from 0, -1 where none is a number; None where targets are numbers.
    """

    step: int
    values: NDArray[np.floating]
    symbols: NDArray[np.int64] | None

    def probability(self, t: int) -> float:
        """Return that of the likeliest symbol at a time step (from 0)."""
        return float(self.values[t].max()) if self.symbols is not None and self.symbols[t] >= 0 else float("nan")


def answer_of(example: Example, snapshot: Snapshot) -> Answer | None:
    """Return what the network of a snapshot predicts for an example; None where its probe is another sequence."""
    outputs = snapshot.answers
    if snapshot.probe.shape != example.x.shape or not np.array_equal(snapshot.probe, example.x):
        return None
    if outputs.shape != (example.steps, example.words.outputs):
        return None
    if not example.tells_symbols:
        return Answer(snapshot.step, outputs, None)
    with np.errstate(over="ignore", invalid="ignore"):  # a network that has diverged
        symbols = np.nan_to_num(likeliest(outputs)).astype(np.int64) - 1
        return Answer(snapshot.step, probabilities(outputs), symbols)


def rights(example: Example, answer: Answer) -> NDArray[np.bool_] | None:
    """Return at which time steps the likeliest symbol is right: the target, or any that a grammar allows.

    None where there is no target of symbols at every step.
    """
    if example.answers is None or answer.symbols is None or not example.words.every_step:
        return None
    if example.legal is not None:
        places = np.maximum(answer.symbols, 0)[:, np.newaxis]
        allowed = np.take_along_axis(example.legal, places, axis=1)[:, 0]
        return np.where(answer.symbols >= 0, allowed, False)
    return np.asarray(answer.symbols == example.answers)


def why_alone(config: TrainingConfig) -> str:
    """Return why the target of an example stands alone: the run of these settings does not learn it."""
    if config.task == ELSEWHERE:
        return "The target alone: the network that is shown was trained elsewhere, on something else."
    return "The target alone: the run learns another task, or has other data."


def how_far_off(example: Example, answer: Answer, style: numbers.Style = numbers.Style.SHORT) -> str:
    """Return in words how far a prediction is from the target; "" where nobody knows the target."""
    target = example.target
    if target is None:
        return ""
    right = rights(example, answer)
    if right is not None and example.answers is not None:
        asked = example.answers >= 0
        return f"{int((right & asked).sum())} of {int(asked.sum())} symbols are right"
    if answer.symbols is not None and example.answers is not None:
        wanted, told = int(example.answers[-1]), int(answer.symbols[-1])
        if told < 0:
            return "what it predicts is no number"
        name, p = example.answer_names[told], answer.probability(-1)
        share = f"with a probability of {numbers.written(p, True, style=style)}"
        if told == wanted:
            return f"it predicts {name}, {share}: right"
        return f"it predicts {name}, {share}; right is {example.answer_names[wanted]}"
    said = answer.values if example.words.every_step else answer.values[-1:]
    off = np.abs(said - np.atleast_2d(target)[:, : said.shape[1]])
    if not np.isfinite(off).all():
        return "what it predicts is no number"
    if off.size == 1:
        values = (float(said.ravel()[0]), float(np.ravel(target)[0]), float(off.ravel()[0]))
        one, wanted_words, error = (numbers.written(value, True, style=style) for value in values)
        return f"it predicts {one}, the target is {wanted_words}: off by {error}"
    mean, most = (numbers.written(float(of(off)), True, style=style) for of in (np.mean, np.max))
    return f"off by {mean} on average, by {most} at most"
