"""The formula line: the current operation in symbols with shapes, then with the numbers of the moment."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine import formula
from engine.trace import Trace
from gui.theme import Appearance, font
from gui.typeset import Typesetter

_START = "Space computes the next operation"


@dataclass(frozen=True)
class Line:
    """What the formula line shows of one operation."""

    symbols: str
    shapes: str
    sizes: str
    numbers: str
    role: str


def line_of(trace: Trace, t: int, name: str) -> Line:
    """Return the formula line of an operation at time step t (from 0)."""
    cell = trace.cell
    return Line(
        formula.latex(cell, name),
        formula.shapes_latex(cell, name),
        formula.shapes_latex(cell, name, trace.sizes),
        formula.numbers_latex(trace, t, name),
        cell.operation(name).role,
    )


class FormulaPanel(QWidget):
    """Paints the line; what is still being typeset appears when it is ready."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter = typesetter
        self._appearance = appearance
        self._presenting = False
        self.line: Line | None = None
        """What is shown; None before the first operation."""
        typesetter.ready.connect(self._on_ready)
        appearance.changed.connect(self.update)
        self.set_presenting(False)

    def show_operation(self, trace: Trace, t: int, name: str | None) -> None:
        """Show an operation with the numbers of time step t; None shows what to do first."""
        line = line_of(trace, t, name) if name else None
        if line != self.line:
            self.line = line
            self.update()

    def prepare(self, trace: Trace, t: int, name: str) -> None:
        """Typeset what will probably be shown next, while nothing moves."""
        line = line_of(trace, t, name)
        for latex in (line.symbols, line.shapes, line.sizes, line.numbers):
            self._typesetter.formula(latex)

    def set_presenting(self, presenting: bool) -> None:
        """Letters for a hall, or for a desk."""
        self._presenting = presenting
        self.setFixedHeight(self._appearance.px(232 if presenting else 134))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, self.height())

    def _on_ready(self, latex: str) -> None:
        line = self.line
        if line and latex in (line.symbols, line.shapes, line.sizes, line.numbers):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, px = self._appearance.theme, self._appearance.px
        room = QRectF(self.rect()).adjusted(px(20), px(6), -px(20), -px(6))
        if self.line is None:
            painter.setFont(font(px(28 if self._presenting else 17)))
            painter.setPen(QColor(theme.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, _START)
            return
        large, middle, small = (px(size) for size in ((44, 36, 30) if self._presenting else (29, 21, 17)))
        line = self.line
        top = QRectF(room.left(), room.top(), room.width(), room.height() * 0.38)
        used = self._draw(painter, line.symbols, top, large, theme.role(line.role))
        # Symbols and the numbers for them, right of the formula and below each other with the numbers' line.
        shapes = QRectF(room.left() + used + px(44), top.top(), room.width() - used - px(44), top.height())
        self._draw(painter, line.shapes, shapes, small, QColor(theme.muted))
        bottom = QRectF(room.left(), top.bottom(), room.width(), room.bottom() - top.bottom())
        used = self._draw(painter, line.numbers, bottom, middle, QColor(theme.ink))
        sizes = QRectF(room.left() + used + px(44), bottom.top(), room.width() - used - px(44), bottom.height())
        self._draw(painter, line.sizes, sizes, small, QColor(theme.muted))

    def _draw(self, painter: QPainter, latex: str, room: QRectF, pixels: float, colour: QColor) -> float:
        """Draw at the left of the room, vertically centred, smaller if it would not fit; return its width."""
        shape = self._typesetter.formula(latex)
        if shape is None:
            return 0.0
        size = shape.size(pixels)
        shrink = min(1.0, room.width() / size.width(), room.height() / size.height())
        if shrink <= 0.45:
            return 0.0  # there is no room where it could be read
        at = QPointF(room.left(), room.center().y() - size.height() * shrink / 2)
        self._typesetter.draw(painter, latex, at, pixels * shrink, colour)
        return size.width() * shrink
