"""Saturation over training: for each gate, how many of its values are nearly 1 (open) and nearly 0 (closed)."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QGridLayout, QLabel, QStyleOptionGraphicsItem, QWidget

from engine.cell.graph import Operation
from engine.runs.history import History
from engine.runs.observation import HIGH, LOW, Flow
from engine.runs.samples import Samples, pauses
from engine.text.numbers import not_finite
from gui.appearance.math_widgets import MathLabel
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import NOTE, SYMBOL, TEXT
from gui.appearance.theme import Appearance, pale
from gui.appearance.typeset import Typesetter
from gui.plots.axes import StepAxis, last_step_shown, plot_widget
from gui.plots.events import EventMarks
from gui.plots.numbers import OwnTable, Series
from gui.plots.part import ALONE, FILLED, Part, in_gap, nearest, nothing_recorded
from gui.widgets.layouts import discard

_LANE = 0.86
"""Height of a lane; the rest parts it from the next."""
_CLAMPED = "clamped"  # how the words of an event begin after which a gate jumps
_LOW_ALPHA = 110


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of a gate's activations over training, each (moments,): of those below LOW, and above HIGH."""

    steps: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]


class _Lanes(pg.GraphicsObject):
    """One lane for each gate, the first on top: above, what is open hangs down; below, what is shut stands up."""

    def __init__(self) -> None:
        super().__init__()
        self._areas: list[tuple[QPolygonF, QColor]] = []
        self._grounds: list[QRectF] = []
        self.ground, self.edge = QColor(), QColor()

    def set_lanes(self, lanes: Sequence[tuple[Shares | None, QColor]], right: float) -> None:
        """Draw lanes: the shares of each, if there are any yet, and its colour."""
        self.prepareGeometryChange()
        self._areas, self._grounds = [], []
        for number, (shares, colour) in enumerate(lanes):
            bottom = len(lanes) - 1 - number + (1 - _LANE) / 2
            self._grounds.append(QRectF(0, bottom, right, _LANE))
            if shares is None or not shares.steps.size:
                continue
            top, alone = bottom + _LANE, right * ALONE
            _, parted = pauses(shares.steps, right * FILLED)
            for piece in np.split(np.arange(shares.steps.size), np.flatnonzero(parted) + 1):
                steps = shares.steps[piece]
                low = _area(steps, bottom, bottom + _LANE * shares.low[piece], alone)
                high = _area(steps, top, top - _LANE * shares.high[piece], alone)
                self._areas += [(low, pale(colour, _LOW_ALPHA)), (high, colour)]
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._grounds[0].right(), len(self._grounds)) if self._grounds else QRectF()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for rectangle in self._grounds:
            painter.fillRect(rectangle, self.ground)
        painter.setPen(pg.mkPen(self.edge))
        for rectangle in self._grounds:
            painter.drawRect(rectangle)
        painter.setPen(Qt.PenStyle.NoPen)
        for polygon, colour in self._areas:
            painter.setBrush(colour)
            painter.drawPolygon(polygon)


def _area(steps: NDArray[np.int64], base: float, edge: NDArray[np.float32], alone: float) -> QPolygonF:
    """Return what lies between a level line and a curve; a moment alone is `alone` wide, or at least a step."""
    x, y = steps.astype(np.float64), edge.astype(np.float64)
    if x.size == 1:
        x, y = np.array([x[0], x[0] + max(1.0, alone)]), np.repeat(y, 2)
    x, y = np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[base], y, [base]])
    area: QPolygonF = pg.functions.arrayToQPolygonF(x, y)
    return area


