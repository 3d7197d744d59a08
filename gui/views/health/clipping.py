"""The gradient norm before and after clipping at every training step, and how often it was clipped lately."""

from __future__ import annotations

import html

import numpy as np
import pyqtgraph as pg

from engine.runs.history import History
from engine.text.numbers import grouped
from gui.appearance.theme import Appearance
from gui.plots.curves import CurvesPlot, CurveStyle
from gui.plots.part import Part
from gui.views.health.saturation import percent
from gui.widgets.layouts import in_column

LATELY = 200
"""Training steps over which clipped ones are counted."""
_CLIPPED = 1 - 1e-5  # a norm that was not shortened may differ by rounding


class _Norms(CurvesPlot):
    """Both norms, and the largest norm allowed as a horizontal line."""

    def __init__(self, appearance: Appearance) -> None:
        self._limit = pg.InfiniteLine(angle=0)
        styles = {"before": CurveStyle("cell", name="before", band=True), "after": CurveStyle("muted", name="after")}
        super().__init__(appearance, styles)
        self._limit.hide()
        self.plot.addItem(self._limit, ignoreBounds=True)

    def show_limit(self, norm: float) -> None:
        """Draw the largest norm allowed; 0 is none."""
        self._limit.setVisible(norm > 0)
        if norm > 0:
            self._limit.setValue(np.log10(norm))

    def apply_theme(self) -> None:
        super().apply_theme()
        self._limit.setPen(pg.mkPen(self._appearance.theme.muted))


class ClippingPlot(Part):
    """Norms over training; the wheel zooms, a double click follows again, as in the loss."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__("Gradient norm", appearance)
        self.curves = _Norms(appearance)
        self._history: History | None = None
        self._limit = 0.0
        in_column(self.curves, inside=self.content, margins=0)
        self.curves.widget.scene().sigMouseMoved.connect(lambda point: self._on_moved(self.curves.widget, point))
        self.restyle()

    def show_history(self, history: History, clip_norm: float) -> None:
        """Draw a history; clip_norm: the largest norm allowed now, 0 where nothing is clipped."""
        self._limit = clip_norm
        self.curves.show_limit(clip_norm)
        if history is not self._history:
            self._history = history
            self.curves.show_history(history, {"before": "grad_norm", "after": "applied_norm"})
        else:
            self.curves.refresh()

    @property
    def clipped_lately(self) -> float:
        """The fraction of the last LATELY steps whose gradient was clipped; NaN before the first."""
        history = self._history
        if history is None or not history.count:
            return float("nan")
        names = ["grad_norm", "applied_norm"]
        _, (before, after) = history.decimated(names, history.count - LATELY + 1, history.count, LATELY)
        return float(np.mean(after < before * _CLIPPED))

    def say(self) -> None:
        """Write how often the gradient was clipped lately; less often than it is drawn."""
        self.legend.setText("before and after clipping")
        if self._history is None or not self._history.count:
            self.words.setText("")
            return
        steps = min(LATELY, self._history.count)
        share = percent(self.clipped_lately)
        what = f"{share} of the last {steps} steps clipped" if self._limit > 0 else "clipping is off"
        self.words.setText(html.escape(what))
        self.words.setToolTip(
            "How many of the last training steps had their gradient clipped. The horizontal line is the largest norm "
            "allowed. Zoom with the wheel; double-click to follow the run again"
        )

    def told(self, widget: pg.PlotWidget, x: float, y: float) -> str:
        history = self._history
        if history is None or not history.count:
            return ""
        step = int(np.clip(round(x), 1, history.count))
        _, (before, after) = history.decimated(["grad_norm", "applied_norm"], step, step, 8)
        if history.misses(step, step, 8):
            low, high = grouped(float(before.min())), grouped(float(before.max()))
            return f"Around step {step:,}: gradient norm {low} to {high}; zoom in to see each"
        how = f"{grouped(float(after[0]))} after clipping" if after[0] < before[0] * _CLIPPED else "not clipped"
        return f"Step {step:,}: gradient norm {grouped(float(before[0]))}, {how}"
