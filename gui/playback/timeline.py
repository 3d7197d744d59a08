"""The timeline: a dot for each operation of the time step, and a bar of all time steps; both can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, font
from gui.playback.walk import Walk


class Timeline(QWidget):
    """Shows the position of a walk; the mouse takes it anywhere."""

    def __init__(self, walk: Walk, appearance: Appearance) -> None:
        super().__init__()
        self._walk = walk
        self._appearance = appearance
        self._dragging_steps = False
        self.setFixedHeight(appearance.px(62))
        self.setMouseTracking(True)
        self.setToolTip("Drag along the dots to any operation, along the bar below to any time step")
        walk.moved.connect(self.update)
        appearance.changed.connect(self.update)

    def follow(self, walk: Walk) -> None:
        """Show and move another walk."""
        if walk is not self._walk:
            self._walk.moved.disconnect(self.update)
            self._walk = walk
            walk.moved.connect(self.update)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, self.height())

    def _track(self) -> QRectF:
        px = self._appearance.px
        return QRectF(px(104), 0, self.width() - px(132), self.height())

    def _dots_y(self) -> float:
        return self.height() * (0.38 if self._walk.steps > 1 else 0.5)

    def _bar(self) -> QRectF:
        px = self._appearance.px
        track = self._track()
        return QRectF(track.left(), self.height() - px(22), track.width(), px(10))

    def _dot_x(self, index: int) -> float:
        track = self._track()
        share = index / max(1, len(self._walk.leg.stops) - 1)
        return track.left() + track.width() * (1 - share if self._walk.leg.backwards else share)

    def paintEvent(self, event: QPaintEvent) -> None:
        walk = self._walk
        if not walk.steps:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, px = self._appearance.theme, self._appearance.px
        y, track = self._dots_y(), self._track()
        painter.setFont(font(self._appearance.text(TEXT)))
        painter.setPen(QColor(theme.muted))
        words = QRectF(px(16), 0, track.left() - px(16), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, f"t = {walk.t + 1} / {walk.steps}")
        painter.setPen(QPen(QColor(theme.edge), px(4)))
        painter.drawLine(QPointF(track.left(), y), QPointF(track.right(), y))
        painter.setPen(Qt.PenStyle.NoPen)
        reached = -1 if walk.stop is None else walk.stop
        for index, stop in enumerate(walk.leg.stops):
            colour = theme.role(stop.role)
            if index > reached:
                colour.setAlphaF(0.35)
            x = self._dot_x(index)
            if index == reached:
                painter.setBrush(QColor(theme.now))
                painter.drawEllipse(QPointF(x, y), px(12), px(12))
            painter.setBrush(QColor(theme.panel))
            radius = px(9) if index == reached else px(5)
            painter.drawEllipse(QPointF(x, y), radius, radius)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(x, y), radius, radius)
        if self._walk.steps > 1:
            self._paint_steps(painter, walk.t)

    def _paint_steps(self, painter: QPainter, t: int) -> None:
        theme, bar, steps = self._appearance.theme, self._bar(), self._walk.steps
        width = bar.width() / steps
        if width > 6:  # each can be told from the next
            parts = [(step, step + 1 - 2 / width) for step in range(steps)]
        else:
            parts = [(0, t), (t + 1, steps), (t, max(t + 1, t + 4 / width))]
        for first, last in parts:
            passed = first > t if self._walk.leg.backwards else first < t
            painter.setBrush(QColor(theme.now if first == t else theme.hidden if passed else theme.edge))
            left, right = bar.left() + width * first, min(bar.left() + width * last, bar.right())
            painter.drawRoundedRect(QRectF(left, bar.top(), right - left, bar.height()), 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragging_steps = self._walk.steps > 1 and event.position().y() >= self._bar().top() - 4
        self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def _seek(self, x: float) -> None:
        track = self._track()
        share = min(max((x - track.left()) / track.width(), 0.0), 1.0)
        if self._dragging_steps:
            self._walk.seek_step(min(int(share * self._walk.steps), self._walk.steps - 1))
        elif self._walk.leg.stops:
            share = 1 - share if self._walk.leg.backwards else share
            self._walk.seek_stop(round(share * (len(self._walk.leg.stops) - 1)))

    def event(self, event: object) -> bool:
        stops = self._walk.leg.stops
        if isinstance(event, QHelpEvent) and stops:
            position = event.pos()
            near = min(range(len(stops)), key=lambda i: abs(self._dot_x(i) - position.x()))
            if abs(self._dot_x(near) - position.x()) < 14 and position.y() < self._bar().top():
                QToolTip.showText(event.globalPos(), stops[near].text, self)
                return True
        return super().event(event)  # type: ignore[arg-type]  # QEvent, as Qt calls it
