"""What is drawn of an example: a few marks, made from the numbers that its cell computes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from engine.cell.trace import Trace
from engine.document.document import Document
from engine.document.through_time import cell_line, through_time
from engine.document.tracing import trace_document
from gui.appearance.colour_maps import colours_of, own_limits, picture_of, places_of
from gui.appearance.dashes import OF_ROLES, dashed
from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, Theme, font
from gui.appearance.typeset import Typesetter

Numbers = NDArray[np.float64]

_LONG = 8
"""Time steps from which a sequence whose inputs no longer change shows what is left of its beginning."""
_SYMBOL = 17
"""Pixels of a symbol's letters, on a screen of 1080 lines."""
_SYMBOL_ROOM, _GAP, _MARKS = 26, 6, 18
"""Pixels beside a map or below a column for its symbol, between two maps, and below a curve for marks."""
_APART = 0.5
"""Between what comes in, the gates and what goes on, in columns."""
_MOST_WIDE = 30
"""Pixels that a column's cells are wide at most."""
_SMALLEST_NORM = 1e-300
_OF_TIME = re.compile(r"_(t|\{t-1\})$")
"""What a symbol says of its time step; in so little room its letter has to do."""


class Picture(Protocol):
    """Something to be drawn."""

    def paint(self, brush: Brush, area: QRectF) -> None:
        """Draw it."""


@dataclass(frozen=True)
class Brush:
    """What a picture is painted with."""

    painter: QPainter
    appearance: Appearance
    typesetter: Typesetter

    @property
    def theme(self) -> Theme:
        """Its colours."""
        return self.appearance.theme

    def px(self, pixels: float) -> int:
        """Return a length given for 1080 lines in pixels of this screen."""
        return self.appearance.px(pixels)

    def symbol(self, latex: str, area: QRectF, role: str) -> None:
        """Write a symbol in the middle of an area; nothing while it is being typeset."""
        formula = self.typesetter.formula(latex)
        if formula is not None:
            size = formula.size(self.px(_SYMBOL))
            at = area.center() - QPointF(size.width() / 2, size.height() / 2)
            self.typesetter.draw(self.painter, latex, at, self.px(_SYMBOL), self.theme.role(role))

    def words(self, text: str, area: QRectF, flags: Qt.AlignmentFlag, colour: QColor) -> None:
        """Write a few words at the edge of an area."""
        self.painter.setFont(font(self.px(NOTE), bold=True))
        self.painter.setPen(colour)
        self.painter.drawText(area, flags, text)


@dataclass(frozen=True, eq=False)
class Value:
    """A value of a cell with its numbers: (k,) of one time step, (T, k) of all."""

    latex: str
    role: str
    gate: str | None
    numbers: Numbers


