"""Work that the window's thread must not wait for: files, traces, typesetting."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Background(QObject):
    """One thread that does pieces of work in turn; each result comes back in the window's thread."""

    _finished = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._closed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
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

        def finished(future: Future[Any]) -> None:
            self._finished.emit((future, done, failed, expected))

        self._pool.submit(work).add_done_callback(finished)

    def close(self, wait: bool = True) -> None:
        """Drop what has not begun and wait for what has (or not); nothing comes back afterwards."""
        self._closed = True
        self._pool.shutdown(wait=wait, cancel_futures=True)

    @Slot(object)
    def _deliver(self, finished: tuple[Future[Any], Any, Any, Any]) -> None:
        if self._closed:
            return  # it was on its way when the window closed, and those who would hear of it may be gone
        future, done, failed, expected = finished
        try:
            result = future.result()
        except CancelledError:
            return
        except expected as error:
            failed(error)
            return
        done(result)
