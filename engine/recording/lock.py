"""Who writes a recording: one process at a time. It holds a lock on a file beside it, and has a token in it."""

from __future__ import annotations

import errno
import math
import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .recording import About, RecordingError

ENDING = "-lock"
"""Of the file that is locked. A lock on the database itself would be lost when any handle of it is closed."""
_PATIENCE_S = 1.0  # with one that only looks whether it is locked
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


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
            raise RecordingError(f"{path.name} is still being written by {who(writer)}; end that first.") from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            self._remove()

    def release(self) -> None:
        """Let others write; nothing is left beside the recording."""
        if self._lock.is_locked:
            self._remove()  # while it is held: whoever comes next makes one of his own
            self._lock.release()
            if os.name == "nt":
                self._remove()  # there an open file cannot go

    def _remove(self) -> None:
        with suppress(OSError):  # one that stays does no harm
            self._path.unlink()


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
    locked = _is_locked(path)
    return _lives(about.writer) if locked is None else locked


def _is_locked(path: Path) -> bool | None:
    """Return whether a process holds the lock; None where that cannot be known."""
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
