"""Work that may never end: each piece in a thread, or a user's own code in a child process, that holds up nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.session.child import Child, Ending, Work
from engine.tables.answers import DataError

_GRACE_S = 0.2


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

    def forget(self) -> None:
        """Hear nothing of what was begun."""
        self._number += 1

    @Slot(object)
    def _deliver(self, finished: tuple[int, Callable[[Any], None], Any]) -> None:
        number, hear, result = finished
        if number == self._number:
            hear(result)


class ApartInChild(QObject):
    """Does a piece of work in a child process, which may import torch or hold Python's lock; it ends with the window.

    The child sends one result, and one for each thing it is told, or a DataError instead; only the newest is heard.
    """

    _heard = Signal(object)

    def __init__(self, name: str, owner: QWidget) -> None:
        super().__init__(owner)
        self._name = f"training-{name}"  # as the names of all children begin
        self._owner = owner
        self._number = 0
        self._owed = 0  # answers that the child has still to send
        self._children: list[Child] = []  # one at most; a list, so that it outlives this object
        self._done: Callable[[Any], None] = _nothing
        self._failed: Callable[[Exception], None] = _nothing
        self._asking = Apart("tasks", self)
        self._window: QWidget | None = None
        self._heard.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(partial(_end, self._children))
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.end)

    @property
    def busy(self) -> bool:
        """Whether there is a child that can be told something."""
        return bool(self._children)

    def run(
        self,
        work: Work,
        arguments: tuple[Any, ...],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        needed: Callable[[], bool] | None = None,
    ) -> None:
        """Do the work of a `Child`, then `done(result)` in the window's thread, or `failed` with a DataError.

        needed: asked first, in a thread; where it says no, `done(None)` without a child. It may raise DataError.
        """
        self.end()
        self._watch()
        self._done, self._failed = done, failed
        if needed is None:
            self._start(work, arguments, True)
        else:
            self._asking.run(needed, partial(self._start, work, arguments), failed, DataError)

    def tell(self, command: object) -> None:
        """Send a command to the child."""
        for child in self._children:
            self._owed += 1
            child.tell(command)

    @Slot()
    def end(self) -> None:
        """End what was begun and hear nothing of it; does not wait."""
        self._number += 1
        self._asking.forget()
        _end(self._children)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """End with the window, which is hidden when it closes and destroyed later, if at all."""
        if event.type() == QEvent.Type.Hide and not event.spontaneous():
            self.end()
        return super().eventFilter(watched, event)

    def _watch(self) -> None:
        window = self._owner
        while (parent := window.parentWidget()) is not None:
            window = parent  # not window(), which would be a dock that floats
        if window is not self._window:
            if self._window is not None:
                self._window.removeEventFilter(self)
            self._window = window
            window.installEventFilter(self)

    def _start(self, work: Work, arguments: tuple[Any, ...], needed: bool) -> None:
        if not needed:
            self._done(None)
            return
        number = self._number

        def hear(message: object) -> None:
            try:
                self._heard.emit((number, message))
            except RuntimeError:
                return  # the window is gone

        self._owed = 1
        child = Child(self._name, work, arguments, hear, hear)
        self._children.append(child)
        child.start()

    @Slot(object)
    def _deliver(self, heard: tuple[int, Any]) -> None:
        number, message = heard
        if number != self._number:
            return
        if isinstance(message, Ending):
            self._children.clear()
            if self._owed > 0:
                self._failed(DataError(f"The process that runs your own tasks {message.words}; correct the task."))
            return
        self._owed -= 1
        if isinstance(message, DataError):
            self._failed(message)
        else:
            self._done(message)


def _nothing(_result: object) -> None:
    """What is done with a result before anything was asked."""


def _end(children: list[Child]) -> None:
    for child in children:
        child.end(_GRACE_S)
    children.clear()
