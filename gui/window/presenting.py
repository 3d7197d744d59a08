"""Presenting: full screen, the diagram and the formula line alone, letters for a hall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QDockWidget

from gui.appearance.text_size import SMALLEST_TEXT_PT

if TYPE_CHECKING:
    from gui.window.main_window import MainWindow


class Presenting:
    """Takes the window to the hall and back; the playback stays where the lecturer stands."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
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
        window.set_bare(True)
        lines = window.screen().geometry().height()
        window.scene.set_smallest_text(SMALLEST_TEXT_PT * 96 / 72 * lines / 1080 - 0.5)
        window.view.has_tips = False  # the formula's card says it in large letters
        window.showFullScreen()
        self._mark()

    def end(self) -> None:
        """Bring the window back as it was."""
        if self._before is None:
            return
        layout, maximised = self._before
        self._before = None
        window = self._window
        window.scene.set_smallest_text(0.0)
        window.view.has_tips = True
        window.set_bare(False)
        if maximised:
            window.showMaximized()
        else:
            window.showNormal()
        window.restoreState(layout)  # docks that are only shown again share the room anew
        self._mark()

    def _mark(self) -> None:
        self._window.actions_by_name["present"].setChecked(self.on)
