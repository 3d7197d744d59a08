"""The results of a comparison so far: every step of every run, and a summary for each configuration.

Curves over seeds are a median and a spread of means over groups of steps; nothing is thinned out for keeping.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..runs.history import History
from ..runs.snapshot import Snapshot
from ..runs.verdict.judging import Verdict
from ..tasks.base import TaskFacts
from .comparison import METRICS, Comparison, ComparisonUpdate, Look, Run

Float64 = NDArray[np.float64]

POINTS = 120
"""Most groups of steps that a curve is made of."""
_FEW_SEEDS = 3  # quartiles of so few runs would be made up: all of them lie between the lowest and the highest
_LAST_STEPS = 100


@dataclass(frozen=True, eq=False)
class Curves:
    """One metric of one configuration: the median over its seeds and the spread around it; every array is (points,).

    steps: the middle of each group of steps. low, high: see `ComparisonResults.spread_words`.
    """

    steps: Float64
    median: Float64
    low: Float64
    high: Float64


def spread(values: Float64, outermost: bool) -> tuple[Float64, Float64, Float64]:
    """Return median, lower and upper quartile of each column of (seeds, points); NaN where a column is empty.

    As numpy.quantile; values that are NaN are left out. outermost: the lowest and the highest value instead of
    quartiles.
    """
    shares = (0.5, 0.0, 1.0) if outermost else (0.5, 0.25, 0.75)
    ordered = np.sort(values, axis=0)  # NaN comes last
    counts = np.isfinite(ordered).sum(axis=0)
    found = np.full((3, values.shape[1]), np.nan)
    for count in np.unique(counts[counts > 0]):
        columns = counts == count
        found[:, columns] = np.quantile(ordered[:count, columns], shares, axis=0)
    return found[0], found[1], found[2]


class ComparisonResults:
    """All that has come of a comparison, run by run.

    histories: loss and measure of every step. snapshots: by configuration and example, all of a configuration of
    the same step. problems, weights, seconds: by configuration, as in `ComparisonUpdate`; seconds are added up.
    diverged: steps by run. verdicts: the newest by run. over: whether nothing will come any more.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.histories = {run: History(METRICS) for run in comparison.runs}
        self.snapshots: dict[Look, Snapshot] = {}
        self.problems: dict[int, str] = {}
        self.weights: dict[int, int] = {}
        self.seconds: dict[int, float] = {}
        self.diverged: dict[Run, int] = {}
        self.verdicts: dict[Run, Verdict] = {}
        self.facts: TaskFacts | None = None
        self.over = False
        self._means: dict[Run, tuple[int, int, Float64]] = {}

    def take(self, update: ComparisonUpdate) -> None:
        """Add what an update brings."""
        for run, rows in update.rows.items():
            self.histories[run].append(rows)
        for config, seconds in update.seconds.items():
            self.seconds[config] = self.seconds.get(config, 0.0) + seconds
        self._take_snapshots(update.snapshots)
        self.problems.update(update.problems)
        self.weights.update(update.weights)
        self.diverged.update(update.diverged)
        self.verdicts.update(update.verdicts)
        self.facts = self.facts or update.facts
        self.over = update.over

    def _take_snapshots(self, snapshots: Mapping[Look, Snapshot]) -> None:
        """Add snapshots; those of an older step are dropped, for side by side they would pass for the present."""
        self.snapshots.update(snapshots)
        newest: dict[int, int] = {}
        for look, snapshot in self.snapshots.items():
            newest[look.config] = max(newest.get(look.config, 0), snapshot.step)
        self.snapshots = {look: one for look, one in self.snapshots.items() if one.step == newest[look.config]}

    def has_snapshots(self, config: int) -> bool:
        """Whether a configuration was looked at, with whichever example."""
        return any(look.config == config for look in self.snapshots)

    def runs_of(self, config: int) -> list[Run]:
        """Return the runs of one configuration that have made a step."""
        return [run for run, history in self.histories.items() if run.config == config and history.count]

    def steps_made(self, config: int) -> int:
        """Return how many steps a configuration has made, over all of its seeds."""
        return sum(self.histories[run].count for run in self.runs_of(config))

    @property
    def steps_left(self) -> dict[int, int]:
        """How many steps each configuration has still to make; a run that diverged makes no more."""
        left = dict.fromkeys(range(len(self.comparison.configs)), 0)
        for run, history in self.histories.items():
            if run not in self.diverged and run.config not in self.problems:
                left[run.config] += self.comparison.steps - history.count
        return left

    @property
    def share_done(self) -> float:
        """How much of all steps is made or will never be made, from 0 to 1."""
        return 1 - sum(self.steps_left.values()) / (len(self.histories) * self.comparison.steps)

    def steps_per_second(self, config: int) -> float:
        """Return how fast a configuration is trained, over the time that its own steps took; NaN before the first."""
        seconds = self.seconds.get(config, 0.0)
        return self.steps_made(config) / seconds if seconds > 0 else float("nan")

    def seconds_left(self, children: int) -> float:
        """Return how long the rest will take with so many runs side by side; NaN while no speed is known."""
        rates = {config: self.steps_per_second(config) for config in range(len(self.comparison.configs))}
        known = [rate for rate in rates.values() if np.isfinite(rate) and rate > 0]
        if not known:
            return float("nan")
        usual = float(np.mean(known))
        seconds = 0.0
        for config, steps in self.steps_left.items():
            rate = rates[config]
            seconds += steps / (rate if np.isfinite(rate) and rate > 0 else usual)
        return seconds / children

    @property
    def spread_words(self) -> str:
        """What the band of a curve is."""
        planned = self.comparison.seeds
        begun = len({run.seed for run, history in self.histories.items() if history.count})
        if planned == 1:
            return "one run each"
        if begun <= 1:
            return f"the first of {planned} seeds so far"
        seeds = f"{begun} seeds" if begun == planned else f"{begun} of {planned} seeds so far"
        edges = "the lowest to the highest" if planned <= _FEW_SEEDS else "the lower to the upper quartile"
        return f"median of {seeds}, band from {edges}"

    def curves(self, config: int, metric: str = "loss", points: int = POINTS) -> Curves:
        """Return a metric of one configuration over its steps, at most `points` of them.

        Each run's steps are averaged in groups, the same groups for all; then come median and spread over the seeds
        that have made these steps. Values that are not finite are left out. Raises KeyError for another metric.
        """
        place = dict(zip(METRICS, range(len(METRICS)), strict=True))[metric]
        size = self._group_size(points)
        means = [self._group_means(run, size)[place] for run in self.runs_of(config)]
        longest = max((row.size for row in means), default=0)
        values = np.full((len(means), longest), np.nan)
        for row, found in zip(values, means, strict=True):
            row[: found.size] = found
        made = max((self.histories[run].count for run in self.runs_of(config)), default=0)
        starts = np.arange(longest) * size
        steps = (starts + np.minimum(starts + size, made) + 1) / 2
        return Curves(steps, *spread(values, self.comparison.seeds <= _FEW_SEEDS))

    def final(self, config: int, metric: str = "loss") -> tuple[float, int]:
        """Return the median over seeds of a metric's mean over the last steps, and how many steps these are.

        Runs that diverged are left out; NaN where none is left.
        """
        last = max(1, min(_LAST_STEPS, self.comparison.steps // 10))
        means = []
        for run in self.runs_of(config):
            if run not in self.diverged:
                count = self.histories[run].count
                _, values = self.histories[run].decimated([metric], count - last + 1, count, max(8, last))
                means.append(float(values.mean(dtype=np.float64)))
        return (float(np.median(means)) if means else float("nan")), last

    def ends(self, config: int) -> list[tuple[int, float]]:
        """Return where runs of a configuration diverged: the step, and the last loss before it; NaN at the first."""
        found = []
        for run in self.runs_of(config):
            if run in self.diverged:
                step = self.diverged[run]
                before = max(1, step - 7)
                _, values = self.histories[run].decimated(["loss"], before, step, 8)
                finite = values[np.isfinite(values)]
                found.append((step, float(finite[-1]) if finite.size else float("nan")))
        return found

    def verdicts_of(self, config: int) -> list[Verdict]:
        """Return what is said of the runs of a configuration that have begun, in the order of their seeds."""
        return [self.verdicts[run] for run in self.runs_of(config) if run in self.verdicts]

    def _group_size(self, points: int) -> int:
        """Return the steps of a group: a power of two, so that a growing curve keeps its points."""
        longest = max(history.count for history in self.histories.values())
        size = 1
        while longest > points * size:
            size *= 2
        return size

    def _group_means(self, run: Run, size: int) -> Float64:
        """Return the means of a run's groups of steps, (metrics, groups); the last group may have fewer steps."""
        history = self.histories[run]
        known = self._means.get(run)
        if known is not None and known[:2] == (history.count, size):
            return known[2]
        whole = history.count // size
        # With two groups to spare, exactly `size` steps fall in each: groups are aligned to multiples of it.
        _, means = history.averaged(METRICS, 1, whole * size, whole + 2)
        if history.count > whole * size:
            _, rest = history.decimated(METRICS, whole * size + 1, history.count, max(8, size))
            finite = np.isfinite(rest)
            counted = finite.sum(axis=1)
            last = np.full(len(METRICS), np.nan)
            np.divide(np.where(finite, rest, 0).sum(axis=1), counted, out=last, where=counted > 0)
            means = np.concatenate([means, last[:, np.newaxis]], axis=1)
        self._means[run] = history.count, size, means
        return means
