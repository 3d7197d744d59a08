"""Histograms of one weight and of its gradient, now and at the first training step seen."""

from __future__ import annotations

import itertools

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QStyleOptionGraphicsItem, QWidget

from engine.runs.observation import Histogram, WeightFacts
from engine.text import numbers
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance
from gui.plots.axes import plot_widget
from gui.plots.numbers import OwnTable, Series
from gui.plots.part import Part
from gui.widgets.layouts import in_column, in_row

_LETTER = 0.7
"""Width of a digit against the height of its letters, with some air."""


class SquareRootAxis(pg.AxisItem):
    """Counts, on a scale of their square roots, so that few are seen beside many: nothing, a quarter and the top."""

    top = 4

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, [float(np.sqrt(count)) for count in sorted({0, round(self.top / 4), round(self.top)})])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{round(v * v):,}" for v in values]


class SymmetricAxis(pg.AxisItem):
    """Half of the way to either edge, and zero where there is room for it."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        letters = max(len(text) for text in self.tickStrings([low / 2, high / 2], 1, 1))
        fits = letters * _LETTER * self.style["tickFont"].pixelSize() < size / 4
        return [(1.0, [low / 2, 0.0, high / 2] if fits else [low / 2, high / 2])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [numbers.written(float(f"{v:.3g}")) for v in values]


class _Bars(pg.GraphicsObject):
    """Bars as high as the square roots of their counts, and the outline of others."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: list[QRectF] = []
        self._outline = QPolygonF()
        self._bounds = QRectF()
        self.colour, self.pen = QColor(), QPen()

    def set_counts(self, present: Histogram, first: Histogram | None) -> None:
        """Draw a histogram, and the outline of another as high as it would be with bins of the same width."""
        self.prepareGeometryChange()
        edges = present.edges.astype(np.float64)
        heights = np.sqrt(present.counts)
        self._bars = [
            QRectF(left, 0, right - left, height)
            for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True)
            if height
        ]
        left, top = float(edges[0]), float(heights.max(initial=1.0))
        self._outline = QPolygonF()
        if first is not None:
            x = np.repeat(first.edges.astype(np.float64), 2)
            y = np.concatenate([[0.0], np.repeat(np.sqrt(scaled(first, present)), 2), [0.0]])
            self._outline = pg.functions.arrayToQPolygonF(x, y)
            left, top = min(left, float(x[0])), max(top, float(y.max()))
        self._bounds = QRectF(left, 0, -2 * left, top)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.colour)
        painter.drawRects(self._bars)
        painter.setPen(self.pen)
        painter.drawPolyline(self._outline)


def scaled(first: Histogram, present: Histogram) -> np.ndarray:
    """Return counts as they would be in bins as wide as those of another histogram."""
    widths = [float(item.edges[-1]) / item.counts.size for item in (first, present)]
    return first.counts * (widths[1] / widths[0])


class _OneHistogram(QWidget):
    """A histogram under its words."""

    def __init__(self) -> None:
        super().__init__()
        self.axis = SquareRootAxis("left")
        self.widget = plot_widget(numbers=OwnTable(self.series, "from"), left=self.axis, bottom=SymmetricAxis("bottom"))
        self.plot = self.widget.getPlotItem()
        self.bars = _Bars()
        self.plot.addItem(self.bars)
        self.words = RichLabel()
        self.words.setMinimumWidth(10)
        self.present: Histogram | None = None
        self.first: Histogram | None = None
        self._range: tuple[float, int] | None = None
        in_column(self.words, (self.widget, 1), inside=self, margins=0, spacing=0)

    def series(self) -> list[Series]:
        """Return the counts: where each bin begins and ends, and how many entries are in it."""
        found = self.present
        if found is None:
            return []
        edges, counts = found.edges.astype(np.float64), found.counts.astype(np.float64)
        return [("to", edges[:-1], edges[1:]), ("entries", edges[:-1], counts)]

    def show_histogram(self, present: Histogram, first: Histogram | None) -> None:
        self.present, self.first = present, first
        self.bars.set_counts(present, first)
        highest = float(present.counts.max(initial=1))
        if first is not None:  # where it was far narrower, its outline may leave the plot
            highest = max(highest, min(float(scaled(first, present).max()), float(present.counts.sum())))
        limit, top = float(present.edges[-1]), _top(int(np.ceil(highest)))
        if (limit, top) != self._range:
            self._range = limit, top
            self.axis.top = top
            self.axis.picture = None  # its numbers depend on more than the range
            self.plot.setRange(
                xRange=(-limit, limit), yRange=(0, 1.04 * np.sqrt(top)), padding=0, disableAutoRange=True
            )


