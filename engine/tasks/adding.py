"""The adding problem: remember two marked numbers among many, and answer with their sum.

Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", experiment 4.
"""

from typing import Any

import numpy as np

from engine.config import TrainingConfig
from engine.tasks.base import PROBE_STREAM, TEST_STREAM, Examples, Task

CORRECT_WITHIN = 0.04  # the paper calls a sequence correct below this error
TEST_EXAMPLES = 64


class AddingTask(Task):
    """Two marked values X1, X2 of a sequence; target 0.5 + (X1 + X2) / 4.

    As in the paper: inputs are pairs (value, marker); values are uniform in [-1, 1]; one of the first ten
    pairs is marked, then one of the first T/2 - 1 still unmarked; markers are 1 for the two, -1 for the first
    and the last pair, 0 elsewhere; if the first pair is one of the two, its value counts as 0 and its marker
    stays -1. Two differences: sequences have exactly T steps (the paper: between T and 1.1 T), so that a
    batch is one array; and below T = 20 "the first ten" become the first T/2, so that the last pair is never
    marked.
    """

    name = "adding"
    title = "Adding problem"
    input_size = 2
    output_size = 1
    every_step = False
    loss_name = "mean squared error"
    measure_name = f"share with error below {CORRECT_WITHIN}"
    measure_is_share = True
    trivial_name = "always answering the mean"
    prediction_kind = "scatter"
    position_name = "example"
    value_name = "0.5 + (X1 + X2) / 4"
    input_names = ("value", "marker")

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__(config)
        T = config.sequence_length
        self._first_range = min(10, T // 2)
        self._second_range = max(2, T // 2 - 1)
        self.trivial_loss = self._variance_of_target()

    def _variance_of_target(self) -> float:
        # Var(uniform in [-1, 1]) = 1/3, the scale 1/4 squared is 1/16; a mark on the first pair adds nothing.
        first_is_zero = 1 / self._first_range
        second_is_zero = sum(
            1 / (self._second_range - (first < self._second_range)) for first in range(1, self._first_range)
        )
        return (2 - first_is_zero - second_is_zero / self._first_range) / 3 / 16

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x (T, count, 2) float32, target (count, 1) float32."""
        T = self.config.sequence_length
        x = np.zeros((T, count, 2), dtype=np.float32)
        x[:, :, 0] = rng.random((T, count), dtype=np.float32) * 2 - 1
        first = rng.integers(0, self._first_range, count)
        taken = first < self._second_range
        second = rng.integers(0, self._second_range - taken)
        second += taken & (second >= first)  # skips the pair that is already marked
        columns = np.arange(count)
        x[first, columns, 1] = 1
        x[second, columns, 1] = 1
        x[0, :, 1] = -1
        x[-1, :, 1] = -1
        marked = x[first, columns, 0] * (first > 0) + x[second, columns, 0] * (second > 0)
        target = (0.5 + marked / 4).astype(np.float32)
        return x, target[:, np.newaxis]

    def probe(self) -> Examples:
        """Return the fixed sequence of the heatmaps: x (T, 1, 2), target (1, 1)."""
        return self.examples(np.random.default_rng((self.config.seed, PROBE_STREAM)), 1)

    def test_batch(self) -> Examples:
        """Return 64 fixed examples: x (T, 64, 2), target (64,)."""
        x, target = self.examples(np.random.default_rng((self.config.seed, TEST_STREAM)), TEST_EXAMPLES)
        return x, target[:, 0]

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return mean squared error, and the share of sequences with |error| < 0.04."""
        error = output - target
        return error.square().mean(), (error.detach().abs() < CORRECT_WITHIN).float().mean()
