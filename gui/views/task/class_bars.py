"""Draws the probability of each class as a bar, the right one framed, and what is wrong with it hatched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from gui.appearance.theme import Theme, font

_WIDEST = 7.0
"""Width of a bar with its gap at most, in letters."""


def paint_class_bars(
    painter: QPainter,
    area: QRectF,
    names: Sequence[str],
    shares: NDArray[np.floating],
    right: int | None,
    theme: Theme,
    letters: int,
) -> None:
    """Draw bars in an area: full as far as the network is sure, hatched where it should be or should not.

    names, shares (classes,): of each class; NaN draws no bar. right: the class that is the target, None for unknown.
    """
    painter.save()
    painter.setFont(font(letters))
    width = min(area.width() / max(1, len(names)), _WIDEST * letters)
    foot = 1.5 * letters
    height = area.height() - foot - 1.5 * letters
    metrics = QFontMetricsF(painter.font())
    for place, name in enumerate(names):
        share = float(shares[place]) if np.isfinite(shares[place]) else 0.0
        left = area.left() + place * width
        bar = QRectF(left + 0.15 * width, area.top() + 1.5 * letters, 0.7 * width, height)
        full = QRectF(bar.left(), bar.bottom() - share * bar.height(), bar.width(), share * bar.height())
        is_right = place == right
        painter.fillRect(bar, QColor(theme.ground))
        if right is None or is_right:
            painter.fillRect(full, QColor(theme.ink))
        wrong = QRectF(bar.left(), bar.top(), bar.width(), bar.height() - full.height()) if is_right else full
        if right is not None:
            painter.fillRect(wrong, QBrush(QColor(theme.wrong), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(theme.role("output") if is_right else QColor(theme.edge), 3 if is_right else 1))
        painter.drawRect(bar)
        centre = int(Qt.AlignmentFlag.AlignCenter)
        painter.setPen(theme.role("output") if is_right else QColor(theme.ink))
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(left, bar.bottom() + 2, width, foot), centre, shown)
        painter.setPen(QColor(theme.muted))
        if np.isfinite(shares[place]) and width >= 3 * letters:
            painter.drawText(QRectF(left, area.top(), width, 1.5 * letters), centre, f"{share:.2f}")
    painter.restore()
