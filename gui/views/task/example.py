"""Draws one example of a task: its inputs over time, and the target at the time steps that have one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.formats.numbers_file import Table, csv_text
from engine.tasks.example import Example
from engine.text import numbers
from gui.appearance.colour_maps import picture_of
from gui.appearance.text_size import NOTE, TEXT
from gui.appearance.theme import Appearance, font
from gui.plots.numbers import Series, table_of
from gui.plots.strip import Strip
from gui.views.task.answer import Answer, rights
from gui.views.task.answer_row import paint_answer
from gui.views.task.class_bars import paint_class_bars
from gui.views.task.rows import MOST_WRITTEN, Row, column_ends, marked_steps, rows_of, step_place

_DOTS_UNTIL = 120
_LARGE = 2.5
"""Height of a row of the target, over that of an input."""
_STRIP_SHARE = 0.5
"""Of the height, for symbols above the bars of their classes."""
_STEPS_A_PIXEL = 2  # more are drawn as the range of each column of pixels


class ExamplePicture(QWidget):
    """Draws an example; where `drawing` names an input, the mouse draws a curve of its values."""

    hovered = Signal(str)
    """What is under the cursor, or nothing."""
    drawn = Signal(object)
    """x (T, m) with what the mouse has drawn."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.example: Example | None = None
        """What is drawn."""
        self.rows: tuple[Row, ...] = ()
        """The rows that are drawn, those of inputs first; none of symbols."""
        self.answer: Answer | None = None
        """What a network predicts for it; None where that is not known."""
        self.strip: Strip | None = None
        """The symbols that are drawn; None for numbers."""
        self._last: tuple[int, float] | None = None
        self._drawn: NDArray[np.float32] | None = None
        self._kept_shares = 0.0  # a picture that is being drawn on must not move under the mouse
        self.drawing: int | None = None
        """The input that the mouse draws, from 0; None while it only points."""
        self.setMouseTracking(True)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_example(self, example: Example, answer: Answer | None = None) -> None:
        """Draw an example, and what a network predicts for it."""
        if self._last is None:  # not while the mouse is drawing one
            self._drawn = None
            self._kept_shares = 0.0 if example.number is not None else self._kept_shares
        self.example, self.answer = example, answer
        right = rights(example, answer) if answer is not None else None
        told = answer.symbols if answer is not None else None
        self.strip = Strip(example, told, right) if example.symbols is not None else None
        before, self.rows = self.rows, () if self.strip is not None else rows_of(example, answer)
        if self._last is not None:  # while the mouse draws, the scale stands still
            scales = {row.input: (row.low, row.high) for row in before if row.input >= 0}
            self.rows = tuple(
                replace(row, low=scales[row.input][0], high=scales[row.input][1]) if row.input in scales else row
                for row in self.rows
            )
        self.update()

    def tables(self) -> list[Table]:
        """Return the example and what is predicted for it: a row for each time step."""
        example, rows = self.example, self.rows
        if example is None:
            return []
        if self.strip is not None:
            strip = self.strip
            return [
                Table(
                    "Example",
                    lambda: csv_text(["t", "what"], [[str(t + 1), strip.words_at(t)] for t in range(example.steps)]),
                )
            ]
        t = np.arange(1.0, example.steps + 1)
        series: list[Series] = []
        for row in rows:
            for number, values in enumerate(np.atleast_2d(row.values), 1):
                name = row.title if row.values.ndim == 1 else f"{row.title} {number}"
                series.append((name, t, values.astype(np.float64)))
            if row.answer is not None:
                series.append((f"{row.title}, predicted", t, row.answer.astype(np.float64)))
        return [Table("Example", lambda: table_of(series, "t"), count=sum(values.size for _, _, values in series))]

    @property
    def _letters(self) -> int:
        return self._appearance.text(TEXT)

    def box_of(self, row: int) -> QRectF:
        """Return where a row's values are drawn."""
        letter = 1.35 * self._letters
        axis = 1.5 * self._letters
        shares = [_LARGE if other.input < 0 and other.role == "output" else 1.0 for other in self.rows]
        unit = (self.height() - axis) / max(1.0, sum(shares), self._kept_shares)
        top, height, left = unit * sum(shares[:row]), unit * shares[row], 4.2 * self._letters
        return QRectF(left, top + letter, self.width() - left - self._letters, max(8.0, height - letter - 0.3 * letter))

    def x_of(self, t: int, box: QRectF) -> float:
        """Return where a time step (from 0) stands."""
        assert self.example is not None
        return step_place(t, self.example.steps, box)

    def paintEvent(self, event: QPaintEvent) -> None:
        example = self.example
        if example is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, example.steps <= 1000)
        painter.setFont(font(self._letters))
        if self.strip is not None:
            self._paint_symbols(painter, example, self.strip)
        else:
            self._paint_rows(painter, example)
        painter.end()

    def _paint_symbols(self, painter: QPainter, example: Example, strip: Strip) -> None:
        """Draw symbols, and below them the probability of each class, where one is the target of all of them."""
        area, answer, theme = QRectF(self.rect()), self.answer, self._appearance.theme
        if answer is None or answer.symbols is None or example.words.every_step:
            strip.paint(painter, area, self._letters, theme)
            return
        bars = area.adjusted(4.2 * self._letters, area.height() * _STRIP_SHARE, -self._letters, 0)
        strip.paint(painter, area.adjusted(0, 0, 0, -bars.height()), self._letters, theme)
        right = int(example.answers[-1]) if example.answers is not None else None
        paint_class_bars(painter, bars, example.answer_names, answer.values[-1], right, theme, self._letters)

    def _paint_rows(self, painter: QPainter, example: Example) -> None:
        theme = self._appearance.theme
        self._paint_guides(painter)
        for number, row in enumerate(self.rows):
            box = self.box_of(number)
            painter.setFont(font(self._letters, bold=True))
            painter.setPen(theme.role(row.role))
            title = QRectF(0, box.top() - 1.35 * self._letters, self.width(), 1.3 * self._letters)
            fitted = QFontMetricsF(painter.font()).elidedText(row.title, Qt.TextElideMode.ElideRight, title.width())
            painter.drawText(title, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), fitted)
            painter.setFont(font(self._appearance.text(NOTE)))
            if row.values.ndim == 2:
                self._paint_map(painter, row, box)
            else:
                self._paint_scale(painter, row, box)
                if row.answer is not None:
                    paint_answer(painter, row, box, self._appearance.theme, self._letters)
                self._paint_values(painter, row, box)
                self._write_values(painter, row, box)
        self._paint_time(painter, example.steps)

    def _paint_guides(self, painter: QPainter) -> None:
        """Lead the eye from each rare mark through all rows."""
        if not self.rows:
            return
        painter.setPen(QPen(QColor(self._appearance.theme.edge), 1))
        top, bottom = self.box_of(0), self.box_of(len(self.rows) - 1)
        for t in marked_steps(self.rows):
            x = self.x_of(t, top)
            painter.drawLine(QPointF(x, top.top()), QPointF(x, bottom.bottom()))

    def _paint_scale(self, painter: QPainter, row: Row, box: QRectF) -> None:
        theme = self._appearance.theme
        painter.setPen(QPen(QColor(theme.edge), 1))
        zero = row.y(0.0, box) if row.low <= 0 <= row.high else box.bottom()
        painter.drawLine(QPointF(box.left(), zero), QPointF(box.right(), zero))
        painter.setPen(QColor(theme.muted))
        height = QFontMetricsF(painter.font()).height()
        finite = row.values[np.isfinite(row.values)]
        ends = sorted({float(finite.min()), float(finite.max())}) if finite.size else []
        lowest = box.bottom() + 0.3 * self._letters - height  # below it the next row's title begins
        shown: list[float] = []
        for value in (ends[-1:] + ends[:-1]) + ([0.0] if row.low < 0 < row.high else []):
            top = min(max(row.y(value, box) - height / 2, box.top()), lowest)
            if top >= box.top() and all(abs(top - other) >= height for other in shown):
                shown.append(top)
                area = QRectF(0, top, box.left() - 0.5 * self._letters, height)
                right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                painter.drawText(area, right, self._appearance.written(value))

    def _paint_values(self, painter: QPainter, row: Row, box: QRectF) -> None:
        colour = self._appearance.theme.role(row.role)
        if len(row.values) > _STEPS_A_PIXEL * box.width():
            painter.setPen(QPen(colour, 1))
            painter.drawLines(column_ends(row, box))
            return
        steps = np.flatnonzero(np.isfinite(row.values)).tolist()
        points = [QPointF(self.x_of(t, box), row.y(float(row.values[t]), box)) for t in steps]
        wide = max(1.0, min(0.12 * self._letters, box.width() / max(1, len(row.values)) / 2))
        painter.setPen(QPen(colour, wide))
        if not row.bars:
            painter.drawPolyline(QPolygonF(points))
        elif row.answer is None:  # else what is wrong has the bars' place
            zero = row.y(0.0, box)
            painter.drawLines([end for p in points for end in (QPointF(p.x(), zero), p)])
        if len(row.values) <= _DOTS_UNTIL:
            radius = max(1.5, 0.17 * self._letters)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for point, t in zip(points, steps, strict=True):
                if not row.bars or row.values[t] != 0 or row.written or row.answer is not None:
                    painter.drawEllipse(point, radius, radius)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _write_values(self, painter: QPainter, row: Row, box: QRectF) -> None:
        """Write the few values that a row has beside their dots, and those of a curve that are marked above it."""
        if row.written:
            steps = np.flatnonzero(np.isfinite(row.values)).tolist()
        else:
            steps = [] if row.bars or row.input < 0 else marked_steps(self.rows)[:MOST_WRITTEN]
        painter.setFont(font(self._letters, bold=True))
        painter.setPen(self._appearance.theme.role(row.role))
        metrics = QFontMetricsF(painter.font())
        for t in steps:
            point = QPointF(self.x_of(t, box), row.y(float(row.values[t]), box))
            text = self._appearance.written(float(row.values[t]), True)
            width = metrics.horizontalAdvance(text)
            right = point.x() + 0.5 * self._letters
            x = right if right + width <= self.width() else point.x() - 0.5 * self._letters - width
            y = min(max(point.y(), box.top()), box.bottom())
            if row.at_end and row.answer is not None:  # above what is predicted, which would strike it through
                predicted = row.y(float(np.nan_to_num(row.answer[t])), box)
                y = max(min(y, predicted) - 0.8 * metrics.height(), box.top() - 0.65 * self._letters)
            if not row.written:  # above the curve, which it would cover
                x, y = point.x() - width / 2, box.top() - 0.65 * self._letters
                title = QFontMetricsF(painter.font()).horizontalAdvance(row.title + "  ")
                x = max(x, title)
                behind = QRectF(x - 2, y - metrics.height() / 2, width + 4, metrics.height())
                painter.fillRect(behind, QColor(self._appearance.theme.panel))
            area = QRectF(x, y - metrics.height() / 2, width + 2, metrics.height())
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_map(self, painter: QPainter, row: Row, box: QRectF) -> None:
        """Draw all inputs as one heatmap (m, T), symmetric about 0."""
        theme = self._appearance.theme
        picture_of(row.values, (row.low, row.high), theme).paint(painter, box, theme)
        painter.setPen(QColor(theme.muted))
        scale = QRectF(0, box.top(), box.left() - 0.5 * self._letters, box.height())
        painter.drawText(scale, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop), "1")
        painter.drawText(scale, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom), f"{len(row.values):,}")

    def _paint_time(self, painter: QPainter, steps: int) -> None:
        painter.setFont(font(self._appearance.text(NOTE)))
        painter.setPen(QColor(self._appearance.theme.muted))
        box = self.box_of(max(0, len(self.rows) - 1))
        room = max(1, int(box.width() // (4 * self._letters)))
        every = next(
            step for power in range(9) for step in (10**power, 2 * 10**power, 5 * 10**power) if steps / step <= room
        )
        top = self.height() - 1.4 * self._letters
        for t in [0, *range(every - 1, steps, every)] if every > 1 else range(steps):
            area = QRectF(self.x_of(t, box) - 40, top, 80, 1.3 * self._letters)
            if t == 0 or self.x_of(t, box) - self.x_of(0, box) > 2.5 * self._letters or every == 1:
                words = "t = 1" if t == 0 else f"{t + 1:,}"
                painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), words)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.drawing is None or self.example is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._drawn = np.array(self.example.x)
        self._kept_shares = sum(_LARGE if row.input < 0 and row.role == "output" else 1.0 for row in self.rows)
        self._draw_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._draw_to(event.position())
        else:
            self.hovered.emit(self.words_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._last = None
        super().mouseReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit("")

    def _draw_to(self, point: QPointF) -> None:
        """Draw the chosen input from where the mouse was to where it is."""
        example, number = self.example, self.drawing
        rows = [(place, row) for place, row in enumerate(self.rows) if row.input == number]
        if example is None or number is None or self._drawn is None or not rows:
            return
        place, row = rows[0]
        box = self.box_of(place)
        t = int(np.clip((point.x() - box.left()) / box.width() * example.steps, 0, example.steps - 1))
        value = row.low + (box.bottom() - point.y()) / box.height() * (row.high - row.low)
        value = float(np.clip(value, row.low, row.high))
        before, old = self._last or (t, value)
        first, last = sorted((before, t))
        ends = (old, value) if before <= t else (value, old)
        self._drawn[first : last + 1, number] = np.linspace(*ends, last - first + 1) if last > first else value
        self._last = t, value
        self.drawn.emit(np.array(self._drawn))

    def words_at(self, point: QPointF) -> str:
        """Return what stands under a point: the time step and every number of it, exactly."""
        example = self.example
        if example is None:
            return ""
        if self.strip is not None:
            t = self.strip.step_at(point)
            return "" if t is None else self.strip.words_at(t)
        box = self.box_of(0)
        t = int((point.x() - box.left()) / box.width() * example.steps)
        if not (0 <= t < example.steps and box.left() <= point.x()):
            return ""
        parts: list[str] = []
        for row in self.rows:  # each prediction beside its own target
            if row.values.ndim == 1 and np.isfinite(row.values[t]):
                parts.append(f"{row.title} {numbers.exact_single(row.values[t])}")
            if row.answer is not None:
                parts.append(f"predicted {numbers.exact_single(row.answer[t])}")
        for row in self.rows:
            if row.values.ndim == 2:
                parts += [numbers.exact_single(value) for value in row.values[:8, t]]
        if example.in_units is not None and len(example.in_units) == example.steps:
            parts.append(f"in the units of the task {self._appearance.written(float(example.in_units[t].ravel()[0]))}")
        return f"t = {t + 1:,}:   " + ",   ".join(parts)
