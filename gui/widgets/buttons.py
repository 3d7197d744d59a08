"""Buttons for the keyboard and for the mouse: what is clicked leaves Space to the playback."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QPushButton

_PRESS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _would_press(event: QEvent) -> bool:
    """Whether a key asks to be a press here, before it is taken for a shortcut of the window."""
    return event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _PRESS


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
        if _would_press(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _PRESS:
            self.click()
        else:
            super().keyPressEvent(event)


class CheckBox(QCheckBox):
    """A check box that Tab reaches; there Space and Return set it, and play nothing."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def event(self, event: QEvent) -> bool:
        if _would_press(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _PRESS:
            self.click()
        else:
            super().keyPressEvent(event)
