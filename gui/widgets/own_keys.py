"""Lets a widget that has the keyboard use keys that are shortcuts of the window elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class OwnKeys(QObject):
    """Keeps the keys that mean something to a widget from the window's shortcuts; the widget then gets them."""

    def __init__(self, widget: QWidget, means: Callable[[QKeyEvent], object]) -> None:
        """means: whether a key, with its modifiers, means something to the widget now."""
        super().__init__(widget)
        self._means = means
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent) or not self._means(event):
            return False
        event.accept()
        return True
