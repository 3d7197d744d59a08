"""The presentation: full screen with the view in front and the formula line alone, in large text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from gui.appearance.stored import Stored
from gui.appearance.style import fit_label
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.commands.registry import Registry
from gui.hall.cover import COLOURS, Cover
from gui.hall.pointing import TOOLS, Pointing, Tool
from gui.hall.presenter import PresenterView
from gui.hall.screens import Screens
from gui.lessons.lessons import Lessons

_ASKED_MS = 3000
"""A second press of Esc counts for so long."""
_LOOK_MS, _RESTS_MS = 100, 2000
"""Between two looks at the cursor, and how long it is seen after its last move."""


class _Pointer(QTimer):
    """Hides the cursor while it rests: nobody points with it then, and it covers a number."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent, interval=_LOOK_MS)
        self._at, self._rests_ms, self._hidden = QPoint(), 0, False
        self.timeout.connect(self._look)

    def begin(self) -> None:
        """Hide it whenever it rests, from now on."""
        self._at, self._rests_ms = QCursor.pos(), 0
        self.start()

    def end(self) -> None:
        """Let it be seen again."""
        self.stop()
        self._show(True)

    def _look(self) -> None:
        at = QCursor.pos()
        self._rests_ms = self._rests_ms + _LOOK_MS if at == self._at else 0
        self._at = at
        self._show(self._rests_ms < _RESTS_MS or _something_asks())

    def _show(self, shown: bool) -> None:
        if shown is self._hidden:
            self._hidden = not shown
            if shown:
                QApplication.restoreOverrideCursor()
            else:
                QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)


def _something_asks() -> bool:
    """Whether a menu or a dialog is there to be clicked."""
    return QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None


class Presenting:
    """Takes the window to the hall and back; the playback stays where the lecturer stands."""

    def __init__(
        self,
        window: QMainWindow,
        appearance: Appearance,
        stored: Stored,
        lessons: Lessons,
        show: Callable[[bool], None],
    ) -> None:
        """show: shows in the window what is left of it while presenting, True, or all again, False."""
        self._window, self._appearance, self._show = window, appearance, show
        self._was_maximised: bool | None = None
        """Whether the window was maximised before; None while nobody presents."""
        self._asked = QTimer(window, singleShot=True, interval=_ASKED_MS)
        self._pointer = _Pointer(window)
        self.cover = Cover(window)
        self.pointing = Pointing(window, appearance)
        self._lessons = lessons
        view = PresenterView(window, lessons.course, appearance)
        lessons.windows.append(view)
        self.screens = Screens(window, view, stored, self._on_own_screen)
        self.question = QLabel("Press Esc again to end the presentation", window)
        """Over the view, which does not move for it."""
        self.question.setObjectName("card")
        self.question.setMargin(appearance.px(12))
        self.question.hide()
        self._asked.timeout.connect(self.question.hide)

    @property
    def on(self) -> bool:
        """Whether the window is presenting."""
        return self._was_maximised is not None

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do."""
        commands.register("present", self.begin, on=lambda: self.on)
        for colour in COLOURS:
            commands.register(colour, partial(self.cover.show_colour, colour), possible=lambda: self.on)
        for tool in TOOLS:
            commands.register(
                tool, partial(self.pointing.take, tool), on=partial(self._holds, tool), possible=lambda: self.on
            )
        commands.register("exchange screens", self.screens.exchange, possible=lambda: self.on and self.screens.several)
        commands.register("wipe", self.pointing.wipe, possible=lambda: self.on)

    def _holds(self, tool: Tool) -> bool:
        return self.pointing.tool == tool

    def step_out(self) -> bool:
        """Put down what is pointed with, or wipe what was drawn; return whether there was any."""
        return self.pointing.leave()

    def ask_to_end(self) -> None:
        """End at the second call within a moment; the first says so."""
        if not self.on:
            return
        if self._asked.isActive():
            self.end()
            return
        self._asked.start()
        label, room = self.question, self._window.size()
        fit_label(label, self._appearance.text(TEXT))
        label.adjustSize()
        label.move((room.width() - label.width()) // 2, room.height() - 2 * label.height())
        label.show()
        label.raise_()

    def begin(self) -> None:
        """Hide everything but the view in front and take the whole screen; nothing where it is taken already."""
        if self.on:
            return
        self._was_maximised = self._window.isMaximized()
        self._show(True)
        self._pointer.begin()
        self.screens.begin()

    def end(self) -> None:
        """Bring the window back as it was."""
        if self._was_maximised is None:
            return
        self._asked.stop()
        self._pointer.end()
        self.question.hide()
        self.cover.take_away()
        self.pointing.clear()
        maximised, self._was_maximised = self._was_maximised, None
        window = self._window
        self._show(False)
        window.showNormal()
        self.screens.end()
        if maximised:
            window.showMaximized()

    def _on_own_screen(self, is_there: bool) -> None:
        """Let the hall see the view alone where the lesson's page stands on the lecturer's screen."""
        self._lessons.reader.setVisible(self._lessons.course.on and not is_there)
