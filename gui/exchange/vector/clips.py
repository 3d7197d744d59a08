"""Keeps out of a picture of lines and letters what the screen clips away: what is scrolled out, curves beyond a plot.

Qt clips neither in an SVG nor, where widgets clip each other, in a PDF. So the widgets are painted one by one, those
that are scrolled out are left out, and where an SVG begins and ends to be clipped a mark is written, a text, from which
`clipped` makes a `clipPath`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QTransform
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QLabel,
    QStyleOptionGraphicsItem,
    QWidget,
)

_BEGIN, _END = "lstmviz-clip:", "lstmviz-clip-end"
_FIRST, _LAST = -1e12, 1e12
"""Heights in the stack of an item: below and above all that it clips."""
_SHARP = 4
"""Pixels of an image for each of the window."""
_PART = re.compile(r"<g [^>]*>|<text (?P<said>[^>]*)>(?P<words>[^<]*)</text>")
_MATRIX = re.compile(r'transform="matrix\(([^)]*)\)"')
_PLACE = re.compile(r'\sx="(?P<x>[^"]+)" y="(?P<y>[^"]+)".*?font-size="(?P<size>[\d.]+)"', re.DOTALL)


class ClippedPainting:
    """Paints a widget and what is in it, each part within what is seen of it.

    marked: whether the painter's device is an SVG, which is then given to `clipped`.
    """

    def __init__(self, painter: QPainter, marked: bool) -> None:
        self._painter, self._marked = painter, marked

    def paint(self, widget: QWidget) -> None:
        """Paint it from the painter's origin."""
        with self._scenes_marked(widget):
            self._paint(widget, QPoint(0, 0), widget.rect())

    def _paint(self, widget: QWidget, at: QPoint, within: QRect) -> None:
        seen = QRect(at, widget.size()) & within
        if seen.isEmpty():
            return
        cut = seen != QRect(at, widget.size())
        if cut and not self._marked and _has_own_clip(widget):
            self._paint_pixels(widget, at, seen)
            return
        if not cut and not _clips_anywhere(widget):
            QWidget.render(widget, self._painter, at, renderFlags=QWidget.RenderFlag.DrawChildren)
            return
        with self._clip(seen) if _clips(widget) else _nothing():
            QWidget.render(widget, self._painter, at, renderFlags=QWidget.RenderFlag(0))
            for child in _parts(widget):
                self._paint(child, at + child.pos(), seen)

    def _paint_pixels(self, widget: QWidget, at: QPoint, seen: QRect) -> None:
        """Paint what is seen of a widget as an image: a clip of its own would take the place of ours in a PDF."""
        image = QImage(seen.size() * _SHARP, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(_SHARP)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        QWidget.render(widget, painter, at - seen.topLeft(), renderFlags=QWidget.RenderFlag.DrawChildren)
        painter.end()
        self._painter.drawImage(QRectF(seen), image, QRectF(image.rect()))

    @contextmanager
    def _clip(self, seen: QRect) -> Iterator[None]:
        if self._marked:
            _mark(self._painter, QRectF(seen))
            yield
            _mark(self._painter, None)
            return
        self._painter.save()
        self._painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
        yield
        self._painter.restore()

    @contextmanager
    def _scenes_marked(self, widget: QWidget) -> Iterator[None]:
        """Let items of scenes that clip what is in them, such as the room of a plot's curves, be marked."""
        added: list[tuple[QGraphicsScene, QGraphicsItem]] = []
        for view in [widget, *widget.findChildren(QGraphicsView)] if self._marked else []:
            if not isinstance(view, QGraphicsView) or view.scene() is None:
                continue
            for item in view.scene().items():
                if item.flags() & QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape and item.isVisible():
                    added += [(view.scene(), _MarkItem(item, begins)) for begins in (True, False)]
        try:
            yield
        finally:
            for scene, item in added:
                scene.removeItem(item)


class _MarkItem(QGraphicsItem):
    """Marks that the item around it begins or ends to clip what is in it."""

    def __init__(self, around: QGraphicsItem, begins: bool) -> None:
        super().__init__()
        self._around, self._begins = around, begins
        self.setZValue(_FIRST if begins else _LAST)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setParentItem(around)

    def boundingRect(self) -> QRectF:
        return self._around.shape().boundingRect()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        seen = painter.deviceTransform().mapRect(self.boundingRect())
        _mark(painter, seen if self._begins else None)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _parts(widget: QWidget) -> list[QWidget]:
    """Return the widgets in a widget that are seen, from the lowest to the highest."""
    return [
        part for part in widget.children() if isinstance(part, QWidget) and not (part.isHidden() or part.isWindow())
    ]


def _clips(widget: QWidget) -> bool:
    around = widget.parentWidget()
    if isinstance(around, QAbstractScrollArea) and around.viewport() is widget:
        return True
    return any(not widget.rect().contains(part.geometry()) for part in _parts(widget))


def _has_own_clip(widget: QWidget) -> bool:
    if isinstance(widget, QLabel):
        selected = widget.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        return bool(selected) or widget.textFormat() == Qt.TextFormat.RichText or "<" in widget.text()
    return isinstance(widget, QGraphicsView)


def _clips_anywhere(widget: QWidget) -> bool:
    return _clips(widget) or any(map(_clips_anywhere, _parts(widget)))


def _mark(painter: QPainter, seen: QRectF | None) -> None:
    """Write that what follows is clipped to a rectangle of the picture, or no longer."""
    words = _END if seen is None else f"{_BEGIN}{seen.x():.6g},{seen.y():.6g},{seen.width():.6g},{seen.height():.6g}"
    painter.save()
    painter.setPen(Qt.GlobalColor.black)  # without a pen Qt writes no text
    painter.setFont(QFont())
    painter.setOpacity(1.0)
    painter.drawText(QPointF(0.0, 0.0), words)
    painter.restore()


def clipped(svg: str) -> str:
    """Return an SVG, as Qt writes it, in which what was marked is clipped and text that nobody sees is left out."""
    return _Clipping().of(svg)


class _Clipping:
    def __init__(self) -> None:
        self._head, self._matrix = "", QTransform()
        self._seen: list[QRectF] = []
        self._count = 0

    def of(self, svg: str) -> str:
        return _PART.sub(self._replaced, svg)

    def _replaced(self, found: re.Match[str]) -> str:
        words = found["words"]
        if words is None:
            self._head = found[0]
            matrix = _MATRIX.search(found[0])
            self._matrix = QTransform(*map(float, matrix[1].split(","))) if matrix is not None else QTransform()
            return found[0]
        if words == _END:
            self._seen.pop()
            return f"</g>\n</g>\n{self._head}"
        if not words.startswith(_BEGIN):
            return found[0] if self._is_seen(found["said"]) else ""
        seen = QRectF(*map(float, words.removeprefix(_BEGIN).split(",")))
        self._seen.append(seen & self._seen[-1] if self._seen else seen)
        self._count += 1
        name = f"clip{self._count}"
        room = f'x="{seen.x():.6g}" y="{seen.y():.6g}" width="{seen.width():.6g}" height="{seen.height():.6g}"'
        return f'</g>\n<clipPath id="{name}"><rect {room}/></clipPath>\n<g clip-path="url(#{name})">\n{self._head}'

    def _is_seen(self, said: str) -> bool:
        """Whether some of a text's letters can be within what is seen; along the line, only where it begins."""
        place = _PLACE.search(f" {said}")
        if not self._seen or place is None:
            return True
        x, y, size = float(place["x"]), float(place["y"]), float(place["size"])
        letters = self._matrix.mapRect(QRectF(x, y - size, 1e4, 1.25 * size))
        return letters.intersects(self._seen[-1])
