"""Fills shapes with grids: one cell for each entry, in the usual colours, with its number if that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from engine.cell.trace import Trace
from gui.appearance.colour_maps import Limits, letters_of, own_limits, picture_of, places_of
from gui.appearance.theme import Appearance, font
from gui.appearance.vector import in_picture
from gui.views.shapes.scale import LARGEST_DRAWN, Layout, Part, Placed

_GRID_FROM_PX = 6.0
"""Cells that are smaller are not told apart: the grid becomes one coloured area."""
_TOOTH = 4.0
_ONE = QSize(1, 1)

Entries = NDArray[np.intp]


@dataclass(frozen=True)
class _Values:
    """What is drawn of a value: entries beyond LARGEST_DRAWN of each size are left out."""

    values: NDArray[np.float64]
    limits: Limits
    gate: str | None
    rounds: bool
    torn: tuple[bool, bool] = (False, False)
    """Whether entries are left out among the rows, and among the columns."""
    texts: Sequence[Sequence[str]] = ()
    """The numbers as they are written, if they are."""


@dataclass(frozen=True, eq=False)
class Grid:
    """A part of a shape as it is drawn: its pixels, and what they show."""

    pixmap: QPixmap
    shown: _Values
    area: QRectF
    appearance: Appearance
    letters: float

    def fill(self, painter: QPainter, rect: QRectF) -> None:
        """Fill a rectangle with all of the grid."""
        if in_picture():
            self.cover(painter, rect, rect.width() / self.area.width())
        else:
            painter.drawPixmap(rect, self.pixmap, QRectF(self.pixmap.rect()))

    def cover(self, painter: QPainter, rect: QRectF, scale: float) -> None:
        """Cover a rectangle from its upper left corner with as much of the grid as goes in, enlarged so much."""
        if in_picture():
            painter.save()
            painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
            painter.translate(rect.topLeft())
            painter.scale(scale, scale)
            _paint_grid(painter, self.shown, self.area, self.appearance, self.letters)
            painter.restore()
            return
        ratio = self.pixmap.devicePixelRatio() / scale  # pixels of the grid over those here
        width, height = min(rect.width(), self.pixmap.width() / ratio), min(rect.height(), self.pixmap.height() / ratio)
        target = QRectF(rect.x(), rect.y(), width, height)
        painter.drawPixmap(target, self.pixmap, QRectF(0, 0, width * ratio, height * ratio))


Grids = dict[tuple[str, str, str], Grid]
"""By name, and the sizes of the part's rows and columns."""


def entries(size: int) -> Entries:
    """Return which entries of a size are drawn, from 0."""
    if size <= LARGEST_DRAWN:
        return np.arange(size)
    half = LARGEST_DRAWN // 2
    return np.concatenate([np.arange(half), np.arange(size - half, size)])


def drawn_entries(trace: Trace, axes: Sequence[str]) -> Entries:
    """Return which entries of an axis with these parts are drawn; one of a vector's width."""
    start, found = 0, []
    for axis in axes:
        found.append(entries(trace.sizes[axis]) + start)
        start += trace.sizes[axis]
    return np.concatenate(found) if found else np.zeros(1, np.intp)


def grids(trace: Trace, t: int, layout: Layout, appearance: Appearance, letters: float, ratio: float) -> Grids:
    """Return the picture of each part of each shape, at time step t (from 0), with numbers in `letters` pixels."""
    result: Grids = {}
    for placed in layout.shapes:
        if (placed.drawn.name, placed.parts[0].rows, placed.parts[0].columns) in result:
            continue  # it stands in several equations
        shown = _values(trace, t, placed, appearance)
        if _cell(shown, placed.body).height() >= 1.4 * letters:
            shown = _with_texts(shown, placed, appearance, letters)
        top = 0
        for part_row in _rows(placed):
            left, high = 0, len(entries(trace.sizes[part_row[0].rows]))
            for part in part_row:
                wide = len(entries(trace.sizes[part.columns])) if part.columns else 1
                torn = trace.sizes[part.rows] > high, trace.sizes.get(part.columns, 1) > wide
                here = _block(shown, slice(top, top + high), slice(left, left + wide), torn)
                result[placed.drawn.name, part.rows, part.columns] = _grid(here, part.rect, appearance, letters, ratio)
                left += wide
            top += high
    return result


