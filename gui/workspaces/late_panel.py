"""A panel whose inside is made when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from gui.widgets.layouts import in_column


class LatePanel(QWidget):
    """Holds a widget from the first time that it is shown; the program starts without that."""

    filled = Signal(QWidget)
    """What it holds, just made."""

    def __init__(self, made: Callable[[], QWidget]) -> None:
        """made: makes the widget, or what it is a part of, where there is none yet, and returns it."""
        super().__init__()
        self._made = made
        self._column = in_column(inside=self, margins=0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._column.count():
            panel = self._made()
            self._column.addWidget(panel)
            self.filled.emit(panel)
            panel.show()
