"""Detects that a run has diverged: the first step whose loss is not finite, and the last finite gradient norm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .metrics import Metrics


@dataclass
class Divergence:
    """Sees the metrics of every step in their order. sentence: of the first that is lost; "" while none is.

    count: steps seen, or made before.
    """

    count: int = 0
    sentence: str = ""
    _last_norm: tuple[int, float] | None = None
    """The last finite gradient norm and its step."""

    def see(self, metrics: Metrics) -> bool:
        """See the metrics of the next steps; return whether a loss among them is no finite number."""
        first = self.count + 1
        self.count += len(metrics)
        lost, norms = metrics.lost, metrics["grad_norm"]
        known = np.flatnonzero(np.isfinite(norms[:lost]))
        if known.size:
            self._last_norm = first + int(known[-1]), float(norms[known[-1]])
        if lost is not None and not self.sentence:
            self.sentence = self._of(first + lost, float(metrics["loss"][lost]))
        return lost is not None

    def _of(self, step: int, loss: float) -> str:
        last = "no gradient norm before it was finite"
        if self._last_norm is not None:
            last = f"the last finite gradient norm was {self._last_norm[1]:.3g}, at step {self._last_norm[0]}"
        return (
            f"The loss became {'NaN' if np.isnan(loss) else 'infinite'} at step {step}; {last}. "
            "Lower the learning rate or switch clipping on, and start over."
        )
