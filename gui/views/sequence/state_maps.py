"""Heatmaps of values over time: one below the other, units from top to bottom, time to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.cell.graph import Operation
from engine.cell.trace import Trace
from engine.text import numbers
from gui.appearance.colour_maps import Limits, image_of, largest_size, lasting_limits, pixels_of, places_of
from gui.appearance.hatching import hatch, missing_in, veil
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.playback.walk import Moment
from gui.plots.heat_map import Grid, said

PALE = 0.3
"""Share of its colour that a step has before the walk has come to it."""
SYMBOL = 20.0
_DIVIDED_FROM_PX = 8.0
"""Steps at least this wide are divided by a thin line."""


@dataclass(frozen=True, eq=False)
class Course:
    """What of a trace is drawn over time: x_t and what is carried over, ready to be coloured."""

    trace: Trace
    values: Mapping[str, NDArray[np.float64]]
    """By name, of shape (T, size)."""
    limits: Mapping[str, Limits]
    places: Mapping[str, NDArray[np.uint8]]
    """By name, of shape (T, size): places in the table of 256 colours."""

    @property
    def carried(self) -> tuple[str, ...]:
        """What goes from step to step, C_t before h_t."""
        return carried(self.trace)


def carried(trace: Trace) -> tuple[str, ...]:
    """Return the values that go from step to step, C_t before h_t."""
    return tuple(sorted(trace.cell.carried.values()))


def courses_of(*traces: Trace) -> tuple[Course, ...]:
    """Return the courses of traces, each value that several have in the same colours. Takes its time."""
    every = [
        {name: np.array([step[name] for step in trace.steps], np.float64) for name in ("x_t", *carried(trace))}
        for trace in traces
    ]
    sizes: dict[str, float] = {}
    for name, values in (pair for course in every for pair in course.items()):
        sizes[name] = max(sizes.get(name, 0.0), largest_size(values))
    limits = {name: lasting_limits(size) for name, size in sizes.items()}
    return tuple(
        Course(trace, values, limits, {name: places_of(values[name], limits[name]) for name in values})
        for trace, values in zip(traces, every, strict=True)
    )


def steps_computed(trace: Trace, moment: Moment | None, name: str) -> int:
    """Return of how many steps a value is shown at a moment; an input is there as its step begins.

    Without a moment all of it is shown.
    """
    if moment is None:
        return len(trace.steps)
    finished = moment.done - (1 if moment.moving else 0)
    order = [operation.name for operation in trace.cell.operations]
    here = name not in order or finished > order.index(name)
    return min(moment.t + here, len(trace.steps))


@dataclass(frozen=True, eq=False)
class MapRow:
    """One heatmap: a value's course, and in how many steps it is computed."""

    course: Course
    name: str
    computed: int
    title: str = ""
    """Words beside the symbol, where several maps show the same value."""


