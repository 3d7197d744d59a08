"""Paints the cells of a matrix with their numbers, and keeps the picture while nothing changes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap, QStaticText, QTransform

from gui.appearance.colour_maps import MapImage, image_of, letters_of, pixels_of
from gui.appearance.theme import Appearance, Theme, font
from gui.appearance.vector import in_picture
from gui.matrix.axis import Axis
from gui.matrix.shades import SIGNED, Block

DIVIDED_FROM_PX = 6.0
"""Larger cells have a line between them."""
_NUMBERS_MS = 3.0
"""Time for writing numbers at one painting; the others follow at the next."""
_KEPT = 4096


@dataclass(frozen=True, eq=False)
class Look:
    """A matrix and how to paint it."""

    appearance: Appearance
    rows: Axis
    columns: Axis
    values: NDArray[np.float64]
    blocks: Mapping[tuple[int, int], Block]
    gates: tuple[str | None, ...]
    """For each band of rows, the role whose colours run from 0 to 1; None for entries of either sign."""
    rounds: bool
    letters: float
    """Size of the numbers; 0 if there is no room for any."""

    @property
    def room(self) -> QRectF:
        """The rectangle where entries can be seen, with the line around them."""
        (left, right), (top, bottom) = self.columns.room, self.rows.room
        return QRectF(left - 1, top - 1, right - left + 2, bottom - top + 2)

    @property
    def sliding(self) -> bool:
        """Whether bands are on their way to other places."""
        return min(self.columns.slide, self.rows.slide) < 1

    @property
    def state(self) -> tuple[object, ...]:
        """What the picture depends on, except for its place."""
        axes = (self.rows.cell, self.columns.cell, self.rows.room, self.columns.room, self.sliding)
        return (self.blocks, axes, self.appearance.theme.name, self.appearance.digits, self.letters)

    @property
    def places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The pixels where each band of columns and each band of rows begins."""
        left, top = ([axis.start(band) for band in range(len(axis.bands))] for axis in (self.columns, self.rows))
        return np.array(left), np.array(top)

    def written(self, value: float) -> str:
        """Return a number as it is written in its cell."""
        return self.appearance.written(value, self.rounds)


@dataclass(frozen=True, eq=False)
class _Part:
    """The entries of one block within a rectangle, counted within the block."""

    block: Block
    first: tuple[int, int]
    """Row and column of the block's first entry in the matrix."""
    gate: str | None
    left: float
    top: float
    rows: slice
    columns: slice
    values: NDArray[np.float64]
    within: QRectF


