"""The weights: one matrix with its bias at a time, chosen by its symbol or by a click on its layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from engine import numbers
from engine.cells import shape_text
from engine.document import Document, refilled
from engine.initialise import INITIALISATIONS
from engine.provenance import Place, Selection
from gui.cell_model import CellModel
from gui.math_widgets import MathTab
from gui.panels.buttons import Button
from gui.panels.number_grid import Content
from gui.panels.number_table import NumberTable
from gui.theme import Appearance
from gui.typeset import Typesetter

_COLUMNS = {"m": "x", "n": "h"}
"""What the columns of a block read, by the symbol of its width."""


class WeightsPanel(QWidget):
    """Shows and edits W and b of one layer, or the projection W_hr."""

    def __init__(
        self,
        model: CellModel,
        typesetter: Typesetter,
        appearance: Appearance,
        filling: Callable[[], tuple[str, int]],
    ) -> None:
        super().__init__()
        self._model = model
        self._typesetter = typesetter
        self._appearance = appearance
        self._filling = filling
        self._chosen = "W_f"
        self._draws = 0
        px = appearance.px
        self._tabs: dict[str, MathTab] = {}
        self._tab_row = QHBoxLayout()
        self._tab_row.setSpacing(px(6))
        self._shape = QLabel()
        self._shape.setObjectName("muted")
        self.table = NumberTable(appearance)
        self.table.grid.edited.connect(self._on_edited)
        self._fill, self._randomise, self._copy = (Button(words) for words in ("Fill…", "Randomise", "Copy"))
        self._fillings = QMenu(self)
        for name, title in INITIALISATIONS.items():
            self._fillings.addAction(title, lambda name=name: self.fill(name))
        buttons = QHBoxLayout()
        buttons.setSpacing(px(6))
        for button in (self._fill, self._randomise, self._copy):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(6))
        layout.addLayout(self._tab_row)
        layout.addWidget(self._shape)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        model.document_changed.connect(self._update_all)
        self._update_all(model.document)

    def connect_actions(self, actions: dict[str, QAction]) -> None:
        """Let the buttons do what the actions do."""
        for name, button in (("fill", self._fill), ("randomise", self._randomise), ("copy", self._copy)):
            button.use(actions[name])

    @property
    def matrices(self) -> list[str]:
        """Names of all matrices, in the order of their tabs."""
        return list(self._tabs)

    @property
    def chosen(self) -> str:
        """Name of the matrix that is shown."""
        return self._chosen

    def choose(self, name: str) -> None:
        """Show another matrix."""
        if name in self._model.document.weights:
            self._chosen = name
            self._update_all(self._model.document)

    def show_fillings(self) -> None:
        """Offer what the shown matrix can be filled with."""
        self._fillings.popup(self._fill.mapToGlobal(self._fill.rect().bottomLeft()))

    def fill(self, initialisation: str) -> None:
        """Fill the shown matrix and its bias."""
        self._refill(initialisation, self._filling()[1], f"fill {self._chosen}")

    def randomise(self) -> None:
        """Draw the shown matrix and its bias anew, from the chosen seed on."""
        self._draws += 1
        document, seed = self._model.document, self._filling()[1] + self._draws
        changed = refilled(document, "xavier", seed, frozenset([self._chosen]))
        generator = np.random.default_rng(seed)
        for name in self._vectors():
            changed = changed.with_weight(name, generator.uniform(-0.5, 0.5, document.weights[name].shape).round(2))
        self._model.edit(changed, f"randomise {self._chosen}")

    def entry_at(self, row: int, column: int) -> tuple[str, Place] | None:
        """Return the weight and the place of a cell of the table."""
        width = self._model.document.weights[self._chosen].shape[1]
        vectors = self._vectors()
        if row < 0 or column >= width + len(vectors):
            return None
        return (self._chosen, (row, column)) if column < width else (vectors[column - width], (row,))

    def show_light(self, made_of: Mapping[str, Selection], _goes_into: Mapping[str, Selection]) -> None:
        """Frame what the number under the cursor was made of."""
        width = self._model.document.weights[self._chosen].shape[1]
        blocks = [(rows, columns) for rows, columns in (made_of[self._chosen],)] if self._chosen in made_of else []
        for place, name in enumerate(self._vectors(), width):
            if name in made_of:
                blocks.append((made_of[name][0], slice(place, place + 1)))
        self.table.show_light(blocks)

    def _refill(self, initialisation: str, seed: int, text: str) -> None:
        only = frozenset([self._chosen, *self._vectors()])
        self._model.edit(refilled(self._model.document, initialisation, seed, only), text)

    def _vectors(self) -> list[str]:
        """Name the vectors that belong to the shown matrix: what its layer sees of the state, and its bias."""
        return [name for name in (letter + self._chosen[1:] for letter in "pb") if name in self._model.document.weights]

    def _matrix(self, document: Document) -> NDArray[np.float64]:
        """W, with each vector of its layer as one column more."""
        return np.column_stack([document.weights[name] for name in (self._chosen, *self._vectors())])

    def _on_edited(self, row: int, column: int, block: NDArray[np.float64]) -> None:
        document = self._model.document
        matrix = self._matrix(document).copy()
        matrix[row : row + block.shape[0], column : column + block.shape[1]] = block
        width = document.weights[self._chosen].shape[1]
        changed = document.with_weight(self._chosen, matrix[:, :width])
        for place, name in enumerate(self._vectors(), width):
            changed = changed.with_weight(name, matrix[:, place])
        self._model.edit(changed, f"edit {self._chosen}")

    def _update_all(self, document: Document) -> None:
        if self._chosen not in document.weights:
            self._chosen = next(item.name for item in document.cell.parameters if len(item.shape) == 2)
        self._update_tabs(document)
        cell, weight = document.cell, document.weights[self._chosen]
        shape = cell.shapes[self._chosen]
        self._shape.setText(f"{shape_text(shape, document.sizes)}  =  {shape_text(shape)}")
        labels: list[str] = []
        names: list[str] = []
        ends: set[int] = set()
        for axis, width in document.blocks(self._chosen).items():
            letter = _COLUMNS.get(axis, "")
            labels += [f"{letter}{numbers.subscript(i + 1)}" if letter else str(i + 1) for i in range(width)]
            names += [f"{self._chosen}, column {f'of {letter}[{i + 1}]' if letter else i + 1}" for i in range(width)]
            ends.add(len(labels) - 1)
        for name in self._vectors():
            labels.append(name[0])
            names.append(name)
            ends.add(len(labels) - 1)
        ends.discard(len(labels) - 1)
        rows = tuple(str(i + 1) for i in range(weight.shape[0]))
        self.table.show_content(
            Content(self._matrix(document), rows, tuple(labels), column_names=tuple(names), block_ends=frozenset(ends))
        )

    def _update_tabs(self, document: Document) -> None:
        matrices = [item for item in document.cell.parameters if len(item.shape) == 2]
        if [item.name for item in matrices] != list(self._tabs):
            while self._tab_row.count():
                entry = self._tab_row.takeAt(0)
                if entry is not None and entry.widget() is not None:
                    entry.widget().hide()
                    entry.widget().deleteLater()
            self._tabs = {}
            for item in matrices:
                tab = MathTab(item.latex, item.role, self._typesetter, self._appearance)
                tab.setToolTip(f"The weights {item.symbol}")
                tab.clicked.connect(lambda name=item.name: self.choose(name))
                self._tabs[item.name] = tab
                self._tab_row.addWidget(tab)
            self._tab_row.addStretch(1)
        for name, tab in self._tabs.items():
            tab.set_chosen(name == self._chosen)
