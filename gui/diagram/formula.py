"""The formula line: the current operation in symbols, and below in numbers, with what they mean; or a part explained.

A result is written when its tokens arrive. What the cursor rests on in the diagram is explained here, so that nothing
covers the diagram.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from engine.cell import formula
from engine.cell.backward import BackMove, Backward
from engine.cell.cell import Cell
from engine.cell.provenance import Selection
from engine.cell.trace import Trace
from engine.explain.explanation import Explanation
from gui.appearance.dashes import to_come
from gui.appearance.rich_text import with_low_t
from gui.appearance.text_size import FORMULA, LEAD, NOTE, TEXT, TITLE
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter
from gui.commands.popup import Entry as MenuEntry
from gui.commands.popup import popup
from gui.commands.registry import Registry
from gui.diagram.formula_line import Line, line_back, line_of
from gui.diagram.formula_words import draw_card, draw_sentences
from gui.diagram.frame import ARRIVES
from gui.diagram.number_line import Entry, NumberLine
from gui.plots.numbers import picture_entries

_START = "Space computes the next operation."
_START_WHOLE = "All numbers of this time step are shown; Space goes through them, operation by operation."
_START_BACK = "Space passes the gradient one operation back, beginning at the loss."
_LARGEST_BLOCKS = ((4, 8), (4, 6), (3, 4), (3, 3))
"""Rows and columns of what is shown of a matrix, the first that fits."""
_HEIGHT, _HEIGHT_IN_A_HALL = 140, 266
_LEAST_HEIGHT, _SHARE, _SHARE_IN_A_HALL = 84, 0.2, 0.3
"""In a low window it takes this share of the middle's height, and at least so many pixels."""
_NARROW = 220
"""Words that have less room than this beside the numbers stand below them."""


