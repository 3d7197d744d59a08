"""The view Activations: σ, tanh and ReLU with their derivatives, and where the cell's units are on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from engine.cell.graph import Kind
from engine.cell.trace import Trace
from engine.document.document import Matrix
from engine.explain.activations import ACTIVATIONS, Activation, Pre, line_back, pre_activations
from gui.views.activations.marks import LIMIT
from gui.views.activations.plot import Curves
from gui.views.activations.readings import Unit, pre_of, reading
from gui.views.activations.words import Derivation, Head, LineBack, Shares, change_of_bias
from gui.views.base import Tools, View
from gui.widgets.labels import called
from gui.widgets.layouts import in_column, in_row, scrolled

_EDIT_MS = 50
"""Between two edits while a dot is dragged."""
_DECIMALS = 2
"""Of a bias that is dragged."""
_WORDS, _BESIDE = 250, 156
"""Width of the words left of the curves, and of the saturated units where they stand to the right."""
_HIGH_ENOUGH = 560
"""From this height on, at 1080 lines, the saturated units have room below the words."""
_NEAR, _FAR = 0.1, 1.0
"""How far a key moves z, and with Shift."""
_ROOMY = (1010, 420)
"""From this size on, at 1080 lines, the derivation has room beside the curves."""


@dataclass(eq=False)
class _Drag:
    """A dot on its way, and the bias that follows it."""

    pre: Pre
    unit: int
    bias: str
    before: Matrix
    wanted: float
    begun: bool = False
    """Whether an edit was made, so that a step of undo is open."""


class _Row:
    """Head, curves and saturated units of one activation."""

    def __init__(self, activation: Activation, view: ActivationsView) -> None:
        tools = view.tools
        self.head = Head(activation, tools.typesetter, tools.appearance)
        self.curves = Curves(activation, tools.appearance)
        self.shares = Shares(activation, tools.typesetter, tools.appearance)
        self._area = scrolled(self.shares, focus=False)  # in a low window there is not room for every gate's
        self.place = QWidget()
        # All rows are equally high, whatever is written in them, so that a unit is as long in each plot.
        self.place.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.place.setMinimumHeight(view.px(60))
        self.grid = QGridLayout(self.place)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setVerticalSpacing(0)
        self.grid.setColumnStretch(1, 1)

    def put_words(self, flat: bool) -> None:
        """Put the saturated units right of the curves, or below the names."""
        for part in (self.head, self._area):
            self.grid.removeWidget(part)
        top = Qt.AlignmentFlag.AlignTop
        self.head.use_room(flat)
        self.grid.addWidget(self.head, 0, 0, 1 + flat, 1)
        self.grid.addWidget(self._area, *((0, 2, 2, 1) if flat else (1, 0, 1, 1)))
        self.grid.setAlignment(self.head, top if flat else Qt.AlignmentFlag(0))
        self.grid.setRowStretch(1, 1)


class ActivationsView(View):
    """σ, tanh and ReLU with their derivatives; a dot is a pre-activation of the cell, and dragging it moves a bias."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._shown: tuple[Trace | None, int] = (None, 0)
        self._drag: _Drag | None = None
        self._resting: Unit | None = None
        self._reading_derivation = False
        self.chosen = ACTIVATIONS[0]
        self.z = 1.0
        """Where the tangents are drawn."""
        self._edits = QTimer(self, singleShot=True, interval=_EDIT_MS)
        self._edits.timeout.connect(self._on_edit_due)
        self.rows: dict[Kind, _Row] = {item.kind: _Row(item, self) for item in ACTIVATIONS}
        self.derivation = Derivation(tools.typesetter, tools.appearance)
        self.line = LineBack(tools.typesetter, tools.appearance)
        self.toggle = QPushButton()
        self.toggle.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggle.clicked.connect(self._on_toggled)
        self._set_up_places()
        for activation in ACTIVATIONS:
            self._connect_column(activation)
        tools.model.opened.connect(self._end_drag)
        self.choose(self.chosen)
        self._arrange()

    def _set_up_places(self) -> None:
        px = self.tools.appearance.px
        self._curves = QWidget()
        for row in self.rows.values():
            row.grid.addWidget(row.curves, 0, 1, 2, 1)
            row.grid.setHorizontalSpacing(px(16))
        places = ((row.place, 1) for row in self.rows.values())
        in_column(*places, inside=self._curves, margins=0, spacing=px(4))
        self._flat: bool | None = None
        self._scroll = called("Derivation of the derivative", scrolled(self.derivation))
        upper = in_row((self._curves, 60), (self._scroll, 40), spacing=px(20))
        lower = in_row((self.line, 1), self.toggle, spacing=px(12))
        in_column((upper, 1), lower, inside=self, margins=(px(14), px(10), px(14), px(6)), spacing=px(6))
        self.setMinimumSize(self.minimumSizeHint())  # what has no room is arranged in another way

    def _connect_column(self, activation: Activation) -> None:
        row = self.rows[activation.kind]
        row.head.clicked.connect(lambda: self.choose(activation))
        row.curves.pressed.connect(lambda: self.choose(activation))
        row.curves.rested.connect(self._on_rested)
        row.curves.grabbed.connect(self._on_grabbed)
        row.curves.dragged.connect(self._on_dragged)
        row.curves.dropped.connect(self._end_drag)
        row.curves.z_moved.connect(self.move_z)
        row.head.show_z(self.z)

    # What is shown

    def choose(self, activation: Activation) -> None:
        """Show the derivation for an activation."""
        self.chosen = activation
        for kind, row in self.rows.items():
            row.head.choose(kind is activation.kind)
        self.derivation.show_activation(activation)
        self._scroll.verticalScrollBar().setValue(0)

    def restyle(self) -> None:
        for row in self.rows.values():
            row.curves.apply_theme()
            row.head.show_z(self.z)
        self._arrange()

    def refresh(self) -> None:
        shown, t = self._shown
        if self.trace is not None and (shown is not self.trace or t != self.t):
            self._show_numbers(self.trace, self.t)

    def _show_numbers(self, trace: Trace, t: int) -> None:
        if self._shown[0] is None or self._shown[0].cell is not trace.cell:
            self.line.show_line(line_back(trace.cell))
        self._shown = (trace, t)
        pres = pre_activations(trace, t)
        for kind, row in self.rows.items():
            own = tuple(pre for pre in pres if pre.kind is kind)
            row.curves.show_dots(own)
            row.shares.show_shares(own)
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Show curves and derivation beside each other where both can be read, else one of them."""
        roomy = self.width() >= self.px(_ROOMY[0]) and self.height() >= self.px(_ROOMY[1])
        self.toggle.setVisible(not roomy)
        self._curves.setVisible(roomy or not self._reading_derivation)
        self._scroll.setVisible(roomy or self._reading_derivation)
        self.toggle.setText("Show the curves" if self._reading_derivation else "Show the derivation")
        self._place_words()

    def _place_words(self) -> None:
        """Put the saturated units below the names where a row is high enough for both, else beside the curves."""
        flat = self.height() < self.px(_HIGH_ENOUGH)
        for row in self.rows.values():
            row.grid.setColumnMinimumWidth(0, self.px(_WORDS))
            row.grid.setColumnMinimumWidth(2, self.px(_BESIDE) if flat else 0)
            if flat != self._flat:
                row.put_words(flat)
        self._flat = flat

    # A z to drag

    def move_z(self, z: float) -> None:
        """Draw and write value and slope of all three at another z, to a hundredth."""
        self.z = min(max(round(z, 2), -LIMIT), LIMIT)
        for row in self.rows.values():
            row.curves.show_z(self.z)
            row.head.show_z(self.z)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = _FAR if far else _NEAR
            self.move_z(self.z + (step if event.key() == Qt.Key.Key_Right else -step))
        else:
            super().keyPressEvent(event)

    def _on_toggled(self) -> None:
        self._reading_derivation = not self._reading_derivation
        self._arrange()

    # Resting on a dot

    def _pre(self, unit: Unit | None) -> Pre | None:
        return pre_of(unit, (pre for row in self.rows.values() for pre in row.curves.pres))

    def _on_rested(self, unit: Unit | None) -> None:
        self._resting = unit
        pre = self._pre(unit)
        if pre is None or unit is None:
            self.tools.light.leave()
        else:
            trace, t = self._shown
            self.tools.light.rest_on(trace, t, pre.source, (unit[1],))
        self._say()

    def _say(self) -> None:
        """Put into each head what is dragged or rested on there."""
        unit = (self._drag.pre.name, self._drag.unit) if self._drag else self._resting
        pre = self._pre(unit)
        for activation in ACTIVATIONS:
            head = self.rows[activation.kind].head
            if pre is None or unit is None or pre.kind is not activation.kind:
                head.say("", "", "")
            elif self._drag is not None:
                bias = self.tools.model.document.cell.described(self._drag.bias)
                words = change_of_bias(unit[1], float(self._drag.before[unit[1]]), self._drag.wanted)
                head.say(bias.latex, words, pre.role)
            else:
                head.say(pre.source_latex, reading(pre, unit[1], activation, self.tools.appearance), pre.role)

    # Dragging a dot

    def _on_grabbed(self, unit: Unit) -> None:
        pre, model = self._pre(unit), self.tools.model
        if pre is None or model.trace is not self._shown[0]:
            return  # numbers of a document that was replaced
        if model.refuse_visitor():
            return
        if pre.bias is None:
            self.message.emit(f"{pre.symbol} has no bias of its own: drag a dot of what it is computed from.")
            return
        before = model.document.weights[pre.bias]
        self._drag = _Drag(pre, unit[1], pre.bias, before, float(before[unit[1]]))

    def _on_dragged(self, z: float) -> None:
        drag = self._drag
        if drag is None:
            return
        moved = z - float(drag.pre.values[drag.unit])
        drag.wanted = round(float(drag.before[drag.unit]) + moved, _DECIMALS)
        self._say()
        if not self._edits.isActive():
            self._on_edit_due()

    def _on_edit_due(self) -> None:
        if self._drag is not None and self._edit(self._drag):
            self._edits.start()

    def _edit(self, drag: _Drag) -> bool:
        """Set the bias that is wanted; all edits of a drag are undone at once. Return whether it was another one."""
        model = self.tools.model
        bias = model.document.weights.get(drag.bias)
        if bias is None or bias.shape != drag.before.shape or bias[drag.unit] == drag.wanted or model.visiting:
            return False
        words = f"move {drag.pre.symbol}[{drag.unit + 1}]"
        if not drag.begun:
            drag.begun = True
            model.undo_stack.beginMacro(words)
        changed = np.array(bias)
        changed[drag.unit] = drag.wanted
        model.edit(model.document.with_weight(drag.bias, changed), words)
        return True

    def _end_drag(self) -> None:
        drag, self._drag = self._drag, None
        self._edits.stop()
        for row in self.rows.values():
            row.curves.let_go()
        if drag is not None:
            self._edit(drag)
            if drag.begun:
                self.tools.model.undo_stack.endMacro()
        self._say()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._end_drag()
        self._on_rested(None)
