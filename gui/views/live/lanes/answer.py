"""Draws what the network answers and what it should: curves of numbers, letters of symbols, or chances as a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.text import numbers
from gui.appearance.colour_maps import SHARE, picture_of
from gui.plots.strip import short_names
from gui.views.live.lanes.input import letter_size, letters_fit, name_rows
from gui.views.live.lanes.pen import CENTRE, Pencil, height, limits_of, metrics, shown_limits
from gui.views.live.lanes.reading import Reading
from gui.views.live.sharing import shared

Values = NDArray[np.floating]

_FRAMES_FROM = 3
"""Pixels of a time step and of a class from which the right one is framed."""
_DASHES = (3.0, 2.0)


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network answers over the probe: given (T, outputs), as the readout has it; until: the last step shown.

    None of the network's answers is known before the first snapshot. chosen: of several numbers the one that is shown,
    from 0; None for all.
    """

    reading: Reading
    given: Values | None
    until: int | None = None
    chosen: int | None = None

    @property
    def last(self) -> int:
        """The last time step that is shown, from 0."""
        return self.reading.steps - 1 if self.until is None else self.until

    @property
    def shown(self) -> list[int]:
        """The outputs that are shown, from 0, where answers are numbers."""
        given, target = self.given, self.reading.target
        known = given if given is not None and given.size else target
        count = known.shape[1] if known is not None else 0
        return [self.chosen] if self.chosen is not None and self.chosen < count else [*range(count)]

    def name(self, output: int) -> str:
        """Return the name of one of several answers; "" where there is one."""
        names = self.reading.outputs
        return names[output] if output < len(names) else ""


def paint_target(pencil: Pencil, answers: Answers) -> None:
    """Draw what rests while the network learns: the label, and the target of numbers."""
    box, reading, theme = pencil.lanes.answer, answers.reading, pencil.theme
    if box is None:
        return
    title = QRectF(0, box.top(), box.left() - 0.5 * pencil.text, box.height())
    line = QRectF(0, title.top(), title.width(), 1.35 * pencil.text)
    pencil.write(line, "answer y", bold=True, size=pencil.text, colour=theme.ink)
    room = QRectF(0, line.bottom(), title.width(), title.bottom() - line.bottom())
    if reading.by_class:
        _name_classes(pencil, reading, box, room)
        return
    below = QRectF(0, room.top(), room.width(), 1.3 * pencil.note)
    several = len(reading.outputs)
    if several and room.height() >= 2.5 * pencil.note:
        pencil.write(below, f"{several} answers" if answers.chosen is None else answers.name(answers.chosen))
        below.moveTop(below.bottom())
    known = reading.target is not None
    if room.bottom() - below.top() >= 1.2 * pencil.note:
        pencil.write(below, "target" if known else "target: not known")
        if known:
            _sign(pencil, below, reading.every_step)


