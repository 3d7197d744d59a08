"""The embedded Reber grammar: a symbol near the start of a string decides the last but one.

Sources: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", experiment 1; the continual stream: Gers,
Schmidhuber and Cummins 2000, "Learning to Forget".
"""

import numpy as np
from numpy.typing import NDArray

from .base import PROBE_STREAM, TEST_STREAM, Examples, Float32
from .goal import Goal
from .grammar import GrammarTask, Symbols
from .symbols import entropy, probabilities
from .task_settings import TaskSettings

SYMBOLS = ("B", "T", "P", "S", "X", "V", "E")
TEST_STRINGS = 6
SHOWN_STEPS = 100  # at most; each is shown by one point a symbol

Moves = tuple[tuple[str, int], ...]
# Of each state: (symbol, next state); both of two have the chance 1/2.
_REBER: tuple[Moves, ...] = (
    (("B", 1),),
    (("T", 2), ("P", 3)),
    (("S", 2), ("X", 4)),
    (("T", 3), ("V", 5)),
    (("X", 3), ("S", 6)),
    (("P", 4), ("V", 6)),
    (("E", 7),),
)
_AFTER_B = 1


def _embedded(continual: bool) -> tuple[Moves, ...]:
    """Return B T (Reber string) T E or B P (Reber string) P E; the stream begins anew after E, else E ends."""
    inner = len(_REBER)
    T, P = 2, 2 + inner + 1  # where the two copies begin; each is followed by the state that closes it
    before_last = P + inner + 1
    end = before_last + 1

    def copy(begin: int, closing: str) -> list[Moves]:
        return [*(tuple((s, begin + to) for s, to in moves) for moves in _REBER), ((closing, before_last),)]

    opening: list[Moves] = [(("B", _AFTER_B),), (("T", T), ("P", P))]
    return (*opening, *copy(T, "T"), *copy(P, "P"), (("E", 0 if continual else end),), *(() if continual else ((),)))


class _Automaton:
    """The grammar as arrays. symbol, to: (states, 2), -1 and itself at the end; legal: (states, symbols)."""

    def __init__(self, continual: bool) -> None:
        states = _embedded(continual)
        self.symbol = np.full((len(states), 2), -1)
        self.to = np.repeat(np.arange(len(states))[:, np.newaxis], 2, axis=1)
        self.legal = np.zeros((len(states), len(SYMBOLS)), dtype=bool)
        for state, moves in enumerate(states):
            for choice, (symbol, to) in enumerate(2 * moves if len(moves) == 1 else moves):
                self.symbol[state, choice] = SYMBOLS.index(symbol)
                self.to[state, choice] = to
                self.legal[state, SYMBOLS.index(symbol)] = True
        self.end = None if continual else len(states) - 1

    def walk(self, rng: np.random.Generator, steps: int, count: int) -> tuple[Symbols, NDArray[np.int64]]:
        """Return the symbols (steps + 1, count) after each other, the first is B, and the states between them."""
        choices = rng.integers(0, 2, (steps, count))
        states = np.full((steps + 1, count), _AFTER_B)
        symbols = np.full((steps + 1, count), SYMBOLS.index("B"))
        for t, choice in enumerate(choices):
            symbols[t + 1] = self.symbol[states[t], choice]
            states[t + 1] = self.to[states[t], choice]
        return symbols, states

    def counts(self, steps: int) -> NDArray[np.float64]:
        """Return how often each symbol follows within so many steps, on average, given that the end is reached."""
        size = len(self.to)
        moves = np.zeros((len(SYMBOLS), size, size))
        for state, choice in zip(*np.nonzero(self.symbol >= 0), strict=True):
            moves[self.symbol[state, choice], state, self.to[state, choice]] += 0.5
        among = moves.sum(axis=0)
        if self.end is not None:
            among[self.end, self.end] = 1
        ends = [np.ones(size) if self.end is None else np.eye(size)[self.end]]  # the chance to end in 0, 1, … steps
        for _ in range(steps):
            ends.append(among @ ends[-1])
        p = np.eye(size)[_AFTER_B] / ends[steps][_AFTER_B]
        total = np.zeros(len(SYMBOLS))
        for left in range(steps - 1, -1, -1):
            total += moves.transpose(0, 2, 1) @ p @ ends[left]
            p = p @ among
        return total


