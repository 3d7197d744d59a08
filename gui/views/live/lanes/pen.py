"""What all lanes are drawn with: theme, letters, places; and text that keeps within its room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, Theme, font
from gui.views.live.lanes.places import Lanes
from gui.views.live.sharing import first_of

Values = NDArray[np.floating]

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_CROWDED = 2
"""Pixels between time steps below which a curve is a plain thin line."""
_DOTS_FROM = 7
"""Pixels between time steps from which each has a dot."""


@lru_cache(64)
def metrics(pixels: int, bold: bool = False) -> QFontMetricsF:
    """Return the measures of the program's letters."""
    return QFontMetricsF(font(pixels, bold))


@dataclass(frozen=True)
class Pencil:
    """A painter with the lanes of a picture, and how large letters are."""

    painter: QPainter
    appearance: Appearance
    lanes: Lanes
    steps: int

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self.appearance.theme

    @property
    def text(self) -> int:
        """Pixels of text."""
        return self.appearance.text(TEXT)

    @property
    def note(self) -> int:
        """Pixels of notes and numbers."""
        return self.appearance.text(NOTE)

    @property
    def column(self) -> float:
        """Pixels of a time step."""
        return self.lanes.axis.width() / self.steps

    def middle(self, t: float) -> float:
        """Return the middle of a time step, from 0."""
        return self.lanes.x_of(t + 0.5, self.steps)

    def write(
        self, box: QRectF, words: str, how: int = LEFT, *, bold: bool = False, size: int = 0, colour: str | QColor = ""
    ) -> None:
        """Write words in a box, cut off where they do not fit; size: 0 is that of notes."""
        pixels = size or self.note
        letters: QFont = font(pixels, bold)
        fitting = metrics(pixels, bold).elidedText(words, Qt.TextElideMode.ElideRight, box.width() + 1)
        self.painter.setFont(letters)
        self.painter.setPen(QColor(colour or self.theme.muted))
        self.painter.drawText(box, how | int(Qt.TextFlag.TextDontClip), fitting)

    def write_lines(self, box: QRectF, words: str) -> None:
        """Write a note in as many lines as it needs and the box has; the last is cut off where it does not fit."""
        line, rest = QRectF(box.left(), box.top(), box.width(), 1.3 * self.note), words.split(" ")
        while rest:
            fitting = len(rest)
            if line.bottom() + line.height() <= box.bottom():  # not the last line
                while fitting > 1 and metrics(self.note).horizontalAdvance(" ".join(rest[:fitting])) > box.width():
                    fitting -= 1
            self.write(line, " ".join(rest[:fitting]))
            rest = rest[fitting:]
            line.moveTop(line.bottom())

    def line(self, y: float, colour: str = "") -> None:
        """Draw a thin line along the time axis."""
        self.painter.setPen(QPen(QColor(colour or self.theme.edge), 1))
        self.painter.drawLine(QPointF(self.lanes.axis.left(), y), QPointF(self.lanes.axis.right(), y))

    def curve(
        self, box: QRectF, values: Values, limits: tuple[float, float], pen: QPen, until: int | None = None
    ) -> None:
        """Draw numbers over time (T,) between limits; where several share a pixel, from the least to the largest.

        until: the time step, from 0, after which nothing is drawn.
        """
        stop = len(values) if until is None else until + 1
        crowded = self.column < _CROWDED
        if crowded:  # dashes could not be told apart there, and take thirty times as long
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setWidthF(1.0)
        self.painter.setPen(pen)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, not crowded)
        if self.column < 0.5:
            points = self._ends(box, values[:stop], limits)
        else:
            finite = np.flatnonzero(np.isfinite(values[:stop]))
            points = [QPointF(self.middle(t), height(box, float(values[t]), limits)) for t in finite.tolist()]
        if len(points) > 1:
            self.painter.drawPolyline(QPolygonF(points))
        if pen.style() is Qt.PenStyle.SolidLine and self.column >= _DOTS_FROM:
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(pen.color())
            radius = max(1.5, 0.13 * self.text)
            for point in points:
                self.painter.drawEllipse(point, radius, radius)
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _ends(self, box: QRectF, values: Values, limits: tuple[float, float]) -> list[QPointF]:
        starts = first_of(len(values), max(1, round(box.width() * len(values) / self.steps)))
        least, most = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
        points = []
        for t, low, high in zip(starts.tolist(), least.tolist(), most.tolist(), strict=True):
            if np.isfinite(low) and np.isfinite(high):
                points += [QPointF(self.middle(t), height(box, end, limits)) for end in (low, high)]
        return points


def height(box: QRectF, value: float, limits: tuple[float, float]) -> float:
    """Return where a value stands in a box, its limits being the box's lower and upper edge."""
    low, high = limits
    share = (value - low) / (high - low)
    return box.bottom() - min(max(share, -0.05), 1.05) * box.height()


def limits_of(*values: Values) -> tuple[float, float]:
    """Return the least and the largest of numbers as an axis; apart even where all are the same."""
    known = np.concatenate([one[np.isfinite(one)].ravel() for one in values]) if values else np.empty(0)
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = min(low, 0.0), max(high, 0.0)
    return (low, high) if high > low else (low - 1.0, low + 1.0)


def shown_limits(low: float, high: float) -> tuple[float, float]:
    """Return an axis a little longer than its numbers, so that dots at its ends are whole."""
    margin = 0.08 * (high - low)
    return low - margin, high + margin
