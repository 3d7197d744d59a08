"""Gates, C and h of one unit, a column for each time step: gates as coloured cells, C and h as bars from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.text.numbers import MINUS
from gui.appearance.colour_maps import SHARE, colours_of, letters_of, places_of
from gui.appearance.text_size import NOTE, SYMBOL
from gui.appearance.theme import Appearance, font, pale
from gui.appearance.typeset import Typesetter
from gui.widgets.own_keys import OwnKeys

_ROOM = 4.0
"""Around a number, in pixels at 1080 lines."""
_PALE = 70
"""Opacity of a bar that is not the chosen one, of 255."""
_LEAST_ADDED = 0.005
"""What goes in below this rounds to nothing."""


@dataclass(frozen=True, eq=False)
class Row:
    """A value of the unit over time.

    gate: the role whose colours it has, of a value between 0 and 1; None: either sign. by_hand: at which time steps
    it is set. is_bar: whether it is drawn from zero, higher than a cell; limit, lowest: where bars end.
    """

    latex: str
    spoken: str
    role: str
    values: NDArray[np.float64]
    by_hand: tuple[bool, ...] = ()
    gate: str | None = None
    is_bar: bool = False
    limit: float = 1.0
    lowest: float = -1.0


class Columns(QWidget):
    """Draws the rows; a click chooses a time step."""

    chosen = Signal(int)
    """The time step that was clicked, from 0."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter, self._appearance = typesetter, appearance
        self._rows: Sequence[Row] = ()
        self._added: NDArray[np.float64] = np.zeros(0)
        self._t = 0
        self._until: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Click a time step to set its gates alone")
        OwnKeys(self, lambda event: event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right))
        typesetter.ready.connect(lambda _latex: self.update())
        appearance.changed.connect(self.update)

    def show_rows(self, rows: Sequence[Row], added: NDArray[np.float64], t: int, until: int | None) -> None:
        """Draw these rows with time step t chosen; added: what goes into C at each; until: how many are shown."""
        self._rows, self._added, self._t, self._until = rows, added, t, until
        self.setAccessibleName(f"{rows[0].values.size if rows else 0} time steps, t = {t + 1} is chosen")
        self.setAccessibleDescription(
            "; ".join(f"{row.spoken}: {', '.join(self._written(v) for v in row.values[:until])}" for row in rows)
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, 360)

    def _written(self, value: float) -> str:
        return self._appearance.written(float(value), True)

    @property
    def _steps(self) -> int:
        return self._rows[0].values.size if self._rows else 0

    @property
    def _gutter(self) -> float:
        return self._appearance.with_text(46)

    @property
    def _cell_height(self) -> float:
        """Height of a row of cells: less where the bars would have no room."""
        line = self._appearance.text(NOTE)
        cells = sum(not row.is_bar for row in self._rows)
        return min(2.2 * line, max(1.25 * line, 0.5 * self.height() / max(cells, 1)))

    def box(self, row: int, t: int) -> QRectF:
        """Return where a row's column stands, both from 0."""
        foot, cell = 1.5 * self._appearance.text(NOTE), self._cell_height
        bars = sum(each.is_bar for each in self._rows)
        bar = (self.height() - foot - cell * (len(self._rows) - bars)) / max(bars, 1)
        top = sum(bar if each.is_bar else cell for each in self._rows[:row])
        width = (self.width() - self._gutter) / max(self._steps, 1)
        return QRectF(self._gutter + t * width, top, width, bar if self._rows[row].is_bar else cell)

    def step_at(self, x: float) -> int | None:
        """Return the time step at a place, from 0; None beside the columns."""
        if not self._rows or not self._gutter <= x < self.width():
            return None
        return int((x - self._gutter) / (self.width() - self._gutter) * self._steps)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        t = self.step_at(event.position().x())
        if t is not None:
            self.chosen.emit(t)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and 0 <= self._t + step < self._steps:
            self.chosen.emit(self._t + step)
            return
        super().keyPressEvent(event)

    # ---- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, row in enumerate(self._rows):
            self._paint_symbol(painter, row, self.box(number, 0))
            for t in range(self._steps if self._until is None else self._until):
                (self._paint_bar if row.is_bar else self._paint_cell)(painter, row, t, self.box(number, t))
        self._paint_time(painter)
        painter.end()

    def _paint_symbol(self, painter: QPainter, row: Row, beside: QRectF) -> None:
        pixels = self._appearance.text(SYMBOL)
        formula = self._typesetter.formula(row.latex)
        if formula is None:
            return
        size = formula.size(pixels)
        shrink = min(1.0, beside.height() / size.height())
        at = QPointF(self._gutter - size.width() * shrink - 8, beside.center().y() - size.height() * shrink / 2)
        self._typesetter.draw(painter, row.latex, at, pixels * shrink, self._appearance.theme.role(row.role))

    def _paint_cell(self, painter: QPainter, row: Row, t: int, box: QRectF) -> None:
        theme, value = self._appearance.theme, float(row.values[t])
        place = int(places_of(np.array([value]), SHARE if row.gate else (-1.0, 1.0))[0])
        inner = box.adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(QPen(QColor(theme.edge), 1))
        painter.setBrush(colours_of(theme, row.gate)[place])
        painter.drawRoundedRect(inner, 3, 3)
        painter.setPen(letters_of(theme, row.gate)[place])
        self._write(painter, inner, self._written(value), bold=bool(row.by_hand) and row.by_hand[t])

    def _paint_bar(self, painter: QPainter, row: Row, t: int, box: QRectF) -> None:
        theme, value, line = self._appearance.theme, float(row.values[t]), 1.3 * self._appearance.text(NOTE)
        above = line * (2.2 if row.role == "cell" else 1.1)  # what goes in is written over C
        room, lowest = max(8.0, box.height() - above - 1.1 * line), -min(0.0, row.lowest)
        per_unit = room / (row.limit + lowest)
        zero = box.top() + above + row.limit * per_unit
        height = per_unit * min(abs(value), row.limit if value > 0 else lowest)
        bar = QRectF(box.left() + 0.22 * box.width(), zero - height if value > 0 else zero, 0.56 * box.width(), height)
        colour = theme.role(row.role)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if t == self._t else pale(colour, _PALE))
        painter.drawRect(bar)
        painter.setPen(QPen(QColor(theme.field), 1))
        painter.drawLine(QPointF(box.left(), zero), QPointF(box.right(), zero))
        beside = bar.top() - line if value >= 0 else bar.bottom()
        painter.setPen(QColor(theme.ink))
        self._write(painter, QRectF(box.left(), beside, box.width(), line), self._written(value), bold=t == self._t)
        if row.role == "cell" and abs(self._added[t]) >= _LEAST_ADDED:
            added = float(self._added[t])
            words = f"{'+' if added > 0 else MINUS}{self._written(abs(added))} ↓"
            painter.setPen(theme.role("candidate"))
            self._write(painter, QRectF(box.left(), box.top() + 2, box.width(), line), words, bold=True)

    def _write(self, painter: QPainter, box: QRectF, words: str, bold: bool) -> None:
        """Write words in the middle of a box, smaller where they are wider than it."""
        pixels: float = self._appearance.text(NOTE)
        wide = QFontMetricsF(font(pixels, bold)).horizontalAdvance(words)
        room = box.width() - self._appearance.px(_ROOM)
        painter.setFont(font(pixels * min(1.0, room / max(wide, 1)), bold))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, words)

    def _paint_time(self, painter: QPainter) -> None:
        theme, last = self._appearance.theme, len(self._rows) - 1
        for t in range(self._steps):
            box = self.box(last, t)
            below = QRectF(box.left(), box.bottom(), box.width(), self.height() - box.bottom())
            painter.setPen(QColor(theme.ink if t == self._t else theme.muted))
            self._write(painter, below, f"{t + 1}", bold=t == self._t)
        below = QRectF(0, below.top(), self._gutter - 8, below.height())
        painter.setPen(QColor(theme.muted))
        painter.setFont(font(self._appearance.text(NOTE)))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "t")
        now = self.box(0, self._t)
        painter.setPen(QPen(QColor(theme.now), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(now.left(), 1, now.width(), self.height() - 2), 4, 4)
