"""When a network has solved a task: the rules of the papers, applied to plain arrays.

Every rule turns answers into one row a sequence, (mean error, largest error), and says from the rows of the last
sequences whether the task is solved and from a fresh sequence's row whether its answer is wrong. All of numpy.
"""

import numpy as np
from numpy.typing import NDArray

from ..tasks.base import Float32
from ..tasks.goal import Goal
from ..tasks.symbols import probabilities

Errors = NDArray[np.float64]


def value_errors(output: Float32, target: Float32) -> Errors:
    """Return (mean, largest) of |output - target| of each sequence, (B, 2); output, target: (B, outputs)."""
    error = np.abs(np.asarray(output, dtype=np.float64) - target)
    return np.stack([error.mean(axis=1), error.max(axis=1)], axis=1)


def class_errors(output: Float32, target: Float32) -> Errors:
    """Return (mean, largest) of |p - target| of each sequence, (B, 2), p being softmax of output (B, classes)."""
    return value_errors(probabilities(output), target)


def mean_squared_error(output: Float32, target: Float32) -> float:
    """Return the mean of (output - target)²; same shapes."""
    return float(np.square(np.asarray(output, dtype=np.float64) - target).mean())


def mean_cross_entropy(output: Float32, target: Float32) -> float:
    """Return the mean of -ln p(right symbol) in nats, p being softmax of output; target: one-hot, same shape."""
    output = np.asarray(output, dtype=np.float64)
    highest = output.max(axis=-1, keepdims=True)
    log_sum = np.log(np.exp(output - highest).sum(axis=-1)) + highest[..., 0]
    return float((log_sum - (output * target).sum(axis=-1)).mean())


def legal_above_illegal(output: Float32, legal: Float32) -> NDArray[np.bool_]:
    """Return for each string (B,) whether at every step each legal symbol is more active than each illegal one.

    output, legal: (T, B, symbols); a step without legal symbols lies behind the string's end and does not count.
    A number that is not finite is never more active.
    """
    allowed = legal > 0
    lowest_legal = np.where(allowed, output, np.inf).min(axis=2)  # (T, B)
    highest_illegal = np.where(allowed, -np.inf, output).max(axis=2)
    return np.asarray(((lowest_legal > highest_illegal) | ~allowed.any(axis=2)).all(axis=0))


def all_copied(output: Float32, target: Float32, copied: int) -> NDArray[np.bool_]:
    """Return for each sequence (B,) whether the likeliest answer is right at all of the last `copied` steps."""
    right = output[-copied:].argmax(axis=2) == target[-copied:].argmax(axis=2)
    return np.asarray((right & np.isfinite(output[-copied:]).all(axis=2)).all(axis=0))


class LastErrors:
    """The rows of the last sequences of a training run, and whether they keep to the goal."""

    def __init__(self, goal: Goal) -> None:
        self.goal = goal
        self._rows = np.full((goal.last, 2), np.inf)
        self._seen = 0

    def add(self, rows: Errors) -> None:
        """Take the rows (B, 2) of the next sequences; the oldest go."""
        rows = rows[-self.goal.last :]
        self._rows[(self._seen + np.arange(len(rows))) % self.goal.last] = rows
        self._seen += len(rows)

    def solved(self) -> bool:
        """Say whether there are enough rows and they keep to the goal."""
        if self._seen < self.goal.last:
            return False
        mean, largest = self._rows[:, 0], self._rows[:, 1]
        return bool(mean.mean() < self.goal.mean) and wrong(largest, self.goal.each) <= self.goal.wrong_at_most


def wrong(largest: Errors, each: float) -> int:
    """Return how many of the sequences (B,) have an error that is not below `each`."""
    return int(np.count_nonzero(~(largest < each)))
