"""The line of a run's steps: a tick for each recorded moment, a mark for each change, a name where it was solved."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from engine.runs.ending import SOLVED
from engine.runs.messages import State
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font
from gui.plots.axes import last_step_shown
from gui.runs.travel import RunTravel

_GOING_ON = (State.PREPARING, State.RUNNING, State.PAUSED)
_APART = 4
"""Pixels between two ticks."""
_FEWEST = 20
"""Steps that the line stands for at least, so that the first ones do not jump about."""


class StepLine(QWidget):
    """Every step of the run from left to right; dragging along it shows any recorded moment."""

    hovered = Signal(str)
    """What is under the cursor, or nothing."""

    def __init__(self, travel: RunTravel, appearance: Appearance) -> None:
        super().__init__()
        self._travel = travel
        self._appearance = appearance
        self._run = travel.run
        self._ticked: tuple[object, ...] = ()
        self._marks: list[QRectF] = []
        self.setMouseTracking(True)
        self.setToolTip(
            "Drag to see heatmaps, gradients, weights and text at any recorded step; training continues meanwhile. "
            "PgDn and PgUp go from snapshot to snapshot"
        )

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.height())

    @property
    def end(self) -> int:
        """The step at the right end: the goal of a run that goes on, else the last that was made."""
        count, last = self._run.history.count, self._run.last
        if last is None or last.state not in _GOING_ON:
            return max(count, _FEWEST)
        if last.until_solved:  # nobody knows how many it takes
            return max(self._run.config.steps, round(last_step_shown(count)))
        return max(last.goal, count)

    def track(self) -> QRectF:
        """Return where the steps lie."""
        margin = self._appearance.text(TEXT) / 2
        return QRectF(margin, 0, max(1.0, self.width() - 2 * margin), self.height())

    def place_of(self, step: float) -> float:
        """Return where a step lies, in pixels from the left."""
        track = self.track()
        return track.left() + track.width() * min(1.0, step / self.end)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, letter = self._appearance.theme, self._appearance.text(TEXT)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track, middle, thick = self.track(), self._middle, letter / 3
        made = self.place_of(self._run.history.count)
        at = made if self._travel.step is None else self.place_of(self._travel.step)
        painter.setPen(Qt.PenStyle.NoPen)
        for left, right, colour in ((track.left(), made, theme.ink), (made, track.right(), theme.edge)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(left, middle - thick / 2, right - left, thick), thick / 2, thick / 2)
        painter.setBrush(QColor(theme.muted))
        painter.drawRects(self._ticks(QRectF(track.left(), middle + thick, track.width(), letter / 4)))
        for step, words in self._run.history.events:
            if words != SOLVED:
                x, top = self.place_of(step), middle - thick - letter / 3
                painter.drawPolygon(QPolygonF([QPointF(x - 4, top), QPointF(x + 4, top), QPointF(x, top + letter / 3)]))
        self._paint_solved(painter)
        painter.setPen(QPen(QColor(theme.panel), 1.5))
        painter.setBrush(QColor(theme.now if self._travel.step is not None else theme.ink))
        painter.drawEllipse(QPointF(at, middle), letter / 2, letter / 2)
        painter.end()

    def _ticks(self, line: QRectF) -> list[QRectF]:
        """Return a tick for each recorded moment, as many as can be told apart; found anew when one is added."""
        moments = self._run.moments
        known = moments, self.end, line
        if known != self._ticked:
            places = line.left() + line.width() * np.minimum(1.0, np.array(moments, dtype=float) / self.end)
            _, first = np.unique(places // _APART, return_index=True)
            self._marks = [QRectF(x - 0.5, line.top(), 1, line.height()) for x in places[first].tolist()]
            self._ticked = known
        return self._marks

    @property
    def _middle(self) -> float:
        """How far below the upper edge the line runs: above it stands a name."""
        return 0.62 * self.height()

    def _paint_solved(self, painter: QPainter) -> None:
        """Name the step at which the task was solved."""
        theme, small = self._appearance.theme, self._appearance.text(NOTE)
        for step, words in self._run.history.events:
            if words == SOLVED:
                letters, x, said = font(small, bold=True), self.place_of(step), f"{SOLVED} {step:,}"
                width, track = QFontMetricsF(letters).horizontalAdvance(said), self.track()
                left = min(max(x - width / 2, track.left()), track.right() - width)
                painter.setPen(QPen(QColor(theme.ink), 2))
                painter.drawLine(QPointF(x, self._middle - 0.5 * small), QPointF(x, self._middle + 0.5 * small))
                painter.setFont(letters)
                box = QRectF(left, 0, width, self._middle - 0.5 * small)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, said)
                painter.setPen(Qt.PenStyle.NoPen)
                return  # the first time

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())
        else:
            self.hovered.emit(self._words_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit("")

    def _step_at(self, x: float) -> float:
        track = self.track()
        return min(max((x - track.left()) / track.width(), 0.0), 1.0) * self.end

    def _seek(self, x: float) -> None:
        if x >= self.place_of(self._run.history.count):
            self._travel.go_live()
        else:
            self._travel.go_to(round(self._step_at(x)))

    def _words_at(self, x: float) -> str:
        """Return the step under the cursor, the nearest recorded one, and what was changed near it."""
        moments, step = self._run.moments, self._step_at(x)
        words = [f"Step {step:,.0f}"]
        if moments:
            after = bisect_left(moments, step)
            near = min(moments[max(0, after - 1) : after + 1], key=lambda moment: abs(moment - step))
            words[0] += f"; the nearest snapshot is at step {near:,}"
        reach = 6 * self.end / self.track().width()
        changes = [f"step {at:,}: {what}" for at, what in self._run.history.events if abs(at - step) <= reach]
        return "; ".join([*words, *changes[-2:]]) if moments or changes else ""