class SaturationPlot(Part):
    """A lane for each gate; beside it, the present shares in numbers."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__("Saturation", appearance)
        self._typesetter = typesetter
        self._gates: tuple[Operation, ...] = ()
        self.shares: Mapping[str, Shares] = {}
        """What is drawn, by the gates' values."""
        self._range: tuple[float, int] | None = None
        self.widget = plot_widget(numbers=OwnTable(self.series), bottom=StepAxis())
        self.widget.setParent(self.content)  # placed with the first gates; a cell without any would leave a window
        self.plot = self.widget.getPlotItem()
        self.plot.showAxis("left", False)
        self.events = EventMarks(self.widget, appearance)
        self._lanes = _Lanes()
        self.plot.addItem(self._lanes)
        self.add_plot(self.widget, self.events)
        self._grid = QGridLayout(self.content)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._symbols: list[MathLabel] = []
        self.numbers: list[QLabel] = []
        """The present shares of each gate."""
        self.legend.setText(f"top: &gt; {HIGH:g}, open · bottom: &lt; {LOW:g}, closed")
        self.legend.setToolTip("Percentages of a gate's values, over all units, time steps and sequences of a batch")
        self.restyle()

    def show_gates(self, gates: tuple[Operation, ...]) -> None:
        """Make a lane for each gate of a cell."""
        if gates == self._gates:
            return
        self._gates, self.shares, self._range = gates, {}, None
        discard(*self._symbols, *self.numbers)
        self._symbols, self.numbers = [], []
        for row, gate in enumerate(gates):
            symbol = MathLabel(gate.latex, gate.role, SYMBOL, self._typesetter, self.appearance)
            numbers = RichLabel()
            self._grid.addWidget(symbol, row, 0, Qt.AlignmentFlag.AlignCenter)
            self._grid.addWidget(numbers, row, 2, Qt.AlignmentFlag.AlignVCenter)
            self._grid.setRowStretch(row, 1)
            self._symbols.append(symbol)
            self.numbers.append(numbers)
        for row in range(len(gates), self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        self._grid.addWidget(self.widget, 0, 1, max(1, len(gates)) + 1, 1)
        self.restyle()

    def show_history(self, history: History, layer: int, flow: Flow | None) -> None:
        """Draw a layer, counted from 1; `flow` is the newest that was seen."""
        self.shares = {gate.name: _shares(history.samples, layer, gate.name, flow) for gate in self._gates}
        right = last_step_shown(history.count)
        if (right, len(self._gates)) != self._range:
            self._range = right, len(self._gates)
            self.plot.setRange(xRange=(0, right), yRange=(0, len(self._gates)), padding=0, disableAutoRange=True)
        theme = self.appearance.theme
        cuts = [step for step, words in history.events if words.startswith(_CLAMPED)]
        lanes = [(_cut(_finite(self.shares[gate.name]), cuts), theme.role(gate.role)) for gate in self._gates]
        self._lanes.set_lanes(lanes, right)
        self.events.show(history.events, history.moment)

    def series(self) -> list[Series]:
        """Return the shares, at the training steps that were recorded."""
        series = []
        for gate, shares in self.shares.items():
            for name, share in ((f"< {LOW:g}", shares.low), (f"> {HIGH:g}", shares.high)):
                series.append((f"{gate} {name}", shares.steps.astype(np.float64), share.astype(np.float64)))
        return series

    def say(self) -> None:
        """Write the present shares; less often than they are drawn."""
        muted = self.appearance.theme.muted
        for gate, label in zip(self._gates, self.numbers, strict=True):
            shares = self.shares.get(gate.name)
            if shares is None or not shares.steps.size:
                label.setText("")
                continue
            lines = [
                f'<span style="color:{muted}">{sign} {limit:g}</span>&nbsp; {html.escape(percent(share[-1]))}'
                for sign, limit, share in (("&gt;", HIGH, shares.high), ("&lt;", LOW, shares.low))
            ]
            label.setText("<br>".join(lines))

    def told(self, widget: pg.PlotWidget, x: float, y: float) -> str:
        row = len(self._gates) - 1 - int(y)
        if not 0 <= row < len(self._gates):
            return ""
        gate = self._gates[row]
        shares = self.shares.get(gate.name)
        if shares is None or not shares.steps.size:
            return ""
        at = nearest(shares.steps, x)
        if self._range is not None and in_gap(shares.steps, x, self._range[0]):
            return nothing_recorded(x, int(shares.steps[at]))
        return (
            f"Step {shares.steps[at]:,}: {percent(shares.high[at])} of all values of {gate.name} are above {HIGH:g}, "
            f"{percent(shares.low[at])} below {LOW:g}"
        )

    def restyle(self) -> None:
        super().restyle()
        theme = self.appearance.theme
        # On a projector the ground is as white as the panel: there a line says how high all would be.
        self._lanes.ground = QColor(theme.ground)
        self._lanes.edge = QColor(theme.edge if theme.ground == theme.panel else theme.ground)
        text, axis_height = self.appearance.text(TEXT), round(1.9 * self.appearance.text(NOTE))
        self._grid.setHorizontalSpacing(round(0.5 * text))
        self._grid.setVerticalSpacing(0)
        self._grid.setRowMinimumHeight(max(1, len(self._gates)), axis_height)  # beside the plot's own axis
        for numbers in self.numbers:
            numbers.setMinimumWidth(round(6.2 * text))  # "> 0.9  100 %": the plot keeps its width


def _cut(shares: Shares, cuts: Sequence[int]) -> Shares:
    """Return shares that jump where a gate was clamped, instead of sloping from the moment before to the one after."""
    steps, low, high = shares.steps, shares.low, shares.high
    for cut in cuts:
        at = int(np.searchsorted(steps, cut, side="right"))
        if 0 < at < steps.size:
            steps = np.insert(steps, at, [cut, cut])
            low = np.insert(low, at, low[at - 1 : at + 1])
            high = np.insert(high, at, high[at - 1 : at + 1])
    return Shares(steps, low, high)


def percent(share: float) -> str:
    """Return a share in percent, never rounded to all or to nothing: "<0.1 %", "99.9 %"; "NaN" of a lost network."""
    value = 100 * float(share)
    if not np.isfinite(value):
        return not_finite(value)
    if value in (0.0, 100.0):
        return f"{value:.0f} %"
    if value < 0.1:
        return "<0.1 %"
    return f"{min(value, 99.9):.1f} %" if value < 10 or value > 99 else f"{value:.0f} %"


def _shares(samples: Samples, layer: int, value: str, flow: Flow | None) -> Shares:
    """Return the shares of a gate over training, up to those of the newest flow."""
    keys = [f"flow.{layer}.{side}.{value}" for side in ("low", "high")]
    if all(key in samples.keys() for key in keys):  # noqa: SIM118  # keys() is a method of its own, no mapping's
        (steps, low), (_, high) = (samples.series(key) for key in keys)
    else:
        steps, low, high = np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.float32)
    if flow is not None and value in flow.layers[layer - 1].saturation:
        # A gate that is clamped while the run rests shows at once, although no step was made.
        newest = flow.layers[layer - 1].saturation[value]
        made = flow.step - 1  # it is of the step to come, and so of the network after those before
        before = steps < made
        steps = np.append(steps[before], made)
        return Shares(steps, *(np.append(old[before], new) for old, new in zip((low, high), newest, strict=True)))
    return Shares(steps, low, high)


def _finite(shares: Shares) -> Shares:
    """Return the shares that can be drawn; those of a network that has diverged are said alone."""
    seen = np.isfinite(shares.low) & np.isfinite(shares.high)
    return Shares(shares.steps[seen], shares.low[seen], shares.high[seen])