class StateMaps(QWidget):
    """Heatmaps below each other, with one axis of time."""

    rested = Signal(object, int, str, object)
    """Trace, time step, value and entry under the cursor; None for the entry when it leaves."""
    step_clicked = Signal(int)

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter = typesetter
        self._appearance = appearance
        self._rows: Sequence[MapRow] = ()
        self._now: int | None = None
        self._columns: tuple[float, float] | None = None
        self._images: dict[tuple[Course, str, str], QImage] = {}
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        typesetter.ready.connect(self._on_typeset)
        appearance.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(600, round(max(1, len(self._rows)) * self.px(52) + self._axis_height()))

    def px(self, pixels: float) -> int:
        """Return a size given for 1080 lines in pixels of this screen, larger in a hall."""
        return self._appearance.with_text(pixels)

    @property
    def gutter(self) -> int:
        """Width of the symbols on the left."""
        return self.px(180 if any(row.title for row in self._rows) else 58)

    @property
    def _small(self) -> int:
        """Size of what is written beside symbols and below the time axis."""
        return self._appearance.text(NOTE)

    def show_rows(self, rows: Sequence[MapRow], now: int | None) -> None:
        """Show these maps; `now` is the step that is framed."""
        if len(rows) != len(self._rows):
            self.updateGeometry()
        self._rows, self._now = rows, now
        courses = {row.course for row in rows}
        self._images = {key: image for key, image in self._images.items() if key[0] in courses}
        self.update()

    def set_columns(self, columns: tuple[float, float] | None) -> None:
        """Put the steps under something else: where the first begins, and how wide each is; None: all the width."""
        if columns != self._columns:
            self._columns = columns
            self.update()

    def cell_rect(self, row: int, t: int, unit: int) -> QRectF:
        """Return where a unit of a time step stands, both from 0."""
        return self._grid(row).cell(unit, t)

    def _grid(self, row: int) -> Grid:
        steps, units = self._rows[row].course.values[self._rows[row].name].shape
        return Grid(self._map_rect(row), steps, units)

    def _steps(self) -> int:
        return len(self._rows[0].course.trace.steps)

    def _time_axis(self) -> tuple[float, float]:
        if self._columns is not None:
            return self._columns
        return float(self.gutter), max(1.0, self.width() - self.gutter - self.px(24)) / self._steps()

    def _axis_height(self) -> float:
        return 1.5 * self._small

    def _map_rect(self, row: int) -> QRectF:
        left, pitch = self._time_axis()
        gap = self.px(8)
        height = (self.height() - self._axis_height()) / len(self._rows)
        return QRectF(left, row * height + gap / 2, self._steps() * pitch, max(1.0, height - gap))

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        for number, row in enumerate(self._rows):
            self._paint_map(painter, self._map_rect(number), row)
            self._paint_label(painter, self._map_rect(number), row)
        self._paint_axis(painter)

    def _paint_map(self, painter: QPainter, rect: QRectF, row: MapRow) -> None:
        theme, steps = self._appearance.theme, self._steps()
        image = self._image(row)
        pitch = rect.width() / steps
        for first, last, to_come in ((0, row.computed, False), (row.computed, steps, True)):
            if first < last:
                target = QRectF(rect.left() + first * pitch, rect.top(), (last - first) * pitch, rect.height())
                painter.drawImage(target, image, QRectF(first, 0, last - first, image.height()))
                hatch(painter, target, missing_in(row.course.values[row.name][first:last].T), theme)
                if to_come:
                    veil(painter, target, theme)
        if pitch >= _DIVIDED_FROM_PX:
            painter.setPen(QPen(QColor(theme.panel), 1))
            for t in range(1, steps):
                x = rect.left() + t * pitch
                painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.drawRect(rect)
        if self._now is not None and self._now < steps:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.now), 3))
            painter.drawRoundedRect(
                QRectF(rect.left() + self._now * pitch, rect.top() - 1, pitch, rect.height() + 2), 3, 3
            )
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_label(self, painter: QPainter, rect: QRectF, row: MapRow) -> None:
        theme, item = self._appearance.theme, row.course.trace.cell.described(row.name)
        letters = min(self.px(SYMBOL), rect.height())
        formula = self._typesetter.formula(item.latex)
        limit = f"±{self._appearance.written(row.course.limits[row.name][1])}"
        small = self._small
        below = not row.title and rect.height() >= letters * 1.2 + small
        height = formula.size(letters).height() if formula else letters
        y = rect.center().y() - (height + (small if below else 0)) / 2
        if formula is not None:
            self._typesetter.draw(painter, item.latex, QPointF(self.px(12), y), letters, theme.role(item.role))
        painter.setPen(QColor(theme.muted))
        painter.setFont(font(small))
        if below:
            wide = QFontMetricsF(painter.font()).horizontalAdvance(limit)
            left = max(0.0, min(self.px(12), rect.left() - self.px(6) - wide))  # a power of ten needs the margin too
            beneath = QRectF(left, y + height, rect.left() - left, small * 1.4)
            painter.drawText(beneath, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, limit)
        elif row.title:
            beside = QRectF(self.px(40), rect.top() - 4, self.gutter - self.px(48), rect.height() + 8)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(beside, flags, f"{row.title}, {limit}")

    def _paint_axis(self, painter: QPainter) -> None:
        left, pitch = self._time_axis()
        y, height = self.height() - self._axis_height(), self._axis_height()
        painter.setFont(font(self._small))
        painter.setPen(QColor(self._appearance.theme.muted))
        axis = QRectF(left, y, self._steps() * pitch, height)
        middle = Qt.AlignmentFlag.AlignVCenter
        later = any(row.computed < self._steps() for row in self._rows)
        words = "unit ↓   time →" + ("   hatched: not computed yet" if later else "")
        painter.drawText(axis, middle | Qt.AlignmentFlag.AlignHCenter, words)
        if self._steps() > 1:
            painter.drawText(axis, middle | Qt.AlignmentFlag.AlignLeft, "t = 1")
            painter.drawText(axis, middle | Qt.AlignmentFlag.AlignRight, f"t = {self._steps():,}")

    def _image(self, row: MapRow) -> QImage:
        theme = self._appearance.theme
        key = (row.course, row.name, theme.name)
        if key not in self._images:
            self._images[key] = image_of(pixels_of(theme)[row.course.places[row.name].T])  # (size, T)
        return self._images[key]

    def _on_typeset(self, latex: str) -> None:
        if any(row.course.trace.cell.described(row.name).latex == latex for row in self._rows):
            self.update()

    # The mouse

    def _place(self, point: QPointF) -> tuple[int, int, int] | None:
        """Return row, unit and time step under a point."""
        places = ((number, self._grid(number).place_at(point)) for number in range(len(self._rows)))
        return next(((number, *place) for number, place in places if place is not None), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.PointingHandCursor)
        if place is None:
            self._leave()
            return
        number, unit, t = place
        row = self._rows[number]
        item, value = row.course.trace.cell.described(row.name), row.course.values[row.name][t, unit]
        words = f"{row.title}: " if row.title else ""
        later = t >= row.computed and isinstance(item, Operation)
        told = "not computed yet" if later else numbers.exact(value)
        self.setToolTip(f"{words}{said(item.symbol, unit, t, told)}")
        if later:  # whoever hides it wants it to be predicted
            self.rested.emit(None, 0, "", None)
        else:
            self.rested.emit(row.course.trace, t, row.name, (unit,))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._leave()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if place is not None and event.button() is Qt.MouseButton.LeftButton:
            self.step_clicked.emit(place[2])

    def _leave(self) -> None:
        self.setToolTip("")
        self.rested.emit(None, 0, "", None)
