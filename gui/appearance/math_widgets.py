"""Widgets that show typeset formulas: a label and a tab."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.appearance.theme import Appearance
from gui.appearance.typeset import Formula, Typesetter

_FRAME = 2
"""Pixels of the frame around a tab."""


class MathLabel(QWidget):
    """A typeset formula in a role's colour; an empty formula takes no room."""

    def __init__(self, latex: str, role: str, size: float, typesetter: Typesetter, appearance: Appearance) -> None:
        """size: one of `gui.appearance.text_size`."""
        super().__init__()
        self.latex = latex
        self.role = role
        self._size = size
        self._typesetter = typesetter
        self._appearance = appearance
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        typesetter.ready.connect(self._on_ready)
        appearance.changed.connect(self.update)  # another size comes with a style sheet, and that with a new layout
        self._take()

    @property
    def _pixels(self) -> int:
        return self._appearance.text(self._size)

    def set_latex(self, latex: str) -> None:
        """Show another formula."""
        if latex != self.latex:
            self.latex = latex
            self._take()
            self.updateGeometry()
            self.update()

    def _take(self) -> None:
        self.setAccessibleName(self.latex)
        self._formula()  # typesets it before it is painted

    def _formula(self) -> Formula | None:
        return self._typesetter.formula(self.latex) if self.latex else None

    def sizeHint(self) -> QSize:
        formula, pixels = self._formula(), self._pixels
        if formula is None:
            return QSize(pixels if self.latex else 0, round(1.3 * pixels))
        size = formula.size(pixels)
        return QSize(round(size.width()) + 2, max(round(size.height()) + 2, round(1.3 * pixels)))

    def _on_ready(self, latex: str) -> None:
        if latex == self.latex:
            self.updateGeometry()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._draw(self._appearance.theme.role(self.role))

    def _draw(self, colour: QColor) -> None:
        formula = self._formula()
        if formula is None:
            return
        size = formula.size(self._pixels)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = max(0.0, (self.width() - size.width()) / 2)  # if there is too little room, its end is cut off
        at = QPointF(left, (self.height() - size.height()) / 2)
        self._typesetter.draw(painter, self.latex, at, self._pixels, colour)


class MathTab(MathLabel):
    """A symbol to choose by a click; the chosen one is filled in its role's colour."""

    clicked = Signal()

    def __init__(self, latex: str, role: str, size: float, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__(latex, role, size, typesetter, appearance)
        self._chosen = False
        self.lit = False
        """Whether it is framed."""
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(round(2.5 * self._pixels), round(1.6 * self._pixels))

    def set_chosen(self, chosen: bool) -> None:
        """Set whether it is filled."""
        self._chosen = chosen
        self.update()

    def set_lit(self, lit: bool) -> None:
        """Set whether it is framed, because an entry of its matrix is."""
        if lit != self.lit:
            self.lit = lit
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._appearance.theme
        colour = theme.role(self.role)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colour if self._chosen else QColor(theme.field))
        painter.setBrush(colour if self._chosen else QColor(theme.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if self.lit:
            painter.setPen(QPen(QColor(theme.ink), _FRAME))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = _FRAME / 2
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 5, 5)
        painter.end()
        self._draw(theme.on(colour) if self._chosen else colour)
