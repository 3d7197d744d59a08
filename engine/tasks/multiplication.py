"""The multiplication problem: remember two marked numbers among many, and output their product.

Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", experiment 5.
"""

import numpy as np

from .base import Float32
from .goal import Goal
from .marked_pairs import CORRECT_WITHIN, MarkedPairsTask


class MultiplicationTask(MarkedPairsTask):
    """Two marked values X1, X2 in [0, 1]; target X1 X2; a marked first pair counts as 1.

    Solved, says the paper, when the error of the last 2,000 sequences is below 0.01 on average and at most 140 of
    them (or, stricter, 13) have one of 0.04 and more.
    """

    name = "multiplication"
    title = "Multiplication problem"
    about = (
        "Input: random numbers, two of which are marked with 1. Target, after the last time step: the product of those "
        "two."
    )
    value_name = "X1 · X2"
    criterion = "in the last 2,000 sequences, the mean error is below 0.01, at most 140 (stricter: 13) above 0.04"
    goal = Goal(mean=0.01, each=CORRECT_WITHIN, wrong_at_most=140)
    source = "Hochreiter and Schmidhuber 1997, experiment 5"
    low = 0.0
    first_counts = 1.0

    def target_of(self, X1: Float32, X2: Float32) -> Float32:
        """Return X1 X2."""
        return np.asarray(X1 * X2, dtype=np.float32)

    def variance_of_target(self, first_pair: float) -> float:
        """Return E[(X1 X2)²] - E[X1 X2]²; a value has mean 1/2 and mean square 1/3, the first pair counts as 1."""
        mean = (1 - first_pair) / 4 + first_pair / 2
        square = (1 - first_pair) / 9 + first_pair / 3
        return square - mean**2
