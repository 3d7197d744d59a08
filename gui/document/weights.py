"""The panel of weights: one matrix with its bias at a time, chosen by its symbol or by a click on its layer.

A matrix with many entries is a map of colours rather than a table: that needs no text for each of them, and nothing
of it is copied in the window's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from engine.cell.cell import shape_text
from engine.cell.initialise import INITIALISATIONS
from engine.cell.provenance import Place, Selection
from engine.document.document import Document, DocumentError, refilled
from engine.document.memory import check_free
from engine.errors import PlainError
from engine.formats.link import is_link
from engine.text import numbers
from engine.text.matrix_text import format_matrix
from gui.appearance.math_widgets import MathTab
from gui.appearance.text_size import SYMBOL
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.commands.popup import Entry
from gui.commands.registry import Registry
from gui.document.cell_model import CellModel
from gui.document.edit import Change
from gui.document.weight_blocks import areas_of, joined, vectors_of, whole_block, with_joined
from gui.document.weight_maps import WeightMaps
from gui.matrix.number_grid import Content
from gui.matrix.number_table import NumberTable
from gui.widgets.buttons import Button
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import REST, Flow, discard, in_column, in_row

_COLUMNS = {"m": "x", "n": "h"}
"""What the columns of a block read, by the symbol of its width."""
_LARGEST_TABLE, _LONGEST_TABLE = 4096, 512
"""A matrix with more entries, or more rows or columns, is shown as a map."""
_LARGEST_COPY = 512 * 512
"""Entries that are copied as text; more would be tens of megabytes, which few programs take."""
_REFRESH_MS = 500
"""Between two looks at the weights of a network that learns: numbers that change faster cannot be read."""
_NOT_PASTED = "Nothing was pasted: "
_NOTHING = Content(np.zeros((0, 0)), (), ())


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
        self.chosen = "W_f"
        """Name of the matrix that is shown."""
        self._draws = 0
        px = appearance.px
        self._tabs: dict[str, MathTab] = {}
        self._tab_row = in_row(REST, spacing=px(6))
        self._shape = text_label()
        self.table = called("Weights", NumberTable(appearance, model.background))
        self.table.grid.edited.connect(self._on_edited)
        self.maps: WeightMaps | None = None
        """The map; None before there was a large matrix."""
        self.table.more_entries = self._fillings_to_choose
        model.message.connect(self._on_message)
        words = {
            "fill matrix": "Fill…",
            "copy matrix": "Copy",
            "copy all": "Copy all",
            "paste matrix": "Paste",
        }
        self.buttons = {name: Button(text) for name, text in words.items()}
        """What does the same as a command, by its id."""
        self._fillings = QMenu(self)
        for name, title in INITIALISATIONS.items():
            action = self._fillings.addAction(title)
            action.triggered.connect(lambda _checked=False, name=name: self.fill(name))
        self._fillings.addSeparator()
        self._fillings.addAction("Randomise").triggered.connect(lambda _checked=False: self.randomise())
        buttons = Flow(*self.buttons.values(), spacing=px(4))
        parts = (self._tab_row, self._shape, (self.table, 1), buttons)
        self._places = in_column(*parts, inside=self, margins=0, spacing=px(6))
        model.document_changed.connect(self._update_all)
        self._refreshing = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._refreshing.timeout.connect(self._on_refreshed)
        model.refreshed.connect(self._refresh_soon)
        model.visit_changed.connect(self._on_visit)
        self._update_all(model.document)

    def register_commands(self, commands: Registry) -> None:
        """Say what the commands do that change the shown matrix."""
        commands.register("fill matrix", self.show_fillings, possible=lambda: not self._model.visiting)
        commands.register("randomise matrix", self.randomise, possible=lambda: not self._model.visiting)
        commands.register("copy matrix", lambda: self._copy_all() if self.large else self.table.copy("numpy"))
        commands.register("copy all", lambda: self._copy_all() if self.large else self.table.copy_all("numpy"))
        commands.register("copy latex", lambda: self._copy_all("latex") if self.large else self.table.copy("latex"))
        commands.register("paste matrix", self._paste)

    @property
    def matrices(self) -> list[str]:
        """Names of all matrices, in the order of their tabs."""
        return list(self._tabs)

    @property
    def large(self) -> bool:
        """Whether the matrix is shown as a map instead of a table."""
        return self.maps is not None and not self.maps.isHidden()

    def choose(self, name: str) -> None:
        """Show another matrix."""
        if name in self._model.document.weights:
            self.chosen = name
            self._update_all(self._model.document)

    def show_fillings(self) -> None:
        """Offer what the shown matrix can be filled with."""
        button = self.buttons["fill matrix"]
        self._fillings.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def fill(self, initialisation: str) -> None:
        """Fill the shown matrix and its bias."""
        name, seed = self.chosen, self._filling()[1]

        def change(document: Document) -> Document:
            _check_copy(document, name)
            return refilled(document, initialisation, seed, frozenset([name, *vectors_of(document, name)]))

        self._model.change(change, f"fill {name}")

    def randomise(self) -> None:
        """Draw the shown matrix and its bias anew, from the chosen seed on."""
        self._draws += 1
        name, seed = self.chosen, self._filling()[1] + self._draws

        def change(document: Document) -> Document:
            _check_copy(document, name)
            changed = refilled(document, "xavier", seed, frozenset([name]))
            generator = np.random.default_rng(seed)
            for vector in vectors_of(document, name):
                drawn = generator.uniform(-0.5, 0.5, document.weights[vector].shape).round(2)
                changed = changed.with_weight(vector, drawn)
            return changed

        self._model.change(change, f"randomise {name}")

    def _fillings_to_choose(self) -> list[Entry]:
        """Return what a menu offers for all of the shown matrix."""
        name = self.chosen
        fillings = [Entry(f"Fill {name}: {title}", partial(self.fill, kind)) for kind, title in INITIALISATIONS.items()]
        return [replace(fillings[0], begins=True), *fillings[1:], Entry(f"Randomise {name}", self.randomise)]

    def _entries_of_map(self) -> list[Entry]:
        copying = [
            Entry(f"Copy all of {self.chosen}", self._copy_all, begins=True),
            Entry("Copy as LaTeX", lambda: self._copy_all("latex")),
        ]
        if self._model.visiting:
            return copying
        return [*copying, Entry("Paste", self._paste_all), *self._fillings_to_choose()]

    def _on_message(self, sentence: str) -> None:
        """Show what the document's edits have to say; why a paste was refused is said beside the map, too."""
        if self.maps is not None and self.large and sentence.startswith(_NOT_PASTED):
            self.maps.note.show_sentence(sentence)
        self.table.message.emit(sentence)  # this panel's sentences are shown, and so are those

    def _copy_all(self, style: str = "numpy") -> None:
        """Copy the shown matrix with its vectors as text, written in the background, unless it is too large."""
        document, name = self._model.document, self.chosen
        entries = document.weights[name].size
        if entries > _LARGEST_COPY:
            self.table.message.emit(
                f"{name} has {entries:,} entries, but at most {_LARGEST_COPY:,} can be copied as text; save the "
                "document instead: its file holds every digit"
            )
            return

        def put(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self.table.message.emit(f"Copied all of {name}: {entries:,} entries, and those of its vectors")

        self._model.background.run(lambda: format_matrix(joined(document, name), style), put)

    def _paste(self) -> None:
        """Paste numbers, which a network that is visited refuses, or a link, which is the window's to open."""
        if is_link(QGuiApplication.clipboard().text()):
            self.table.paste()
        elif self.large:
            self._paste_all()
        elif not self._model.refuse_visitor():
            self.table.paste()

    def _paste_all(self) -> None:
        """Put the matrix in the clipboard in place of the one that is shown; it may have the vectors as columns."""
        name, text = self.chosen, QGuiApplication.clipboard().text()

        def change(document: Document) -> Document:
            _check_copy(document, name)
            try:
                return with_joined(document, name, whole_block(document, name, text))
            except PlainError as error:
                raise DocumentError(f"{_NOT_PASTED}{error}") from None

        self._model.edit_later(change, f"paste {name}")

    def entry_at(self, row: int, column: int) -> tuple[str, Place] | None:
        """Return the weight and the place of a number that is on the screen."""
        if self.maps is not None and self.large:
            return self.maps.entry_at(row, column)
        width = self._model.document.weights[self.chosen].shape[1]
        vectors = self._vectors()
        if row < 0 or column >= width + len(vectors):
            return None
        return (self.chosen, (row, column)) if column < width else (vectors[column - width], (row,))

    def show_light(self, made_of: Mapping[str, Selection], _goes_into: Mapping[str, Selection]) -> None:
        """Frame what the number under the cursor was made of."""
        parts = {name: {name, *vectors_of(self._model.document, name)} for name in self._tabs}
        for name, tab in self._tabs.items():  # what is lit in a matrix that is not shown is marked at its tab
            tab.set_lit(name != self.chosen and not parts[name].isdisjoint(made_of))
        width = self._model.document.weights[self.chosen].shape[1]
        blocks = [(rows, columns) for rows, columns in (made_of[self.chosen],)] if self.chosen in made_of else []
        for place, name in enumerate(self._vectors(), width):
            if name in made_of:
                blocks.append((made_of[name][0], slice(place, place + 1)))
        if self.maps is not None and self.large:
            self.maps.show_light(blocks)
        else:
            self.table.show_light(blocks)

    def _vectors(self) -> list[str]:
        return vectors_of(self._model.document, self.chosen)

    def _on_edited(self, row: int, column: int, block: NDArray[np.float64]) -> None:
        document = self._model.document
        matrix = joined(document, self.chosen)
        matrix[row : row + block.shape[0], column : column + block.shape[1]] = block
        self._model.edit(with_joined(document, self.chosen, matrix), f"edit {self.chosen}")

    def _on_visit(self) -> None:
        """Show the network's weights to be read, or the user's own to be edited."""
        self.table.set_read_only(self._model.visiting)
        for name in ("fill matrix", "paste matrix"):
            self.buttons[name].setEnabled(not self._model.visiting)
        self._update_all(self._model.document)

    def _refresh_soon(self) -> None:
        """Show the weights of a network that has learnt, if they are on the screen and were not just shown."""
        if self.isVisible() and not self._refreshing.isActive():
            self._refreshing.start()

    def _on_refreshed(self) -> None:
        self._update_all(self._model.document)

    def _on_entry_edited(self, name: str, place: Place, number: float) -> None:
        self._model.edit_later(typed_entry(name, place, number), f"edit {name}")

    def _update_all(self, document: Document) -> None:
        if self.chosen not in document.weights:
            self.chosen = next(item.name for item in document.cell.parameters if len(item.shape) == 2)
        self._update_tabs(document)
        cell, weight = document.cell, document.weights[self.chosen]
        shape = cell.shapes[self.chosen]
        large = weight.size > _LARGEST_TABLE or max(weight.shape) > _LONGEST_TABLE
        hint = "  ·  wheel: zoom" if large else ""
        hint += "  ·  the network's" if self._model.visiting else ""
        self._shape.setText(f"{shape_text(shape, document.sizes)}  =  {shape_text(shape)}{hint}")
        if large:
            self._show_maps(document)
        else:
            self._show_table(document)

    def _show_maps(self, document: Document) -> None:
        if self.maps is None:
            self.maps = WeightMaps(self._appearance, self._typesetter, self._model.background)
            self.maps.rested.connect(self.table.rested)
            self.maps.message.connect(self.table.message)
            self.maps.edited.connect(self._on_entry_edited)
            for part in (self.maps.matrix, self.maps.vectors):
                part.more_entries = self._entries_of_map
            self._places.insertWidget(self._places.indexOf(self.table), self.maps, 1)
        if not self.large or not self.table.isHidden():
            self.table.hide()
            self.table.show_content(_NOTHING)
            self.maps.show()
        self.maps.show_weights(document, self.chosen, self._vectors())

    def _show_table(self, document: Document) -> None:
        if self.maps is not None and self.large:
            self.maps.hide()
            self.maps.forget()
        labels: list[str] = []
        names: list[str] = []
        ends: list[int] = []
        for axis, width in document.blocks(self.chosen).items():
            letter = _COLUMNS.get(axis, "")
            labels += [f"{letter}{numbers.subscript(i + 1)}" if letter else str(i + 1) for i in range(width)]
            names += [f"{self.chosen}, column {f'of {letter}[{i + 1}]' if letter else i + 1}" for i in range(width)]
            ends.append(len(labels) - 1)
        for name in self._vectors():
            labels.append(name[0])
            names.append(name)
            ends.append(len(labels) - 1)
        matrix, areas = joined(document, self.chosen), areas_of(document, self.chosen)
        rows = tuple(str(i + 1) for i in range(len(matrix)))
        block_ends = frozenset(ends[:-1])
        content = Content(matrix, rows, tuple(labels), column_names=tuple(names), areas=areas, block_ends=block_ends)
        self.table.show_content(content)
        self.table.show()

    def _update_tabs(self, document: Document) -> None:
        matrices = [item for item in document.cell.parameters if len(item.shape) == 2]
        if [item.name for item in matrices] != list(self._tabs):
            discard(*self._tabs.values())
            self._tabs = {}
            for place, item in enumerate(matrices):
                tab = MathTab(item.latex, item.role, SYMBOL, self._typesetter, self._appearance)
                tab.setToolTip(f"The weights {item.symbol}")
                tab.clicked.connect(lambda name=item.name: self.choose(name))
                self._tabs[item.name] = tab
                self._tab_row.insertWidget(place, tab)
        for name, tab in self._tabs.items():
            tab.set_chosen(name == self.chosen)


def typed_entry(name: str, place: Place, number: float) -> Change:
    """Return the edit that puts a typed number in its place in a weight.

    It raises DocumentError where there is no such place any more, or no memory for a copy.
    """

    def change(document: Document) -> Document:
        _check_copy(document, name)
        before = document.weights[name]
        if len(place) != before.ndim or any(i >= size for i, size in zip(place, before.shape, strict=True)):
            raise DocumentError(f"{name} has become smaller and no longer has this entry")
        changed = before.copy()
        changed[place] = number
        return document.with_weight(name, changed)

    return change


def _check_copy(document: Document, name: str) -> None:
    """Raise DocumentError unless the weight is there, and memory for another beside it, which undo keeps."""
    if name not in document.weights:
        raise DocumentError(f"The cell has changed meanwhile and no longer has {name}")
    # One is made, and one stays.
    check_free(f"{name}: a change", 2 * document.weights[name].nbytes, "smaller sizes")
