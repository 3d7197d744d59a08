"""The commands `main.py runs`, which lists the library, and `main.py show`, which says what a recording holds."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ..errors import one_line
from ..recording.library import Library, Run, run_of, runs_folder
from ..recording.lock import who
from ..recording.recording import Event, Recording, RecordingError
from ..settings.config import TrainingConfig, settings
from ..tasks.held_out import HeldOut
from ..text import numbers
from .status import BAD_INPUT

_NO_RUNS = "There are no recorded runs in {folder}; make one with: main.py train --task adding --steps 1000"


def runs(*, as_json: bool = False) -> int:
    """Print every recording of the library, the newest first; return the exit status."""
    try:
        library = Library(runs_folder())
        found = library.runs()
    except RecordingError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    if as_json:
        _print_json([run_members(run) for run in found])
        return 0
    if not found:
        print(one_line(_NO_RUNS.format(folder=library.folder)))
        return 0
    for line in table([_HEADS, *(tuple(map(one_line, _row(run))) for run in found)]):
        print(line)
    size = size_words(sum(run.nbytes for run in found))
    print(one_line(f"{len(found):,} run{'s' * (len(found) != 1)}, {size}, in {library.folder}"))
    return 0


def run_members(run: Run) -> dict[str, Any]:
    """Return what the JSON says about one recording; null for what is not known."""
    config = run.about.config if run.about else None
    return {
        "file": str(run.path),
        "title": run.title,
        "state": run.state,
        "task": config.task if config else None,
        "sizes": run.sizes or None,
        "seed": run.seed,
        "device": run.device or None,
        "steps": run.steps,
        "goal": run.about.goal if run.about else None,
        "best_loss": _finite(run.best_loss),
        "held_out": run.held_out.members if run.held_out else None,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "bytes": run.nbytes,
        "written": run.written,
        "pinned": run.pinned,
        "notes": run.notes,
        "problem": run.problem,
    }


_HEADS = ("started", "title", "state", "steps", "best loss", "length", "seed", "device", "size", "file")


def _row(run: Run) -> tuple[str, ...]:
    began = f"{run.started.astimezone():%Y-%m-%d %H:%M}"
    size = size_words(run.nbytes)
    if run.about is None:
        return began, run.title, "cannot be read", "", "", "", "", "", size, run.path.name
    pin = " (pinned)" if run.pinned else ""
    return (
        began,
        f"{run.title}{pin}",
        run.state,
        f"{run.steps:,}",
        loss_words(run.best_loss),
        length_words(run.seconds),
        str(run.seed),
        run.device,
        size,
        run.path.name,
    )


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield lines with columns of one width, the last as it is."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield "  ".join([*cells, row[-1]])


@dataclass(frozen=True)
class Contents:
    """What a recording holds, beside what its Run says: steps with snapshots and checkpoints, and what was changed.

    read: sentences on how the data were read.
    """

    run: Run
    snapshots: Sequence[int]
    checkpoints: Sequence[int]
    events: Sequence[Event]
    read: Sequence[str]


def contents_of(path: Path) -> Contents:
    """Return what a recording holds; raises RecordingError."""
    run = run_of(path)
    if run.about is None:
        raise RecordingError(run.problem)
    with Recording(path) as recording:
        facts = recording.facts()
        read = facts.notes if facts is not None else ()
        return Contents(run, recording.snapshot_steps(), recording.checkpoint_steps(), recording.events(), read)


def show(file: Path, *, as_json: bool = False) -> int:
    """Print what a recording holds; return the exit status."""
    try:
        contents = contents_of(file)
    except RecordingError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    if as_json:
        _print_json(contents_members(contents))
    else:
        for line in contents_lines(contents):
            print(one_line(line))
    return 0


def changed_settings(config: TrainingConfig) -> dict[str, Any]:
    """Return the settings that are not at their default, by name, and the task always."""
    values = {setting.name: getattr(config, setting.name) for setting in settings()}
    return {
        item.name: values[item.name] for item in settings() if item.name == "task" or values[item.name] != item.default
    }


def contents_members(contents: Contents) -> dict[str, Any]:
    """Return what the JSON says about a recording: its run's members, all settings, and what else it holds."""
    about = contents.run.about
    if about is None:
        raise ValueError("a recording that can be read was expected")
    return {
        **run_members(contents.run),
        "last_loss": _finite(about.last_loss),
        "settings": {setting.name: getattr(about.config, setting.name) for setting in settings()},
        "changed_settings": changed_settings(about.config),
        "place": about.place,
        "ranks": about.ranks,
        "versions": dict(about.versions),
        "columns": list(about.columns),
        "read": list(contents.read),
        "resumed": list(about.resumed),
        "snapshots": list(contents.snapshots),
        "checkpoints": list(contents.checkpoints),
        "events": [{"step": event.step, "at": event.at, "words": event.words} for event in contents.events],
    }