def _sign(pencil: Pencil, below: QRectF, is_curve: bool) -> None:
    """Draw how the target looks beside its name: a wide line, or a ring."""
    painter, x = pencil.painter, 3.9 * pencil.note
    if is_curve:
        y = round(below.center().y())
        painter.fillRect(QRectF(x - 0.4 * pencil.note, y - 1, 1.8 * pencil.note, 3), QColor(pencil.theme.muted))
        return
    painter.setPen(QPen(QColor(pencil.theme.ink), max(1.0, 0.1 * pencil.text)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawEllipse(QPointF(x, below.center().y()), 0.3 * pencil.note, 0.3 * pencil.note)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _name_classes(pencil: Pencil, reading: Reading, box: QRectF, room: QRectF) -> None:
    signs = short_names(reading.names)
    if reading.every_step and letters_fit(pencil, signs):
        if reading.answers is not None:
            lower = QRectF(0, box.center().y(), room.width(), 0.5 * box.height())
            pencil.write(lower, "target")
        return
    if room.height() >= 1.2 * pencil.note:
        pencil.write(QRectF(0, room.top(), room.width(), 1.3 * pencil.note), "chance of each")
    rest = QRectF(0, room.top() + 1.3 * pencil.note, room.width(), room.height() - 1.3 * pencil.note)
    name_rows(pencil, box, reading.names, f"{len(signs)} classes", rest)


def paint_answers(pencil: Pencil, answers: Answers, cursor: int) -> None:
    """Draw what the network answers now, and in numbers what it answers at the cursor, or at its end."""
    if pencil.lanes.answer is None:
        return
    if answers.reading.by_class:
        if answers.given is not None:
            _paint_classes(pencil, answers, pencil.lanes.answer, answers.given)
    else:
        _paint_numbers(pencil, answers, pencil.lanes.answer, cursor)


def _paint_numbers(pencil: Pencil, answers: Answers, box: QRectF, cursor: int) -> None:
    reading, theme, painter = answers.reading, pencil.theme, pencil.painter
    shown = answers.shown
    target = None if reading.target is None else reading.target[:, shown]
    given = None if answers.given is None else answers.given[:, shown].astype(np.float64)
    known = [values for values in (target, given) if values is not None and values.size]
    limits = shown_limits(*limits_of(*known)) if known else (0.0, 1.0)
    if limits[0] <= 0 <= limits[1]:
        pencil.line(height(box, 0.0, limits))
    wide = max(1.0, 0.1 * pencil.text)
    if target is not None and reading.every_step:
        for output in range(len(shown)):
            pencil.curve(box, target[:, output], limits, QPen(QColor(theme.muted), wide + 1))
    if given is not None:
        pen = QPen(QColor(theme.ink), wide)
        if not reading.every_step:
            pen.setDashPattern(_DASHES)
        for output in range(len(shown)):
            pencil.curve(box, given[:, output], limits, pen, answers.until)
    at = cursor if reading.every_step else reading.steps - 1
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x, radius = pencil.middle(at), 0.28 * pencil.text
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.ink), max(1.0, 0.12 * pencil.text)))
    for value in target[at] if target is not None else ():
        if np.isfinite(value):
            painter.drawEllipse(QPointF(x, height(box, float(value), limits)), 1.7 * radius, 1.7 * radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.ink))
    for value in given[at] if given is not None and at <= answers.last else ():
        if np.isfinite(value):
            painter.drawEllipse(QPointF(x, height(box, float(value), limits)), radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    clear = max(0.4 * pencil.note, 0.6 * pencil.text - pencil.column / 2)  # of the ring at the last step
    line = QRectF(box.right() + clear, box.top(), pencil.width - box.right() - clear, 1.3 * pencil.note)
    for words, strong in _said(answers, at):
        if line.bottom() > box.bottom() + pencil.note:
            break
        if metrics(pencil.note).horizontalAdvance(words) > line.width():  # its sign stands beside the name of the lane
            words = words.replace("target ", "○ ")
        pencil.write(line, words, bold=strong, colour=theme.ink if strong else theme.muted)
        line.moveTop(line.bottom())


def _said(answers: Answers, at: int) -> list[tuple[str, bool]]:
    """Return lines on answer and target of a step, and which are strong; of several answers the largest first."""
    given = answers.given if at <= answers.last else None
    target = answers.reading.target
    if len(answers.shown) > 1:
        values = given if given is not None else target
        if values is None:
            return []
        ordered = sorted(answers.shown, key=lambda output: -float(np.nan_to_num(values[at, output])))
        return [(f"{three(float(values[at, output]))} {answers.name(output)}", given is not None) for output in ordered]
    lines = [(f"y {three(float(given[at, output]))}", True) for output in answers.shown if given is not None]
    wanted = [float(target[at, output]) for output in answers.shown] if target is not None else []
    return lines + [(f"target {three(value)}", False) for value in wanted if np.isfinite(value)]


def three(value: float) -> str:
    """Return a number in three decimals at most, "0.857", or "1,383"."""
    size = abs(value)
    if not np.isfinite(value) or (0 < size < 0.0005) or size >= 9.9995:
        return numbers.grouped(value)
    return f"{value:.3f}".replace("-", numbers.MINUS)


def _paint_classes(pencil: Pencil, answers: Answers, box: QRectF, given: Values) -> None:
    reading, theme, painter = answers.reading, pencil.theme, pencil.painter
    signs = short_names(reading.names)
    if reading.every_step and letters_fit(pencil, signs):
        _write_classes(pencil, answers, box, given, signs)
        return
    chances = reading.chances(given).astype(np.float64)
    drawn = np.where(np.arange(len(chances))[:, np.newaxis] <= answers.last, chances, 0)
    small = shared(shared(drawn, int(box.width()), 0, True), int(box.height()), 1, True)
    picture_of(small.T, SHARE, theme, "x").paint(painter, box, theme)
    painter.setPen(QColor(theme.edge))
    painter.drawRect(box.adjusted(0, 0, -1, -1))
    each = box.height() / max(1, chances.shape[1])
    if reading.answers is not None and min(pencil.column, each) >= _FRAMES_FROM:
        for t in np.flatnonzero(reading.answers >= 0).tolist():
            top = box.top() + int(reading.answers[t]) * each
            cell = QRectF(pencil.lanes.x_of(t, pencil.steps), top, pencil.column, each)
            frame(painter, cell, theme.ink, theme.panel)


def _write_classes(pencil: Pencil, answers: Answers, box: QRectF, given: Values, signs: tuple[str, ...]) -> None:
    """Write the likeliest symbol of each step, and below it the right one; what is wrong has a colour and a line."""
    reading, theme, painter = answers.reading, pencil.theme, pencil.painter
    answered = reading.answered(given)
    known = reading.answers is not None
    upper = QRectF(box.left(), box.top(), box.width(), 0.5 * box.height() if known else box.height())
    size = letter_size(pencil, upper, signs)
    for t in range(answers.last + 1):
        place = int(answered[t])
        cell = QRectF(pencil.lanes.x_of(t, pencil.steps), upper.top(), pencil.column, upper.height())
        right = int(reading.answers[t]) if reading.answers is not None else -1
        wrong = right >= 0 and place not in _allowed(reading, t, right)
        if place >= 0 and (right >= 0 or not known):
            colour = theme.wrong if wrong else theme.ink
            pencil.write(cell.adjusted(-8, 0, 8, 0), signs[place], CENTRE, bold=True, size=size, colour=colour)
        if wrong:
            painter.fillRect(QRectF(cell.left() + 1, cell.bottom() - 2, cell.width() - 2, 2), QColor(theme.wrong))
        if right >= 0:
            cell.moveTop(upper.bottom())
            pencil.write(cell.adjusted(-8, 0, 8, 0), signs[right], CENTRE, size=size)


def _allowed(reading: Reading, t: int, right: int) -> set[int]:
    """Return which symbols are right at a step: the one that comes, and where a grammar has more, all of them."""
    return {right} if reading.legal is None else {right, *np.flatnonzero(reading.legal[t]).tolist()}


def frame(painter: QPainter, cell: QRectF, ink: str, ground: str, width: int = 1) -> None:
    """Draw a frame that is seen on any colour: a line of ink around one of the ground."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for inset, colour in ((0, ink), (width, ground)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawRect(cell.adjusted(inset, inset, -inset - 1, -inset - 1))
