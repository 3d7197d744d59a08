"""Many curves as one graphics item, and many bands.

pyqtgraph's own curve item needs a Python call to fill and another to paint, for each curve and frame; for twenty of
them this takes longer than the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

Values = NDArray[np.float64]
Points = tuple[Values, Values]
Band = tuple[Values, Values, Values, Values]
"""Of each range its first and last step, its least and its greatest value."""


class CurveStack(pg.GraphicsObject):
    """Curves by name, painted in the order of their pens; a point that is not finite is a gap."""

    def __init__(self) -> None:
        super().__init__()
        self._pens: dict[str, QPen] = {}
        self._points: dict[str, Points] = {}
        self._pieces: dict[str, list[QPolygonF]] = {}
        self._bounds = QRectF()

    def set_pens(self, pens: Mapping[str, QPen]) -> None:
        """Set the pens by curve; the last one is painted on top."""
        self._pens = dict(pens)
        self.update()

    def set_curves(self, curves: Mapping[str, Points]) -> None:
        """Show only these curves, given by steps and values."""
        self.prepareGeometryChange()
        self._points = dict(curves)
        self._pieces = {}
        self._bounds = QRectF()
        for name, (x, y) in curves.items():
            finite = np.isfinite(y)
            if finite.any():
                ends = np.flatnonzero(np.diff(finite, prepend=False, append=False)).reshape(-1, 2)
                self._pieces[name] = [pg.functions.arrayToQPolygonF(x[a:b], y[a:b]) for a, b in ends]
                x, y = x[finite], y[finite]
                low, high = float(y.min()), float(y.max())
                self._bounds = self._bounds.united(QRectF(x[0], low, max(x[-1] - x[0], 1e-9), max(high - low, 1e-9)))
        self.update()

    @property
    def names(self) -> list[str]:
        """Names of the curves that are shown."""
        return list(self._points)

    def points(self, name: str) -> Points:
        """Return steps and values of a curve; empty ones if it is not shown."""
        return self._points.get(name, (np.empty(0), np.empty(0)))

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        for name, pen in self._pens.items():
            for polygon in self._pieces.get(name, ()):
                painter.setPen(pen)
                if polygon.size() == 1:  # a line of one point would not be visible
                    dot = QPen(pen)
                    dot.setWidthF(3 * max(pen.widthF(), 2.0))
                    dot.setCapStyle(Qt.PenCapStyle.RoundCap)
                    painter.setPen(dot)
                    painter.drawPoint(polygon.at(0))
                else:
                    painter.drawPolyline(polygon)


class BandStack(pg.GraphicsObject):
    """Bands by name, each a filled stair of ranges, painted in the order of their colours."""

    def __init__(self) -> None:
        super().__init__()
        self._colours: dict[str, QColor] = {}
        self._bands: dict[str, Band] = {}
        self._polygons: dict[str, QPolygonF] = {}
        self._bounds = QRectF()

    def set_colours(self, colours: Mapping[str, QColor]) -> None:
        """Set the colours by band."""
        self._colours = dict(colours)
        self.update()

    def set_bands(self, bands: Mapping[str, Band]) -> None:
        """Show only these bands; a range that is not finite is left out."""
        self.prepareGeometryChange()
        self._bands = dict(bands)
        self._polygons = {}
        self._bounds = QRectF()
        for name, (left, right, low, high) in bands.items():
            known = np.isfinite(low) & np.isfinite(high)
            if known.any():
                x = np.stack([left[known], right[known]], axis=1).ravel()
                below, above = np.repeat(low[known], 2), np.repeat(high[known], 2)
                x, y = np.concatenate([x, x[::-1]]), np.concatenate([below, above[::-1]])
                self._polygons[name] = pg.functions.arrayToQPolygonF(x, y)
                bottom, top = float(below.min()), float(above.max())
                size = max(x.max() - x.min(), 1e-9), max(top - bottom, 1e-9)
                self._bounds = self._bounds.united(QRectF(x.min(), bottom, *size))
        self.update()

    def band(self, name: str) -> Band:
        """Return where the ranges of a band begin and end, and what they reach; empty where it is not shown."""
        nothing = np.empty(0)
        return self._bands.get(name, (nothing, nothing, nothing, nothing))

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # its edges are upright or level
        for name, colour in self._colours.items():
            if name in self._polygons:
                painter.setBrush(colour)
                painter.drawPolygon(self._polygons[name])
