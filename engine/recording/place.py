"""Where the files of a recording lie while it is written: that one goes away is noticed, and why one is not written."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from .recording import RecordingError

LOCKED_S = 60.0
"""How long another program, such as one that copies the file, may hold it locked before that is said."""
_NO_ROOM_BYTES = 2**16
_ENDINGS = "", "-wal", "-shm"
_LONGEST = "-journal"  # SQLite's, for the first moment of a recording


def check_name(path: Path) -> None:
    """Raise RecordingError for a name that is too long for a recording and the files beside it."""
    try:
        os.lstat(path.with_name(path.name + _LONGEST))
    except OSError as error:  # nearly always: there is no such file
        if error.errno == errno.ENAMETOOLONG:
            raise RecordingError(
                f"{path}: the name is too long for a recording and what lies beside it; choose a shorter one."
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
                    f"{what} was deleted or moved while it was written; put it back, or train without recording."
                )
            if not _same(found, seen):
                raise RecordingError(
                    f"{what} was replaced by another file while it was written; put it back, or train without "
                    "recording."
                )
            if found.st_size < seen.st_size and end != "-shm":
                raise RecordingError(
                    f"{what} was cut short while it was written, so that steps are lost; train without recording, or "
                    "begin a new run."
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
        return f"another program has kept it locked for {LOCKED_S:g} s; close that"
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT) or _is_full(path):
        return f"the disk with {path.parent} is full; make room"
    return f"{getattr(error, 'strerror', None) or error}; see whether its disk works and has room"


def _is_full(path: Path) -> bool:
    """Return whether there is no room on the disk; SQLite does not always say that it was that."""
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES
    except OSError:
        return False
