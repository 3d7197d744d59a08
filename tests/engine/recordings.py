"""Small recordings for tests: made by the real writer, of numbers that are known beforehand."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.recording.about import About, Event, write_about
from engine.recording.checkpoint import Checkpoint, unpacked
from engine.recording.parcel import Parcel
from engine.recording.recording import CHUNK, Recording
from engine.recording.writer import RecordingWriter
from engine.runs.metrics import Float32, metric_names
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.tasks import create_task

CONFIG = TrainingConfig(sequence_length=6, batch_size=4, cell_size=3, device="cpu", steps=20_000)
COLUMNS = metric_names(CONFIG)
DEAD = {"pid": 2**30, "host": "", "started": 0.0}
"""A writer that is no more."""
LAST = 2 * CHUNK + 700
"""Steps of the recordings that tests share."""
FILE = "run.lstmrec"
GATE_NAMES = ("f", "i", "C_tilde", "o", "C", "h")


def about(**more: Any) -> About:
    return About(
        CONFIG, COLUMNS, **{"name": "a run", "started": "2026-01-02T03:04:05.678+00:00", "goal": 20_000, **more}
    )


def counted(first: int, last: int, shift: float = 0.0) -> Float32:
    """Rows of the steps from `first` to `last`: column c of step s is s + c / 16 + shift, exactly."""
    steps = np.arange(first, last + 1, dtype=np.float32)
    return steps[:, None] + np.arange(len(COLUMNS), dtype=np.float32) / 16 + np.float32(shift)


def snapshot(step: int) -> Snapshot:
    """A snapshot in which every number is the step."""

    def filled(*shape: int) -> Float32:
        return np.full(shape, step, dtype=np.float32)

    letters = "fiCo"
    weights = {f"W_{gate}": filled(3, 5) for gate in letters} | {f"b_{gate}": filled(3) for gate in letters}
    gates = {name: filled(6, 3) for name in GATE_NAMES}
    seven = filled(7)
    return Snapshot(step, (weights,), (gates,), filled(6, 2), seven, seven.copy(), seven.copy(), "lstm", filled(6, 1))


def checkpoint(step: int, kept: bool = False) -> Checkpoint:
    arrays = {"network.W": np.full((2, 3), step, dtype=np.float32), "random": np.arange(5, dtype=np.uint8)}
    return Checkpoint(step, CONFIG, arrays, example=4, kept=kept)


def parcels(last: int, size: int = 700, first: int = 1, shift: float = 0.0) -> list[Parcel]:
    """Parcels of `size` steps, each with what was seen, kept and changed after its last step."""
    made = []
    for begin in range(first, last + 1, size):
        end = min(begin + size - 1, last)
        event = Event(end, "2026-01-02T03:04:05.678+00:00", f"learning rate {end}")
        made.append(Parcel([counted(begin, end, shift)], [snapshot(end)], [checkpoint(end, kept=True)], [event]))
    return made


def written(path: Path, items: Iterable[Parcel] = (), **more: Any) -> RecordingWriter:
    """A writer that has written these parcels and goes on."""
    writer = RecordingWriter(path, about(**more), asdict(create_task(CONFIG).facts()))
    for item in items:
        writer.write(item)
    return writer


def closed(path: Path, items: Iterable[Parcel] = (), **more: Any) -> Path:
    written(path, items, **more).close({"state": "stopped"})
    return path


def died(path: Path, items: Iterable[Parcel] = ()) -> Path:
    """A recording whose writer was killed: what lay on the disk before it could close."""
    at_work = path.with_name(f"written-{path.name}")
    writer = written(at_work, [*items, Parcel(about={"writer": DEAD, "state": "running"})])
    for end in ("", "-wal"):
        shutil.copy(f"{at_work}{end}", f"{path}{end}")
    writer.give_up()
    return path


def moved(path: Path, device: str) -> Path:
    """Let a recording be one that a machine with this device has made."""
    config = {"device": device}
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        (about,) = connection.execute("SELECT value FROM about WHERE key = 'config'").fetchone()
        write_about(connection, {"config": json.loads(about) | config})
        for step, data in connection.execute("SELECT step, data FROM checkpoints").fetchall():
            checkpoint = unpacked(data)
            data = replace(checkpoint, config=replace(checkpoint.config, **config)).packed()
            connection.execute("UPDATE checkpoints SET data = ? WHERE step = ?", (data, step))
    return path


def all_rows(path: Path, first: int = 1) -> Float32:
    with Recording(path) as recording:
        blocks = list(recording.rows(first))
        return np.concatenate([np.empty((0, len(recording.columns)), dtype=np.float32), *blocks])


QUESTIONS: dict[str, Callable[[Recording], Any]] = {
    "about": lambda recording: recording.about(),
    "facts": lambda recording: recording.facts(),
    "count": lambda recording: recording.about().steps,
    "rows": lambda recording: list(recording.rows()),
    "later rows": lambda recording: list(recording.rows(4000)),
    "snapshot steps": lambda recording: recording.steps_of("snapshots"),
    "snapshot": lambda recording: recording.snapshot(1000),
    "checkpoint steps": lambda recording: recording.steps_of("checkpoints"),
    "checkpoint": lambda recording: recording.checkpoint(10_000),
    "events": lambda recording: recording.events(),
}
"""Everything that can be asked of a recording."""


def copied(path: Path, folder: Path) -> Path:
    """Copy a recording with what lies beside it."""
    for part in path.parent.glob(f"{path.name}*"):
        shutil.copy(part, folder)
    return folder / path.name


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """As a user who owns nothing: root may read and write everything."""
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(user)
