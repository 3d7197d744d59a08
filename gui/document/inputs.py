"""The panel of inputs: x, a row for each time step, and the state before it, h0 and C0, in one table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.cell.provenance import Place, Selection
from engine.document.document import Document, DocumentError
from gui.appearance.theme import Appearance
from gui.commands.popup import Entry
from gui.commands.registry import Registry
from gui.document.cell_model import CellModel
from gui.matrix.number_grid import Content
from gui.matrix.number_table import NumberTable
from gui.matrix.pasting import Area
from gui.widgets.buttons import Button
from gui.widgets.labels import called
from gui.widgets.layouts import REST, Flow, in_column, in_row
from gui.widgets.message_box import message_box

CONTINUED = 8
"""Time steps by which a sequence is continued."""
_AT_ONCE = 60_000
"""A table of more numbers is put together in the background."""


class InputsPanel(QWidget):
    """Shows and edits x (a row a time step), h0 and C0."""

    def __init__(self, model: CellModel, appearance: Appearance) -> None:
        super().__init__()
        self._model = model
        px = appearance.px
        self.table = called(
            "Inputs: x at every time step, h and C before the first", NumberTable(appearance, model.background)
        )
        self.table.verticalHeader().setMinimumWidth(px(34))
        self.table.horizontalHeader().hide()
        self.table.grid.edited.connect(self._on_edited)
        self.table.lengthened.connect(self._on_lengthened)
        self.table.more_entries = self._entries
        self._draws = 0
        self._shown: Document | None = None
        """The document whose inputs are in the table, or are being put there."""
        words = {"add step": "Add step", "remove step": "Remove step", "randomise inputs": "Randomise"}
        self.buttons = {name: Button(text) for name, text in words.items()}
        """What does the same as a command, by its id."""
        self.about = Button("This example")
        self.about.setToolTip("Read what the example shows, and what to try")
        self.about.clicked.connect(self.tell_of_example)
        self.in_title = QWidget()
        in_row(REST, self.about, inside=self.in_title, margins=0)
        buttons = Flow(*self.buttons.values(), spacing=px(6))
        in_column((self.table, 1), buttons, inside=self, margins=0, spacing=px(6))
        model.document_changed.connect(self._update_table)
        model.refreshed.connect(self._update_table)
        model.visit_changed.connect(self._on_visit)
        self._update_table(model.document)

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that change the inputs, or tell of them."""
        model = self._model
        commands.register("this example", self.tell_of_example, possible=lambda: bool(model.document.lesson))
        commands.register("add step", self.add_step, possible=lambda: not model.visiting)
        commands.register("continue", lambda: continue_sequence(model), possible=lambda: not model.visiting)
        commands.register(
            "remove step", self.remove_step, possible=lambda: not model.visiting and len(model.document.x) > 1
        )
        commands.register("randomise inputs", self.randomise, possible=lambda: not model.visiting)

    def tell_of_example(self) -> None:
        """Show what the document's author says of it, and what to try: whatever has been computed or changed since."""
        if words := self._model.document.lesson:
            message_box(
                self.window(), QMessageBox.Icon.NoIcon, "This example", self._model.own.name or "This example", words
            )

    def _entries(self) -> list[Entry]:
        shorten = self.remove_step if len(self._model.document.x) > 1 else None
        return [
            Entry("Add a time step", self.add_step, begins=True),
            Entry("Remove the last time step", shorten),
            Entry("Randomise the inputs", self.randomise),
        ]

    def entry_at(self, row: int, column: int) -> tuple[int, str, Place] | None:
        """Return the time step (from 0), the value and the place of a cell of the table."""
        steps = len(self._model.document.x)
        if row < 0 or not self.table.grid.exists(row, column):
            return None
        t, name = (row, "x_t") if row < steps else (0, "h_prev" if row == steps else "C_prev")
        return t, name, (column,)

    def light(self, t: int, made_of: Mapping[str, Selection]) -> None:
        """Frame what the number under the cursor was made of at time step t (from 0)."""
        steps = len(self._model.document.x)
        rows = {"x_t": t} | ({"h_prev": steps, "C_prev": steps + 1} if t == 0 else {})
        self.table.show_light(
            [(slice(row, row + 1), made_of[name][0]) for name, row in rows.items() if name in made_of]
        )

    def randomise(self) -> None:
        """Draw x, h0 and C0 anew, in steps of a hundredth that can be read and typed again."""
        self._draws += 1
        seed = self._draws

        def change(document: Document) -> Document:
            generator = np.random.default_rng(seed)
            parts = (document.x, document.h0, document.c0)
            x, h0, c0 = (generator.uniform(-1, 1, part.shape).round(2) for part in parts)
            return document.with_inputs(x=x, h0=h0, c0=c0)

        self._model.change(change, "randomise the inputs")

    def add_step(self) -> None:
        """Make the sequence one step longer."""
        self._model.change(lambda old: old.with_inputs(x=np.vstack([old.x, old.x[-1:]])), "add a time step")

    def remove_step(self) -> None:
        """Make the sequence one step shorter."""
        self._model.change(lambda old: old.with_inputs(x=old.x[:-1]) if len(old.x) > 1 else old, "remove a time step")

    def _on_edited(self, row: int, column: int, block: NDArray[np.float64]) -> None:
        shown = self.table.grid.content.values

        def change(document: Document) -> Document:
            if shown.shape != _shape(document):
                raise DocumentError("The size of the inputs has changed meanwhile; type it again")
            values = shown.copy()
            values[row : row + block.shape[0], column : column + block.shape[1]] = block
            steps = len(document.x)
            state = {"h0": values[steps, : document.n]}
            if document.can_project:
                state["c0"] = values[steps + 1, : document.k]
            return document.with_inputs(x=values[:steps, : document.m], **state)

        self._model.change(change, "edit the inputs")

    def _on_lengthened(self, row: int, block: NDArray[np.float64]) -> None:
        self._model.change(lambda old: old.with_inputs(x=np.vstack([old.x[:row], block])), "paste time steps")

    def _on_visit(self) -> None:
        """Show a network's sequence to be read, or the user's own inputs to be edited."""
        self.table.set_read_only(self._model.visiting)
        for button in self.buttons.values():
            button.setEnabled(not self._model.visiting)
        self._update_table(self._model.document)

    def _update_table(self, document: Document) -> None:
        self.buttons["remove step"].setEnabled(len(document.x) > 1 and not self._model.visiting)
        self.about.setVisible(bool(document.lesson))
        if self._shown is not None and _same_inputs(document, self._shown):
            return
        self._shown = document
        rows, width = _shape(document)
        if rows * width <= _AT_ONCE:
            self.table.show_content(_content(document))
        else:
            self._model.background.run(lambda: _content(document), lambda content: self._take(document, content))

    def _take(self, document: Document, content: Content) -> None:
        if self._shown is document:
            self.table.show_content(content)


