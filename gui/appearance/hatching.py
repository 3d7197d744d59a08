"""Hatching in place of a colour: one for values that are still to come, another for NaN and ∞.

Any colour, also that of zero, would be taken for a number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from gui.appearance.theme import Theme

Missing = NDArray[np.bool_]
"""For each place of a picture, (rows, columns), whether it has NaN or ∞."""
WORDS = "hatched: NaN or ∞"


def still_to_come(theme: Theme) -> QBrush:
    """Return the hatching for values that are not computed yet: paler colours would look like small numbers."""
    return QBrush(QColor(theme.ink), Qt.BrushStyle.BDiagPattern)


def no_number(theme: Theme) -> QBrush:
    """Return the hatching for NaN and ∞; its lines slope the other way than those of values still to come."""
    return QBrush(QColor(theme.ink), Qt.BrushStyle.FDiagPattern)


def hatch_cell(painter: QPainter, cell: QRectF, theme: Theme) -> None:
    """Hatch one cell in place of its colour."""
    painter.fillRect(cell, QColor(theme.panel))
    painter.fillRect(cell, no_number(theme))


def missing_in(values: NDArray[np.floating]) -> Missing | None:
    """Return where there is no finite number; None if all are finite, which is the usual case."""
    finite = np.isfinite(values)
    return None if finite.all() else ~finite


def hatch(painter: QPainter, target: QRectF, missing: Missing | None, theme: Theme) -> None:
    """Hatch the places of a picture (rows, columns), drawn in `target`, that have no finite number."""
    size = QSize(round(target.width()), round(target.height()))
    if missing is None or size.isEmpty():
        return
    bytes_ = np.ascontiguousarray(missing, dtype=np.uint8)
    rows, columns = bytes_.shape
    places = QImage(bytes_.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    places.setColorTable([0, QColor(theme.panel).rgba()])
    hatched = places.scaled(size).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    across = QPainter(hatched)
    across.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
    across.fillRect(hatched.rect(), no_number(theme))
    across.end()
    painter.drawImage(target, hatched)
