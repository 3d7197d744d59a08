"""Takes what a worker in the background has to say, when the window has time for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal


class Heard(Protocol):
    """What a worker says; over: whether it is the last of it."""

    @property
    def over(self) -> bool: ...


class Speaker(Protocol):
    """A worker whose words wait in a mailbox with one slot; silent: whether its process has stopped answering."""

    @property
    def silent(self) -> bool: ...

    def take(self) -> Heard | None: ...


class Polling(QObject):
    """Looks every few milliseconds whether a worker has said something, until its last word; never waits for it.

    heard: called with what was said. ready: asked at each look; while it says no, the mailbox keeps what comes.
    """

    looked = Signal()
    """After each look, whether there was something or not."""
    silent = Signal(bool)
    """Whether the worker's process has stopped answering; told when that changes."""

    def __init__(
        self, look_ms: int, heard: Callable[[Any], None], parent: QObject, ready: Callable[[], bool] = lambda: True
    ) -> None:
        super().__init__(parent)
        self._heard, self._ready = heard, ready
        self._worker: Speaker | None = None
        self._was_silent = self._over = False
        self._timer = QTimer(self, interval=look_ms)
        self._timer.timeout.connect(self._on_look)

    @property
    def active(self) -> bool:
        """Whether there is somebody to listen to."""
        return self._timer.isActive()

    def listen_to(self, worker: Speaker) -> None:
        """Listen to a worker and to no other any more."""
        self._worker, self._over = worker, False
        self._tell_silence(False)
        self._timer.start()

    def stop(self) -> None:
        """Listen to nobody."""
        self._timer.stop()

    def _on_look(self) -> None:
        worker = self._worker
        if worker is None:
            return
        self._tell_silence(worker.silent)
        if self._ready():
            if self._over:
                self.stop()
            elif (said := worker.take()) is not None:
                self._over = said.over
                self._heard(said)
        self.looked.emit()

    def _tell_silence(self, silent: bool) -> None:
        if silent is not self._was_silent:
            self._was_silent = silent
            self.silent.emit(silent)
