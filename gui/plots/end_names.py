"""The names of curves, each beside the end of its line, as near to it as the others allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QStaticText
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font, pale
from gui.plots.compare_style import drawn_name

_LEADER_ALPHA = 110
_MOST_WIDTH = 12.0
"""Of a name, in letters."""
_GAP = 0.8
"""Between the end of a line and its name, in letters."""


@dataclass(frozen=True)
class EndName:
    """A curve's name: its words ("W_f", "1.9·10⁻⁴"), its colour, and where its line ends, in the units of the plot."""

    words: str
    colour: QColor
    step: float
    value: float


class EndNames(pg.GraphicsObject):
    """Names at the right of a plot, which keeps so much room free for them."""

    def __init__(self, plot: pg.PlotItem, appearance: Appearance) -> None:
        super().__init__()
        self.setParentItem(plot)
        self.setZValue(30)
        self._plot, self._appearance = plot, appearance
        self._drawn: dict[str, QStaticText] = {}
        self._room = 0.0
        self.names: tuple[EndName, ...] = ()
        """What is shown."""
        plot.getViewBox().sigResized.connect(self._on_moved)
        plot.getViewBox().sigRangeChanged.connect(self._on_moved)

    @property
    def _letters(self) -> int:
        return self._appearance.text(NOTE)

    def room(self, words: Sequence[str]) -> float:
        """Return how much room at the right such names need, in pixels."""
        widths = [self._text(each).size().width() for each in words]
        return max(widths, default=0.0) + (_GAP + 0.3) * self._letters

    def restyle(self) -> None:
        """Use the present size of text."""
        self._drawn = {}
        self._on_moved()

    def show_names(self, names: Sequence[EndName]) -> None:
        """Show only these; where there is no room for all, the first of them."""
        if tuple(names) != self.names:
            self.names = tuple(names)
            self._on_moved()

    def _on_moved(self, *_range: object) -> None:
        self.prepareGeometryChange()
        self.update()

    def _text(self, words: str) -> QStaticText:
        if words not in self._drawn:
            if len(self._drawn) > 64:  # values come and go
                self._drawn = {}
            self._drawn[words] = drawn_name(words, self._letters, _MOST_WIDTH * self._letters, 1)
        return self._drawn[words]

    def boundingRect(self) -> QRectF:
        box = self._plot.getViewBox().geometry()
        return QRectF(box.left(), 0, self._plot.size().width() - box.left(), self._plot.size().height())

    def places(self) -> list[QRectF]:
        """Return where each name stands, in the order in which they are shown; as many as there is room for."""
        box = self._plot.getViewBox().geometry()
        sizes, bottom = [self._text(name.words).size() for name in self.names], box.bottom() + 0.3 * self._letters
        sizes = sizes[: sum(height <= bottom for height in accumulate(size.height() for size in sizes))]
        ends = [self._end(name) for name in self.names[: len(sizes)]]
        order = sorted(range(len(ends)), key=lambda place: ends[place].y())
        heights = [sizes[place].height() for place in order]
        tops = apart([ends[place].y() for place in order], heights, 0.0, bottom)
        left = box.right() + _GAP * self._letters
        found = {place: QRectF(QPointF(left, top), sizes[place]) for place, top in zip(order, tops, strict=True)}
        return [found[place] for place in range(len(ends))]

    def _end(self, name: EndName) -> QPointF:
        """Return the end of a line in pixels of the plot, or where it leaves what is shown."""
        view: pg.ViewBox = self._plot.getViewBox()
        box = view.geometry()
        at: QPointF = view.mapToItem(self._plot, view.mapFromView(QPointF(name.step, name.value)))
        return QPointF(min(at.x(), box.right()), min(max(at.y(), box.top()), box.bottom()))

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setFont(font(self._letters, bold=True))
        for name, place in zip(self.names, self.places(), strict=False):
            painter.setPen(QPen(pale(name.colour, _LEADER_ALPHA), 1))
            painter.drawLine(self._end(name), QPointF(place.left() - 3, place.center().y()))
            painter.setPen(name.colour)
            painter.drawStaticText(place.topLeft(), self._text(name.words))


def apart(wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return the upper edges of labels that do not overlap, with middles near `wanted` (from top to bottom)."""
    edges: list[float] = []
    below = top
    for middle, height in zip(wanted, heights, strict=True):
        edges.append(max(below, middle - height / 2))
        below = edges[-1] + height
    room = bottom
    for place in range(len(edges) - 1, -1, -1):
        edges[place] = min(edges[place], room - heights[place])
        room = edges[place]
    return edges
