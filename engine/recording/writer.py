"""Writes a recording, one transaction after another: whatever ends the program, what was written stays whole."""

from __future__ import annotations

import datetime
import math
import os
import platform
import socket
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..runs.observation import Extras
from ..runs.snapshot import Snapshot
from .checkpoint import Checkpoint
from .packing import pack
from .recording import (
    APPLICATION_ID,
    CHUNK,
    SCHEMA,
    VERSION,
    About,
    Event,
    Float32,
    Recording,
    RecordingError,
    about_members,
    write_about,
)
from .rows import packed_rows

_BUSY_S = 5.0  # somebody renames the run at this moment
_BEST_OF = 100
"""Steps whose mean loss counts as one."""


@dataclass(frozen=True, eq=False)
class Parcel:
    """What is written in one transaction: rows (steps, columns) that follow the last ones, and the rest.

    about: facts of `About` that have changed.
    """

    rows: Sequence[Float32] = ()
    snapshots: Sequence[Snapshot] = ()
    checkpoints: Sequence[Checkpoint] = ()
    events: Sequence[Event] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows or self.snapshots or self.checkpoints or self.events or self.about)

    def after(self, older: Parcel) -> Parcel:
        """Return one parcel of this and an older one that could not be written."""
        return Parcel(
            [*older.rows, *self.rows],
            [*older.snapshots, *self.snapshots],
            [*older.checkpoints, *self.checkpoints],
            [*older.events, *self.events],
            {**older.about, **self.about},
        )


