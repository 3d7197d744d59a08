"""Hears the next key that is pressed, whatever it means elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gui.commands.pressed import key_of


class Listening(QObject):
    """Hears the next key of a widget while it is on; the window's shortcuts and the widget do not get it."""

    heard = Signal(str)
    """A key, as the table writes it; "" for one that is none."""
    cancelled = Signal()
    """Esc was pressed, or the keyboard went elsewhere."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.on = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.on:
            return False
        kind = event.type()
        if kind == QEvent.Type.FocusOut:
            self._cancel()
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if kind != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self._cancel()
        elif (key := key_of(event)) is not None:
            self.heard.emit(key)
        return True

    def _cancel(self) -> None:
        self.on = False
        self.cancelled.emit()
