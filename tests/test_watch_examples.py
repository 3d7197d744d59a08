"""The two programs that show how to watch one's own training, run as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from engine.recording.library import run_of
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


WATCHING = """
import torch
from torch import nn
from lstm_visualizer import watch

lstm = nn.LSTM(2, 3)
watcher = watch(lstm, torch.zeros(4, 2), "run.lstmrec", goal=10**9)
while True:
    watcher.step(1.0)
"""


def test_what_a_killed_process_has_recorded_is_read(tmp_path: Path) -> None:
    checkout = ROOT / "resources" / "packaging" / "checkout"
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    process = subprocess.Popen([sys.executable, "-c", WATCHING], cwd=tmp_path, env=environment)
    path, steps = tmp_path / "run.lstmrec", 0
    try:
        while not steps:
            time.sleep(0.05)
            steps = run_of(path).steps if path.exists() else 0
            assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    assert run_of(path).state == "interrupted"
    run = read_run(path)
    assert run.history.count >= steps
    assert run.history.last_snapshot is not None
