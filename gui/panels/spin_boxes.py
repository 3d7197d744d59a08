"""Spin boxes that know the playback's keys: Return ends the typing, Space is the playback's even here."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox

_TYPING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Home)


class WholeBox(QSpinBox):
    """For whole numbers."""

    def event(self, event: QEvent) -> bool:
        mine = _is_own_key(event)
        return super().event(event) if mine is None else mine

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        _leave_after_return(self, event)


class RealBox(QDoubleSpinBox):
    """For numbers with decimals."""

    def event(self, event: QEvent) -> bool:
        mine = _is_own_key(event)
        return super().event(event) if mine is None else mine

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        _leave_after_return(self, event)


def _is_own_key(event: QEvent) -> bool | None:
    """Say whose a key is before the window's shortcuts see it: the box's, the window's, or as Qt decides."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return None
    if event.key() == Qt.Key.Key_Space:
        event.ignore()
        return False
    if event.key() in _TYPING:
        event.accept()
        return True
    return None


def _leave_after_return(box: QSpinBox | QDoubleSpinBox, event: QKeyEvent) -> None:
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        box.clearFocus()
