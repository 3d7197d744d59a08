"""Draws what the network reads: numbers as curves, marks in a lane of their own, symbols as letters."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.text.numbers import grouped, short
from gui.appearance.colour_maps import SHARE, image_of, picture_of, pixels_of
from gui.appearance.theme import Theme
from gui.plots.strip import short_names
from gui.views.live.lanes.pen import CENTRE, LEFT, Pencil, height, limits_of, metrics, shown_limits
from gui.views.live.lanes.reading import Coarse, Reading

_LETTERS_FROM = 0.8
"""Width of a time step, in letters, from which symbols are written."""
_CURVE = 2.0
"""Least height of a curve's lane, in letters."""
_FEWEST_STEMS = 2.0
"""Pixels of a time step, below which marks are drawn without heads."""


def paint_input(pencil: Pencil, reading: Reading, coarse: Coarse | None) -> None:
    """Draw the input and its marks. coarse: what was found of very many numbers, maybe those of another input."""
    lanes = pencil.lanes
    if lanes.input is not None:
        if reading.symbols is not None:
            _paint_symbols(pencil, reading, coarse, lanes.input)
        else:
            _paint_curves(pencil, reading, coarse, lanes.input)
    if lanes.marks is not None:
        _paint_marks(pencil, reading, lanes.marks)


def room_of(box: QRectF) -> tuple[int, int]:
    """Return how many columns and rows of a map a lane has."""
    return int(box.width()), int(box.height())


def _seen(reading: Reading, found: Coarse | None, box: QRectF) -> Coarse | None:
    """Return the map of the inputs; None while it is being found."""
    if reading.is_small:
        return reading.coarse(*room_of(box))
    return found if found is not None and found.reading is reading else None


def _label(pencil: Pencil, box: QRectF) -> QRectF:
    return QRectF(0, box.top(), box.left() - 0.5 * pencil.text, box.height())


def _paint_curves(pencil: Pencil, reading: Reading, coarse: Coarse | None, box: QRectF) -> None:
    curves = reading.curves
    title = _label(pencil, box)
    line = 1.35 * pencil.text
    pencil.write(
        QRectF(0, title.top(), title.width(), line), "input x", bold=True, size=pencil.text, colour=pencil.theme.ink
    )
    if len(curves) * _CURVE * pencil.note > box.height() and len(curves) > 1:
        _paint_map(pencil, reading, coarse, box, title)
        return
    each = box.height() / max(1, len(curves))
    for place, number in enumerate(curves):
        lane = QRectF(box.left(), box.top() + place * each, box.width(), each - 2)
        values = reading.x[:, number].astype(np.float64)
        low, high = limits_of(values)
        limits = shown_limits(low, high)
        if low <= 0 <= high:
            pencil.line(height(lane, 0.0, limits))
        pen = QPen(QColor(pencil.theme.ink), max(1.0, 0.1 * pencil.text))
        pencil.curve(lane, values, limits, pen)
        ends = QRectF(box.right() + 0.5 * pencil.note, lane.top(), 8 * pencil.note, 1.2 * pencil.note)
        pencil.write(ends, grouped(_short(high)))
        if lane.height() > 2.6 * pencil.note:
            ends.moveBottom(lane.bottom())
            pencil.write(ends, grouped(_short(low)))
        below = title.top() + (line if place == 0 else 0) + place * each
        if below + 1.2 * pencil.note <= lane.bottom() + 1:
            pencil.write_lines(QRectF(0, below, title.width(), lane.bottom() - below + 1), reading.inputs[number])


def _short(value: float) -> float:
    """Return a number in the few digits of a scale."""
    return float(f"{value:.2g}" if abs(value) < 10 else f"{value:.3g}")


def _paint_map(pencil: Pencil, reading: Reading, coarse: Coarse | None, box: QRectF, title: QRectF) -> None:
    """Draw more inputs than have room for a curve each as a map, the first on top."""
    line = QRectF(0, title.top() + 1.35 * pencil.text, title.width(), 1.3 * pencil.note)
    for words in (f"{len(reading.curves):,} inputs,", "the first on top"):
        if line.bottom() <= box.bottom() + 1:
            pencil.write(line, words)
            line.moveTop(line.bottom())
    seen = _seen(reading, coarse, box)
    if seen is None:
        return
    size = max(1e-9, seen.size)
    picture_of(seen.values.T, (-size, size), pencil.theme).paint(pencil.painter, box, pencil.theme)
    scale = QRectF(box.right() + 0.5 * pencil.note, box.top(), 9 * pencil.note, 1.3 * pencil.note)
    pencil.write(scale, f"±{grouped(_short(size))}")


