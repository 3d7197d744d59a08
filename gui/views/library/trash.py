"""Moves recordings to the system's bin and back. For a background thread."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFile

from engine.recording.about import RecordingError
from engine.recording.library import BESIDE, Run, run_of
from engine.recording.lock import who

_INFO = ".trashinfo"
_BUSY_S = 1.0


@dataclass(frozen=True)
class Binned:
    """A recording that lies in the bin: each of its files, where it was and where it is."""

    title: str
    moves: tuple[tuple[Path, Path], ...]


@dataclass(frozen=True)
class BinReport:
    """What came of moving runs to the bin. without: runs for which there is no bin. problems: sentences."""

    binned: tuple[Binned, ...] = ()
    without: tuple[Run, ...] = ()
    problems: tuple[str, ...] = ()


def move_to_bin(runs: Sequence[Run]) -> BinReport:
    """Move recordings to the system's bin; one that is being written stays where it is."""
    binned: list[Binned] = []
    without: list[Run] = []
    problems: list[str] = []
    for run in runs:
        fresh = run_of(run.path)
        if fresh.about is not None and fresh.written:
            problems.append(f"{run.title} is still being written by {who(fresh.about.writer)}; stop that first.")
        elif run.path.exists():
            moved = _moved(run)
            if moved is None:
                without.append(run)
            else:
                binned.append(moved)
    return BinReport(tuple(binned), tuple(without), tuple(problems))


def _moved(run: Run) -> Binned | None:
    """Move one recording; return None where there is no bin for it."""
    _leave_one_file(run)
    place = _to_bin(run.path)
    if place is None:
        return None
    others = [(path, _to_bin(path)) for path in _beside(run)]
    return Binned(run.title, ((run.path, place), *((path, found) for path, found in others if found is not None)))


def _beside(run: Run) -> list[Path]:
    """Return the files that SQLite has left beside a recording."""
    return [path for end in BESIDE if (path := run.path.with_name(run.path.name + end)).exists()]


def _leave_one_file(run: Run) -> None:
    """Take what a process that died has left beside a recording into it: the system's bin knows single files."""
    if run.about is None or not _beside(run):
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(run.path, timeout=_BUSY_S)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _to_bin(path: Path) -> Path | None:
    """Move a file to the bin; return where it lies there, None where there is none."""
    file = QFile(str(path))
    return Path(file.fileName()) if file.moveToTrash() else None


def bring_back(binned: Sequence[Binned]) -> list[str]:
    """Move recordings back from the bin to where they were; return a sentence about each that could not be."""
    problems = []
    for run in binned:
        try:
            for home, place in run.moves:
                _move_back(home, place)
        except (OSError, RecordingError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            problems.append(f"{run.title} cannot be brought back ({reason}); look for it in the bin.")
    return problems


def _move_back(home: Path, place: Path) -> None:
    if home.exists():
        raise RecordingError(f"there is another {home.name} now")
    home.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(place, home)
    with suppress(OSError):  # what the bin of a Linux desktop knows of the file beside it
        (place.parent.parent / "info" / f"{place.name}{_INFO}").unlink(missing_ok=True)
