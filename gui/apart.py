"""Work that may never end, such as a user's own code: each piece in a thread that holds up nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Apart(QObject):
    """Does a piece of work in a thread of its own; only what the newest came to is heard of.

    `Background` has one thread for everything and waits for it at the end; here an endless loop delays neither the
    next piece of work nor the end of the program.
    """

    _finished = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._number = 0
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        expected: type[Exception] | tuple[type[Exception], ...],
    ) -> None:
        """Do `work` apart, then `done(result)` in the window's thread, or `failed` with an expected exception."""
        self._number += 1
        number = self._number

        def body() -> None:
            try:
                outcome: tuple[Callable[[Any], None], Any] = done, work()
            except expected as error:
                outcome = failed, error
            try:
                self._finished.emit((number, *outcome))
            except RuntimeError:
                return  # the window is gone

        threading.Thread(target=body, name=self._name, daemon=True).start()

    @Slot(object)
    def _deliver(self, finished: tuple[int, Callable[[Any], None], Any]) -> None:
        number, hear, result = finished
        if number == self._number:
            hear(result)