def now() -> str:
    """Return the time as it stands in a recording: ISO, UTC, to the millisecond."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def this_process() -> dict[str, Any]:
    """Return who writes: enough to find out later whether it still does."""
    import psutil  # not needed until something is recorded

    return {"pid": os.getpid(), "host": socket.gethostname(), "started": psutil.Process().create_time()}


def is_written(about: About) -> bool:
    """Return whether a process of this machine still writes the recording; one of another machine is not known of."""
    import psutil

    writer = about.writer
    if not writer or writer.get("host") != socket.gethostname():
        return False
    try:
        started = psutil.Process(int(writer["pid"])).create_time()
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False
    return math.isclose(started, float(writer.get("started", 0.0)), abs_tol=1.0)


def versions() -> dict[str, str]:
    """Return the versions of what runs here."""
    from importlib.metadata import version

    return {
        "program": version("lstm-visualizer"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": version("torch"),
        "system": platform.platform(),
    }


class RecordingWriter:
    """A recording that is written; used by one thread at a time. columns: of its metrics.

    Raises RecordingError, with one sentence, where it cannot be made or gone on with.
    """

    def __init__(self, path: Path, about: About, facts: Mapping[str, Any] | None = None) -> None:
        """Begin a recording; raises RecordingError where there is such a file already."""
        self.path = path
        with self._guarded("begun"):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.open("xb").close()
        except FileExistsError as error:
            raise RecordingError(f"{path.name} exists already; choose another name for the recording.") from error
        except OSError as error:
            raise RecordingError(
                f"The recording {path} cannot be begun: {error.strerror}; choose another place, or train without "
                "recording."
            ) from error
        try:
            with self._guarded("begun"):
                self._connect()
                self._begin(about, facts)
        except RecordingError:  # nothing is left in the way of the next try
            self._connection.close()
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            raise
        self.columns = about.columns
        self._loss = about.columns.index("loss")
        self._count, self._recent = 0, 0
        self._sum, self._summed, self._best = 0.0, 0, float("nan")

    def _begin(self, about: About, facts: Mapping[str, Any] | None) -> None:
        connection = self._connection
        with self._transaction():
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            members = about_members(about)
            write_about(connection, {**members, "facts": facts, "writer": this_process(), "changed": now()})
            connection.execute(f"PRAGMA user_version = {VERSION}")

    @classmethod
    def reopen(cls, path: Path, step: int, columns: Sequence[str] = ()) -> RecordingWriter:
        """Go on with a recording after a step; what was recorded beyond it is dropped, for it will be made again.

        columns: of the steps that will follow; those that it does not have yet are added, NaN in all steps so far.
        Raises RecordingError for one that another process still writes.
        """
        with Recording(path) as recording:
            about = recording.about()
        if is_written(about):
            raise RecordingError(
                f"{path.name} is still being written by process {about.writer['pid']}; end that first."
            )
        writer = cls.__new__(cls)
        writer.path = path
        writer.columns = about.columns
        writer._loss = about.columns.index("loss")
        writer._sum, writer._summed, writer._best = 0.0, 0, about.best_loss
        with writer._guarded("gone on with"):
            writer._connect()
            try:
                with writer._transaction():
                    writer._cut(step)
                    writer._add_columns([name for name in columns if name not in about.columns])
                    resumed = {"resumed": [*about.resumed, step], "steps": step}
                    write_about(writer._connection, {"writer": this_process(), **resumed, "changed": now()})
            except BaseException:  # whoever asks again must find the file free
                writer._connection.close()
                raise
        return writer

    def _connect(self) -> None:
        self._connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        # First, so that it stands in the file itself and not in the -wal alone: readers look there.
        self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            full = "full" in str(error) or "No space" in str(error)
            reason = f"the disk with {self.path.parent} is full" if full else str(error)
            raise RecordingError(
                f"The recording {self.path.name} cannot be {what}: {reason}; make room, or train without recording."
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have ended it
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @property
    def count(self) -> int:
        """How many steps are recorded."""
        return self._count

    def write(self, parcel: Parcel, durable: bool = True) -> None:
        """Write a parcel, whole or not at all; raises RecordingError, after which it may be written again.

        durable: wait until it would survive a power cut, too, and with it everything before. The end of any process
        it survives in any case.
        """
        before = self._count, self._recent, self._sum, self._summed, self._best
        try:
            with self._guarded("written"):
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                with self._transaction():
                    self._write(parcel)
        except BaseException:  # whatever it was, the transaction is undone
            self._count, self._recent, self._sum, self._summed, self._best = before
            raise

    def _write(self, parcel: Parcel) -> None:
        connection = self._connection
        about = {**parcel.about, "changed": now()}
        if any(len(rows) for rows in parcel.rows):
            rows = np.concatenate(list(parcel.rows))
            self._add_rows(rows)
            about |= {"steps": self._count, "best_loss": self._best, "last_loss": float(rows[-1, self._loss])}
        connection.executemany(
            "INSERT OR REPLACE INTO snapshots VALUES (?, ?)",
            [(item.step, _deflated(replace(item, extras=Extras()))) for item in parcel.snapshots],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO extras VALUES (?, ?)",
            [(item.step, _deflated(item.extras)) for item in parcel.snapshots if item.extras.any],
        )
        if parcel.checkpoints:
            connection.execute("DELETE FROM checkpoints WHERE NOT kept")
        connection.executemany(
            "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)",
            [(item.step, int(item.kept), item.packed()) for item in parcel.checkpoints if self._stays(item, parcel)],
        )
        connection.executemany(
            "INSERT INTO events (step, at, words) VALUES (?, ?, ?)",
            [(event.step, event.at, event.words) for event in parcel.events],
        )
        write_about(connection, about)

    @staticmethod
    def _stays(checkpoint: Checkpoint, parcel: Parcel) -> bool:
        return checkpoint.kept or checkpoint is parcel.checkpoints[-1]

    def _add_rows(self, rows: Float32) -> None:
        data = np.ascontiguousarray(rows, dtype="<f4").tobytes()
        self._connection.execute("INSERT INTO recent VALUES (?, ?, ?)", (self._count + 1, len(rows), data))
        self._count += len(rows)
        self._recent += len(rows)
        self._judge(rows[:, self._loss])
        if self._recent >= CHUNK:
            self._pack_recent(CHUNK)

    def _judge(self, losses: Float32) -> None:
        """Keep the lowest mean over some steps in a row."""
        for loss in losses.astype(float):
            self._sum += loss
            self._summed += 1
            if self._summed == _BEST_OF:
                mean = self._sum / _BEST_OF
                if math.isnan(self._best) or mean < self._best:
                    self._best = mean
                self._sum, self._summed = 0.0, 0

    def _pack_recent(self, size: int) -> None:
        """Make chunks of at most `size` steps of what is not packed yet; what makes no whole chunk waits, or is one."""
        connection = self._connection
        found = connection.execute("SELECT first, data FROM recent ORDER BY first").fetchall()
        if not found:
            return
        first = found[0][0]
        rows = np.frombuffer(b"".join(data for _, data in found), dtype="<f4").reshape(-1, len(self.columns))
        while len(rows) >= size:
            part, rows = rows[:size], rows[size:]
            connection.execute("INSERT INTO metrics VALUES (?, ?, ?)", (first, len(part), packed_rows(part)))
            first += len(part)
        connection.execute("DELETE FROM recent")
        if len(rows):
            connection.execute("INSERT INTO recent VALUES (?, ?, ?)", (first, len(rows), rows.tobytes()))
        self._recent = len(rows)

    def _cut(self, step: int) -> None:
        """Drop everything beyond a step."""
        connection = self._connection
        for table in ("snapshots", "extras", "checkpoints", "events"):
            connection.execute(f"DELETE FROM {table} WHERE step > ?", (step,))
        with Recording(self.path) as recording:
            first = connection.execute(
                "SELECT max(first) FROM (SELECT first FROM metrics UNION SELECT first FROM recent) WHERE first <= ?",
                (step,),
            ).fetchone()[0]
            blocks = list(recording.rows(first)) if first is not None else []
        for table in ("metrics", "recent"):
            connection.execute(f"DELETE FROM {table} WHERE first >= ?", (0 if first is None else first,))
        if (first + sum(map(len, blocks)) - 1 if blocks else 0) < step:
            raise RecordingError(f"{self.path.name} has fewer than {step:,} steps; begin a new run with its settings.")
        if blocks:
            rows = np.concatenate(blocks)[: step - first + 1]
            connection.execute("INSERT INTO recent VALUES (?, ?, ?)", (first, len(rows), rows.astype("<f4").tobytes()))
        self._count = step if blocks else 0
        ((self._recent,),) = connection.execute("SELECT coalesce(sum(steps), 0) FROM recent")

    def _add_columns(self, names: Sequence[str]) -> None:
        """Let every step so far have more columns, of NaN."""
        if not names:
            return
        connection, before = self._connection, len(self.columns)
        self.columns = (*self.columns, *names)
        for table, packed in (("metrics", True), ("recent", False)):
            places = connection.execute(f"SELECT first, steps FROM {table}").fetchall()
            for first, steps in places:
                wide = np.full((steps, len(self.columns)), np.nan, dtype="<f4")
                with Recording(self.path) as recording:  # as it was before this transaction, and checked
                    wide[:, :before] = np.concatenate(list(recording.rows(first, first + steps - 1)))
                data = packed_rows(wide) if packed else wide.tobytes()
                connection.execute(f"UPDATE {table} SET data = ? WHERE first = ?", (data, first))
        write_about(connection, {"columns": self.columns})

    def close(self, about: Mapping[str, Any]) -> None:
        """Write last facts and leave one file behind; raises RecordingError where that cannot be written."""
        try:
            with self._guarded("closed"), self._transaction():
                if self._recent:
                    self._pack_recent(self._recent)
                write_about(self._connection, {**about, "writer": {}, "changed": now()})
            self._leave_one_file()
        finally:
            self._connection.close()

    def give_up(self) -> None:
        """Let go of the file without writing to it again; what was written stays."""
        self._connection.close()

    def _leave_one_file(self) -> None:
        try:
            self._connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            return  # somebody reads it at this moment: the files beside it stay, and belong to it


def _deflated(value: object) -> bytes:
    return zlib.compress(pack(value), 1)


def set_of_user(path: Path, **members: Any) -> None:
    """Change what is the user's of a recording: name, notes, pinned; works while it is written.

    Raises RecordingError where it cannot be written.
    """
    with Recording(path):  # only what is a recording is written to
        pass
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_S)
        try:
            with connection:
                write_about(connection, members)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise RecordingError(f"{path.name} cannot be changed ({error}); see whether it may be written.") from error
