"""Copying memory: repeat ten symbols after a long pause.

Source: Arjovsky, Shah and Bengio 2016, "Unitary Evolution Recurrent Neural Networks", section 4.1, after
Hochreiter and Schmidhuber 1997.
"""

from typing import Any

import numpy as np

from .base import TEST_STREAM, Examples, Float32, Task
from .goal import Goal
from .symbols import cross_entropy, entropy, likeliest, one_hot
from .task_settings import TaskSettings

SYMBOLS = 8
COPIED = 10
_BLANK, _SIGN = SYMBOLS, SYMBOLS + 1  # "answer now"
TEST_EXAMPLES = 6


class CopyingTask(Task):
    """Input: ten of eight symbols, T - 1 blanks, a sign, ten blanks. Target: T + 10 blanks and the ten symbols.

    The sequence length T is the pause; a sequence has T + 20 steps. The trivial answer remembers nothing: it
    says blank T + 10 times and then each symbol equally often, which costs 10 ln 8 / (T + 20) a step. Solved
    when all ten symbols are right; the paper shows how far the loss falls below that baseline.
    """

    name = "copying"
    title = "Copying memory"
    about = "Input: ten symbols, a long pause, then a sign. Target: the same ten symbols after the sign."
    input_size = SYMBOLS + 2
    output_size = SYMBOLS + 1
    every_step = True
    loss_name = "cross-entropy (nats)"
    measure_name = "correct symbols, out of ten"
    measure_is_share = True
    trivial_name = "predicting without memory"
    prediction_kind = "symbols"
    position_name = f"{TEST_EXAMPLES * COPIED} predictions, sorted by symbol"
    value_name = "symbol (likeliest of the eight)"
    input_names = (*(str(symbol + 1) for symbol in range(SYMBOLS)), "blank", "sign")
    output_names = input_names[:output_size]
    criterion = "all ten symbols are correct; the cross-entropy is below that without memory, 10 ln 8 / (T + 20)"
    goal = Goal(parts=COPIED)
    source = "Arjovsky, Shah and Bengio 2016, section 4.1"

    def __init__(self, config: TaskSettings) -> None:
        super().__init__(config)
        self._steps = config.sequence_length + 2 * COPIED
        _, target = self.fixed_examples(TEST_STREAM, TEST_EXAMPLES)
        self._order = np.argsort(self._answers(target), kind="stable")
        self.trivial_loss = COPIED * entropy(np.ones(SYMBOLS)) / self._steps

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x (T + 20, count, 10), target (T + 20, count, 9), both one-hot float32."""
        copied = rng.integers(0, SYMBOLS, (COPIED, count))
        given = np.full((self._steps, count), _BLANK)
        given[:COPIED] = copied
        given[-COPIED - 1] = _SIGN
        wanted = np.full((self._steps, count), _BLANK)
        wanted[-COPIED:] = copied
        return one_hot(given, self.input_size), one_hot(wanted, self.output_size)

    def test_batch(self) -> Examples:
        """Return 6 fixed sequences, x (T + 20, 6, 10), and their symbols from 1 in ascending order (60,)."""
        x, target = self.fixed_examples(TEST_STREAM, TEST_EXAMPLES)
        return x, self._answers(target)[self._order]

    def shown(self, output: Float32) -> Float32:
        """Return the likeliest of the eight symbols, from 1, for each of the 60 that were to be copied."""
        return self._answers(output)[self._order]

    def _answers(self, output: Float32) -> Float32:
        return likeliest(output[-COPIED:, :, :SYMBOLS]).ravel()  # (10, 6) → (60,)

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return cross-entropy over all T + 20 steps, and the fraction of the ten symbols that are predicted right."""
        right = output.detach()[-COPIED:].argmax(-1) == target[-COPIED:].argmax(-1)
        return cross_entropy(output, target), right.float().mean()
