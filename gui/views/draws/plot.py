"""A line over time with a band around it, in front of the line of the usual gates: one run, or the mean of many."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Signal
from PySide6.QtGui import QColor

from gui.appearance.theme import Appearance, pale
from gui.plots.axes import TimeAxis, ValueAxis, keep_still, styled_axis

_BAND_ALPHA = 70
_DOT = 7
"""Width of a dot at 1080 lines."""
_DOTS_UNTIL = 60
"""Steps of a sequence that still have a dot each."""
_ALONE = 0.3
"""A single step is drawn as a short line, so far to each side, in steps."""
_MARGIN = 0.5
"""Room at both ends of the time axis, in steps."""

Numbers = NDArray[np.float64]


class RunPlot(pg.PlotWidget):
    """A line over time in front of the usual one, with a band around it."""

    pointed = Signal(int)
    """The time step under the cursor, from 0; -1 when it leaves."""
    clicked = Signal(int)
    """The time step that was clicked, from 0."""

    def __init__(self) -> None:
        super().__init__(axisItems={"bottom": TimeAxis(), "left": ValueAxis("left")}, background=None)
        keep_still(self)
        self._steps = 0
        self._colours = QColor(), QColor()
        self._wider = 1.0
        self._now = pg.InfiniteLine(angle=90)
        nothing = pg.mkPen(None)
        self._low, self._high = pg.PlotCurveItem(pen=nothing), pg.PlotCurveItem(pen=nothing)
        self.band = pg.FillBetweenItem(self._low, self._high, pen=nothing)
        self.soft, self.line = pg.PlotCurveItem(), pg.PlotCurveItem()
        self.soft_dots, self.dots = pg.ScatterPlotItem(pxMode=True), pg.ScatterPlotItem(pxMode=True)
        for item in (self._now, self._low, self._high, self.band, self.soft, self.soft_dots, self.line, self.dots):
            self.getPlotItem().addItem(item)
        self.scene().sigMouseMoved.connect(self._on_moved)
        self.scene().sigMouseClicked.connect(self._on_clicked)

    def show_run(
        self,
        soft: Numbers,
        values: Numbers,
        around: Numbers | None,
        limits: tuple[float, float],
        until: int | None = None,
    ) -> None:
        """Draw the usual values and others (T,), with a band of `around` above and below.

        until: how many steps are shown; None for all.
        """
        if len(soft) != self._steps:
            self._steps = len(soft)
            self._set_pens()
        steps = np.arange(1, self._steps + 1)[:until]
        soft, values, around = soft[:until], values[:until], None if around is None else around[:until]
        few = self._steps <= _DOTS_UNTIL  # smooth edges of many steps cost more than a frame
        self.soft.setData(*_as_line(soft), antialias=few)
        self.line.setData(*_as_line(values), antialias=few)
        spread = np.zeros_like(values) if around is None else around
        self._low.setData(*_as_line(values - spread))
        self._high.setData(*_as_line(values + spread))
        self.band.setVisible(around is not None)
        dotted = len(soft) if few else 0
        self.soft_dots.setData(steps[:dotted], soft[:dotted])
        self.dots.setData(steps[:dotted], values[:dotted])
        across = (1 - _MARGIN, self._steps + _MARGIN)
        self.getPlotItem().setRange(xRange=across, yRange=limits, padding=0, disableAutoRange=True)

    def show_now(self, t: int | None) -> None:
        """Mark the playback's time step, from 0."""
        self._now.setVisible(t is not None)
        if t is not None:
            self._now.setPos(t + 1)

    def apply_theme(self, appearance: Appearance) -> None:
        """Take the present colours and the present size of text."""
        theme, teal = appearance.theme, appearance.theme.role("hidden")
        styled_axis(self.getPlotItem(), appearance)
        dot = appearance.with_text(_DOT)
        self.band.setBrush(pg.mkBrush(pale(teal, _BAND_ALPHA)))
        self._wider = max(1.0, appearance.with_text(10) / 10)
        self._now.setPen(pg.mkPen(theme.now, width=round(2 * self._wider)))
        self._colours = QColor(theme.ink), teal
        self._set_pens()
        for dots, colour, size in ((self.soft_dots, QColor(theme.ink), 1.5 * dot), (self.dots, teal, dot)):
            dots.setPen(None)
            dots.setBrush(pg.mkBrush(colour))
            dots.setSize(size)

    def _set_pens(self) -> None:
        """Make the usual line the wider one: it can still be seen where the other covers it."""
        widths = (4, 2) if self._steps <= _DOTS_UNTIL else (2, 1)
        for curve, colour, width in zip((self.soft, self.line), self._colours, widths, strict=True):
            curve.setPen(pg.mkPen(colour, width=round(width * self._wider)))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(-1)

    def step_at(self, point: QPointF) -> int:
        """Return the time step at a point of the scene, from 0; -1 where there is none."""
        box = self.getPlotItem().getViewBox()
        if not self._steps or not box.sceneBoundingRect().contains(point):
            return -1
        t = round(box.mapSceneToView(point).x())
        return int(min(max(t, 1), self._steps)) - 1

    def _on_moved(self, point: QPointF) -> None:
        self.pointed.emit(self.step_at(point))

    def _on_clicked(self, event: object) -> None:
        t = self.step_at(event.scenePos())  # type: ignore[attr-defined]  # pyqtgraph's MouseClickEvent
        if t >= 0:
            self.clicked.emit(t)


def _as_line(values: Numbers) -> tuple[Numbers, Numbers]:
    """Return steps and values of a line; one step alone is a short line of its value."""
    if len(values) == 1:
        return np.array([1 - _ALONE, 1 + _ALONE]), np.repeat(values, 2)
    return np.arange(1.0, len(values) + 1), values
