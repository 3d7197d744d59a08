"""Heatmaps side by side, painted by hand: pyqtgraph's items take several times as long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.appearance.hatching import WORDS, Missing, hatch, missing_in
from gui.appearance.theme import Appearance, Theme, font
from gui.plots.gate_maps import Limits, MapSpec, Values, range_words

_TITLES_MS = 200
"""Titles that change with each snapshot can be read no more often."""


@dataclass(frozen=True)
class Place:
    """A number of a map: the map's name, its unit and its time step, both from 0."""

    name: str
    unit: int
    t: int


class GatePicture(QWidget):
    """One map a column, time across, units up; above each its words and the values of its colours."""

    rested = Signal(object)
    """The Place that the cursor rests on, or None."""
    clicked = Signal(object)
    """The Place that was clicked."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._maps: Mapping[str, MapSpec] = {}
        self._values: Values = {}
        self._limits: Mapping[str, Limits] = {}
        self._told: Mapping[str, Limits] = {}
        self._tables: dict[str, NDArray[np.uint32]] = {}
        self._images: dict[str, tuple[QImage, NDArray[np.uint32]]] = {}
        self._missing: dict[str, Missing | None] = {}
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._titles_timer = QTimer(self)
        self._titles_timer.setSingleShot(True)
        self._titles_timer.setInterval(_TITLES_MS)
        self._titles_timer.timeout.connect(self.update_titles)
        appearance.changed.connect(self._apply_theme)

    def set_maps(self, maps: Mapping[str, MapSpec]) -> None:
        """Show other maps, which have no values yet."""
        self._maps = maps
        self._told = {}
        self.clear()
        self._apply_theme()

    def clear(self) -> None:
        """Show no values."""
        self._values, self._limits = {}, {}
        self._images.clear()
        self._missing.clear()
        self.update()

    def show_values(self, values: Values, limits: Mapping[str, Limits]) -> None:
        """Draw each map's values (T, units) between its limits."""
        self._values, self._limits = values, limits
        hatched = {name for name, missing in self._missing.items() if missing is not None}
        self._draw_images()
        if hatched != {name for name, missing in self._missing.items() if missing is not None}:
            self._told = {}
        if limits != self._told and not self._titles_timer.isActive():
            self.update_titles()

    def update_titles(self) -> None:
        """Write the present limits in the titles now."""
        if self._limits != self._told:
            self._told = dict(self._limits)
            self._titles_timer.start()
            self.update(0, 0, self.width(), self._title_height())

    def area(self, name: str) -> QRectF:
        """Return where a map is, without its title."""
        at, count = list(self._maps).index(name), len(self._maps)
        gap = self._appearance.px(14)
        width = (self.width() - gap * (count - 1)) / count
        top = self._title_height()
        return QRectF(at * (width + gap), top, width, max(0, self.height() - top))

    def title(self, name: str) -> str:
        """Return what stands above a map, as far as there is room for it."""
        return "  ".join(words for words, _ in self._title_parts(self._maps[name], self.area(name).width()))

    def _title_height(self) -> int:
        return self._appearance.px(20)

    # Drawing

    def _draw_images(self) -> None:
        ratio = self.devicePixelRatioF()
        for name in self._maps:
            area = self.area(name)
            most = max(1, int(area.width() * ratio)), max(1, int(area.height() * ratio))
            low, high = self._limits[name]
            values = _picked(self._values[name], *most)
            missing = missing_in(values)
            self._missing[name] = None if missing is None else missing.T[::-1]
            with np.errstate(invalid="ignore"):  # what is no number is hatched
                places = np.clip((values - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
            pixels = np.ascontiguousarray(self._tables[name][places].T[::-1])  # (units, time), the first unit below
            rows, columns = pixels.shape
            image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
            self._images[name] = image, pixels  # the image reads the array
            self.update(area.toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.panel))
        with_titles = event.rect().top() < self._title_height()
        for name, spec in self._maps.items():
            area = self.area(name)
            if name in self._images:
                painter.drawImage(area, self._images[name][0])
                hatch(painter, area, self._missing[name], theme)
                painter.setPen(QColor(theme.edge))  # a gate that is shut all the time is still a map
                painter.drawRect(area.adjusted(0, 0, -1, -1))
            if with_titles:
                self._paint_title(painter, spec, area)
        painter.end()

    def _paint_title(self, painter: QPainter, spec: MapSpec, area: QRectF) -> None:
        theme, px = self._appearance.theme, self._appearance.px
        x, baseline = area.left(), px(15)
        for number, (words, bold) in enumerate(self._title_parts(spec, area.width())):
            letters = font(px(14), bold)
            painter.setFont(letters)
            painter.setPen(theme.role(spec.role) if bold else QColor(theme.muted))
            x += px(8) if number else 0
            painter.drawText(QPointF(x, baseline), words)
            x += QFontMetricsF(letters).horizontalAdvance(words)

    def _title_parts(self, spec: MapSpec, width: float) -> list[tuple[str, bool]]:
        """Return the words of a title, each with whether it is bold; fewer where a map is narrow."""
        px = self._appearance.px
        limits = range_words(spec, self._told[spec.name]) if spec.name in self._told else ""
        if self._missing.get(spec.name) is not None:
            limits = f"{limits}, {WORDS}"
        bold, plain = QFontMetricsF(font(px(14), bold=True)), QFontMetricsF(font(px(14)))
        room = width - (plain.horizontalAdvance(limits) + px(8) if limits else 0)
        for name in (spec.words, spec.symbol):
            if bold.horizontalAdvance(name) <= room:
                return [(name, True)] + ([(limits, False)] if limits else [])
        return [(spec.symbol, True)]

    def _apply_theme(self) -> None:
        theme = self._appearance.theme
        self._tables = {name: _table(theme, spec) for name, spec in self._maps.items()}
        if self._values:
            self._draw_images()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._values:
            self._draw_images()

    # The mouse

    def place_at(self, point: QPointF) -> Place | None:
        """Return the number at a point; None beside the maps."""
        for name, values in self._values.items():
            if name not in self._maps:
                continue
            area = self.area(name)
            if area.contains(point):
                steps, units = values.shape
                across, up = (point.x() - area.left()) / area.width(), (area.bottom() - point.y()) / area.height()
                return Place(name, min(int(up * units), units - 1), min(int(across * steps), steps - 1))
        return None

    def centre(self, place: Place) -> QPointF:
        """Return the middle of a number's rectangle."""
        area = self.area(place.name)
        steps, units = self._values[place.name].shape
        x, y = (place.t + 0.5) / steps, (place.unit + 0.5) / units
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.rested.emit(self.place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.rested.emit(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None and event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit(place)


def _picked(values: NDArray[np.floating], steps: int, units: int) -> NDArray[np.floating]:
    """Return values (T, units) with at most so many of each, evenly spread: there are no more pixels for them."""
    for axis, most in enumerate((steps, units)):
        count = values.shape[axis]
        if count > most:
            values = values.take(((np.arange(most) + 0.5) * count / most).astype(int), axis=axis)
    return values


def _table(theme: Theme, spec: MapSpec) -> NDArray[np.uint32]:
    """Return a map's 256 colours as pixels, (256,)."""
    red, green, blue = (theme.gate(spec.role) if spec.gate else theme.diverging).astype(np.uint32).T
    pixels: NDArray[np.uint32] = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    return pixels