class FormulaPanel(QWidget):
    """Paints the line; what is still being typeset appears as soon as it is ready."""

    rested = Signal(str, object)
    """The value and the place of the number under the cursor; None for the place when there is none."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter = typesetter
        self._appearance = appearance
        self._lesson = self._resting = ""
        self.note = ""
        """The note on the operation."""
        self._begins = _START
        self.numbers: NumberLine | None = None
        """The numbers as they were last painted."""
        self.line: Line | None = None
        """What is shown; None before the first operation."""
        self.said: Explanation | None = None
        """What is explained in the place of the formula; None while the cursor rests on no part."""
        self.arrived = True
        """Whether the result is shown: its tokens have arrived."""
        self._lit: Mapping[str, Selection] = {}
        self._corner = QPointF()
        self._room = 0
        self.setMouseTracking(True)
        typesetter.ready.connect(self._on_ready)
        appearance.changed.connect(self._on_appearance)
        self._on_appearance()

    def show_operation(self, trace: Trace, t: int, name: str | None, whole: bool = False) -> None:
        """Show an operation with the numbers of time step t; None shows what to do first.

        whole: whether the diagram shows the whole time step from the first.
        """
        before, begins = self.line, _START_WHOLE if whole else _START
        if before is None or before.source is not trace or (before.t, before.name) != (t, name):
            self._show(line_of(trace, t, name) if name else None, begins)

    def show_move(self, way: Backward, move: BackMove | None) -> None:
        """Show a move of the backward pass; None shows what to do first."""
        if self.line is None or self.line.source is not move:
            self._show(line_back(way, move) if move else None, _START_BACK)

    def _show(self, line: Line | None, begins: str) -> None:
        self.line, self._begins = line, begins
        self.numbers = None
        self.update()

    def show_progress(self, progress: float) -> None:
        """Show the result once the operation has come far enough for its tokens to arrive."""
        arrived = progress >= ARRIVES
        if arrived != self.arrived:
            self.arrived = arrived
            self.update()

    def show_explanation(self, said: Explanation | None) -> None:
        """Show what is said of a part in the place of the formula; None brings the formula back."""
        if said != self.said:
            self.said = said
            self.update()

    def show_note(self, note: str) -> None:
        """Show a note on the present operation below its numbers; "" shows none."""
        if note != self.note:
            self.note = note
            self.update()

    def show_resting(self, sentence: str) -> None:
        """Show in the note's place what the number under the cursor was computed from; "" brings the note back."""
        resting = with_low_t(sentence)
        if resting != self._resting:
            self._resting = resting
            self.update()

    def show_light(self, made_of: Mapping[str, Selection], _goes_into: Mapping[str, Selection]) -> None:
        """Frame what the number under the cursor was computed from."""
        if made_of != self._lit:
            self._lit = made_of
            self.update()

    def _is_lit(self, entry: Entry) -> bool:
        selected = self._lit.get(entry.name)
        if selected is None or entry.place is None:
            return False
        return all(part.start <= i < part.stop for i, part in zip(entry.place, selected, strict=True))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        shown = self.numbers if self.arrived and self.said is None else None
        entry = shown.entry_at(event.position() - self._corner) if shown else None
        self.rested.emit(entry.name if entry else "", entry.place if entry else None)

    def leaveEvent(self, event: QEvent) -> None:
        self.rested.emit("", None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        popup(self, event.globalPos(), [*self.entries(), *picture_entries(self)])

    def entries(self) -> list[MenuEntry]:
        """Return what its menu copies: the present operation as LaTeX, in symbols and, once computed, in numbers."""
        numbers = self.copy_numbers if self.arrived else None
        if self.line is None:
            return []
        return [MenuEntry("Copy as LaTeX", self.copy_symbols), MenuEntry("Copy as LaTeX, with its numbers", numbers)]

    def copy_symbols(self) -> None:
        """Copy the formula of the present operation as LaTeX."""
        if self.line is not None:
            QGuiApplication.clipboard().setText(self.line.symbols)

    def copy_numbers(self) -> None:
        """Copy the present operation with its numbers as LaTeX."""
        if self.line is not None and self.arrived:
            QGuiApplication.clipboard().setText(self.line.latex(self._appearance.digits))

    def register_commands(self, commands: Registry) -> None:
        """Say what copies the formula; there is one from the first operation on."""
        commands.register("copy formula", self.copy_symbols, possible=lambda: self.line is not None)
        commands.register(
            "copy formula numbers", self.copy_numbers, possible=lambda: self.line is not None and self.arrived
        )

    def show_lesson(self, lesson: str) -> None:
        """Show what a document's author says about it, before the first operation."""
        if lesson != self._lesson:
            self._lesson = lesson
            self.update()

    def prepare(self, cell: Cell) -> None:
        """Typeset every operation's symbols in the background, so that none has to be waited for."""
        for operation in cell.operations:
            self._typesetter.prepare(formula.latex(cell, operation.name))
            self._typesetter.prepare(formula.shapes_latex(cell, operation.name))

    def fit(self, room: int) -> None:
        """Leave the diagram above it its share of a height in pixels."""
        self._room = room
        self._fit_height()

    def _fit_height(self) -> None:
        hall, px = self._appearance.presenting, self._appearance.px
        height = px(_HEIGHT_IN_A_HALL if hall else _HEIGHT)
        if self._room:
            share = round((_SHARE_IN_A_HALL if hall else _SHARE) * self._room)
            height = min(height, max(px(_LEAST_HEIGHT), share))
        self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(600, self.height())

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # QResizeEvent, as Qt calls it
        self.numbers = None

    def _on_appearance(self) -> None:
        self.numbers = None
        self._fit_height()
        self.update()

    def _on_ready(self, latex: str) -> None:
        if self.numbers is not None and latex in self.numbers.missing:
            self.numbers = None
            self.update()
        elif (self.line is not None and latex in (self.line.symbols, self.line.shapes)) or (
            self.said is not None and latex == self.said.latex
        ):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, px, text = self._appearance.theme, self._appearance.px, self._appearance.text
        room = QRectF(self.rect()).adjusted(px(20), px(6), -px(20), -px(6))
        line = self.line
        if self.said is not None:
            draw_card(painter, self.said, room, self._typesetter, self._appearance)
            return
        if line is None:
            words = f"{self._lesson}\n{self._begins}" if self._lesson and self._begins is _START else self._begins
            colour = QColor(theme.ink if self._lesson or self._resting else theme.muted)
            draw_sentences(painter, (self._resting or words).split("\n"), room, text(LEAD), colour)
            return
        top = QRectF(room.left(), room.top(), room.width(), room.height() * 0.38)
        bottom = QRectF(room.left(), top.bottom(), room.width(), room.bottom() - top.bottom())
        self._draw_heading(painter, line, top)
        if self.numbers is None:
            self.numbers = self._laid_out(line, bottom)
        beside = _right_of(bottom, self.numbers.width + px(44))
        if beside.width() < px(_NARROW):
            beside = QRectF(bottom.left(), bottom.bottom() - 1.3 * text(TEXT), bottom.width(), 1.3 * text(TEXT))
            bottom.setBottom(beside.top())
            if self.numbers.height > bottom.height():
                self.numbers = self._laid_out(line, bottom)
        self._corner = QPointF(bottom.left(), bottom.center().y())
        pen = None if self.arrived else to_come(theme, 2)
        self.numbers.paint(painter, self._corner, QColor(theme.ink), self._is_lit, pen)
        worked = line.worked if self.arrived else ""
        says = (self._resting,) if self._resting else tuple(filter(None, (self.note, worked, with_low_t(line.about))))
        draw_sentences(painter, says, beside, text(TEXT), QColor(theme.ink))

    def _draw_heading(self, painter: QPainter, line: Line, room: QRectF) -> None:
        """Draw the equation; right of it what it is for, and its shapes as far as there is room."""
        theme, px, text = self._appearance.theme, self._appearance.px, self._appearance.text
        used = self._draw_symbols(painter, line.symbols, room, FORMULA, theme.role(line.role))
        rest = _right_of(room, used + px(44))
        painter.setFont(font(text(TEXT), bold=True))
        wide = QFontMetricsF(painter.font()).horizontalAdvance(line.heading)
        if line.heading and wide <= rest.width():
            painter.setPen(QColor(theme.ink))
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line.heading)
            rest = _right_of(rest, wide + px(44))
        painter.setFont(font(text(TEXT)))
        painter.setPen(QColor(theme.muted))
        wide = QFontMetricsF(painter.font()).horizontalAdvance(line.sizes)
        if line.sizes and wide <= rest.width():
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line.sizes)
            rest = _right_of(rest, wide + px(44))
            if line.shapes:
                self._draw_symbols(painter, line.shapes, rest, TEXT, QColor(theme.muted))

    def _laid_out(self, line: Line, room: QRectF) -> NumberLine:
        """Return the numbers as large as they fit, with fewer entries rather than letters too small to read."""
        text = self._appearance.text
        for rows, columns in _LARGEST_BLOCKS:
            pieces, size = line.numbers(rows, columns, self._appearance.digits), float(text(TITLE))
            numbers = NumberLine(pieces, size, self._typesetter)
            shrink = min(1.0, room.width() / max(numbers.width, 1), room.height() / max(numbers.height, 1))
            if shrink < 1:
                size = max(size * shrink * 0.98, text(NOTE))
                numbers = NumberLine(pieces, size, self._typesetter)
            if numbers.width <= room.width() and numbers.height <= room.height():
                break
        return numbers

    def _draw_symbols(self, painter: QPainter, latex: str, room: QRectF, of_text: int, colour: QColor) -> float:
        """Draw at the left of the room, vertically centred, smaller if it would not fit; return its width."""
        shape = self._typesetter.formula(latex)
        if shape is None or room.width() <= 0:
            return 0.0
        pixels = self._appearance.text(of_text)
        size = shape.size(pixels)
        shrink = min(1.0, room.width() / size.width(), room.height() / size.height())
        if pixels * shrink < self._appearance.text(NOTE):
            return 0.0  # there is no room where it could be read
        at = QPointF(room.left(), room.center().y() - size.height() * shrink / 2)
        self._typesetter.draw(painter, latex, at, pixels * shrink, colour)
        return size.width() * shrink


def _right_of(room: QRectF, used: float) -> QRectF:
    return QRectF(room.left() + used, room.top(), max(0.0, room.width() - used), room.height())