class EmbeddedReberTask(GrammarTask):
    """Strings of the embedded Reber grammar, one a sequence, each predicted from its first B to its last E.

    A string of L symbols takes L - 1 steps, the rest of the T are left out of loss and measure; strings that
    are longer are drawn again. Solved, says the paper, when all strings are predicted right, those never seen too.
    """

    name = "embedded-reber"
    title = "Embedded Reber grammar"
    about = (
        "Input: a string of a grammar, symbol by symbol. Target: which symbols may come next. The second symbol "
        "decides the last but one."
    )
    shortest = 8
    input_size = output_size = len(SYMBOLS)
    prediction_kind = "scatter"
    position_name = "time step and symbol"
    value_name = "probability that each symbol comes next (0, ½, 1)"
    input_names = output_names = shown_names = SYMBOLS
    criterion = "every legal next symbol is more active than every illegal one, at every step, in unseen strings too"
    goal = Goal(sequences="strings")
    source = "Hochreiter and Schmidhuber 1997, experiment 1"
    continual = False

    def __init__(self, config: TaskSettings) -> None:
        super().__init__(config)
        self._automaton = _Automaton(self.continual)
        self.trivial_loss = entropy(self._automaton.counts(config.sequence_length))
        _, target = self.fixed_examples(TEST_STREAM, TEST_STRINGS)
        legal = target[:, :, len(SYMBOLS) :]
        columns, steps = np.nonzero(legal.any(axis=2).T)  # string by string
        self._shown = steps[-SHOWN_STEPS:], columns[-SHOWN_STEPS:]

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw examples: x (T, count, 7), target (T, count, 14): next symbol and legal ones."""
        T, automaton = self.config.sequence_length, self._automaton
        symbols, states = automaton.walk(rng, T, count)
        if automaton.end is not None:
            while (too_long := np.flatnonzero(states[-1] != automaton.end)).size:
                symbols[:, too_long], states[:, too_long] = automaton.walk(rng, T, too_long.size)
        legal = automaton.legal[states[:-1]]
        given = np.where(legal.any(axis=2), symbols[:-1], -1)
        return self.encoded(given, symbols[1:], legal)

    def probe(self) -> Examples:
        """Return one string without what follows its end: x (L - 1, 1, 7), target (L - 1, 1, 14)."""
        x, target = self.fixed_examples(PROBE_STREAM, 1)
        steps = int(x.any(axis=2).sum())
        return x[:steps], target[:steps]

    def test_batch(self) -> Examples:
        """Return 6 fixed strings, x (T, 6, 7), and each symbol's true chance at up to 100 of their steps (N,)."""
        x, target = self.fixed_examples(TEST_STREAM, TEST_STRINGS)
        legal = target[:, :, len(SYMBOLS) :][self._shown]  # (steps, symbols)
        return x, (legal / legal.sum(axis=1, keepdims=True)).ravel()

    def shown(self, output: Float32) -> Float32:
        """Return the probability of each symbol at the steps shown (N,)."""
        return probabilities(output[self._shown]).ravel()


class ContinualReberTask(EmbeddedReberTask):
    """A stream of T symbols of such strings, one after another, without a sign where a new one begins.

    The network begins with an empty cell and the first B of a string. The paper feeds up to 1,000,000 symbols and
    stops at the first mistake; here a stream counts as right if it has none in T symbols.
    """

    name = "continual-reber"
    title = "Continual Reber grammar"
    about = (
        "Input: strings of the grammar, one after another, with no sign where one ends. Target: which symbols may come "
        "next. The network must learn when to forget."
    )
    shortest = 0
    measure_name = "correct streams (legal above illegal at every step)"
    criterion = "every legal next symbol is more active than every illegal one; in the paper for 1,000,000 symbols"
    goal = Goal(last=10_000, sequences="streams")  # with T = 100 a million symbols, as in the paper
    source = "Gers, Schmidhuber and Cummins 2000"
    continual = True
