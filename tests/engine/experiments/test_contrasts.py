"""The runs that were trained before: small, trained as they say, and with the verdicts that their sentences claim."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.experiments.contrasts import CONTRASTS, LARGEST_BYTES
from engine.recording.judged import verdict_of
from engine.recording.recorded_run import read_run
from engine.recording.recording import Recording
from engine.settings.config import TrainingConfig

STATES = {
    "low": "not learning",
    "right": "solved",
    "high": "not learning",
    "forget-0": "not learning",
    "forget-1": "learning",
}


@pytest.mark.parametrize("name", CONTRASTS)
def test_a_recording_ships_that_was_trained_with_these_settings(name: str) -> None:
    contrast = CONTRASTS[name]
    assert contrast.path.stat().st_size <= LARGEST_BYTES
    run = read_run(contrast.path)
    settings = replace(TrainingConfig(), **contrast.settings)  # type: ignore[arg-type]  # checked by their names
    for setting in contrast.settings:
        assert getattr(run.about.config, setting) == getattr(settings, setting), setting


@pytest.mark.parametrize("name", CONTRASTS)
def test_its_verdict_is_what_the_sentence_says(name: str) -> None:
    with Recording(CONTRASTS[name].path) as recording:
        verdict = verdict_of(recording, over=True)
    assert verdict is not None
    assert str(verdict.outlook) == STATES[name]


def test_what_belongs_together_differs_in_one_setting() -> None:
    first, second = CONTRASTS["forget-0"].settings, CONTRASTS["forget-1"].settings
    assert {key for key in first if first[key] != second[key]} == {"forget_bias"}
    rates = [CONTRASTS[name].settings for name in ("low", "right", "high")]
    for other in rates[1:]:
        apart = {key for key in {*rates[0], *other} if rates[0].get(key) != other.get(key)}
        assert apart <= {"learning_rate", "until", "limit"}  # the one that is solved stops there
    assert round(0.5**20 * 1e6) == 1  # as the sentence says
