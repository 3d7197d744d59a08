"""Shows what a training step did to one weight: before, gradient, change and after, side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from engine.runs.step_apart import StepApart
from engine.text import numbers
from gui.appearance.math_widgets import MathLabel
from gui.appearance.text_size import SMALLEST, SYMBOL, TEXT
from gui.matrix.axis import Band
from gui.matrix.map import MatrixMap
from gui.views.base import Tools
from gui.views.step.answer import Prepared
from gui.widgets.layouts import in_column, in_row

RULES: Mapping[str, tuple[str, str, str]] = {
    "adam": (
        "Adam",
        r"\Delta W = -\eta\ \hat{m}\ /\ \left(\sqrt{\hat{v}} + \epsilon\right)",
        "m and v are running means of the gradient and of its square, corrected for the first steps",
    ),
    "rmsprop": (
        "RMSprop",
        r"\Delta W = -\eta\ g\ /\ \left(\sqrt{v} + \epsilon\right)",
        "g is the gradient, v the running mean of its square",
    ),
    "sgd": (
        "SGD",
        r"\Delta W = -\eta\ u",
        "u is the gradient plus the momentum of earlier ones",
    ),
}
"""Of each optimizer: its name, its rule, and what the letters of the rule mean."""
_HEADS = ("before", "gradient", "change", "after")
_ROOM_FOR_NUMBERS = 0.8
"""Of the room that a map would like for its numbers."""
_READOUT: Mapping[str, str] = {"W_out": "W_{out}", "b_out": "b_{out}"}


def clipping_words(apart: StepApart, style: numbers.Style = numbers.Style.SHORT) -> str:
    """Return what clipping did to the gradient of all weights, in one sentence."""

    def written(value: float) -> str:
        return numbers.written(value, style=style)

    norm = written(apart.grad_norm)
    if not apart.clip_factor < 1:
        return f"Gradient norm {norm}: not clipped"
    factor, applied = written(apart.clip_factor), written(apart.applied_norm)
    return f"Gradient norm {norm} → clipped to {applied}: every gradient × {factor}"


def largest_change(apart: StepApart, name: str) -> tuple[int, ...] | None:
    """Return the place of the largest change of a weight; None where nothing changed or a number is not finite."""
    size = np.abs(apart.change(name))
    if not np.isfinite(size).all() or not size.any():
        return None
    return tuple(int(place) for place in np.unravel_index(int(np.argmax(size)), size.shape))


class WeightPage(QWidget):
    """Shows one weight of a step; every number is the step's own."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools = tools
        self._shown: tuple[Prepared, str] | None = None
        self.maps = [MatrixMap(tools.appearance, tools.typesetter, tools.background, fine=True) for _ in _HEADS]
        """The maps of W, of its gradient, of its change, and of W afterwards."""
        self._symbols = [MathLabel("W", "x", SYMBOL, tools.typesetter, tools.appearance) for _ in _HEADS]
        self._heads = [QLabel(words) for words in _HEADS]
        self._rule = MathLabel(r"\Delta W", "x", SYMBOL, tools.typesetter, tools.appearance)
        self._optimizer, self._words = QLabel(), QLabel()
        self._frames = [QWidget() for _ in _HEADS]
        self._below = QWidget()
        self._grid = QGridLayout()
        self._across = 0
        self._lay_out()

    @property
    def words(self) -> str:
        """The sentences below the maps."""
        return f"{self._optimizer.text()} {self._words.text()}"

    def show_weight(self, step: Prepared, name: str) -> None:
        """Show what the step did to a weight, "layer1.W_f"."""
        self._shown = step, name
        apart, own = step.apart, name.rpartition(".")[2]
        symbol, role, rows, columns = _described(step, name)
        latex = (symbol, rf"\partial L / \partial {symbol}", rf"\Delta {symbol}", rf"{symbol} + \Delta {symbol}")
        parts = (apart.before[name], apart.gradients[name], apart.change(name), apart.after[name])
        place = largest_change(apart, name)
        lit = [] if place is None else [_entry(place)]
        titles = (own, f"∂L/∂{own}", f"Δ{own}", f"{own} after")
        for shown, values, title in zip(self.maps, parts, titles, strict=True):
            shown.show_matrix(_matrix(values), name=title, rows=rows, columns=columns)
            shown.show_light(lit)
        self._say_scales()
        for label, formula in zip(self._symbols, latex, strict=True):
            label.role = role
            label.set_latex(formula)
            label.update()
        self._say(apart, name, place)
        self._arrange()

    def restyle(self) -> None:
        """Give the maps numbers of the size in force."""
        text = self._tools.appearance.text
        for shown in self.maps:
            shown.set_letters(text(TEXT), text(SMALLEST))
        self._arrange()

    def refresh(self) -> None:
        """Write the numbers again, in another style."""
        if self._shown is not None:
            self.show_weight(*self._shown)

    def _say_scales(self) -> None:
        """Say how far the colours of each map run."""
        for head, words, shown in zip(self._heads, _HEADS, self.maps, strict=True):
            head.setText(f"{words}  ±{numbers.written(shown.scale, style=self._tools.appearance.digits)}")
            head.setToolTip("The colours range from minus to plus this number")

    def _say(self, apart: StepApart, name: str, place: tuple[int, ...] | None) -> None:
        style = self._tools.appearance.digits
        fine = numbers.Style.LONG if style is numbers.Style.SHORT else style  # a change is small beside its weight

        def written(value: float) -> str:
            return numbers.written(float(value), style=fine)

        title, rule, letters = RULES[apart.optimizer]
        self._rule.set_latex(rule)
        self._optimizer.setText(f"{title}, rate η = {numbers.written(apart.learning_rate, style=style)}")
        self._optimizer.setToolTip(letters)
        self._rule.setToolTip(letters)
        words = [clipping_words(apart, style)]
        own = name.rpartition(".")[2]
        if place is None:
            rests = np.isfinite(apart.after[name]).all()
            words.append(f"{own} does not change" if rests else "These numbers are no longer finite")
        else:
            entry = f"{own}[{', '.join(str(index + 1) for index in place)}]"
            before, after = written(apart.before[name][place]), written(apart.after[name][place])
            change = float(apart.change(name)[place])
            sign = "+" if change > 0 else ""
            words.append(f"Largest change, framed: {entry} {before} → {after} ({sign}{written(change)})")
            gradient = float(apart.gradients[name][place])
            if gradient * change > 0:
                words.append(f"Its gradient is {written(gradient)}: the earlier ones that {title} keeps weigh more")
        self._words.setText("\n".join(words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the maps in one row, or in two where only so there is room for their numbers."""
        px = self._tools.appearance.px
        natural = self.maps[0].natural_size() * _ROOM_FOR_NUMBERS
        above = self._symbols[0].sizeHint().height() + self._heads[0].sizeHint().height() + px(8)
        height = self.height() - self._words.heightForWidth(max(10, self.width() // 2)) - px(24)
        one_row = natural.width() * 4 <= self.width() - px(76)
        two_rows = natural.width() * 2 <= self.width() - px(44) and (natural.height() + above) * 2 <= height
        columns = 2 if two_rows and not one_row else 4
        if columns == self._across:
            return
        self._across = columns
        for place, frame in enumerate(self._frames):
            self._grid.addWidget(frame, place // columns, place % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._grid.setRowStretch(1, 1 if columns == 2 else 0)

    def _lay_out(self) -> None:
        px = self._tools.appearance.px
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(4))
        self._grid.setRowStretch(0, 1)
        centre = Qt.AlignmentFlag.AlignHCenter
        for frame, symbol, head, shown in zip(self._frames, self._symbols, self._heads, self.maps, strict=True):
            in_column((symbol, 0, centre), (head, 0, centre), (shown, 1), inside=frame, margins=0, spacing=px(2))
            shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            shown.setMinimumSize(40, 30)
            head.setObjectName("muted")
            head.setMinimumWidth(10)
        in_row(self._optimizer, self._rule, (self._words, 1), inside=self._below, margins=0, spacing=px(12))
        in_column((self._grid, 1), self._below, inside=self, margins=(px(14), px(6), px(14), px(8)), spacing=px(6))
        self._words.setWordWrap(True)
        for label in (self._optimizer, self._words):
            label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            label.setMinimumWidth(10)
        self._arrange()


def _matrix(values: NDArray[np.floating]) -> NDArray[np.float64]:
    wide = np.ascontiguousarray(values, dtype=np.float64)
    return wide[:, None] if wide.ndim == 1 else wide


def _entry(place: tuple[int, ...]) -> tuple[slice, slice]:
    row, column = (*place, 0)[:2]
    return slice(row, row + 1), slice(column, column + 1)


def _described(step: Prepared, name: str) -> tuple[str, str, tuple[Band, ...], tuple[Band, ...]]:
    """Return a weight's LaTeX and role, and the bands of its rows and columns."""
    own, cell, trace = name.rpartition(".")[2], step.trace.cell, step.trace
    values = _matrix(step.apart.before[name])
    rows = (Band("", values.shape[0], "x"),)
    if own in _READOUT:
        return _READOUT[own], "output", rows, (Band("", values.shape[1], "hidden"),)
    item = cell.described(own)
    columns: tuple[Band, ...] = (Band("", values.shape[1], "x"),)
    width = cell.shapes[own][-1]
    if values.shape[1] > 1 and "+" in width:
        read = {"m": cell.described("x_t"), "n": cell.described("h_prev")}
        columns = tuple(Band(read[part].latex, trace.sizes[part], read[part].role) for part in width.split("+"))
    return item.latex, item.role, rows, columns
