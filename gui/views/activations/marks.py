"""What is drawn over the curve of an activation function: the tangent at a z, and where its derivative is largest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from engine.cell.graph import SIGMOID
from engine.explain.activations import Activation
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance

LIMIT = 6.0
"""Curves run from -LIMIT to LIMIT; what lies beyond is shown at the edge with its number."""
_TANGENT = 1.5
"""How far the tangent at z reaches to either side."""

Place = Callable[[float, float], QPointF]
"""Returns where z and a height are in the plot, in pixels."""


def draw_tangent(
    painter: QPainter, activation: Activation, z: float, place: Place, box: QRectF, appearance: Appearance
) -> None:
    """Draw the tangent at z, whose slope the derivative is, and a handle on the axis; box: of the plot, in pixels."""
    theme, px = appearance.theme, appearance.with_text
    value, slope = (float(each(np.array([z]))[0]) for each in (activation.value, activation.derivative))
    painter.save()
    painter.setClipRect(box.adjusted(0, 0, 0, px(8)))  # a steep tangent ends with the plot
    painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
    painter.drawLine(place(z, value), QPointF(place(z, 0).x(), box.bottom()))
    reach = _TANGENT / float(np.hypot(1.0, slope))
    painter.setPen(QPen(QColor(theme.ink), px(3), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(place(z - reach, value - reach * slope), place(z + reach, value + reach * slope))
    painter.setPen(QPen(QColor(theme.panel), 2))
    painter.setBrush(QColor(theme.ink))
    painter.drawEllipse(place(z, value), px(6), px(6))
    painter.setBrush(QColor(theme.muted))
    painter.drawEllipse(place(z, slope), px(4), px(4))
    foot, half = QPointF(place(z, 0).x(), box.bottom()), px(6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.ink))
    painter.drawPolygon(QPolygonF([foot, foot + QPointF(-half, half * 1.2), foot + QPointF(half, half * 1.2)]))
    painter.restore()


def draw_largest(
    painter: QPainter, activation: Activation, place: Place, appearance: Appearance, taken: Sequence[QRectF] = ()
) -> None:
    """Mark where the derivative is largest, with its value, unless numbers stand where it would be: `taken`."""
    theme, px = appearance.theme, appearance.with_text
    radius, (first, last) = px(4), activation.largest_at
    painter.setPen(QColor(theme.ink))
    middle, text = place(0, activation.largest), f"{activation.largest:g} at 0"
    if first != last:  # a largest value all along, and none at 0 itself
        below = QPointF(0, appearance.text(TEXT) + radius)
        painter.drawText(place(LIMIT - 1, activation.largest) + below, f"{activation.largest:g}")
        painter.setBrush(QColor(theme.panel))
        painter.setPen(QPen(QColor(theme.muted), px(2)))
        for height in (0, activation.largest):
            painter.drawEllipse(place(0, height), radius, radius)
        return
    metrics = QFontMetricsF(painter.font())
    half = metrics.horizontalAdvance(text) / 2
    if activation.kind is SIGMOID:  # below all curves: above its top the function and dots would cover it
        at = place(0, 0) + QPointF(-half, appearance.text(TEXT) + radius)
    else:
        at = middle + QPointF(-half, -2 * radius)
    words = metrics.tightBoundingRect(text).translated(at)
    if not any(words.intersects(rect) for rect in taken):
        painter.drawText(at, text)
    painter.setBrush(QColor(theme.muted))
    painter.setPen(QPen(QColor(theme.panel), 1))
    painter.drawEllipse(middle, radius + 1, radius + 1)
