"""The timeline: a dot for each operation of the time step under the names of its phases, and a bar of all time steps.

Dots and bar can be dragged; a click on a phase goes to its first operation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from gui.appearance.rich_text import with_low_t
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font
from gui.playback.walk import Walk

_INDEX = re.compile(r"_(\{[^}]*\}|\w+)")
_INDEX_SIZE, _INDEX_LOWER = 0.75, 0.2
"""Size of an index, and how much lower it stands, in sizes of the text."""


@dataclass(frozen=True)
class PhaseMark:
    """The name of a phase above its dots: the first and the last of its stops."""

    name: str
    first: int
    last: int
    box: QRectF


class Timeline(QWidget):
    """Shows the position of a walk; the mouse takes it anywhere."""

    def __init__(self, walk: Walk, appearance: Appearance) -> None:
        super().__init__()
        self._walk = walk
        self._appearance = appearance
        self._dragging_steps = self._grabbed = False
        self._measured: tuple[tuple[Any, ...], QRectF] | None = None
        self.setFixedHeight(appearance.px(56))
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

    @property
    def where(self) -> str:
        """The time step in words: "t = 2 of 4"."""
        return f"t = {self._walk.t + 1:,} of {self._walk.steps:,}"

    @property
    def operation(self) -> str:
        """The operation in words: "operation 13 of 18: C_t"; "" where the walk has no operations."""
        stops, at = self._walk.leg.stops, self._walk.stop
        if not stops or not stops[0].symbol:
            return ""
        if at is None:
            return f"{len(stops)} operations"
        return f"operation {at + 1} of {len(stops)}: {with_low_t(stops[at].symbol)}"

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(font(self._appearance.text(TEXT)))

    def _track(self) -> QRectF:
        """Return where the dots lie; measured once for as long as nothing changes that it depends on."""
        known = self._walk.leg.stops, self._walk.steps, self.width(), self.height(), self._appearance.text(TEXT)
        if self._measured is None or known[0] is not self._measured[0][0] or known[1:] != self._measured[0][1:]:
            self._measured = known, self._measured_track()
        return self._measured[1]

    def _measured_track(self) -> QRectF:
        px, steps, metrics = self._appearance.px, self._walk.steps, self._metrics()
        left = px(36) + metrics.horizontalAdvance(f"t = {steps:,} of {steps:,}")
        right = px(24) + self._words_width()
        return QRectF(left, 0, max(1.0, self.width() - left - right), self.height())

    def _words_width(self) -> float:
        """Return the room of the longest words at the right, which must not make the dots jump; 0 where too narrow."""
        stops = self._walk.leg.stops
        if not stops or not stops[0].symbol:
            return 0.0
        longest = max((with_low_t(stop.symbol) for stop in stops), key=len)
        wide = self._metrics().horizontalAdvance(f"operation {len(stops)} of {len(stops)}: {longest}")
        return wide + self._appearance.px(20) if wide < self.width() / 3 else 0.0

    def _dots_y(self) -> float:
        if not self.phases:
            return self.height() * (0.38 if self._walk.steps > 1 else 0.5)
        return self.height() * (0.55 if self._walk.steps > 1 else 0.66)

    def _bar(self) -> QRectF:
        px = self._appearance.px
        track = self._track()
        return QRectF(track.left(), self.height() - px(14), track.width(), px(8))

    @property
    def phases(self) -> list[PhaseMark]:
        """The phases of the present leg, each as wide as its dots."""
        stops, dots = self._walk.leg.stops, self.dots
        half = abs(dots[-1] - dots[0]) / max(1, len(dots) - 1) / 2 if dots else 0.0
        marks = []
        for name, group in groupby(range(len(stops)), key=lambda index: stops[index].phase):
            places = list(group)
            if name:
                ends = [dots[index] for index in (places[0], places[-1])]
                box = QRectF(min(ends) - half, 0, max(ends) - min(ends) + 2 * half, self._appearance.px(20))
                marks.append(PhaseMark(name, places[0], places[-1], box))
        return marks

    @property
    def dots(self) -> list[float]:
        """Where the dot of each stop is, in pixels from the left."""
        track, leg = self._track(), self._walk.leg
        shares = [index / max(1, len(leg.stops) - 1) for index in range(len(leg.stops))]
        return [track.left() + track.width() * (1 - share if leg.backwards else share) for share in shares]

    def paintEvent(self, event: QPaintEvent) -> None:
        walk = self._walk
        if not walk.steps:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, px = self._appearance.theme, self._appearance.px
        y, track = self._dots_y(), self._track()
        painter.setFont(font(self._appearance.text(TEXT), bold=True))
        painter.setPen(QColor(theme.ink))
        words = QRectF(px(16), 0, track.left() - px(16), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.where)
        painter.setFont(font(self._appearance.text(TEXT)))
        painter.setPen(QColor(theme.muted))
        if self._words_width():
            rest = QRectF(track.right() + px(24), 0, self.width() - track.right() - px(24), self.height())
            self._write_operation(painter, rest)
        self._paint_phases(painter)
        painter.setPen(QPen(QColor(theme.field), px(2)))
        painter.drawLine(QPointF(track.left(), y), QPointF(track.right(), y))
        painter.setPen(Qt.PenStyle.NoPen)
        reached = -1 if walk.stop is None else walk.stop
        for index, (x, stop) in enumerate(zip(self.dots, walk.leg.stops, strict=True)):
            colour = theme.role(stop.role)
            to_come = index > reached
            if index == reached:
                painter.setBrush(QColor(theme.now))
                painter.drawEllipse(QPointF(x, y), px(12), px(12))
            radius = px(9) if index == reached else px(5)
            painter.setPen(QPen(colour, px(2)))
            painter.setBrush(QColor(theme.panel) if to_come else colour)
            painter.drawEllipse(QPointF(x, y), radius, radius)
            painter.setPen(Qt.PenStyle.NoPen)
        if self._walk.steps > 1:
            self._paint_steps(painter, walk.t)

    def _write_operation(self, painter: QPainter, room: QRectF) -> None:
        """Write which operation it is; the indices in its symbol stand low, as in z_f."""
        stops, at, size = self._walk.leg.stops, self._walk.stop, self._appearance.text(TEXT)
        words = self.operation if at is None else f"operation {at + 1} of {len(stops)}: {stops[at].symbol}"
        metrics, x = self._metrics(), room.left()
        baseline = room.center().y() + (metrics.ascent() - metrics.descent()) / 2
        for number, part in enumerate(_INDEX.split(words)):
            index = number % 2 == 1
            painter.setFont(font(_INDEX_SIZE * size if index else size))
            part = part.strip("{}").replace("-", "−") if index else part
            painter.drawText(QPointF(x, baseline + _INDEX_LOWER * size * index), part)
            x += QFontMetricsF(painter.font()).horizontalAdvance(part)

    def _paint_phases(self, painter: QPainter) -> None:
        """Write the names of the phases, that of the present one with the line of "now"."""
        theme, px, at = self._appearance.theme, self._appearance.px, self._walk.stop
        for mark in self.phases:
            lit = at is not None and mark.first <= at <= mark.last
            painter.setFont(font(self._appearance.text(NOTE), bold=lit))
            wide = QFontMetricsF(painter.font()).horizontalAdvance(mark.name)
            if wide > mark.box.width():
                continue  # two names would run into each other
            painter.setPen(QColor(theme.ink if lit else theme.muted))
            painter.drawText(mark.box, Qt.AlignmentFlag.AlignCenter, mark.name)
            if lit:
                line = QRectF(mark.box.center().x() - wide / 2, mark.box.bottom() - px(2), wide, px(3))
                painter.fillRect(line, QColor(theme.now))

    def _paint_steps(self, painter: QPainter, t: int) -> None:
        theme, bar, steps = self._appearance.theme, self._bar(), self._walk.steps
        width = bar.width() / steps
        if width > 6:  # each can be told from the next
            parts = [(step, step + 1 - 2 / width) for step in range(steps)]
        else:
            parts = [(0, t), (t + 1, steps), (t, max(t + 1, t + 4 / width))]
        for first, last in parts:
            passed = first > t if self._walk.leg.backwards else first < t
            painter.setBrush(QColor(theme.now if first == t else theme.ink if passed else theme.field))
            left, right = bar.left() + width * first, min(bar.left() + width * last, bar.right())
            painter.drawRoundedRect(QRectF(left, bar.top(), right - left, bar.height()), 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        phase = self._phase_at(event.position())
        self._grabbed = phase is None
        if phase is not None:
            self._walk.seek_stop(phase.first)
            return
        self._dragging_steps = self._walk.steps > 1 and event.position().y() >= self._bar().top() - 4
        self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._phase_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        if event.buttons() & Qt.MouseButton.LeftButton and self._grabbed:
            self._seek(event.position().x())

    def _phase_at(self, point: QPointF) -> PhaseMark | None:
        return next((mark for mark in self.phases if mark.box.contains(point)), None)

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
            phase = self._phase_at(QPointF(position))
            if phase is not None:
                QToolTip.showText(event.globalPos(), f"{phase.name}: click to go to its first operation", self)
                return True
            away = [abs(x - position.x()) for x in self.dots]
            near = away.index(min(away))
            if away[near] < 14 and position.y() < self._bar().top():
                QToolTip.showText(event.globalPos(), stops[near].text, self)
                return True
        return super().event(event)  # type: ignore[arg-type]  # QEvent, as Qt calls it
