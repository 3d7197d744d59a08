"""The menus of a right click, driven as a user does."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget


def menu_at(widget: QWidget, at: QPoint | None = None) -> QMenu:
    """Open the menu of what is at a point of a widget, or in its middle."""
    at = widget.rect().center() if at is None else at
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
    QApplication.sendEvent(widget, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose_entry(menu: QMenu, words: str) -> None:
    """Choose the first entry that begins with some words."""
    next(action for action in menu.actions() if action.text().startswith(words)).trigger()
    menu.close()


def entries(menu: QMenu) -> list[str]:
    """Return the words of all entries."""
    return [action.text() for action in menu.actions() if not action.isSeparator()]
