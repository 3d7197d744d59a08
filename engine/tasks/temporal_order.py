"""The temporal order problems: in which order did a few symbols come, far apart among distractors?

Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", experiments 6a and 6b.
"""

import itertools
from typing import Any

import numpy as np

from .base import TEST_STREAM, Examples, Float32, Task
from .goal import Goal
from .symbols import cross_entropy, entropy, likeliest, one_hot
from .task_settings import TaskSettings

SYMBOLS = ("a", "b", "c", "d", "E", "B", "X", "Y")
CORRECT_WITHIN = 0.3  # the paper calls a sequence correct if every output is nearer than this
TEST_EXAMPLES = 64
_DISTRACTORS = 4  # a, b, c, d
_BEGIN, _END, _X = SYMBOLS.index("E"), SYMBOLS.index("B"), SYMBOLS.index("X")


class TemporalOrderTask(Task):
    """A sequence of one-hot symbols with an X or a Y at two places; the class says which came, in their order.

    As in the paper: E begins, B ends, the others are a, b, c or d, but for t1 (10 to 20 % of the way) and t2
    (50 to 60 %), where X or Y stands; classes XX, XY, YX, YY. Two differences: sequences have exactly T steps
    (the paper: 100 to 110), and the loss is the cross-entropy of softmax (the paper: squared error). A sequence
    is correct, says the paper, if every output errs by less than 0.3; solved, if the last 2,000 are and their
    mean error is below 0.1.
    """

    name = "temporal-order"
    title = "Temporal order, 2 symbols"
    about = (
        "Input: two symbols, each X or Y, far apart among the distractors a, b, c, d. Target, after the last time "
        "step: which two came, in their order."
    )
    output_names: tuple[str, ...] = ("XX", "XY", "YX", "YY")
    input_size = len(SYMBOLS)
    output_size = 4
    every_step = False
    loss_name = "cross-entropy (nats)"
    measure_name = f"correct answers (every probability within {CORRECT_WITHIN})"
    measure_is_share = True
    trivial_name = "predicting each class equally often"
    prediction_kind = "symbols"
    position_name = "example, sorted by class"
    value_name = "class (likeliest)"
    input_names = SYMBOLS
    criterion = f"the last 2,000 sequences all correct (every output within {CORRECT_WITHIN}), the mean error below 0.1"
    goal: Goal = Goal(mean=0.1, each=CORRECT_WITHIN)
    source = "Hochreiter and Schmidhuber 1997, experiment 6a"
    percent: tuple[tuple[int, int], ...] = ((10, 20), (50, 60))
    """Between which places the symbols stand, in percent of the way."""

    def __init__(self, config: TaskSettings) -> None:
        super().__init__(config)
        self.trivial_loss = entropy(np.ones(self.output_size))

    def places(self) -> list[tuple[int, int]]:
        """Return the first and the last place of each symbol, counted from 0; no two can meet."""
        T = self.config.sequence_length
        found: list[tuple[int, int]] = []
        after = 0  # E stands there
        for low, high in self.percent:
            first = max(after + 1, T * low // 100)
            after = max(first, T * high // 100)
            found.append((first, after))
        return found

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x (T, count, 8), target (count, classes), both one-hot float32."""
        T = self.config.sequence_length
        symbols = rng.integers(0, _DISTRACTORS, (T, count))
        symbols[0], symbols[-1] = _BEGIN, _END
        places = self.places()
        marks = rng.integers(0, 2, (len(places), count))  # 0 is X, 1 is Y
        classes = np.zeros(count, dtype=np.int64)
        for (first, last), mark in zip(places, marks, strict=True):
            symbols[rng.integers(first, last + 1, count), np.arange(count)] = _X + mark
            classes = 2 * classes + mark
        return one_hot(symbols, len(SYMBOLS)), one_hot(classes, self.output_size)

    def test_batch(self) -> Examples:
        """Return 64 fixed examples in the order of their classes: x (T, 64, 8), class from 1 (64,)."""
        x, target = self.fixed_examples(TEST_STREAM, TEST_EXAMPLES)
        classes = likeliest(target)
        order = np.argsort(classes, kind="stable")
        return x[:, order], classes[order]

    def shown(self, output: Float32) -> Float32:
        """Return the likeliest class of each example, from 1."""
        return likeliest(output)

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return cross-entropy, and the share of sequences whose every probability errs by less than 0.3."""
        error = (output.detach().softmax(-1) - target).abs()
        return cross_entropy(output, target), (error.amax(-1) < CORRECT_WITHIN).float().mean()

    def batch_errors(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return mean and largest error of the probabilities."""
        error = (output.softmax(-1) - target).abs()
        return error.mean(), error.amax()


class TemporalOrder3Task(TemporalOrderTask):
    """The same with three symbols, at 10 to 20, 33 to 43 and 66 to 76 % of the way, and eight classes."""

    name = "temporal-order-3"
    title = "Temporal order, 3 symbols"
    about = (
        "Input: three symbols, each X or Y, far apart among the distractors a, b, c, d. Target, after the last time "
        "step: which three came, in their order."
    )
    shortest = 5
    output_names = tuple(map("".join, itertools.product("XY", repeat=3)))
    output_size = 8
    source = "Hochreiter and Schmidhuber 1997, experiment 6b"
    percent = ((10, 20), (33, 43), (66, 76))
