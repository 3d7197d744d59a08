"""What the verdict's rules propose, tried: whole runs of the adding problem, and the same with what was proposed."""

from __future__ import annotations

from typing import Any

import pytest

from engine.runs.verdict.findings import Outlook
from tests.engine.runs.verdict.made import trained, tried

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
STEPS = 3000
SEEDS = (1, 2, 3)
MET = (Outlook.SOLVED, Outlook.SOLVED_ONCE)

HELPED: dict[str, dict[str, Any]] = {
    "a rate of 1000": {"learning_rate": 1000.0},
    "a rate of 0.1": {"learning_rate": 0.1},
    "a rate of 0.05": {"learning_rate": 0.05},
    "a rate of 0.0003": {"learning_rate": 0.0003},
    "no forget gate": {"clamped": "f=0"},
    "no output": {"clamped": "o=0"},
    "frozen gates": {"frozen": "layer1.W_f layer1.W_i layer1.W_C layer1.W_o"},
    "plain RNN": {"cell": "rnn"},
    "forget bias 0": {"forget_bias": 0.0},
    "forget bias 1": {"forget_bias": 1.0},
    "T = 100": {"sequence_length": 100},
    "dropout": {"dropout": 0.3},
    "plain gradient descent": {"optimizer": "sgd"},
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", HELPED)
def test_a_run_that_is_not_solved_is_solved_with_what_is_proposed(case: str, seed: int) -> None:
    settings = HELPED[case]
    before = trained(STEPS, seed, **settings).verdict(over=True)
    assert before.outlook not in MET
    proposal = tried(before)
    assert proposal is not None
    name, value = proposal
    after = trained(STEPS, seed, **{**settings, name: value})
    assert after.solved_at is not None, after.verdict(over=True)


def test_two_cell_states_are_seldom_enough_and_sixteen_are_in_every_seed() -> None:
    failed = []
    for seed in SEEDS:
        before = trained(STEPS, seed, cell_size=2).verdict(over=True)
        if before.outlook not in MET:
            failed.append(seed)
            assert tried(before) == ("cell_size", 16)
            assert trained(STEPS, seed).solved_at is not None
    assert len(failed) >= 2


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("until", ["steps", "solved"])
def test_a_run_that_was_too_short_is_solved_with_the_steps_that_are_proposed(until: str, seed: int) -> None:
    """Proposed is what counts: more steps, or a higher limit; each is enough for what was on its way."""
    short = {"until": until, "limit": 700}
    before = trained(700, seed, **short).verdict(over=True)
    assert before.outlook not in MET
    proposal = tried(before)
    assert proposal == ("limit" if until == "solved" else "steps", STEPS)
    assert trained(STEPS, seed, **short).solved_at is not None


@pytest.mark.parametrize("seed", range(1, 11))
def test_the_usual_run_is_solved_and_no_rate_is_proposed(seed: int) -> None:
    found = trained(STEPS, seed)
    assert found.solved_at is not None
    proposal = tried(found.verdict(over=True))
    assert proposal is not None
    assert proposal in (("sequence_length", 100), ("until", "solved"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lower_rate_would_make_it_slower(seed: int) -> None:
    usual, lower = trained(STEPS, seed).solved_at, trained(STEPS, seed, learning_rate=0.003).solved_at
    assert usual is not None
    assert lower is None or lower > usual
