"""The task's own measure over training, in its own units."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from engine.runs.history import History
from engine.tasks.base import TaskFacts
from gui.appearance.theme import Appearance
from gui.plots.axes import StepAxis, ValueAxis, fit_ticks, last_step_shown, plot_widget, styled_axis
from gui.plots.curve_stack import CurveStack
from gui.plots.curves import MEANS, CurveStyle, pen
from gui.plots.events import EventMarks
from gui.widgets.layouts import in_column


class MeasurePlot(QWidget):
    """A curve of means of neighbouring steps, from 0 to 1 where the measure is a share."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.widget = plot_widget(left=ValueAxis("left"), bottom=StepAxis())
        self.plot = self.widget.getPlotItem()
        self.curve = CurveStack()
        self.plot.addItem(self.curve)
        self.events = EventMarks(self.widget, appearance)
        self._drawn: tuple[int, int] = (0, -1)
        self._range: tuple[float, float] | None = None
        self._empty = QLabel("Train (Ctrl+T) to see the measure", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setObjectName("muted")
        in_column(self.widget, self._empty, inside=self, margins=0, spacing=0)
        self.widget.hide()
        self.widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.restyle()

    def show_history(self, history: History, facts: TaskFacts | None) -> None:
        """Draw the new steps of a run, if the plot is visible."""
        if not self.isVisible():
            return
        self.events.show(history.events, history.moment)
        self.widget.setVisible(history.count > 0)
        self._empty.setVisible(not history.count)
        drawn = id(history), history.count
        if drawn == self._drawn or not history.count:
            return
        self._drawn = drawn
        steps, (values,) = history.averaged(["measure"], 1, history.count, MEANS)
        self.curve.set_curves({"measure": (steps, values)})
        finite = values[np.isfinite(values)]
        if not finite.size:
            return
        share = facts is not None and facts.measure_is_share
        top = 1.0 if share else max(float(finite.max()) * 1.1, 1e-9)
        wanted = last_step_shown(history.count), top
        if wanted != self._range:
            self._range = wanted
            self.plot.setRange(xRange=(1, wanted[0]), yRange=(0, 1.04 * top), padding=0, disableAutoRange=True)

    @staticmethod
    def newest(history: History) -> float:
        """Return the mean of the measure over the last steps; NaN before the first."""
        if not history.count:
            return float("nan")
        _, (values,) = history.averaged(["measure"], max(1, history.count - 24), history.count, 1)
        return float(values[-1]) if values.size else float("nan")

    def restyle(self) -> None:
        """Use the theme's colours and the present size of text."""
        styled_axis(self.plot, self._appearance)
        fit_ticks(self.plot, self._appearance)
        self.curve.set_pens({"measure": pen(self._appearance, CurveStyle("cell", width=2))})
        self.events.restyle()
