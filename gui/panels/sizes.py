"""m, n and k, whether n follows k, and what fills weights that are new."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.document import Document
from engine.initialise import INITIALISATIONS
from gui.cell_model import CellModel
from gui.math_widgets import MathLabel
from gui.panels.buttons import Button
from gui.panels.spin_boxes import WholeBox
from gui.theme import Appearance
from gui.typeset import Typesetter

LARGEST_BY_HAND = 64

_LINKED = (
    "n = k, because <i>h<sub>t</sub></i> = <i>o<sub>t</sub></i> ∘ tanh(<i>C<sub>t</sub></i>) is taken entry by "
    "entry. Unlink (=) to project <i>h<sub>t</sub></i> to another size."
)
_UNLINKED = (
    "<i>h<sub>t</sub></i> = <i>W<sub>hr</sub></i> (<i>o<sub>t</sub></i> ∘ tanh(<i>C<sub>t</sub></i>)), with "
    "<i>W<sub>hr</sub></i> of n×k. Link (≠) for the plain cell, where n = k."
)
_NO_STATE = "This cell has no cell state <i>C</i>: what it remembers is <i>h<sub>t</sub></i> alone, of size n."
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
        rows = (
            ("m", "inputs", "x"),
            ("n", "hidden states", "hidden"),
            ("k", "cell states", "cell"),
            ("p", "outputs", "output"),
        )
        self._of_output: list[QWidget] = []
        for row, (name, words, role) in enumerate(rows):
            box = WholeBox()
            box.setRange(1, LARGEST_BY_HAND)
            box.setKeyboardTracking(False)
            box.setAlignment(Qt.AlignmentFlag.AlignCenter)
            box.setToolTip(f"{name}, number of {words}: 1 to {LARGEST_BY_HAND}")
            box.setAccessibleName(f"{name}, number of {words}")
            box.valueChanged.connect(lambda value, name=name: self._on_size(name, value))
            self.boxes[name] = box
            symbol, label = MathLabel(name, role, 21, typesetter, appearance), QLabel(words)
            grid.addWidget(symbol, row, 0, Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(label, row, 1)
            grid.addWidget(box, row, 3)
            if name == "p":
                self._of_output = [symbol, label, box]
        self.link = Button("")
        self.link.setObjectName("link")
        grid.addWidget(self.link, 1, 2, 2, 1)
        grid.setColumnStretch(1, 1)
        self.initialisation = QComboBox()
        for name, title in INITIALISATIONS.items():
            self.initialisation.addItem(title, name)
        self.initialisation.setCurrentIndex(list(INITIALISATIONS).index("xavier"))
        self.initialisation.setMinimumContentsLength(6)
        self.initialisation.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.initialisation.setToolTip("What fills weights that are new when a size grows")
        self.seed = WholeBox()
        self.seed.setRange(0, 999_999)
        self.seed.setPrefix("seed ")
        self.seed.setToolTip("Seed of Xavier: the same seed draws the same weights")
        new = QGridLayout()
        new.setHorizontalSpacing(px(8))
        new.addWidget(self.initialisation, 0, 0)
        new.addWidget(self.seed, 0, 1)
        new.setColumnStretch(0, 1)
        self._note = QLabel()
        self._note.setObjectName("note")
        self._note.setWordWrap(True)
        self._note.setMinimumWidth(10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(6))
        layout.addLayout(grid)
        layout.addLayout(new)
        layout.addWidget(self._note)
        layout.addStretch(1)
        model.document_changed.connect(self._update_boxes)
        self._update_boxes(model.document)

    @property
    def filling(self) -> tuple[str, int]:
        """The chosen initialisation and its seed."""
        return self.initialisation.currentData(), self.seed.value()

    def _on_size(self, name: str, value: int) -> None:
        document = self._model.document
        initialisation, seed = self.filling
        if name == "p":
            self._model.edit(document.with_output(document.output, value, initialisation, seed), f"p = {value}")
            return
        # Linked, n and k are one number, whichever of the two boxes sets it.
        axis = "k" if name == "n" and not document.projected else name
        changed = document.resized(**{axis: value}, initialisation=initialisation, seed=seed)  # type: ignore[arg-type]
        self._model.edit(changed, f"{name} = {value}")

    def connect_actions(self, actions: dict[str, QAction]) -> None:
        """Let the button do what the action does."""
        self.link.use(actions["link"])

    def toggle_link(self) -> None:
        """Let n follow k, or set it free."""
        document = self._model.document
        text = "link n to k" if document.projected else "unlink n from k"
        initialisation, seed = self.filling
        changed = document.resized(projected=not document.projected, initialisation=initialisation, seed=seed)
        self._model.edit(changed, text)

    def _update_boxes(self, document: Document) -> None:
        for widget in self._of_output:
            widget.setVisible(document.has_output)
        self.boxes["k"].setEnabled(document.can_project)
        for name, box in self.boxes.items():
            value = document.sizes.get(name, 1)
            box.blockSignals(True)  # this is the model's own value
            box.setMaximum(max(LARGEST_BY_HAND, value))
            box.setValue(value)
            box.blockSignals(False)
        self.link.setText("≠" if document.projected else "=")
        self.link.setEnabled(document.can_project)
        if not document.can_project:
            self._note.setText(_NO_STATE)
            return
        self._note.setText(_LINKED if not document.projected else _TOO_LARGE if document.n > document.k else _UNLINKED)
