"""Curves of several configurations in one plot: for each a line in a band, with its name at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QStaticText
from PySide6.QtWidgets import QWidget

from engine.comparison.results import Curves
from engine.formats.numbers_file import Table
from engine.tasks.base import TaskFacts
from engine.text.numbers import brief
from gui.appearance.dashes import OF_RUNS, dashed
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font, pale
from gui.commands.number_taker import number_entries
from gui.commands.popup import Entry, popup
from gui.plots.axes import TINY, log10, log_range
from gui.plots.compare_style import drawn_name
from gui.plots.end_names import apart
from gui.plots.numbers import Series, picture_entries, table_of, table_under, title_over
from gui.plots.ticks import step_ticks, value_ticks

Array = NDArray[np.float64]

_BAND_ALPHA = 60
_LEADER_ALPHA = 70
_NAMES_SHARE = 0.3
"""Most of the width that the names at the ends of the lines may take."""


@dataclass(frozen=True)
class Line:
    """One configuration: its name, its curves, and where runs of it diverged (step, value)."""

    name: str
    curves: Curves
    ends: Sequence[tuple[int, float]] = ()


@dataclass(frozen=True)
class Picture:
    """What a plot shows. steps: the last step of its axis. trivial: value and words of the dashed line, or None.

    shares: the values lie between 0 and 1, and are written in percent. unit: the word for what the axis counts.
    """

    title: str
    steps: int
    lines: Sequence[Line] = field(default_factory=tuple)
    trivial: tuple[float, str] | None = None
    shares: bool = False
    unit: str = "step"


def trivial_line(facts: TaskFacts | None) -> tuple[float, str] | None:
    """Return value and words of the trivial answer's dashed line; None where nobody knows it."""
    if facts is None or math.isnan(facts.trivial_loss):
        return None
    return facts.trivial_loss, f"{facts.trivial_name}: {brief(facts.trivial_loss)}"