def _paint_marks(pencil: Pencil, reading: Reading, box: QRectF) -> None:
    """Draw each mark above 0 as a pin with the number that it marks, each below 0 as an open one."""
    painter, theme = pencil.painter, pencil.theme
    alone = reading.symbols is None and not reading.curves
    name = ", ".join(reading.inputs[place] for place in reading.marks)
    title = _label(pencil, box)
    if alone:
        line = QRectF(0, title.top(), title.width(), 1.35 * pencil.text)
        pencil.write(line, "input x", bold=True, size=pencil.text, colour=theme.ink)
        if title.height() > 2.5 * pencil.text:
            pencil.write(QRectF(0, line.bottom(), title.width(), 1.3 * pencil.note), name)
    else:
        pencil.write(QRectF(0, title.bottom() - 1.3 * pencil.note, title.width(), 1.3 * pencil.note), name)
    each = box.height() / len(reading.marks)
    written = set(reading.marked_steps[:9]) if len(reading.curves) == 1 else set()
    wide = max(1.0, min(0.13 * pencil.text, 0.5 * pencil.column))
    radius = min(0.23 * pencil.text, 0.24 * each)
    for place, number in enumerate(reading.marks):
        zero = box.top() + (place + 1) * each - 1.5 * radius
        pencil.line(zero)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, pencil.column >= _FEWEST_STEMS)
        for t in np.flatnonzero(reading.x[:, number]).tolist():
            x, up = pencil.middle(t), reading.x[t, number] > 0
            head = QPointF(x, zero - (each - 3 * radius) if up else zero)
            painter.setPen(QPen(QColor(theme.ink), wide))
            if up:
                painter.drawLine(QPointF(x, zero), head)
            if pencil.column >= _FEWEST_STEMS:
                painter.setBrush(QColor(theme.ink if up else theme.panel))
                painter.drawEllipse(head, radius, radius)
            if up and t in written:
                value = short(float(reading.x[t, reading.curves[0]]), True)
                words = QRectF(x + 0.5 * pencil.text, box.top(), 6 * pencil.text, each - 2 * radius)
                pencil.write(words, value, LEFT, bold=True, size=pencil.note, colour=theme.ink)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_symbols(pencil: Pencil, reading: Reading, coarse: Coarse | None, box: QRectF) -> None:
    assert reading.symbols is not None
    title = _label(pencil, box)
    line = QRectF(0, title.top(), title.width(), 1.35 * pencil.text)
    pencil.write(line, "input x", bold=True, size=pencil.text, colour=pencil.theme.ink)
    signs = short_names(reading.inputs)
    room = QRectF(0, line.bottom(), title.width(), title.bottom() - line.bottom())
    if letters_fit(pencil, signs):
        pencil.write(QRectF(0, room.top(), room.width(), 1.3 * pencil.note), f"{len(signs)} symbols")
        lane = box.adjusted(0, 0, 0, -2)
        write_symbols(pencil, lane, signs, reading.symbols.tolist(), pencil.theme.ink)
        return
    # Each symbol has a row of its own, in which it is seen where it is read.
    seen = _seen(reading, coarse, box)
    if seen is not None:
        picture_of(seen.values.T, SHARE, pencil.theme, "x").paint(pencil.painter, box, pencil.theme)
    pencil.painter.setPen(QColor(pencil.theme.edge))
    pencil.painter.drawRect(box.adjusted(0, 0, -1, -1))
    name_rows(pencil, box, reading.inputs, f"{len(signs)} symbols", room)


def letters_fit(pencil: Pencil, signs: tuple[str, ...]) -> bool:
    """Return whether each time step has room for any of these signs."""
    longest = max(map(len, signs), default=1)
    return pencil.column >= _LETTERS_FROM * pencil.note * (1 if longest == 1 else 0.85 * longest)


def write_symbols(
    pencil: Pencil, box: QRectF, signs: tuple[str, ...], symbols: list[int], colour: str | QColor, right: bool = False
) -> None:
    """Write a symbol at each time step; -1 is none. right: they are pale, as something that is only asked for."""
    size = letter_size(pencil, box, signs)
    for t, place in enumerate(symbols):
        if place >= 0:
            cell = QRectF(pencil.lanes.x_of(t, pencil.steps), box.top(), pencil.column, box.height())
            pencil.write(cell.adjusted(-8, 0, 8, 0), signs[place], CENTRE, bold=not right, size=size, colour=colour)


def letter_size(pencil: Pencil, box: QRectF, signs: tuple[str, ...]) -> int:
    """Return how large signs can be written in the time steps of a lane: at most half as large again as text."""
    widest = max((metrics(100, True).horizontalAdvance(sign) for sign in signs), default=60.0) / 100
    return max(pencil.note - 1, round(min(1.5 * pencil.text, 0.8 * box.height(), pencil.column / widest)))


def name_rows(pencil: Pencil, box: QRectF, names: tuple[str, ...], otherwise: str, room: QRectF) -> None:
    """Write the name of each row of a map beside it at the right, or where there is no room, which one is on top.

    otherwise: how many there are, in words.
    """
    each = box.height() / max(1, len(names))
    right = QRectF(box.right() + 0.4 * pencil.note, 0, 8 * pencil.note, each)
    if each >= 0.95 * pencil.note:
        for place, name in enumerate(names):
            right.moveTop(box.top() + place * each)
            pencil.write(right, name, size=round(min(pencil.note, each)))
        return
    line = QRectF(0, room.top(), room.width(), 1.3 * pencil.note)
    for words in (f"{otherwise},", f"{names[0]} on top") if room.height() >= 2.5 * pencil.note else (otherwise,):
        if line.bottom() <= room.bottom() + 2:
            pencil.write(line, words)
        line.moveTop(line.bottom())


@lru_cache(32)
def _bar(theme: Theme, gate: str | None) -> QImage:
    return image_of(pixels_of(theme, gate)[::-1][:, None])


def bar_image(pencil: Pencil, gate: str | None, box: QRectF) -> None:
    """Draw a bar of a map's colours, the largest on top."""
    pencil.painter.drawImage(box, _bar(pencil.theme, gate))
    pencil.painter.setPen(QColor(pencil.theme.edge))
    pencil.painter.drawRect(box.adjusted(0, 0, -1, -1))
