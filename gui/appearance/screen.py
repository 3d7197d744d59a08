"""Follows a window to another screen, and its screen to another resolution."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

from gui.appearance.theme import Appearance


class ScreenWatch(QObject):
    """Gives everything the sizes of the screen that a window is on."""

    def __init__(self, window: QWidget, appearance: Appearance) -> None:
        super().__init__(window)
        self._window, self._appearance = window, appearance
        self._screen: QScreen | None = None

    def begin(self) -> None:
        """Follow the window, which is shown now."""
        handle = self._window.windowHandle()
        if handle is not None and self._screen is None:
            handle.screenChanged.connect(self._on_screen)
            self._on_screen(handle.screen())

    def _on_screen(self, screen: QScreen) -> None:
        if self._screen is not None:
            self._screen.geometryChanged.disconnect(self._on_resolution)
        self._screen = screen
        screen.geometryChanged.connect(self._on_resolution)
        self._on_resolution(screen.geometry())

    def _on_resolution(self, room: QRect) -> None:
        self._appearance.fit_screen(room.height())