class CompareCurves(QWidget):
    """Medians and bands over the steps, on a logarithmic or a linear axis."""

    pointed = Signal(int)
    """The step under the cursor; 0 when the cursor leaves."""

    def __init__(self, appearance: Appearance, logarithmic: bool) -> None:
        super().__init__()
        self._appearance = appearance
        self._logarithmic = logarithmic
        self.picture = Picture("", 1)
        """What is shown."""
        self._range: tuple[float, float] = (0.0, 1.0)
        self._drawn_name = lru_cache(64)(drawn_name)
        self._pointed = 0
        # So that Qt need not paint the panel below for each frame.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)

    @property
    def _letters(self) -> int:
        return self._appearance.text(TEXT)

    @property
    def _small(self) -> int:
        return self._appearance.text(NOTE)

    def show_picture(self, picture: Picture) -> None:
        """Draw another picture."""
        self.picture = picture
        self._range = self._fitting_range(picture)
        self.update()

    # Places

    def _scaled(self, values: Array) -> Array:
        return log10(values, TINY) if self._logarithmic else values

    def _fitting_range(self, picture: Picture) -> tuple[float, float]:
        parts = [self._scaled(part) for line in picture.lines for part in (line.curves.low, line.curves.high)]
        values = np.concatenate(parts) if parts else np.empty(0)
        values = values[np.isfinite(values)]
        if not values.size:
            return (-3.0, 0.0) if self._logarithmic else (0.0, 1.0)
        low, high = float(values.min()), float(values.max())
        if self._logarithmic:
            if picture.trivial is not None and picture.trivial[0] > 0:
                trivial = float(np.log10(picture.trivial[0]))
                low, high = min(low, trivial), max(high, trivial)
            return log_range(low, high)
        if picture.shares:
            return 0.0, 1.0
        top = max(high, 1e-9)
        unit = 10 ** np.floor(np.log10(top))
        return min(0.0, low), float(np.ceil(1.05 * top / unit * 2) / 2 * unit)

    def area(self) -> QRectF:
        """Return the rectangle of the curves, between the axes and the names."""
        small = self._small
        names = max((text.size().width() for text in self._names()), default=0.0)
        left, top, bottom = 4.2 * small, 1.9 * small, 1.8 * small
        right = names + 0.9 * self._letters if names else 0.5 * small
        return QRectF(left, top, max(10.0, self.width() - left - right), max(10.0, self.height() - top - bottom))

    def _names(self) -> list[QStaticText]:
        most = int(_NAMES_SHARE * self.width())
        return [self._drawn_name(line.name, self._letters, most, 2) for line in self.picture.lines]

    def place(self, step: float, value: float) -> QPointF:
        """Return the point of a value at a step."""
        area = self.area()
        x, y = self._points(area, np.array([step], dtype=np.float64), np.array([value], dtype=np.float64))
        return QPointF(float(x[0]), float(y[0]))

    def _points(self, area: QRectF, steps: Array, values: Array) -> tuple[Array, Array]:
        low, high = self._range
        span = max(self.picture.steps - 1, 1)
        x = area.left() + (steps - 1) / span * area.width()
        y = area.bottom() - (self._scaled(values) - low) / max(high - low, 1e-12) * area.height()
        return x, y

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.panel))
        area = self.area()
        self._paint_axes(painter, area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(area.adjusted(-2, -2, 2, 2))
        if self.picture.trivial is not None:
            y = self.place(1, self.picture.trivial[0]).y()
            painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        ends = [self._paint_line(painter, area, place, line) for place, line in enumerate(self.picture.lines)]
        if self._pointed:
            x = self.place(self._pointed, 1.0).x()
            painter.setPen(QPen(QColor(theme.muted), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setClipping(False)
        self._paint_names(painter, area, ends)
        painter.end()

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        theme, small = self._appearance.theme, self._small
        self._paint_title(painter, QRectF(area.left(), 0, self.width() - area.left(), 1.5 * small))
        painter.setFont(font(small))
        room = max(2, int(area.height() / (2.2 * small)))
        for value, words in value_ticks(*self._range, room, self._logarithmic, self.picture.shares):
            y = area.bottom() - (value - self._range[0]) / (self._range[1] - self._range[0]) * area.height()
            painter.setPen(QColor(theme.edge))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            box = QRectF(0, y - small, area.left() - 0.4 * small, 2 * small)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        width = painter.fontMetrics().horizontalAdvance(f"{self.picture.unit} {self.picture.steps:,}") + small
        ticks = step_ticks(self.picture.steps, max(1, int(area.width() / width)))
        for step in ticks:
            x = self.place(step, 1.0).x()
            words = f"{step:,}"
            box = QRectF(x - width, area.bottom() + 0.2 * small, 2 * width, 1.5 * small)
            if step == ticks[-1]:
                words = f"{self.picture.unit} {words}"
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)

    def _paint_title(self, painter: QPainter, box: QRectF) -> None:
        """Write the title and, beside it, the words for the dashed line; in the plot, curves would cross them."""
        theme, small = self._appearance.theme, self._small
        elide, middle = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(small, bold=True))
        painter.setPen(QColor(theme.ink))
        painter.drawText(box, middle, painter.fontMetrics().elidedText(self.picture.title, elide, int(box.width())))
        if self.picture.trivial is None:
            return
        rest = box.adjusted(painter.fontMetrics().horizontalAdvance(self.picture.title) + 1.2 * small, 0, 0, 0)
        if rest.width() < 8 * small:
            return
        painter.setFont(font(small))
        painter.setPen(QColor(theme.muted))
        whole = self.picture.trivial[1]
        metrics = painter.fontMetrics()
        wordings = [f"┄ {words}" for words in (whole, f"trivial answer: {whole.rpartition(': ')[2]}")]
        words = next((one for one in wordings if metrics.horizontalAdvance(one) <= rest.width()), wordings[-1])
        painter.drawText(rest, middle, metrics.elidedText(words, elide, int(rest.width())))

    def _paint_line(self, painter: QPainter, area: QRectF, place: int, line: Line) -> QPointF | None:
        """Draw the band, line and marks of a configuration; return the end of its line."""
        colour = self._appearance.theme.run(place)
        curves = line.curves
        known = np.isfinite(self._scaled(curves.median))
        steps = curves.steps[known]
        if steps.size:
            x, low = self._points(area, steps, curves.low[known])
            _, high = self._points(area, steps, curves.high[known])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(pale(colour, _BAND_ALPHA))
            painter.drawPolygon(_polygon(np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])))
        stroke = QPen(colour, max(1.5, self._letters / 8))
        painter.setPen(dashed(QPen(stroke), OF_RUNS[place]))
        end = None
        if steps.size:
            x, middle = self._points(area, steps, curves.median[known])
            painter.drawPolyline(_polygon(x, middle))
            end = QPointF(float(x[-1]), float(middle[-1]))
        painter.setPen(stroke)
        for step, value in line.ends:
            at = self.place(step, value)
            y = at.y() if np.isfinite(value) else area.top()
            at.setY(min(max(y, area.top() + self._small / 2), area.bottom() - self._small / 2))
            r = 0.4 * self._small
            for dy in (-r, r):
                painter.drawLine(QPointF(at.x() - r, at.y() + dy), QPointF(at.x() + r, at.y() - dy))
            end = end or at
        return end

    def _paint_names(self, painter: QPainter, area: QRectF, ends: Sequence[QPointF | None]) -> None:
        """Write each name beside the plot, as near to the end of its line as the others allow."""
        texts = self._names()
        shown = [place for place, end in enumerate(ends) if end is not None]
        shown.sort(key=lambda place: ends[place].y())  # type: ignore[union-attr]  # those without are left out
        heights = [texts[place].size().height() for place in shown]
        wanted = [ends[place].y() for place in shown]  # type: ignore[union-attr]
        tops = apart(wanted, heights, 0.0, area.bottom() + 0.3 * self._letters)  # above the steps' numbers
        painter.setFont(font(self._letters, bold=True))
        left = area.right() + 0.6 * self._letters
        for place, top, height in zip(shown, tops, heights, strict=True):
            end, colour = ends[place], self._appearance.theme.run(place)
            assert end is not None
            painter.setPen(QPen(pale(colour, _LEADER_ALPHA), 1))
            painter.drawLine(end, QPointF(left - 3, top + height / 2))
            painter.setPen(colour)
            painter.drawStaticText(QPointF(left, top), texts[place])

    # The mouse

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        popup(self, event.globalPos(), self.entries())

    def entries(self) -> list[Entry]:
        """Return what the menu at the cursor offers."""
        return [*number_entries(self, self.tables()), *picture_entries(self)]

    def tables(self) -> list[Table]:
        """Return the curves that are drawn."""
        there = any(line.curves.steps.size for line in self.picture.lines)
        return [table_under(title_over(self), self.gathered)] if there else []

    def table(self) -> str:
        """Return what is drawn as CSV."""
        return self.gathered()()

    def gathered(self) -> Callable[[], str]:
        """Take what is drawn as it is now, and return what makes CSV of it.

        Of each configuration that is the median and, if there are several runs, the band.
        """
        series: list[Series] = []
        for line in self.picture.lines:
            curves = line.curves
            series.append((line.name, curves.steps, curves.median))
            if not np.array_equal(curves.low, curves.high, equal_nan=True):
                series += [(f"{line.name}, low", curves.steps, curves.low)]
                series += [(f"{line.name}, high", curves.steps, curves.high)]
        return partial(table_of, series, self.picture.unit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area = self.area()
        inside = area.contains(event.position()) and bool(self.picture.lines)
        share = (event.position().x() - area.left()) / area.width()
        self._point(round(1 + share * (self.picture.steps - 1)) if inside else 0)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(0)

    def _point(self, step: int) -> None:
        if step != self._pointed:
            self._pointed = step
            self.pointed.emit(step)
            self.update()


def _polygon(x: Array, y: Array) -> QPolygonF:
    polygon: QPolygonF = pg.functions.arrayToQPolygonF(x, y)
    return polygon
