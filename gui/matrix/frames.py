"""What is drawn around the cells of a matrix: brackets and labels of its bands, and frames."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.appearance.typeset import Typesetter
from gui.matrix.axis import Axis
from gui.matrix.painting import DIVIDED_FROM_PX, Look

_TICK = 4.0
_AWAY = 5.0
"""From the cells to the bracket."""
LABEL_GAP = 6.0
"""From the bracket to the label."""
BRACKET = _AWAY + LABEL_GAP + 2.0
"""Room that a bracket takes beside a label."""
_NOW, _NOW_FILL = 3.0, 0.35
"""Width of the frame around the present entries, and the opacity of its colour over them."""


def paint_bands(painter: QPainter, look: Look, typesetter: Typesetter, pixels: float) -> None:
    """Paint a bracket and a label above each band of columns and left of each band of rows."""
    y = max(look.rows.origin, look.rows.room[0]) - _AWAY
    x = max(look.columns.origin, look.columns.room[0]) - _AWAY
    _paint_bands(painter, look, typesetter, pixels, look.columns, y, above=True)
    _paint_bands(painter, look, typesetter, pixels, look.rows, x, above=False)


def _paint_bands(
    painter: QPainter, look: Look, typesetter: Typesetter, pixels: float, axis: Axis, at: float, *, above: bool
) -> None:
    taken = float("-inf")
    for place in sorted(range(len(axis.bands)), key=axis.start):
        band = axis.bands[place]
        start = axis.start(place)
        end = min(start + band.size * axis.cell, axis.room[1]) - 1
        start = max(start, axis.room[0])
        if not band.label or start >= end:
            continue
        role = look.appearance.theme.role(band.role)
        bracket = [(start, at + _TICK), (start, at), (end, at), (end, at + _TICK)]
        painter.setPen(QPen(role, 1.5))
        painter.drawPolyline([QPointF(*point) if above else QPointF(*point[::-1]) for point in bracket])
        formula = typesetter.formula(band.label)
        if formula is None:
            continue
        size = formula.size(pixels)
        along = size.width() if above else size.height()
        begins = (start + end - along) / 2
        if begins < taken:
            continue  # a narrow band beside another: two labels would overlap
        taken = begins + along
        across = at - LABEL_GAP - (size.height() if above else size.width())
        corner = QPointF(begins, across) if above else QPointF(across, begins)
        typesetter.draw(painter, band.label, corner, pixels, role)


def paint_frames(
    painter: QPainter,
    look: Look,
    *,
    rest: QRectF | None,
    dashed: Sequence[QRectF],
    solid: Sequence[QRectF],
    marked: QRectF | None,
) -> None:
    """Frame the entry under the cursor, what is computed from it, what it was computed from, and the present rows."""
    theme = look.appearance.theme
    painter.setClipRect(look.room.adjusted(-4, -4, 4, 4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    frames: list[tuple[QRectF, QPen]] = [(part, QPen(QColor(theme.ink), 2, Qt.PenStyle.DashLine)) for part in dashed]
    frames += [(part, QPen(QColor(theme.ink), 2.5)) for part in solid]
    if rest is not None and min(rest.width(), rest.height()) >= DIVIDED_FROM_PX:
        frames.append((rest, QPen(QColor(theme.ink), 1)))
    if marked is not None:
        frames.append((marked, QPen(QColor(theme.now), 4)))
    for part, pen in frames:
        painter.setPen(pen)
        painter.drawRect(part.adjusted(-1, -1, 0, 0))


def paint_now(painter: QPainter, look: Look, cells: QRectF) -> None:
    """Colour and frame the entries that change now, also very small ones."""
    colour = QColor(look.appearance.theme.now)
    painter.setClipRect(look.room.adjusted(-2 * _NOW, -2 * _NOW, 2 * _NOW, 2 * _NOW))
    painter.setPen(QPen(colour, _NOW))
    colour.setAlphaF(_NOW_FILL)
    painter.setBrush(colour)
    half = _NOW / 2
    painter.drawRoundedRect(cells.adjusted(-half, -half, half, half), 3, 3)
