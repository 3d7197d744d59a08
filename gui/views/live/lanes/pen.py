"""What all lanes are drawn with: theme, letters, places; and text that keeps within its room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pyqtgraph as pg
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
_SHARED = 0.5
"""Pixels between time steps below which several share one."""
_BEYOND = -0.05, 1.05
"""How far a curve may leave its box, as shares of its height."""


@lru_cache(64)
def letters(pixels: int, bold: bool = False) -> QFont:
    """Return the program's letters; made once, for a font of features takes longer to make than to write with."""
    return font(pixels, bold)


@lru_cache(64)
def metrics(pixels: int, bold: bool = False) -> QFontMetricsF:
    """Return the measures of the program's letters."""
    return QFontMetricsF(letters(pixels, bold))


@lru_cache(2048)
def _fitting(words: str, pixels: int, bold: bool, width: int) -> str:
    return metrics(pixels, bold).elidedText(words, Qt.TextElideMode.ElideRight, width)


def larger_end(span: str, room: float, pixels: int) -> str:
    """Return a span such as "0.23–0.62", or its larger end alone, which says more, where it is wider than the room."""
    least, dash, most = span.rpartition("–")
    return f"≤ {most}" if least and dash and metrics(pixels).horizontalAdvance(span) > room else span


@dataclass(frozen=True)
class Pencil:
    """A painter with the lanes of a picture, and how large letters are."""

    painter: QPainter
    appearance: Appearance
    lanes: Lanes
    steps: int
    width: int
    """Pixels of the whole picture."""

    @cached_property
    def theme(self) -> Theme:
        """The colours."""
        return self.appearance.theme

    @cached_property
    def text(self) -> int:
        """Pixels of text."""
        return self.appearance.text(TEXT)

    @cached_property
    def note(self) -> int:
        """Pixels of notes and numbers."""
        return self.appearance.text(NOTE)

    @cached_property
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
        self.painter.setFont(letters(pixels, bold))
        self.painter.setPen(QColor(colour or self.theme.muted))
        fitting = _fitting(words, pixels, bold, int(box.width()) + 1)
        self.painter.drawText(box, how | int(Qt.TextFlag.TextDontClip), fitting)

    def write_lines(self, box: QRectF, words: str) -> None:
        """Write a note in as many lines as it needs and the box has.

        The last loses what follows a comma where it does not fit, such as "normalised", and is cut off if that is not
        enough.
        """
        line, rest = QRectF(box.left(), box.top(), box.width(), 1.3 * self.note), words.split(" ")
        while rest:
            fitting = len(rest)
            if line.bottom() + line.height() <= box.bottom():  # not the last line
                while fitting > 1 and not self._fits(rest[:fitting], box):
                    fitting -= 1
            shown = " ".join(rest[:fitting])
            self.write(line, shown if self._fits(rest[:fitting], box) else shown.partition(", ")[0])
            rest = rest[fitting:]
            line.moveTop(line.bottom())

    def _fits(self, words: Sequence[str], box: QRectF) -> bool:
        return metrics(self.note).horizontalAdvance(" ".join(words)) <= box.width()

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
        points = self._points(box, values[:stop], limits)
        if points.size() > 1:
            self.painter.drawPolyline(points)
        if pen.style() is Qt.PenStyle.SolidLine and self.column >= _DOTS_FROM:
            dots = QPen(pen.color(), 2 * max(1.5, 0.13 * self.text))
            dots.setCapStyle(Qt.PenCapStyle.RoundCap)
            self.painter.setPen(dots)
            self.painter.drawPoints(points)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _points(self, box: QRectF, values: Values, limits: tuple[float, float]) -> QPolygonF:
        """Return the points of a curve; where several steps share a pixel, their least and their largest value."""
        t = np.arange(len(values))
        if self.column < _SHARED:
            starts = first_of(len(values), max(1, round(box.width() * len(values) / self.steps)))
            ends = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
            t, values = np.repeat(starts, 2), np.stack(ends, axis=1).ravel()
        finite = np.isfinite(values)
        low, high = limits
        share = np.clip((values[finite] - low) / (high - low), *_BEYOND)
        across = self.lanes.axis.left() + (t[finite] + 0.5) * self.column
        polygon: QPolygonF = pg.functions.arrayToQPolygonF(across, box.bottom() - share * box.height())
        return polygon


def height(box: QRectF, value: float, limits: tuple[float, float]) -> float:
    """Return where a value stands in a box, its limits being the box's lower and upper edge."""
    low, high = limits
    least, most = _BEYOND
    return box.bottom() - min(max((value - low) / (high - low), least), most) * box.height()


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
