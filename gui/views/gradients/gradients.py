"""The view Gradients: how a gradient shrinks or grows along the cell line, and in a plain RNN."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QStackedLayout, QWidget

from engine.document.document import Document
from engine.document.through_time import ThroughTime, cell_line, through_time
from engine.text.amounts import changes
from engine.text.numbers import Style, written
from gui.appearance.dashes import OF_ROLES
from gui.appearance.math_widgets import MathLabel
from gui.appearance.text_size import SYMBOL
from gui.appearance.theme import pale
from gui.plots.axes import PowerAxis, TimeAxis, log10, plot_widget, styled_axis
from gui.views.base import Tools, View
from gui.views.offers import example, longer_sequence
from gui.widgets.empty_place import EmptyPlace
from gui.widgets.labels import called
from gui.widgets.layouts import in_column, in_row
from gui.widgets.stroke import DASHES, Stroke

_LEGENDS = (
    (
        "line",
        r"\partial C_T / \partial C_t = \prod f",
        "cell",
        "along the cell line (gates constant): mean and range",
    ),
    ("rnn", r"\|\partial h_T / \partial h_t\|", "muted", "of a plain RNN of the same size"),
    ("C_t", r"\|\partial L / \partial C_t\|", "cell", "for L = the sum of the last h"),
    ("h_t", r"\|\partial L / \partial h_t\|", "hidden", "for L = the sum of the last h"),
)
# Both are of the cell state, hence in one colour: the product wide, the norm dashed.
_WIDTHS, _DASHES = {"line": 4}, {"C_t": DASHES, "h_t": OF_ROLES["hidden"]}
_VANISHED = " A logarithmic axis has no 0: where a curve ends, the gradient is 0."
_ONE_STEP = "A gradient travels back through time; this cell has one time step."
_EXAMPLES = "vanishing", "exploding", "remember-gradient"
_WHY = {
    True: " Each step back multiplies it by f along the cell line, but by W and tanh′ ≤ 1 in a plain RNN.",
    False: " In a plain RNN, each step back multiplies it by W and tanh′ ≤ 1.",
}


class GradientsView(View):
    """Draws four curves over t on a logarithmic axis."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._asked: Document | None = None
        self.shown: ThroughTime | None = None
        """What is drawn; None before the first is computed."""
        self._why, self._carried = "", "C"
        px = tools.appearance.px
        self._legend = QGridLayout()
        self._legend.setHorizontalSpacing(px(10))
        self._legend.setVerticalSpacing(px(2))
        self._entries: dict[str, tuple[Stroke, MathLabel, QLabel]] = {}
        for index, (key, latex, role, words) in enumerate(_LEGENDS):
            symbol, label = MathLabel(latex, role, SYMBOL, tools.typesetter, tools.appearance), QLabel(words)
            label.setWordWrap(True)
            stroke = Stroke(role, 34, tools.appearance, width=_WIDTHS.get(key, 2), dashes=_DASHES.get(key, ()))
            row, column = divmod(index, 2)
            self._legend.addWidget(stroke, row, 3 * column)
            self._legend.addWidget(symbol, row, 3 * column + 1, Qt.AlignmentFlag.AlignCenter)
            self._legend.addWidget(label, row, 3 * column + 2)
            self._entries[key] = stroke, symbol, label
        self._legend.setColumnStretch(2, 1)
        self._legend.setColumnStretch(5, 1)
        self.widget = called("Gradient at each time step", plot_widget(left=PowerAxis(), bottom=TimeAxis()))
        self.plot = self.widget.getPlotItem()
        self._bounds = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._band = pg.FillBetweenItem(*self._bounds)
        self.curves = {key: pg.PlotDataItem() for key, *_ in _LEGENDS}
        self._now = pg.InfiniteLine(angle=90)
        for item in (self._band, *self.curves.values(), self._now):
            self.plot.addItem(item)
        self.widget.scene().sigMouseMoved.connect(self._on_mouse)
        self._words = QLabel(wordWrap=True)
        self.hide_later = tools.to_come.switch(
            "Draw the curves only from the last time step back to the one where the playback stands, to predict the "
            "rest: go to the end, then back step by step"
        )
        tools.to_come.changed.connect(self._on_hidden)
        self.empty = EmptyPlace(tools.appearance)
        self.empty.show_offers(_ONE_STEP, longer_sequence(self), *(example(self, name) for name in _EXAMPLES))
        self._body, self._either = QWidget(), QStackedLayout()
        below = in_row((self._words, 1), (self.hide_later, 0, Qt.AlignmentFlag.AlignTop), spacing=px(12))
        in_column(self._legend, (self.widget, 1), below, inside=self._body, margins=0, spacing=px(6))
        in_column(self._either, inside=self, margins=(px(16), px(8)))
        for widget in (self._body, self.empty):  # it shows the first at once, which needs to be in the view by then
            self._either.addWidget(widget)

    def refresh(self) -> None:
        document = self.tools.model.document
        if document is not self._asked:
            self._asked = document
            self.tools.background.run(lambda: through_time(document), lambda found: self._take(document, found))
        self._now.setValue(self.t + 1)
        if self.tools.to_come.hidden:
            self._draw_curves()
        self._say()

    def _on_hidden(self) -> None:
        self._draw_curves()
        self._on_changed()

    def _take(self, document: Document, found: ThroughTime) -> None:
        if document is self._asked:
            self.shown = found
            self._draw(document, found)

    def _draw(self, document: Document, found: ThroughTime) -> None:
        self._either.setCurrentIndex(int(len(found.rnn) == 1))
        line = cell_line(document.cell)
        if line is not None:
            state, factor = line.state.removesuffix("_t"), line.factor
            self._carried = state
            product = rf"\prod {factor.removesuffix('_t')}" if factor else "1"
            self._entries["line"][1].set_latex(rf"\partial {state}_T / \partial {state}_t = {product}")
        series = self._draw_curves()
        logs = log10(np.concatenate([np.ravel(entries) for entries in (*series.values(), found.rnn)]))
        logs = logs[np.isfinite(logs)]
        low, high = (float(logs.min()), float(logs.max())) if logs.size else (-1.0, 0.0)
        margin = max(0.3, 0.06 * (high - low))
        self.plot.setRange(xRange=(0.5, len(found.rnn) + 0.5), yRange=(low - margin, high + margin), padding=0)
        self._entries["rnn"][2].setText(_of_rnn(document))
        vanished = any(np.any(entries == 0) for entries in series.values())
        self._why = _WHY[line is not None and line.factor == "f_t"] + (_VANISHED if vanished else "")
        self._say()

    def _draw_curves(self) -> dict[str, NDArray[np.floating]]:
        """Draw what of the curves is shown, and return all of each: gradients come from the last step back."""
        found = self.shown
        if found is None:
            return {}
        first = min(self.t, len(found.rnn) - 1) if self.tools.to_come.hidden else 0
        steps = np.arange(first + 1, len(found.rnn) + 1)
        series: dict[str, NDArray[np.floating]] = {"rnn": found.rnn, **found.norms}
        if found.line is not None:
            series["line"] = found.line.mean(axis=1)
            for bound, entries in zip(self._bounds, (found.line.min(axis=1), found.line.max(axis=1)), strict=True):
                bound.setData(steps, log10(entries[first:]))
        self._band.setVisible(found.line is not None)
        for key, curve in self.curves.items():
            there = key in series and bool(np.any(series[key] > 0))
            curve.setVisible(there)
            for widget in self._entries[key]:
                widget.setVisible(there)
            if there:
                symbol = "o" if len(found.rnn) < 40 else None
                curve.setData(steps, log10(series[key][first:]), symbol=symbol, connect="finite")
        return series

    def _say(self) -> None:
        """Say in numbers what is left at the present time step, and why."""
        found = self.shown
        if found is not None:
            at = min(self.t, len(found.rnn) - 1)
            self._words.setText(left_of(found, at, self.tools.appearance.digits, self._carried) + self._why)

    def _on_mouse(self, place: QPointF) -> None:
        """Tell the numbers at the time step under the cursor."""
        found = self.shown
        if found is None or not self.plot.getViewBox().sceneBoundingRect().contains(place):
            return
        at = round(self.plot.getViewBox().mapSceneToView(place).x()) - 1
        if (self.t if self.tools.to_come.hidden else 0) <= at < len(found.rnn):
            self.message.emit(numbers_at(found, at, self.tools.appearance.digits))

    def restyle(self) -> None:
        appearance = self.tools.appearance
        styled_axis(self.plot, appearance)
        for key, _, role, _ in _LEGENDS:
            colour = appearance.theme.role(role)
            width = _WIDTHS.get(key, 2)
            width = max(width, self.px(width))  # a hall sees it as wide as in the legend
            self.curves[key].setPen(pg.mkPen(colour, width=width, dash=_DASHES.get(key)))
            self.curves[key].setSymbolBrush(colour)
            self.curves[key].setSymbolPen(None)
            self.curves[key].setSymbolSize(self.px(7))
        self._band.setBrush(pale(appearance.theme.role("cell"), 40))
        self._now.setPen(pg.mkPen(appearance.theme.now, width=self.px(2)))


