"""The sum of one row in large text: its terms appear one by one, then each operation on a line of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from engine.cell.cell import Cell
from engine.cell.provenance import Selection
from engine.explain.worked_sum import Number, Piece, WorkedRow, more_terms
from engine.text import numbers
from gui.appearance.text_size import FORMULA, TITLE
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter

_LINE, _AFTER_LABEL, _BETWEEN_STAGES = 1.4, 0.9, 0.25
"""In parts of the letters' size: from line to line, after a line's symbol, between two operations."""
_SIZES = (1.5, 1.25, 1.0, 0.88, 0.78, 0.68, 0.6)
"""Sizes that are tried one after the other until the sum fits; above 1 every operation has to fit on one line."""
_SYMBOL = 0.9
"""Size of the symbols beside the lines."""
PLUS = " + "
_NOTE = 0.62
"""Size of a remark."""
_LEAST_NOTE = 0.5
"""The same at least, in parts of the size asked for."""


@dataclass(frozen=True)
class Unit:
    """What appears at once and stays together on its line."""

    stage: int
    """0 for the product, then one for each step."""
    event: int
    """Its turn within the stage."""
    pieces: tuple[Piece, ...]
    columns: slice | None = None
    """The columns of the matrix that it stands for, if any."""
    is_result: bool = False
    is_note: bool = False


def units_of(row: WorkedRow) -> tuple[Unit, ...]:
    """Return a row's sum in the order in which it appears."""
    units: list[Unit] = []

    def add(stage: int, *pieces: Piece, columns: slice | None = None, is_result: bool = False) -> None:
        units.append(Unit(stage, sum(unit.stage == stage for unit in units), pieces, columns, is_result))

    before = -1
    for term in row.terms:
        if term.column > before + 1:
            add(0, " + … ", more_terms(row.left_out), " …", columns=row.left_out)
        here = slice(term.column, term.column + 1)
        add(0, *((PLUS,) if before >= 0 else ()), *term.pieces, columns=here)
        before = term.column
    add(0, " = ", row.product, is_result=True)
    for stage, step in enumerate(row.steps, 1):
        add(stage, *step.pieces[:-2])
        add(stage, *step.pieces[-2:], is_result=True)
        if step.note:
            units.append(Unit(stage, units[-1].event, (f"    {step.note}",), is_note=True))
    return tuple(units)


@dataclass(frozen=True)
class Box:
    """A piece where it stands."""

    unit: Unit
    piece: Piece
    rect: QRectF

    @property
    def text(self) -> str:
        """What is written there."""
        return _text(self.piece)


