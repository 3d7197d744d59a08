"""Draws symbols from small pictures that are made once, so that a frame can hold many."""

from __future__ import annotations

import re

from PySide6.QtCore import QMargins, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap

from gui.appearance.theme import font
from gui.appearance.typeset import Typesetter
from gui.appearance.vector import in_picture

_KEPT = 400
_MARGIN = QMargins(0, 0, 2, 2)
_NUMBERS = re.compile(r"\d+×\d+")
"""Written in the program's letters, at once: a shape in numbers changes with every size."""


class Stamps:
    """Measures and draws LaTeX, and shapes in numbers such as 3×6."""

    def __init__(self, typesetter: Typesetter) -> None:
        self._typesetter = typesetter
        self._stamps: dict[tuple[str, float, int, float], QPixmap] = {}
        self._sizes: dict[tuple[str, float], QSizeF] = {}
        self.missing: set[str] = set()
        """What was measured while it was still being typeset."""

    def size(self, text: str, pixels: float) -> QSizeF:
        """Return the size of a symbol in letters of so many pixels; about that while it is being typeset."""
        key = (text, pixels)
        if key in self._sizes:
            return self._sizes[key]
        if _NUMBERS.fullmatch(text):
            metrics = QFontMetricsF(font(pixels))
            size = QSizeF(metrics.horizontalAdvance(text), metrics.height())
        else:
            formula = self._typesetter.formula(text)
            if formula is None:
                self.missing.add(text)
                return QSizeF(1.4 * pixels, pixels)
            size = formula.size(pixels)
        self._sizes[key] = size
        return size

    def draw(self, painter: QPainter, text: str, middle: QPointF, pixels: float, colour: QColor) -> None:
        """Draw a symbol around a point; nothing while it is being typeset."""
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        key = (text, pixels, colour.rgb(), ratio)
        size = self.size(text, pixels)
        if (text, pixels) not in self._sizes:
            return
        x, y = middle.x() - size.width() / 2, middle.y() - size.height() / 2
        if in_picture():
            self._draw_at(painter, text, QRectF(QPointF(x, y), size), pixels, colour)
            return
        if key not in self._stamps:
            if len(self._stamps) >= _KEPT:
                self._stamps.clear()
            self._stamps[key] = self._stamped(text, size, pixels, colour, ratio)
        painter.drawPixmap(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), self._stamps[key])

    def _stamped(self, text: str, size: QSizeF, pixels: float, colour: QColor, ratio: float) -> QPixmap:
        stamp = QPixmap((size * ratio).toSize().grownBy(_MARGIN))
        stamp.setDevicePixelRatio(ratio)
        stamp.fill(Qt.GlobalColor.transparent)
        painter = QPainter(stamp)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_at(painter, text, QRectF(QPointF(0, 0), size), pixels, colour)
        painter.end()
        return stamp

    def _draw_at(self, painter: QPainter, text: str, box: QRectF, pixels: float, colour: QColor) -> None:
        if _NUMBERS.fullmatch(text):
            painter.setFont(font(pixels))
            painter.setPen(colour)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
        else:
            self._typesetter.draw(painter, text, box.topLeft(), pixels, colour)
