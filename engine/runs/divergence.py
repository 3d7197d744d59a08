"""Detects that a run has diverged: the first step whose loss is not finite, and the last finite gradient norm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..text.numbers import brief
from .metrics import Metrics


@dataclass
class Divergence:
    """Sees the metrics of every step in their order. sentence: of the first that is lost; "" while none is.

    count: steps seen, or made before. step: the first whose loss is no finite number. last_norm: the last finite
    gradient norm before it, with its step.
    """

    count: int = 0
    sentence: str = ""
    step: int | None = None
    last_norm: tuple[int, float] | None = None

    def see(self, metrics: Metrics) -> bool:
        """See the metrics of the next steps; return whether a loss among them is no finite number."""
        first = self.count + 1
        self.count += len(metrics)
        lost, norms = metrics.lost, metrics["grad_norm"]
        known = np.flatnonzero(np.isfinite(norms[:lost]))
        if known.size and self.step is None:
            self.last_norm = first + int(known[-1]), float(norms[known[-1]])
        if lost is not None and self.step is None:
            self.step = first + lost
            self.sentence = self._of(first + lost, float(metrics["loss"][lost]))
        return lost is not None

    def _of(self, step: int, loss: float) -> str:
        last = "no gradient norm before it was finite"
        if self.last_norm is not None:
            last = f"the last finite gradient norm was {brief(self.last_norm[1])}, at step {self.last_norm[0]:,}"
        return (
            f"The loss became {'NaN' if np.isnan(loss) else 'infinite'} at step {step:,}; {last}. "
            "Lower the learning rate or switch clipping on, and start over."
        )
