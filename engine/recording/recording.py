"""Reads a recording: one SQLite database, `NAME.lstmrec`, which can be read while it is being written.

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

While it is written it stands in write-ahead mode, so that readers never hold up the writer; beside it lie files of the
same name with -wal and -shm, which belong to it, and -lock, which says that it is written. A run that has ended leaves
one file. Nothing in it is pickled.
A later version may add tables, keys and columns; version 1 is read for ever.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

from ..file_kinds import RECORDING
from ..runs.observation import Extras
from ..runs.snapshot import Snapshot
from ..runs.start import Start, start_again
from ..tasks.base import TaskFacts
from .about import MOST_STEPS, About, Event, RecordingError, about_of, facts_of
from .checkpoint import Checkpoint, part, unpacked
from .database import Database
from .expected import Expected, steps_of_flow
from .lock import closable
from .packing import PackingError, inflated, misfit, unpack
from .rows import MOST, STEP_BYTES, Float32, unpacked_rows

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

_TABLES = tuple(statement.strip() for statement in SCHEMA.split(";") if statement.strip())
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_DAMAGES = (sqlite3.Error, KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError)
"""What wrong bytes come to when they are read."""
_PORTION_BYTES = 8_000_000
"""Of metrics that are read at once; one block of them may be more."""


class Recording:
    """A recording that is read: a context manager, for one thread and a short time.

    What was written last is seen by the next question; the writer is never held up. Raises RecordingError, here and
    in every method, with one sentence about a file that cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._guarded():
            whole = not any(Path(f"{path}{end}").exists() for end in ("-wal", "-journal"))
            found = path.stat()
            with closable(found) as is_free:
                begin = self._begin(found) if is_free else None
            if begin is not None:  # else it is being written here, and was looked at before
                self._check_begin(*begin, whole)
            self._database = Database(path, _TABLES)
        try:
            with self._guarded():
                self._check_version()
                self._database.check_tables()
                values = self._about_values()
                about, facts = about_of(values), values.get("facts")
                self.columns = about.columns
                self._expected = Expected(about.config, None if facts is None else facts_of(facts))
                self._database.allow(self._expected.value_bytes)
        except RecordingError:
            self.close()
            raise

    def _begin(self, found: os.stat_result) -> tuple[bytes, int]:
        """Return the first bytes of the file, and how many it has."""
        if not stat.S_ISREG(found.st_mode):  # a pipe or a device would be waited for
            return b"", 0
        with self.path.open("rb") as file:
            return file.read(_HEADER_BYTES), file.seek(0, io.SEEK_END)

    def _check_begin(self, begin: bytes, size: int, whole: bool) -> None:
        """Raise RecordingError unless a recording begins so; SQLite is not asked: its look leaves files beside it."""
        name = self.path.name or self.path  # "/" has none
        if begin[: len(_MAGIC)] != _MAGIC:
            raise RecordingError(
                f"{name} is not a recording of this program, which would be a database; choose a file that ends in "
                f"{RECORDING.suffix}."
            )
        if int.from_bytes(begin[68:72], "big") != APPLICATION_ID:
            raise RecordingError(f"{name} is a database from another program; choose a recording ({RECORDING.suffix}).")
        if whole and size < _pages_bytes(begin):
            raise RecordingError(f"{name} is damaged (its end is missing); choose another recording.")

    def _check_version(self) -> None:
        ((version,),) = self._database.ask("PRAGMA user_version")
        if version > VERSION:
            raise RecordingError(
                f"{self.path.name} was written by a newer version of this program (format {version}, this one reads "
                f"up to {VERSION}); install the newest version to open it."
            )
        if version < 1:
            raise RecordingError(f"{self.path.name} contains no run: its first second was not written; choose another.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

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
        except MemoryError as error:
            raise RecordingError(
                f"{self.path.name} cannot be read: there is not enough memory for it; close other programs, or choose "
                "another recording."
            ) from error
        except _DAMAGES as error:
            raise RecordingError(f"{self.path.name} is damaged ({error}); choose another recording.") from error

    # What it holds

    def about(self) -> About:
        """Return what is known of the run."""
        with self._guarded():
            return replace(about_of(self._about_values()), columns=self.columns, steps=self._count())

    def _about_values(self) -> dict[str, Any]:
        return {key: json.loads(text) for key, text in self._database.ask("SELECT key, value FROM about")}

    def facts(self) -> TaskFacts | None:
        """Return what a window says about the task; None where the run ended before that was known."""
        with self._guarded():
            found = self._about_values().get("facts")
            return None if found is None else facts_of(found)

    def _count(self) -> int:
        # One question: between two of them the writer may move steps from one table to the other.
        blocks = self._database.ask(
            "SELECT first, steps FROM metrics UNION ALL SELECT first, steps FROM recent ORDER BY first"
        )
        made = 0
        for first, steps in blocks:
            if first != made + 1:
                raise PackingError(f"step {made + 1:,} was expected, found {first}")
            if not isinstance(steps, int) or not 0 < steps <= MOST:
                raise PackingError(f"1 to {MOST:,} steps were expected, found {steps}")
            made += steps
        return made

    def rows(self, first: int = 1, last: int | None = None) -> Iterator[Float32]:
        """Yield the metrics of every step from `first` to `last`, or to the newest, in blocks (steps, columns)."""
        end = sys.maxsize if last is None else last
        portion = max(1, _PORTION_BYTES // (len(self.columns) * STEP_BYTES))
        with self._guarded():
            while first <= end:
                # In portions: a long run is not held twice. A question that stays open would hold back the writer.
                made = 0
                for rows in self._portion(first, min(end, first + portion - 1)):
                    yield rows
                    made += len(rows)
                if not made:
                    return
                first += made

    def _portion(self, first: int, last: int) -> Iterator[Float32]:
        due = 0  # the step that comes next, once there was one
        blocks = self._database.ask(
            "SELECT first, steps, data, 1 FROM metrics WHERE first + steps > ?1 AND first <= ?2 UNION ALL "
            "SELECT first, steps, data, 0 FROM recent WHERE first + steps > ?1 AND first <= ?2 ORDER BY first",
            (first, last),
        )
        for start, steps, data, is_packed in blocks:
            if (start != due) if due else (start > first):
                raise PackingError(f"step {due or first} was expected, found {start}")
            block = self._block(steps, data, bool(is_packed))
            due = start + len(block)
            yield block[max(0, first - start) : last - start + 1]

    def _block(self, steps: int, data: bytes, is_packed: bool) -> Float32:
        columns = len(self.columns)
        if is_packed:
            return unpacked_rows(data, steps, columns)
        if len(data) != steps * columns * STEP_BYTES:
            raise PackingError(f"{steps} steps of {columns} columns were expected")
        return np.frombuffer(data, dtype="<f4").astype(np.float32).reshape(steps, columns)

    def steps_of(self, table: Literal["snapshots", "extras", "checkpoints"]) -> list[int]:
        """Return the steps after which there is one of these, in their order."""
        with self._guarded():
            # One question: a writer adds a moment and the steps before it together.
            *found, (_, last) = self._database.ask(
                f"SELECT 0, step FROM {table} UNION ALL SELECT 1, max(0, coalesce((SELECT max(first + steps) FROM "
                "metrics), 1) - 1, coalesce((SELECT max(first + steps) FROM recent), 1) - 1) ORDER BY 1, 2"
            )
            steps = [step for _, step in found]
            if not all(isinstance(step, int) and 0 <= step <= min(last, MOST_STEPS) for step in steps):
                raise PackingError(f"{table} of steps from 0 to {last:,} were expected")
            return steps

    def snapshot(self, step: int, near: bool = True) -> Snapshot | None:
        """Return the snapshot that lies nearest to a step, the earlier of two; None where there is none.

        near: with the extras nearest to it, which say their own step; else only with those of the same step.
        """
        with self._guarded():
            found = self._nearest("snapshots", step)
            if found is None:
                return None
            snapshot = unpack(inflated(found[1], self._expected.snapshot_bytes), Snapshot)
            if snapshot.extras.any:
                raise PackingError("a snapshot alone was expected")
            self._expected.check_snapshot(snapshot, found[0])
            extras = self._nearest("extras", snapshot.step)
            if extras is None or not (near or extras[0] == snapshot.step):
                return snapshot
            return replace(snapshot, extras=self._extras(extras[1]))

    def _nearest(self, table: str, step: int) -> tuple[int, list[bytes]] | None:
        with self._database.one_state():
            for (nearest,) in self._database.ask(
                f"SELECT step FROM {table} ORDER BY abs(step - ?), step LIMIT 1", (step,)
            ):
                return nearest, self._database.data(table, nearest)
        return None

    def extras(self, step: int) -> Extras:
        """Return what was seen besides after a step; empty where nothing was."""
        with self._guarded():
            found = self._database.ask("SELECT data FROM extras WHERE step = ?", (step,))
            return self._extras(found[0][0]) if found else Extras()

    def _extras(self, data: bytes | list[bytes]) -> Extras:
        found = unpack(inflated(data, self._expected.extras_bytes), Extras)
        self._expected.check_extras(found, self._flow_steps)
        return found

    @cached_property
    def _flow_steps(self) -> int:
        """Over how many time steps gradients are told, in every moment of a run alike; 0 where that is not known."""
        for (data,) in self._database.ask("SELECT data FROM extras ORDER BY step LIMIT 1"):
            return steps_of_flow(unpack(inflated(data, self._expected.extras_bytes), Extras).flow)
        return 0

    def checkpoint(self, step: int) -> Checkpoint | None:
        """Return the checkpoint of the greatest step that is not beyond `step`; None where there is none."""
        with self._guarded():
            query = "SELECT step, kept, data FROM checkpoints WHERE step <= ? ORDER BY step DESC LIMIT 1"
            for of_step, kept, data in self._database.ask(query, (step,)):
                found = replace(unpacked(data), kept=bool(kept))
                self._expected.check_checkpoint(found, of_step)
                return found
            return None

    def start(self) -> Start | None:
        """Return the weights that the run began with, if they were given and are in its newest checkpoint."""
        with self._guarded():
            about = self.about()
            checkpoint = self.checkpoint(about.steps) if about.start else None
            weights = part(checkpoint.arrays, "start") if checkpoint is not None else {}
            return start_again(about.start, about.config, weights) if weights else None

    def events(self) -> list[Event]:
        """Return what was changed, in the order that it was."""
        with self._guarded():
            rows = self._database.ask("SELECT step, at, words FROM events ORDER BY number")
            found = [Event(*row) for row in rows]
            if any(misfit(event) or not 0 <= event.step <= MOST_STEPS for event in found):
                raise PackingError("what was changed, and after which step, was expected")
            return found


def _pages_bytes(header: bytes) -> int:
    """Return how many bytes a database has by the first bytes of its file; 0 where they do not say."""
    if header[24:28] != header[92:96]:  # written by something that did not count its pages
        return 0
    size = int.from_bytes(header[16:18], "big")
    return (65536 if size == 1 else size) * int.from_bytes(header[28:32], "big")
