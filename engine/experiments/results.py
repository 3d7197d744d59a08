"""The results of an experiment: one for each seed, their median, and the fraction that was solved."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from .judges import Test


@dataclass(frozen=True)
class Job:
    """One run to be made: the name of a setting, and a seed."""

    arm: str
    seed: int


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


def quartiles(results: Sequence[SeedResult]) -> tuple[float, float | None] | None:
    """Return the lower and the upper quartile of "success after", between neighbours in proportion.

    As in the median, a run that was not solved counts as longer than any that was: an upper quartile that was not
    solved is None, and so is the whole where the lower one was not, or without results.
    """
    ordered = sorted(result.sequences if result.solved else math.inf for result in results)
    if not ordered:
        return None
    lower, upper = (_between(ordered, share) for share in (0.25, 0.75))
    return (lower, upper if math.isfinite(upper) else None) if math.isfinite(lower) else None


def _between(ordered: Sequence[float], share: float) -> float:
    """Return the value at a share of the way from the first to the last."""
    place = share * (len(ordered) - 1)
    below, part = int(place), place % 1
    # Without its neighbour where it needs none: 0 times infinity is no number.
    return ordered[below] if part == 0 else ordered[below] * (1 - part) + ordered[below + 1] * part


def solved_share(results: Iterable[SeedResult]) -> float | None:
    """Return which share of the runs was solved, None without results."""
    solved = [result.solved for result in results]
    return sum(solved) / len(solved) if solved else None
