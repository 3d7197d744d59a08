"""The tour: a lesson that goes on by itself. Any key or click stops it, and the lesson stays where it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from engine.lessons.reading import TOUR
from gui.commands.registry import Registry
from gui.lessons.course import Course

_LOOK_MS = 100
_LEAST_S, _A_WORD_S = 2.5, 0.3
"""How long a text stands at least, and how long somebody needs for a word of it."""
_STOPS = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)


class Tour(QObject):
    """Goes on when everything stands still and there was time to read."""

    said = Signal(str)

    def __init__(self, course: Course, open_lesson: Callable[[str], None], parent: QObject) -> None:
        """open_lesson: opens one by its name."""
        super().__init__(parent)
        self._course, self._open = course, open_lesson
        self._looks = QTimer(self, interval=_LOOK_MS)
        self._looks.timeout.connect(self._look)
        self._still_since = 0.0
        course.ended.connect(self.stop)

    @property
    def on(self) -> bool:
        """Whether it goes on by itself."""
        return self._looks.isActive()

    def register_commands(self, commands: Registry) -> None:
        """Say what the command does."""
        commands.register("tour", self.begin)

    def begin(self) -> None:
        """Begin it anew."""
        self._open(TOUR)
        self._still_since = 0.0
        self._looks.start()
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def stop(self) -> None:
        """Leave the lesson where it is; its keys go on from there."""
        if not self.on:
            return
        self._looks.stop()
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        if self._course.on:
            self.said.emit("The tour stands still; PgDn goes on with it, “End” ends it")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stop at whatever somebody does; the key itself does nothing else."""
        if event.type() == QEvent.Type.ShortcutOverride and self._course.on:
            event.accept()
            return True
        if event.type() in _STOPS and event.spontaneous() and self._course.on:
            self.stop()
            return event.type() == QEvent.Type.KeyPress
        return False

    def _look(self) -> None:
        course = self._course
        if not course.on or course.runner.busy or course.done == 0:
            self._still_since = 0.0
            return
        now = time.monotonic()
        if not self._still_since:
            self._still_since = now
        elif now - self._still_since > self._reading_s():
            self._still_since = 0.0
            if course.at_end and course.question is None:
                self.stop()
            else:
                course.next()

    def _reading_s(self) -> float:
        """Return how long the newest of what is shown stands, in seconds."""
        shown = self._course.shown
        words = len(getattr(shown[-1], "markdown", "").split()) if shown else 0
        return max(_LEAST_S, _A_WORD_S * words) if words else 0.2
