"""What was done to a run, as thin upright marks in a plot over its steps; resting near one tells its words."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font, pale

Event = tuple[int, str]
"""A step and the words for what was done then."""
_REACH = 6
"""Pixels from a mark within which the cursor rests on it."""
_ALPHA = 170
_MOMENT_WIDTH = 3
_WORDS_AT_ONCE = 3
_BEYOND = 1e4  # further up and down than any axis: marks have no height of their own


class _Marks(pg.GraphicsObject):
    """One item for all marks, however many there are."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: tuple[int, ...] = ()
        self.pen = QPen()

    def set_steps(self, steps: tuple[int, ...]) -> None:
        self.prepareGeometryChange()
        self.steps = steps
        self.update()

    def boundingRect(self) -> QRectF:
        if not self.steps:
            return QRectF()
        first, last = min(self.steps), max(self.steps)
        return QRectF(first - 1, -_BEYOND, last - first + 2, 2 * _BEYOND)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        view: QRectF = self.viewRect()
        painter.setPen(self.pen)
        painter.drawLines([QLineF(step, view.top(), step, view.bottom()) for step in self.steps])


class EventMarks:
    """The marks of a plot's events, and their words beside the one that the cursor rests on."""

    def __init__(self, widget: pg.PlotWidget, appearance: Appearance) -> None:
        self._appearance = appearance
        self._plot = widget.getPlotItem()
        self._events: tuple[Event, ...] = ()
        self._marks, self._moment, self._words = _Marks(), _Marks(), pg.TextItem(anchor=(0, 0))
        self._words.hide()
        for item, height in ((self._marks, 5), (self._moment, 6), (self._words, 20)):
            item.setZValue(height)
            self._plot.addItem(item, ignoreBounds=True)
        widget.scene().sigMouseMoved.connect(self._on_moved)
        self.restyle()

    def show(self, events: Sequence[Event], moment: int | None = None) -> None:
        """Mark these events and no others, and the step that is looked at; None where it is the newest."""
        if self._moment.steps != (() if moment is None else (moment,)):
            self._moment.set_steps(() if moment is None else (moment,))
        if len(events) == len(self._events) and tuple(events) == self._events:
            return
        self._events = tuple(events)
        self._words.hide()
        self._marks.set_steps(tuple(sorted({step for step, _ in events})))

    @property
    def marked(self) -> tuple[Event, ...]:
        """The events that are marked."""
        return self._events

    @property
    def moment(self) -> int | None:
        """The step that is marked as the one that is looked at."""
        return self._moment.steps[0] if self._moment.steps else None

    def words_near(self, step: float) -> str:
        """Return what was done near a place across, "step 1,200: clipping off", or nothing."""
        width = self._plot.getViewBox().viewPixelSize()[0]
        near = [event for event in self._events if abs(event[0] - step) <= _REACH * width]
        lines = [f"step {at:,}: {words}" for at, words in near[-_WORDS_AT_ONCE:]]
        return "\n".join(["…", *lines] if len(near) > len(lines) else lines)

    def restyle(self) -> None:
        """Take the colours and the size of text in force."""
        theme = self._appearance.theme
        self._marks.pen = QPen(pale(theme.muted, _ALPHA), 1)
        self._marks.pen.setCosmetic(True)
        self._marks.update()
        self._moment.pen = QPen(QColor(theme.now), _MOMENT_WIDTH)
        self._moment.pen.setCosmetic(True)
        self._moment.update()
        self._words.setColor(QColor(theme.ink))
        self._words.fill = pg.mkBrush(theme.panel)
        self._words.border = pg.mkPen(theme.edge)
        self._words.setFont(font(self._appearance.text(NOTE)))

    def _on_moved(self, point: QPointF) -> None:
        box = self._plot.getViewBox()
        inside = bool(self._events) and box.sceneBoundingRect().contains(point)
        at = box.mapSceneToView(point) if inside else QPointF()
        words = self.words_near(at.x()) if inside else ""
        if words:
            (left, right), (_, top) = box.viewRange()
            self._words.setText(words)
            width = self._words.boundingRect().width() * box.viewPixelSize()[0]
            self._words.setPos(max(left, min(at.x(), right - width)), top)
        self._words.setVisible(bool(words))
