"""A slider for a gate or the candidate of one unit, and whether it is set by hand or computed."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from engine.cell.graph import Operation
from gui.appearance.math_widgets import MathLabel
from gui.appearance.text_size import SYMBOL
from gui.views.base import Tools
from gui.widgets.buttons import CheckBox
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_row
from gui.widgets.own_keys import OwnKeys

_PARTS = 100
"""Of a slider, to one whole."""
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


class GateSlider(QWidget):
    """One value of one unit at one time step, or at all of them."""

    moved = Signal(float)
    """It is set by hand to this."""
    switched = Signal(bool)
    """Whether it is to be by hand."""

    def __init__(self, operation: Operation, words: str, tools: Tools) -> None:
        """words: what it is called, "forget gate"."""
        super().__init__()
        appearance = tools.appearance
        low = 0 if operation.is_gate else -1
        symbol = MathLabel(operation.latex, operation.role, SYMBOL, tools.typesetter, appearance)
        symbol.setFixedWidth(appearance.px(34))
        symbol.setToolTip(f"{words[0].upper()}{words[1:]}")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(low * _PARTS, _PARTS)
        self.slider.setSingleStep(_PARTS // 20)
        self.slider.setPageStep(_PARTS // 5)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setMinimumWidth(appearance.px(60))
        self.slider.setAccessibleName(f"{words}, from {'0' if low == 0 else '−1'} to 1")
        self.slider.setToolTip(f"Set the {words}; the arrow keys change it by 0.05")
        OwnKeys(self.slider, lambda event: event.key() in _KEYS)
        self.number = text_label("", "strong")
        self.number.setMinimumWidth(appearance.px(46))
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.by_hand = CheckBox("by hand")
        self.by_hand.setAccessibleName(f"{words} by hand")
        self.by_hand.setToolTip(f"Off: compute the {words} from W·[x, h] + b")
        parts = symbol, (self.slider, 1), self.number, self.by_hand
        in_row(*parts, inside=self, margins=0, spacing=appearance.px(8))
        self.slider.valueChanged.connect(lambda value: self.moved.emit(value / _PARTS))
        self.by_hand.toggled.connect(self.switched)

    def show_value(self, value: float, text: str, by_hand: bool) -> None:
        """Show what it is now, in whatever way it came about; emits nothing."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.by_hand):
            self.slider.setValue(round(value * _PARTS))
            self.by_hand.setChecked(by_hand)
        self.number.setText(text)
