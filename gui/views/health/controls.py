"""Controls that act on a network in training: clamp a gate at 0 or 1, choose a weight to freeze."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from engine.cell.graph import Operation
from gui.appearance.math_widgets import MathLabel, MathTab
from gui.appearance.text_size import LEAD, SYMBOL
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.views.health.ratios import Weight
from gui.widgets.buttons import Presses
from gui.widgets.layouts import discard, in_row
from gui.widgets.segments import Segments


class ClampSwitch(QWidget):
    """A gate's symbol with 0, learned and 1: clamped closed, as training makes it, clamped open."""

    clamped = Signal(str, object)
    """The gate's letter, and 0.0, 1.0, or None for learned."""
    _VALUES = (0.0, None, 1.0)

    def __init__(self, letter: str, gate: Operation, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self.gate = gate
        self._symbol = MathLabel(gate.latex, gate.role, SYMBOL, typesetter, appearance)
        self.switch = Segments((("0", gate.role), ("learned", ""), ("1", gate.role)), appearance)
        clamp = f"Clamp {gate.name} at %s in every layer, from the next training step on"
        tips = clamp % 0, f"Stop clamping {gate.name}", clamp % 1
        for segment, tip in zip(self.switch.segments, tips, strict=True):
            segment.setToolTip(tip)
            segment.setAccessibleName(tip)
        in_row(self._symbol, self.switch, inside=self, margins=0, spacing=appearance.px(5))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.switch.chosen.connect(lambda number: self.clamped.emit(letter, self._VALUES[number]))

    def show_value(self, value: float | None) -> None:
        """Show what the gate is clamped at; None where it is learned."""
        self.switch.choose(self._VALUES.index(value))


class WeightTab(MathTab):
    """A weight's symbol to choose by a click, or by Space where Tab has taken the keyboard."""

    def __init__(self, weight: Weight, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__(weight.latex, weight.role, LEAD, typesetter, appearance)
        self.weight = weight
        Presses(self, self.clicked.emit)
        self.setToolTip(weight.name)
        self.setAccessibleName(weight.name)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.set_lit(event.type() == QEvent.Type.FocusIn)
        return super().event(event)


class WeightTabs(QWidget):
    """The weights of a layer and of the readout; in two rows where one has no room for all."""

    chosen = Signal(str)
    """The name of a weight that was clicked, such as "layer1.W_f"."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter, self._appearance = typesetter, appearance
        self.tabs: tuple[WeightTab, ...] = ()
        self._chosen = ""
        self._rows = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(3)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_weights(self, weights: tuple[Weight, ...], chosen: str) -> None:
        """Offer these weights, one of which is chosen."""
        if weights != tuple(tab.weight for tab in self.tabs):
            discard(*self.tabs)
            self.tabs = tuple(WeightTab(weight, self._typesetter, self._appearance) for weight in weights)
            for tab in self.tabs:
                tab.clicked.connect(lambda name=tab.weight.name: self.chosen.emit(name))
            self._rows = 0
            self.arrange()
            self._chosen = ""
        if chosen != self._chosen:
            self._chosen = chosen
            for tab in self.tabs:
                tab.set_chosen(tab.weight.name == chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """Put all in one row, or the matrices above what is added to their products."""
        if not self.tabs:
            return
        width = len(self.tabs) * (self.tabs[0].sizeHint().width() + self._grid.horizontalSpacing())
        rows = 1 if width <= self.width() else 2
        if rows == self._rows:
            return
        self._rows = rows
        columns = [0, 0]
        for tab in self.tabs:
            row = 0 if rows == 1 or tab.weight.is_matrix else 1
            self._grid.addWidget(tab, row, columns[row])
            columns[row] += 1