class Picture:
    """The cells as they were last painted."""

    def __init__(self) -> None:
        self._state: tuple[object, ...] = ()
        self._places = np.zeros(0), np.zeros(0)
        self._pixmap = QPixmap()
        self._waiting: deque[tuple[_Part, int]] = deque()
        self._texts: dict[tuple[str, float], QStaticText] = {}

    @property
    def complete(self) -> bool:
        """Whether all numbers are written."""
        return not self._waiting

    def paint(self, painter: QPainter, look: Look, size: QSize, ratio: float) -> None:
        """Paint the cells on a widget of a size; unless `complete` afterwards, paint again soon."""
        if in_picture():
            self._paint_whole(painter, look)
            return
        state, places = (*look.state, size, ratio), look.places
        if state != self._state:
            self._begin(look, size, ratio)
        elif any(not np.array_equal(now, before) for now, before in zip(places, self._places, strict=True)):
            way = self._way(places)
            if way is None or look.sliding or not self.complete:
                self._begin(look, size, ratio)
            else:
                self._move(look, size, ratio, *way)
        self._state, self._places = state, places
        self._write(look)
        painter.drawPixmap(0, 0, self._pixmap)

    def _paint_whole(self, painter: QPainter, look: Look) -> None:
        """Paint all of it at once, with all of its numbers."""
        painter.save()
        for part in _parts(look, look.room):
            painter.setClipRect(look.room)
            _paint_colours(painter, look, part)
            _paint_dividers(painter, look, part)
            for row in range(part.rows.start, part.rows.stop) if look.letters else ():
                self._write_row(painter, look, part, row)
        painter.restore()

    def _begin(self, look: Look, size: QSize, ratio: float) -> None:
        self._pixmap = _empty(size, ratio)
        self._waiting.clear()
        painter = QPainter(self._pixmap)
        self._paint(painter, look, look.room)
        painter.end()

    def _way(self, places: tuple[NDArray[np.float64], NDArray[np.float64]]) -> tuple[float, float] | None:
        """Return how far everything has moved; None if only some of it has."""
        across, down = (now - before for now, before in zip(places, self._places, strict=True))
        if np.ptp(across) or np.ptp(down):
            return None
        return float(across[0]), float(down[0])

    def _move(self, look: Look, size: QSize, ratio: float, across: float, down: float) -> None:
        """Move what is painted, and paint what has come into sight."""
        before, room = self._pixmap, look.room
        kept = room.intersected(room.translated(across, down))
        self._pixmap = _empty(size, ratio)
        painter = QPainter(self._pixmap)
        painter.setClipRect(kept)
        painter.drawPixmap(QPointF(across, down), before)
        beside = QRectF(room.left(), kept.top(), room.width() - kept.width(), kept.height())
        if across < 0:
            beside.moveRight(room.right())
        above = QRectF(room.left(), room.top(), room.width(), room.height() - kept.height())
        if down < 0:
            above.moveBottom(room.bottom())
        for part in (beside, above):
            if not part.isEmpty():
                self._paint(painter, look, part)
        painter.end()

    def _paint(self, painter: QPainter, look: Look, within: QRectF) -> None:
        """Paint colours within a rectangle; numbers wait, except while bands slide over each other."""
        for part in _parts(look, within):
            painter.setClipRect(within)
            _paint_colours(painter, look, part)
            _paint_dividers(painter, look, part)
            if look.letters and look.sliding:
                for row in range(part.rows.start, part.rows.stop):
                    self._write_row(painter, look, part, row)
            elif look.letters:
                self._waiting.extend((part, row) for row in range(part.rows.start, part.rows.stop))

    def _write(self, look: Look) -> None:
        """Write as many of the waiting numbers as there is time for."""
        if not self._waiting:
            return
        until = time.perf_counter() + _NUMBERS_MS / 1000
        painter = QPainter(self._pixmap)
        while self._waiting and time.perf_counter() < until:
            part, row = self._waiting.popleft()
            painter.setClipRect(part.within)
            self._write_row(painter, look, part, row)
        painter.end()

    def _write_row(self, painter: QPainter, look: Look, part: _Part, row: int) -> None:
        height, width, theme = look.rows.cell, look.columns.cell, look.appearance.theme
        painter.setFont(_font(look.letters))
        middle = part.top + (row + 0.5) * height
        dark = _dark_letters(theme, part.gate)[part.block.shades[row, part.columns]]
        colours = _letter_colours(theme)
        values = part.values[row, part.columns].tolist()
        for column, (value, on_light) in enumerate(zip(values, dark.tolist(), strict=True), part.columns.start):
            text = self._text(look.written(value), look.letters)
            size = text.size()
            if size.width() < width:
                painter.setPen(colours[on_light])
                left = part.left + (column + 0.5) * width - size.width() / 2
                painter.drawStaticText(QPointF(left, middle - size.height() / 2), text)

    def _text(self, words: str, letters: float) -> QStaticText:
        """Return a number laid out: the layout takes half of the time of writing it."""
        text = self._texts.get((words, letters))
        if text is None:
            if len(self._texts) >= _KEPT:
                self._texts.clear()
            text = self._texts[words, letters] = QStaticText(words)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(QTransform(), _font(letters))
        return text


def texts_of(look: Look) -> dict[tuple[int, int], str]:
    """Return the written numbers by row and column; none if there is no room for them."""
    return {
        (part.first[0] + row, part.first[1] + column): look.written(float(part.values[row, column]))
        for part in (_parts(look, look.room) if look.letters else ())
        for row in range(part.rows.start, part.rows.stop)
        for column in range(part.columns.start, part.columns.stop)
    }