@dataclass(frozen=True, eq=False)
class Columns:
    """One time step: what comes in, the gates and the candidate, and what goes on, a column of cells each."""

    groups: tuple[tuple[Value, ...], ...]

    @property
    def values(self) -> tuple[Value, ...]:
        """All of them, from left to right."""
        return tuple(value for group in self.groups for value in group)

    def paint(self, brush: Brush, area: QRectF) -> None:
        painter, theme = brush.painter, brush.theme
        room = area.adjusted(0, 0, 0, -brush.px(_SYMBOL_ROOM))
        place = room.width() / (len(self.values) + _APART * (len(self.groups) - 1))
        wide = min(place * 0.72, brush.px(_MOST_WIDE))
        high = room.height() / max(len(value.numbers) for value in self.values)
        before = [_APART * number for number, group in enumerate(self.groups) for _ in group]
        for number, value in enumerate(self.values):
            middle = room.left() + place * (number + before[number] + 0.5)
            tall = high * len(value.numbers)
            column = QRectF(middle - wide / 2, room.bottom() - tall, wide, tall)
            colours = colours_of(theme, value.gate)
            for row, shade in enumerate(places_of(value.numbers, own_limits(value.numbers, value.gate)).tolist()):
                painter.fillRect(QRectF(column.left(), column.top() + row * high, wide, high), colours[shade])
            painter.setPen(QPen(theme.role(value.role), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(column, 3, 3)
            below = QRectF(middle - place / 2, column.bottom(), place, brush.px(_SYMBOL_ROOM))
            brush.symbol(value.latex, below, value.role)


@dataclass(frozen=True, eq=False)
class Maps:
    """Several time steps: values over time, a map each."""

    values: tuple[Value, ...]

    def paint(self, brush: Brush, area: QRectF) -> None:
        gap = brush.px(_GAP)
        high = (area.height() - gap * (len(self.values) - 1)) / len(self.values)
        for number, value in enumerate(self.values):
            row = QRectF(area.left(), area.top() + number * (high + gap), area.width(), high)
            limits = own_limits(value.numbers, value.gate)
            box = row.adjusted(brush.px(_SYMBOL_ROOM), 0, -1, 0)
            picture_of(value.numbers.T, limits, brush.theme, value.gate).paint(brush.painter, box, brush.theme)
            brush.painter.setPen(QColor(brush.theme.edge))
            brush.painter.setBrush(Qt.BrushStyle.NoBrush)
            brush.painter.drawRect(box)
            brush.symbol(value.latex, QRectF(row.left(), row.top(), brush.px(_SYMBOL_ROOM), high), value.role)


@dataclass(frozen=True, eq=False)
class Steps:
    """A single unit over time as a line of steps, and below it where inputs are not 0: full and open dots."""

    value: Value
    inputs: Numbers

    def paint(self, brush: Brush, area: QRectF) -> None:
        painter, theme = brush.painter, brush.theme
        room = area.adjusted(brush.px(_SYMBOL_ROOM), brush.px(_GAP), -2, -brush.px(_MARKS))
        brush.symbol(
            self.value.latex, QRectF(area.left(), area.top(), brush.px(_SYMBOL_ROOM), room.height()), self.value.role
        )
        series = self.value.numbers[:, 0]
        low, high = min(0.0, float(series.min())), max(1.0, float(series.max()))
        wide = room.width() / len(series)

        def down(value: float) -> float:
            return room.bottom() - (value - low) / (high - low) * room.height()

        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.drawLine(QPointF(room.left(), down(0)), QPointF(room.right(), down(0)))
        corners = [
            QPointF(room.left() + wide * (t + end), down(value))
            for t, value in enumerate(series.tolist())
            for end in (0, 1)
        ]
        painter.setPen(QPen(theme.role(self.value.role), 2.2))
        painter.drawPolyline(QPolygonF(corners))
        painter.setPen(QPen(theme.role("x"), 1.5))
        radius = brush.px(4)
        for unit, marks in enumerate(self.inputs.T[:2]):
            painter.setBrush(theme.role("x") if unit == 0 else Qt.BrushStyle.NoBrush)
            for t in np.flatnonzero(marks).tolist():
                at = QPointF(room.left() + wide * (t + 0.5), area.bottom() - radius - 1)
                painter.drawEllipse(at, radius, radius)


@dataclass(frozen=True, eq=False)
class Fading:
    """How much of a gradient is left at each time step, on a scale of powers: the cell line and a plain RNN."""

    line: Numbers | None
    rnn: Numbers

    def paint(self, brush: Brush, area: QRectF) -> None:
        painter, theme = brush.painter, brush.theme
        curves = [curve for curve in (self.line, self.rnn) if curve is not None]
        powers = [np.log10(np.maximum(np.nan_to_num(curve, nan=1.0), _SMALLEST_NORM)) for curve in curves]
        low = min(-1.0, *(float(power.min()) for power in powers))
        high = max(0.0, *(float(power.max()) for power in powers))
        room = area.adjusted(4, 6, -4, -6)

        def line(power: Numbers) -> QPolygonF:
            across = np.linspace(room.left(), room.right(), len(power))
            down = room.bottom() - (power - low) / (high - low) * room.height()
            return QPolygonF([QPointF(*point) for point in zip(across.tolist(), down.tolist(), strict=True)])

        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.drawPolyline(line(np.zeros(2)))
        painter.setPen(dashed(QPen(theme.role("hidden"), 2.2), OF_ROLES["hidden"]))
        painter.drawPolyline(line(powers[-1]))
        falls = powers[-1][0] <= 0
        right, left = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        brush.words("plain RNN", room, right | (bottom if falls else top), theme.role("hidden"))
        if self.line is not None:
            painter.setPen(QPen(theme.role("cell"), 3.5))
            painter.drawPolyline(line(powers[0]))
            brush.words("cell line", room.adjusted(0, brush.px(10), 0, 0), left | top, theme.role("cell"))


def picture_from(document: Document) -> Picture:
    """Return what shows most of a document: one time step, one unit over time, maps, or what is left of a gradient."""
    trace = trace_document(document)
    if len(trace.steps) == 1:
        return Columns(_in_one_step(trace))
    if len(trace.steps) > _LONG and not np.ptp(document.x[1:], axis=0).any():
        found = through_time(document)
        return Fading(None if found.line is None else found.line.mean(axis=1), found.rnn)
    state = _over_time(trace, tuple(trace.cell.carried.values())[-1])
    if state.numbers.shape[1] == 1:
        return Steps(state, document.x)
    line = cell_line(trace.cell)
    return Maps((state,) if line is None or line.factor is None else (state, _over_time(trace, line.factor)))


def _in_one_step(trace: Trace) -> tuple[tuple[Value, ...], ...]:
    """Return what comes in; gates and candidate; what goes on."""
    cell = trace.cell
    given = [item.name for item in cell.inputs if item not in cell.draws]
    between = [item.name for item in cell.named if item.is_gate or item.role == "candidate"]
    ends = [item.name for item in cell.named if item.name not in between]
    return tuple(
        tuple(_value(trace, name, np.ravel(trace.value(0, name))) for name in names)
        for names in (given, between, ends)
        if names
    )


def _over_time(trace: Trace, name: str) -> Value:
    return _value(trace, name, np.stack([np.ravel(step[name]) for step in trace.steps]))


def _value(trace: Trace, name: str, numbers: Numbers) -> Value:
    item = trace.cell.described(name)
    return Value(_OF_TIME.sub("", item.latex), item.role, item.gate_role, numbers)
