"""What a run is judged by: the loss, beside the trivial answer's, and the task's own measure."""

from __future__ import annotations

import math
from typing import Self

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF

from engine.runs.history import Groups, History
from engine.tasks.base import TaskFacts
from engine.text.numbers import brief
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font, pale
from gui.plots.axes import log_range
from gui.plots.curves import ZOOMING, CurvesPlot, CurveStyle
from gui.training.docked import DockedPlot
from gui.views.base import Tools
from gui.widgets.labels import FittingLabel
from gui.widgets.layouts import in_column

_WORDS_ALPHA = 200
_TRIVIAL_SHARE = 0.98
"""Where the words for the trivial answer end, as a share of the width."""


class LossPlot(CurvesPlot, DockedPlot):
    """The loss, with its newest value at its end, and what it would be without learning anything."""

    def __init__(self, appearance: Appearance) -> None:
        self._facts: TaskFacts | None = None
        self._said = ""
        self._trivial: pg.InfiniteLine | None = None
        self.in_title = FittingLabel()
        """What line and band are. In the card's title, where no curve runs."""
        super().__init__(appearance, {"loss": CurveStyle("cell", width=2, name="loss", band=True, shows_value=True)})
        options = {"position": _TRIVIAL_SHARE, "anchors": [(1, 0), (1, 1)]}
        self._trivial = pg.InfiniteLine(angle=0, label="", labelOpts=options)
        self._trivial.hide()
        self.plot.addItem(self._trivial, ignoreBounds=True)
        assert self.events.named is not None
        self.events.named.taken = self._place_of_trivial
        self.plot.getViewBox().sigResized.connect(lambda _box: self._fit_trivial())
        self.drawn.connect(lambda: self.in_title.show_words(self.in_groups, "band: range" if self.in_groups else ""))
        self.apply_theme()

    @classmethod
    def made(cls, tools: Tools) -> Self:
        return cls(tools.appearance)

    def show_run(self, history: History, layers: int) -> None:
        self._facts = None
        if self._trivial is not None:
            self._trivial.hide()
        self.in_title.show_words()
        self.show_history(history, {"loss": "loss"})

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        if facts is not None:
            self.show_facts(facts)
        self.refresh()

    def show_facts(self, facts: TaskFacts) -> None:
        """Draw the trivial answer's loss, and name it."""
        if facts is self._facts or self._trivial is None:
            return
        self._facts = facts
        self._trivial.setVisible(not math.isnan(facts.trivial_loss))
        if not self._trivial.isVisible():
            self.in_title.tip = f"{facts.loss_name.capitalize()}. {ZOOMING}"
            return
        self._trivial.setValue(np.log10(max(facts.trivial_loss, 1e-12)))
        self._fit_trivial()
        self.in_title.tip = (
            f"{facts.loss_name.capitalize()}. Dashed: the loss of the trivial answer, which needs no learning: "
            f"{facts.trivial_name}. {ZOOMING}"
        )

    def _fit_trivial(self) -> None:
        """Name the trivial answer's loss in as many words as there is room for."""
        if self._facts is None or self._trivial is None or not self._trivial.isVisible():
            return
        value, letters = brief(self._facts.trivial_loss), QFontMetricsF(font(self._appearance.text(NOTE)))
        room = _TRIVIAL_SHARE * self.plot.getViewBox().width() - 2 * letters.averageCharWidth()
        wordings = f"{self._facts.trivial_name}: {value}", f"trivial answer: {value}", value
        said = next((words for words in wordings if letters.horizontalAdvance(words) <= room), value)
        if said != self._said:
            self._said = said
            self._trivial.label.setFormat(said.replace("{", "{{").replace("}", "}}"))

    def _place_of_trivial(self) -> list[QRectF]:
        """Return where the words for the trivial answer stand, in pixels of the plot."""
        label = self._trivial.label if self._trivial is not None and self._trivial.isVisible() else None
        return [] if label is None else [label.mapRectToItem(self.plot, label.boundingRect())]

    def _fitting(self, groups: Groups) -> tuple[float, float]:
        bottom, top = super()._fitting(groups)
        if self._facts is None or math.isnan(self._facts.trivial_loss):
            return bottom, top
        trivial = float(np.log10(max(self._facts.trivial_loss, 1e-12)))  # it is always in sight
        low, high = log_range(trivial, trivial)
        return min(bottom, low), max(top, high)

    def apply_theme(self) -> None:
        super().apply_theme()
        if self._trivial is None:
            return
        theme = self._appearance.theme
        self._trivial.setPen(pg.mkPen(QColor(theme.muted), style=Qt.PenStyle.DashLine))
        self._trivial.label.setColor(QColor(theme.muted))
        self._trivial.label.setFont(font(self._appearance.text(NOTE)))
        self._fit_trivial()
        self._trivial.label.fill = pg.mkBrush(pale(theme.panel, _WORDS_ALPHA))


class MeasurePlot(DockedPlot):
    """The measure in its own units, from 0 on; a share of right answers from 0 to 100 %."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        style = CurveStyle("cell", width=2, name="measure", band=True, shows_value=True)
        self._of_shares, self._of_amounts = (
            CurvesPlot(appearance, {"measure": style}, logarithmic=False, shares=shares) for shares in (True, False)
        )
        self._of_amounts.hide()
        self._facts: TaskFacts | None = None
        self._history: History | None = None
        self.in_title = FittingLabel()
        """What is measured, and what line and band are."""
        in_column(self._of_shares, self._of_amounts, inside=self, margins=0, spacing=0)
        for plot in (self._of_shares, self._of_amounts):
            plot.drawn.connect(self._update_words)

    @classmethod
    def made(cls, tools: Tools) -> Self:
        return cls(tools.appearance)

    @property
    def curves(self) -> CurvesPlot:
        """The plot that is shown."""
        return self._of_shares if self._facts is None or self._facts.measure_is_share else self._of_amounts

    def show_run(self, history: History, layers: int) -> None:
        self._history, self._facts = history, None
        self.in_title.show_words()
        self._show()

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        if facts is not None and facts is not self._facts:
            self._facts = facts
            unit = f" ({facts.measure_unit})" if facts.measure_unit else ""
            self.in_title.tip = f"{facts.measure_name.capitalize()}{unit}. {ZOOMING}"
            self._show()
        self.curves.refresh()

    def _show(self) -> None:
        for plot in (self._of_shares, self._of_amounts):
            plot.setVisible(plot is self.curves)
        if self._history is not None:
            self.curves.show_history(self._history, {"measure": "measure"})

    def _update_words(self) -> None:
        name = self._facts.measure_name if self._facts is not None else ""
        unit = f", {self._facts.measure_unit}" if self._facts is not None and self._facts.measure_unit else ""
        measured, grouped = f"{name}{unit}", self.curves.in_groups
        brief = measured.partition(" (")[0]
        wordings = (f"{measured} · {grouped}", measured, brief) if grouped else (measured, brief)
        self.in_title.show_words(*wordings)
