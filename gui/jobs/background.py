"""Work that the window's thread must not wait for: files, traces, typesetting."""

from __future__ import annotations

import atexit
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Thread, current_thread
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

LONGEST_S = 5.0
"""How long the end of the program waits for what is being read or written: a file may never be read to its end."""

_threads: set[Thread] = set()
"""Those that are at work."""


@dataclass(frozen=True)
class _Piece:
    """A piece of work, and who hears of what came of it."""

    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None] | None
    expected: type[Exception] | tuple[type[Exception], ...]


class Background(QObject):
    """One thread at a time that does pieces of work in turn; each result comes back in the window's thread."""

    _finished = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._closed = False
        self._pieces: deque[_Piece] = deque()
        self._thread: Thread | None = None
        """There while there is something to do."""
        self._lock = Lock()
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
        expected: type[Exception] | tuple[type[Exception], ...] = (),
    ) -> None:
        """Do `work` in the thread, then `done(result)` in the window's.

        An exception of a kind `expected` goes to `failed`; any other is a fault of the program and is raised
        in the window's thread, where the program's handler shows it.
        """
        if self._closed:
            return  # the window is going; there is nobody to give the result to
        with self._lock:
            self._pieces.append(_Piece(work, done, failed, expected))
            if self._thread is None:
                self._thread = Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def close(self, wait: bool = True) -> None:
        """Drop what has not begun and wait for what has (or not), for a while; nothing comes back afterwards."""
        self._closed = True
        with self._lock:
            self._pieces.clear()
            thread = self._thread
        if wait and thread is not None:
            thread.join(LONGEST_S)

    def _work(self) -> None:
        while (piece := self._next()) is not None:
            outcome = _Outcome()
            _threads.add(current_thread())
            with outcome:
                outcome.result = piece.work()
            _threads.discard(current_thread())
            try:
                self._finished.emit((piece, outcome))
            except RuntimeError:
                return  # the window is gone
            del piece, outcome  # not kept while the next is done

    def _next(self) -> _Piece | None:
        with self._lock:
            if self._pieces:
                return self._pieces.popleft()
            self._thread = None
            return None

    @Slot(object)
    def _deliver(self, finished: tuple[_Piece, _Outcome]) -> None:
        if self._closed:
            return  # it was on its way when the window closed, and those who would hear of it may be gone
        piece, outcome = finished
        if outcome.error is None:
            piece.done(outcome.result)
        elif piece.failed is not None and isinstance(outcome.error, piece.expected):
            piece.failed(outcome.error)
        else:
            raise outcome.error


class _Outcome:
    """What came of a piece of work; a context manager that keeps whatever error ends it."""

    def __init__(self) -> None:
        self.result: Any = None
        self.error: Exception | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None


@atexit.register
def _wait_at_the_end() -> None:
    """Let what is being written come to its end, and leave what has none."""
    until = time.monotonic() + LONGEST_S
    for thread in tuple(_threads):
        thread.join(max(0.0, until - time.monotonic()))
