"""Lines in place of a colour: NaN is crossed, ∞ is barred, and what is still to come is pale and hatched.

Any colour, also that of zero, would be taken for a number.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from gui.appearance.theme import Theme, pale

Missing = NDArray[np.uint8]
"""For each place of a picture, (rows, columns), what there is in place of a finite number: 0 nothing, ∞ or NaN."""
INFINITE, NOT_A_NUMBER = 1, 2
"""In the order of their weight: where places share a pixel, NaN is shown."""
WORDS = "crossed: NaN, barred: ∞"
_LINES = {INFINITE: Qt.BrushStyle.HorPattern, NOT_A_NUMBER: Qt.BrushStyle.DiagCrossPattern}
VEIL = 165
"""Opacity, of 255, of what makes the colours of values to come pale."""


def veil(painter: QPainter, target: QRectF, theme: Theme) -> None:
    """Make what is drawn in a rectangle pale and hatch it: these values are not computed yet.

    Paler colours alone would look like small numbers.
    """
    painter.fillRect(target, pale(theme.panel, VEIL))
    painter.fillRect(target, QBrush(QColor(theme.todo), Qt.BrushStyle.BDiagPattern))


def hatch_cell(painter: QPainter, cell: QRectF, value: float, theme: Theme) -> None:
    """Draw one cell that has NaN or ∞ in place of its colour."""
    painter.fillRect(cell, QColor(theme.panel))
    painter.fillRect(cell, QBrush(QColor(theme.ink), _LINES[NOT_A_NUMBER if math.isnan(value) else INFINITE]))


def write_on_lines(painter: QPainter, cell: QRectF, text: str, theme: Theme) -> None:
    """Write what a hatched cell has in place of a number, on a ground of its own: the lines would cross the letters."""
    room = painter.fontMetrics().tightBoundingRect(text).size()
    ground = QRectF(0, 0, min(room.width() + 6, cell.width()), min(room.height() + 6, cell.height()))
    ground.moveCenter(cell.center())
    painter.fillRect(ground, QColor(theme.panel))
    painter.setPen(QColor(theme.ink))
    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)


def missing_in(values: NDArray[np.floating]) -> Missing | None:
    """Return where there is no finite number; None if all are finite, which is the usual case."""
    finite = np.isfinite(values)
    if finite.all():
        return None
    return np.where(finite, 0, np.where(np.isnan(values), NOT_A_NUMBER, INFINITE)).astype(np.uint8)


def hatch(painter: QPainter, target: QRectF, missing: Missing | None, theme: Theme) -> None:
    """Cross or bar the places of a picture (rows, columns), drawn in `target`, that have no finite number."""
    size = QSize(round(target.width()), round(target.height()))
    if missing is None or size.isEmpty():
        return
    rows, columns = missing.shape
    for kind, lines in _LINES.items():
        bytes_ = np.ascontiguousarray(missing == kind, dtype=np.uint8)
        if not bytes_.any():
            continue
        places = QImage(bytes_.data, columns, rows, columns, QImage.Format.Format_Indexed8)
        places.setColorTable([0, QColor(theme.panel).rgba()])
        hatched = places.scaled(size).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        across = QPainter(hatched)
        across.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
        across.fillRect(hatched.rect(), QBrush(QColor(theme.ink), lines))
        across.end()
        painter.drawImage(target, hatched)