def continue_sequence(model: CellModel) -> None:
    """Make the sequence some time steps longer, with the last inputs."""

    def change(old: Document) -> Document:
        return old.with_inputs(x=np.vstack([old.x, np.repeat(old.x[-1:], CONTINUED, axis=0)]))

    model.change(change, f"continue for {CONTINUED} time steps")


def _same_inputs(one: Document, other: Document) -> bool:
    same = one.x is other.x and _is_same(one.h0, other.h0) and _is_same(one.c0, other.c0)
    return same and one.can_project == other.can_project


def _is_same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return one is other or np.array_equal(one, other)


def _shape(document: Document) -> tuple[int, int]:
    """Return rows and columns of the table: a row for each time step, for h0, and for C0 where there is one."""
    return len(document.x) + 1 + document.can_project, max(document.m, document.n, document.k)


def _content(document: Document) -> Content:
    """Return the table of a document's inputs."""
    steps = len(document.x)
    state = [("h", "h before time step 1", document.h0), ("C", "C before time step 1", document.c0)]
    del state[1 + document.can_project :]  # a cell without C shows none
    values = np.zeros(_shape(document))
    values[:steps, : document.m] = document.x
    for row, (_, _, entries) in enumerate(state, steps):
        values[row, : len(entries)] = entries
    rows = (*(f"x, t = {t + 1}" for t in range(steps)), *(f"{symbol}, t = 0" for symbol, _, _ in state))
    lengths = (document.m,) * steps + tuple(len(entries) for _, _, entries in state)
    names = (*(f"x at time step {t + 1}" for t in range(steps)), *(name for _, name, _ in state))
    columns = tuple(map(str, range(1, values.shape[1] + 1)))
    areas = [Area("x", 0, 0, steps, document.m, grows=True)]
    areas += [Area(symbol, row, 0, 1, len(entries)) for row, (symbol, _, entries) in enumerate(state, steps)]
    return Content(values, rows, columns, lengths, row_names=names, areas=tuple(areas))
