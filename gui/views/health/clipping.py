"""The gradient's norm before and after clipping, of every step, and how often it was clipped lately."""

from __future__ import annotations

import html

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from engine.runs.history import History
from gui.appearance.theme import Appearance
from gui.plots.axes import fit_ticks
from gui.plots.curves import CurvesPlot, CurveStyle
from gui.plots.part import Part
from gui.views.health.saturation import percent
from gui.widgets.layouts import in_column

LATELY = 200
"""Steps that the share of clipped ones is taken over."""
_CLIPPED = 1 - 1e-5  # a norm that was not shortened may differ by rounding


class _Norms(CurvesPlot):
    """Both norms, and the norm that is clipped at as a level line."""

    def __init__(self, appearance: Appearance) -> None:
        self._limit: pg.InfiniteLine | None = None
        super().__init__(appearance, {"before": CurveStyle("cell"), "after": CurveStyle("hidden")})
        self._limit = pg.InfiniteLine(angle=0)
        self._limit.hide()
        self.plot.addItem(self._limit, ignoreBounds=True)
        self.apply_theme()

    def show_limit(self, norm: float) -> None:
        """Draw the norm that is clipped at; 0 is none."""
        assert self._limit is not None
        self._limit.setVisible(norm > 0)
        if norm > 0:
            self._limit.setValue(np.log10(norm))

    def apply_theme(self) -> None:
        super().apply_theme()
        if self._limit is not None:
            self._limit.setPen(pg.mkPen(QColor(self._appearance.theme.muted)))
        fit_ticks(self.plot, self._appearance)


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
        """Draw a history; clip_norm is what is clipped at now, 0 for nothing."""
        self._limit = clip_norm
        self.curves.show_limit(clip_norm)
        if history is not self._history:
            self._history = history
            self.curves.show_history(history, {"before": "grad_norm", "after": "applied_norm"})
        else:
            self.curves.refresh()

    @property
    def clipped_lately(self) -> float:
        """The share of the last LATELY steps whose gradient was shortened; NaN before the first."""
        history = self._history
        if history is None or not history.count:
            return float("nan")
        names = ["grad_norm", "applied_norm"]
        _, (before, after) = history.decimated(names, history.count - LATELY + 1, history.count, LATELY)
        return float(np.mean(after < before * _CLIPPED))

    def say(self) -> None:
        """Write how often was clipped lately; less often than it is drawn."""
        theme = self.appearance.theme
        ink, teal = theme.ink, theme.role("hidden").name()
        self.legend.setText(
            f'<span style="color:{ink}">before</span> and <span style="color:{teal}">after</span> clipping'
        )
        if self._history is None or not self._history.count:
            self.words.setText("")
            return
        steps = min(LATELY, self._history.count)
        share = percent(self.clipped_lately)
        what = f"{share} of the last {steps} clipped" if self._limit > 0 else "clipping is off"
        self.words.setText(html.escape(what))
        tip = "The share of the last steps whose gradient was shortened. The level line is the norm that is clipped at"
        self.words.setToolTip(f"{tip}; zoom with the wheel, a double click follows again")

    def told(self, widget: pg.PlotWidget, x: float, y: float) -> str:
        history = self._history
        if history is None or not history.count:
            return ""
        step = int(np.clip(round(x), 1, history.count))
        _, (before, after) = history.decimated(["grad_norm", "applied_norm"], step, step, 8)
        if history.misses(step, step, 8):
            return f"Around step {step:,}: gradient norm {before.min():.4g} to {before.max():.4g}; zoom in to see each"
        how = f"{after[0]:.4g} after clipping" if after[0] < before[0] * _CLIPPED else "not clipped"
        return f"Step {step:,}: gradient norm {before[0]:.4g}, {how}"
