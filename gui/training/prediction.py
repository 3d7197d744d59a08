"""Prediction against target on the task's fixed test examples."""

from __future__ import annotations

import html
from typing import Self

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QComboBox, QWidget

from engine.runs.history import History
from engine.runs.snapshot import Snapshot
from engine.tasks.base import TaskFacts, output_words
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font, pale
from gui.plots.axes import ValueAxis, plot_widget, styled_axis
from gui.training.confusion import ConfusionTable
from gui.training.docked import DockedPlot
from gui.views.base import Tools
from gui.widgets.choices import offer
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import in_column, in_row, show_instead

POINTS, LINES, SHARES, SYMBOLS = "scatter", "series", "shares", "symbols"
"""How a task declares that its targets are drawn."""
Values = NDArray[np.floating]

_ALPHA = 170
"""Points that lie on each other are darker."""
_TICK = 0.4
"""Half the width of a target's tick, in places."""

_BEFORE = "Train (Ctrl+T) to see predictions"
_NO_TARGETS = "This network was trained elsewhere: what it should predict is not known here"


class PredictionPlot(DockedPlot):
    """Points on the diagonal for single answers; two lines over time for a series of numbers.

    Where the task says that targets are 0 or 1, each target is a tick, and the prediction a point that should lie on
    it. Symbols and classes are counted: what was predicted against what was right.
    """

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._shown: Snapshot | None = None
        self._facts: TaskFacts | None = None
        self._newest: tuple[Snapshot, TaskFacts] | None = None
        self.look: str = POINTS
        """How the present task is drawn: POINTS, LINES, SHARES or SYMBOLS."""
        self.widget = called("Predictions and targets", plot_widget(mouse=True, left=ValueAxis("left")))
        self.plot = self.widget.getPlotItem()
        self.table = ConfusionTable(appearance)
        self._axis_names = "", ""
        self.points = pg.ScatterPlotItem(size=appearance.px(6), pxMode=True)
        self._perfect = pg.PlotCurveItem()
        self._target = pg.PlotCurveItem()
        self._ticks = pg.PlotCurveItem(connect="pairs")
        self._ticks.setCacheMode(pg.PlotCurveItem.CacheMode.DeviceCoordinateCache)  # they rest, the points move
        self._prediction = pg.PlotCurveItem()
        for item in (self._perfect, self._target, self._ticks, self._prediction, self.points):
            self.plot.addItem(item)
        self.words = text_label("", "note", cut=True)  # long numbers are whole in the tooltip
        """How far it is off on held-out rows."""
        self.answer = called("Answer that is drawn", QComboBox())
        self.answer.setToolTip("Which of the network's answers is drawn, or all of them")
        self.answer.currentIndexChanged.connect(self._on_answer)
        self.answer.hide()
        self.in_title = QWidget()
        """Words and choice. In the card's title, where no point lies."""
        in_row((self.words, 1), self.answer, inside=self.in_title, margins=0, spacing=appearance.px(8))
        self._empty = text_label(_BEFORE, wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        in_column(self.widget, self.table, self._empty, inside=self, margins=0)
        self.widget.hide()
        self.table.hide()
        self.setMinimumHeight(appearance.px(60))
        appearance.changed.connect(self._apply_theme)
        self._apply_theme()

    @classmethod
    def made(cls, tools: Tools) -> Self:
        return cls(tools.appearance)

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        if history.shown is not None and facts is not None:
            self.show_snapshot(history.shown, facts)

    def show_snapshot(self, snapshot: Snapshot, facts: TaskFacts) -> None:
        """Draw a snapshot's predictions, as soon as they can be seen."""
        self._newest = snapshot, facts
        if snapshot is self._shown or not self.isVisible():
            return
        if not snapshot.target.size:
            self._say(_NO_TARGETS)
            return
        if self._facts is not facts:
            self._begin(snapshot, facts)
        self._shown, self._facts = snapshot, facts
        self._caption(snapshot)
        self._empty.hide()
        show_instead(*(self.table, self.widget) if self.look == SYMBOLS else (self.widget, self.table))
        if self.look == SYMBOLS:
            self.table.show_counts(snapshot.target, snapshot.prediction, facts.answer_names)
            return
        position, target, prediction = self._chosen(snapshot)
        if self.look == LINES:
            self._prediction.setData(*_one_after_another(position, prediction))
            return
        # A network that has diverged predicts nothing that could be drawn.
        finite = np.isfinite(prediction)
        across = target if self.look == POINTS else position
        self.points.setData(across[finite], prediction[finite])

    def _chosen(self, snapshot: Snapshot) -> tuple[Values, Values, Values]:
        """Return positions, targets and predictions (examples, answers) of those answers that are shown."""
        parts = snapshot.position, snapshot.target, snapshot.prediction
        beside = max(1, self.answer.count() - 1)
        if parts[0].size % beside:
            beside = 1
        position, target, prediction = (part.reshape(-1, beside) for part in parts)
        chosen = self.answer.currentData()
        only = slice(int(chosen), int(chosen) + 1) if chosen and beside > 1 else slice(None)
        return position[:, only], target[:, only], prediction[:, only]

    def _on_answer(self) -> None:
        """Draw another answer, or all of them."""
        newest, self._shown, self._facts = self._newest, None, None
        if newest is not None:
            self.show_snapshot(*newest)

    def _caption(self, snapshot: Snapshot) -> None:
        held_out = snapshot.held_out
        if held_out is None:
            self.words.clear()
            self.words.setToolTip("")
            return
        self.words.setText(held_out.words)
        self.words.setToolTip(
            f"{held_out.words}: {held_out.measure_name} on {held_out.rows:,} rows that training never sees, and that "
            f"of the trivial answer: {held_out.trivial_name}"
        )

    def _begin(self, snapshot: Snapshot, facts: TaskFacts) -> None:
        """Draw what rests while a task is trained: the targets and the axes."""
        self.look = facts.prediction_kind
        names = output_words(facts.shown_names)
        several = bool(names) and self.look != SYMBOLS and not snapshot.target.size % len(names)
        every = {"": "all answers"} if several else {}
        offer(self.answer, every | {str(place): name for place, name in enumerate(names if several else ())})
        self.answer.setVisible(several)
        named = f"{self.answer.currentText()}, " if self.answer.currentData() else ""
        position, target, _ = self._chosen(snapshot)
        for item in (self._perfect, self._target, self._ticks, self._prediction, self.points):
            item.setData([], [])
        self.points.setVisible(self.look != LINES)
        low, high = float(target.min()), float(target.max())
        over = f"{named}{facts.value_name} over {facts.position_name}"
        if self.look == POINTS:
            margin = 0.15 * max(high - low, 1e-9)
            self._perfect.setData([low, high], [low, high])
            self._set_range(*[(low - margin, high + margin)] * 2)
            self._name_axes(f"target: {named}{facts.value_name}", "prediction")
            self.setToolTip(
                f"Across: target {named}{facts.value_name}; up: prediction; on the dashed line they are equal"
            )
        elif self.look == LINES:
            margin = 0.1 * max(high - low, 1e-9)
            self._target.setData(*_one_after_another(position, target))
            across = (float(position.min()), float(position.max()))
            self.plot.setRange(xRange=across, yRange=(low - margin, high + margin), padding=0.01, disableAutoRange=True)
            self._name_axes(facts.position_name, f"{named}{facts.value_name}")
            self.setToolTip(f"{over}: the coloured line is the target, the other one the prediction")
        elif self.look == SHARES:
            ends = position.reshape(-1, 1) + np.array([-_TICK, _TICK])
            self._ticks.setData(ends.ravel(), np.repeat(target, 2))
            self._set_range(_places(position), (-0.1, 1.1))
            self._name_axes(facts.position_name, f"{named}{facts.value_name}")
            self.setToolTip(f"{over}: ticks are targets, points are predictions")
        else:
            self.setToolTip("")

    def _name_axes(self, across: str, up: str) -> None:
        """Write what the axes are, with the unit where the task's words have one."""
        self._axis_names = across, up
        self._fit_names()

    def _fit_names(self) -> None:
        """Write as much of the axes' names as has room; less than half of one would say nothing."""
        letters, theme = self._appearance.text(NOTE), self._appearance.theme
        metrics = QFontMetricsF(font(letters))
        rooms = (self.width() - 5 * letters, self.height() - 4 * letters)
        for side, words, room in zip(("bottom", "left"), self._axis_names, rooms, strict=True):
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            shown = shown if len(shown) > len(words) / 2 else ""
            axis = self.plot.getAxis(side)
            axis.label.setFont(font(letters))
            axis.setLabel(html.escape(shown), **{"color": theme.muted, "font-size": f"{letters}px"})

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_names()

    def _set_range(self, across: tuple[float, float], up: tuple[float, float]) -> None:
        self.plot.setRange(xRange=across, yRange=up, padding=0, disableAutoRange=True)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]  # QShowEvent, as Qt calls it
        if self._newest is not None:
            self.show_snapshot(*self._newest)

    def show_run(self, history: History, layers: int) -> None:
        self._shown = self._facts = self._newest = None
        self._say(_BEFORE)

    def _say(self, words: str) -> None:
        """Say why there is nothing to see."""
        self.words.clear()
        self._empty.setText(words)
        for other in (self.answer, self.widget, self.table):
            other.hide()
        self._empty.show()

    def _apply_theme(self) -> None:
        theme = self._appearance.theme
        styled_axis(self.plot, self._appearance)
        self._fit_names()
        self.points.setPen(None)
        self.points.setBrush(pg.mkBrush(pale(theme.ink, _ALPHA)))
        self._perfect.setPen(pg.mkPen(theme.muted, style=Qt.PenStyle.DashLine))
        self._target.setPen(pg.mkPen(theme.output))
        self._ticks.setPen(pg.mkPen(theme.output, width=2))
        self._prediction.setPen(pg.mkPen(theme.ink))


def _one_after_another(across: Values, up: Values) -> tuple[Values, Values]:
    """Return lines (points, lines) as one, with a gap between each and the next."""
    gaps = np.full((1, up.shape[1]), np.nan)
    return tuple(np.concatenate([part, gaps]).T.ravel()[:-1] for part in (across, up))  # type: ignore[return-value]


def _places(position: NDArray[np.floating]) -> tuple[float, float]:
    """Return the range of an axis on which each place has its width; the first stands clear of the other axis."""
    first, last = float(position.min()), float(position.max())
    return first - 0.6 - 0.02 * (last - first), last + 0.6
