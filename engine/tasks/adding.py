"""The adding problem: remember two marked numbers among many, and output their sum.

Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", experiment 4.
"""

import numpy as np

from .base import Float32
from .goal import Goal
from .marked_pairs import CORRECT_WITHIN, MarkedPairsTask


class AddingTask(MarkedPairsTask):
    """Two marked values X1, X2 in [-1, 1]; target 0.5 + (X1 + X2) / 4; a marked first pair counts as 0.

    Solved, says the paper, when the error of the last 2,000 sequences is below 0.01 on average and below 0.04 in
    each of them.
    """

    name = "adding"
    title = "Adding problem"
    about = (
        "Input: random numbers, two of which are marked with 1. Target, after the last time step: 0.5 plus a quarter "
        "of the sum of those two."
    )
    value_name = "0.5 + (X1 + X2) / 4"
    criterion = "in the last 2,000 sequences, the mean error is below 0.01 and every error below 0.04"
    goal = Goal(mean=0.01, each=CORRECT_WITHIN)
    source = "Hochreiter and Schmidhuber 1997, experiment 4"
    low = -1.0
    first_counts = 0.0

    def target_of(self, X1: Float32, X2: Float32) -> Float32:
        """Return 0.5 + (X1 + X2) / 4."""
        return np.asarray(0.5 + (X1 + X2) / 4, dtype=np.float32)

    def variance_of_target(self, first_pair: float) -> float:
        """Return the variance: 1/3 for a value, times 1/16; a marked first pair adds nothing."""
        return (2 - first_pair) / 3 / 16
