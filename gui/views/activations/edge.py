"""Units beyond the edge of a plot: a number and an arrow for each, or one for a gate that has many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPolygonF

from engine.explain.activations import Pre
from engine.text import numbers

_MOST = 32
"""Units of a gate that are tried one by one."""


@dataclass(frozen=True, eq=False)
class Token:
    """What stands for units beyond the right or the left edge."""

    rect: QRectF
    text: str
    pre: Pre
    units: NDArray[np.intp]
    right: bool

    @property
    def unit(self) -> int | None:
        """The unit, from 0; None where it stands for several."""
        return int(self.units[0]) if self.units.size == 1 else None

    @property
    def tip(self) -> str:
        """What several have in common, for hovering."""
        low, high = _bounds(self.pre, self.units)
        count = self.units.size
        return f"{count} units of {self.pre.symbol}, from {numbers.exact(low)} to {numbers.exact(high)}"


@dataclass(frozen=True)
class Edge:
    """An edge of a plot, the room beside it, and how numbers are written there."""

    right: bool
    room: QRectF
    font: QFont
    written: Callable[[float], str]

    @property
    def _size(self) -> int:
        return self.font.pixelSize()

    def tokens(self, pres: Sequence[Pre], limit: float) -> list[Token]:
        """Return the tokens of all units beyond the limit, a gate after the other, laid out in lines."""
        beyond = []
        for pre in pres:
            units = np.flatnonzero(pre.values > limit if self.right else pre.values < -limit)
            if units.size:
                beyond.append((pre, units))
        fits, tokens, line = int(self.room.height() / self._row), [], 0
        for number, (pre, units) in enumerate(beyond):
            others = len(beyond) - number - 1
            lines = self._lines(pre, units, max(fits - line - others, 1))
            for entries in lines:
                tokens += self._placed(pre, entries, line)
                line += 1
        return tokens

    @property
    def _row(self) -> float:
        return 1.3 * self._size

    def _width(self, text: str) -> float:
        return QFontMetricsF(self.font).horizontalAdvance(text) + self._size

    def _lines(self, pre: Pre, units: NDArray[np.intp], most: int) -> list[list[tuple[str, NDArray[np.intp]]]]:
        """Return the entries of a gate line by line: a unit each, or all in one where they need too many lines."""
        lines: list[list[tuple[str, NDArray[np.intp]]]] = [[]]
        left = self.room.width()
        for unit in units[: _MOST + 1]:
            text = self.written(float(pre.values[unit]))
            width = self._width(text) + self._size / 3
            if width > left and lines[-1]:
                lines.append([])
                left = self.room.width()
            lines[-1].append((text, np.array([unit])))
            left -= width
        if len(lines) <= most and units.size <= _MOST:
            return lines
        low, high = (self.written(value) for value in _bounds(pre, units))
        text = f"{units.size}: {low} … {high}"
        return [[(text if self._width(text) <= self.room.width() else f"{units.size} units", units)]]

    def _placed(self, pre: Pre, entries: list[tuple[str, NDArray[np.intp]]], line: int) -> list[Token]:
        """Return the tokens of one line, which ends at the edge."""
        tokens, gap = [], self._size / 3
        top = self.room.top() + line * self._row
        x = self.room.right() if self.right else self.room.left()
        for text, units in reversed(entries) if self.right else entries:
            width = self._width(text)
            left = x - width if self.right else x
            tokens.append(Token(QRectF(left, top, width, self._row), text, pre, units, self.right))
            x = left - gap if self.right else left + width + gap
        return tokens


def _bounds(pre: Pre, units: NDArray[np.intp]) -> tuple[float, float]:
    return float(pre.values[units].min()), float(pre.values[units].max())


def draw_token(painter: QPainter, token: Token, colour: QColor) -> None:
    """Draw the number, and an arrow head that points at the edge."""
    size = painter.font().pixelSize()
    rect, half = token.rect, size * 0.36
    painter.setPen(colour)
    if token.right:
        words, side = rect.adjusted(0, 0, -size, 0), Qt.AlignmentFlag.AlignLeft
        tip, base = rect.right() - 1, rect.right() - 0.8 * size
    else:
        words, side = rect.adjusted(size, 0, 0, 0), Qt.AlignmentFlag.AlignRight
        tip, base = rect.left() + 1, rect.left() + 0.8 * size
    painter.drawText(words, side | Qt.AlignmentFlag.AlignVCenter, token.text)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    middle = rect.center().y()
    painter.drawPolygon(QPolygonF([QPointF(tip, middle), QPointF(base, middle - half), QPointF(base, middle + half)]))
