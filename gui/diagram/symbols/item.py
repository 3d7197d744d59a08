"""A typeset symbol beside a column."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.appearance.typeset import Typesetter
from gui.diagram.symbols.room import beside

SYMBOL_SIZE = 31.0
"""In the drawing's units, as are all sizes here."""


class SymbolItem(QGraphicsItem):
    """A typeset symbol; nothing while it is being typeset."""

    def __init__(self, typesetter: Typesetter) -> None:
        super().__init__()
        self._typesetter = typesetter
        self.latex = ""
        """What it shows."""
        self._size = QSizeF(0, 0)
        self._letters = SYMBOL_SIZE
        self._colour = QColor()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def show_symbol(self, latex: str, colour: QColor, letters: float, column: QRectF, side: str) -> None:
        """Show a symbol with letters of a size at a side of a column: above, left, right or below."""
        formula = self._typesetter.formula(latex) if latex else None
        size = QSizeF(0, 0) if formula is None else formula.size(letters)
        if (latex, colour, letters, size) != (self.latex, self._colour, self._letters, self._size):
            self.prepareGeometryChange()
            self.update()
        self.latex, self._colour, self._letters, self._size = latex, colour, letters, size
        self.setPos(beside(column, side, size).topLeft())

    def boundingRect(self) -> QRectF:
        return QRectF(QPointF(0, 0), self._size)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self._typesetter.draw(painter, self.latex, QPointF(0, 0), self._letters, self._colour)
