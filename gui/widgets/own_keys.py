"""Which keys a widget with the keyboard keeps, though they are shortcuts of the window, and which it leaves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_EDITORS = (QLineEdit, QAbstractSpinBox, QComboBox, QTextEdit, QPlainTextEdit)


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


def walk_by_keys(widget: QWidget) -> None:
    """Let Tab come to tabs or a slider, which the arrow keys then move, not the playback; a click takes no keys."""
    widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    OwnKeys(widget, lambda event: event.key() in _ARROWS)


class LendsUndo(QObject):
    """Leaves undo and redo to the window while nothing is typed in a line: Qt's line editor would keep the keys."""

    def __init__(self, line: QLineEdit) -> None:
        super().__init__(line)
        self._line = line
        line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        keys, line = QKeySequence.StandardKey, self._line
        undo, redo = event.matches(keys.Undo), event.matches(keys.Redo)
        if (undo and not line.isUndoAvailable()) or (redo and not line.isRedoAvailable()):
            event.ignore()
            return True
        return False


def leave_editor(for_other: QWidget) -> bool:
    """Give the keyboard to another widget if something is typed or chosen with it; return whether it went there."""
    editor = QApplication.focusWidget()
    if not isinstance(editor, _EDITORS):
        return False
    for_other.setFocus()
    return QApplication.focusWidget() is not editor  # a view may have nothing else to give the keyboard to
