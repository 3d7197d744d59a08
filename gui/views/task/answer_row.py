"""Draws what a network predicts into the row of its target, and hatches what is between the two."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from gui.appearance.theme import Theme
from gui.views.task.rows import Row, step_place

_MOST_A_PIXEL = 1
"""Steps that are drawn of a long sequence."""


def paint_answer(painter: QPainter, row: Row, box: QRectF, theme: Theme, letters: int) -> None:
    """Draw a row's prediction in its box: dashed where nothing is asked of the network, and the error hatched."""
    if row.answer is None:
        return
    told, steps = row.answer, len(row.answer)
    held = np.clip(told, row.low, row.high)  # the scale may end before the prediction does
    known = np.flatnonzero(np.isfinite(told))
    if not known.size:
        return
    every = max(1, round(known.size / max(1.0, _MOST_A_PIXEL * box.width())))
    drawn = np.unique(np.append(known[::every], known[-1])).tolist()
    line = {t: QPointF(step_place(t, steps, box), row.y(float(held[t]), box)) for t in drawn}
    asked = [t for t in drawn if np.isfinite(row.values[t])]
    target = [QPointF(line[t].x(), row.y(float(row.values[t]), box)) for t in asked]
    painter.save()
    painter.setClipRect(box.adjusted(0, -3, letters, 3))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(QColor(theme.wrong), Qt.BrushStyle.BDiagPattern))
    if row.bars and asked:  # targets that are no curve: the error at each of them
        half = 0.6 * letters if row.at_end else max(1.0, 0.35 * box.width() / steps)
        for t, wanted in zip(asked, target, strict=True):
            end = line[t]
            painter.drawRect(QRectF(end.x() - half, min(end.y(), wanted.y()), 2 * half, abs(wanted.y() - end.y())))
    elif asked:
        painter.drawPolygon(QPolygonF([*target, *(line[t] for t in reversed(asked))]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    style = Qt.PenStyle.DashLine if row.at_end or not asked else Qt.PenStyle.SolidLine
    painter.setPen(QPen(QColor(theme.ink), max(1.5, 0.14 * letters), style))
    painter.drawPolyline(QPolygonF(list(line.values())))
    if row.at_end:
        painter.setBrush(QColor(theme.ink))
        painter.setPen(QPen(QColor(theme.panel), 1))
        painter.drawEllipse(line[drawn[-1]], 0.3 * letters, 0.3 * letters)
    painter.restore()
