"""Predicting the strings of a grammar, symbol by symbol: the basis of Reber strings and aⁿbⁿ."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .base import Examples, Task
from .symbols import cross_entropy, one_hot

Symbols = NDArray[np.int64]
Legal = NDArray[np.bool_]


class GrammarTask(Task):
    """At every step the network gives each symbol the probability that it comes next.

    The loss is the cross-entropy of the symbol that really comes: the network is not shown which others would have
    been legal. A string is predicted right, as in Hochreiter and Schmidhuber 1997, experiment 1, if at every step
    each legal next symbol is more active than each illegal one.
    A target (T, B, 2 outputs) holds the next symbol, one-hot, and then the legal ones; both are zero after the
    end of a string.
    """

    every_step = True
    loss_name = "cross-entropy (nats)"
    measure_name = "correct strings (legal above illegal at every step)"
    measure_is_share = True
    trivial_name = "predicting each symbol by its frequency"
    tells_legal = True

    def encoded(self, given: Symbols, following: Symbols, legal: Legal) -> Examples:
        """Return x and target of symbols; given, following: (T, B), -1 after the end; legal: (T, B, outputs)."""
        x = one_hot(given, self.input_size)
        return x, np.concatenate([one_hot(following, self.output_size), legal.astype(np.float32)], axis=2)

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return cross-entropy, and the fraction of strings with every legal symbol above every illegal one."""
        following, legal = target.split(self.output_size, dim=-1)
        answers = output.detach()
        lowest_legal = answers.masked_fill(legal == 0, np.inf).amin(-1)  # (T, B); infinite after the end
        highest_illegal = answers.masked_fill(legal != 0, -np.inf).amax(-1)
        right = (lowest_legal > highest_illegal).all(0)
        return cross_entropy(output, following), right.float().mean()

    def counted(self, target: Any) -> Any:
        """Return how many symbols follow one of the strings, which are not all of one length."""
        return target[..., : self.output_size].sum()
