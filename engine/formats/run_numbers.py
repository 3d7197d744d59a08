"""The numbers of recorded runs: metrics of one or several as one CSV, metrics and gates of one as .npz.

Both are written piece by piece, so that a run of a million steps takes no more memory than a short one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import PlainError
from ..recording.recording import Recording
from ..whole_file import whole_file
from .streamed_npz import StreamedNpz, streamed_npz


class ExportError(PlainError):
    """What cannot be written; one sentence says why."""


def write_metrics(path: Path, runs: Sequence[Path]) -> int:
    """Write the metrics of every step of some runs as CSV; return how many rows there are.

    Columns: run (the name of its file), step, then every metric that any of the runs has. Numbers are the shortest that
    are read back as the same float32; NaN, and what a run does not have, is left empty.
    Raises RecordingError for a run that cannot be read, ExportError for a file that cannot be written.
    """
    columns: list[str] = []
    for run in runs:
        with Recording(run) as recording:
            columns += [name for name in recording.columns if name not in columns]
    names = [run.stem for run in runs] if len({run.stem for run in runs}) == len(runs) else [str(run) for run in runs]
    count = 0
    try:
        with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["run", "step", *columns])
            for name, run in zip(names, runs, strict=True):
                count += _write_rows(file, _quoted(name), run, columns)
    except OSError as error:
        raise _refused(path, error) from error
    return count


def _write_rows(file: io.TextIOBase, name: str, run: Path, columns: Sequence[str]) -> int:
    step = 0
    with Recording(run) as recording:
        there = [name for name in columns if name in recording.columns]
        places = [recording.columns.index(name) for name in there]
        gaps = [there.index(name) if name in there else -1 for name in columns]
        for rows in recording.rows():
            lines = []
            for row in rows[:, places]:
                step += 1
                written = ["" if value != value else str(value) for value in row]
                lines.append(f"{name},{step},{','.join('' if gap < 0 else written[gap] for gap in gaps)}\n")
            file.write("".join(lines))
    return step


def _quoted(name: str) -> str:
    """Return a name as CSV has it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([name])
    return text.getvalue()


def write_run(path: Path, run: Path) -> tuple[int, int]:
    """Write a run as .npz; return how many steps and how many snapshots it has.

    "metrics.step" (steps,) and "metrics.loss" … (steps,) of every step; "snapshots.step" (snapshots,); "x" (snapshots,
    T, m), the probe sequence, "gates.layer1.f" … (snapshots, T, k) and "answers" (snapshots, T, outputs); where probes
    differ in length, shorter ones end in NaN. Raises RecordingError and ExportError.
    """
    try:
        with streamed_npz(path) as arrays, Recording(run) as recording:
            steps = _add_metrics(arrays, recording)
            moments = recording.steps_of("snapshots")
            arrays.append("snapshots.step", np.array(moments, dtype=np.int64))
            for step in moments:
                _add_snapshot(arrays, recording, step)
    except OSError as error:
        raise _refused(path, error) from error
    return steps, len(moments)


def _add_metrics(arrays: StreamedNpz, recording: Recording) -> int:
    steps = 0
    for rows in recording.rows():
        arrays.append("metrics.step", np.arange(steps + 1, steps + 1 + len(rows), dtype=np.int64))
        for place, name in enumerate(recording.columns):
            arrays.append(f"metrics.{name}", rows[:, place])
        steps += len(rows)
    return steps


def _add_snapshot(arrays: StreamedNpz, recording: Recording, step: int) -> None:
    snapshot = recording.snapshot(step, near=False)
    if snapshot is None:
        return
    arrays.append_sequence("x", snapshot.probe)
    for number, gates in enumerate(snapshot.gates, 1):
        for name, values in gates.items():
            arrays.append_sequence(f"gates.layer{number}.{name}", values)
    if snapshot.answers.size:
        arrays.append_sequence("answers", snapshot.answers)


def _refused(path: Path, error: OSError) -> ExportError:
    return ExportError(f"{path} cannot be written ({error.strerror}); choose another place.")
