"""What is said of the first loss that is no finite number."""

from __future__ import annotations

import numpy as np

from engine.runs.divergence import Divergence
from engine.runs.metrics import Metrics

NAMES = ("loss", "grad_norm")


def test_the_first_step_is_told_whose_loss_is_lost_and_the_last_norm_before_it() -> None:
    found = Divergence(count=12_000)
    assert not found.see(Metrics(NAMES, np.array([[0.5, 3e8], [0.4, np.inf]], np.float32)))
    assert found.see(Metrics(NAMES, np.array([[np.nan, 2.0], [np.inf, 2.0]], np.float32)))
    assert found.step == 12_003
    assert found.sentence.startswith(
        "The loss became NaN at step 12,003; the last finite gradient norm was 3·10⁸, at step 12,001. Lower"
    )
    assert found.see(Metrics(NAMES, np.array([[np.inf, 1.0]], np.float32)))
    assert "at step 12,003" in found.sentence  # the first is told


def test_a_loss_that_is_lost_at_once_has_no_norm_before_it() -> None:
    found = Divergence()
    assert found.see(Metrics(NAMES, np.array([[np.inf, np.nan]], np.float32)))
    assert found.sentence.startswith("The loss became infinite at step 1; no gradient norm before it was finite.")
