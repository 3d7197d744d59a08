"""Writes a file whole or not at all, so that a crash or a full disk leaves the one that was there."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""No room is left: on the disk, of what this user may have, of what a file may have."""


def not_written(path: Path, error: Exception) -> str:
    """Return the sentence for a file that the system did not let be written: why, and what to do."""
    why = getattr(error, "strerror", None) or str(error)
    full = getattr(error, "errno", None) in _FULL
    todo = "make room, or choose another folder" if full else "choose another folder"
    return f"{path} cannot be written ({why}); {todo}."


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the path of an empty file to write beside `path`; it takes its name when the block ends without an error.

    An existing file keeps its permissions; a new one gets those that the umask gives any new file. A link stays a link.
    The empty file ends in the same suffix, for writers that read the kind from it. Raises OSError.
    """
    target = path.resolve()
    temporary = target.parent / f".{secrets.token_hex(8)}{target.suffix}"
    kept = target.stat().st_mode & 0o777 if target.exists() else None
    # The system applies the umask, and never may more people read it than may in the end.
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666 if kept is None else kept))
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if kept is not None:
            os.chmod(temporary, kept)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
