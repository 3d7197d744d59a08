"""Parity: is the number of ones so far odd? It takes one bit of memory, which each 1 flips.

Source: Minsky and Papert 1969, "Perceptrons", chapter 3; step by step, as a finite automaton with two states.
"""

from typing import Any

import numpy as np

from .base import TEST_STREAM, Examples, Float32, Task
from .goal import Goal
from .symbols import cross_entropy, entropy, one_hot, probabilities
from .task_settings import TaskSettings

SHOWN_STEPS = 100  # at most; the last ones of a sequence


class ParityTask(Task):
    """Input: bits, 0 or 1 with the same probability. Target, at every time step: whether the number of ones is odd.

    The network predicts at every step, not only at the last: the parity at the end alone is hardly learnt by gradient
    descent beyond some ten bits. Solved when the parity is right at every step of every sequence.
    """

    name = "parity"
    title = "Parity"
    about = "Input: bits. Target, at every time step: whether the number of ones so far is even or odd."
    output_names = ("even", "odd")
    input_size = 1
    output_size = 2
    every_step = True
    loss_name = "cross-entropy (nats)"
    measure_name = "correct sequences (right at every step)"
    measure_is_share = True
    trivial_name = "predicting even and odd equally often"
    prediction_kind = "shares"
    position_name = "time step"
    value_name = "probability of an odd number of ones"
    input_names = ("bit",)
    criterion = "the parity is right at every time step of every sequence"
    goal = Goal()
    source = "Minsky and Papert 1969, chapter 3"

    def __init__(self, config: TaskSettings) -> None:
        super().__init__(config)
        self.trivial_loss = entropy(np.ones(2))

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x (T, count, 1) of 0 and 1, target (T, count, 2), one-hot even and odd."""
        bits = rng.integers(0, 2, (self.config.sequence_length, count))
        return bits[:, :, np.newaxis].astype(np.float32), one_hot(bits.cumsum(axis=0) % 2, 2)

    def test_batch(self) -> Examples:
        """Return one fixed sequence, x (T, 1, 1), and the parity at its last 100 steps (N,)."""
        x, target = self.fixed_examples(TEST_STREAM, 1)
        return x, target[-SHOWN_STEPS:, 0, 1]

    def positions(self) -> Float32:
        """Return the time steps shown, counted from 1."""
        T = self.config.sequence_length
        return np.arange(max(T - SHOWN_STEPS, 0) + 1, T + 1, dtype=np.float32)

    def shown(self, output: Float32) -> Float32:
        """Return the probability of "odd" at each step shown."""
        return probabilities(output[-SHOWN_STEPS:, 0])[:, 1]

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return cross-entropy, and the share of sequences whose likelier answer is right at every step."""
        right = output.detach().argmax(-1) == target.argmax(-1)  # (T, B)
        return cross_entropy(output, target), right.all(0).float().mean()
