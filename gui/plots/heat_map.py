"""What all heatmaps of values over time share: their grid, their picture, their words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from gui.appearance.colour_maps import Limits, MapImage, picture_of
from gui.appearance.theme import Theme


@dataclass(frozen=True)
class Grid:
    """The cells of a map in a rectangle: time to the right, the first unit on top."""

    box: QRectF
    steps: int
    units: int

    def cell(self, unit: int, t: int) -> QRectF:
        """Return the cell of a unit and a time step, both from 0."""
        width, height = self.box.width() / self.steps, self.box.height() / self.units
        return QRectF(self.box.left() + t * width, self.box.top() + unit * height, width, height)

    def place_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the unit and the time step under a point; None beside the map."""
        if not self.box.contains(point):
            return None
        t = int((point.x() - self.box.left()) / self.box.width() * self.steps)
        unit = int((point.y() - self.box.top()) / self.box.height() * self.units)
        return min(unit, self.units - 1), min(t, self.steps - 1)


def map_picture(
    values: NDArray[np.floating], limits: Limits, theme: Theme, gate: str | None, most: tuple[int, int]
) -> MapImage:
    """Return values (T, units) as a picture, the first unit on top; of more than `most`, an even sample."""
    for axis, room in enumerate(most):
        count = values.shape[axis]
        if count > room:
            values = values.take(((np.arange(room) + 0.5) * count / room).astype(int), axis=axis)
    return picture_of(values.T, limits, theme, gate)


def paint_map(painter: QPainter, picture: MapImage, box: QRectF, theme: Theme) -> None:
    """Draw a map with an edge, so that a gate that is always closed is visible as a map."""
    picture.paint(painter, box, theme)
    painter.setPen(QColor(theme.edge))
    painter.drawRect(box.adjusted(0, 0, -1, -1))


def said(name: str, unit: int, t: int, value: str) -> str:
    """Return words for a value, unit and time step from 0: "forget gate f, unit 3, t = 7: 0.25"."""
    return f"{name}, unit {unit + 1:,}, t = {t + 1:,}: {value}"
