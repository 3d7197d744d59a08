"""The names of a cell's parts in its diagram: never smaller than can be read, and only as far as there is room."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from engine.cell.cell import Cell
from engine.document.through_time import cell_line
from engine.explain.parts import CELL, LINE, parts_of
from gui.appearance.theme import Theme, font
from gui.diagram.column import rest_on
from gui.diagram.layout import ONWARD, UP, Label

_NAME, _PURPOSE = 20.0, 15.0
"""Sizes of the letters, in the drawing's units."""
_LINE_HEIGHT = 1.22
_UNDERLINE = 3.0

_ACROSS = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "middle": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}


@dataclass(frozen=True)
class Words:
    """What a label says: a name in a role's colour, and a purpose below it."""

    name: str
    purpose: str = ""
    role: str = ""
    value: str = ""
    """The value that it names; "" where it names none."""
    quiet: bool = False
    """Whether it is no part but says where a line goes: in the letters of a purpose."""


def words_of(cell: Cell, place: str) -> Words:
    """Return what the label of a place says; raise KeyError for a place without a name."""
    if place == UP:
        return Words("to the output, or the next layer ↑", quiet=True)
    if place == ONWARD:
        return Words("to the next time step →", quiet=True)
    if place == CELL:
        return Words("the cell")
    line = cell_line(cell)
    part = parts_of(cell)[line.state if place == LINE and line is not None else place]
    return Words(part.name, part.purpose, part.role, part.value)


@dataclass(frozen=True)
class Row:
    """A line of a label, with its letters in the drawing's units."""

    text: str
    letters: float
    bold: bool


class LabelItem(QGraphicsItem):
    """The name of a part, and its purpose where there is room; underlined while its phase runs."""

    def __init__(self, label: Label, words: Words, theme: Theme) -> None:
        super().__init__()
        self.label = label
        self.words = words
        self._theme = theme
        self._lit = False
        self._after = ""
        self.smallest_px = 12.0
        """Letters have at least this many pixels on the screen."""
        self._named = True
        self.row: tuple[tuple[str, float, float], ...] = ()
        """The names that stand beside it, each with its room's width and height: all of them are shown, or none."""
        left, top, right, bottom = label.room
        self._room = QRectF(left, top, right - left, bottom - top)
        self.setAcceptHoverEvents(True)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    @property
    def lit(self) -> bool:
        """Whether the phase of what it names runs now."""
        return self._lit

    def show_lit(self, lit: bool) -> None:
        """Set whether the phase of what it names runs now."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def show_after(self, words: str, named: bool) -> None:
        """Show words after the name, at which time step the cell is; or these words alone."""
        if (words, named) != (self._after, self._named):
            self._after, self._named = words, named
            self.update()

    def boundingRect(self) -> QRectF:
        return self._room.adjusted(-2, -2, 2, 2)

    def rows(self, scale: float) -> list[Row]:
        """Return what is shown where a unit has so many pixels: less of it, and in more lines, as room gets short."""
        least = math.ceil(self.smallest_px / max(scale, 1e-9))  # letters are whole units high
        quiet = self.words.quiet
        name = ", ".join(text for text in (self.words.name if self._named else "", self._after) if text)
        letters = max(_PURPOSE if quiet else _NAME, least)
        if self._named and not all(_has_room(beside, letters, *room) for beside, *room in self.row):
            return []
        rows = [Row(text, letters, not quiet) for text in _wrapped(name, letters, not quiet, self._room.width())]
        if self._named and self.words.purpose and least <= _PURPOSE and len(rows) == 1:
            rows.append(Row(self.words.purpose, _PURPOSE, False))
        while rows and not self._fits(rows):
            rows = rows[:-1] if rows[-1].text == self.words.purpose else []
        return rows

    def used(self, scale: float) -> QRectF:
        """Return where letters stand, in the drawing's units; empty where there is no room for any."""
        rows = self.rows(scale)
        if not rows:
            return QRectF()
        width = max(_width(row) for row in rows)
        height = sum(row.letters * _LINE_HEIGHT for row in rows)
        room, across = self._room, self.label.across
        left = {"left": room.left(), "right": room.right() - width, "middle": room.center().x() - width / 2}[across]
        top = room.top() if self.label.down == "top" else room.bottom() - height
        return QRectF(left, top, width, height)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        scale = painter.worldTransform().m22()
        used, theme = self.used(scale), self._theme
        y = used.top()
        for row in self.rows(scale):
            painter.setFont(font(row.letters, row.bold))
            of_role = row.bold and self.words.role
            painter.setPen(theme.role(self.words.role) if of_role else QColor(theme.muted))
            line = QRectF(self._room.left(), y, self._room.width(), row.letters * _LINE_HEIGHT)
            painter.drawText(line, _ACROSS[self.label.across] | Qt.AlignmentFlag.AlignVCenter, row.text)
            y += line.height()
        if self._lit and not used.isEmpty():
            painter.fillRect(QRectF(used.left(), y, used.width(), _UNDERLINE), QColor(theme.now))

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        rest_on(self, self.words.value or self.label.place)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        rest_on(self, "")

    def _fits(self, rows: list[Row]) -> bool:
        tall = sum(row.letters * _LINE_HEIGHT for row in rows) <= self._room.height()
        return tall and all(_width(row) <= self._room.width() for row in rows)


def show_all_or_none(labels: Sequence[LabelItem]) -> None:
    """Let the names in one line, such as those of the gates, be shown only where each of them has room.

    Two of five would say that the others have none.
    """
    for label in labels:
        _, top, _, bottom = label.label.room
        row = [other for other in labels if other.label.room[1::2] == (top, bottom)]
        rooms = [(right - left, bottom - top) for left, _, right, _ in (other.label.room for other in row)]
        label.row = tuple((other.words.name, *room) for other, room in zip(row, rooms, strict=True))


def _has_room(name: str, letters: float, width: float, height: float) -> bool:
    """Whether a name fits into a room, in as many lines as it needs."""
    lines = _wrapped(name, letters, True, width)
    tall = len(lines) * letters * _LINE_HEIGHT <= height
    return tall and all(_width(Row(line, letters, True)) <= width for line in lines)


def _wrapped(text: str, letters: float, bold: bool, width: float) -> list[str]:
    """Break a text between words into as few lines as its room is wide enough for."""
    lines: list[str] = []
    for word in text.replace(" →", "\u00a0→").replace(" ↑", "\u00a0↑").split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(Row(longer, letters, bold)) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _width(row: Row) -> float:
    return QFontMetricsF(font(row.letters, row.bold)).horizontalAdvance(row.text)
