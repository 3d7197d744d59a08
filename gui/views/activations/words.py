"""The words around the curves: their names, the saturated units, the derivation, the cell line."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from engine.cell.graph import SIGMOID
from engine.explain.activations import SATURATED_ABOVE, SATURATED_BELOW, Activation, Line, Pre
from engine.text import numbers
from gui.appearance.math_widgets import MathLabel
from gui.appearance.text_size import LEAD, TEXT, TITLE
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.widgets.labels import text_label
from gui.widgets.layouts import REST, discard, in_column, in_row
from gui.widgets.stroke import DASHES, Stroke

_TOP = Qt.AlignmentFlag.AlignTop
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class Head(QWidget):
    """The names of both curves, and a line that says where the derivative is largest or what is under the mouse."""

    clicked = Signal()

    def __init__(self, activation: Activation, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self.activation, self._appearance = activation, appearance
        self.chosen = False
        self._flat = False
        self.said: tuple[str, str, str] = ("", "", "")
        """LaTeX of a symbol, the words after it, and a role; nothing for what always stands there."""
        self._symbol = MathLabel("", "x", LEAD, typesetter, appearance)
        self._symbol.hide()
        self._words = QLabel(wordWrap=True)
        self.at_z = text_label("", "strong", cut=True)
        """Value and slope at the z that is dragged."""
        px, names = appearance.px, list[QHBoxLayout]()
        for latex, role, stroke in (
            (activation.latex, "x", Stroke("x", 16, appearance)),
            (activation.derivative_latex, "muted", Stroke("muted", 22, appearance, dashes=DASHES)),
        ):
            name = MathLabel(latex, role, LEAD, typesetter, appearance)
            names.append(in_row(stroke, name, spacing=px(6)))
        said = in_row((self._symbol, 0, _TOP), (self._words, 1, _TOP), spacing=px(4))
        above = in_row(*names, REST, spacing=px(14))
        in_column(above, self.at_z, said, REST, inside=self, margins=(0, px(6), 0, 0), spacing=px(2))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(f"Show the derivation for {activation.title}")
        self._show()

    def sizeHint(self) -> QSize:
        """Keep room for two lines of words, or one in little room, so that the curves never move."""
        lines = 2.7 if self._flat else 4.0
        return QSize(100, round(lines * self._appearance.text(TEXT)) + self._appearance.with_text(38))

    def use_room(self, flat: bool) -> None:
        """Take one line of words less where there is little height."""
        self._flat = flat
        self.updateGeometry()

    @property
    def words(self) -> str:
        """The words below the names: what is said, or else the largest derivative."""
        return self.said[1] or f"largest derivative {self.activation.largest:g}, {self.activation.where}"

    def say(self, latex: str, words: str, role: str) -> None:
        """Say something instead of the largest derivative; nothing to end it."""
        if (latex, words, role) != self.said:
            self.said = (latex, words, role)
            self._show()

    def show_z(self, z: float) -> None:
        """Write value and slope at a z."""
        at = np.array([z])
        value, slope = float(self.activation.value(at)[0]), float(self.activation.derivative(at)[0])
        written, symbol = self._appearance.written, self.activation.symbol
        self.at_z.setText(f"{symbol}({written(z, True)}) = {written(value, True)}, slope {written(slope, True)}")
        self.at_z.setToolTip(
            f"{symbol}({numbers.exact(z)}) = {numbers.exact(value)}, its slope there {numbers.exact(slope)}. Drag z in "
            "a plot, or move it with Left and Right, further with Shift"
        )

    def _show(self) -> None:
        latex, _, role = self.said
        self._symbol.role = role or "x"
        self._symbol.set_latex(latex)
        self._symbol.setVisible(bool(latex))
        self._words.setText(_together(self.words))

    def choose(self, chosen: bool) -> None:
        """Mark it as the one whose derivation is shown."""
        self.chosen = chosen
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._appearance.theme, self._appearance.with_text
        painter = QPainter(self)
        bar = QRectF(0, 0, self.width(), px(3)) if self.chosen else QRectF(0, px(1), self.width(), 1)
        painter.fillRect(bar, QColor(theme.select_edge if self.chosen else theme.edge))
        painter.end()


class _Share(QWidget):
    """How many units of one gate are saturated: its symbol, a bar, and the number."""

    def __init__(self, pre: Pre, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._appearance, self._pre = appearance, pre
        self.symbol = MathLabel(pre.latex, pre.role, LEAD, typesetter, appearance)
        self.words = QLabel()
        self._bar = QWidget()  # what its place is painted over
        margins = (0, 0, appearance.px(10), 0)
        row = in_row(self.symbol, (self._bar, 1), self.words, inside=self, margins=margins, spacing=appearance.px(6))
        row.addStretch(0)
        self.show_share(pre)

    def show_share(self, pre: Pre) -> None:
        """Show the units of this time step."""
        self._pre = pre
        self._bar.setMaximumWidth(self._appearance.with_text(70))
        self.words.setText(f"{round(pre.share * len(pre.values))} of {len(pre.values)}")
        self.update()

    def least_width(self) -> int:
        """Return the width of symbol and number with hardly a bar between them."""
        return self.symbol.sizeHint().width() + self.words.sizeHint().width() + self._appearance.with_text(22)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, thick = self._appearance.theme, self._appearance.with_text(8)
        bar = QRectF(self._bar.geometry())
        if bar.width() < self._appearance.with_text(12):
            return
        painter = QPainter(self)
        bar = QRectF(bar.left(), bar.center().y() - thick / 2, bar.width(), thick)
        painter.fillRect(bar, QColor(theme.edge))
        bar.setWidth(bar.width() * self._pre.share)
        painter.fillRect(bar, theme.role(self._pre.role))
        painter.end()


class Shares(QWidget):
    """How many units of each gate are saturated."""

    def __init__(self, activation: Activation, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._activation, self._typesetter, self._appearance = activation, typesetter, appearance
        self.pres: tuple[Pre, ...] = ()
        self._shares: list[_Share] = []
        self._caption = text_label(self.words, wrap=True)
        self._grid = QGridLayout()
        self._grid.setSpacing(appearance.px(2))
        for column in range(2):
            self._grid.setColumnStretch(column, 1)
        in_column(self._caption, self._grid, REST, inside=self, margins=0, spacing=appearance.px(2))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    @property
    def words(self) -> str:
        """What counts as saturated, or why there is nothing to count."""
        if not self.pres:
            return f"No dots: this cell computes no {self._activation.title}."
        if self._activation.kind is SIGMOID:
            return f"saturated: σ < {SATURATED_BELOW:g} or > {SATURATED_ABOVE:g}"
        return f"saturated: |{self._activation.symbol}| > {SATURATED_ABOVE:g}"

    def show_shares(self, pres: tuple[Pre, ...]) -> None:
        """Show the saturated units of these."""
        before, self.pres = self.pres, pres
        if [pre.name for pre in before] != [pre.name for pre in pres]:
            discard(*self._shares)
            self._shares = [_Share(pre, self._typesetter, self._appearance) for pre in pres]
        for share, pre in zip(self._shares, pres, strict=True):
            share.show_share(pre)
        self._caption.setText(self.words)
        self._arrange()

    def texts(self) -> list[str]:
        """Return "3 of 3" for each gate shown."""
        return [share.words.text() for share in self._shares]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put two gates beside each other where symbol and number of each have room."""
        abreast = 2 if max((share.least_width() for share in self._shares), default=0) <= self.width() / 2 else 1
        for number, share in enumerate(self._shares):
            self._grid.addWidget(share, *divmod(number, abreast), 1, 3 - abreast)


