"""Lines with rounded corners, and the heads of their arrows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF

from gui.diagram.layout import Point


def rounded_path(points: Sequence[Point], radius: float = 22.0) -> QPainterPath:
    """Return a line through the points with rounded corners."""
    path = QPainterPath(QPointF(*points[0]))
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        shortest = min(distance(before, corner), distance(corner, after)) / 2
        path.lineTo(QPointF(*towards(corner, before, min(radius, shortest))))
        path.quadTo(QPointF(*corner), QPointF(*towards(corner, after, min(radius, shortest))))
    path.lineTo(QPointF(*points[-1]))
    return path


def distance(a: Point, b: Point) -> float:
    """Return how far two points are from each other."""
    return float(np.hypot(b[0] - a[0], b[1] - a[1]))


def towards(start: Point, end: Point, length: float) -> Point:
    """Return the point so far from `start` on the way to `end`."""
    share = length / max(distance(start, end), 1e-9)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def arrow_head(before: Point, tip: Point, half: float) -> QPolygonF:
    """Return a triangle with its tip at the end of a line that comes from `before`, `half` wide on each side."""
    back = towards(tip, before, 2 * half)
    across = (tip[1] - back[1]) / 2, (back[0] - tip[0]) / 2
    left, right = (back[0] + across[0], back[1] + across[1]), (back[0] - across[0], back[1] - across[1])
    return QPolygonF([QPointF(*tip), QPointF(*left), QPointF(*right)])
