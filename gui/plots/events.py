"""Marks of events in a plot over training steps; hovering over a mark shows its words."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font, pale

Event = tuple[int, str]
"""A step and the words for what happened then."""
_REACH = 6
"""A cursor within so many pixels of a mark shows its words."""
_ALPHA = 170
_MOMENT_WIDTH = 3
_WORDS_AT_ONCE = 3
_BEYOND = 1e4  # further up and down than any axis reaches: marks have no height


class _Marks(pg.GraphicsObject):
    """All marks as one item."""

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
    """The marks of a plot's events, and the words of the one under the cursor."""

    def __init__(self, widget: pg.PlotWidget, appearance: Appearance) -> None:
        self._appearance = appearance
        self._plot = widget.getPlotItem()
        self.marked: tuple[Event, ...] = ()
        """The events that are marked."""
        self.moment: int | None = None
        """The step that is marked as the one that is shown."""
        self._marks, self._moment, self._words = _Marks(), _Marks(), pg.TextItem(anchor=(0, 0))
        self._words.hide()
        for item, height in ((self._marks, 5), (self._moment, 6), (self._words, 20)):
            item.setZValue(height)
            self._plot.addItem(item, ignoreBounds=True)
        widget.scene().sigMouseMoved.connect(self._on_moved)
        self.restyle()

    def show(self, events: Sequence[Event], moment: int | None = None) -> None:
        """Mark only these events, and the step that is shown; None if that is the newest."""
        if moment != self.moment:
            self.moment = moment
            self._moment.set_steps(() if moment is None else (moment,))
        if len(events) == len(self.marked) and tuple(events) == self.marked:
            return
        self.marked = tuple(events)
        self._words.hide()
        self._marks.set_steps(tuple(sorted({step for step, _ in events})))

    def words_near(self, step: float) -> str:
        """Return what happened near a step, "step 1,200: clipping off", or ""."""
        width = self._plot.getViewBox().viewPixelSize()[0]
        near = [event for event in self.marked if abs(event[0] - step) <= _REACH * width]
        lines = [f"step {at:,}: {words}" for at, words in near[-_WORDS_AT_ONCE:]]
        return "\n".join(["…", *lines] if len(near) > len(lines) else lines)

    def restyle(self) -> None:
        """Use the theme's colours and the present size of text."""
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
        inside = bool(self.marked) and box.sceneBoundingRect().contains(point)
        at = box.mapSceneToView(point) if inside else QPointF()
        words = self.words_near(at.x()) if inside else ""
        if words:
            (left, right), (_, top) = box.viewRange()
            self._words.setText(words)
            width = self._words.boundingRect().width() * box.viewPixelSize()[0]
            self._words.setPos(max(left, min(at.x(), right - width)), top)
        self._words.setVisible(bool(words))
