"""Every state of a verdict, shown by networks that are really trained; a table of what was said goes to the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.runs.verdict.findings import Outlook
from tests.engine.runs.verdict.made import trained

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Shown:
    """Settings of a run, and whether no more steps come."""

    steps: int
    settings: Mapping[str, Any]
    over: bool = True


STATES: dict[Outlook, Shown] = {
    Outlook.SOLVED: Shown(450, {"batch_size": 50, "cell_size": 8, "sequence_length": 4}),
    Outlook.LEARNING: Shown(300, {"batch_size": 50, "cell_size": 8, "sequence_length": 10, "clamped": "o=1"}),
    Outlook.NOT_LEARNING: Shown(3000, {"cell": "rnn"}),
    Outlook.DIVERGED: Shown(12, {"learning_rate": 1000.0}),
    Outlook.OVERFITTING: Shown(350, {"task": "series", "sequence_length": 10, "batch_size": 16, "cell_size": 32}),
    Outlook.TOO_EARLY: Shown(40, {}, over=False),
    Outlook.NO_CRITERION: Shown(300, {"task": "sine"}),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("outlook", STATES)
def test_a_run_of_each_state(outlook: Outlook, seed: int, tmp_path: Path) -> None:
    shown = STATES[outlook]
    settings = dict(shown.settings)
    if settings.get("task") == "series":  # a random walk of few rows, whose end stays where it has been before
        walk = np.random.default_rng(5).normal(size=210)[90:].cumsum()
        path = tmp_path / "walk.csv"
        path.write_text("row,value\n" + "".join(f"{row},{value}\n" for row, value in enumerate(walk)))
        settings |= {"series_file": str(path), "series_column": "value"}
    verdict = trained(shown.steps, seed, **settings).verdict(shown.over)
    print(
        f"\n| {outlook} | {shown.settings}, {shown.steps} steps, seed {seed} | {verdict.sentence}. {verdict.reason} |"
    )
    assert verdict.outlook is outlook


def test_solved_once_and_no_longer() -> None:
    """Of ten seeds of the adding problem, as it is set at first, several have lost it again at step 3,000."""
    found = [trained(3000, seed).verdict(over=True) for seed in range(1, 11)]
    for seed, verdict in enumerate(found, 1):
        print(f"\n| seed {seed} | {verdict.sentence} |")
    assert {verdict.outlook for verdict in found} <= {Outlook.SOLVED, Outlook.SOLVED_ONCE}
    assert found[0].sentence == "Solved at step 1,138; at step 3,000 no longer"
