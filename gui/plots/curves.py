"""Curves over training steps on a logarithmic axis: all steps in a few hundred points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QLabel, QWidget

from engine.runs.history import History
from gui.appearance.theme import Appearance, pale
from gui.plots.axes import TINY, PowerAxis, StepAxis, last_step_shown, log10, log_range, plot_widget, styled_axis
from gui.plots.curve_stack import CurveStack
from gui.plots.events import EventMarks
from gui.widgets.layouts import in_column
from gui.widgets.zoomable import Zoomable

POINTS = 240
"""Points of a curve's band, with the minima and maxima of all steps among them."""
MEANS = 120
"""Points of a curve's line, means of neighbouring steps."""
_BAND_ALPHA = 70


@dataclass(frozen=True)
class CurveStyle:
    """The look of one curve; `role` is the role of its colour in the theme."""

    role: str
    alpha: int = 255
    width: int = 1
    """In pixels; a wide line takes several times as long to draw, too long for twenty of them."""


class CurvesPlot(QWidget, Zoomable):
    """Curves of a history over its steps; its axes follow the run, unless the user zooms, until a double click."""

    hovered = Signal(str)
    details_wanted = Signal(int, int)
    """First and last of steps that are drawn coarsely, because their details are not in memory."""

    def __init__(self, appearance: Appearance, styles: Mapping[str, CurveStyle]) -> None:
        super().__init__()
        self._appearance = appearance
        self._styles = styles
        self._history: History | None = None
        self.following = True
        """Whether the axes follow the run."""
        self._drawn_count = -1
        self._range: tuple[float, float, float] | None = None
        self.widget = plot_widget(mouse=True, bottom=StepAxis(), left=PowerAxis())
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
    def is_zoomed(self) -> bool:
        return not self.following

    def show_all(self) -> None:
        """Follow the run again."""
        self.following = True
        self.redraw()

    def show_history(self, history: History, names: Mapping[str, str]) -> None:
        """Draw a history; `names` are its columns by curve."""
        self._history, self._names = history, dict(names)
        self._drawn_count = -1
        self.following = True
        self.refresh()

    def refresh(self) -> None:
        """Draw the new steps, if the plot is visible."""
        history = self._history
        if history is None or not self.isVisible():
            return
        self.events.show(history.events, history.moment)  # also while no step comes
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
        if not self.following:
            left, right = self.plot.getViewBox().viewRange()[0]
            first, last = max(1, int(left)), min(history.count, int(right) + 1)
            if first >= last:
                return
            if history.misses(first, last, POINTS):
                self.details_wanted.emit(first, last)
        names = list(self._names.values())
        steps, values = history.decimated(names, first, last, POINTS)
        logs = log10(values, TINY)
        self.bands.set_curves({key: (steps, band) for key, band in zip(self._names, logs, strict=True)})
        middles, means = history.averaged(names, first, last, MEANS)
        self.lines.set_curves({key: (middles, line) for key, line in zip(self._names, log10(means, TINY), strict=True)})
        finite = logs[np.isfinite(logs)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (1.0, 0.0)
        if self.following and low <= high:
            bottom, top = log_range(low, high)
            right = last_step_shown(history.count)
            if (right, bottom, top) != self._range:  # pyqtgraph lays the axes out again even if nothing changed
                self._range = right, bottom, top
                self.plot.setRange(xRange=(1, right), yRange=(bottom, top), padding=0, disableAutoRange=True)

    def _on_zoomed(self) -> None:
        self.following = False
        self._range = None
        self.redraw()

    def redraw(self) -> None:
        """Draw again, although no step has come: other steps are in view, or details have been read."""
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
        """Use the theme's colours."""
        styled_axis(self.plot, self._appearance)
        self.events.restyle()
        self.lines.set_pens({key: pen(self._appearance, style) for key, style in self._styles.items()})
        bands = {key: CurveStyle(style.role, _BAND_ALPHA) for key, style in self._styles.items()}
        self.bands.set_pens({key: pen(self._appearance, style) for key, style in bands.items()})


def pen(appearance: Appearance, style: CurveStyle) -> QPen:
    """Return a curve's pen, never dashed, for that takes several times as long."""
    line = QPen(pale(appearance.theme.role(style.role), style.alpha), style.width)
    line.setCosmetic(True)
    return line
