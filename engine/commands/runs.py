"""The command `main.py runs`: lists the library."""

from __future__ import annotations

import argparse
import math
from datetime import timedelta
from typing import Any

from ..errors import one_line
from ..recording.folder import runs_folder
from ..recording.library import Library, Run
from ..text import numbers
from ..text.amounts import bytes_in_words
from .printing import finite, print_json, table

_NO_RUNS = "There are no recorded runs in {folder}; make one with: main.py train --task adding --steps 1000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py runs` can be told."""
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")


def run(options: argparse.Namespace) -> int:
    """Print every recording of the library, the newest first; return the exit status."""
    library = Library(runs_folder())
    found = library.runs()
    if options.json:
        print_json([run_members(run) for run in found])
        return 0
    if not found:
        print(one_line(_NO_RUNS.format(folder=library.folder)))
        return 0
    for line in table([_HEADS, *(tuple(map(one_line, _row(run))) for run in found)]):
        print(line)
    size = bytes_in_words(sum(run.nbytes for run in found))
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
        "best_loss": finite(run.best_loss),
        "held_out": run.held_out.members if run.held_out else None,
        "verdict": run.verdict.members if run.verdict else None,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "bytes": run.nbytes,
        "written": run.written,
        "pinned": run.pinned,
        "notes": run.notes,
        "problem": run.problem,
    }


_HEADS = ("started", "title", "state", "steps", "best loss", "verdict", "length", "seed", "device", "size", "file")


def _row(run: Run) -> tuple[str, ...]:
    began = f"{run.started.astimezone():%Y-%m-%d %H:%M}"
    size = bytes_in_words(run.nbytes)
    if run.about is None:
        return began, run.title, run.state or "cannot be read", *([""] * 6), size, run.path.name
    pin = " (pinned)" if run.pinned else ""
    return (
        began,
        f"{run.title}{pin}",
        run.state,
        f"{run.steps:,}",
        loss_words(run.best_loss),
        str(run.verdict.outlook) if run.verdict else "",
        length_words(run.seconds),
        "" if run.seed is None else str(run.seed),
        run.device,
        size,
        run.path.name,
    )


def loss_words(loss: float) -> str:
    """Return a loss as a table shows it, "–" where there is none."""
    return "–" if math.isnan(loss) else numbers.grouped(loss)


def length_words(seconds: float) -> str:
    """Return a time such as 0:01:05 in hours, minutes and seconds."""
    return str(timedelta(seconds=round(seconds)))
