"""What recordings cost: the speed of the training, the size of a long run, opening it, going to any of its steps.

Run as `python -m tests.benchmarks.recording SECONDS ROUNDS`; prints one line of JSON. Both runs of
`recorded_in_turns` live at the same time and one of them is always paused, as in `tests.benchmarks.live`; for a
comparison step by step, which the machine's host disturbs less, see `tests.benchmarks.recorded_steps`.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.recording.checkpoint import Checkpoint
from engine.recording.parcel import Parcel, Spacing
from engine.recording.recording import Recording
from engine.recording.writer import RecordingWriter
from engine.runs.history import KEPT, History
from engine.runs.metrics import Float32
from engine.runs.snapshot import Snapshot
from engine.session.recorder import RecordTo, about_run
from tests.benchmarks.training import CONFIG
from tests.benchmarks.turns import Turns

LONG = 1_000_000
"""Steps of the long run."""
_PARCEL_STEPS = 1500  # what a training of this size makes in half a second
_REAL_STEPS = 4096  # computed; the long run is made of their numbers
_VISITS = 50
_BEGINNING_S = 8.0
_SNAPSHOT_BYTES, _CHECKPOINT_BYTES = 100e6, 60e6  # as engine.session.recorder spends them


def recorded_in_turns(seconds: float, rounds: int) -> dict[str, Any]:
    """Throughput of a run that is recorded over that of the same run without, the median of alternating turns."""
    with tempfile.TemporaryDirectory() as folder:
        recorded = Turns(CONFIG, RecordTo(Path(folder) / "bench.lstmrec"))
        unrecorded = Turns(CONFIG)
        for turns_of in (recorded, unrecorded):  # beyond what a recording may take once, at its beginning
            turns_of.run(_BEGINNING_S)
        turns = []
        for number in range(rounds):
            first, second = (recorded, unrecorded) if number % 2 else (unrecorded, recorded)
            found = {first: first.run(seconds), second: second.run(seconds)}
            turns.append((found[recorded], found[unrecorded]))
        recorded.end()
        unrecorded.end()
    ratios = [ours / theirs for ours, theirs in turns]
    cpu = [ours / theirs for ours, theirs in zip(recorded.per_cpu_s[1:], unrecorded.per_cpu_s[1:], strict=True)]
    detail = {
        "ratios": ratios,
        "ratio_per_cpu_second": statistics.median(cpu),
        "ratios_per_cpu_second": cpu,
        "recorded_steps_per_s": [ours for ours, _ in turns],
        "unrecorded_steps_per_s": [theirs for _, theirs in turns],
    }
    return {"value": statistics.median(ratios), "unit": "ratio", "detail": detail}


def _real_run() -> tuple[Any, Float32, Snapshot, Checkpoint]:
    """Train for a moment: a trainer, the metrics of its steps, and what it looked like after them."""
    from engine.runs.observation import FLOW, OBSERVED, SAMPLE
    from engine.training.placement import warm_up
    from engine.training.trainer import Trainer

    warm_up(CONFIG)
    trainer = Trainer(CONFIG)
    for _ in range(_REAL_STEPS - 1):
        trainer.step()
    trainer.look_closely()
    trainer.step()
    return trainer, trainer.drain().values, trainer.snapshot(frozenset({FLOW, OBSERVED, SAMPLE})), trainer.checkpoint()


def write_long_run(path: Path) -> tuple[float, int, int]:
    """Write a run of LONG steps as training would; return the seconds, and how many snapshots and checkpoints.

    The columns are those of CONFIG; its numbers are those of real steps, each a little changed, so that no two
    blocks are alike. Snapshots and checkpoints are real, at the steps where a run of this size has them.
    """
    trainer, real, snapshot, checkpoint = _real_run()
    rng = np.random.default_rng(1)
    facts = asdict(trainer.task.facts())
    writer = RecordingWriter(path, about_run(trainer, "bench", 1, LONG, "a long run"), facts)
    snapshots_at, kept_at = Spacing(_SNAPSHOT_BYTES, 0), Spacing(_CHECKPOINT_BYTES, 0)
    counts = [0, 0]
    begin = time.perf_counter()
    for first in range(1, LONG + 1, _PARCEL_STEPS):
        last = min(first + _PARCEL_STEPS - 1, LONG)
        rows = real[rng.integers(0, len(real) - _PARCEL_STEPS) :][: last - first + 1]
        rows = rows * rng.uniform(0.9, 1.1, rows.shape).astype(np.float32)
        seen, kept = [], []
        while snapshots_at.next <= last:
            step = snapshots_at.next
            seen.append(_noisy(snapshot, step, rng))
            snapshots_at.took(step, snapshot.nbytes)
        while kept_at.next <= last:
            step = kept_at.next
            kept.append(replace(checkpoint, step=step, kept=True))
            kept_at.took(step, checkpoint.nbytes)
        counts = [counts[0] + len(seen), counts[1] + len(kept)]
        newest = replace(checkpoint, step=last, kept=False)
        writer.write(Parcel([rows], seen, [*kept, newest]))
    writer.close({"state": "finished"})
    return time.perf_counter() - begin, counts[0], counts[1]


def _noisy(snapshot: Snapshot, step: int, rng: np.random.Generator) -> Snapshot:
    """Return a snapshot of another step, whose numbers are a little changed."""

    def changed(layers: Any) -> Any:
        return tuple(
            {name: array * rng.uniform(0.9, 1.1, array.shape).astype(np.float32) for name, array in layer.items()}
            for layer in layers
        )

    return replace(snapshot, step=step, weights=changed(snapshot.weights), gates=changed(snapshot.gates))


def open_long_run(path: Path) -> float:
    """Return the seconds until a window has everything that it draws of a run: its facts, history and last snapshot."""
    begin = time.perf_counter()
    with Recording(path) as recording:
        recording.about()
        history = History(recording.columns, keep=KEPT)
        for rows in recording.rows():
            history.append(rows)
        recording.events()
        snapshot = recording.snapshot(recording.steps_of("snapshots")[-1])
    took = time.perf_counter() - begin
    if history.count != LONG or snapshot is None:
        raise RuntimeError(f"{history.count} steps were found of {LONG}")
    return took


def visit(path: Path, step: int) -> float:
    """Return the seconds for what is shown of a run at one step: its snapshot, and the checkpoint before."""
    begin = time.perf_counter()
    with Recording(path) as recording:
        snapshot, checkpoint = recording.snapshot(step), recording.checkpoint(step)
    took = time.perf_counter() - begin
    if snapshot is None or checkpoint is None:
        raise RuntimeError(f"nothing was recorded of step {step}")
    return took


def long_run() -> dict[str, dict[str, Any]]:
    """Size of a long run, the time to open it, and the longest time to go to one of its steps."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.lstmrec"
        seconds, snapshots, checkpoints = write_long_run(path)
        size = path.stat().st_size / 1e6
        opened = [open_long_run(path) for _ in range(5)]
        steps = np.random.default_rng(2).integers(1, LONG, _VISITS)
        visits = [visit(path, int(step)) * 1000 for step in steps]
    about = {"steps": LONG, "snapshots": snapshots, "checkpoints": checkpoints, "writing_s": seconds}
    return {
        "recording_million_mb": {"value": size, "unit": "MB", "detail": about},
        "recording_open_s": {"value": statistics.median(opened), "unit": "s", "detail": {"rounds": opened}},
        "recording_visit_ms": {
            "value": max(visits),
            "unit": "ms",
            "detail": {"median_ms": statistics.median(visits), "visits": _VISITS},
        },
    }


if __name__ == "__main__":
    in_turns = recorded_in_turns(float(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({"recorded_over_unrecorded_in_turns": in_turns, **long_run()}))
