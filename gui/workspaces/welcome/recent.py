"""Files and runs used last: what each holds, read in the background."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.document.document import Document, DocumentError
from engine.file_kinds import RECORDING, document_module, format_of
from engine.recording.about import RecordingError
from engine.recording.library import Library, Run, run_of
from engine.text.amounts import bytes_in_words
from engine.text.dates import date_words

_LARGEST = 2_000_000
"""Bytes of a document that is read to say what is in it."""
_UNREADABLE = "cannot be read"
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """A file to go on with: its name, what it holds, and when it was changed. there: whether it can be opened."""

    path: Path
    title: str
    words: str
    when: datetime
    there: bool = True


def look(paths: Iterable[str], library: Library, most: int) -> list[Entry]:
    """Return files and the runs of the library, the newest first; those that are gone come last, and say so.

    For a background thread. A file that cannot be read says so too: it is opened all the same, for the reason.
    """
    try:
        runs = {run.path: run for run in library.runs() if run.about is not None}
    except RecordingError:  # the library says why
        runs = {}
    found = [_entry_of(Path(path), runs) for path in paths]
    known = {entry.path for entry in found}
    found += [_of_run(run) for path, run in runs.items() if path not in known]
    return sorted(found, key=lambda entry: entry.when, reverse=True)[:most]


def _entry_of(path: Path, runs: dict[Path, Run]) -> Entry:
    if path in runs:
        return _of_run(runs[path])
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return Entry(path, path.stem, f"no longer in {path.parent}", _NEVER, there=False)
    except (OSError, ValueError):  # on a disk that is gone; a name that is none
        return Entry(path, path.stem, "cannot be reached", _NEVER, there=False)
    if format_of(path) is RECORDING:
        run = run_of(path)
        return _of_run(run) if run.about is not None else Entry(path, path.stem, _UNREADABLE, run.changed)
    when = datetime.fromtimestamp(status.st_mtime, UTC)
    held = _held_in(path, status.st_size) if not format_of(path).network else _network(path, status.st_size)
    return Entry(path, path.stem, f"{_date(when)}\u00a0· {held}", when)


def _network(path: Path, nbytes: int) -> str:
    """Return what is said of a network from elsewhere, which is not read to be listed."""
    return f"network trained elsewhere, {path.suffix[1:]}, {bytes_in_words(nbytes)}"


def _held_in(path: Path, nbytes: int) -> str:
    """Return what a document holds."""
    if nbytes > _LARGEST:
        return f"a cell of {bytes_in_words(nbytes)}"
    try:
        document: Document = document_module(path).read_document(path)[0]
    except DocumentError:
        return _UNREADABLE
    steps = len(document.x)
    sizes = f"m\u00a0=\u00a0{document.m}, n\u00a0=\u00a0{document.n}, k\u00a0=\u00a0{document.k}"
    return f"{document.cell.title}, {sizes}, {steps:,} time step{'s' * (steps != 1)}"


def _of_run(run: Run) -> Entry:
    standing = str(run.verdict.outlook) if run.verdict is not None else run.state
    words = f"{_date(run.started)} · {standing}, {run.steps:,} step{'s' * (run.steps != 1)} · {run.sizes}"
    name = run.about.name if run.about is not None else ""
    return Entry(run.path, name or run.task, _unbroken(words), run.started)


def _unbroken(words: str) -> str:
    """Return words that break into lines between their parts alone."""
    return "\u00a0· ".join(part.replace(" ", "\u00a0") for part in words.split(" · "))


def _date(when: datetime) -> str:
    return date_words(when, datetime.now(UTC))
