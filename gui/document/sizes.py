"""The panel of sizes: m, n, k and p, whether n follows k, and how new weights are filled."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from engine.cell.cells import CELLS
from engine.cell.initialise import INITIALISATIONS
from engine.document.document import LARGEST_SIZE, Document, blank, refilled
from engine.document.memory import check_fits
from gui.appearance.math_widgets import MathLabel
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import SYMBOL
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.commands.registry import Registry
from gui.document.cell_model import CellModel
from gui.document.set_values import set_values
from gui.document.size_changes import change_size, check_memory, toggle_link, turn_columns
from gui.widgets.buttons import Button
from gui.widgets.choices import offer
from gui.widgets.labels import called
from gui.widgets.layouts import REST, in_column, in_row
from gui.widgets.spin_boxes import WholeBox

_ROWS = (
    ("m", "inputs", "x"),
    ("n", "hidden states", "hidden"),
    ("k", "cell states", "cell"),
    ("p", "outputs", "output"),
)
"""Of each size its symbol, what it counts, and its role."""
_LINKED = (
    "n = k, because <i>h<sub>t</sub></i> = <i>o<sub>t</sub></i> ∘ tanh(<i>C<sub>t</sub></i>) is taken entry by "
    "entry. Unlink (=) to project <i>h<sub>t</sub></i> to another size."
)
_UNLINKED = (
    "<i>h<sub>t</sub></i> = <i>W<sub>hr</sub></i> (<i>o<sub>t</sub></i> ∘ tanh(<i>C<sub>t</sub></i>)), with "
    "<i>W<sub>hr</sub></i> of n×k. Link (≠) for the standard LSTM, where n = k."
)
_NO_STATE = "This cell has no cell state <i>C</i>; its only memory is <i>h<sub>t</sub></i>, of size n."
_OF_NETWORK = "These belong to the network; “Copy to edit”, above the diagram, makes sizes, weights and inputs yours."
_TOO_LARGE = _UNLINKED + " Training needs n < k."


class SizesPanel(QWidget):
    """Sets the sizes of the document; what still fits is kept."""

    def __init__(self, model: CellModel, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._model = model
        px = appearance.px
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(4))
        self.boxes: dict[str, WholeBox] = {}
        self._of_size: dict[str, list[QWidget]] = {}
        for row, (name, words, role) in enumerate(_ROWS):
            box = WholeBox(1, LARGEST_SIZE)
            box.undone_by_window = True  # a size is the document's
            box.setAlignment(Qt.AlignmentFlag.AlignCenter)
            box.setToolTip(f"{name}, number of {words}: 1 to {LARGEST_SIZE}")
            box.setAccessibleName(f"{name}, number of {words}")
            box.valueChanged.connect(lambda value, name=name: self._on_size(name, value))
            self.boxes[name] = box
            symbol, label = MathLabel(name, role, SYMBOL, typesetter, appearance), QLabel(words)
            grid.addWidget(symbol, row, 0, Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(label, row, 1)
            grid.addWidget(box, row, 3)
            self._of_size[name] = [symbol, label, box]
        self.link = called("Link n to k", Button(""))
        self.train = Button("Train this cell")
        self.buttons = {"link": self.link, "train cell": self.train}
        """What does the same as a command, by its id."""
        self.link.setObjectName("link")
        grid.addWidget(self.link, 1, 2, 2, 1)
        grid.setColumnStretch(1, 1)
        fitting = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.initialisation = called("New weights", QComboBox(minimumContentsLength=6, sizeAdjustPolicy=fitting))
        offer(self.initialisation, INITIALISATIONS, "xavier")
        self.initialisation.setToolTip("How new weights are filled when a size grows")
        self.seed = called("Seed of new weights", WholeBox())
        self.seed.setRange(0, 999_999)
        self.seed.setPrefix("seed ")
        self.seed.setToolTip("Seed of Xavier: the same seed gives the same weights")
        new = in_row((self.initialisation, 1), self.seed, spacing=px(8))
        self._note = RichLabel(look="note", wrap=True)
        self._note.setMinimumWidth(10)
        train = in_row(REST, self.train)
        in_column(grid, new, self._note, train, REST, inside=self, margins=0, spacing=px(6))
        model.document_changed.connect(self._update_boxes)
        model.settled.connect(self._update_boxes)
        model.visit_changed.connect(self._update_boxes)
        self._update_boxes()

    @property
    def filling(self) -> tuple[str, int]:
        """The chosen initialisation and its seed."""
        return self.initialisation.currentData(), self.seed.value()

    def new_cell(self, when_safe: Callable[[Callable[[], None]], None]) -> None:
        """Start with a new cell of the kind and sizes in force; `when_safe` asks for what is not saved before."""
        # A size that was typed last may still be on its way into the document.
        m, n, k = (self.boxes[name].number() for name in ("m", "n", "k"))
        name, filling = self._model.document.cell_name, self.filling

        def make() -> Document:
            check_fits("new cell", CELLS[name](n != k, "x,h", None), {"m": m, "n": n, "k": k}, 1)
            return blank(m, n, k, *filling, name)

        when_safe(lambda: self._model.open_new(make, "New cell", max(m, n, k), when_safe))

    def register_commands(self, commands: Registry, when_safe: Callable[[Callable[[], None]], None]) -> None:
        """Say what the commands do that change the cell; `when_safe` asks for what is not saved before a new one."""
        model = self._model
        commands.register("new", lambda: self.new_cell(when_safe))
        commands.register("fill", lambda name: self.refill(name))
        commands.register("cell", self.choose_cell, on=lambda name: name == model.document.cell_name)
        commands.register(
            "output",
            lambda name: self.choose_output(None if name == "none" else name),
            on=lambda name: name == (model.document.output if model.document.has_output else "none"),
        )
        commands.register(
            "link",
            lambda: toggle_link(model, self.filling),
            on=lambda: model.document.can_project and not model.document.projected,
            possible=lambda: model.document.can_project,
        )
        commands.register("order", lambda: turn_columns(model), on=lambda: model.document.order == "h,x")
        commands.register("set", lambda **values: set_values(model, self.filling, values))

    def choose_cell(self, name: str) -> None:
        """Compute with another kind of cell at the same sizes."""
        filling = self.filling

        def change(document: Document) -> Document:
            projected = document.projected and CELLS[name](False, document.order, None).has_state
            check_memory(document, "cell", cell_name=name, projected=projected)
            return document.with_cell(name, *filling)

        title = CELLS[name](False, self._model.document.order, None).title
        self._model.change(change, f"cell {title}")

    def switch_output(self) -> None:
        """Give the cell its output, or take it away."""
        document = self._model.document
        self.choose_output(None if document.has_output else document.output)

    def choose_output(self, output: str | None) -> None:
        """Let the cell end in an output of this kind, or in none."""
        filling = self.filling

        def change(document: Document) -> Document:
            if output == (document.output if document.has_output else None):
                return document
            return document.with_output(output, None, *filling)

        self._model.change(change, f"output {output}" if output else "no output")

    def refill(self, initialisation: str) -> None:
        """Fill every weight afresh."""
        seed = self.filling[1]

        def change(document: Document) -> Document:
            check_memory(document, "weights")
            return refilled(document, initialisation, seed)

        self._model.change(change, f"all weights: {initialisation}")

    def _on_size(self, name: str, value: int) -> None:
        if name in ("n", "k") and not self._model.document.projected:
            self._show_size("k" if name == "n" else "n", value)
        change_size(self._model, name, value, self.filling)

    def _show_size(self, name: str, value: int) -> None:
        box = self.boxes[name]
        if box.value() != value:  # else a text that was refused may stand there
            with QSignalBlocker(box):  # this is the model's own value
                box.setValue(value)

    def _update_boxes(self) -> None:
        if self._model.waiting:
            return  # the boxes say what was asked for
        document = self._model.document
        for name, there in (("k", document.can_project), ("p", document.has_output)):
            for widget in self._of_size[name]:
                widget.setVisible(there)
        for name in self.boxes:
            self._show_size(name, document.sizes.get(name, 1))
        self.link.setText("≠" if document.projected else "=")
        self.link.setAccessibleName("Link n to k" if document.projected else "Unlink n from k")
        self.link.setVisible(document.can_project)
        own = not self._model.visiting
        self.link.setEnabled(document.can_project and own)
        for widget in (*self.boxes.values(), self.initialisation, self.seed):
            widget.setEnabled(own)
        note = _LINKED if not document.projected else _TOO_LARGE if document.n > document.k else _UNLINKED
        self._note.setText((note if document.can_project else _NO_STATE) if own else _OF_NETWORK)
        self._fit_note()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_note()

    def _fit_note(self) -> None:
        """Keep the room of all lines of the note; Qt keeps that of one, and takes the others from the boxes above."""
        self._note.setMinimumHeight(self._note.heightForWidth(max(self.width(), 1)))
