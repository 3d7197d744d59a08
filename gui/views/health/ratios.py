"""Update ratios: how far a training step moves each weight, relative to its size, ‖ΔW‖ / ‖W‖ over training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout

from engine.runs.history import History
from engine.runs.observation import WeightFacts
from engine.runs.samples import pauses
from engine.text import numbers
from gui.appearance.math_widgets import MathLabel
from gui.appearance.rich_text import rich_symbol
from gui.appearance.text_size import LEAD, TEXT
from gui.appearance.theme import Appearance, font, pale
from gui.appearance.typeset import Typesetter
from gui.plots.axes import PowerAxis, StepAxis, last_step_shown, log10, plot_widget
from gui.plots.curve_stack import CurveStack
from gui.plots.curves import CurveStyle, pen
from gui.plots.events import EventMarks
from gui.plots.part import FILLED, Part, in_gap, nearest, nothing_recorded
from gui.widgets.labels import text_label
from gui.widgets.layouts import discard, in_column

HEALTHY = 1e-3
"""A rule of thumb for the ratio (Karpathy's notes for CS231n, "ratio of weights:updates")."""
_QUIET = (-3.5, -2.5)  # the logarithms around it that count as about as much
_BIAS_ALPHA = 130
_RULE_ALPHA = 190


@dataclass(frozen=True)
class Weight:
    """One weight of a layer, or of the readout: its name as it is recorded, and how it is written."""

    name: str
    latex: str
    role: str

    @property
    def short(self) -> str:
        """The name without its layer: "W_f"."""
        return self.name.rpartition(".")[2]

    @property
    def is_matrix(self) -> bool:
        """Whether it is a W, drawn full; biases and peepholes are paler."""
        return self.short.startswith("W")


class RatiosPlot(Part):
    """A curve for each weight of a layer, in its gate's colour; the chosen one is wider."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__("Update ratio", appearance)
        self._typesetter = typesetter
        self._weights: tuple[Weight, ...] = ()
        self._chosen = ""
        self._range: tuple[float, float, float] | None = None
        self._present: Mapping[str, WeightFacts] = {}
        self.widget = plot_widget(bottom=StepAxis(), left=PowerAxis())
        self.plot = self.widget.getPlotItem()
        self.events = EventMarks(self.widget, appearance)
        self._quiet = pg.LinearRegionItem(_QUIET, orientation="horizontal", movable=False)
        self._quiet.setZValue(-10)
        self._rule = pg.TextItem("about 10⁻³ is healthy: a rule of thumb", anchor=(0, 0.5))
        self.lines = CurveStack()
        self._rule.setZValue(10)
        for item in (self._quiet, self.lines, self._rule):
            self.plot.addItem(item, ignoreBounds=True)
        self.add_plot(self.widget, self.events)
        self._formula = MathLabel(r"\left\|\Delta W\right\| / \left\|W\right\|", "cell", TEXT, typesetter, appearance)
        self.header.insertWidget(1, self._formula, 0, Qt.AlignmentFlag.AlignVCenter)
        self._legend, self._symbols = QHBoxLayout(), list[MathLabel]()
        self._legend.setContentsMargins(0, 0, 0, 0)
        self._paler = text_label("pale: biases")
        self._legend.addWidget(self._paler)
        self._legend.addStretch(1)
        in_column(self._legend, (self.widget, 1), inside=self.content, margins=0, spacing=0)
        self.restyle()

    def show_weights(self, weights: tuple[Weight, ...], chosen: str) -> None:
        """Draw these weights, one of them wider."""
        if weights == self._weights and chosen == self._chosen:
            return
        if weights != self._weights:
            discard(*self._symbols)
            self._symbols = []
            for weight in weights:
                if weight.is_matrix:
                    symbol = MathLabel(weight.latex, weight.role, LEAD, self._typesetter, self.appearance)
                    self._legend.insertWidget(len(self._symbols), symbol)
                    self._symbols.append(symbol)
            self._present = {}
        self._weights, self._chosen = weights, chosen
        self._range = None
        self.restyle()

    def show_history(self, history: History, present: Mapping[str, WeightFacts]) -> None:
        """Draw what was sampled; `present` are the newest facts, for the words."""
        self._present = present
        kept, right = history.samples.keys(), last_step_shown(history.count)
        curves = {}
        for weight in self._weights:
            key = f"ratio.{weight.name}"
            if key in kept:
                steps, values = history.samples.series(key)
                parted = np.flatnonzero(pauses(steps, right * FILLED)[1])
                middle = (steps[parted] + steps[parted + 1]) / 2
                places = np.insert(steps.astype(np.float64), parted + 1, middle)
                curves[weight.name] = places, np.insert(log10(values), parted + 1, np.nan)
        self.lines.set_curves(curves)
        finite = np.concatenate([np.empty(0), *(y[np.isfinite(y)] for _, y in curves.values())])
        low, high = (float(finite.min()), float(finite.max())) if finite.size else _QUIET
        # In halves of a decade: the axis rests while the curves move within it.
        bottom, top = np.floor(2 * min(low, _QUIET[0] - 0.2)) / 2, np.ceil(2 * max(high, _QUIET[1] + 0.2)) / 2
        if (right, bottom, top) != self._range:
            self._range = right, bottom, top
            self.plot.setRange(xRange=(0, right), yRange=(bottom, top), padding=0, disableAutoRange=True)
            self._rule.setPos(right * 0.01, np.log10(HEALTHY))
        self.events.show(history.events, history.moment)

    def say(self) -> None:
        """Write the present ratio of the chosen weight; less often than it is drawn."""
        facts = self._present.get(self._chosen)
        if facts is None:
            self.words.setText("")
            return
        self.words.setText(f"{rich_symbol(self._chosen.rpartition('.')[2])} now {_ratio_text(facts)}")
        moved, size = numbers.grouped(facts.update_norm), numbers.grouped(facts.norm)
        self.words.setToolTip(f"Of the weight chosen under Histograms: ‖ΔW‖ = {moved}, ‖W‖ = {size}")

    def told(self, widget: pg.PlotWidget, x: float, y: float) -> str:
        best: tuple[float, str] | None = None
        for weight in self._weights:
            steps, logs = self.lines.points(weight.name)
            if not np.isfinite(logs).any():
                continue
            seen = np.isfinite(logs)
            at = nearest(steps[seen], x)
            if self._range is not None and in_gap(steps[seen].astype(np.int64), x, self._range[0]):
                return nothing_recorded(x, int(steps[seen][at]))
            distance = abs(logs[seen][at] - y)
            if best is None or distance < best[0]:
                share = _scientific(float(10 ** logs[seen][at]))
                best = distance, f"Step {int(steps[seen][at]):,}: changes {weight.name} by {share} of its norm"
        return best[1] if best else ""

    def restyle(self) -> None:
        super().restyle()
        theme = self.appearance.theme
        text = self.appearance.text(TEXT)
        self._legend.setSpacing(round(0.8 * text))
        self._quiet.setBrush(pg.mkBrush(theme.body))
        for line in self._quiet.lines:
            line.setPen(pg.mkPen(None))
        self._rule.setColor(QColor(theme.muted))
        self._rule.fill = pg.mkBrush(pale(theme.body, _RULE_ALPHA))  # words that curves run through can still be read
        self._rule.setFont(font(text))
        # The last pen is painted on top: biases below, the chosen weight above all.
        ordered = sorted(self._weights, key=lambda weight: (weight.name == self._chosen, weight.is_matrix))
        self.lines.set_pens({weight.name: pen(self.appearance, self._style(weight)) for weight in ordered})

    def _style(self, weight: Weight) -> CurveStyle:
        chosen = weight.name == self._chosen
        full = chosen or weight.is_matrix
        return CurveStyle(weight.role, 255 if full else _BIAS_ALPHA, 2 if chosen else 1)


def _ratio_text(facts: WeightFacts) -> str:
    if facts.update_norm == 0:
        return "0"
    return _scientific(facts.ratio) if facts.norm else "–"


def _scientific(value: float) -> str:
    return numbers.short(value, style=numbers.Style.SCIENTIFIC)
