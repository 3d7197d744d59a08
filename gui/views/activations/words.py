"""What stands around the curves: their heads, the saturated units, the derivation, the cell line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.cell.graph import SIGMOID
from engine.explain.activations import SATURATED_ABOVE, SATURATED_BELOW, Activation, Line, Pre, Step
from engine.text import numbers
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter

_TEXT, _MATHS, _LARGE = 15, 18, 24
_CAPTION, _ROW = 24, 26
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Words(QWidget):
    """A widget that paints text and typeset formulas in sizes of `px`."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance, px: Callable[[float], int]) -> None:
        super().__init__()
        self.typesetter, self.appearance, self.px = typesetter, appearance, px
        typesetter.ready.connect(self._on_ready)

    def _on_ready(self) -> None:
        if self.isVisible():
            self.relayout()

    def relayout(self) -> None:
        """Take the sizes in force."""
        self.updateGeometry()
        self.update()

    def size_of(self, latex: str, pixels: float) -> tuple[float, float]:
        """Return width and height of a formula; nothing while it is being made."""
        formula = self.typesetter.formula(latex)
        if formula is None:
            return 0.0, 0.0
        size = formula.size(pixels)
        return size.width(), size.height()

    def maths(self, painter: QPainter, latex: str, x: float, middle: float, pixels: float, colour: QColor) -> float:
        """Draw a formula from x on, about a middle line; return where it ends."""
        width, height = self.size_of(latex, pixels)
        self.typesetter.draw(painter, latex, QPointF(x, middle - height / 2), pixels, colour)
        return x + width

    def painter(self) -> QPainter:
        """Return a painter with the words' font."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(self.px(_TEXT)))
        painter.setPen(QColor(self.appearance.theme.ink))
        return painter


class Head(Words):
    """The names of both curves, and a line that says where the derivative is largest or what is under the mouse."""

    clicked = Signal()

    def __init__(
        self, activation: Activation, typesetter: Typesetter, appearance: Appearance, px: Callable[[float], int]
    ) -> None:
        super().__init__(typesetter, appearance, px)
        self.activation = activation
        self.chosen = False
        self.said: tuple[str, str, str] = ("", "", "")
        """LaTeX of a symbol, the words after it, and a role; nothing for what always stands there."""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(f"Show the derivation for {activation.title}")

    def sizeHint(self) -> QSize:
        return QSize(100, self.px(34) + self._line_height() * 2)

    def _line_height(self) -> int:
        return round(1.3 * self.px(_TEXT))

    @property
    def words(self) -> str:
        """The words below the names: what is said, or else the largest derivative."""
        return self.said[1] or f"largest derivative {self.activation.largest:g}, {self.activation.where}"

    def say(self, latex: str, words: str, role: str) -> None:
        """Say something instead of the largest derivative; nothing to end it."""
        if (latex, words, role) != self.said:
            self.said = (latex, words, role)
            self.update()

    def choose(self, chosen: bool) -> None:
        """Mark it as the one whose derivation is shown."""
        self.chosen = chosen
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px, activation = self.appearance.theme, self.px, self.activation
        painter = self.painter()
        bar = QRectF(0, 0, self.width(), px(3)) if self.chosen else QRectF(0, px(1), self.width(), 1)
        painter.fillRect(bar, QColor(theme.hidden if self.chosen else theme.edge))
        middle, x = px(19), 0.0
        for latex, colour, sample, dashes in (
            (activation.latex, QColor(theme.ink), px(16), []),
            (activation.derivative_latex, QColor(theme.muted), px(22), [4, 2.5]),
        ):
            pen = QPen(colour, px(2))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if dashes:
                pen.setDashPattern(dashes)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, middle), QPointF(x + sample, middle))
            x = self.maths(painter, latex, x + sample + px(4), middle, px(_MATHS), colour) + px(9)
        self._draw_said(painter, QRectF(0, px(32), self.width(), 2 * self._line_height()))
        painter.end()

    def _draw_said(self, painter: QPainter, room: QRectF) -> None:
        latex, _, role = self.said
        theme = self.appearance.theme
        colour = theme.role(role) if role else QColor(theme.ink)
        first = room.top() + self._line_height() / 2
        room.setLeft(self.maths(painter, latex, 0, first, self.px(_MATHS), colour) + 2 if latex else 0.0)
        painter.setPen(colour)
        painter.drawText(room, _WRAPPED, _together(self.words))


class Shares(Words):
    """How many units of each gate are saturated."""

    def __init__(
        self, activation: Activation, typesetter: Typesetter, appearance: Appearance, px: Callable[[float], int]
    ) -> None:
        super().__init__(typesetter, appearance, px)
        self.pres: tuple[Pre, ...] = ()
        self._activation = activation
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    @property
    def words(self) -> str:
        """What counts as saturated, or why there is nothing to count."""
        if not self.pres:
            return f"No dots: this cell computes no {self._activation.title}."
        if self._activation.kind is SIGMOID:
            return f"saturated: σ < {SATURATED_BELOW:g} or > {SATURATED_ABOVE:g}"
        return f"saturated: |{self._activation.symbol}| > {SATURATED_ABOVE:g}"

    def sizeHint(self) -> QSize:
        rows = -(-len(self.pres) // self._abreast()) if self.pres else 2
        return QSize(100, self.px(_CAPTION) + rows * self.px(_ROW))

    def show_shares(self, pres: tuple[Pre, ...]) -> None:
        """Show the saturated units of these."""
        self.pres = pres
        self.relayout()

    def texts(self) -> list[str]:
        """Return "3 of 3" for each gate shown."""
        return [f"{round(pre.share * len(pre.values))} of {len(pre.values)}" for pre in self.pres]

    def _abreast(self) -> int:
        """Return how many gates stand beside each other: two, where symbol and number of each have room."""
        px, metrics = self.px, QFontMetricsF(font(self.px(_TEXT)))
        entries = zip(self.pres, self.texts(), strict=True)
        wide = (self.size_of(pre.latex, px(_MATHS))[0] + metrics.horizontalAdvance(text) for pre, text in entries)
        return 2 if max(wide, default=0) + px(22) <= self.width() / 2 else 1

    def resizeEvent(self, event: object) -> None:
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self.appearance.theme, self.px
        painter = self.painter()
        painter.setPen(QColor(theme.muted))
        if not self.pres:
            painter.drawText(QRectF(0, 0, self.width(), self.height()), _WRAPPED, self.words)
            painter.end()
            return
        painter.drawText(QRectF(0, 0, self.width(), px(_CAPTION)), _MIDDLE, self.words)
        abreast, row = self._abreast(), px(_ROW)
        wide = self.width() / abreast
        for number, (pre, text) in enumerate(zip(self.pres, self.texts(), strict=True)):
            x, y = number % abreast * wide, px(_CAPTION) + number // abreast * row
            self._draw_share(painter, pre, text, QRectF(x, y, wide - px(10), row))
        painter.end()

    def _draw_share(self, painter: QPainter, pre: Pre, text: str, room: QRectF) -> None:
        theme, px = self.appearance.theme, self.px
        middle, colour = room.center().y(), theme.role(pre.role)
        left = self.maths(painter, pre.latex, room.left(), middle, px(_MATHS), colour) + px(6)
        wide = QFontMetricsF(painter.font()).horizontalAdvance(text)
        bar = QRectF(left, middle - px(4), min(room.right() - left - wide - px(6), px(70)), px(8))
        if bar.width() >= px(12):
            painter.fillRect(bar, QColor(theme.edge))
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * pre.share, bar.height()), colour)
            left = bar.right() + px(6)
        painter.setPen(QColor(theme.ink))
        painter.drawText(QRectF(left, room.top(), wide + 2, room.height()), _MIDDLE, text)


class Derivation(Words):
    """A derivation line by line, each with its reason beside it."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance, px: Callable[[float], int]) -> None:
        super().__init__(typesetter, appearance, px)
        self.activation: Activation | None = None
        self._rows: list[tuple[Step, float, float]] = []  # top and height of each

    def show_activation(self, activation: Activation) -> None:
        """Show the derivation for an activation."""
        self.activation = activation
        self.relayout()

    def relayout(self) -> None:
        activation = self.activation
        if activation is None:
            return
        px = self.px
        metrics = QFontMetricsF(font(px(_TEXT)))
        reason = max(self.width() - self._columns()[1], px(80))
        top, rows = float(px(40)), []
        for step in activation.derivation:
            words = metrics.boundingRect(QRectF(0, 0, reason, 1000), _WRAPPED, step.reason)
            sides = [self.size_of(latex, px(_MATHS))[1] for latex in (step.left, step.right)]
            height = max(*sides, words.height()) + px(9)
            rows.append((step, top, height))
            top += height
        self._rows = rows
        self.setMinimumHeight(round(top))
        self.update()

    def _columns(self) -> tuple[float, float]:
        """Return where the relations stand and where the reasons begin."""
        assert self.activation is not None
        px = self.px
        steps = self.activation.derivation
        left = max(self.size_of(step.left, px(_MATHS))[0] for step in steps)
        right = max(self._width_of_right(step) for step in steps)
        return left, left + right + px(26)

    def _width_of_right(self, step: Step) -> float:
        px = self.px
        width = self.size_of(rf"{step.relation} {step.right}", px(_MATHS))[0] + px(8)
        return width + (self.size_of(step.where, px(_MATHS))[0] + px(16) if step.where else 0)

    def resizeEvent(self, event: object) -> None:
        self.relayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.activation is None:
            return
        theme, px = self.appearance.theme, self.px
        ink, muted = QColor(theme.ink), QColor(theme.muted)
        painter = self.painter()
        painter.setFont(font(px(17), bold=True))
        painter.drawText(QRectF(0, 0, self.width(), px(34)), _MIDDLE, self.activation.headline)
        painter.setFont(font(px(_TEXT)))
        relation, reason = self._columns()
        before = ""
        for step, top, height in self._rows:
            middle = top + height / 2
            if step.left != before:  # a chain goes on under the left side that it began with
                width, _ = self.size_of(step.left, px(_MATHS))
                self.maths(painter, step.left, relation - width, middle, px(_MATHS), ink)
            before = step.left
            right = rf"{step.relation} {step.right}"
            x = self.maths(painter, right, relation + px(8), middle, px(_MATHS), ink)
            if step.where:
                self.maths(painter, step.where, x + px(16), middle, px(_MATHS), muted)
            painter.setPen(muted)
            room = QRectF(reason, top, max(self.width() - reason, px(80)), height)
            painter.drawText(room, _WRAPPED | Qt.AlignmentFlag.AlignVCenter, step.reason)
        painter.end()


