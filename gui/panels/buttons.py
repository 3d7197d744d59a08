"""Buttons for the keyboard and for the mouse: what is clicked leaves Space to the playback."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QPushButton

_PRESS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(QPushButton):
    """A button that Tab reaches; there Space and Return press it, and play nothing."""

    def __init__(self, words: str, action: QAction | None = None) -> None:
        super().__init__(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if action is not None:
            self.use(action)

    def use(self, action: QAction) -> None:
        """Do what an action does, and say so with its sentence and key."""
        self.clicked.connect(action.trigger)
        self.setToolTip(action.toolTip())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _PRESS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _PRESS:
            self.click()
        else:
            super().keyPressEvent(event)
