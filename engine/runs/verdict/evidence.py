"""Sees the metrics of every step of a run in their order, and finds what a verdict is made of.

What is kept does not grow with the run, and new steps cost the same however many came before.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...settings.config import TrainingConfig
from ...tasks import TASKS
from ...tasks.base import TaskFacts
from ...tasks.goal import LAST, Goal
from ...tasks.held_out import HeldOut
from ..divergence import Divergence
from ..metrics import ERRORS, Metrics, goal_of
from ..snapshot import Snapshot
from .findings import Findings, Outlook, Recent

Float64 = NDArray[np.float64]

PATIENCE = 2000
"""Before so many steps, a loss that does not fall says nothing: in ten seeds of the default run it began to fall after
200 to 1,550 steps."""
FAR = 100.0
"""A run has diverged if its loss is more than this many times the trivial answer's, or that of the untrained network if
it is larger."""
FALLS = 0.9
"""A loss is falling if its mean over the last fifth of the run is below this share of that over the fifth before."""
LEARNT = 0.1
"""A loss below this share of the untrained network's shows that something was learnt of the training rows."""
_FEWEST = 20  # steps that a mean loss is taken over at least
_STREAK = 9  # steps most of which must be far from the goal: one alone can be an outlier
_ERRORS_OF_MEAN = 3.0  # standard errors by which a loss must be below the trivial answer's
_BLOCKS = 64
_AT_ONCE = 65_536
_LOSS, _WRONG, _MEAN, _LARGEST = range(4)


