"""Real recordings of small runs, for tests of the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.cell.cell import size_in_numbers
from engine.recording.about import About
from engine.recording.parcel import Parcel
from engine.recording.writer import RecordingWriter
from engine.runs.metrics import metric_names
from engine.runs.snapshot import Snapshot, shown_values
from engine.settings.config import TrainingConfig
from engine.tasks import create_task

CONFIG = TrainingConfig(sequence_length=6, batch_size=4, cell_size=3, device="cpu", steps=400)
DEAD = {"pid": 2**30, "host": "", "started": 0.0}
STARTED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def snapshot(config: TrainingConfig, step: int) -> Snapshot:
    """A snapshot whose every gate is a share that tells the step."""
    gates = {name: np.full((6, 3), step / 1000, dtype=np.float32) for name in shown_values(config.made_cell)}
    seven = np.zeros(7, dtype=np.float32)
    probe = np.zeros((6, 2), dtype=np.float32)
    sizes = {"m": 2, "n": 3, "k": 3}
    weights = {
        item.name: np.zeros(size_in_numbers(item.shape, sizes), dtype=np.float32)
        for item in config.made_cell.parameters
    }
    return Snapshot(step, (weights,), (gates,), probe, seven, seven.copy(), seven.copy(), config.cell)


def rows_of_losses(config: TrainingConfig, losses: Sequence[float]) -> np.ndarray[Any, np.dtype[np.float32]]:
    rows = np.zeros((len(losses), len(metric_names(config))), dtype=np.float32)
    rows[:, 0] = losses
    return rows


def writer_of(
    path: Path, config: TrainingConfig = CONFIG, losses: Sequence[float] = (), moments: Sequence[int] = (), **more: Any
) -> RecordingWriter:
    """A recording that is being written by this process."""
    about = About(config, metric_names(config), **{"started": STARTED.isoformat(), "goal": 400, **more})
    writer = RecordingWriter(path, about, asdict(create_task(config).facts()))
    snapshots = [snapshot(config, step) for step in moments]
    rows = [rows_of_losses(config, losses)] if losses else []
    writer.write(Parcel(rows, snapshots, about={"state": "running"}))
    return writer


def recorded(path: Path, config: TrainingConfig = CONFIG, state: str = "finished", **more: Any) -> Path:
    """A recording that was closed."""
    writer_of(path, config, **more).close({"state": state})
    return path


def broken_off(path: Path, losses: Sequence[float]) -> Path:
    """A recording whose writer was killed, with what it left beside it."""
    at_work = path.with_name("at-work")
    writer = writer_of(at_work, losses=losses)
    writer.write(Parcel(about={"writer": DEAD}))
    for end in ("", "-wal"):
        path.with_name(path.name + end).write_bytes(Path(f"{at_work}{end}").read_bytes())
    writer.give_up()
    at_work.unlink()
    return path


def falling(count: int, to: float) -> list[float]:
    return list(np.geomspace(1.0, to, count))
