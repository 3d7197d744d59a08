"""The loss over training, the trivial answer as a line, and the task's own measure on the right."""

from __future__ import annotations

from html import escape
from typing import Self

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from engine.runs.history import History
from engine.tasks.base import TaskFacts
from gui.appearance.rich_text import RichLabel
from gui.appearance.theme import Appearance
from gui.plots.axes import ValueAxis, styled_axis
from gui.plots.curve_stack import CurveStack
from gui.plots.curves import MEANS, CurvesPlot, CurveStyle, pen
from gui.training.docked import DockedPlot
from gui.views.base import Tools


class LossPlot(CurvesPlot, DockedPlot):
    """Loss on a logarithmic axis; the measure, in its own units, on the right."""

    def __init__(self, appearance: Appearance) -> None:
        self._facts: TaskFacts | None = None
        self._right: pg.ViewBox | None = None
        self._top = 0.0
        self.in_title = RichLabel(look="note")
        """What the dashed line means. In the card's title, where no curve runs."""
        self.in_title.setMinimumWidth(1)  # a long name is cut off, and whole in the tooltip
        super().__init__(appearance, {"loss": CurveStyle("cell", width=2)})
        self._trivial = pg.InfiniteLine(angle=0)
        self._trivial.hide()
        self.plot.addItem(self._trivial)
        self._right = pg.ViewBox(enableMenu=False)
        self._right.setMouseEnabled(False, False)
        self.measure = CurveStack()
        self._right.addItem(self.measure)
        self.plot.setAxisItems({"right": ValueAxis("right")})
        self.plot.showAxis("right")
        self.plot.scene().addItem(self._right)
        self.plot.getAxis("right").linkToView(self._right)
        self._right.setXLink(self.plot)
        self.plot.getViewBox().sigResized.connect(self._follow_size)
        self.apply_theme()

    @classmethod
    def made(cls, tools: Tools) -> Self:
        return cls(tools.appearance)

    def show_run(self, history: History, layers: int) -> None:
        self._facts = None
        self._trivial.hide()
        self.in_title.clear()
        self.show_history(history, {"loss": "loss"})

    def show_news(self, history: History, facts: TaskFacts | None) -> None:
        if facts is not None:
            self.show_facts(facts)
        self.refresh()

    def show_facts(self, facts: TaskFacts) -> None:
        """Name the measure and draw the trivial answer."""
        if facts is self._facts:
            return
        self._facts = facts
        self._trivial.setValue(np.log10(max(facts.trivial_loss, 1e-12)))
        self._trivial.show()
        self._name_curves()
        unit = f" ({facts.measure_unit})" if facts.measure_unit else ""
        self.setToolTip(
            f"Left: {facts.loss_name}. Right: {facts.measure_name}{unit}. "
            "Zoom with the wheel; double-click to follow the run again."
        )

    def _name_curves(self) -> None:
        """Say in the title what the right axis and the dashed line are."""
        facts = self._facts
        if facts is None:
            return
        teal = self._appearance.theme.role("hidden").name()
        measure = f"<span style='color: {teal}'>— {escape(facts.measure_name)}, right axis</span>"
        self.in_title.setText(f"{measure}&nbsp; - - trivial {facts.trivial_loss:.3g}")
        self.in_title.setToolTip(
            f"Teal, right axis: {facts.measure_name}. Dashed: the loss of the trivial answer, which needs no learning: "
            f"{facts.trivial_name}"
        )

    def _draw(self, history: History) -> None:
        super()._draw(history)
        steps, (values,) = history.averaged(["measure"], 1, history.count, MEANS)
        self.measure.set_curves({"measure": (steps, values)})
        finite = values[np.isfinite(values)]
        if self._right is not None and finite.size:
            share = self._facts is not None and self._facts.measure_is_share
            top = 1.0 if share else float(finite.max()) * 1.1
            if top != self._top:
                self._top = top
                self._right.setYRange(0, max(top, 1e-9), padding=0.02)

    def _follow_size(self) -> None:
        if self._right is not None:
            self._right.setGeometry(self.plot.getViewBox().sceneBoundingRect())

    def apply_theme(self) -> None:
        super().apply_theme()
        if self._right is None:
            return
        self._name_curves()
        theme = self._appearance.theme
        muted, teal = QColor(theme.muted), theme.role("hidden")
        self._trivial.setPen(pg.mkPen(muted, style=Qt.PenStyle.DashLine))
        self.measure.set_pens({"measure": pen(self._appearance, CurveStyle("hidden", width=2))})
        styled_axis(self.plot, self._appearance)
        self.plot.getAxis("right").setTextPen(pg.mkPen(teal))