def left_of(found: ThroughTime, at: int, style: Style, state: str = "C") -> str:
    """Return how a gradient changes from the last time step back to another, counted from 0.

    state: the letter of what the cell line carries; its mean over the units counts.
    """
    T = len(found.rnn)
    if at == T - 1:
        return f"The gradient starts at t = {T:,}: go back in time to see what is left of it."
    ratios = {} if found.line is None else {f"along {state} (on average)": float(found.line[at].mean())}
    ratios["in the plain RNN"] = float(found.rnn[at])
    words = changes({where: ratio for where, ratio in ratios.items() if np.isfinite(ratio)}, style)
    return f"From t = {T:,} back to t = {at + 1:,}, the gradient {words or 'grows beyond the largest number'}."


def numbers_at(found: ThroughTime, at: int, style: Style) -> str:
    """Return what every curve is at a step, counted from 0."""
    parts = [f"t = {at + 1:,}: "]
    if found.line is not None:
        low, mean, high = (written(float(of(found.line[at])), style=style) for of in (np.min, np.mean, np.max))
        parts.append(f"∏ {mean} ({low} to {high}), ")
    if np.isfinite(found.rnn[at]):
        parts.append(f"plain RNN {written(float(found.rnn[at]), style=style)}, ")
    parts += [f"‖∂L/∂{name[0]}‖ {written(float(norms[at]), style=style)}, " for name, norms in found.norms.items()]
    return "".join(parts).removesuffix(", ")


def _of_rnn(document: Document) -> str:
    """Say which weights the plain RNN has that is drawn beside the cell."""
    if document.cell_name == "rnn":
        return "of this cell"
    own = "W_C" in document.weights and not document.projected
    return f"of a plain RNN with {'the weights of the candidate' if own else 'weights of its own (Xavier)'}"
