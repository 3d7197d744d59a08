"""Gradient norms over training as a heatmap: time steps up, training steps across, powers of ten as colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.runs.samples import pauses
from engine.text.numbers import power_of_ten
from gui.appearance.colour_maps import image_of, pixels_of, places_of
from gui.appearance.colour_maps import table_of as colour_table_of
from gui.appearance.hatching import WORDS
from gui.appearance.math_widgets import MathLabel
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.plots.axes import StepAxis, ValueAxis, last_step_shown, log10, plot_widget
from gui.plots.events import Event, EventMarks
from gui.plots.numbers import OwnTable, Series
from gui.plots.part import ALONE, FILLED, Part, nothing_recorded
from gui.views.flow.lines import spacing
from gui.widgets.layouts import in_column

_COLUMNS = 240
_MOST_ROWS = 400
_NOTHING, _LINE = 0, 1
"""The colour's places where nothing was seen, and of lines for NaN and ∞; norms have the places from 2 to 255."""
_APART = 4
"""Places from one of these lines to the next."""
_NORM = r"\left\|\partial L/\partial {}\right\|"
_NOTHING_YET = np.empty(0, np.int64), np.empty((0, 0), np.float32)
DECADES = 12
"""Decades that colours tell apart at most; what is smaller has the colour of the smallest."""


class Scale:
    """Which powers of ten the first and the last colour stand for; shared by maps that are to be compared."""

    low, high, known = 0, 0, False

    def clear(self) -> None:
        """Forget the run."""
        self.low, self.high, self.known = 0, 0, False

    def widen(self, logs: NDArray[np.float64]) -> None:
        """Make room for logarithms; what is more than DECADES below the largest has none."""
        logs = logs[np.isfinite(logs)]
        if not logs.size:
            return
        high, low = int(np.ceil(logs.max())), int(np.floor(logs.min()))
        if self.known:
            high, low = max(high, self.high), min(low, self.low)
        self.low, self.high, self.known = max(low, high - DECADES), max(high, low + 1), True


class ColourBar(QWidget):
    """What the colours mean: 10⁻⁸ at the panel's end, 10⁰ at the full one."""

    def __init__(self, appearance: Appearance, scale: Scale) -> None:
        super().__init__()
        self._appearance, self._scale = appearance, scale
        self.role = "hidden"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def _letters(self) -> int:
        return self._appearance.text(NOTE)

    @property
    def ends(self) -> tuple[str, str]:
        """What stands at its two ends."""
        below = "≤ " if self._scale.high - self._scale.low == DECADES else ""
        return f"{below}{power_of_ten(self._scale.low)}", power_of_ten(self._scale.high)

    def sizeHint(self) -> QSize:
        return QSize(13 * self._letters, round(1.5 * self._letters))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._scale.known:
            return
        painter = QPainter(self)
        painter.setFont(font(self._letters))
        painter.setPen(QColor(self._appearance.theme.muted))
        metrics = QFontMetricsF(painter.font())
        left, right = self.ends
        start, stop = metrics.horizontalAdvance(left) + 5, self.width() - metrics.horizontalAdvance(right) - 5
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(0, 0, start, self.height()), middle, left)
        painter.drawText(QRectF(stop + 5, 0, self.width() - stop, self.height()), middle, right)
        bar = QRectF(start, 0.25 * self.height(), stop - start, 0.5 * self.height())
        painter.drawImage(bar, image_of(pixels_of(self._appearance.theme, self.role)[None]))
        painter.setPen(QColor(self._appearance.theme.edge))
        painter.drawRect(bar)


