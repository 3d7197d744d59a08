"""What of a view is left for a lecture hall: what is to be seen, and nothing that is to be clicked."""

from __future__ import annotations

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


class Hall:
    """Hides the controls of a view while it is presented; lists and numbers stay, as words (see the style sheet)."""

    def __init__(self, view: QWidget) -> None:
        self._view = view
        self._hidden: list[QWidget] = []

    def show(self, presenting: bool) -> None:
        """Hide what is for the desk alone, or show it again."""
        if presenting:
            found = [
                widget for widget in self._view.findChildren(QWidget) if not widget.isHidden() and _at_desk(widget)
            ]
            for widget in found:
                widget.hide()
            self._hidden += found
        elif self._hidden:
            hidden, self._hidden = self._hidden, []
            alive = set(self._view.findChildren(QWidget))
            for widget in hidden:
                if widget in alive:  # a view may have made others meanwhile
                    widget.show()


def _at_desk(widget: QWidget) -> bool:
    if widget.property(_AT_DESK):
        return True
    if isinstance(widget, QPushButton | QToolButton):
        return not widget.isCheckable()  # one that is checked says what is shown
    if isinstance(widget, QLineEdit):
        return not widget.text() and not isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox)
    return isinstance(widget, QCheckBox | QSlider)
