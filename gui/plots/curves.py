"""Curves over training steps: every step counts, a few hundred points are drawn, the axis is logarithmic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.history import History
from gui.theme import Appearance, font

POINTS = 800
"""Points of a curve that are drawn; minima and maxima of all steps are among them."""
_TINY = 1e-12  # what a logarithmic axis shows for 0


@dataclass(frozen=True)
class CurveStyle:
    """How one curve looks; `role` is a colour's role in the theme."""

    role: str
    dashed: bool = False
    width: int = 1


def styled_axis(plot: pg.PlotItem, appearance: Appearance) -> None:
    """Give a plot's axes the theme's colours and letters."""
    theme = appearance.theme
    plot.getViewBox().setBackgroundColor(None)
    for side in ("left", "bottom", "right"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(theme.edge))
        axis.setTextPen(pg.mkPen(theme.muted))
        axis.setStyle(tickFont=font(appearance.px(12)), tickLength=-4, tickTextOffset=5)


class StepAxis(pg.AxisItem):
    """Counts training steps: 1,500 and 20k, never 1.5 ×1e3."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{v / 1000:g}k" if v >= 10_000 and v % 100 == 0 else f"{v:,.0f}" for v in values]


class PowerAxis(pg.AxisItem):
    """Shows the decimal logarithm of what the curves hold: 10⁻² at -2."""

    def __init__(self) -> None:
        super().__init__("left")
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        decades = np.arange(np.ceil(low), np.floor(high) + 1)
        every = max(1, int(np.ceil(len(decades) * 22 / max(size, 1))))
        major = [float(d) for d in decades if d % every == 0]
        if len(major) >= 2:
            return [(float(every), major)]
        # Less than a decade in view: name the places between the powers, too.
        between = [d + np.log10(f) for d in range(int(np.floor(low)), int(np.ceil(high))) for f in (1, 2, 5)]
        return [(0.3, [float(v) for v in between if low <= v <= high])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        superscript = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
        return [
            f"10{str(round(v)).translate(superscript)}" if abs(v - round(v)) < 1e-6 else f"{10**v:.1g}" for v in values
        ]


class CurvesPlot(QWidget):
    """Curves of a history over its steps; follows the run until the user zooms, again after a double click."""

    hovered = Signal(str)

    def __init__(self, appearance: Appearance, styles: Mapping[str, CurveStyle]) -> None:
        super().__init__()
        self._appearance = appearance
        self._styles = styles
        self._history: History | None = None
        self._following = True
        self._drawn_count = -1
        self.widget = pg.PlotWidget(axisItems={"bottom": StepAxis(), "left": PowerAxis()}, background=None)
        self.widget.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.plot = self.widget.getPlotItem()
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.getViewBox().sigRangeChangedManually.connect(self._on_zoomed)
        self.widget.scene().sigMouseClicked.connect(self._on_clicked)
        self._curves: dict[str, pg.PlotCurveItem] = {}
        self._names: dict[str, str] = {}
        for key in styles:
            curve = pg.PlotCurveItem(connect="finite")
            self._curves[key] = curve
            self.plot.addItem(curve)
        self._empty = QLabel("Train to see it move", self)
        self._empty.setObjectName("muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.widget)
        layout.addWidget(self._empty)
        self.widget.hide()
        self.setMinimumHeight(appearance.px(90))
        appearance.changed.connect(self.apply_theme)
        self.apply_theme()

    @property
    def following(self) -> bool:
        """Whether the axes follow the run."""
        return self._following

    def show_history(self, history: History, names: Mapping[str, str]) -> None:
        """Draw a history; `names` says which of its columns each curve shows."""
        self._history, self._names = history, dict(names)
        self._drawn_count = -1
        self._following = True
        self.refresh()

    def refresh(self) -> None:
        """Draw what is new, if it can be seen."""
        history = self._history
        if history is None or not self.isVisible() or history.count == self._drawn_count:
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
        low, high = np.inf, -np.inf
        for key, curve in self._curves.items():
            name = self._names.get(key)
            if name is None:
                curve.setData([], [])
                continue
            steps, values = history.decimated(name, first, last, POINTS)
            logs = _log10(values)
            curve.setData(steps, logs)
            finite = logs[np.isfinite(logs)]
            if finite.size:
                low, high = min(low, float(finite.min())), max(high, float(finite.max()))
        if self._following and low <= high:
            margin = max(0.05, 0.06 * (high - low))
            # Ranges in quarters of a decade: the axis rests while the curve moves within it.
            bottom, top = np.floor((low - margin) * 4) / 4, np.ceil((high + margin) * 4) / 4
            self.plot.setRange(
                xRange=(1, max(2, history.count)), yRange=(bottom, top), padding=0, disableAutoRange=True
            )

    def _on_zoomed(self) -> None:
        self._following = False
        self._drawn_count = -1
        self.refresh()

    def _on_clicked(self, event: object) -> None:
        if getattr(event, "double", lambda: False)():
            self._following = True
            self._drawn_count = -1
            self.refresh()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]  # QShowEvent, as Qt calls it
        self._drawn_count = -1
        self.refresh()

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        styled_axis(self.plot, self._appearance)
        for key, curve in self._curves.items():
            style = self._styles[key]
            colour = QColor(self._appearance.theme.role(style.role))
            line = Qt.PenStyle.DashLine if style.dashed else Qt.PenStyle.SolidLine
            curve.setPen(pg.mkPen(colour, width=style.width, style=line))


def _log10(values: NDArray[np.float32]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isfinite(values), np.log10(np.maximum(values, _TINY)), np.nan)
