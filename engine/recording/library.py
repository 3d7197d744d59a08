"""The library: the folder of recordings, with what is known about each one without opening it.

An index beside them, `index.sqlite`, holds what was read of each file and how the file looked then, so that a thousand
runs are listed without opening a thousand databases. It holds nothing of its own: whoever removes it loses nothing.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import zlib
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from ..file_kinds import RECORDING
from ..runs.verdict.judging import Verdict
from ..setting import ELSEWHERE, OWN
from ..settings.config import TrainingConfig, setting, settings
from ..settings.words import task_words
from ..tasks.held_out import HeldOut
from .about import About, RecordingError, about_members, about_of
from .database import Database
from .folder import FOLDER_VARIABLE
from .lock import ENDING, is_locked, is_written, who
from .packing import PackingError
from .recording import Recording

INDEX = "index.sqlite"
BESIDE = "-wal", "-shm", ENDING
"""Endings of the files that belong to a recording while it is written."""

_LAYOUT = zlib.crc32(repr((1, [item.name for item in fields(About)], settings())).encode()) & 0x7FFFFFFF
"""Of what the index holds: one that another version of the program made is made anew."""
_TABLE = "CREATE TABLE runs (name TEXT PRIMARY KEY, stamp TEXT, about TEXT)"
_BUSY_S = 1.0
_NAME_LENGTH = 80
_LONGEST_S = 1e10
"""Three hundred years: a file may say anything."""


@dataclass(frozen=True)
class Run:
    """A file of the library. nbytes: with those beside it; changed: when, by its date.

    about: None where it cannot be read, and problem says why in one sentence; one that is written all the same has
    just been begun. written: by a process of this machine.
    """

    path: Path
    nbytes: int
    changed: datetime
    about: About | None = None
    written: bool = False
    problem: str = ""

    @property
    def title(self) -> str:
        """What the user calls it, or task and sizes; the file's name where it cannot be read."""
        if self.about is None:
            return self.path.stem
        return self.about.name or f"{self.task}, {self.sizes}"

    @property
    def task(self) -> str:
        """The task in words; a user's own by its file's name."""
        return task_words(self.about.config.task) if self.about else ""

    @property
    def sizes(self) -> str:
        """Cell and sizes, such as "LSTM k 16, 1 layer"."""
        return sizes_words(self.about.config) if self.about else ""

    @property
    def seed(self) -> int | None:
        """The seed; None where it is not known."""
        return self.about.config.seed if self.about and not self.is_elsewhere else None

    @property
    def device(self) -> str:
        """Where it was computed: "cpu", "cuda:0"; "" where that is not known."""
        return self.about.config.device if self.about and not self.is_elsewhere else ""

    @property
    def is_elsewhere(self) -> bool:
        """Whether its network was not trained here, so that nothing is known of its task and settings."""
        return self.about is not None and self.about.config.task == ELSEWHERE

    @property
    def steps(self) -> int:
        """How many steps are recorded."""
        return self.about.steps if self.about else 0

    @property
    def best_loss(self) -> float:
        """The lowest mean of 100 steps in a row; NaN where there is none."""
        return self.about.best_loss if self.about else float("nan")

    @property
    def held_out(self) -> HeldOut | None:
        """Its newest network on rows that training never sees; None where the task has none."""
        return self.about.held_out if self.about else None

    @property
    def verdict(self) -> Verdict | None:
        """What was said of it when it was last written; None in recordings of earlier versions."""
        return self.about.verdict if self.about else None

    @property
    def pinned(self) -> bool:
        """Whether it is kept however full the library is."""
        return self.about is not None and bool(self.about.pinned)

    @property
    def notes(self) -> str:
        """What the user wrote about it."""
        return str(self.about.notes) if self.about else ""

    @property
    def started(self) -> datetime:
        """When it began, in UTC; where that is not known, when the file was changed."""
        return _moment(self.about.started if self.about else "") or self.changed

    @property
    def seconds(self) -> float:
        """How long it has trained. Where that was not recorded, to the last thing that was written, pauses included.

        0 where neither is known.
        """
        if self.about is not None and 0 <= self.about.seconds <= _LONGEST_S:
            return self.about.seconds
        last = _moment(self.about.changed if self.about else "")
        return max(0.0, (last - self.started).total_seconds()) if last else 0.0

    @property
    def state(self) -> str:
        """Where it stands: a word of `engine.runs.messages.State`, or "interrupted" where its process died."""
        if self.about is None:
            return "preparing" if self.written else ""
        if self.written:
            return str(self.about.state)
        if 0 < self.about.goal <= self.about.steps:
            return "finished"
        return "interrupted" if self.about.writer else str(self.about.state)


