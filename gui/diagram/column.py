"""A vector in the diagram: a column of cells, coloured by value, with the numbers in them.

One item paints a whole vector: an item for each number would take twenty times as long a frame. A vector too long for
numbers is a strip; the wheel zooms into it until there is room for them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QGraphicsSceneWheelEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from engine.cell.provenance import Selection
from engine.text import numbers
from gui.appearance.colour_maps import (
    SHARE,
    MapImage,
    colours_of,
    image_of,
    letters_of,
    pixels_of,
    places_of,
)
from gui.appearance.dashes import to_come
from gui.appearance.hatching import hatch_cell, missing_in, write_on_lines
from gui.appearance.theme import Theme, font
from gui.diagram.layout import CELL_HEIGHT, CELL_WIDTH, Slot
from gui.diagram.rows import Rows, farthest_from_zero
from gui.matrix.shades import MANY, scale_of

NUMBER_SIZE = 22.0
NUMBERS_FROM_PX = 14.0
"""A cell lower than this on the screen shows no number; hovering over it does."""
LEAST_TEXT_PX = 12.0
"""Letters that can be read at a desk."""
_OF_CELL = 0.87
"""How much of a cell's height its number may take."""
_ZOOMED_PX = 18.0
"""At the largest zoom rows are this high, so that lower columns beside it have numbers, too."""
_WHEEL = 1.5
"""Each notch of the wheel shows so many times fewer rows."""
_MARKER, _HINT, _FRAME = 5.0, 6.0, 6.0
"""Width of the marker of the seen rows, half the width of the hint at unseen ones, least height of a frame."""


_TEXT_WIDTH = CELL_WIDTH - 8


def _narrowed(letters: float, written: list[str]) -> float:
    """Return the largest size up to `letters` at which every number fits into its cell."""
    metrics = QFontMetricsF(font(letters))
    widest = max(metrics.horizontalAdvance(text) for text in written)
    return math.floor(letters * min(1.0, _TEXT_WIDTH / max(widest, 1)))


class NumberScene(QGraphicsScene):
    """A scene with columns of numbers."""

    rested = Signal(str, object)
    """The value and the entry under the cursor; None for the entry when the cursor leaves."""
    zoomed = Signal(int, float, float)
    """All columns of `size` entries are to show `count` rows from `first` on: size, first, count."""

    def rest_on(self, place: str) -> None:
        """Hear the place that the cursor rests on, as engine/explain names it; "" when it leaves."""


