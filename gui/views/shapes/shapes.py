"""The view Sizes: every vector and matrix to scale, with m, n and k at its sides, and what changing one does."""

from __future__ import annotations

import re

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.cell.trace import Trace
from engine.document.document import LARGEST_SIZE, Document
from engine.explain.dimensions import AXES, what_changed
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import TEXT
from gui.document.size_changes import change_size, toggle_link, turn_columns
from gui.views.base import Tools, View
from gui.views.shapes.brackets import axis_colour
from gui.views.shapes.drawing import ShapesDrawing
from gui.views.shapes.scale import LARGEST_DRAWN
from gui.widgets.buttons import Button
from gui.widgets.layouts import in_column
from gui.widgets.spin_boxes import WholeBox

_NARROW = 1000
_LINES, _LINES_WHERE_NARROW = 2, 3

_LINKED = "n = k, because ∘ in h_t = o_t ∘ tanh(C_t) multiplies entry by entry."
_UNLINKED = (
    "h_t = W_hr (o_t ∘ tanh(C_t)), W_hr of n×k: n need not be k (torch's proj_size; Sak, Senior and Beaufays 2014)."
)
_TRAINING = " Training needs n < k."
_NO_STATE = "This cell has no cell state C: it remembers only h_t, of size n."
_EMPTY = "The numbers are being computed …"


def in_letters(text: str) -> str:
    """Return plain symbols as rich text: "W_hr" and "h_{t-1}" with their subscripts set low."""
    text = text.replace("<", "&lt;")
    symbol = re.compile(r"(?<!\w)([^\W_]\N{COMBINING TILDE}?)_(?:\{([^}]*)\}|(\w+))")
    return symbol.sub(lambda found: f"<i>{found[1]}<sub>{(found[2] or found[3]).replace('-', '−')}</sub></i>", text)


class DimensionsView(View):
    """The cell as shapes. Sizes, the link of n and k and the order of the columns are set where they are seen."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._shown: Trace | None = None
        self.drawing = ShapesDrawing(tools.typesetter, tools.appearance)
        self.boxes: dict[str, WholeBox] = {}
        self._labels: dict[str, QLabel] = {}
        self.link = Button("")
        self.link.clicked.connect(lambda: toggle_link(tools.model, tools.filling()))
        self.order = Button("")
        self.order.clicked.connect(lambda: turn_columns(tools.model))
        self.order.setToolTip("Swap the columns of every W and the parts of the vector; the results stay the same")
        self._controls = QWidget()
        self._row = QHBoxLayout(self._controls)
        for name, words in AXES.items():
            self._add_box(name, words)
            if name == "n":
                self._row.addWidget(self.link)
        self._row.addStretch(1)
        self._row.addWidget(self.order)
        self.note = RichLabel(wrap=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._news = ""
        self._column = in_column(self._controls, (self.drawing, 1), self.note, inside=self)
        self.drawing.rested.connect(self.message)
        tools.model.document_changed.connect(self._update_controls)
        tools.model.settled.connect(self._on_settled)
        self._update_controls(tools.model.document)

    def refresh(self) -> None:
        """Draw the shapes in force; what has changed since the last grows there."""
        trace = self.trace
        self._update_room()
        if trace is None:
            self.note.setText(_EMPTY)
            return
        if self._shown is not None and self._shown is not trace:
            same = self._shown.cell == trace.cell and self._shown.sizes == trace.sizes
            self._news = what_changed(self._shown, trace) or (self._news if same else "")
        self._shown = trace
        self._update_note(trace)
        self.drawing.show_trace(trace, self.t)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.drawing.clear()  # what changes meanwhile has changed when it comes back
        self._shown, self._news = None, ""

    def _add_box(self, name: str, words: str) -> None:
        label, box = RichLabel(f"<i>{name}</i>"), WholeBox(1, LARGEST_SIZE)
        box.undone_by_window = True  # a size is the document's
        box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.setToolTip(f"{name}, number of {words}: 1 to {LARGEST_SIZE}")
        box.setAccessibleName(f"{name}, number of {words}, in the view Sizes")
        box.valueChanged.connect(lambda value: self._on_size(name, value))
        self.boxes[name], self._labels[name] = box, label
        self._row.addWidget(label)
        self._row.addWidget(box)

    # What the user does

    def _on_size(self, name: str, value: int) -> None:
        model = self.tools.model
        if name in ("n", "k") and not model.document.projected:
            self._show_size("k" if name == "n" else "n", value)
        change_size(model, name, value, self.tools.filling())

    # What is shown of it

    def _on_settled(self) -> None:
        self._update_controls(self.tools.model.document)

    def _show_size(self, name: str, value: int) -> None:
        with QSignalBlocker(self.boxes[name]):  # this is the model's own value
            self.boxes[name].setValue(value)

    def _update_controls(self, document: Document) -> None:
        if self.tools.model.waiting:
            return  # the boxes say what was asked for
        there = {"m": True, "n": True, "k": document.can_project, "p": document.has_output}
        for name, box in self.boxes.items():
            self._show_size(name, document.sizes.get(name, 1))
            box.setVisible(there[name])
            self._labels[name].setVisible(there[name])
        self.link.setVisible(document.can_project)
        self.link.setText("≠" if document.projected else "=")
        self.link.setAccessibleName("Link n to k" if document.projected else "Unlink n from k")
        self.link.setToolTip(
            "Link n to k, as in the standard LSTM" if document.projected else "Unlink n from k: W_hr then projects h_t"
        )
        self.order.setText("[x, h] ⇄ [h, x]" if document.order == "x,h" else "[h, x] ⇄ [x, h]")

    def _update_room(self) -> None:
        """Keep room for the lines of the note, so that the shapes stay where they are."""
        lines = _LINES_WHERE_NARROW if self.width() < self.px(_NARROW) else _LINES
        self.note.setMinimumHeight(round(lines * 1.4 * self.tools.appearance.text(TEXT)))

    def restyle(self) -> None:
        px, theme = self.px, self.tools.appearance.theme
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(px(8))
        self._column.setContentsMargins(px(16), px(12), px(16), px(8))
        self._column.setSpacing(px(6))
        for name, label in self._labels.items():
            label.setText(f'<i style="color: {axis_colour(theme, name).name()}"><b>{name}</b></i>')

    def _update_note(self, trace: Trace) -> None:
        sizes = trace.sizes
        if not trace.cell.has_state:
            state = _NO_STATE
        elif "W_hr" not in trace.parameters:
            state = _LINKED
        else:
            too_large = f" Here n = {sizes['n']} and k = {sizes['k']}." if sizes["n"] >= sizes["k"] else ""
            state = _UNLINKED + _TRAINING + too_large
        cut = [f"{name} = {size}" for name, size in sizes.items() if size > LARGEST_DRAWN]
        if cut:
            torn = f"Not to scale: of {' and '.join(cut)} only the first and last {LARGEST_DRAWN // 2} are drawn."
            state = f"{torn} {state}"
        muted, news = self.tools.appearance.theme.muted, in_letters(self._news)
        first = f"{news}<br>" if news else ""
        text = f'{first}<span style="color: {muted}">{in_letters(state)}</span>'
        if text != self.note.text():
            self.note.setText(text)
