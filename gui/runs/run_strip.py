"""One line about a run that goes on while another workspace is in front: task, step and loss, pause and open."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from engine.runs.history import History
from engine.runs.messages import State
from engine.settings.config import setting
from engine.text import numbers
from gui.appearance.theme import Appearance
from gui.runs.controller import TrainingController
from gui.runs.verdict_sign import VerdictSign
from gui.widgets.buttons import Button
from gui.widgets.labels import FittingLabel, text_label
from gui.widgets.layouts import in_row

_LOOK_MS = 250
_POINTS = 120
_GOES_ON = {State.PREPARING: "preparing", State.RUNNING: "training", State.PAUSED: "paused"}


class RunStrip(QFrame):
    """Shows that a run goes on; there is nothing of it to see while the run itself is in front, or none goes on."""

    opened = Signal()
    """The run is to come to the front."""

    def __init__(self, controller: TrainingController, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("card")
        self._controller = controller
        self.elsewhere = False
        """Whether the workspace in front shows something else than the run."""
        px = appearance.px
        self.words = text_label(look="strong")
        self.step = text_label()
        self.curve = _LossLine(appearance)
        self.loss = text_label()
        self.sign = VerdictSign(appearance)
        self.verdict = FittingLabel("")
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.pause = Button("Pause")
        self.open = Button("Open")
        self.open.setToolTip("Go to the run (Alt+3)")
        self.open.clicked.connect(self.opened)
        in_row(
            self.words,
            self.step,
            self.curve,
            self.loss,
            self.sign,
            (self.verdict, 1),
            self.pause,
            self.open,
            inside=self,
            margins=(px(14), px(4), px(10), px(4)),
            spacing=px(14),
        )
        self.hide()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._update)
        controller.run.updated.connect(self.follow)

    def follow(self, *_news: object) -> None:
        """Come and go with the run."""
        there = self.elsewhere and self._controller.active and self._controller.run.state in _GOES_ON
        if there == self._timer.isActive():
            return
        self.setVisible(there)
        if there:
            self._update()
            self._timer.start()
        else:
            self._timer.stop()

    def _update(self) -> None:
        run = self._controller.run
        history, config = run.history, run.config
        if run.state not in _GOES_ON or run.last is None:
            self.follow()
            return
        self.words.setText(setting("task").choices.get(config.task, config.task))
        self.step.setText(f"{_GOES_ON[run.state]}, {run.last.steps_in_words}")
        self.pause.setText("Continue" if run.state is State.PAUSED else "Pause")
        self.pause.setEnabled(run.state is not State.PREPARING)
        verdict = run.verdict
        self.sign.setVisible(verdict is not None)
        self.sign.show_outlook(verdict.outlook if verdict is not None else None)
        if verdict is None:
            self.verdict.show_words()
        else:
            self.verdict.show_words(verdict.sentence, verdict.sentence.partition(":")[0])
            self.verdict.tip = "\n".join(filter(None, (verdict.reason, verdict.advice)))
        loss = self.curve.show_history(history)
        self.loss.setText(f"loss {numbers.short(loss)}" if loss is not None else "")


class _LossLine(QWidget):
    """The loss over the whole run, on a logarithmic scale without an axis."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._losses = np.empty(0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Loss over training")

    def sizeHint(self) -> QSize:
        return QSize(self._appearance.px(150), self._appearance.px(26))

    def show_history(self, history: History) -> float | None:
        """Draw the loss of a run; return the newest, None before the first step."""
        self.update()
        if not history.count:
            self._losses = np.empty(0)
            return None
        _, (losses,) = history.averaged(["loss"], 1, history.count, _POINTS)
        self._losses = np.log10(np.maximum(losses, 1e-30))
        newest = float(losses[-1])
        return newest if math.isfinite(newest) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        finite = np.isfinite(self._losses)
        if finite.sum() < 2:
            return
        losses = self._losses[finite]
        low, high = float(losses.min()), float(losses.max())
        across = np.linspace(3, self.width() - 4, len(losses))
        down = 3 + (self.height() - 7) * (high - losses) / max(high - low, 1e-9)
        points = [QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(self._appearance.theme.ink)
        painter.setPen(QPen(ink, 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(points[-1], 2.5, 2.5)
        painter.end()
