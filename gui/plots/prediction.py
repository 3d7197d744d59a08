"""Prediction against target on the task's fixed test examples."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.snapshot import Snapshot
from engine.tasks.base import TaskFacts
from gui.plots.curves import ValueAxis, styled_axis
from gui.theme import Appearance


class PredictionPlot(QWidget):
    """Points on the diagonal for single answers; two lines over time for a series."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._shown: Snapshot | None = None
        self._facts: TaskFacts | None = None
        self._newest: tuple[Snapshot, TaskFacts] | None = None
        self.widget = pg.PlotWidget(axisItems={"left": ValueAxis("left")}, background=None)
        self.widget.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        # Opaque, in the card's colour: Qt need not paint the card and the window below for each frame.
        self.widget.viewport().setAutoFillBackground(True)
        self.widget.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.plot = self.widget.getPlotItem()
        self.plot.layout.setContentsMargins(0, 6, 4, 0)
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.getAxis("bottom").enableAutoSIPrefix(False)
        self.points = pg.ScatterPlotItem(size=appearance.px(6), pxMode=True)
        self._perfect = pg.PlotCurveItem()
        self._target = pg.PlotCurveItem()
        self._prediction = pg.PlotCurveItem()
        for item in (self._perfect, self._target, self._prediction, self.points):
            self.plot.addItem(item)
        self._empty = QLabel("Train to see it move")
        self._empty.setObjectName("muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.widget)
        layout.addWidget(self._empty)
        self.widget.hide()
        self.setMinimumHeight(appearance.px(60))
        appearance.changed.connect(self._apply_theme)
        self._apply_theme()

    def show_snapshot(self, snapshot: Snapshot, facts: TaskFacts) -> None:
        """Draw a snapshot's predictions, as soon as they can be seen."""
        self._newest = snapshot, facts
        if snapshot is self._shown or not self.isVisible():
            return
        first = self._facts is not facts
        self._shown, self._facts = snapshot, facts
        self._empty.hide()
        self.widget.show()
        # A network that has diverged predicts nothing that could be drawn.
        finite = np.isfinite(snapshot.prediction)
        position, target, prediction = (
            array[finite] for array in (snapshot.position, snapshot.target, snapshot.prediction)
        )
        scatter = facts.prediction_kind == "scatter"
        self.points.setVisible(scatter)
        if scatter:
            self.points.setData(target, prediction)
            if first:
                low, high = float(snapshot.target.min()), float(snapshot.target.max())
                margin = 0.15 * (high - low)
                self._perfect.setData([low, high], [low, high])
                self._target.setData([], [])
                self._prediction.setData([], [])
                limits = (low - margin, high + margin)
                self.plot.setRange(xRange=limits, yRange=limits, padding=0, disableAutoRange=True)
                self.setToolTip(f"Across: target {facts.value_name}; up: prediction; the line: perfect")
        else:
            self._target.setData(snapshot.position, snapshot.target)
            self._prediction.setData(position, prediction)
            if first:
                self._perfect.setData([], [])
                low, high = float(snapshot.target.min()), float(snapshot.target.max())
                margin = 0.1 * max(high - low, 1e-9)
                across = (float(snapshot.position.min()), float(np.max(snapshot.position)))
                self.plot.setRange(
                    xRange=across, yRange=(low - margin, high + margin), padding=0.01, disableAutoRange=True
                )
                self.setToolTip(f"{facts.value_name} over {facts.position_name}: data in ink, prediction in teal")

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]  # QShowEvent, as Qt calls it
        if self._newest is not None:
            self.show_snapshot(*self._newest)

    def clear(self) -> None:
        """Begin with a run that has no snapshot yet."""
        self._shown = self._facts = self._newest = None
        self.widget.hide()
        self._empty.show()

    def _apply_theme(self) -> None:
        theme = self._appearance.theme
        styled_axis(self.plot, self._appearance)
        teal = theme.role("hidden")
        self.points.setPen(None)
        self.points.setBrush(pg.mkBrush(teal))
        self._perfect.setPen(pg.mkPen(theme.muted, style=Qt.PenStyle.DashLine))
        self._target.setPen(pg.mkPen(theme.ink))
        self._prediction.setPen(pg.mkPen(teal))
