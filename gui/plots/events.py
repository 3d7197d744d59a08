"""Marks of events in a plot over training steps, and their words: as many as have room, all by hovering."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font, pale
from gui.plots.compare_style import rich_name

Event = tuple[int, str]
"""A step and the words for what happened then."""
_REACH = 6
"""A cursor within so many pixels of a mark shows its words."""
_ALPHA = 170
_MOMENT_WIDTH = 3
_WORDS_AT_ONCE = 3
_LANES_SHARE = 0.3
"""Most of the height that words may take, but always a lane."""
_WORDS_ALPHA = 215
_CHANGE = re.compile(r"(?P<what>.+) (?P<before>\S+) → (?P<after>\S+)")
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


def in_one(events: Sequence[Event]) -> str:
    """Return the words for what happened at about the same time: "learning rate 0.01 → 0.5", "clamped: f=1 (+2)"."""
    changes = [_CHANGE.fullmatch(words) for _, words in events]
    first, last = changes[0], changes[-1]
    if first and last and all(change and change["what"] == first["what"] for change in changes):
        return f"{first['what']} {first['before']} → {last['after']}"
    return events[-1][1] + (f" (+{len(events) - 1})" if len(events) > 1 else "")


class _Named(pg.GraphicsObject):
    """The words of marks at the top of a plot, beside their lines, in lanes; what has no room is left out."""

    def __init__(self, plot: pg.PlotItem, appearance: Appearance) -> None:
        super().__init__()
        self.setParentItem(plot)
        self.setZValue(25)
        self._plot, self._appearance = plot, appearance
        self.events: tuple[Event, ...] = ()
        self.taken: Callable[[], Sequence[QRectF]] = tuple
        """Returns where other words stand, in pixels of the plot."""
        view = plot.getViewBox()
        view.sigRangeChanged.connect(self._on_moved)
        view.sigResized.connect(self._on_moved)

    def set_events(self, events: Sequence[Event]) -> None:
        self.events = tuple(sorted(events, key=lambda event: event[0]))
        self._on_moved()

    def _on_moved(self, *_range: object) -> None:
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(self._plot.getViewBox().geometry())

    def _together(self) -> list[tuple[float, str]]:
        """Return place and words of events that are in sight, those that are too near to be told apart as one."""
        view = self._plot.getViewBox()
        box, groups = view.geometry(), list[tuple[float, list[Event]]]()
        for event in self.events:
            x = view.mapToItem(self._plot, view.mapFromView(QPointF(event[0], 0))).x()
            if not box.left() - 1 <= x <= box.right() + 1:
                continue
            if groups and x - groups[-1][0] <= _REACH:
                groups[-1][1].append(event)
            else:
                groups.append((x, [event]))
        return [(x, in_one(together)) for x, together in groups]

    def places(self) -> list[tuple[QRectF, str]]:
        """Return where words stand that have room, the newest first: none overlaps another."""
        letters = self._appearance.text(NOTE)
        measured, box, high = QFontMetricsF(font(letters)), self._plot.getViewBox().geometry(), 1.35 * letters
        lanes = max(1, int(_LANES_SHARE * box.height() / high))
        found: list[tuple[QRectF, str]] = []
        taken = [*self.taken()]
        for x, words in reversed(self._together()):
            width = measured.horizontalAdvance(words) + 0.6 * letters
            for lane in range(lanes):
                left = x + 2 if x + 2 + width <= box.right() else x - 2 - width
                place = QRectF(left, box.top() + lane * high, width, high)
                if left >= box.left() and not any(place.intersects(other) for other in taken):
                    found.append((place, words))
                    taken.append(place)
                    break
        return found

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if not self.events:
            return
        theme = self._appearance.theme
        painter.setFont(font(self._appearance.text(NOTE)))
        for place, words in self.places():
            painter.fillRect(place, pale(theme.panel, _WORDS_ALPHA))
            painter.setPen(QColor(theme.ink))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)


class EventMarks:
    """The marks of a plot's events, and the words of what is under the cursor.

    named: whether the marks have their words beside them, where there is room. told: returns words for a step, such as
    its values, which stand above those of the events near it.
    """

    def __init__(
        self,
        widget: pg.PlotWidget,
        appearance: Appearance,
        named: bool = False,
        told: Callable[[float], str] = lambda _step: "",
    ) -> None:
        self._appearance, self._told = appearance, told
        self._plot = widget.getPlotItem()
        self.named = _Named(self._plot, appearance) if named else None
        """The words beside the marks."""
        self.marked: tuple[Event, ...] = ()
        """The events that are marked."""
        self.moment: int | None = None
        """The step that is marked as the one that is shown."""
        self._marks, self._moment, self._cursor = _Marks(), _Marks(), _Marks()
        self._words = pg.TextItem(anchor=(0, 0))
        self._words.hide()
        for item, height in ((self._marks, 5), (self._moment, 6), (self._cursor, 7), (self._words, 28)):
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
        if self.named is not None:
            self.named.set_events(self.marked)

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
        self._cursor.pen = QPen(QColor(theme.ink), 1)
        self._cursor.pen.setCosmetic(True)
        self._words.setColor(QColor(theme.ink))
        self._words.fill = pg.mkBrush(theme.panel)
        self._words.border = pg.mkPen(theme.edge)
        self._words.setFont(font(self._appearance.text(NOTE)))
        if self.named is not None:
            self.named.update()

    def leave(self) -> None:
        """Say nothing more: the cursor has left."""
        self._words.hide()
        self._cursor.set_steps(())

    def _on_moved(self, point: QPointF) -> None:
        box = self._plot.getViewBox()
        if not box.sceneBoundingRect().contains(point):
            self.leave()
            return
        at: QPointF = box.mapSceneToView(point)
        told = self._told(at.x())
        words = "\n".join(filter(None, (told, self.words_near(at.x()))))
        if words:
            (left, right), (low, high) = box.viewRange()
            top = low if box.yInverted() else high
            self._words.setHtml("<br>".join(rich_name(line) for line in words.splitlines()))
            pixel = box.viewPixelSize()[0]
            width, beside = self._words.boundingRect().width() * pixel, _REACH * pixel
            # Beside the cursor, so that what it points at stays in sight.
            fits = at.x() + beside + width <= right
            self._words.setPos(at.x() + beside if fits else max(left, at.x() - beside - width), top)
        self._cursor.set_steps((round(at.x()),) if told else ())
        self._words.setVisible(bool(words))