def rest_on(item: QGraphicsItem, place: str) -> None:
    """Tell an item's scene where the cursor rests; an item that held its scene would keep it from going."""
    scene = item.scene()
    if isinstance(scene, NumberScene):
        scene.rest_on(place)


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
        self._rounds = False
        self._gate: str | None = None
        self._fill = 0.0
        self._now = False
        self._state: tuple[object, ...] = ()
        self.rows = Rows.all(0)
        """The rows that are seen."""
        self._limits = SHARE
        self._fine = False
        self._strip: tuple[object, MapImage] | None = None
        self._grabbed: tuple[float, float] | None = None
        self.lit: tuple[Selection | None, Selection | None] = None, None
        """The framed entries: those that the number under the cursor was computed from, and those computed from it."""
        self.smallest_text_px = LEAST_TEXT_PX
        """Numbers have letters of at least this many pixels on the screen, or are left out."""
        self.describe: Callable[[int], str] | None = None
        """Returns what the tooltip says first about an entry, from 0; None: the value's name and the number."""
        self.setPos(*slot.centre)
        self.setAcceptHoverEvents(True)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def show_values(
        self,
        name: str,
        values: NDArray[np.float64],
        role: str,
        *,
        rounds: bool,
        gate: bool,
        fill: float,
        now: bool,
        fine: bool = False,
    ) -> None:
        """Show a value's numbers; `fill` 0 is "not computed yet", 1 complete; between them the numbers fade in.

        If `fine`, the largest entry has the strongest colour however small it is, as gradients are.
        """
        state = (name, role, rounds, gate, fill, now, fine)
        if values is self.values and state == self._state:
            return
        self._state = state
        if values.size != self.values.size:
            self.prepareGeometryChange()
            self.rows = Rows.all(values.size)
        self.name, self.values, self._role = name, values, role
        self._rounds, self._fill, self._now = rounds, fill, now
        self._gate = role if gate else None
        self._fine = fine
        scale = scale_of([values[:, None]], fine)
        self._limits = SHARE if gate else (-scale, scale)
        self._strip = None
        self.update()

    def show_rows(self, first: float, count: float) -> None:
        """Show `count` rows from `first` on, as far as there are any."""
        rows = Rows(self.values.size, first, min(count, float(max(1, self.values.size)))).moved(first)
        if rows != self.rows:
            self.rows = rows
            self.update()

    def show_light(self, made_of: Selection | None, aimed_at: Selection | None) -> None:
        """Frame the entries that the number under the cursor was computed from, and those computed from it."""
        if (made_of, aimed_at) != self.lit:
            self.lit = made_of, aimed_at
            self.update()

    @property
    def is_filled(self) -> bool:
        """Whether its numbers are computed, or fade in at this moment."""
        return self._fill > 0

    @property
    def texts(self) -> list[str]:
        """The numbers as they are written in the cells; none if the value is not computed."""
        return self._written(self.values, self._scale()) if self._fill else []

    @property
    def cell_height(self) -> float:
        """Height of one cell in the drawing's units."""
        return self.column().height() / self.rows.count

    def column(self) -> QRectF:
        """The column's rectangle, which is the same however many of its rows are seen."""
        height = min(CELL_HEIGHT * max(1, self.values.size), self.slot.room)
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
        border = QPen(role, 3)
        if self._fill:
            painter.setOpacity(self._fill)
            self._paint_cells(painter, column)
            painter.setOpacity(1.0)
        else:
            border = to_come(theme, 2)
        painter.setPen(border)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(column, 3, 3)
        made_of, aimed_at = self.lit
        for selected, line in ((aimed_at, Qt.PenStyle.DashLine), (made_of, Qt.PenStyle.SolidLine)):
            if selected is not None and self._fill:
                self._paint_frame(painter, column, selected[0], line)
        if not self.rows.whole:
            self._paint_marker(painter, column)

    def _paint_frame(self, painter: QPainter, column: QRectF, rows: slice, line: Qt.PenStyle) -> None:
        """Frame some rows; if none of them is seen, point to where they are."""
        ink = QColor(self._theme.ink)
        top = column.top() + (rows.start - self.rows.first) * self.cell_height
        bottom = column.top() + (rows.stop - self.rows.first) * self.cell_height
        above = bottom <= column.top() + 0.01
        if above or top >= column.bottom() - 0.01:
            edge, way = (column.top(), 1) if above else (column.bottom(), -1)
            tip = QPointF(column.left() + _HINT + 3, edge + 3 * way)
            sides = [tip + QPointF(side * _HINT, 2 * _HINT * way) for side in (-1, 1)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawPolygon(QPolygonF([tip, *sides]))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            return
        top, bottom = max(top, column.top()) + 1, min(bottom, column.bottom()) - 1
        if bottom - top < _FRAME:  # of a strip
            middle = min(max((top + bottom) / 2, column.top() + _FRAME / 2), column.bottom() - _FRAME / 2)
            top, bottom = middle - _FRAME / 2, middle + _FRAME / 2
        painter.setPen(QPen(ink, 4, line))
        painter.drawRect(QRectF(column.left() - 3, top, column.width() + 6, bottom - top))

    def _paint_marker(self, painter: QPainter, column: QRectF) -> None:
        """Show at the side which rows are seen."""
        rows, theme = self.rows, self._theme
        track = QRectF(column.right() - _MARKER - 2, column.top() + 2, _MARKER, column.height() - 4)
        height = max(track.height() * rows.count / rows.size, 2 * _MARKER)
        share = rows.first / max(rows.size - rows.count, 1e-9)
        thumb = QRectF(track.left(), track.top() + share * (track.height() - height), _MARKER, height)
        painter.setPen(Qt.PenStyle.NoPen)
        for part, colour in ((track, theme.panel), (thumb, theme.ink)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(part, _MARKER / 2, _MARKER / 2)

    def _paint_cells(self, painter: QPainter, column: QRectF) -> None:
        scale = painter.worldTransform().m22()
        height = self.cell_height
        painter.save()
        try:
            painter.setClipRect(column)
            if height * scale < NUMBERS_FROM_PX:
                self._paint_strip(painter, column, height * scale)
            else:
                self._paint_numbers(painter, column, scale)
        finally:  # a painter with a state left over would end the process
            painter.restore()

    def _paint_strip(self, painter: QPainter, column: QRectF, pixels: float) -> None:
        """Paint rows of so many pixels as a picture; of several in one pixel, the one farthest from zero."""
        seen, height = self.rows.seen, self.cell_height
        each = max(1, math.ceil(1 / pixels))
        first = seen.start // each * each
        if self._strip is None or self._strip[0] != (first, seen.stop, each):
            shown = farthest_from_zero(self.values[first : seen.stop], each)[:, None]
            image = image_of(pixels_of(self._theme, self._gate)[places_of(shown, self._limits)])
            self._strip = (first, seen.stop, each), MapImage(image, missing_in(shown))
        picture = self._strip[1]
        top = column.top() + (first - self.rows.first) * height
        target = QRectF(column.left(), top, column.width(), picture.image.height() * each * height)
        picture.paint(painter, target, self._theme)

    def _paint_numbers(self, painter: QPainter, column: QRectF, scale: float) -> None:
        height, seen = self.cell_height, self.rows.seen
        values = self.values[seen]
        letters, written = self.lettering(scale)
        painter.setFont(font(letters))
        divider = QColor(self._theme.panel)
        colours, letter_colours = colours_of(self._theme, self._gate), letters_of(self._theme, self._gate)
        places = places_of(values, self._limits).tolist()
        for number, (value, place) in enumerate(zip(values, places, strict=True)):
            index = seen.start + number
            top = column.top() + (index - self.rows.first) * height
            cell = QRectF(column.left(), top, column.width(), height)
            painter.fillRect(cell, colours[place])
            if not math.isfinite(value):
                hatch_cell(painter, cell, value, self._theme)
            if index:
                painter.setPen(QPen(divider, 1))
                painter.drawLine(cell.topLeft(), cell.topRight())
            if written and not math.isfinite(value):
                write_on_lines(painter, cell, written[number], self._theme)
            elif written:
                painter.setPen(letter_colours[place])
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, written[number])

    def lettering(self, scale: float) -> tuple[float, list[str]]:
        """Return the size of the letters and the numbers of the seen rows, where a unit has so many pixels.

        There are none where rows are too low for letters that can be read.
        """
        letters = max(min(NUMBER_SIZE, self.cell_height * 0.68), self._least_letters(scale))
        if not self._fill or letters > self.cell_height * _OF_CELL:
            return letters, []
        written = self._written(self.values[self.rows.seen], scale)
        return _narrowed(letters, written), written

    def _least_letters(self, scale: float) -> float:
        """Return the size of the smallest letters, whole units high, where a unit has so many pixels."""
        return math.ceil(self.smallest_text_px / max(scale, 1e-9))

    def _written(self, values: NDArray[np.float64], scale: float) -> list[str]:
        """Return the numbers of some rows, each with as many digits as fit in letters that can be read."""
        metrics = QFontMetricsF(font(self._least_letters(scale)))
        return numbers.column(
            values.tolist(), self._rounds, self._digits, lambda text: metrics.horizontalAdvance(text) <= _TEXT_WIDTH
        )

    @property
    def _least(self) -> int:
        """The fewest rows to zoom to: those of full height, on a small screen those with room for a number."""
        height = max(CELL_HEIGHT, max(_ZOOMED_PX, 2 * self.smallest_text_px) / self._scale())
        return max(1, min(math.floor(self.column().height() / height), self.values.size))

    def wheelEvent(self, event: QGraphicsSceneWheelEvent) -> None:
        notches = event.delta() / 120
        if self.values.size <= self._least or not notches:
            event.ignore()
            return
        column = self.column()
        share = min(max((event.pos().y() - column.top()) / column.height(), 0.0), 1.0)
        self._zoom(self.rows.zoomed(_WHEEL**-notches, share, self._least))
        self._rest_at(event.pos().y())

    def mouseDoubleClickEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self._grabbed = None
        self._zoom(Rows.all(self.values.size))
        self._rest_at(event.pos().y())

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self.rows.whole:
            event.ignore()
        else:
            self._grabbed = event.pos().y(), self.rows.first

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._grabbed is not None:
            at, first = self._grabbed
            self._zoom(self.rows.moved(first - (event.pos().y() - at) / self.cell_height))

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self._grabbed = None

    def _zoom(self, rows: Rows) -> None:
        """Show other rows, here and in all columns of this size."""
        if rows == self.rows:
            return
        self.show_rows(rows.first, rows.count)
        scene = self.scene()
        if isinstance(scene, NumberScene):
            scene.zoomed.emit(rows.size, rows.first, rows.count)

    def hoverMoveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._rest_at(event.pos().y())

    def _rest_at(self, y: float) -> None:
        index = math.floor(self.rows.first + (y - self.column().top()) / self.cell_height)
        if self._fill and 0 <= index < self.values.size and abs(y) <= self.column().height() / 2:
            words = (self.describe or self._described)(index) + self._colours_said()
            if self.cell_height * self._scale() < NUMBERS_FROM_PX:
                words += "\nTurn the wheel to see the numbers"
            self.setToolTip(words)
            self._rest_on(index)
        else:
            self.setToolTip(f"{self.name}: not computed yet at this time step")
            self._rest_on(None)

    def _described(self, entry: int) -> str:
        return f"{self.name}, entry {entry + 1:,} of {self.values.size:,}: {numbers.exact(self.values[entry])}"

    def _colours_said(self) -> str:
        """Return the scale in words if it is not that of the largest entry."""
        many = (self.values.size > MANY or self._fine) and not self._gate
        return f"\ncolours: ±{numbers.short(self._limits[1])}" if many else ""

    def _scale(self) -> float:
        """Return how many pixels of the screen a unit of the drawing has."""
        scene = self.scene()
        views = scene.views() if scene is not None else []
        return views[0].transform().m22() if views else 1.0

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._rest_on(None)

    def _rest_on(self, entry: int | None) -> None:
        scene = self.scene()
        if isinstance(scene, NumberScene):
            scene.rested.emit(self.name, entry)