def _empty(size: QSize, ratio: float) -> QPixmap:
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _parts(look: Look, within: QRectF) -> list[_Part]:
    found = []
    for (r, c), block in look.blocks.items():
        rows = look.rows.seen(r, within.top(), within.bottom())
        columns = look.columns.seen(c, within.left(), within.right())
        if rows.start < rows.stop and columns.start < columns.stop:
            row, column = look.rows.first[r], look.columns.first[c]
            values = look.values[row : row + look.rows.bands[r].size, column : column + look.columns.bands[c].size]
            left, top = look.columns.start(c), look.rows.start(r)
            found.append(_Part(block, (row, column), look.gates[r], left, top, rows, columns, values, within))
    return found


def _paint_colours(painter: QPainter, look: Look, part: _Part) -> None:
    height, width = look.rows.cell, look.columns.cell
    shades, (row, column), (down, across) = part.block.part(part.rows, part.columns, height, width)
    count = shades.shape
    corner = QPointF(part.left + column * width, part.top + row * height)
    target = QRectF(corner.x(), corner.y(), count[1] * across * width, count[0] * down * height)
    whole = QRectF(part.left, part.top, part.block.shades.shape[1] * width, part.block.shades.shape[0] * height)
    painter.save()
    if look.sliding:  # a band that passes over another needs an edge
        painter.fillRect(whole.adjusted(-2, -2, 2, 2), QColor(look.appearance.theme.panel))
    painter.setClipRect(whole, Qt.ClipOperation.IntersectClip)  # the last place may have fewer entries than the others
    missing = None
    if part.block.missing is not None:
        missing = part.block.missing.part(part.rows, part.columns, height, width)[0]
    theme = look.appearance.theme
    MapImage(image_of(_pixels(theme, part.gate)[shades]), missing).paint(painter, target, theme)
    painter.restore()
    if whole.height() > DIVIDED_FROM_PX and whole.width() > DIVIDED_FROM_PX:
        painter.setPen(QPen(QColor(look.appearance.theme.edge), 1))  # the colour of zero is nearly that of the ground
        painter.drawRect(whole.adjusted(-1, -1, 0, 0))


def _paint_dividers(painter: QPainter, look: Look, part: _Part) -> None:
    height, width = look.rows.cell, look.columns.cell
    left, right = part.left + part.columns.start * width, part.left + part.columns.stop * width
    top, bottom = part.top + part.rows.start * height, part.top + part.rows.stop * height
    lines = []
    if height >= DIVIDED_FROM_PX:
        levels = (part.top + row * height for row in range(max(part.rows.start, 1), part.rows.stop))
        lines += [QLineF(left, y, right - 1, y) for y in levels]
    if width >= DIVIDED_FROM_PX:
        places = (part.left + column * width for column in range(max(part.columns.start, 1), part.columns.stop))
        lines += [QLineF(x, top, x, bottom - 1) for x in places]
    if lines:
        painter.setPen(QPen(QColor(look.appearance.theme.panel), 1))
        painter.drawLines(lines)


@lru_cache(32)
def _font(pixels: float) -> QFont:
    """Return the font; making one takes as long as writing two numbers."""
    return font(pixels)


@lru_cache(4)
def _letter_colours(theme: Theme) -> tuple[QColor, QColor]:
    """Return the colours of letters on dark ground and on light ground."""
    return theme.on(QColor("#000000")), theme.on(QColor("#FFFFFF"))


@lru_cache(32)
def _pixels(theme: Theme, gate: str | None) -> NDArray[np.uint32]:
    """Return the colour of each shade as a pixel."""
    pixels = pixels_of(theme, gate)
    return pixels if gate else pixels[SIGNED]


@lru_cache(32)
def _dark_letters(theme: Theme, gate: str | None) -> NDArray[np.bool_]:
    """Return for each shade whether dark letters read better on it."""
    _, dark = _letter_colours(theme)
    is_dark = np.array([colour == dark for colour in letters_of(theme, gate)])
    return is_dark if gate else is_dark[SIGNED]
