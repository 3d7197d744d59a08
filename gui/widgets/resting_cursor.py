"""Keeps what a view says about the number under the cursor true when the numbers change.

A view says it when the mouse moves over it. When its numbers have changed, it therefore gets another such event, at
the same place: so every plot, table and diagram follows.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QCursor, QHelpEvent, QMouseEvent, Qt
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

_PAUSE_MS = 150
"""A number that changes more often than this cannot be read."""


def tell_again(within: QWidget) -> None:
    """Say that what a widget shows has changed; the widget of its window under the cursor soon gets another event."""
    window = within.window()
    cursor = next((child for child in window.children() if isinstance(child, _RestingCursor)), None)
    cursor = cursor or _RestingCursor(window)
    if not cursor.isActive():
        cursor.start()


class _RestingCursor(QTimer):
    """Repeats the mouse's last move over a window, a few times a second at most."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, singleShot=True, interval=_PAUSE_MS)
        self._window = window
        self.timeout.connect(self._move_by_nothing)

    def _move_by_nothing(self) -> None:
        at_screen = QCursor.pos()
        under = QApplication.widgetAt(at_screen)
        held = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if held or under is None or not under.underMouse() or under.window() is not self._window:
            return
        at, none = under.mapFromGlobal(at_screen), Qt.MouseButton.NoButton
        kind, keys = QEvent.Type.MouseMove, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(under, QMouseEvent(kind, at.toPointF(), at_screen.toPointF(), none, none, keys))
        if QToolTip.isVisible():
            QApplication.sendEvent(under, QHelpEvent(QEvent.Type.ToolTip, at, at_screen))
