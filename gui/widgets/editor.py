"""The line editor of a table's cell."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.widgets.own_keys import LendsUndo

_Key = Qt.Key
# QLineEdit itself accepts the others.
_EDITING_KEYS = frozenset(
    (
        *(_Key.Key_Return, _Key.Key_Enter, _Key.Key_Escape, _Key.Key_Tab, _Key.Key_Backtab, _Key.Key_Space),
        *(_Key.Key_Left, _Key.Key_Right, _Key.Key_Up, _Key.Key_Down, _Key.Key_Home, _Key.Key_End),
    )
)
_MODIFIERS = frozenset(
    (
        *(_Key.Key_Control, _Key.Key_Shift, _Key.Key_Alt, _Key.Key_Meta, _Key.Key_AltGr),
        *(_Key.Key_CapsLock, _Key.Key_NumLock, _Key.Key_ScrollLock),
    )
)


class Editor(QLineEdit):
    """Keeps the keys that edit text; without it the window would take them for shortcuts."""

    committed = Signal(QWidget)
    """Emitted with this editor before a shortcut of the window acts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        LendsUndo(self)

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return super().event(event)
        handled = super().event(event)
        if not event.isAccepted():
            if event.key() in _EDITING_KEYS:
                event.accept()
            elif event.key() not in _MODIFIERS:
                self.committed.emit(self)
        return handled