def _top(count: int) -> int:
    """Return the next of 4, 8, 20, 40, 80, 200, …: a quarter of it is a whole number."""
    tops = (4 * factor * 10**power for power in itertools.count() for factor in (1, 2, 5))
    return int(next(top for top in tops if top >= count))


class HistogramsPlot(Part):
    """Two histograms of the chosen weight; whoever uses it puts the choice into `chooser`."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__("Histograms (√)", appearance)
        self.chooser = QHBoxLayout()
        self.sides = {side: _OneHistogram() for side in ("values", "gradients")}
        self._name, self._role = "", "cell"
        self.shown: tuple[int, WeightFacts] | None = None
        """The step and the facts that are drawn."""
        self._first: tuple[int, WeightFacts] | None = None
        self.when = ""
        """Which moment that is, in words."""
        self._both = in_row(inside=self.content, margins=0)
        for side in self.sides.values():
            self._both.addWidget(side, 1)
            self.add_plot(side.widget)
        self._column.insertLayout(1, self.chooser)
        self.restyle()

    def show_weight(
        self, name: str, role: str, now: tuple[int, WeightFacts] | None, first: tuple[int, WeightFacts] | None
    ) -> None:
        """Draw a weight: its step and facts now, and those of the first time that it was seen."""
        self._name = name
        if role != self._role:
            self._role = role
            self._colour()
        self.shown, self._first = now, first
        if now is None:
            return
        before = first[1] if first is not None and first[0] < now[0] else None
        self.sides["values"].show_histogram(now[1].values, before.values if before else None)
        self.sides["gradients"].show_histogram(now[1].gradients, before.gradients if before else None)

    def say(self) -> None:
        """Write the present norms; less often than they are drawn."""
        if self.shown is None:
            return
        step, facts = self.shown
        muted = self.appearance.theme.muted
        for side, words, norm in (("values", "values", facts.norm), ("gradients", "gradient", facts.gradient_norm)):
            label = self.sides[side].words
            label.setText(f'{words}&nbsp; <span style="color:{muted}">norm</span> {self.appearance.written(norm)}')
            label.setToolTip(f"Norm of {self._name}'s {words} at step {step:,}: {numbers.exact(norm)}")
        outline = f" · outline: step {self._first[0]:,}" if self._first and self._first[0] < step else ""
        both = f"{self.when}{outline}"
        fits = self.words.fontMetrics().horizontalAdvance(both) <= self.width() - self.words.x()
        self.words.setText(both if fits else self.when)
        self.words.setToolTip(
            "Counts are drawn on a square-root scale, so that small ones can be seen beside large ones"
        )

    def told(self, widget: pg.PlotWidget, x: float, y: float) -> str:
        side = next(name for name, item in self.sides.items() if item.widget is widget)
        found = self.sides[side].present
        if found is None or self.shown is None:
            return ""
        place = int(np.clip(np.searchsorted(found.edges, x) - 1, 0, found.counts.size - 1))
        low, high = (self.appearance.written(float(edge)) for edge in found.edges[place : place + 2])
        of = self._name if side == "values" else f"the gradient of {self._name}"
        total = int(found.counts.sum())
        return (
            f"Step {self.shown[0]:,}: {found.counts[place]:,} of {total:,} entries of {of} are between {low} and {high}"
        )

    def restyle(self) -> None:
        super().restyle()
        self._both.setSpacing(self.appearance.text(TEXT))
        for side in self.sides.values():
            side.axis.setWidth(round(3.2 * self.appearance.text(NOTE)))
        self._colour()

    def _colour(self) -> None:
        theme = self.appearance.theme
        for side in self.sides.values():
            side.bars.colour = theme.role(self._role)
            side.bars.colour.setAlpha(170)
            side.bars.pen = QPen(QColor(theme.muted), 1)
            side.bars.pen.setCosmetic(True)
            side.bars.update()
