"""aⁿbⁿ and aⁿbⁿcⁿ: strings that a network can predict only by counting.

Source: Gers and Schmidhuber 2001, "LSTM recurrent networks learn simple context-free and context-sensitive
languages".
"""

import numpy as np
from numpy.typing import NDArray

from .base import Examples, Float32
from .goal import Goal
from .grammar import GrammarTask, Legal, Symbols
from .symbols import entropy, probabilities
from .task_settings import TaskSettings

SHOWN_STEPS = 100  # at most, of each of three strings; the last ones


class CountingTask(GrammarTask):
    """Strings of n times each letter in turn, with a start symbol before and an end symbol after them.

    A string takes (letters · n + 1) steps; n is uniform from 1 to N, the longest that fits into T steps. After an
    a, both a and b are legal; from the first b on, only one symbol is. The plot shows three strings that test
    what was learnt, n = N, 1.5 N and 2 N: only the first is as long as those trained on.
    """

    letters: int
    prediction_kind = "shares"
    position_name = "time step in three strings, n = N, 1.5 N, 2 N (trained up to N)"
    value_name = "probability that the string ends"
    criterion = "every string of a trained n is accepted (legal above illegal at every step); then larger n too"
    goal = Goal(sequences="strings")
    source = "Gers and Schmidhuber 2001"

    def __init__(self, config: TaskSettings) -> None:
        super().__init__(config)
        self.longest = (config.sequence_length - 1) // self.letters
        self.tested = np.array([self.longest, self.longest + (self.longest + 1) // 2, 2 * self.longest])
        # How often each letter comes in a string, on average, and the end.
        self.trivial_loss = entropy([*(self.letters * [(1 + self.longest) / 2]), 1.0])

    def strings(self, n: NDArray[np.int64], steps: int) -> tuple[Symbols, Symbols, Legal]:
        """Return given and following symbols (steps, B), and the legal ones, of strings with these n (B,)."""
        t = np.arange(steps)[:, np.newaxis]
        end = self.letters * n
        following = np.where(t <= end, t // n, -1)  # the end symbol is number `letters`
        given = np.concatenate([np.full((1, n.size), -1), following[:-1]]) + 1  # 0 is the start symbol
        given[(t > end)] = -1
        legal = following[:, :, np.newaxis] == np.arange(self.letters + 1)
        legal[:, :, :2] |= ((t >= 1) & (t <= n))[:, :, np.newaxis]
        return given, following, legal

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x (T, count, 1 + letters), target (T, count, 2 (letters + 1)): next and legal symbols."""
        n = rng.integers(1, self.longest + 1, count)
        return self.encoded(*self.strings(n, self.config.sequence_length))

    def probe(self) -> Examples:
        """Return the longest string that is trained on, x (letters · N + 1, 1, 1 + letters), and its target."""
        return self.encoded(*self.strings(np.array([self.longest]), self.letters * self.longest + 1))

    def test_batch(self) -> Examples:
        """Return three strings, x (2 letters · N + 1, 3, 1 + letters), and 1 where each ends (N,)."""
        given, following, legal = self.strings(self.tested, self.letters * int(self.tested[-1]) + 1)
        ends = (following == self.letters).astype(np.float32)
        return self.encoded(given, following, legal)[0], self._last_steps(ends)

    def shown(self, output: Float32) -> Float32:
        """Return the probability of the end symbol at each step shown (N,)."""
        return self._last_steps(probabilities(output)[:, :, self.letters])

    def _last_steps(self, values: Float32) -> Float32:
        """Return the last 100 steps of each string, one string after another; values: (steps, 3)."""
        ends = self.letters * self.tested + 1
        return np.concatenate([values[max(0, end - SHOWN_STEPS) : end, i] for i, end in enumerate(ends)])


class TwoLettersTask(CountingTask):
    """aⁿbⁿ, a context-free language."""

    name = "anbn"
    title = "aⁿbⁿ"
    about = "Input: n times a, then n times b. Target: which symbols may come next; for that the network has to count."
    letters = 2
    input_size = output_size = 3
    input_names = ("start", "a", "b")
    output_names = ("a", "b", "end")


class ThreeLettersTask(CountingTask):
    """aⁿbⁿcⁿ, a context-sensitive language."""

    name = "anbncn"
    title = "aⁿbⁿcⁿ"
    about = (
        "Input: n times a, then n times b, then n times c. Target: which symbols may come next; for that the network "
        "has to count."
    )
    letters = 3
    input_size = output_size = 4
    input_names = ("start", "a", "b", "c")
    output_names = ("a", "b", "c", "end")
