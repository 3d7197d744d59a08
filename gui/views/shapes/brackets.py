"""Draws brackets along every axis of a shape: each size has its own colour and kind of line."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.appearance.theme import Theme
from gui.views.shapes.scale import Placed

_AXES: Mapping[str, tuple[str, Qt.PenStyle, float]] = {
    "m": ("muted", Qt.PenStyle.DashLine, 1.6),
    "n": ("hidden", Qt.PenStyle.SolidLine, 2.0),
    "k": ("ink", Qt.PenStyle.SolidLine, 3.0),
    "p": ("output", Qt.PenStyle.DotLine, 2.0),
}
"""Colour, line and width of each size's brackets.

n has the colour of h and k that of C, whose sizes they are; p that of the output. For m no colour of a gate is
left that would not be misread, so it is muted and dashed: who cannot tell it from that of h still sees the line,
and the letter stands beside it.
"""


def axis_colour(theme: Theme, axis: str) -> QColor:
    """Return the colour of a size's brackets."""
    return QColor(getattr(theme, _AXES[axis][0]))


def bracket_lines(placed: Placed, gap: float) -> Iterator[tuple[str, list[QLineF]]]:
    """Return the bracket of each size: left of its rows, below its columns, each a line with a tick at each end."""
    drawn = placed.drawn
    for axis in drawn.rows:
        rect = placed.of_rows(axis)
        inner = (rect if len(drawn.rows) > 1 else placed.body).left() - gap
        x, top, bottom = inner - gap, rect.top() + 1, rect.bottom() - 1
        yield axis, [QLineF(x, top, x, bottom), QLineF(x, top, inner, top), QLineF(x, bottom, inner, bottom)]
    for axis in drawn.columns:
        rect = placed.of_columns(axis)
        inner = (rect if len(drawn.columns) > 1 else placed.body).bottom() + gap
        y, left, right = inner + gap, rect.left() + 1, rect.right() - 1
        yield axis, [QLineF(left, y, right, y), QLineF(left, y, left, inner), QLineF(right, y, right, inner)]


def paint_brackets(painter: QPainter, shapes: Iterable[Placed], theme: Theme, gap: float, glowing: Set[str]) -> None:
    """Paint the brackets of all shapes, those of one size at once; changing ones over the colour of now."""
    lines: dict[str, list[QLineF]] = {}
    for placed in shapes:
        for axis, found in bracket_lines(placed, gap):
            lines.setdefault(axis, []).extend(found)
    for axis, found in lines.items():
        colour, style, width = axis_colour(theme, axis), *_AXES[axis][1:]
        width *= gap / 4
        if axis in glowing:
            painter.setPen(QPen(QColor(theme.now), width + 1.5 * gap, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLines(found)
        painter.setPen(QPen(colour, width, style, Qt.PenCapStyle.SquareCap))
        painter.drawLines(found)


def round_bracket(rect: QRectF, sign: str) -> QPainterPath:
    """Return a round bracket as high as a rectangle, in its outer two thirds."""
    third = rect.width() / 3
    outer, inner = (rect.right() - third, rect.left()) if sign == "(" else (rect.left() + third, rect.right())
    bulge = outer + 1.4 * (inner - outer)
    path = QPainterPath(QPointF(outer, rect.top()))
    path.cubicTo(
        QPointF(bulge, rect.top() + rect.height() / 3),
        QPointF(bulge, rect.bottom() - rect.height() / 3),
        QPointF(outer, rect.bottom()),
    )
    return path


def apart(places: Sequence[float], least: float) -> list[float]:
    """Return places along a line, moved so that two neighbours are not closer than `least`."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    result = list(places)
    for first, second in itertools.pairwise(order):
        short = least - (result[second] - result[first])
        if short > 0:
            result[first] -= short / 2
            result[second] += short / 2
    return result


def mixed(a: float, b: float, share: float) -> float:
    """Return what lies a share of the way from a to b."""
    return a + (b - a) * share


def between(a: QRectF, b: QRectF, share: float) -> QRectF:
    """Return the rectangle a share of the way from a to b."""
    return QRectF(
        mixed(a.x(), b.x(), share),
        mixed(a.y(), b.y(), share),
        mixed(a.width(), b.width(), share),
        mixed(a.height(), b.height(), share),
    )
