"""Every text that a window draws, with the place of its letters and the room in which they can be seen.

Widgets are drawn one by one on a device that draws nothing and notes each text: labels, tabs, tables, axes, items of
a scene and whatever a view paints alike. Formulas are drawn as outlines, so the typesetter says where they stand; text
in a picture that a widget keeps is noted while that is painted, and stands where the picture is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPaintDevice,
    QPaintEngine,
    QPaintEngineState,
    QPainter,
    QPainterPath,
    QPixmap,
    QRegion,
    QTextItem,
    QTransform,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTreeWidget,
    QWidget,
)

from gui.appearance.typeset import Typesetter
from gui.views.library.table import RunsTable
from gui.widgets.labels import NameLabel

_FAR = 1e6
_TOUCH = 1.5
"""Pixels by which letters may touch an edge or each other: smoothing and rounding take so much."""
_EVERY = Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive
_KEPT = 64
"""Pictures that are remembered with the texts in them."""


@dataclass(frozen=True)
class Drawn:
    """A text on the screen.

    box: of its letters. seen: what of the window its widget can draw into now. room: the same, and what can be scrolled
    to. All in pixels of the window. by: what drew it, and where: that in words.
    """

    words: str
    box: QRectF
    seen: QRectF
    room: QRectF
    where: str
    by: QWidget = field(compare=False)

    @property
    def is_name(self) -> bool:
        """Whether it is what somebody typed, which may be cut short."""
        return isinstance(self.by, NameLabel) or isinstance(self.by.parentWidget(), RunsTable)

    @property
    def visible(self) -> QRectF:
        """What is seen of it."""
        return self.box & self.seen

    def __str__(self) -> str:
        x, y, width, height = (round(part) for part in self.box.getRect())  # type: ignore[misc]  # four numbers
        return f"“{self.words}” at {x}, {y}, {width} by {height} in {self.where}"


@dataclass(frozen=True)
class _Text:
    """A text on a device: what it says, the box of its letters, and where the device lets it be drawn."""

    words: str
    box: QRectF
    clip: QRectF


@lru_cache(4096)
def _ink(font: str, words: str) -> QRectF:
    letters = QFont()
    letters.fromString(font)
    return QFontMetricsF(letters).tightBoundingRect(words)


class _Engine(QPaintEngine):
    """Notes texts and draws nothing."""

    def __init__(self, pictures: dict[int, list[_Text]]) -> None:
        super().__init__(QPaintEngine.PaintEngineFeature.AllFeatures)
        self.texts: list[_Text] = []
        self._pictures = pictures

    def begin(self, device: QPaintDevice) -> bool:
        return True

    def end(self) -> bool:
        return True

    def type(self) -> QPaintEngine.Type:
        return QPaintEngine.Type.SVG  # items of a scene keep no pictures for such a device

    def updateState(self, state: QPaintEngineState) -> None:
        pass

    def drawTextItem(self, at: QPointF, item: QTextItem) -> None:
        if item.text().strip():
            ink = _ink(item.font().toString(), item.text())
            within = QRectF(-1, ink.top(), item.width() + 1, ink.height())  # slanted letters reach no farther, measured
            self.note(item.text(), (ink & within).translated(at))

    def note(self, words: str, box: QRectF) -> None:
        """Note a text whose box is given as its painter has it."""
        painter = self.painter()
        way = painter.combinedTransform()
        box, clip = way.mapRect(box), self._clip(painter, way)
        before = self.texts[-1] if self.texts else None
        if before is not None and before.clip == clip and _goes_on(before.box, box):
            self.texts[-1] = _Text(before.words + words, before.box | box, clip)
        else:
            self.texts.append(_Text(words, box, clip))

    def _clip(self, painter: QPainter, way: QTransform) -> QRectF:
        system = self.systemClip()
        clip = QRectF(system.boundingRect()) if not system.isEmpty() else QRectF(-_FAR, -_FAR, 2 * _FAR, 2 * _FAR)
        return clip & way.mapRect(painter.clipBoundingRect()) if painter.hasClipping() else clip

    def drawPixmap(self, target: QRectF, picture: QPixmap, source: QRectF) -> None:
        texts = self._pictures.get(_serial(picture), ())
        if texts and source.width() and source.height():
            painter = self.painter()
            way = painter.combinedTransform()
            clip = self._clip(painter, way)
            scale = target.width() / source.width()
            for text in texts:
                box = QRectF(
                    (text.box.topLeft() - source.topLeft()) * scale + target.topLeft(), text.box.size() * scale
                )
                self.texts.append(_Text(text.words, way.mapRect(box), clip))

    def drawImage(self, *_what: Any) -> None:
        pass

    def drawTiledPixmap(self, *_what: Any) -> None:
        pass

    def drawPath(self, path: QPainterPath) -> None:
        if self.texts and self._covers():
            over = self.painter().combinedTransform().map(path)
            self.texts = [text for text in self.texts if not over.contains(text.box)]

    def drawPolygon(self, *_what: Any) -> None:
        pass

    def drawLines(self, *_what: Any) -> None:
        pass

    def drawRects(self, rects: Sequence[QRect | QRectF]) -> None:
        """Forget what is painted over."""
        if self.texts and self._covers():
            for rect in rects:
                over = self.painter().combinedTransform().mapRect(QRectF(rect))
                self.texts = [text for text in self.texts if not over.contains(text.box)]

    def _covers(self) -> bool:
        brush = self.painter().brush()
        return brush.style() is Qt.BrushStyle.SolidPattern and brush.color().alpha() == 255

    def drawEllipse(self, *_what: Any) -> None:
        pass

    def drawPoints(self, *_what: Any) -> None:
        pass


def _goes_on(before: QRectF, box: QRectF) -> bool:
    """Whether a piece of text is the next one of the same line: Qt cuts a line where another font is needed."""
    gap = box.left() - before.right()
    return before.top() < box.bottom() and box.top() < before.bottom() and -2 < gap < 0.5 * before.height()


def _serial(picture: QPixmap) -> int:
    return picture.cacheKey() >> 32


class _Device(QPaintDevice):
    """A screen of a size that nothing is drawn on."""

    def __init__(self, size: QSize, pictures: dict[int, list[_Text]]) -> None:
        super().__init__()
        self.engine = _Engine(pictures)
        metric = QPaintDevice.PaintDeviceMetric
        dots = dict.fromkeys((metric.PdmDpiX, metric.PdmDpiY, metric.PdmPhysicalDpiX, metric.PdmPhysicalDpiY), 96)
        self._metrics = {
            **dots,
            metric.PdmWidth: size.width(),
            metric.PdmHeight: size.height(),
            metric.PdmWidthMM: size.width(),
            metric.PdmHeightMM: size.height(),
            metric.PdmDepth: 32,
            metric.PdmNumColors: 2**31 - 1,
            metric.PdmDevicePixelRatio: 1,
            metric.PdmDevicePixelRatioScaled: round(QPaintDevice.devicePixelRatioFScale()),
        }

    def paintEngine(self) -> QPaintEngine:
        return self.engine

    def metric(self, what: QPaintDevice.PaintDeviceMetric) -> int:
        return self._metrics.get(what, 0)


class Listener:
    """Hears which texts are drawn while it listens; make it before the windows, for the pictures that they keep."""

    def __init__(self) -> None:
        self._pictures: dict[int, list[_Text]] = {}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note what is painted into pictures, and where formulas stand."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("drawText", "drawStaticText"):
                patch.setattr(QPainter, name, self._noting(getattr(QPainter, name)))
            patch.setattr(Typesetter, "draw", self._placing(Typesetter.draw))
            yield

    def _noting(self, draw: Callable[..., Any]) -> Callable[..., Any]:
        def drawn(painter: QPainter, *what: Any) -> Any:
            device = painter.device()
            if isinstance(device, QPixmap):
                again = _Device(device.size(), self._pictures)
                copy = QPainter(again)
                copy.setFont(painter.font())
                copy.setTransform(painter.transform())
                draw(copy, *what)
                copy.end()
                self._keep(device, again.engine.texts)
            return draw(painter, *what)

        return drawn

    def _placing(self, draw: Callable[..., None]) -> Callable[..., None]:
        def placed(
            typesetter: Typesetter, painter: QPainter, latex: str, at: QPointF, pixels: float, colour: QColor
        ) -> None:
            formula, device, engine = typesetter.formula(latex), painter.device(), painter.paintEngine()
            if formula is not None:
                box = QRectF(at, formula.size(pixels))
                if isinstance(engine, _Engine):
                    engine.note(latex, box)
                elif isinstance(device, QPixmap):
                    box = painter.combinedTransform().mapRect(box)
                    self._keep(device, [_Text(latex, box, QRectF(device.rect()))])
            draw(typesetter, painter, latex, at, pixels, colour)

        return placed

    def _keep(self, picture: QPixmap, texts: Sequence[_Text]) -> None:
        self._pictures.setdefault(_serial(picture), []).extend(texts)

    def texts(self, window: QWidget) -> list[Drawn]:
        """Return every text that can be seen in a window."""
        found: list[Drawn] = []
        for widget in (window, *window.findChildren(QWidget)):
            if widget.isVisible() and widget.window() is window:
                found += self._texts_of(widget, window)
        return found

    def _texts_of(self, widget: QWidget, window: QWidget) -> list[Drawn]:
        device = _Device(widget.size(), self._pictures)
        painter = QPainter(device)
        QWidget.render(widget, painter, QPoint(), QRegion(), QWidget.RenderFlag(0))
        painter.end()
        if not device.engine.texts:
            return []
        away = QPointF(widget.mapTo(window, QPoint()))
        seen, room = _room_of(widget, window)
        return [
            Drawn(
                text.words.strip(), text.box.translated(away), clip & seen, reached & room, _described(widget), widget
            )
            for text in device.engine.texts
            for clip in (text.clip.translated(away),)
            for reached in (QRectF(clip.left(), -_FAR, clip.width(), 2 * _FAR) if _scrolls_down(widget) else clip,)
        ]


def _room_of(widget: QWidget, window: QWidget) -> tuple[QRectF, QRectF]:
    """Return what of the window a widget is seen in, and the same with all that can be scrolled to, down and up."""
    seen, room = QRectF(-_FAR, -_FAR, 2 * _FAR, 2 * _FAR), QRectF(-_FAR, -_FAR, 2 * _FAR, 2 * _FAR)
    part: QWidget | None = widget
    scrolls = False
    while part is not None:
        here = QRectF(QRect(part.mapTo(window, QPoint()), part.size()))
        seen &= here
        if _scrolls_down(part):
            scrolls = True
        room &= QRectF(here.left(), -_FAR, here.width(), 2 * _FAR) if scrolls else here
        part = None if part is window else part.parentWidget()
    return seen, room


def _scrolls_down(widget: QWidget) -> bool:
    """Whether a widget is the part of an area, or of a table, whose content can be scrolled down."""
    area = widget.parentWidget()
    if not isinstance(area, QAbstractScrollArea) or isinstance(area, QGraphicsView) or area.viewport() is not widget:
        return False
    table = area.parentWidget()
    if isinstance(area, QHeaderView) and area.orientation() is Qt.Orientation.Vertical:
        assert isinstance(table, QAbstractScrollArea)
        area = table  # its lines scroll with those of the table
    bar = area.verticalScrollBar()
    return bar.maximum() > bar.minimum()


def _described(widget: QWidget) -> str:
    names = []
    part: QWidget | None = widget
    while part is not None and not part.isWindow() and len(names) < 4:
        names.append(type(part).__name__ + (f"#{part.objectName()}" if part.objectName() else ""))
        part = part.parentWidget()
    return " in ".join(names)


def faults(texts: Sequence[Drawn], window: QWidget) -> list[str]:
    """Return a sentence for each text that is cut short, cut off or overlaps another."""
    own = {words for part in (window, *window.findChildren(QWidget)) for words in _own_words(part)}
    found = []
    for text in texts:
        if text.visible.isEmpty() and (text.box & text.room).isEmpty() and not text.room.isEmpty():
            continue  # what a widget draws beside itself, nobody has asked to see
        if text.box.right() < 0 and text.box.bottom() < 0:
            continue  # behind a tab: Qt puts a card there
        if "…" in text.words and (text.is_name or " … " in text.words):
            continue  # a name, or a range
        if "…" in text.words and not any(text.words in words for words in own):
            found.append(f"cut short: {text}")
        elif not text.room.adjusted(-_TOUCH, -_TOUCH, _TOUCH, _TOUCH).contains(text.box):
            x, y, width, height = (round(part) for part in text.room.getRect())  # type: ignore[misc]
            found.append(f"cut off: {text}, which has {x}, {y}, {width} by {height}")
    shown = [text for text in texts if min(text.visible.width(), text.visible.height()) > 2 * _TOUCH]
    shown.sort(key=lambda text: text.box.top())
    for one, other in combinations(shown, 2):
        both = one.visible & other.visible
        if both.width() > _TOUCH and both.height() > _TOUCH and not _same(one, other):
            found.append(f"one over the other: {one} and {other}")
    return found


def _own_words(part: QWidget) -> list[str]:
    """Return what a part is to say, where that may end in dots of its own."""
    if isinstance(part, QLabel | QAbstractButton):
        return [part.text()]
    if isinstance(part, QLineEdit):
        return [part.placeholderText()]
    if isinstance(part, QMenu):
        return [action.text().replace("&", "") for action in part.actions()]
    if isinstance(part, QTreeWidget):
        return [line.text(place) for line in part.findItems("", _EVERY) for place in range(part.columnCount())]
    return []


def _same(one: Drawn, other: Drawn) -> bool:
    """Whether one text is drawn twice, as an outline is, or two are parts of one rich text, with what stands low."""
    if one.by is other.by and isinstance(one.by, QLabel):
        return True
    return one.words == other.words and (one.box.center() - other.box.center()).manhattanLength() < 3
