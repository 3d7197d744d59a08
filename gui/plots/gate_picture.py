"""Heatmaps side by side, painted here because pyqtgraph's items take several times as long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.appearance.colour_maps import Limits, MapImage
from gui.appearance.hatching import WORDS
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font
from gui.plots.gate_maps import MapSpec, Values, range_words
from gui.plots.heat_map import Grid, map_picture, paint_map

_TITLES_MS = 200
"""Titles that changed more often could not be read."""


@dataclass(frozen=True)
class Place:
    """The place of a number: its map, its unit and its time step, both from 0."""

    name: str
    unit: int
    t: int


class GatePicture(QWidget):
    """Maps in a row, time to the right, unit 1 on top; above each its name and the range of its colours."""

    rested = Signal(object)
    """The Place under the cursor, or None."""
    clicked = Signal(object)
    """The Place that was clicked."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._maps: Mapping[str, MapSpec] = {}
        self._values: Values = {}
        self._limits: Mapping[str, Limits] = {}
        self._told: Mapping[str, Limits] = {}
        self._pictures: dict[str, MapImage] = {}
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._titles_timer = QTimer(self, singleShot=True, interval=_TITLES_MS)
        self._titles_timer.timeout.connect(self.update_titles)
        appearance.changed.connect(self._draw_images)
        appearance.changed.connect(self.update)

    def set_maps(self, maps: Mapping[str, MapSpec]) -> None:
        """Show other maps, which have no values yet."""
        self._maps = maps
        self._told = {}
        self.clear()

    def clear(self) -> None:
        """Show no values."""
        self._values, self._limits = {}, {}
        self._pictures.clear()
        self.update()

    def show_values(self, values: Values, limits: Mapping[str, Limits]) -> None:
        """Draw each map's values (T, units) between its limits."""
        self._values, self._limits = values, limits
        hatched = self._hatched()
        self._draw_images()
        if hatched != self._hatched():
            self._told = {}
        if limits != self._told and not self._titles_timer.isActive():
            self.update_titles()

    def _hatched(self) -> set[str]:
        return {name for name, picture in self._pictures.items() if picture.missing is not None}

    def update_titles(self) -> None:
        """Write the present limits in the titles now."""
        if self._limits != self._told:
            self._told = dict(self._limits)
            self._titles_timer.start()
            self.update(0, 0, self.width(), self._title_height())

    def area(self, name: str) -> QRectF:
        """Return the rectangle of a map, without its title."""
        at, count = list(self._maps).index(name), len(self._maps)
        gap = self._appearance.px(14)
        width = (self.width() - gap * (count - 1)) / count
        top = self._title_height()
        return QRectF(at * (width + gap), top, width, max(0, self.height() - top))

    def title(self, name: str) -> str:
        """Return the title of a map, as far as there is room for it."""
        return "  ".join(words for words, _ in self._title_parts(self._maps[name], self.area(name).width()))

    def _title_height(self) -> int:
        return self._appearance.px(20)

    # Drawing

    def _draw_images(self) -> None:
        theme, ratio = self._appearance.theme, self.devicePixelRatioF()
        for name, spec in self._maps.items() if self._values else ():
            area = self.area(name)
            most = max(1, int(area.width() * ratio)), max(1, int(area.height() * ratio))
            self._pictures[name] = map_picture(self._values[name], self._limits[name], theme, spec.gate_role, most)
            self.update(area.toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.panel))
        with_titles = event.rect().top() < self._title_height()
        for name, spec in self._maps.items():
            area = self.area(name)
            if name in self._pictures:
                paint_map(painter, self._pictures[name], area, theme)
            if with_titles:
                self._paint_title(painter, spec, area)
        painter.end()

    def _paint_title(self, painter: QPainter, spec: MapSpec, area: QRectF) -> None:
        theme, px, text = self._appearance.theme, self._appearance.px, self._appearance.text(NOTE)
        x, baseline = area.left(), px(15)
        for number, (words, bold) in enumerate(self._title_parts(spec, area.width())):
            letters = font(text, bold)
            painter.setFont(letters)
            painter.setPen(theme.role(spec.role) if bold else QColor(theme.muted))
            x += px(8) if number else 0
            painter.drawText(QPointF(x, baseline), words)
            x += QFontMetricsF(letters).horizontalAdvance(words)

    def _title_parts(self, spec: MapSpec, width: float) -> list[tuple[str, bool]]:
        """Return the words of a title, each with whether it is bold; fewer if the map is narrow."""
        px, text = self._appearance.px, self._appearance.text(NOTE)
        limits = range_words(spec, self._told[spec.name]) if spec.name in self._told else ""
        if spec.name in self._hatched():
            limits = f"{limits}, {WORDS}"
        bold, plain = QFontMetricsF(font(text, bold=True)), QFontMetricsF(font(text))
        room = width - (plain.horizontalAdvance(limits) + px(8) if limits else 0)
        for name in spec.names:
            if bold.horizontalAdvance(name) <= room:
                return [(name, True)] + ([(limits, False)] if limits else [])
        return [(spec.names[-1], True)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw_images()

    # The mouse

    def place_at(self, point: QPointF) -> Place | None:
        """Return the number at a point; None beside the maps."""
        for name in self._maps if self._values else ():
            found = self._grid(name).place_at(point)
            if found is not None:
                return Place(name, *found)
        return None

    def centre(self, place: Place) -> QPointF:
        """Return the middle of a number's rectangle."""
        return self._grid(place.name).cell(place.unit, place.t).center()

    def _grid(self, name: str) -> Grid:
        return Grid(self.area(name), *self._values[name].shape)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.rested.emit(self.place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.rested.emit(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place is not None and event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit(place)
