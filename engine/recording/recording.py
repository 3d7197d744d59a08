"""A run on disk: one SQLite database, `NAME.lstmrec`, that can be read while it is written.

Format, version 1 (`PRAGMA user_version`; `PRAGMA application_id` is 0x4C53544D, "LSTM"); steps count from 1:

| table | a row is | columns |
|---|---|---|
| about | one fact about the run | key, value (JSON); the fields of `About`, and "facts" |
| metrics | CHUNK steps of every column | first (step), steps, data: `rows.packed_rows` |
| recent | some steps that make no chunk yet | first, steps, data: float32, little-endian, step by step |
| snapshots | what was seen after a step | step, data: `engine.recording.packing.pack` of a Snapshot, deflated |
| extras | what was seen besides, more seldom | step, data: the same of its Extras |
| checkpoints | all that the next step depends on | step, kept (0: until the next comes), data: see `packing` |
| events | what was changed | number, step (made before it), at (ISO time), words |

While it is written it stands in write-ahead mode, so that readers never hold up the writer; beside it lie two files of
the same name with -wal and -shm, which belong to it. A run that has ended leaves one file. Nothing in it is pickled.
A later version may add tables, keys and columns; version 1 is read for ever.
"""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self
from urllib.request import pathname2url

import numpy as np
from numpy.typing import NDArray

from ..errors import PlainError
from ..runs.observation import Extras
from ..runs.snapshot import Snapshot
from ..settings.config import TrainingConfig, config_of, settings
from ..tasks import TASKS
from ..tasks.base import TaskFacts
from ..tasks.held_out import HeldOut
from .packing import PackingError, unpack
from .rows import STEP_BYTES, unpacked_rows

Float32 = NDArray[np.float32]