def contents_lines(contents: Contents) -> Iterator[str]:
    """Yield the lines that a person reads."""
    run, about = contents.run, contents.run.about
    if about is None:
        return
    changed = ", ".join(f"{name} = {value}" for name, value in changed_settings(about.config).items())
    writer = f"is being written by {who(about.writer)}" if run.written else run.state
    facts = [
        ("state", writer),
        ("settings", f"{changed}; the others at their defaults"),
        ("steps", f"{about.steps:,} of {about.goal:,}"),
        ("loss", f"best {loss_words(about.best_loss)} (mean of 100 steps), last {loss_words(about.last_loss)}"),
        ("held out", _held_out_words(run.held_out)),
        ("began", f"{run.started.astimezone():%Y-%m-%d %H:%M:%S}, {length_words(run.seconds)} to the last step"),
        ("data", " ".join(contents.read)),
        ("resumed", ", ".join(f"after step {step:,}" for step in about.resumed)),
        ("ran in", about.place + (f", {about.ranks} processes" if about.ranks > 1 else "")),
        ("versions", ", ".join(f"{name} {version}" for name, version in about.versions.items())),
        ("snapshots", _steps_words(contents.snapshots)),
        ("checkpoints", _steps_words(contents.checkpoints)),
        ("notes", run.notes),
        ("size", size_words(run.nbytes) + (", pinned" if run.pinned else "")),
    ]
    yield run.title
    for name, text in facts:
        if text:
            yield f"  {name:12}{text}"
    for event in contents.events:
        yield f"  {'changed':12}after step {event.step:,}: {event.words}"


def _held_out_words(held_out: HeldOut | None) -> str:
    if held_out is None:
        return ""
    verdict = "below" if held_out.is_below_trivial else "not below"
    return (
        f"{held_out.measure_name} {numbers.grouped(held_out.measure)} on {held_out.rows:,} rows that training never "
        f"sees; {held_out.trivial_name}: {numbers.grouped(held_out.trivial)} ({verdict} the trivial answer)"
    )


def _steps_words(steps: Sequence[int]) -> str:
    if not steps:
        return "none"
    return f"{len(steps):,}, of step {steps[0]:,}" + (f" to {steps[-1]:,}" if len(steps) > 1 else "")


def loss_words(loss: float) -> str:
    """Return a loss as a table shows it, "–" where there is none."""
    return "–" if math.isnan(loss) else f"{loss:.4g}"


def length_words(seconds: float) -> str:
    """Return a time such as 0:01:05 in hours, minutes and seconds."""
    return str(timedelta(seconds=round(seconds)))


def size_words(nbytes: int) -> str:
    """Return a size such as "1.3 MB"."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if nbytes >= size:
            return f"{nbytes / size:.1f} {unit}"
    return f"{-(-nbytes // 1000)} kB"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _print_json(members: Any) -> None:
    json.dump(members, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    print()
