"""A vector in the diagram: a column of cells, coloured by value, with its numbers in them.

One item paints a whole vector, not one number: many small items cost twenty times as much a frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsSceneHoverEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from engine import numbers
from engine.provenance import Selection
from gui.diagram.layout import CELL_HEIGHT, CELL_WIDTH, PALE, Slot
from gui.theme import Theme, font

NUMBER_SIZE = 22.0
NUMBERS_FROM_PX = 14.0
"""A cell lower than this on the screen shows no number; resting on it does."""
STRIP_BELOW_PX = 3.0


class NumberScene(QGraphicsScene):
    """A scene with columns of numbers."""

    rested = Signal(str, object)
    """The value and the entry that the cursor rests on; None for the entry when it leaves."""


class ColumnItem(QGraphicsItem):
    """A vector as a column of cells, coloured by value, with its numbers in them."""

    def __init__(self, slot: Slot, theme: Theme, digits: numbers.Style = numbers.Style.SHORT) -> None:
        super().__init__()
        self.slot = slot
        self.name = ""
        self.values: NDArray[np.float64] = np.zeros(0)
        self._theme = theme
        self._digits = digits
        self._role = "cell"
        self._rounds = self._gate = False
        self._fill = 0.0
        self._now = False
        self._state: tuple[object, ...] = ()
        self._made_of: Selection | None = None
        self._aimed_at: Selection | None = None
        self.smallest_text_px = 0.0
        """Numbers have letters of at least this many pixels on the screen, or are left out (presenting)."""
        self._colours = theme.diverging
        self.setPos(*slot.centre)
        self.setAcceptHoverEvents(True)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def show_values(
        self, name: str, values: NDArray[np.float64], role: str, *, rounds: bool, gate: bool, fill: float, now: bool
    ) -> None:
        """Show a value's numbers; `fill` 0 is "not computed yet", 1 complete, between them it fills in."""
        state = (name, role, rounds, gate, fill, now)
        if values is self.values and state == self._state:
            return
        self._state = state
        if values.size != self.values.size:
            self.prepareGeometryChange()
        self.name, self.values, self._role = name, values, role
        self._rounds, self._gate, self._fill, self._now = rounds, gate, fill, now
        self._colours = self._theme.gate(role) if gate else self._theme.diverging
        self.update()

    def show_light(self, made_of: Selection | None, aimed_at: Selection | None) -> None:
        """Frame the entries that the number under the cursor was made of, and those that it goes into."""
        if (made_of, aimed_at) != (self._made_of, self._aimed_at):
            self._made_of, self._aimed_at = made_of, aimed_at
            self.update()

    @property
    def lit(self) -> tuple[Selection | None, Selection | None]:
        """What is framed: entries that the number under the cursor was made of, and those that it goes into."""
        return self._made_of, self._aimed_at

    @property
    def texts(self) -> list[str]:
        """The numbers as they are written in the cells; none where the value is not computed."""
        return [self._written(value) for value in self.values] if self._fill else []

    @property
    def cell_height(self) -> float:
        """Height of one cell in the drawing's units."""
        return min(CELL_HEIGHT, self.slot.room / max(1, self.values.size))

    def column(self) -> QRectF:
        """The column's rectangle."""
        height = self.cell_height * max(1, self.values.size)
        return QRectF(-CELL_WIDTH / 2, -height / 2, CELL_WIDTH, height)

    def boundingRect(self) -> QRectF:
        return self.column().adjusted(-6, -6, 6, 6)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        theme, column = self._theme, self.column()
        role = theme.role(self._role)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._now:
            painter.setPen(QPen(QColor(theme.now), 5))
            painter.drawRoundedRect(column.adjusted(-3, -3, 3, 3), 6, 6)
        painter.fillRect(column, QColor(theme.panel))
        if self._fill:
            painter.setOpacity(self._fill)
            self._paint_cells(painter, column)
            painter.setOpacity(1.0)
        if not self._fill:
            role.setAlphaF(PALE + 0.1)
        painter.setPen(QPen(role, 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(column, 3, 3)
        for selected, line in ((self._aimed_at, Qt.PenStyle.DashLine), (self._made_of, Qt.PenStyle.SolidLine)):
            if selected is not None and self._fill:
                rows, height = selected[0], self.cell_height
                top = column.top() + rows.start * height
                framed = QRectF(column.left(), top, column.width(), (rows.stop - rows.start) * height)
                painter.setPen(QPen(QColor(theme.ink), 4, line))
                painter.drawRect(framed.adjusted(-3, 1, 3, -1))

    def _paint_cells(self, painter: QPainter, column: QRectF) -> None:
        scale = painter.worldTransform().m22()
        height = self.cell_height
        colours = self._colours[self._indices()]
        if height * scale < STRIP_BELOW_PX:
            pixels = np.ascontiguousarray(colours[:, None, :])
            image = QImage(pixels.data, 1, len(pixels), 3, QImage.Format.Format_RGB888)
            painter.drawImage(column, image)
            return
        letters = max(min(NUMBER_SIZE, height * 0.68), self.smallest_text_px / scale)
        written = height * scale >= NUMBERS_FROM_PX and letters <= height * 0.8
        if written:
            painter.setFont(font(self._narrowed(letters)))
        divider = QColor(self._theme.panel)
        for index, (value, rgb) in enumerate(zip(self.values, colours, strict=True)):
            cell = QRectF(column.left(), column.top() + index * height, column.width(), height)
            colour = QColor(*(int(channel) for channel in rgb))
            painter.fillRect(cell, colour)
            if index and height * scale >= NUMBERS_FROM_PX:
                painter.setPen(QPen(divider, 1))
                painter.drawLine(cell.topLeft(), cell.topRight())
            if written:
                painter.setPen(self._theme.on(colour))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, self._written(value))

    def _narrowed(self, letters: float) -> float:
        """Return the size at which the longest number fits; long ones come with more digits alone."""
        if self._digits is numbers.Style.SHORT:
            return letters
        longest = max((self._written(value) for value in self.values), key=len)
        width = QFontMetricsF(font(letters)).horizontalAdvance(longest)
        return letters * min(1.0, (CELL_WIDTH - 6) / max(width, 1))

    def _written(self, value: float) -> str:
        return numbers.short(float(value), self._rounds, self._digits)

    def _indices(self) -> NDArray[np.intp]:
        """Map values to the 256 colours: a gate's 0…1, or ± the largest entry with zero in the middle."""
        if self._gate:
            share = np.clip(self.values, 0, 1)
        else:
            largest = max(1.0, float(np.abs(self.values).max(initial=0)))
            share = (self.values / largest + 1) / 2
        return np.rint(share * 255).astype(np.intp)

    def hoverMoveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        index = int((event.pos().y() - self.column().top()) // self.cell_height)
        if self._fill and 0 <= index < self.values.size:
            self.setToolTip(
                f"{self.name}, entry {index + 1} of {self.values.size}: {numbers.exact(self.values[index])}"
            )
            self._rest_on(index)
        else:
            self.setToolTip(f"{self.name}: not computed yet in this step")
            self._rest_on(None)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._rest_on(None)

    def _rest_on(self, entry: int | None) -> None:
        scene = self.scene()
        if isinstance(scene, NumberScene):
            scene.rested.emit(self.name, entry)