SUFFIX = ".lstmrec"
APPLICATION_ID = 0x4C53544D
VERSION = 1
CHUNK = 4096
"""Steps that are stored together."""
SCHEMA = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE metrics (first INTEGER PRIMARY KEY, steps INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE recent (first INTEGER PRIMARY KEY, steps INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE snapshots (step INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE extras (step INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE checkpoints (step INTEGER PRIMARY KEY, kept INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE events (number INTEGER PRIMARY KEY, step INTEGER NOT NULL, at TEXT NOT NULL, words TEXT NOT NULL);
"""

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_DAMAGES = (sqlite3.Error, KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError)
"""What wrong bytes come to when they are read."""
_MOST_COLUMNS = 10_000
_PORTION = 16 * CHUNK
_BUSY_S = 5.0  # until somebody else's short transaction is over


class RecordingError(PlainError):
    """A recording that cannot be used; its text is one sentence that says what to do."""


@dataclass(frozen=True)
class About:
    """What is known of a run without its numbers.

    config: with what was changed since it began. columns: of the metrics. name, notes, pinned: the user's. started,
    changed: ISO times. state: of `engine.runs.messages.State`. place: where it ran; threads: how many. versions: of
    what ran. steps: made; goal: to make. best_loss: the lowest mean over 100 steps in a row; last_loss: the newest.
    writer: who writes it ("pid", "host", "started" of the process), empty when it is closed. resumed: the steps at
    which it was taken up again. ranks: processes that trained together. held_out: of the newest snapshot.
    """

    config: TrainingConfig
    columns: tuple[str, ...]
    name: str = ""
    notes: str = ""
    pinned: bool = False
    started: str = ""
    changed: str = ""
    state: str = ""
    place: str = ""
    threads: int = 1
    versions: Mapping[str, str] = field(default_factory=dict)
    steps: int = 0
    goal: int = 0
    best_loss: float = float("nan")
    last_loss: float = float("nan")
    writer: Mapping[str, Any] = field(default_factory=dict)
    resumed: tuple[int, ...] = ()
    ranks: int = 1
    held_out: HeldOut | None = None


@dataclass(frozen=True)
class Event:
    """What was changed: after how many steps, when (ISO time), and in words."""

    step: int
    at: str
    words: str


_KINDS_OF: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "Mapping[str, str]": (dict,),
    "Mapping[str, Any]": (dict,),
    "tuple[int, ...]": (list,),
}
"""What JSON makes of a field of About, by its declared type."""


def about_members(about: About) -> dict[str, Any]:
    """Return what stands in the table `about`: JSON-like values by key."""
    members = {item.name: getattr(about, item.name) for item in fields(about)}
    config = {item.name: getattr(about.config, item.name) for item in settings()}
    return {**members, "config": config, "held_out": about.held_out.members if about.held_out else None}


def write_about(connection: sqlite3.Connection, members: Mapping[str, Any]) -> None:
    """Write some facts about a run; the others stay."""
    rows = [(key, json.dumps(value)) for key, value in members.items()]
    connection.executemany(
        "INSERT INTO about VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", rows
    )


class Recording:
    """A recording that is read: a context manager, for one thread and a short time.

    What was written last is seen by the next question; the writer is never held up. Raises RecordingError, here and
    in every method, with one sentence about a file that cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._guarded():
            whole = not any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal"))
            with path.open("rb") as file:
                begin = file.read(_HEADER_BYTES)
                size = file.seek(0, io.SEEK_END)
            if begin[: len(_MAGIC)] != _MAGIC:
                raise RecordingError(
                    f"{path.name} is not a recording of this program: a database was expected; choose a file that ends "
                    f"in {SUFFIX}."
                )
            if int.from_bytes(begin[68:72], "big") != APPLICATION_ID:  # not asked: even a look leaves files beside it
                raise RecordingError(f"{path.name} is a database of another program; choose a recording ({SUFFIX}).")
            if whole and size < _pages_bytes(begin):
                raise RecordingError(f"{path.name} is damaged (its end is missing); choose another recording.")
            address = f"file:{pathname2url(str(path.absolute()))}?mode=ro"
            self._connection = sqlite3.connect(address, uri=True, timeout=_BUSY_S, isolation_level=None)
        try:
            with self._guarded():
                self._check_version()
                self.columns = self._columns()
        except RecordingError:
            self.close()
            raise

    def _check_version(self) -> None:
        ((version,),) = self._connection.execute("PRAGMA user_version")
        if version > VERSION:
            raise RecordingError(
                f"{self.path.name} was written by a newer version of this program (format {version}, this one reads "
                f"up to {VERSION}); install the newest version to open it."
            )
        if version < 1:
            raise RecordingError(f"{self.path.name} holds no run: its first second was not written; choose another.")

    def _columns(self) -> tuple[str, ...]:
        found = self._about_values("columns")["columns"]
        if not isinstance(found, list) or not 0 < len(found) <= _MOST_COLUMNS:
            raise PackingError("the names of its columns were expected")
        return tuple(str(name) for name in found)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn whatever is wrong with the file into a sentence."""
        try:
            yield
        except FileNotFoundError as error:
            raise RecordingError(f"{self.path} does not exist; choose another recording.") from error
        except OSError as error:
            raise RecordingError(f"{self.path.name} cannot be read ({error.strerror}); choose another.") from error
        except sqlite3.OperationalError as error:
            raise RecordingError(
                f"{self.path.name} cannot be read now ({error}); try again, or choose another."
            ) from error
        except _DAMAGES as error:
            raise RecordingError(f"{self.path.name} is damaged ({error}); choose another recording.") from error

    # What it holds

    def about(self) -> About:
        """Return what is known of the run."""
        with self._guarded():
            return self._about()

    def _about(self) -> About:
        values = self._about_values()
        known = {item.name for item in fields(About)}
        config = config_of(values["config"])
        members = {key: value for key, value in values.items() if key in known}
        about = About(**{**members, "config": config, "held_out": HeldOut.of(members.get("held_out"))})
        _check_kinds(about)
        steps = self._count()
        return replace(
            about,
            columns=self.columns,
            name=str(about.name),
            steps=steps,
            goal=int(about.goal),
            resumed=tuple(int(step) for step in about.resumed),
            best_loss=float(about.best_loss),
            last_loss=float(about.last_loss),
        )

    def _about_values(self, *keys: str) -> dict[str, Any]:
        only = f" WHERE key IN ({', '.join('?' * len(keys))})" if keys else ""
        return {key: json.loads(text) for key, text in self._connection.execute(f"SELECT * FROM about{only}", keys)}

    def facts(self) -> TaskFacts | None:
        """Return what a window says about the task; None where the run ended before that was known."""
        with self._guarded():
            found = self._about_values("facts").get("facts")
            if found is None:
                return None
            members: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in found.items()}
            if members["name"] in TASKS:  # what an earlier version did not declare, it guessed when it drew
                members["prediction_kind"] = TASKS[members["name"]].prediction_kind
            return TaskFacts(**members)

    def count(self) -> int:
        """Return how many steps are recorded."""
        with self._guarded():
            return self._count()

    def _count(self) -> int:
        last = "SELECT * FROM (SELECT first, steps FROM {} ORDER BY first DESC LIMIT 1)"
        # One question: between two of them the writer may move steps from one table to the other.
        both = " UNION ALL ".join(last.format(table) for table in ("metrics", "recent"))
        ends = [first + steps - 1 for first, steps in self._connection.execute(both)]
        if not all(isinstance(end, int) and end > 0 for end in ends):
            raise PackingError("numbers of steps were expected")
        return max(ends, default=0)

    def rows(self, first: int = 1, last: int | None = None) -> Iterator[Float32]:
        """Yield the metrics of every step from `first` to `last`, or to the newest, in blocks (steps, columns)."""
        end = sys.maxsize if last is None else last
        with self._guarded():
            while first <= end:
                # In portions: a long run is not held twice. A question that stays open would hold back the writer.
                made = 0
                for rows in self._portion(first, min(end, first + _PORTION - 1)):
                    yield rows
                    made += len(rows)
                if not made:
                    return
                first += made

    def _portion(self, first: int, last: int) -> Iterator[Float32]:
        due = 0  # the step that comes next, once there was one
        for start, steps, data in self._blocks(first, last):
            if (start != due) if due else (start > first):
                raise PackingError(f"step {due or first} was expected, found {start}")
            block = self._block(steps, data)
            due = start + len(block)
            yield block[max(0, first - start) : last - start + 1]

    def _blocks(self, first: int, last: int) -> Sequence[tuple[int, int, bytes]]:
        packed = self._connection.execute(
            "SELECT first, steps, data, 1 FROM metrics WHERE first + steps > ?1 AND first <= ?2 UNION ALL "
            "SELECT first, steps, data, 0 FROM recent WHERE first + steps > ?1 AND first <= ?2 ORDER BY first",
            (first, last),
        ).fetchall()
        return [(start, steps if is_packed else -steps, data) for start, steps, data, is_packed in packed]

    def _block(self, steps: int, data: bytes) -> Float32:
        columns = len(self.columns)
        if steps > 0:
            return unpacked_rows(data, steps, columns)
        if len(data) != -steps * columns * STEP_BYTES:
            raise PackingError(f"{-steps} steps of {columns} columns were expected")
        return np.frombuffer(data, dtype="<f4").astype(np.float32).reshape(-steps, columns)

    def snapshot_steps(self) -> list[int]:
        """Return the steps after which a snapshot was taken, in their order."""
        with self._guarded():
            return [int(step) for (step,) in self._connection.execute("SELECT step FROM snapshots ORDER BY step")]

    def snapshot(self, step: int, near: bool = True) -> Snapshot | None:
        """Return the snapshot that lies nearest to a step, the earlier of two; None where there is none.

        near: with the extras nearest to it, which say their own step; else only with those of the same step.
        """
        with self._guarded():
            found = self._nearest("snapshots", step)
            if found is None:
                return None
            snapshot = unpack(inflated(found[1]), Snapshot)
            extras = self._nearest("extras", snapshot.step)
            if extras is None or not (near or extras[0] == snapshot.step):
                return snapshot
            return replace(snapshot, extras=unpack(inflated(extras[1]), Extras))

    def _nearest(self, table: str, step: int) -> tuple[int, bytes] | None:
        query = f"SELECT step, data FROM {table} ORDER BY abs(step - ?), step LIMIT 1"
        found: tuple[int, bytes] | None = self._connection.execute(query, (step,)).fetchone()
        return found

    def extras_steps(self) -> list[int]:
        """Return the steps after which more was seen than a snapshot holds, in their order."""
        with self._guarded():
            return [int(step) for (step,) in self._connection.execute("SELECT step FROM extras ORDER BY step")]

    def extras(self, step: int) -> Extras:
        """Return what was seen besides after a step; empty where nothing was."""
        with self._guarded():
            query = "SELECT data FROM extras WHERE step = ?"
            found = self._connection.execute(query, (step,)).fetchone()
            return unpack(inflated(found[0]), Extras) if found else Extras()

    def checkpoint_steps(self) -> list[int]:
        """Return the steps after which there is all that the next step depends on."""
        with self._guarded():
            return [int(step) for (step,) in self._connection.execute("SELECT step FROM checkpoints ORDER BY step")]

    def checkpoint(self, step: int) -> bytes | None:
        """Return the checkpoint of the greatest step that is not beyond `step`; None where there is none."""
        with self._guarded():
            query = "SELECT data FROM checkpoints WHERE step <= ? ORDER BY step DESC LIMIT 1"
            found = self._connection.execute(query, (step,)).fetchone()
            return bytes(found[0]) if found else None

    def events(self) -> list[Event]:
        """Return what was changed, in the order that it was."""
        with self._guarded():
            rows = self._connection.execute("SELECT step, at, words FROM events ORDER BY number").fetchall()
            return [Event(int(step), str(at), str(words)) for step, at, words in rows]


def _pages_bytes(header: bytes) -> int:
    """Return how many bytes a database has by the first bytes of its file; 0 where they do not say."""
    if header[24:28] != header[92:96]:  # written by something that did not count its pages
        return 0
    size = int.from_bytes(header[16:18], "big")
    return (65536 if size == 1 else size) * int.from_bytes(header[28:32], "big")


def _check_kinds(about: About) -> None:
    """Raise TypeError for facts that are not of the kind of their defaults."""
    for item in fields(about):
        kinds = _KINDS_OF.get(str(item.type), (object,))
        if not isinstance(getattr(about, item.name), kinds):
            raise TypeError(f"{item.name} was expected as {item.type}")


def inflated(data: bytes) -> bytes:
    """Return deflated bytes as they were; raises PackingError for others."""
    try:
        return zlib.decompress(data)
    except zlib.error as error:
        raise PackingError(str(error)) from error
