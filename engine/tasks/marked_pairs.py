"""Two marked values among many: the basis of the adding and the multiplication problem."""

from abc import abstractmethod
from typing import Any

import numpy as np

from .base import TEST_STREAM, Examples, Float32, Task
from .goal import Goal
from .task_settings import TaskSettings

CORRECT_WITHIN = 0.04  # the paper calls a sequence correct below this error
TEST_EXAMPLES = 64


class MarkedPairsTask(Task):
    """Two marked values X1, X2 of a sequence; the target is computed from them.

    As in Hochreiter and Schmidhuber 1997: inputs are pairs (value, marker); values are uniform in [low, 1]; one
    of the first ten pairs is marked, then one of the first T/2 - 1 still unmarked; markers are 1 for the two, -1
    for the first and the last pair, 0 elsewhere; if the first pair is one of the two, its value counts as
    `first_counts` and its marker stays -1. Two differences: sequences have exactly T steps (the paper: between T
    and 1.1 T), so that a batch is one array; and below T = 20 "the first ten" become the first T/2, so that the
    last pair is never marked.
    """

    input_size = 2
    output_size = 1
    every_step = False
    loss_name = "mean squared error"
    measure_name = f"correct answers (error < {CORRECT_WITHIN})"
    measure_is_share = True
    trivial_name = "always predicting the mean"
    prediction_kind = "scatter"
    position_name = "example"
    input_names = ("value", "marker")
    goal: Goal
    low: float
    first_counts: float

    def __init__(self, config: TaskSettings) -> None:
        super().__init__(config)
        T = config.sequence_length
        self._first_range = min(10, T // 2)
        self._second_range = max(2, T // 2 - 1)
        second = (1 / (self._second_range - (first < self._second_range)) for first in range(1, self._first_range))
        self.trivial_loss = self.variance_of_target((1 + sum(second)) / self._first_range)

    @abstractmethod
    def target_of(self, X1: Float32, X2: Float32) -> Float32:
        """Return the target of two marked values, in their shape."""

    @abstractmethod
    def variance_of_target(self, first_pair: float) -> float:
        """Return the variance of the target, if the first pair is one of the two with this probability."""

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x (T, count, 2) float32, target (count, 1) float32."""
        T = self.config.sequence_length
        x = np.zeros((T, count, 2), dtype=np.float32)
        x[:, :, 0] = rng.random((T, count), dtype=np.float32) * (1 - self.low) + self.low
        first = rng.integers(0, self._first_range, count)
        taken = first < self._second_range
        second = rng.integers(0, self._second_range - taken)
        second += taken & (second >= first)  # skips the pair that is already marked
        columns = np.arange(count)
        x[first, columns, 1] = 1
        x[second, columns, 1] = 1
        x[0, :, 1] = -1
        x[-1, :, 1] = -1
        X1, X2 = (np.where(place > 0, x[place, columns, 0], self.first_counts) for place in (first, second))
        return x, self.target_of(X1, X2)[:, np.newaxis]

    def test_batch(self) -> Examples:
        """Return 64 fixed examples: x (T, 64, 2), target (64,)."""
        x, target = self.fixed_examples(TEST_STREAM, TEST_EXAMPLES)
        return x, target[:, 0]

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return mean squared error, and the share of sequences with |error| < 0.04."""
        error = output - target
        return error.square().mean(), (error.detach().abs() < CORRECT_WITHIN).float().mean()

    def batch_errors(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return mean and largest |error|."""
        error = (output - target).abs()
        return error.mean(), error.amax()
