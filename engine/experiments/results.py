"""What an experiment came to: one entry a seed, their median, and the share that was solved."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from engine.experiments.judges import Test


@dataclass(frozen=True)
class SeedResult:
    """What one run came to.

    sequences: single training sequences (steps × batch) until solved, or all it was trained on. seconds: training
    with its checks, without the loading of torch and without the test after it.
    """

    seed: int
    solved: bool
    sequences: int
    seconds: float
    test: Test


def median_sequences(results: Sequence[SeedResult]) -> float | None:
    """Return the median of "success after"; a run that was not solved counts as longer than any that was.

    None where the median itself was not solved, or without results.
    """
    if not results:
        return None
    middle = median(result.sequences if result.solved else math.inf for result in results)
    return middle if math.isfinite(middle) else None


def solved_share(results: Iterable[SeedResult]) -> float | None:
    """Return which share of the runs was solved, None without results."""
    solved = [result.solved for result in results]
    return sum(solved) / len(solved) if solved else None
