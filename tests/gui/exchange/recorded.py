"""A small run for pictures and films, recorded once."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from engine.settings.config import TrainingConfig
from tests.gui.runs.test_travel import record

SETTINGS = TrainingConfig(hidden_size=4, batch_size=8, sequence_length=6, steps=60, device="cpu", worker="thread")


@cache
def small_run() -> Path:
    """Return the recording of a run of 60 steps."""
    return record(Path(mkdtemp()) / "small.lstmrec", SETTINGS)
