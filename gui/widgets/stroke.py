"""A piece of a curve, as it stands beside the curve's name."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.appearance.theme import Appearance

DASHES = (4, 2.5)
"""Of a dashed curve, in widths of its line."""


class Stroke(QWidget):
    """A line in a role's colour, `length` long and `width` wide at 1080 lines."""

    def __init__(
        self, role: str, length: int, appearance: Appearance, *, width: int = 2, dashes: tuple[float, ...] = ()
    ) -> None:
        super().__init__()
        self._appearance, self._role, self._length, self._width, self._dashes = appearance, role, length, width, dashes
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(self._appearance.with_text(self._length), 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        pen = pg.mkPen(self._appearance.theme.role(self._role), width=self._appearance.with_text(self._width))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._dashes:
            pen.setDashPattern(self._dashes)
        painter.setPen(pen)
        painter.drawLine(QPointF(0, self.height() / 2), QPointF(self.width(), self.height() / 2))
        painter.end()
