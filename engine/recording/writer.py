"""Writes a recording in transactions, so that it stays intact however the program ends.

Before each it is seen whether the file is still the one that was begun, and this process the one that writes it.
"""

from __future__ import annotations

import datetime
import json
import math
import platform
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..runs.metrics import Float32, Metrics
from ..runs.observation import Extras
from ..shipped import version
from .about import About, RecordingError, about_members, write_about
from .lock import LOCKED_S, Place, WriterLock, check_name, this_process, who, why_not
from .packing import pack
from .parcel import Parcel
from .recording import APPLICATION_ID, CHUNK, SCHEMA, VERSION, Recording
from .rows import packed_rows

_BUSY_S = 5.0  # until a run that is written can be renamed
_NEVER_SHORTER = "PRAGMA journal_size_limit = -1"
"""The -wal: so that one that was cut short is known for it."""
_left_open: list[sqlite3.Connection] = []
"""To files in whose place something else lies: closing one would delete what has its names now."""

_BEST_OF = 100
"""Steps whose mean loss counts as one."""


def now() -> str:
    """Return the time as it stands in a recording: ISO, UTC, to the millisecond."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def versions() -> dict[str, str]:
    """Return the versions of what runs here."""
    from importlib import metadata

    return {
        "program": version(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": metadata.version("torch"),
        "system": platform.platform(),
    }


class RecordingWriter:
    """A recording that is written; used by one thread at a time. columns: of its metrics. count: how many
    steps are recorded.

    Raises RecordingError, with one sentence, where it cannot be made or continued.
    """

    def __init__(self, path: Path, about: About, facts: Mapping[str, Any] | None = None) -> None:
        """Begin a recording; raises RecordingError where there is such a file already."""
        self.path = path
        check_name(path)
        with self._guarded("created"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = WriterLock(path, {})
        try:
            self._create()
            try:
                with self._guarded("created"):
                    self._connect()
                    self._begin(about, facts)
            except RecordingError:  # nothing is left in the way of the next try
                self._connection.close()
                for end in ("", "-wal", "-shm"):
                    Path(f"{path}{end}").unlink(missing_ok=True)
                raise
        except BaseException:
            self._lock.release()
            raise
        self.columns = about.columns
        self.count, self._recent = 0, 0
        self._sum, self._summed, self._best = 0.0, 0, float("nan")

    def _create(self) -> None:
        try:
            self.path.open("xb").close()
        except FileExistsError as error:
            raise RecordingError(f"{self.path.name} exists already; choose another name for the recording.") from error
        except OSError as error:
            raise RecordingError(
                f"The recording {self.path} cannot be created: {error.strerror}; choose another place, or train "
                "without recording."
            ) from error

    def _begin(self, about: About, facts: Mapping[str, Any] | None) -> None:
        connection = self._connection
        with self._all_or_nothing():
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            members = about_members(about)
            write_about(connection, {**members, "facts": facts, "writer": self._writer, "changed": now()})
            connection.execute(f"PRAGMA user_version = {VERSION}")
        self._place.look()

    @classmethod
    def reopen(cls, path: Path, step: int, columns: Sequence[str] = ()) -> RecordingWriter:
        """Go on with a recording after a step; what was recorded beyond it is dropped, for it will be made again.

        columns: of the steps that will follow; those that it does not have yet are added, NaN in all steps so far.
        Raises RecordingError for one that another process still writes.
        """
        writer = cls.__new__(cls)
        writer.path = path
        with Recording(path) as recording:  # only beside what is a recording anything is made
            last = recording.about().writer
        with writer._guarded("continued"):
            writer._lock = WriterLock(path, last)
            try:
                writer._go_on(step, columns)
            except BaseException:  # whoever asks again must find the file free
                writer._lock.release()
                raise
        return writer

    def _go_on(self, step: int, columns: Sequence[str]) -> None:
        with Recording(self.path) as recording:
            about = recording.about()
            self.columns = about.columns
            self._sum, self._summed, self._best = 0.0, 0, about.best_loss
            self._connect()
            try:
                with self._all_or_nothing():
                    self._cut(step, recording)
                    self._add_columns([name for name in columns if name not in about.columns], recording)
                    resumed = {"resumed": [*about.resumed, step], "steps": step}
                    write_about(self._connection, {"writer": self._writer, **resumed, "changed": now()})
                self._place.look()
            except BaseException:
                recording.close()  # whoever is the last takes away what lies beside the file
                self._connection.close()
                raise

    def _connect(self) -> None:
        self._writer = this_process()
        self._place = Place(self.path)
        self._lock.claim(self.path)
        self._connection = sqlite3.connect(self.path, timeout=LOCKED_S, isolation_level=None, check_same_thread=False)
        try:
            # First, so that it stands in the file itself and not in the -wal alone: readers look there.
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute(_NEVER_SHORTER)
            self._connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            self._connection.close()
            raise

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise RecordingError(
                f"The recording {self.path.name} cannot be {what}: {why_not(error, self.path)}, or train without "
                "recording."
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write to the file that was begun, if it is there and nobody else's now: all or nothing."""
        self._place.check()
        with self._all_or_nothing():
            self._place.check()  # once more, as it may have waited for others
            ((text,),) = self._connection.execute("SELECT value FROM about WHERE key = 'writer'")
            writer = json.loads(text)
            if writer.get("token") != self._writer["token"]:
                raise RecordingError(
                    f"{self.path} is being written by {who(writer)} now; train without recording, or begin a new run."
                )
            yield
        self._place.look()

    def check(self) -> None:
        """Raise RecordingError where the file is not there any more; writes nothing."""
        self._place.check()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have ended it
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def add_columns(self, names: Sequence[str]) -> None:
        """Let every step have more columns, before the first is written; raises RecordingError."""
        with self._guarded("written"), self._transaction():
            write_about(self._connection, {"columns": [*self.columns, *names]})
        self.columns = (*self.columns, *names)

    def write(self, parcel: Parcel, durable: bool = True) -> None:
        """Write a parcel, whole or not at all; raises RecordingError, after which it may be written again.

        durable: wait until it would survive a power cut, too, and with it everything before. The end of any process
        it survives in any case.
        """
        before = self.count, self._recent, self._sum, self._summed, self._best
        try:
            with self._guarded("written"):
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                with self._transaction():
                    self._write(parcel)
        except BaseException:  # whatever it was, the transaction is undone
            self.count, self._recent, self._sum, self._summed, self._best = before
            raise

    def _write(self, parcel: Parcel) -> None:
        connection = self._connection
        about = {**parcel.about, "changed": now()}
        if any(len(rows) for rows in parcel.rows):
            metrics = Metrics(self.columns, np.concatenate(list(parcel.rows)))
            self._add(metrics)
            about |= {"steps": self.count, "best_loss": self._best, "last_loss": float(metrics["loss"][-1])}
        connection.executemany("DELETE FROM snapshots WHERE step = ?", [(step,) for step in parcel.dropped])
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
            [
                (item.step, int(item.kept), item.packed())
                for item in parcel.checkpoints
                if item.kept or item is parcel.checkpoints[-1]
            ],
        )
        connection.executemany(
            "INSERT INTO events (step, at, words) VALUES (?, ?, ?)",
            [(event.step, event.at, event.words) for event in parcel.events],
        )
        write_about(connection, about)

    def _add(self, metrics: Metrics) -> None:
        data = np.ascontiguousarray(metrics.values, dtype="<f4").tobytes()
        self._connection.execute("INSERT INTO recent VALUES (?, ?, ?)", (self.count + 1, len(metrics), data))
        self.count += len(metrics)
        self._recent += len(metrics)
        self._judge(metrics["loss"])
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

    def _cut(self, step: int, recording: Recording) -> None:
        """Drop everything beyond a step; recording: reads what is there."""
        connection = self._connection
        for table in ("snapshots", "extras", "checkpoints", "events"):
            connection.execute(f"DELETE FROM {table} WHERE step > ?", (step,))
        both = "SELECT first FROM metrics UNION SELECT first FROM recent"
        ((first,),) = connection.execute(f"SELECT max(first) FROM ({both}) WHERE first <= ?", (step,))
        blocks = list(recording.rows(first)) if first is not None else []
        for table in ("metrics", "recent"):
            connection.execute(f"DELETE FROM {table} WHERE first >= ?", (0 if first is None else first,))
        if (first + sum(map(len, blocks)) - 1 if blocks else 0) < step:
            raise RecordingError(f"{self.path.name} has fewer than {step:,} steps; begin a new run with its settings.")
        if blocks:
            rows = np.concatenate(blocks)[: step - first + 1]
            connection.execute("INSERT INTO recent VALUES (?, ?, ?)", (first, len(rows), rows.astype("<f4").tobytes()))
        self.count = step if blocks else 0
        ((self._recent,),) = connection.execute("SELECT coalesce(sum(steps), 0) FROM recent")

    def _add_columns(self, names: Sequence[str], recording: Recording) -> None:
        """Let every step so far have more columns, of NaN; recording: reads what was there before, and checks it."""
        if not names:
            return
        connection, before = self._connection, len(self.columns)
        self.columns = (*self.columns, *names)
        for table, packed in (("metrics", True), ("recent", False)):
            places = connection.execute(f"SELECT first, steps FROM {table}").fetchall()
            for first, steps in places:
                wide = np.full((steps, len(self.columns)), np.nan, dtype="<f4")
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
            with suppress(sqlite3.OperationalError):  # somebody reads it now: the files beside it stay
                self._connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Let go of the file without writing to it again; what was written stays."""
        if self._place.is_foreign:
            _left_open.append(self._connection)
        else:
            self._connection.close()
        self._lock.release()


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
            connection.execute(_NEVER_SHORTER)
            with connection:
                write_about(connection, members)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise RecordingError(f"{path.name} cannot be changed ({error}); check that you may write to it.") from error
