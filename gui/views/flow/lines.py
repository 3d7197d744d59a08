"""Gradient norms over the time steps of a sequence, on a logarithmic axis, with a legend that wraps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.plots.axes import PowerAxis, log10, plot_widget
from gui.plots.curve_stack import CurveStack
from gui.plots.curves import CurveStyle, pen
from gui.plots.part import Part
from gui.widgets.layouts import in_column

Norms = NDArray[np.floating]

_MOST_POINTS = 500
"""Of a longer sequence every 2nd, 3rd … time step is drawn."""
_WIDE_UNTIL = 100
"""Time steps up to which curves are wide: longer ones would take a frame to paint."""
_SLACK = 1
"""Decades that an axis may be too long by before it is shortened: one that follows each step flickers."""
_SYMBOL = 1.15
"""Letters of a symbol, over those of words."""
_STROKE = 0.3
"""Half of the stroke, in time steps, that stands for a curve of one step."""


@dataclass(frozen=True)
class Line:
    """One curve: its key, its style, its legend (a symbol in LaTeX, words, or both), and what hovering calls it."""

    key: str
    latex: str
    style: CurveStyle
    plain: str
    words: str = ""


class Legend(QWidget):
    """A stroke and a symbol for each curve, in as many rows as the width asks for."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter, self._appearance = typesetter, appearance
        self._lines: tuple[Line, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        typesetter.ready.connect(self._on_ready)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.fit()

    @property
    def _letters(self) -> int:
        return self._appearance.text(TEXT)

    def sizeHint(self) -> QSize:
        places = self._places(self.width())
        return QSize(10 * self._letters, round(places[-1].bottom()) + 2 if places else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

    def fit(self) -> None:
        """Be as high as its rows are with text of the size in force."""
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def _on_ready(self, latex: str) -> None:
        if any(line.latex == latex for line in self._lines):
            self.fit()

    def _symbol_width(self, line: Line) -> float:
        if not line.latex:
            return 0.0
        formula = self._typesetter.formula(line.latex)
        return formula.size(_SYMBOL * self._letters).width() if formula is not None else 3.0 * self._letters

    def _width(self, line: Line) -> float:
        words = QFontMetricsF(font(self._letters)).horizontalAdvance(line.words) if line.words else 0.0
        between = 0.4 * self._letters if line.latex and line.words else 0.0
        return self._symbol_width(line) + between + words

    def _places(self, width: float) -> list[QRectF]:
        """Return where each entry stands."""
        places: list[QRectF] = []
        x = y = 0.0
        stroke, gap, height = 1.5 * self._letters, 0.9 * self._letters, 1.55 * self._letters
        for line in self._lines:
            wide = stroke + self._width(line)
            if x and x + wide > width:
                x, y = 0.0, y + height
            places.append(QRectF(x, y, wide, height))
            x += wide + gap
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line, place in zip(self._lines, self._places(self.width()), strict=True):
            self._paint_entry(painter, line, place)
        painter.end()

    def _paint_entry(self, painter: QPainter, line: Line, place: QRectF) -> None:
        letters, middle = self._letters, place.center().y()
        stroke = pen(self._appearance, line.style)
        stroke.setWidth(max(3, line.style.width + 1))
        painter.setPen(stroke)
        painter.drawLine(QPointF(place.left() + 1, middle), QPointF(place.left() + 1.1 * letters, middle))
        colour = QColor(stroke.color())
        colour.setAlpha(255)
        left = place.left() + 1.5 * letters
        formula = self._typesetter.formula(line.latex) if line.latex else None
        if formula is not None:
            top = middle - formula.size(_SYMBOL * letters).height() / 2
            self._typesetter.draw(painter, line.latex, QPointF(left, top), _SYMBOL * letters, colour)
        if line.words:
            painter.setPen(colour)
            painter.setFont(font(letters))
            left += self._symbol_width(line) + (0.4 * letters if line.latex else 0.0)
            box = QRectF(left, place.top(), place.right() - left + letters, place.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line.words)


class FlowLines(Part):
    """Curves of norms over t = 1 … T; a norm of 0 has no place on the axis and is left out."""

    def __init__(self, title: str, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__(title, appearance)
        self._lines: tuple[Line, ...] = ()
        self._T = 1
        self.norms: Mapping[str, Norms] = {}
        """What is drawn, (T,) each, by the curves' keys."""
        self._range: tuple[int, float, float] | None = None
        self.names = Legend(typesetter, appearance)
        self.widget = plot_widget(left=PowerAxis())
        self.plot = self.widget.getPlotItem()
        self.stack = CurveStack()
        self.plot.addItem(self.stack)
        self.add_plot(self.widget)
        in_column(self.names, (self.widget, 1), inside=self.content, margins=0, spacing=0)
        self.restyle()

    def clear(self) -> None:
        """Forget the run."""
        self.norms, self._range = {}, None
        self.stack.set_curves({})

    def show_norms(self, lines: Sequence[Line], norms: Mapping[str, Norms]) -> None:
        """Draw norms by the lines' keys, (T,) each, for t = 1 … T; the last line is painted on top."""
        T = max((len(values) for values in norms.values()), default=1)
        if (tuple(lines), T) != (self._lines, self._T):
            self._lines, self._T = tuple(lines), T
            self._set_pens()
        self.norms = dict(norms)
        self.show_empty("")
        self.names.set_lines([line for line in lines if line.key in norms])
        logs = {key: log10(values) for key, values in norms.items()}
        self.stack.set_curves({key: _thinned(values) for key, values in logs.items()})
        finite = np.concatenate([values[np.isfinite(values)] for values in logs.values()] or [np.empty(0)])
        if finite.size:
            self._fit(T, float(finite.min()), float(finite.max()))

    def _fit(self, steps: int, lowest: float, highest: float) -> None:
        """Take ranges in whole decades, which change only where they no longer fit."""
        low, high = float(np.floor(lowest - 0.1)), float(np.ceil(highest + 0.1))
        if self._range is not None and self._range[0] == steps:
            _, bottom, top = self._range
            low = low if not bottom <= low <= bottom + _SLACK else bottom
            high = high if not top - _SLACK <= high <= top else top
        if (steps, low, high) != self._range:
            self._range = steps, low, high
            self.plot.getAxis("bottom").setTickSpacing(levels=[(spacing(steps), 0)])
            self.plot.setRange(xRange=(0.5, max(steps, 2) + 0.5), yRange=(low, high), padding=0, disableAutoRange=True)

    def told(self, widget: pg.PlotWidget, x: float, y: float) -> str:
        steps = max((len(values) for values in self.norms.values()), default=0)
        t = round(x)
        if not 1 <= t <= steps:
            return ""
        parts = [
            f"{line.plain} {self.appearance.written(float(self.norms[line.key][t - 1]))}"
            for line in self._lines
            if line.key in self.norms and t <= len(self.norms[line.key])
        ]
        return f"t = {t:,}: " + ", ".join(parts)

    def restyle(self) -> None:
        super().restyle()
        self.names.fit()
        self._set_pens()

    def _set_pens(self) -> None:
        scale = self.appearance.text(TEXT) / self.appearance.px(TEXT)
        pens = {}
        for line in self._lines:
            width = line.style.width if self._T <= _WIDE_UNTIL else line.style.width - 1
            pens[line.key] = pen(self.appearance, replace(line.style, width=max(1, round(scale * width))))
        self.stack.set_pens(pens)


def _thinned(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what is drawn of logarithms (T,): t and the values; one step alone becomes a short stroke."""
    finite = np.flatnonzero(np.isfinite(values))
    if finite.size == 1:
        t = float(finite[0] + 1)
        stroke: NDArray[np.float64] = np.array([t - _STROKE, t + _STROKE])
        return stroke, np.repeat(values[finite], 2)
    every = -(-len(values) // _MOST_POINTS)
    places = np.arange(0, len(values), every)
    return (places + 1).astype(np.float64), values[places]


def spacing(steps: int) -> int:
    """Return between how many time steps a number stands: 1, 2, 5, 10 …, about five of them."""
    power = int(10 ** np.floor(np.log10(max(steps, 5) / 5)))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= steps / 6)
