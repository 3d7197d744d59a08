"""What the steps of a session measured, until the window asks for it, and how fast they are made."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from ..runs.messages import Float32

_LOSS, _GRAD_NORM = 0, 2  # columns of metric_names
_RATE_INTERVAL_S = 0.5  # steps/s over at least this long, or the figure is unreadable


@dataclass
class SessionMetrics:
    """Metrics that nobody has asked for yet. count: the last step whose metrics have come."""

    count: int = 0
    _pending: list[Float32] = field(default_factory=list)
    _last_norm: tuple[int, float] | None = None
    """The last finite gradient norm and its step."""

    def add(self, rows: Float32) -> str:
        """Add the metrics of the next steps, (steps, columns); returns a sentence where a loss is no finite number."""
        first = self.count + 1
        self.count += len(rows)
        self._pending.append(rows)
        lost = np.flatnonzero(~np.isfinite(rows[:, _LOSS]))
        known = np.flatnonzero(np.isfinite(rows[: lost[0] if lost.size else None, _GRAD_NORM]))
        if known.size:
            self._last_norm = first + int(known[-1]), float(rows[known[-1], _GRAD_NORM])
        return self._divergence(first + int(lost[0]), float(rows[lost[0], _LOSS])) if lost.size else ""

    def take(self) -> Float32 | None:
        """Return the metrics that have come since the last time, (steps, columns), or None."""
        pending, self._pending = self._pending, []
        return np.concatenate(pending) if pending else None

    def _divergence(self, step: int, loss: float) -> str:
        last = "no gradient norm before it was finite"
        if self._last_norm is not None:
            last = f"the last finite gradient norm was {self._last_norm[1]:.3g}, at step {self._last_norm[0]}"
        return (
            f"The loss became {'NaN' if np.isnan(loss) else 'infinite'} at step {step}; {last}. "
            "Lower the learning rate or switch clipping on, and start over."
        )


@dataclass
class Rate:
    """Steps per second, over the last half second or more."""

    per_s: float = 0.0
    _mark: tuple[float, int] = (0.0, 0)
    _first_mark: tuple[float, int] | None = None

    def begin(self, step: int) -> None:
        """Say that steps are made from now on."""
        self._mark = time.perf_counter(), step
        self._first_mark = self._first_mark or self._mark

    def after(self, step: int) -> float:
        """Return the rate now that this step has been made."""
        now = time.perf_counter()
        since, marked = self._mark
        if now - since >= _RATE_INTERVAL_S:
            self.per_s = (step - marked) / (now - since)
            self._mark = (now, step)
        elif self._mark == self._first_mark and now > since:  # better than nothing to show
            self.per_s = (step - marked) / (now - since)
        return self.per_s