class Derivation(QWidget):
    """A derivation line by line, each with its reason beside it, and below them what follows from it."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter, self._appearance = typesetter, appearance
        self.activation: Activation | None = None
        self.lines: list[tuple[MathLabel, MathLabel, QLabel]] = []
        """The left side, the rest of the equation, and the reason, of each line."""
        self._written: list[QWidget] = []
        """Everything in the lines."""
        self._headline = text_label("", "headline")
        self._remark = text_label("", "", wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(appearance.px(8))
        self._grid.setVerticalSpacing(appearance.px(9))
        self._grid.setColumnStretch(3, 1)
        in_column(self._headline, self._grid, self._remark, REST, inside=self, margins=0, spacing=appearance.px(12))

    def show_activation(self, activation: Activation) -> None:
        """Show the derivation for an activation."""
        self.activation = activation
        self._headline.setText(activation.headline)
        self._remark.setText(activation.remark)
        self._remark.setVisible(bool(activation.remark))
        discard(*self._written)
        self._written = []
        self.lines, before = [], ""
        for row, step in enumerate(activation.derivation):
            # A chain continues under the left side that it began with.
            left = self._maths(step.left if step.left != before else "", "x")
            right = self._maths(rf"{step.relation} {step.right}", "x")
            reason = text_label(step.reason, wrap=True)
            reason.setMinimumWidth(self._appearance.px(80))
            where = self._maths(step.where, "muted")
            self._grid.addWidget(left, row, 0, Qt.AlignmentFlag.AlignRight | _MIDDLE)
            self._grid.addWidget(right, row, 1, Qt.AlignmentFlag.AlignLeft | _MIDDLE)
            self._grid.addWidget(where, row, 2, _MIDDLE)
            self._grid.addWidget(reason, row, 3)
            self._written += [left, right, where, reason]
            self.lines.append((left, right, reason))
            before = step.left

    def _maths(self, latex: str, role: str) -> MathLabel:
        return MathLabel(latex, role, LEAD, self._typesetter, self._appearance)


class LineBack(QWidget):
    """What one step back along the carried state multiplies by, and why that carries far."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.line: Line | None = None
        self._symbol = MathLabel("", "x", TITLE, typesetter, appearance)
        self._words = QLabel(wordWrap=True)
        margins = (0, appearance.px(6), 0, appearance.px(4))
        in_row(self._symbol, (self._words, 1), inside=self, margins=margins, spacing=appearance.px(22))

    def show_line(self, line: Line) -> None:
        """Show another cell's."""
        if line != self.line:
            self.line = line
            self._symbol.set_latex(line.latex)
            self._words.setText(_together(line.sentence))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, self.width(), 1), QColor(self._appearance.theme.edge))
        painter.end()


def _together(words: str) -> str:
    """Return words whose equations no line break comes into."""
    for sign in "=>":
        words = words.replace(f" {sign} ", f"\N{NO-BREAK SPACE}{sign}\N{NO-BREAK SPACE}")
    return words


def change_of_bias(unit: int, before: float, after: float) -> str:
    """Return what stands after a bias's symbol while it is dragged: "[2]: 1 → 0.4"."""
    return f"[{unit + 1}]: {numbers.exact(before)} → {numbers.exact(after)}"
