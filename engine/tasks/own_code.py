"""Runs code from a user's file so that an error, an exit or an endless loop becomes one sentence."""

from __future__ import annotations

import ctypes
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from ..tables.answers import DataError

T = TypeVar("T")

TIME_LIMIT_S = 30.0
"""So long may the file, its __init__ or one drawing of examples take."""


class _OutOfTimeError(BaseException):
    """Ends a thread that has had its time."""


_here = threading.local()


@contextmanager
def said_with_line(path: Path) -> Iterator[None]:
    """Turn what the user's code raises, whatever it is, into a DataError with the last line of that file on the way."""
    try:
        yield
    except (DataError, MemoryError):  # the latter is said by whoever made the sizes
        raise
    except BaseException as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        where = f"{path.name}, line {lines[-1]}" if lines else path.name
        words = _words(error)
        raise DataError(f"{where}: {type(error).__name__}{': ' if words else ''}{words}; correct it.") from error


def _words(error: BaseException) -> str:
    """Return the first line of what an error says; it may be of a class of the user's, whose words go wrong, too."""
    try:
        return (str(error).splitlines() or [""])[0][:200]
    except BaseException:  # noqa: BLE001  what a user's class does is no fault of the program
        return ""


def in_time(path: Path, work: Callable[[], T]) -> T:
    """Return what the user's code returns, within TIME_LIMIT_S.

    Raises DataError, in one sentence with file and line, for whatever it raises and where it takes longer. It runs in a
    thread of its own, so that one that waits for ever, or ignores being told to end, is left behind.
    """
    if getattr(_here, "inside", False):  # the time of what calls it counts
        with said_with_line(path):
            return work()
    outcome: list[tuple[Any, BaseException | None]] = []

    def run() -> None:
        _here.inside = True
        try:
            with said_with_line(path):
                outcome.append((work(), None))
        except (DataError, MemoryError) as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, name="own-task", daemon=True)
    thread.start()
    thread.join(TIME_LIMIT_S)
    if not outcome:
        where = _where(path, thread)
        _end(thread)
        raise DataError(
            f"{where}: this has taken longer than {TIME_LIMIT_S:g} seconds; make examples with less work, or "
            "check for a loop that never ends."
        )
    value, error = outcome[0]
    if error is not None:
        raise error
    found: T = value
    return found


def _where(path: Path, thread: threading.Thread) -> str:
    """Return file and line at which a thread is now."""
    frame: FrameType | None = sys._current_frames().get(thread.ident or 0)
    while frame is not None and frame.f_code.co_filename != str(path):
        frame = frame.f_back
    return f"{path.name}, line {frame.f_lineno}" if frame is not None else path.name


def _end(thread: threading.Thread) -> None:
    """Let a thread end at its next line of Python, so that it takes no more time from the others."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_OutOfTimeError))
