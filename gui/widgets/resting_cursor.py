"""What is under a cursor that rests tells its number anew when the numbers have changed.

A view tells what it shows when the mouse is moved over it. Where what it shows has changed, the mouse is moved again,
by nothing: so every plot, table and diagram follows, by what it does anyway.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QCursor, QHelpEvent, QMouseEvent, Qt
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

_PAUSE_MS = 150
"""A number that changes more often cannot be read."""


def tell_again(within: QWidget) -> None:
    """Say that what a widget shows has changed; a widget of its window that is under the cursor is soon asked anew."""
    window = within.window()
    cursor = next((child for child in window.children() if isinstance(child, _RestingCursor)), None)
    (cursor or _RestingCursor(window)).tell_again()


class _RestingCursor(QObject):
    """Moves the mouse of a window by nothing, a few times a second at most."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._move_by_nothing)

    def tell_again(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

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
