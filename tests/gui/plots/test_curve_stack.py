"""Curves that are painted many at once."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from gui.plots.curve_stack import CurveStack

NAN = float("nan")


def painted(values: list[float]) -> list[bool]:
    """Return for each of the points of a curve, and each place between two, whether there is any ink."""
    stack = CurveStack()
    pen = QPen(QColor("black"), 2)
    pen.setCosmetic(True)
    stack.set_pens({"loss": pen})
    stack.set_curves({"loss": (np.arange(len(values), dtype=float), np.array(values))})
    picture = QImage(20 * len(values), 40, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    painter.translate(10, 20)
    painter.scale(20, 20)
    stack.paint(painter, QStyleOptionGraphicsItem())
    painter.end()
    inked = [any(picture.pixelColor(x, y) != QColor("white") for y in range(40)) for x in range(picture.width())]
    return [inked[place] for place in range(10, picture.width() - 9, 10)]


def test_a_point_that_is_not_finite_is_a_gap():
    assert painted([0.0, 0.5, 0.0]) == [True] * 5
    assert painted([0.0, 0.5, NAN, 0.5, 0.0]) == [True, True, True, False, False, False, True, True, True]


def test_a_point_between_gaps_is_a_dot():
    assert painted([0.0, 0.0, NAN, 0.3, NAN, 0.0, 0.0])[6] is True
