"""Presenting: full screen, the diagram and the formula line alone, letters for a hall."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

from gui.commands.registry import Registry

_ASKED_MS = 3000
"""A second press of Esc counts for so long."""


class Presenting:
    """Takes the window to the hall and back; the playback stays where the lecturer stands."""

    def __init__(self, window: QMainWindow, show: Callable[[bool], None]) -> None:
        """show: shows in the window what is left of it while presenting, True, or all again, False."""
        self._window, self._show = window, show
        self._before: tuple[QByteArray, bool] | None = None
        self._asked = QTimer(window)
        self._asked.setSingleShot(True)
        self._asked.setInterval(_ASKED_MS)
        self._asked.timeout.connect(self._on_not_meant)

    @property
    def on(self) -> bool:
        """Whether the window is presenting."""
        return self._before is not None

    def register_commands(self, commands: Registry) -> None:
        """Say what the command does."""
        commands.register("present", self.toggle, on=lambda: self.on)

    def ask_to_end(self) -> None:
        """End at the second call within a moment; the first says so."""
        if not self.on:
            return
        if self._asked.isActive():
            self.end()
            return
        self._asked.start()
        self._window.statusBar().show()
        self._window.statusBar().showMessage("Press Esc again to end the presentation", _ASKED_MS)

    def _on_not_meant(self) -> None:
        self._window.statusBar().setVisible(not self.on)

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
        self._asked.stop()
        layout, maximised = self._before
        self._before = None
        window = self._window
        self._show(False)
        if maximised:
            window.showMaximized()
        else:
            window.showNormal()
        window.restoreState(layout)  # docks that are only shown again share the room anew
