"""The command `main.py show`: prints what a recording contains."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import one_line
from ..file_kinds import RECORDING
from ..recording.about import Event, RecordingError
from ..recording.judged import verdict_of
from ..recording.library import Run, run_of
from ..recording.lock import who
from ..recording.recording import Recording
from ..runs.verdict.judging import Verdict
from ..settings.config import TrainingConfig, settings
from ..tasks.held_out import HeldOut
from ..text import numbers
from ..text.amounts import bytes_in_words
from .printing import finite, print_json
from .runs import length_words, loss_words, run_members


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py show` can be told."""
    parser.add_argument("file", type=Path, help=f"a recording ({RECORDING.suffix})")
    parser.add_argument("--json", action="store_true", help="JSON instead of a list")


@dataclass(frozen=True)
class Contents:
    """What a recording holds, beside what its Run says: steps with snapshots and checkpoints, and what was changed.

    read: sentences on how the data were read. verdict: None where no step was made.
    """

    run: Run
    snapshots: Sequence[int]
    checkpoints: Sequence[int]
    events: Sequence[Event]
    read: Sequence[str]
    verdict: Verdict | None


def contents_of(path: Path) -> Contents:
    """Return what a recording holds; raises RecordingError."""
    run = run_of(path)
    if run.about is None:
        raise RecordingError(run.problem)
    with Recording(path) as recording:
        facts = recording.facts()
        read = facts.notes if facts is not None else ()
        verdict = verdict_of(recording, over=not run.written)
        steps = recording.steps_of("snapshots"), recording.steps_of("checkpoints")
        return Contents(run, *steps, recording.events(), read, verdict)


def run(options: argparse.Namespace) -> int:
    """Print what a recording holds; return the exit status."""
    contents = contents_of(options.file)
    if options.json:
        print_json(contents_members(contents))
    else:
        for line in contents_lines(contents):
            print(one_line(line))
    return 0


def changed_settings(config: TrainingConfig) -> dict[str, Any]:
    """Return the settings that are not at their default, by name, and the task always."""
    defaults = {setting.name: setting.default for setting in settings()}
    return {name: value for name, value in asdict(config).items() if name == "task" or value != defaults[name]}


def contents_members(contents: Contents) -> dict[str, Any]:
    """Return what the JSON says about a recording: its run's members, all settings, and what else it holds."""
    about = contents.run.about
    if about is None:
        raise ValueError("a recording that can be read was expected")
    return {
        **run_members(contents.run),
        "last_loss": finite(about.last_loss),
        "settings": asdict(about.config),
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
        "verdict": contents.verdict.members if contents.verdict else None,
    }


def contents_lines(contents: Contents) -> Iterator[str]:
    """Yield the lines that a person reads."""
    run, about = contents.run, contents.run.about
    if about is None:
        return
    changed = ", ".join(
        f"{name} = {numbers.in_full(value) if isinstance(value, float) else value}"
        for name, value in changed_settings(about.config).items()
    )
    writer = f"is being written by {who(about.writer)}" if run.written else run.state
    facts = [
        ("state", writer),
        ("settings", _elsewhere_words(run) or f"{changed}; the others at their defaults"),
        ("steps", f"{about.steps:,}" + (f" of {about.goal:,}" if about.goal else "")),
        ("loss", f"best {loss_words(about.best_loss)} (mean of 100 steps), last {loss_words(about.last_loss)}"),
        ("verdict", _verdict_words(contents.verdict)),
        ("try next", contents.verdict.advice if contents.verdict else ""),
        ("held out", _held_out_words(run.held_out)),
        ("began", f"{run.started.astimezone():%Y-%m-%d %H:%M:%S}, {length_words(run.seconds)} to the last step"),
        ("data", " ".join(contents.read)),
        ("resumed", ", ".join(f"after step {step:,}" for step in about.resumed)),
        ("ran in", about.place + (f", {about.ranks} processes" if about.ranks > 1 else "")),
        ("versions", ", ".join(f"{name} {version}" for name, version in about.versions.items())),
        ("snapshots", _steps_words(contents.snapshots)),
        ("checkpoints", _steps_words(contents.checkpoints)),
        ("notes", run.notes),
        ("size", bytes_in_words(run.nbytes) + (", pinned" if run.pinned else "")),
    ]
    yield run.title
    for name, text in facts:
        if text:
            yield f"  {name:12}{text}"
    for event in contents.events:
        yield f"  {'changed':12}after step {event.step:,}: {event.words}"


def _elsewhere_words(run: Run) -> str:
    """Return what is known of a network that was not trained here; "" of any other."""
    return f"{run.task}: {run.sizes}; of its training no more is known" if run.is_elsewhere else ""


def _held_out_words(held_out: HeldOut | None) -> str:
    if held_out is None:
        return ""
    verdict = "better than" if held_out.is_below_trivial else "not better than"
    return (
        f"{held_out.measure_name} {numbers.grouped(held_out.measure)} on {held_out.rows:,} held-out rows (training "
        f"never sees them); {held_out.trivial_name}: {numbers.grouped(held_out.trivial)} ({verdict} the trivial answer)"
    )


def _verdict_words(verdict: Verdict | None) -> str:
    return f"{verdict.sentence}. {verdict.reason}".rstrip() if verdict is not None else ""


def _steps_words(steps: Sequence[int]) -> str:
    if not steps:
        return "none"
    if len(steps) == 1:
        return f"1, at step {steps[0]:,}"
    return f"{len(steps):,}, from step {steps[0]:,} to {steps[-1]:,}"
