"""The two programs that show how to watch one's own training, run as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from engine.recording.recorded_run import read_run

ROOT = Path(__file__).parents[1]
STEPS = 12


@pytest.mark.parametrize(
    ("program", "recording"),
    [
        ("plain_torch.py", "adding.lstmrec"),
        pytest.param(
            "with_lightning.py",
            "sine.lstmrec",
            marks=pytest.mark.skipif(find_spec("lightning") is None, reason="lightning is not installed here"),
        ),
    ],
)
def test_an_example_records_its_training(program: str, recording: str, tmp_path: Path) -> None:
    example = ROOT / "resources" / "examples" / "watch" / program
    checkout = ROOT / "resources" / "packaging" / "checkout"
    done = subprocess.run(
        [sys.executable, str(example), str(STEPS)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"Recorded in {recording}" in done.stdout
    assert "watched no longer" not in done.stderr
    run = read_run(tmp_path / recording)
    assert run.about.steps == run.about.goal == STEPS
    assert run.about.state == "finished"
    assert np.isfinite(run.history.column("loss")).all()
    assert np.isfinite(run.history.column("grad_norm")[0])
    assert run.history.last_snapshot is not None
    assert run.history.last_snapshot.step == STEPS


def test_the_guide_shows_the_call_that_there_is() -> None:
    guide = (ROOT / "resources" / "guide" / "watching.md").read_text("utf-8")
    assert 'watch(model.lstm, probe=x, record="run.lstmrec")' in guide
