"""The verdict on a network whose task nobody here knows: by its loss alone."""

import numpy as np
import pytest

from engine.runs.metrics import Metrics, metric_names
from engine.runs.verdict.findings import Outlook
from engine.runs.verdict.judging import UNKNOWN, Judging, Verdict
from engine.setting import ELSEWHERE
from engine.settings.config import TrainingConfig
from engine.tasks.elsewhere import facts_elsewhere

CONFIG = TrainingConfig(task=ELSEWHERE)
NAMES = metric_names(CONFIG)


def judged(losses: np.ndarray, over: bool = False) -> Verdict:
    judging = Judging(CONFIG, facts_elsewhere(2))
    rows = np.full((len(losses), len(NAMES)), np.nan, dtype=np.float32)
    rows[:, 0] = losses
    judging.see(Metrics(NAMES, rows))
    return judging.verdict(over)


NOISE = np.random.default_rng(1).normal(0, 0.01, 3000)


@pytest.mark.parametrize(
    ("losses", "over", "outlook", "said"),
    [
        (np.linspace(0.9, 0.1, 500), False, Outlook.FALLING, "The loss is falling: 0.1"),
        (
            np.full(3000, 0.2) + NOISE + 0.7 * (np.arange(3000) < 9),
            True,
            Outlook.NOT_FALLING,
            "has stopped falling: 0.2",
        ),
        (np.linspace(0.69, 0.75, 3000), False, Outlook.NOT_FALLING, "The loss has not fallen: 0.7"),
        (np.linspace(0.69, 0.75, 300), False, Outlook.TOO_EARLY, "has not fallen yet, after 300 steps"),
        (np.linspace(0.69, 0.75, 5), False, Outlook.TOO_EARLY, "5 of the 63 steps"),
        (np.geomspace(0.69, 1e6, 300), False, Outlook.DIVERGED, "Diverged at step"),
        (np.append(np.linspace(0.69, 0.1, 300), np.nan), False, Outlook.DIVERGED, "no longer a finite number"),
    ],
)
def test_a_loss_alone_is_judged_by_how_it_falls(losses: np.ndarray, over: bool, outlook: Outlook, said: str) -> None:
    verdict = judged(losses, over)
    assert verdict.outlook is outlook
    assert said in verdict.sentence
    assert verdict.to_try is None  # nobody here knows its settings
    if outlook is not Outlook.TOO_EARLY:
        assert verdict.advice == UNKNOWN
    words = f"{verdict.sentence} {verdict.reason}"
    assert "trivial" not in words
    assert "nan" not in words
    assert "rate" not in words
    assert Verdict.of(verdict.members) == verdict
