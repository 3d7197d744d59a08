"""What of a view is left for a lecture hall: what is to be seen, and nothing that is to be clicked."""

from __future__ import annotations

from functools import partial

import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

_AT_DESK = "atDesk"


def only_at_desk(*widgets: QWidget) -> None:
    """Say that widgets are for the one who sits before the screen: paths, a search line, an amount of disk."""
    for widget in widgets:
        widget.setProperty(_AT_DESK, True)


class Hall(QObject):
    """Hides the controls of a view while it is presented; lists and numbers stay, as words (see the style sheet)."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._presenting = False
        self._watched: list[QWidget] = []
        self._hidden: list[QWidget] = []

    def show(self, presenting: bool) -> None:
        """Hide what is for the desk alone, or show it again."""
        self._presenting = presenting
        if presenting:
            for part in self._view.findChildren(QWidget):
                if part not in self._watched and _at_desk(part):
                    part.installEventFilter(self)
                    self._watched.append(part)
                if part in self._watched and not part.isHidden():
                    self._hide(part)
            return
        for part in self._watched:
            if shiboken6.isValid(part):  # a view may have made others meanwhile
                part.removeEventFilter(self)
                if part in self._hidden:
                    part.show()
        self._watched, self._hidden = [], []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._presenting and isinstance(watched, QWidget):
            QTimer.singleShot(0, self, partial(self._hide_if_there, watched))  # not while it is being shown
        return False

    def _hide_if_there(self, part: QWidget) -> None:
        if self._presenting and shiboken6.isValid(part):
            self._hide(part)

    def _hide(self, part: QWidget) -> None:
        beside = part.parentWidget()
        if part.hasFocus() and beside is not None:
            beside.setFocus()  # Qt would give the keys to the next field, and a hall would see its cursor
        part.hide()
        if part not in self._hidden:
            self._hidden.append(part)


def _at_desk(widget: QWidget) -> bool:
    if widget.property(_AT_DESK):
        return True
    if isinstance(widget, QPushButton | QToolButton):
        return not widget.isCheckable()  # one that is checked says what is shown
    if isinstance(widget, QLineEdit):
        return not widget.text() and not isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox)
    return isinstance(widget, QCheckBox | QSlider)
