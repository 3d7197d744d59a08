"""Presenting: full screen, the diagram and the formula line alone, letters for a hall."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QDockWidget, QMainWindow


class Presenting:
    """Takes the window to the hall and back; the playback stays where the lecturer stands."""

    def __init__(self, window: QMainWindow, show: Callable[[bool], None]) -> None:
        """show: shows in the window what is left of it while presenting, True, or all again, False."""
        self._window, self._show = window, show
        self._before: tuple[QByteArray, bool] | None = None

    @property
    def on(self) -> bool:
        """Whether the window is presenting."""
        return self._before is not None

    def toggle(self) -> None:
        """Begin, or end."""
        if self.on:
            self.end()
        else:
            self.begin()

    def begin(self) -> None:
        """Hide everything but the diagram and the formula line, and take the whole screen."""
        window = self._window
        self._before = (window.saveState(), window.isMaximized())
        for dock in window.findChildren(QDockWidget):
            dock.hide()
        self._show(True)
        window.showFullScreen()

    def end(self) -> None:
        """Bring the window back as it was."""
        if self._before is None:
            return
        layout, maximised = self._before
        self._before = None
        window = self._window
        self._show(False)
        if maximised:
            window.showMaximized()
        else:
            window.showNormal()
        window.restoreState(layout)  # docks that are only shown again share the room anew