def free_path(path: Path) -> Path:
    """Return the path of a new recording, with a number behind its name where there is such a file already."""
    free, number = path, 2
    while os.path.exists(free):  # not of the path, which raises where it is too long
        free, number = path.with_name(f"{path.stem} ({number}){RECORDING.suffix}"), number + 1
    return free


def sizes_words(config: TrainingConfig) -> str:
    """Return cell and sizes in a few words, such as "LSTM k 16, 1 layer"."""
    cell = setting("cell").choices.get(config.cell, config.cell)
    projected = f", n {config.n}" if config.projected else ""
    return f"{cell} k {config.cell_size}{projected}, {config.layers} layer{'s' * (config.layers != 1)}"


def _moment(text: object) -> datetime | None:
    """Return an ISO time; None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _File:
    """A recording as the folder lists it. stamp: changes whenever its content does."""

    path: Path
    stamp: str
    nbytes: int
    changed: datetime


class Library:
    """A folder of recordings; it need not exist. Every method reads the disk, and may be called in any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[str, About]] | None = None
        """What was read of each file before, as in the index."""

    def runs(self) -> list[Run]:
        """Return every recording of the folder, the newest first.

        Raises RecordingError where the folder cannot be read.
        """
        files = self._files()
        index = _Index(self.folder / INDEX)
        known = index.read() if self._known is None else self._known
        found: list[Run] = []
        fresh: dict[str, tuple[str, About]] = {}
        for file in files:
            stamp, about = known.get(file.path.name, ("", None))
            if about is None or stamp != file.stamp:
                run = run_of(file.path, file.nbytes, file.changed)
                if run.about is not None:  # what cannot be read now can perhaps be read later
                    fresh[file.path.name] = file.stamp, run.about
            else:
                run = Run(file.path, file.nbytes, file.changed, about, is_written(file.path, about))
            found.append(run)
        names = {file.path.name for file in files}
        index.write(fresh, gone=known.keys() - names)
        self._known = {name: entry for name, entry in {**known, **fresh}.items() if name in names}
        return sorted(found, key=lambda run: (run.started, run.path.name), reverse=True)

    def _files(self) -> list[_File]:
        try:
            with os.scandir(self.folder) as entries:
                stats = {}
                for entry in entries:
                    if entry.name.endswith((RECORDING.suffix, *(RECORDING.suffix + end for end in BESIDE))):
                        with suppress(FileNotFoundError):  # removed at this moment
                            stats[entry.name] = entry.stat()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RecordingError(
                f"{self.folder}: the folder of recordings cannot be read ({error.strerror}); name another one with the "
                f"environment variable {FOLDER_VARIABLE}."
            ) from error
        files = []
        for name, stat in stats.items():
            if not name.endswith(RECORDING.suffix):
                continue
            wal = stats.get(f"{name}-wal")
            stamp = f"{stat.st_mtime_ns} {stat.st_size} {(wal.st_mtime_ns, wal.st_size) if wal else ''}"
            nbytes = stat.st_size + sum(stats[name + end].st_size for end in BESIDE if name + end in stats)
            changed = datetime.fromtimestamp(max(stat.st_mtime, wal.st_mtime if wal else 0.0), UTC)
            files.append(_File(self.folder / name, stamp, nbytes, changed))
        return files

    def new_path(self, config: TrainingConfig, now: datetime, mark: str = "") -> Path:
        """Return where a new run of this config can be recorded: a name that nothing has, valid on every system.

        mark: told at its end, to tell runs apart that begin at the same moment.
        """
        return free_path(self.path_for(config, now, mark))

    def path_for(self, config: TrainingConfig, now: datetime, mark: str) -> Path:
        """Return the same without looking at the disk: a name that nothing has if the mark is one of its own."""
        task, size = config.task.removeprefix(OWN)[:_NAME_LENGTH], f"k{config.cell_size}"
        plain = re.sub(r"[^\w .()-]+", "_", f"{task} {size} {mark}").strip(" .")
        return self.folder / f"{now:%Y-%m-%d %H.%M.%S} {plain}{RECORDING.suffix}"

    def total_bytes(self) -> int:
        """Return how much all recordings take."""
        return sum(file.nbytes for file in self._files())

    def oldest_beyond(self, limit_bytes: int) -> list[Run]:
        """Return the oldest runs that must go so that the rest takes at most limit_bytes.

        One that is pinned, is written, or cannot be read is not among them, even if the rest takes more then.
        """
        runs = self.runs()
        total = sum(run.nbytes for run in runs)
        going: list[Run] = []
        for run in reversed(runs):
            if total <= limit_bytes:
                break
            if run.about is not None and not run.pinned and not run.written:
                going.append(run)
                total -= run.nbytes
        return going

    def remove(self, run: Run) -> None:
        """Remove a recording for good, with what lies beside it; raises RecordingError for one that is written."""
        fresh = run_of(run.path)  # what cannot be read can be removed all the same
        if fresh.written:
            writer = who(fresh.about.writer if fresh.about is not None else {})
            raise RecordingError(f"{run.path.name} is still being written by {writer}; stop that first.")
        try:
            for name in (run.path, *_beside(run.path)):
                name.unlink(missing_ok=True)
        except OSError as error:
            raise RecordingError(
                f"{run.path.name} cannot be removed ({error.strerror}); check whether another program has it open."
            ) from error