class LineBack(Words):
    """What one step back along the carried state multiplies by, and why that carries far."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance, px: Callable[[float], int]) -> None:
        super().__init__(typesetter, appearance, px)
        self.line: Line | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_line(self, line: Line) -> None:
        """Show another cell's."""
        if line != self.line:
            self.line = line
            self.relayout()

    def sizeHint(self) -> QSize:
        return QSize(200, self._height())

    def _height(self) -> int:
        px = self.px
        if self.line is None:
            return px(60)
        room = QRectF(0, 0, max(self.width() - self._left(), px(120)), 1000)
        words = QFontMetricsF(font(px(_TEXT))).boundingRect(room, _WRAPPED, _together(self.line.sentence))
        return round(max(words.height(), px(52))) + px(8)

    def _left(self) -> float:
        assert self.line is not None
        return self.size_of(self.line.latex, self.px(_LARGE))[0] + self.px(22)

    def resizeEvent(self, event: object) -> None:
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.line is None:
            return
        theme = self.appearance.theme
        painter = self.painter()
        painter.fillRect(QRectF(0, 0, self.width(), 1), QColor(theme.edge))
        self.maths(painter, self.line.latex, 0, self.height() / 2, self.px(_LARGE), QColor(theme.ink))
        painter.setPen(QColor(theme.ink))
        room = QRectF(self._left(), 0, self.width() - self._left(), self.height())
        painter.drawText(room, _WRAPPED | Qt.AlignmentFlag.AlignVCenter, _together(self.line.sentence))
        painter.end()


def _together(words: str) -> str:
    """Return words whose equations no line break comes into."""
    for sign in "=>":
        words = words.replace(f" {sign} ", f"\N{NO-BREAK SPACE}{sign}\N{NO-BREAK SPACE}")
    return words


def change_of_bias(unit: int, before: float, after: float) -> str:
    """Return what stands after a bias's symbol while it is dragged: "[2]: 1 → 0.4"."""
    return f"[{unit + 1}]: {numbers.exact(before)} → {numbers.exact(after)}".replace("-", numbers.MINUS)
