"""Which screen the hall sees and which the lecturer, also when screens come and go while presenting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QMainWindow

from gui.appearance.stored import Stored
from gui.hall.presenter import PresenterView

_KEY = "hall/screen"


class Screens(QObject):
    """Puts the presentation on one screen, and the presenter's view on another where there is one."""

    def __init__(self, window: QMainWindow, view: PresenterView, stored: Stored, told: Callable[[bool], None]) -> None:
        """told: hears whether the presenter has a screen of his own."""
        super().__init__(window)
        self._window, self.view, self._stored, self._told = window, view, stored, told
        self._before: tuple[QScreen, QRect] | None = None
        """Where the window stood at the desk; None while nobody presents."""
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._on_screens)
        application.screenRemoved.connect(self._on_screens)

    @property
    def several(self) -> bool:
        """Whether there is more than one screen."""
        return len(QGuiApplication.screens()) > 1

    def begin(self) -> None:
        """Take the hall's screen."""
        self._before = self._window.screen(), self._window.geometry()
        self._arrange()

    def end(self) -> None:
        """Give the screens back."""
        before, self._before = self._before, None
        self.view.hide()
        self._told(False)
        if before is not None and before[0] in QGuiApplication.screens() and self.several:
            self._window.setScreen(before[0])
            self._window.setGeometry(before[1])

    def exchange(self) -> None:
        """Let the hall see the other screen from now on, and remember it."""
        screens = QGuiApplication.screens()
        now = screens.index(self._of_hall())
        self._stored.setValue(_KEY, screens[(now + 1) % len(screens)].name())
        self._arrange()

    def _of_hall(self) -> QScreen:
        """Return the screen that was chosen, else one that is not the first."""
        screens = QGuiApplication.screens()
        chosen = self._stored.text(_KEY, "the screen that the hall sees", "")
        return next((screen for screen in screens if screen.name() == chosen), screens[-1])

    def _on_screens(self, _screen: QScreen) -> None:
        if self._before is not None:
            self._arrange()

    def _arrange(self) -> None:
        """Show the presentation, and the presenter's view where there is room for it."""
        if not self.several:
            self.view.hide()
            self._told(False)
            self._window.showFullScreen()
            return
        hall = self._of_hall()
        own = next(screen for screen in QGuiApplication.screens() if screen is not hall)
        if self._window.geometry() != hall.geometry():
            self._window.showNormal()  # a window that fills a screen is not moved to another
            self._window.setScreen(hall)
            self._window.setGeometry(hall.geometry())
        self._window.showFullScreen()
        self.view.setScreen(own)
        self.view.setGeometry(own.availableGeometry())
        self.view.show()
        self._told(True)
