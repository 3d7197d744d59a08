"""A panel that belongs to a view: it is made with that, when either is first looked at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from gui.widgets.layouts import in_column


class LatePanel(QWidget):
    """Holds the panel of a view from the first time that it is shown; the program starts without either."""

    def __init__(self, made: Callable[[], QWidget]) -> None:
        """made: makes the view, where there is none yet, and returns its panel."""
        super().__init__()
        self._made = made
        self._column = in_column(inside=self, margins=0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._column.count():
            panel = self._made()
            self._column.addWidget(panel)
            panel.show()