class Evidence:
    """What is known of a run so far.

    config: its settings; a change of the rate or of clipping while it goes on is taken up by setting it. count: steps
    seen. solved: whether the goal is met now; solved_at: the first step at which it was.
    """

    def __init__(self, config: TrainingConfig, facts: TaskFacts) -> None:
        self.config, self.facts = config, facts
        self.goal: Goal | None = goal_of(config, facts)
        self.count = 0
        self.solved = False
        self.solved_at: int | None = None
        self.held_out: HeldOut | None = None
        self._window = (self.goal or Goal(last=LAST)).steps(config.batch_size)
        self._kept = max(self._window, _FEWEST)
        self._last: Float64 = np.empty((0, 4))
        self._error_is_bound = False
        self._first_loss = math.nan
        self._diverged_at: int | None = None
        self._far = np.empty(0, dtype=bool)
        self._blocks = _Blocks()
        self._divergence = Divergence()
        self._grad_norm = math.nan
        self._carried = math.nan

    @property
    def needed(self) -> int:
        """The steps that a judgement needs."""
        return self._window if self.goal is not None else self._kept

    def see(self, metrics: Metrics) -> None:
        """See the metrics of the next steps."""
        with np.errstate(invalid="ignore"):  # infinities, and what stands in a file: it becomes NaN, which is seen
            for begin in range(0, len(metrics), _AT_ONCE):
                self._see(Metrics(metrics.names, metrics.values[begin : begin + _AT_ONCE]))

    def see_snapshot(self, snapshot: Snapshot) -> None:
        """See what a snapshot brings: the measure on held-out rows, and gradients through time."""
        self.held_out = snapshot.held_out or self.held_out
        flow = snapshot.extras.flow
        if flow is not None and flow.layers:
            norms = flow.layers[-1].states["h_t"]
            with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
                self._carried = float(norms[len(norms) // 2] / norms[-1])

    def _see(self, metrics: Metrics) -> None:
        rows = self._rows(metrics)
        if not self.count:
            self._first_loss = float(rows[0, _LOSS])
        if self.goal is not None:
            self._look_for_goal(self.goal, rows)
        self._look_for_divergence(rows[:, _LOSS])
        self._divergence.see(metrics)
        self._blocks.add(rows[:, : _WRONG + 1])
        self._grad_norm = float(metrics["grad_norm"][-1])
        self.count += len(rows)
        self._last = np.concatenate([self._last, rows])[-self._kept :]

    def _rows(self, metrics: Metrics) -> Float64:
        """Return loss, number of wrong sequences, mean and largest error of each step, (steps, 4)."""
        rows = np.full((len(metrics), 4), np.nan)
        rows[:, _LOSS] = metrics["loss"]
        goal = self.goal
        if goal is None:
            rows[:, _WRONG] = 0
            return rows
        if goal.bound is not None:
            rows[:, _WRONG] = ~goal.bound.holds(metrics[goal.bound.of])
            return rows
        whole = goal.judged_a_step(self.config.batch_size)
        share = metrics["measure"].astype(np.float64)
        rows[:, _WRONG] = np.where(np.isfinite(share), np.rint((1 - share) * whole), whole)
        if not goal.bounds_errors:
            return rows
        if set(ERRORS) <= set(metrics.names):
            rows[:, _MEAN], rows[:, _LARGEST] = metrics[ERRORS[0]], metrics[ERRORS[1]]
        self._error_is_bound = bool(np.isnan(rows[-1, _MEAN]) and np.isfinite(rows[-1, _LOSS]))
        unknown = np.isnan(rows[:, _MEAN])
        rows[unknown, _MEAN] = self._error_bound(rows[unknown, _LOSS])
        return rows

    def _error_bound(self, loss: Float64) -> Float64:
        """Return what the mean error of a batch can be at most, by its loss, where it was not recorded.

        mean |e| ≤ √(mean e²); of probabilities mean |p − t| = 2 (1 − p_right) / classes, and 1 − p ≤ −ln p.
        """
        if self.facts.loss_name.startswith("mean squared error"):
            bound: Float64 = np.sqrt(loss)
            return bound
        return 2 * loss / TASKS[self.config.task].output_size

    def _look_for_goal(self, goal: Goal, rows: Float64) -> None:
        """Find the first step at which the goal is met, and whether it is now."""
        window = self._window
        data = np.concatenate([self._last[max(0, len(self._last) - window + 1) :], rows])
        if len(data) < window:
            self.solved = False
            return
        met = _running(data[:, _WRONG], window) <= goal.wrong_at_most
        if goal.mean < math.inf:
            # One error that large alone is too much for the mean; more would cost the sum its last digits.
            errors = np.nan_to_num(data[:, _MEAN], nan=np.inf).clip(max=2 * window * goal.mean)
            met &= _running(errors, window) < goal.mean * window
        else:
            met &= _running(~np.isfinite(data[:, _LOSS]), window) == 0
        found = np.flatnonzero(met)
        if self.solved_at is None and found.size:
            self.solved_at = self.count + len(rows) - (len(met) - 1 - int(found[0]))
        self.solved = bool(met[-1])

    def _look_for_divergence(self, losses: Float64) -> None:
        """Find since when most of the last losses are far above the trivial answer's, if they are now."""
        known = [loss for loss in (self.facts.trivial_loss, self._first_loss) if math.isfinite(loss)]
        far = np.concatenate([self._far, ~(losses <= FAR * max(known, default=math.inf))])
        before = self.count - len(self._far)
        sizes = np.minimum(np.arange(1, len(far) + 1), _STREAK)
        sums = np.cumsum(far)
        sums[_STREAK:] -= np.cumsum(far)[:-_STREAK]
        most = 2 * sums >= sizes
        if not most[-1]:
            self._diverged_at = None
        else:
            is_new = np.flatnonzero(~most[len(self._far) :])
            if self._diverged_at is None or is_new.size:
                start = len(self._far) + int(is_new[-1]) + 1 if is_new.size else len(self._far)
                first = max(0, start - _STREAK + 1) + int(np.argmax(far[max(0, start - _STREAK + 1) :]))
                self._diverged_at = before + first + 1
        self._far = far[-(_STREAK - 1) :]

    # What it comes to

    def findings(self, over: bool) -> Findings:
        """Return what the run shows now; over: whether no step comes by itself any more."""
        lost = self._divergence.step
        return Findings(
            outlook=self._outlook(over),
            config=self.config,
            facts=self.facts,
            goal=self.goal,
            over=over,
            steps=self.count,
            needed=self.needed,
            recent=self._recent(),
            first_loss=self._first_loss,
            solved_at=self.solved_at,
            diverged_at=lost if lost is not None else self._diverged_at,
            is_lost=lost is not None,
            last_norm=self._divergence.last_norm,
            falling=self._blocks.falling,
            carried=self._carried,
            held_out=self.held_out,
        )

    def _outlook(self, over: bool) -> Outlook:
        if self._divergence.step is not None or self._diverged_at is not None:
            return Outlook.DIVERGED
        is_worse = self.held_out is not None and not self.held_out.is_below_trivial
        if self.solved_at is not None:
            if is_worse:  # by rows that it was trained on
                return Outlook.OVERFITTING
            return Outlook.SOLVED if self.solved else Outlook.SOLVED_ONCE
        if self.count < self.needed:
            return Outlook.TOO_EARLY
        is_time = over or self.count >= PATIENCE
        if math.isnan(self.facts.trivial_loss):
            has_fallen = self._is_below(self._first_loss)
            if has_fallen and self._blocks.falling:
                return Outlook.FALLING
            return Outlook.NOT_FALLING if has_fallen or is_time else Outlook.TOO_EARLY
        is_better = self._is_below(self.facts.trivial_loss)
        if self.held_out is not None:
            if not is_worse:
                return Outlook.NO_CRITERION if self.goal is None else Outlook.LEARNING
            learnt = is_better or self._last[:, _LOSS].mean() < LEARNT * self._first_loss
            return (Outlook.OVERFITTING if learnt else Outlook.NOT_LEARNING) if is_time else Outlook.TOO_EARLY
        if is_better:
            return Outlook.LEARNING if self.goal is not None else Outlook.NO_CRITERION
        return Outlook.NOT_LEARNING if is_time else Outlook.TOO_EARLY

    def _is_below(self, loss: float) -> bool:
        """Return whether the loss of late is below another, such as the trivial answer's, by more than chance."""
        losses = self._last[:, _LOSS]
        if not np.isfinite(losses).all():
            return False
        error = float(losses.std()) / math.sqrt(len(losses))
        return float(losses.mean()) + _ERRORS_OF_MEAN * error < loss

    def _recent(self) -> Recent:
        last = self._last[-self.needed :]
        if not len(last):
            return Recent(0, math.nan)
        judged = len(last) * (self.goal or Goal()).judged_a_step(self.config.batch_size)
        wrong = int(last[:, _WRONG].sum())
        return Recent(
            steps=len(last),
            loss=float(last[:, _LOSS].mean()),
            grad_norm=self._grad_norm,
            mean_error=float(last[:, _MEAN].mean()),
            largest_error=float(last[:, _LARGEST].max()),
            error_is_bound=self._error_is_bound,
            wrong=wrong,
            wrong_share=wrong / judged,
        )


def _running(values: NDArray[np.generic], window: int) -> Float64:
    """Return the sum of each `window` neighbours, (values - window + 1,)."""
    sums: Float64 = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return sums[window:] - sums[:-window]


class _Blocks:
    """Means of loss and of wrong predictions over blocks of equally many steps, of which there are never many."""

    def __init__(self) -> None:
        self._size = 1
        self._means: Float64 = np.empty((0, 2))
        self._open: Float64 = np.empty((0, 2))
        """Steps that make no whole block yet."""

    def add(self, rows: Float64) -> None:
        """Add the next steps, (steps, 2)."""
        rows = np.concatenate([self._open, rows])
        whole = len(rows) // self._size * self._size
        fresh = rows[:whole].reshape(-1, self._size, 2).mean(axis=1)
        self._means, self._open = np.concatenate([self._means, fresh]), rows[whole:]
        while len(self._means) > _BLOCKS:
            paired = len(self._means) // 2 * 2
            rest = np.repeat(self._means[paired:], self._size, axis=0)  # as many steps with the mean of them
            self._means = self._means[:paired].reshape(-1, 2, 2).mean(axis=1)
            self._open = np.concatenate([rest, self._open])
            self._size *= 2

    @property
    def falling(self) -> bool:
        """Whether the mean of the last fifth is clearly below that of the fifth before, of loss or of what is wrong."""
        part = len(self._means) // 5
        if not part:
            return True  # nobody can say yet
        now, before = self._means[-part:].mean(axis=0), self._means[-2 * part : -part].mean(axis=0)
        return bool((now < FALLS * before).any())
