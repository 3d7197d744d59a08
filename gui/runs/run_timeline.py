"""The timeline of the run: dragging it shows the run at any recorded training step."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.appearance.style import fit_text
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.runs.travel import RunTravel
from gui.widgets.buttons import Button


class RunTimeline(QWidget):
    """Where in the training one looks, in words and on a bar, and the way back to the newest step."""

    def __init__(self, travel: RunTravel, appearance: Appearance) -> None:
        super().__init__()
        self._travel = travel
        self._appearance = appearance
        self.where = QLabel()
        self.bar = _Bar(travel, appearance)
        self.live = Button("Live")
        self.live.setToolTip("Show the newest step again")
        self.live.clicked.connect(travel.go_live)
        self._row = QHBoxLayout(self)
        for widget, stretch in ((self.where, 0), (self.bar, 1), (self.live, 0)):
            self._row.addWidget(widget, stretch)
        travel.moved.connect(self._update)
        travel.run.updated.connect(self._update)
        appearance.changed.connect(self._on_appearance)
        self._on_appearance()
        self._update()

    def _on_appearance(self) -> None:
        fit_text(self, self._appearance)
        size = self._appearance.text(TEXT)
        self.where.setFixedWidth(round(13.5 * size))
        self.bar.setFixedHeight(2 * size)
        self._row.setContentsMargins(size, size // 4, size, size // 4)
        self._row.setSpacing(size)

    def _update(self) -> None:
        travel = self._travel
        count, badge = travel.run.history.count, travel.run.badge
        if travel.live:
            words = badge or ("live" if count else "")
            self.where.setText(f"step {count:,} · {words}" if words else "")
        else:
            self.where.setText(f"at step {travel.step:,} of {count:,}")
        self.live.setEnabled(not travel.live)
        self.live.setText("Live" if not badge else "Newest")
        self.bar.update()


class _Bar(QWidget):
    """Every step of the run from left to right; a tick for each recorded moment, a mark for each change."""

    hovered = Signal(str)
    """What is under the cursor, or nothing."""

    def __init__(self, travel: RunTravel, appearance: Appearance) -> None:
        super().__init__()
        self._travel = travel
        self._appearance = appearance
        self._run = travel.run
        self.setMouseTracking(True)
        self.setToolTip(
            "Drag to see heatmaps, gradients, weights and text at any recorded step; training continues meanwhile. "
            "Space replays the run, PgDn and PgUp go from snapshot to snapshot"
        )

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def track(self) -> QRectF:
        """Return where the steps lie."""
        margin = self._appearance.text(TEXT) / 2
        return QRectF(margin, 0, max(1.0, self.width() - 2 * margin), self.height())

    def _x(self, step: float) -> float:
        track = self.track()
        return track.left() + track.width() * min(1.0, step / max(1, self._run.history.count))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, letter = self._appearance.theme, self._appearance.text(TEXT)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track, middle = self.track(), self.height() / 2
        thick = letter / 3
        at = self._x(self._run.history.count if self._travel.step is None else self._travel.step)
        for left, right, colour in ((track.left(), at, theme.hidden), (at, track.right(), theme.edge)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(left, middle - thick / 2, right - left, thick), thick / 2, thick / 2)
        painter.setBrush(QColor(theme.muted))
        drawn = -10.0
        for moment in self._run.moments:
            x = self._x(moment)
            if x - drawn >= 4:  # as many as can be told apart
                drawn = x
                painter.drawRect(QRectF(x - 0.5, middle + thick, 1, letter / 4))
        for step, _ in self._run.history.events:
            x, top = self._x(step), middle - thick - letter / 2
            painter.drawPolygon(QPolygonF([QPointF(x - 4, top), QPointF(x + 4, top), QPointF(x, top + letter / 3)]))
        painter.setBrush(QColor(theme.now if self._travel.step is not None else theme.hidden))
        painter.drawEllipse(QPointF(at, middle), letter / 2, letter / 2)
        painter.end()

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
        return min(max((x - track.left()) / track.width(), 0.0), 1.0) * self._run.history.count

    def _seek(self, x: float) -> None:
        if x >= self.track().right():
            self._travel.go_live()
        else:
            self._travel.go_to(round(self._step_at(x)))

    def _words_at(self, x: float) -> str:
        """Return the step under the cursor, the nearest recorded one, and what was changed near it."""
        moments, step = self._run.moments, self._step_at(x)
        if not moments:
            return ""
        after = bisect_left(moments, step)
        near = min(moments[max(0, after - 1) : after + 1], key=lambda moment: abs(moment - step))
        words = f"Step {step:,.0f}; the nearest snapshot is at step {near:,}"
        reach = 6 * self._run.history.count / self.track().width()
        changes = [f"step {at:,}: {what}" for at, what in self._run.history.events if abs(at - step) <= reach]
        return "; ".join([words, *changes[-2:]])
