"""The sequence x and the state before it, h0 and C0, in one table: a row each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine import numbers
from engine.document import Document
from gui.cell_model import CellModel
from gui.panels.buttons import Button
from gui.panels.number_grid import Content
from gui.panels.number_table import NumberTable
from gui.theme import Appearance


class InputsPanel(QWidget):
    """Shows and edits x (a row a time step), h0 and C0."""

    def __init__(self, model: CellModel, appearance: Appearance) -> None:
        super().__init__()
        self._model = model
        px = appearance.px
        self.table = NumberTable(appearance)
        self.table.verticalHeader().setMinimumWidth(px(34))
        self.table.horizontalHeader().hide()
        self.table.grid.edited.connect(self._on_edited)
        self._draws = 0
        self._more, self._less, self._randomise = (Button(words) for words in ("Add step", "Remove step", "Randomise"))
        buttons = QHBoxLayout()
        buttons.setSpacing(px(6))
        for button in (self._more, self._less, self._randomise):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(6))
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        model.document_changed.connect(self._update_table)
        self._update_table(model.document)

    def connect_actions(self, actions: dict[str, QAction]) -> None:
        """Let the buttons do what the actions do."""
        pairs = {"add_step": self._more, "remove_step": self._less, "randomise_inputs": self._randomise}
        for name, button in pairs.items():
            button.use(actions[name])

    def randomise(self) -> None:
        """Draw x, h0 and C0 anew, in steps of a hundredth that can be read and typed again."""
        self._draws += 1
        document, generator = self._model.document, np.random.default_rng(self._draws)
        x, h0, c0 = (generator.uniform(-1, 1, part.shape).round(2) for part in (document.x, document.h0, document.c0))
        self._model.edit(document.with_inputs(x=x, h0=h0, c0=c0), "randomise the inputs")

    def add_step(self) -> None:
        """Make the sequence one step longer."""
        x = self._model.document.x
        self._model.edit(self._model.document.with_inputs(x=np.vstack([x, x[-1:]])), "add a time step")

    def remove_step(self) -> None:
        """Make the sequence one step shorter."""
        x = self._model.document.x
        if len(x) > 1:
            self._model.edit(self._model.document.with_inputs(x=x[:-1]), "remove a time step")

    def _on_edited(self, row: int, column: int, block: NDArray[np.float64]) -> None:
        document = self._model.document
        values = self.table.grid.content.values.copy()
        values[row : row + block.shape[0], column : column + block.shape[1]] = block
        steps = len(document.x)
        changed = document.with_inputs(
            x=values[:steps, : document.m], h0=values[steps, : document.n], c0=values[steps + 1, : document.k]
        )
        self._model.edit(changed, "edit the inputs")

    def _update_table(self, document: Document) -> None:
        steps = len(document.x)
        width = max(document.m, document.n, document.k)
        values = np.zeros((steps + 2, width))
        values[:steps, : document.m] = document.x
        values[steps, : document.n] = document.h0
        values[steps + 1, : document.k] = document.c0
        rows = (*(f"x{numbers.subscript(t + 1)}" for t in range(steps)), "h₀", "C₀")
        lengths = (document.m,) * steps + (document.n, document.k)
        names = (*(f"x of step {t + 1}" for t in range(steps)), "h before step 1", "C before step 1")
        columns = tuple(str(i + 1) for i in range(width))
        self.table.show_content(Content(values, rows, columns, lengths, row_names=names))
        self._less.setEnabled(steps > 1)