def run_of(path: Path, nbytes: int | None = None, changed: datetime | None = None) -> Run:
    """Return what a file is, read just now; one that cannot be read has a problem instead."""
    if nbytes is None or changed is None:
        nbytes, changed = _size_and_date(path)
    try:
        with Recording(path) as recording:
            about = recording.about()
    except RecordingError as error:
        if is_locked(path):
            return Run(
                path, nbytes, changed, None, True, f"{path.name} has just been begun; it can be read in a moment."
            )
        return Run(path, nbytes, changed, problem=str(error))
    return Run(path, nbytes, changed, about, is_written(path, about))


def _beside(path: Path) -> list[Path]:
    return [Path(f"{path}{end}") for end in BESIDE]


def _size_and_date(path: Path) -> tuple[int, datetime]:
    stats = []
    for name in (path, *_beside(path)):
        with suppress(OSError):
            stats.append(name.stat())
    moment = max((stat.st_mtime for stat in stats), default=0.0)
    return sum(stat.st_size for stat in stats), datetime.fromtimestamp(moment, UTC)


class _Index:
    """What was read of each file, and how the file looked then; where it cannot be kept, it knows nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, tuple[str, About]]:
        """Return stamp and About by file name."""
        try:
            if not self.path.exists():
                return {}
            with closing(Database(self.path, (_TABLE,))) as database:
                ((layout,),) = database.ask("PRAGMA user_version")
                if layout != _LAYOUT:
                    return {}
                database.check_tables()
                rows = database.ask("SELECT name, stamp, about FROM runs")
        except sqlite3.OperationalError:  # somebody else writes it, or it may not be read
            return {}
        except (sqlite3.DatabaseError, PackingError, OSError):
            with suppress(OSError):
                self.path.unlink()
            return {}
        known = {}
        for name, stamp, text in rows:
            with suppress(ValueError, TypeError, AttributeError, RecursionError):
                known[str(name)] = str(stamp), about_of(json.loads(text))
        return known

    def write(self, fresh: Mapping[str, tuple[str, About]], gone: Collection[str]) -> None:
        """Keep what was read anew, and forget files that are gone."""
        if not fresh and not gone:
            return
        rows = [
            (name, stamp, json.dumps(about_members(about)))
            for name, (stamp, about) in fresh.items()
            if _is_text(name)  # on Unix a name need not be
        ]
        # Without an index all is as before, only slower.
        with suppress(sqlite3.Error), closing(self._connected()) as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", rows)
            connection.executemany("DELETE FROM runs WHERE name = ?", [(name,) for name in gone if _is_text(name)])

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_S)
        try:
            ((layout,),) = connection.execute("PRAGMA user_version")
            if layout != _LAYOUT:
                with connection:
                    connection.execute("DROP TABLE IF EXISTS runs")
                    connection.execute(_TABLE)
                    connection.execute(f"PRAGMA user_version = {_LAYOUT}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
