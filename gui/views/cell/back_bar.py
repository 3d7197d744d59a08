"""The bar of the backward pass: the loss that it begins with, and what the cell line keeps of the gradient."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from engine.cell.trace import Trace
from engine.document.loss import Loss, losses_of, read_by
from engine.document.through_time import CellLine
from engine.text.number_text import NumberTextError, parse_number
from gui.appearance.math_widgets import MathLabel
from gui.appearance.text_size import LEAD, SYMBOL
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import REST, in_row
from gui.widgets.own_keys import LendsUndo

_WORDS = {
    "sum": "L = sum of the last {0}",
    "square": "L = ½ Σ (last {0} − target)²",
    "entropy": "L = −ln of one entry of {0}",
    "typed": "gradients that you type",
}
_PLACEHOLDERS = {"square": "target, all 0 if empty", "entropy": "right entry, 1 if empty"}


class BackBar(QWidget):
    """One row above the diagram during the backward pass."""

    changed = Signal()
    """Another loss was chosen, or other numbers for it."""
    message = Signal(str)
    """Why a text was refused."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.loss = Loss()
        """The loss in use."""
        self._has_state = True
        self._found: float | None = None
        self.choice = QComboBox()
        self.choice.setToolTip("The loss that the backward pass begins with, at the last time step")
        self.choice.setAccessibleName("Loss")
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.target, self.h, self.C = called("Target of the loss", QLineEdit()), QLineEdit(), QLineEdit()
        self._h_label = MathLabel(r"\delta h_T", "hidden", SYMBOL, typesetter, appearance)
        self._C_label = MathLabel(r"\delta C_T", "cell", SYMBOL, typesetter, appearance)
        for edit, words, empty in (
            (self.h, "∂L/∂h at the last time step, such as 1 0 0", "all 1 if both empty"),
            (self.C, "∂L/∂C at the last time step, such as 1 0 0", "all 0 if empty"),
        ):
            edit.setToolTip(words)
            edit.setAccessibleName(words.partition(",")[0])
            edit.setPlaceholderText(empty)
        self._value, self._kept = text_label(), text_label()
        px = appearance.px
        delta = MathLabel(r"\delta v = \partial L / \partial v", "x", LEAD, typesetter, appearance)
        # Along the line alone: a gradient also flows through the gates that read the state.
        self._line = MathLabel(r"\partial C_t / \partial C_{t-1} = f_t", "cell", LEAD, typesetter, appearance)
        self._line.setToolTip("Along the cell line, with the gates as constants")
        fields = self.choice, self.target, self._h_label, self.h, self._C_label, self.C, self._value
        values = delta, px(14), self._line, self._kept
        in_row(*fields, REST, *values, inside=self, margins=(px(14), px(2)), spacing=px(8))
        self.choice.activated.connect(self._on_changed)
        appearance.changed.connect(self._show_fields)
        for edit in (self.target, self.h, self.C):
            edit.setMaximumWidth(px(150))
            edit.editingFinished.connect(self._on_changed)
            LendsUndo(edit)

    def offer(self, trace: Trace) -> None:
        """Offer the losses that a cell can have; if it cannot have the chosen one, choose the sum."""
        names = losses_of(trace)
        kept = self.loss.name if self.loss.name in names else "sum"
        symbol = trace.cell.described(read_by(trace)).symbol.removesuffix("_t")
        self.choice.clear()
        for name in names:
            self.choice.addItem(_WORDS[name].format(symbol), name)
        self.choice.setCurrentIndex(names.index(kept))
        if kept != self.loss.name:
            self.loss = Loss()
        self._has_state = "C_t" in trace.cell.shapes
        self._show_fields()

    def reset(self) -> None:
        """Choose the sum again, which every cell has."""
        self.loss = Loss()
        for edit in (self.target, self.h, self.C):
            edit.clear()
        self.choice.setCurrentIndex(self.choice.findData("sum"))
        self._show_fields()

    def show_value(self, loss: float | None, kept: str, line: CellLine | None) -> None:
        """Show L, the derivative along the cell line, and in words what the line has kept of the gradient so far."""
        self._found = loss
        self._show_loss()
        self._kept.setText(kept)
        self._line.setVisible(line is not None)
        if line is not None:
            state, factor = line.state.removesuffix("_t"), line.factor or "1"
            self._line.set_latex(rf"\partial {state}_t / \partial {state}_{{t-1}} = {factor}")

    def _show_loss(self) -> None:
        """Write the loss: in a presentation with its formula, which the fields say that are hidden then."""
        value = "" if self._found is None else self._appearance.written(self._found)
        name = self.choice.currentText() if self._appearance.presenting else "L"
        self._value.setText(f"{name} = {value}" if value else name if self._appearance.presenting else "")

    @property
    def loss_in_words(self) -> str:
        """What is written of the loss."""
        return self._value.text()

    def _show_fields(self) -> None:
        """Show what there is to set; nothing in a presentation, where it is only read."""
        presenting = self._appearance.presenting
        self.choice.setVisible(not presenting)
        name = "" if presenting else self.choice.currentData()
        self.target.setVisible(name in _PLACEHOLDERS)
        self.target.setPlaceholderText(_PLACEHOLDERS.get(name, ""))
        typed = name == "typed"
        for widget in (self._h_label, self.h):
            widget.setVisible(typed)
        for widget in (self._C_label, self.C):
            widget.setVisible(typed and self._has_state)
        self._show_loss()

    def _on_changed(self) -> None:
        name = self.choice.currentData()
        self._show_fields()
        try:
            by_hand = {"h_t": _numbers("∂L/∂h", self.h), "C_t": _numbers("∂L/∂C", self.C)} if name == "typed" else {}
            target = _numbers("target", self.target) if name in _PLACEHOLDERS else ()
        except NumberTextError as error:
            self.message.emit(str(error))
            return
        loss = Loss(name, target, {key: entries for key, entries in by_hand.items() if entries})
        if loss != self.loss:
            self.loss = loss
            self.changed.emit()


def _numbers(what: str, edit: QLineEdit) -> tuple[float, ...]:
    """Return the numbers in a field; raise NumberTextError naming the field.

    Blanks, semicolons and brackets separate them. A comma does if a blank follows it; otherwise it is a decimal comma.
    """
    parts = [part.rstrip(",") for part in re.split(r"[\s;\[\]()]+", edit.text())]
    try:
        return tuple(parse_number(part) for part in parts if part)
    except NumberTextError as error:
        raise NumberTextError(f"{what}: {error}") from None
