"""Ensures that only one process writes a recording, and only to the file that it has begun.

It holds a lock on a file beside it and has a token in it; it knows the file by its place on the disk.
"""

from __future__ import annotations

import errno
import math
import os
import secrets
import shutil
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from .about import About, RecordingError

ENDING = "-lock"
"""Of the file that is locked. A lock on the database itself would be lost when any handle of it is closed."""
LOCKED_S = 60.0
"""How long another program, such as one that copies the file, may hold it locked before that is said."""
_NO_ROOM_BYTES = 2**16
_ENDINGS = "", "-wal", "-shm"
_LONGEST = "-journal"  # SQLite's, for the first moment of a recording
_PATIENCE_S = 1.0  # with one that only looks whether it is locked
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)
_written: list[tuple[int, int]] = []
"""Device and inode of each recording that this process writes."""
_looking = Lock()


def lock_path(path: Path) -> Path:
    """Return the file that is locked while a recording is written, whatever links lead to it."""
    return Path(f"{os.path.realpath(path)}{ENDING}")


class WriterLock:
    """The right to write a recording. A folder that knows no locks is left to the token.

    Raises RecordingError where another process has it, and OSError where there can be no file beside the recording.
    """

    def __init__(self, path: Path, writer: Mapping[str, Any]) -> None:
        """writer: who is said to write it."""
        from filelock import FileLock, Timeout  # not needed until something is recorded

        self._path = lock_path(path)
        self._lock = FileLock(self._path, thread_local=False, fallback_to_soft=False)
        try:
            self._lock.acquire(timeout=_PATIENCE_S)
        except Timeout as error:
            raise RecordingError(f"{path.name} is still being written by {who(writer)}; stop that first.") from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            self._remove()
        self._claimed: tuple[int, int] | None = None

    def claim(self, path: Path) -> None:
        """Take note that this process is about to open the file for writing; see `closable`."""
        found = os.stat(path)
        with _looking:
            self._claimed = found.st_dev, found.st_ino
            _written.append(self._claimed)

    def release(self) -> None:
        """Let others write; nothing is left beside the recording. Called once the file is closed."""
        if self._claimed is not None:
            with _looking:
                _written.remove(self._claimed)
            self._claimed = None
        if self._lock.is_locked:
            self._remove()  # while it is held: whoever comes next makes one of his own
            self._lock.release()
            if os.name == "nt":
                self._remove()  # there an open file cannot go

    def _remove(self) -> None:
        with suppress(OSError):  # one that stays does no harm
            self._path.unlink()


@contextmanager
def closable(found: os.stat_result) -> Iterator[bool]:
    """Yield whether a file may be opened and closed without SQLite; no writer begins with it meanwhile.

    With any handle that is closed, the system drops every lock that this process has on the file. Then another process
    takes the writer's for gone, and deletes the -wal under it.
    """
    with _looking:
        yield (found.st_dev, found.st_ino) not in _written


def who(writer: Mapping[str, Any]) -> str:
    """Return who writes a recording, in words: another machine is named."""
    if "pid" not in writer:
        return "another process"
    host = writer.get("host")
    return f"process {writer['pid']}" + (f" on {host}" if host and host != socket.gethostname() else "")


def is_written(path: Path, about: About) -> bool:
    """Return whether a process still writes a recording; one of another machine is known only where locks say so."""
    if not about.writer:
        return False
    locked = is_locked(path)
    return _lives(about.writer) if locked is None else locked


def is_locked(path: Path) -> bool | None:
    """Return whether a process holds the lock of a recording; None where that cannot be known."""
    try:
        descriptor = os.open(lock_path(path), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None  # as where the folder knows no locks
    from filelock import lock_descriptor

    try:
        return not lock_descriptor(descriptor, blocking=False)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def this_process() -> dict[str, Any]:
    """Return who writes: enough to find out later whether it still does, and a token that no other writer has."""
    import psutil

    started = psutil.Process().create_time()
    return {"pid": os.getpid(), "host": socket.gethostname(), "started": started, "token": secrets.token_hex(8)}


def _lives(writer: Mapping[str, Any]) -> bool:
    """Return whether a process of this machine lives."""
    import psutil

    if writer.get("host") != socket.gethostname():
        return False
    try:
        started = psutil.Process(int(writer["pid"])).create_time()
    except (psutil.Error, KeyError, TypeError, ValueError, OverflowError):
        return False
    with suppress(TypeError, ValueError):
        return math.isclose(started, float(writer.get("started", 0.0)), abs_tol=1.0)
    return False


def check_name(path: Path) -> None:
    """Raise RecordingError for a name that is too long for a recording and the files beside it."""
    try:
        os.lstat(f"{path}{_LONGEST}")
    except OSError as error:  # nearly always: there is no such file
        if error.errno == errno.ENAMETOOLONG:
            raise RecordingError(
                f"{path}: the name is too long for a recording and its lock file; choose a shorter one."
            ) from error


class Place:
    """Knows the files of a recording by device and inode, and how long they are.

    SQLite goes on with a file that was deleted or moved, and with one that was replaced it would destroy the new one.
    No file is opened here: with any handle that is closed, the system drops the locks that SQLite has on it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._real = os.path.realpath(path)
        self._seen: dict[str, os.stat_result] = {}

    def look(self) -> None:
        """Take note of the files as they are: they were just written to."""
        for end in _ENDINGS:
            found = self._found(end)
            if found is not None and (end not in self._seen or _same(found, self._seen[end])):
                self._seen[end] = found

    def check(self) -> None:
        """Raise RecordingError, which names it, where a file is not what was written to any more."""
        for end, seen in self._seen.items():
            what = f"{self._path}{end}" + (", which belongs to the recording," if end else "")
            found = self._found(end)
            if found is None:
                raise RecordingError(
                    f"{what} was deleted or moved during the recording; put it back, or train without recording."
                )
            if not _same(found, seen):
                raise RecordingError(
                    f"{what} was replaced by another file during the recording; put it back, or train without "
                    "recording."
                )
            if found.st_size < seen.st_size and end != "-shm":
                raise RecordingError(
                    f"{what} was truncated during the recording, so steps are lost; train without recording, or begin "
                    "a new run."
                )

    @property
    def is_foreign(self) -> bool:
        """Whether something else lies under one of the names: SQLite would delete it there, or read from it."""
        found = {end: self._found(end) for end in self._seen}
        return any(
            now is not None and not (_same(now, self._seen[end]) and now.st_size >= self._seen[end].st_size)
            for end, now in found.items()
        )

    def _found(self, end: str) -> os.stat_result | None:
        try:
            return os.stat(self._real + end)
        except OSError:  # with its folder, or the disk that it lay on
            return None


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def why_not(error: OSError | sqlite3.Error, path: Path) -> str:
    """Return why a file cannot be written, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what SQLite adds to it
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"another program has locked it for {LOCKED_S:g} s; close that program"
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT) or _is_full(path):
        return f"the disk with {path.parent} is full; make room"
    return f"{getattr(error, 'strerror', None) or error}; check that its disk works and has room"


def _is_full(path: Path) -> bool:
    """Return whether there is no room on the disk; SQLite does not always say that it was that."""
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES
    except OSError:
        return False