def _cell(shown: _Values, rect: QRectF) -> QSizeF:
    rows, columns = shown.values.shape
    return QSizeF(rect.width() / columns, rect.height() / rows)


def _block(shown: _Values, rows: slice, columns: slice, torn: tuple[bool, bool]) -> _Values:
    texts = [row[columns] for row in shown.texts[rows]]
    return replace(shown, values=shown.values[rows, columns], torn=torn, texts=texts)


def _with_texts(shown: _Values, placed: Placed, appearance: Appearance, letters: float) -> _Values:
    """Return what is drawn with its numbers if all of them fit into their cells."""
    if not appearance.numbers:
        return shown
    texts = [[appearance.written(float(value), shown.rounds) for value in row] for row in shown.values]
    metrics = QFontMetricsF(font(letters))
    widest = max(metrics.horizontalAdvance(text) for row in texts for text in row)
    return replace(shown, texts=texts) if widest <= _cell(shown, placed.body).width() - 2 else shown


def _rows(placed: Placed) -> list[list[Part]]:
    """Return the parts row by row."""
    wide = len(placed.drawn.columns) or 1
    return [list(placed.parts[start : start + wide]) for start in range(0, len(placed.parts), wide)]


def _values(trace: Trace, t: int, placed: Placed, appearance: Appearance) -> _Values:
    item = trace.cell.described(placed.drawn.name)
    whole = np.asarray(trace.value(t, placed.drawn.name))
    whole = whole if whole.ndim == 2 else whole[:, None]
    values = whole[np.ix_(drawn_entries(trace, placed.drawn.rows), drawn_entries(trace, placed.drawn.columns))]
    return _Values(values, own_limits(values, item.gate_role), item.gate_role, item.rounds)


def _grid(shown: _Values, rect: QRectF, appearance: Appearance, letters: float, ratio: float) -> Grid:
    pixmap = QPixmap((rect.size() * ratio).toSize().expandedTo(_ONE))
    pixmap.setDevicePixelRatio(ratio)
    painter = QPainter(pixmap)
    area = QRectF(0, 0, pixmap.width() / ratio, pixmap.height() / ratio)
    _paint_grid(painter, shown, area, appearance, letters)
    painter.end()
    return Grid(pixmap, shown, area, appearance, letters)


def _paint_grid(painter: QPainter, shown: _Values, area: QRectF, appearance: Appearance, letters: float) -> None:
    theme, (rows, columns) = appearance.theme, shown.values.shape
    picture_of(shown.values, shown.limits, theme, shown.gate).paint(painter, area, theme)
    width, height = area.width() / columns, area.height() / rows
    panel = QColor(theme.panel)
    if min(width, height) >= _GRID_FROM_PX:
        painter.setPen(QPen(panel, 1))
        painter.drawLines([QLineF(x * width, 0, x * width, area.height()) for x in range(1, columns)])
        painter.drawLines([QLineF(0, y * height, area.width(), y * height) for y in range(1, rows)])
    painter.setFont(font(letters))
    inks, places = letters_of(theme, shown.gate), places_of(shown.values, shown.limits)
    for y, row in enumerate(shown.texts):
        for x, text in enumerate(row):
            painter.setPen(inks[places[y, x]])
            painter.drawText(QRectF(x * width, y * height, width, height), Qt.AlignmentFlag.AlignCenter, text)
    if shown.torn[0]:
        painter.fillPath(_tear(area.width(), area.height() / 2), panel)
    if shown.torn[1]:
        painter.translate(area.width() / 2, 0)
        painter.rotate(90)
        painter.fillPath(_tear(area.height(), 0), panel)


def _tear(length: float, y: float) -> QPainterPath:
    """Return a torn strip along a line, the sign that entries are left out."""
    teeth = max(2, round(length / _TOOTH))
    xs = [length * i / teeth for i in range(teeth + 1)]
    upper = [QPointF(x, y - _TOOTH + (_TOOTH if i % 2 else 0)) for i, x in enumerate(xs)]
    lower = [QPointF(point.x(), point.y() + _TOOTH) for point in reversed(upper)]
    path = QPainterPath()
    path.addPolygon(QPolygonF([*upper, *lower]))
    return path