class FlowMap(Part):
    """A heatmap of one norm over training, left empty where it was not measured."""

    def __init__(self, title: str, scale: Scale, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__(title, appearance)
        self._scale = scale
        self.shown: tuple[NDArray[np.int64], NDArray[np.floating]] = _NOTHING_YET
        """What is drawn: steps (S,), norms (S, T)."""
        self._range: tuple[float, int] | None = None
        self._words = ""
        self.bar = ColourBar(appearance, scale)
        self._formula = MathLabel(_NORM.format("h_t"), "hidden", TEXT, typesetter, appearance)
        self.header.insertWidget(1, self._formula, 0, Qt.AlignmentFlag.AlignVCenter)
        self.header.addWidget(self.bar)
        self.widget = plot_widget(numbers=OwnTable(self.series), left=ValueAxis("left"), bottom=StepAxis())
        self.plot = self.widget.getPlotItem()
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.getViewBox().invertY(True)  # the first time step on top, as the first unit is in every map
        self.plot.addItem(self.image)
        self.events = EventMarks(self.widget, appearance)
        self.add_plot(self.widget, self.events)
        in_column(self.widget, inside=self.content, margins=0)
        self.restyle()

    def set_state(self, state: str, role: str, words: str, colours: str = "") -> None:
        """Show the norm of a state's gradient, "C_t", named in a role's colour.

        words: how hovering calls it. colours: another role for the colours of the map.
        """
        self.bar.role, self._words = colours or role, words
        self._formula.role = role
        self._formula.set_latex(_NORM.format(state))
        self.bar.setToolTip(
            f"Colours show the power of ten of {words}, in both maps alike; pale: nothing was recorded; {WORDS}"
        )
        self.restyle()

    def series(self) -> list[Series]:
        """Return the norms of each time step, at the training steps that were recorded."""
        steps, norms = self.shown
        places, columns = steps.astype(np.float64), norms.T.astype(np.float64)
        return [(f"t = {t}", places, column) for t, column in enumerate(columns, 1)]

    def clear(self) -> None:
        """Forget the run."""
        self.shown, self._range = _NOTHING_YET, None
        self.image.clear()

    def show_moments(
        self,
        steps: NDArray[np.int64],
        norms: NDArray[np.floating],
        count: int,
        events: Sequence[Event],
        moment: int | None = None,
    ) -> None:
        """Draw norms (S, T) at training steps (S,), of a run of `count` steps; moment: the step that is looked at."""
        self.shown = steps, norms
        T = norms.shape[1]
        right = last_step_shown(count)
        self.image.setImage(self._places(right), autoLevels=False, levels=(0, 255))
        if (right, T) != self._range:
            self._range = right, T
            self.image.setRect(QRectF(0, 0.5, right, T))
            self.plot.getAxis("left").setTickSpacing(levels=[(spacing(T), 0)])
            self.plot.setRange(xRange=(0, right), yRange=(0.5, T + 0.5), padding=0, disableAutoRange=True)
        self.events.show(events, moment)
        self.bar.update()

    def _places(self, right: float) -> NDArray[np.uint8]:
        """Return places in the table of colours, (T, columns): each column shows the last moment until then."""
        steps, norms = self.shown
        T = norms.shape[1]
        rows = np.linspace(0, T - 1, min(T, _MOST_ROWS)).round().astype(int)
        edges = np.linspace(0, right, _COLUMNS + 1)[1:]  # where each column ends
        places = np.full((len(rows), _COLUMNS), _NOTHING, np.uint8)
        if not steps.size:
            return places
        found, near = recorded(steps, edges, right / _COLUMNS)
        norms = norms[found[near]][:, rows].T  # (rows, columns)
        logs = np.where(norms == 0, self._scale.low, log10(norms))
        coloured = np.maximum(places_of(logs, (self._scale.low, self._scale.high)), _LINE + 1)
        row, column = np.indices(places.shape)
        crossed = ((row + column) % _APART == 0) | ((row - column) % _APART == 0)
        barred = column % _APART == 0  # across the map, whose rows are the time steps, however few
        lines = np.where(np.isnan(norms), crossed[:, near], barred[:, near])
        places[:, near] = np.where(np.isfinite(norms), coloured, np.where(lines, _LINE, _NOTHING)).astype(np.uint8)
        return places

    def told(self, widget: pg.PlotWidget, x: float, y: float) -> str:
        t, (steps, norms) = round(y), self.shown
        if not steps.size or not 1 <= t <= norms.shape[1] or self._range is None:
            return ""
        width, x = self._range[0] / _COLUMNS, min(x, float(steps[-1]))
        (found,), (near,) = recorded(steps, np.array([width * np.ceil(x / width)]), width)
        if not near:
            return nothing_recorded(x, int(steps[found]))
        place = int(found)
        value = self.appearance.written(float(norms[place, t - 1]))
        return f"Step {steps[place]:,}, t = {t:,}: {self._words} {value}"

    def restyle(self) -> None:
        super().restyle()
        theme = self.appearance.theme
        colours = colour_table_of(theme, self.bar.role).copy()
        for place, colour in ((_NOTHING, QColor(theme.ground)), (_LINE, QColor(theme.ink))):
            colours[place] = colour.red(), colour.green(), colour.blue()
        self.image.setLookupTable(colours)
        self.bar.update()


def recorded(
    steps: NDArray[np.int64], edges: NDArray[np.floating], width: float
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return for columns that end at some edges which moment each shows, and whether anything was recorded there.

    steps (S,): of all moments, S > 0. A column shows the last moment until its end. Between two moments, columns are
    filled where these are about as near to each other as others are; in a longer pause only those beside a moment are.
    """
    found = np.maximum(np.searchsorted(steps, edges, side="right") - 1, 0)
    after = np.minimum(np.searchsorted(steps, edges, side="right"), steps.size - 1)
    longest, _ = pauses(steps, _COLUMNS * FILLED * width)
    hold = np.where(steps[after] - steps[found] > longest, _COLUMNS * ALONE * width, longest)
    near = (steps[found] <= edges) & (edges - steps[found] <= hold) & (edges - width <= steps[-1])
    return found, near