class SumLine(QWidget):
    """Paints the sum of one row as far as it is computed; more lines rather than letters that cannot be read."""

    rested = Signal(str, object)
    """The value and the place of the number that the cursor is over; None for the place when there is none."""
    arrived = Signal()
    """A symbol beside a line is typeset, so the sum may need other room."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter = typesetter
        self._appearance = appearance
        self._row: WorkedRow | None = None
        self._cell: Cell | None = None
        self._units: tuple[Unit, ...] = ()
        self._stages = 0
        self._progress = 1.0
        self._lit: Mapping[str, Selection] = {}
        self._empty = ""
        self._boxes: list[Box] = []
        self.letters = 0.0
        """The size of the letters, in pixels."""
        self.setMouseTracking(True)
        typesetter.ready.connect(self._on_ready)
        appearance.changed.connect(self._lay_out)

    def sizeHint(self) -> QSize:
        return QSize(400, round(5 * self._largest))

    @property
    def _largest(self) -> int:
        """The size where there is room."""
        return self._appearance.text(FORMULA)

    def show_row(self, cell: Cell, row: WorkedRow, stages: int, progress: float, empty: str = "") -> None:
        """Show `stages` stages of a row, the last of them to `progress` (0 to 1); `empty` stands there before any."""
        same = row is self._row
        self._cell, self._row, self._stages, self._progress, self._empty = cell, row, stages, progress, empty
        if not same:
            self._units = units_of(row)
            self._lay_out()
        self.update()

    def show_light(self, made_of: Mapping[str, Selection]) -> None:
        """Frame what the number under the cursor was computed from."""
        if made_of != self._lit:
            self._lit = made_of
            self.update()

    def least_height(self, width: float) -> float:
        """Return the height in pixels that the row needs in a width with the smallest letters."""
        return self._placed(self._largest * _SIZES[-1], width)[0][-1].rect.bottom() if self._row is not None else 0.0

    @property
    def now(self) -> Unit | None:
        """What is appearing at this moment; None at rest."""
        if self._progress >= 1.0 or not self._stages:
            return None
        return next((unit for unit in self._units if self._is_now(unit)), None)

    def visible(self) -> list[Box]:
        """Return what can be seen now, in reading order."""
        return [box for box in self._boxes if self._is_shown(box.unit)]

    def text(self) -> str:
        """Return what can be seen as plain text, an operation a line."""
        lines: dict[int, str] = {}
        for box in self.visible():
            lines[box.unit.stage] = lines.get(box.unit.stage, "") + box.text
        return "\n".join(line.rstrip() for line in lines.values())

    def number_at(self, point: QPointF) -> Number | None:
        """Return the number at a point of the widget."""
        at = point + QPointF(0, self._hidden_above())
        for box in self.visible():
            if isinstance(box.piece, Number) and box.rect.contains(at):
                return box.piece
        return None

    # ---- what is shown

    def _turn(self) -> int:
        """Which of the current stage's events it is the turn of."""
        events = 1 + max((unit.event for unit in self._units if unit.stage == self._stages - 1), default=0)
        return min(int(self._progress * events), events - 1)

    def _is_now(self, unit: Unit) -> bool:
        return unit.stage == self._stages - 1 and unit.event == self._turn()

    def _is_shown(self, unit: Unit) -> bool:
        current = self._stages - 1
        return unit.stage < current or (unit.stage == current and unit.event <= self._turn())

    # ---- where it stands

    def _lay_out(self) -> None:
        """Take the largest letters with which there is room for all."""
        self._boxes = []
        for part in _SIZES if self._row is not None else ():
            self.letters = self._largest * part
            self._boxes, wraps = self._placed(self.letters, self.width())
            if self._boxes[-1].rect.bottom() <= self.height() and (part <= 1 or not wraps):
                break
        self.update()

    def _placed(self, pixels: float, width: float) -> tuple[list[Box], bool]:
        """Return each piece in its place, with letters of a size in a width, and whether a line wraps."""
        formulas = [self._typesetter.formula(latex) for latex in self._latex()]
        symbol = max((formula.size(_SYMBOL * pixels).width() for formula in formulas if formula), default=pixels)
        left = symbol + _AFTER_LABEL * pixels
        metrics = {kind: QFontMetricsF(letters) for kind, letters in self._fonts(pixels).items()}
        boxes: list[Box] = []
        wraps, x, y, stage = False, left, 0.0, 0
        for unit in self._units:
            widths = [metrics[self._kind(unit, piece)].horizontalAdvance(_text(piece)) for piece in unit.pieces]
            if unit.stage != stage:
                x, y, stage = left, y + (_LINE + _BETWEEN_STAGES) * pixels, unit.stage
            elif x > left and x + sum(widths) > width:
                wraps, x, y = True, left, y + _LINE * pixels
            for piece, length in zip(unit.pieces, widths, strict=True):
                boxes.append(Box(unit, piece, QRectF(x, y, length, _LINE * pixels)))
                x += length
        return boxes, wraps

    def _latex(self) -> list[str]:
        """Return the symbol of each line's result."""
        assert self._row is not None
        assert self._cell is not None
        results = [self._row.product, *(step.result for step in self._row.steps)]
        return [self._cell.described(number.name).latex for number in results]

    def _hidden_above(self) -> float:
        """Return how much of the top gives way, where there is no room for all, to what was computed last."""
        return max(0.0, max((box.rect.bottom() for box in self.visible()), default=0.0) - self.height())

    def _fonts(self, pixels: float) -> dict[str, QFont]:
        """Return the letters of the last result, of remarks and of all else."""
        small = max(_NOTE * pixels, _LEAST_NOTE * self._largest)
        return {"bold": font(pixels, True), "small": font(small), "usual": font(pixels)}

    def _kind(self, unit: Unit, piece: Piece) -> str:
        return "small" if unit.is_note else "bold" if self._row is not None and piece is self._row.result else "usual"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _on_ready(self, latex: str) -> None:
        if self._row is not None and latex in self._latex():
            self._lay_out()
            self.arrived.emit()

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._appearance.theme
        if not self._stages:
            painter.setFont(font(self._appearance.text(TITLE)))
            painter.setPen(QColor(theme.muted))
            top_left = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRectF(self.rect()), top_left | Qt.TextFlag.TextWordWrap, self._empty)
            return
        painter.translate(0, -self._hidden_above())
        shown, now, symbol = self.visible(), self.now, _SYMBOL * self.letters
        for stage, latex in enumerate(self._latex()[: self._stages]):
            formula = self._typesetter.formula(latex)
            if formula is not None:
                line = next(box.rect for box in shown if box.unit.stage == stage)
                corner = QPointF(0.0, line.center().y() - formula.size(symbol).height() / 2)
                self._typesetter.draw(painter, latex, corner, symbol, QColor(theme.muted))
        if now is not None:
            self._paint_now(painter, [box for box in shown if box.unit is now and box.text != PLUS])
        fonts = self._fonts(self.letters)
        for box in shown:
            if isinstance(box.piece, Number) and self._is_lit(box.piece):
                painter.setPen(QPen(QColor(theme.ink), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.rect.adjusted(-2, 4, 2, -4), 3, 3)
            painter.setFont(fonts[self._kind(box.unit, box.piece)])
            painter.setPen(self._colour(box))
            painter.drawText(box.rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, box.text)

    def _paint_now(self, painter: QPainter, boxes: list[Box]) -> None:
        colour = QColor(self._appearance.theme.now)
        painter.setPen(Qt.PenStyle.NoPen)
        colour.setAlphaF(0.4)
        painter.setBrush(colour)
        around = boxes[0].rect.united(boxes[-1].rect).adjusted(-4, 2, 4, -2)
        if boxes[0].text.startswith(" "):
            around.setLeft(boxes[0].rect.left() + 0.15 * self.letters)  # not over what stands before it
        painter.drawRoundedRect(around, 5, 5)

    def _colour(self, box: Box) -> QColor:
        """Return a weight's colour, that of x or h, that of the result; what is on the way is ink."""
        theme = self._appearance.theme
        if box.unit.is_note or isinstance(box.piece, str):
            return QColor(theme.muted)
        assert self._cell is not None
        item = self._cell.described(box.piece.name)
        on_the_way = getattr(item, "spelled_out", False)
        return QColor(theme.ink) if on_the_way else theme.role(item.role)

    def _is_lit(self, number: Number) -> bool:
        selected = self._lit.get(number.name)
        if selected is None:
            return False
        return all(part.start <= i < part.stop for i, part in zip(number.place, selected, strict=True))

    # ---- the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self.number_at(event.position())
        self.rested.emit(number.name if number else "", number.place if number else None)

    def leaveEvent(self, event: QEvent) -> None:
        self.rested.emit("", None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            number = self.number_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), numbers.exact(number.value) if number else "", self)
            return True
        return super().event(event)


def _text(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.text
