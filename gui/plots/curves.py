"""Curves over training steps: every step counts, a few hundred points are drawn, the axis is logarithmic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QLabel, QWidget

from engine.runs.history import History
from gui.appearance.theme import Appearance, pale
from gui.plots.axes import PowerAxis, StepAxis, make_opaque, styled_axis
from gui.plots.curve_stack import CurveStack
from gui.plots.events import EventMarks
from gui.widgets.layouts import in_column
from gui.widgets.zoomable import Zoomable

POINTS = 240
"""Points of a curve's band; minima and maxima of all steps are among them."""
MEANS = 120
"""Points of its line, the mean of neighbouring steps."""
_BAND_ALPHA = 70
_TINY = 1e-12  # what a logarithmic axis shows for 0


@dataclass(frozen=True)
class CurveStyle:
    """How one curve looks; `role` is a colour's role in the theme."""

    role: str
    alpha: int = 255
    width: int = 1
    """In pixels; a wide line takes several times as long to draw, and twenty of them are too many."""


class CurvesPlot(QWidget, Zoomable):
    """Curves of a history over its steps; follows the run until the user zooms, again after a double click."""

    hovered = Signal(str)
    details_wanted = Signal(int, int)
    """The steps from one to another are drawn coarsely, because their details were forgotten."""

    def __init__(self, appearance: Appearance, styles: Mapping[str, CurveStyle]) -> None:
        super().__init__()
        self._appearance = appearance
        self._styles = styles
        self._history: History | None = None
        self._following = True
        self._drawn_count = -1
        self._range: tuple[float, float, float] | None = None
        self.widget = pg.PlotWidget(axisItems={"bottom": StepAxis(), "left": PowerAxis()}, background=None)
        make_opaque(self.widget)
        self.plot = self.widget.getPlotItem()
        self.plot.getViewBox().sigRangeChangedManually.connect(self._on_zoomed)
        self.widget.scene().sigMouseClicked.connect(self._on_clicked)
        self._names: dict[str, str] = {}
        self.bands, self.lines = CurveStack(), CurveStack()
        for stack in (self.bands, self.lines):  # lines above all bands
            self.plot.addItem(stack)
        self.events = EventMarks(self.widget, appearance)
        self._empty = QLabel("Train (Ctrl+T) to see curves", self, alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty.setObjectName("muted")
        in_column(self.widget, self._empty, inside=self, margins=0, spacing=0)
        self.widget.hide()
        self.setMinimumHeight(appearance.px(60))
        appearance.changed.connect(self.apply_theme)
        self.apply_theme()

    @property
    def following(self) -> bool:
        """Whether the axes follow the run."""
        return self._following

    @property
    def is_zoomed(self) -> bool:
        return not self._following

    def show_all(self) -> None:
        """Follow the run again."""
        self._following = True
        self.redraw()

    def show_history(self, history: History, names: Mapping[str, str]) -> None:
        """Draw a history; `names` says which of its columns each curve shows."""
        self._history, self._names = history, dict(names)
        self._drawn_count = -1
        self._following = True
        self.refresh()

    def refresh(self) -> None:
        """Draw what is new, if it can be seen."""
        history = self._history
        if history is None or not self.isVisible():
            return
        self.events.show(history.events, history.moment)  # also while the run rests
        if history.count == self._drawn_count:
            return
        self._drawn_count = history.count
        has_data = history.count > 0
        self._empty.setVisible(not has_data)
        self.widget.setVisible(has_data)
        if has_data:
            self._draw(history)

    def _draw(self, history: History) -> None:
        first, last = 1, history.count
        if not self._following:
            left, right = self.plot.getViewBox().viewRange()[0]
            first, last = max(1, int(left)), min(history.count, int(right) + 1)
            if first >= last:
                return
            if history.misses(first, last, POINTS):
                self.details_wanted.emit(first, last)
        names = list(self._names.values())
        steps, values = history.decimated(names, first, last, POINTS)
        logs = _log10(values)
        self.bands.set_curves({key: (steps, band) for key, band in zip(self._names, logs, strict=True)})
        middles, means = history.averaged(names, first, last, MEANS)
        self.lines.set_curves({key: (middles, line) for key, line in zip(self._names, _log10(means), strict=True)})
        finite = logs[np.isfinite(logs)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (1.0, 0.0)
        if self._following and low <= high:
            margin = max(0.05, 0.06 * (high - low))
            # Ranges in quarters of a decade: the axis rests while the curve moves within it.
            bottom, top = np.floor((low - margin) * 4) / 4, np.ceil((high + margin) * 4) / 4
            # The same for the steps: the axis grows by a tenth at a time.
            right = 20 * 1.1 ** max(0, np.ceil(np.log(history.count / 20) / np.log(1.1)))
            if (right, bottom, top) != self._range:  # pyqtgraph lays the axes out anew even for the same
                self._range = right, bottom, top
                self.plot.setRange(xRange=(1, right), yRange=(bottom, top), padding=0, disableAutoRange=True)

    def _on_zoomed(self) -> None:
        self._following = False
        self._range = None
        self.redraw()

    def redraw(self) -> None:
        """Draw anew, although no step has come: details are known that were not before."""
        self._drawn_count = -1
        self.refresh()

    def _on_clicked(self, event: object) -> None:
        if getattr(event, "double", lambda: False)():
            self.show_all()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]  # QShowEvent, as Qt calls it
        self._drawn_count = -1
        self.refresh()

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        styled_axis(self.plot, self._appearance)
        self.events.restyle()
        self.lines.set_pens({key: pen(self._appearance, style) for key, style in self._styles.items()})
        bands = {key: CurveStyle(style.role, _BAND_ALPHA) for key, style in self._styles.items()}
        self.bands.set_pens({key: pen(self._appearance, style) for key, style in bands.items()})


def pen(appearance: Appearance, style: CurveStyle) -> QPen:
    """Return a curve's pen. Never dashed: that takes several times as long."""
    line = QPen(pale(appearance.theme.role(style.role), style.alpha), style.width)
    line.setCosmetic(True)
    return line


def _log10(values: NDArray[np.floating]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isfinite(values), np.log10(np.maximum(values, _TINY)), np.nan)
