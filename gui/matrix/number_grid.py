"""A table of numbers as Qt's model sees it: values, labels, and cells whose text was no number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor

from engine.text import numbers
from engine.text.number_text import NumberTextError, parse_number
from gui.appearance.colour_maps import colours_of, letters_of, own_limits, places_of
from gui.appearance.theme import Appearance
from gui.matrix.pasting import Area

Index = QModelIndex | QPersistentModelIndex
_A_NUMBER = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
"""Made once: a view asks for each cell that it paints."""


@dataclass(frozen=True)
class Content:
    """What a table shows. Rows may be of different length: entries beyond `lengths[row]` do not exist."""

    values: NDArray[np.float64] = field(compare=False)  # contents are equal that show the same things
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lengths: tuple[int, ...] = ()
    row_names: tuple[str, ...] = ()
    """What each row is called in a tooltip, where rows are different things."""
    column_names: tuple[str, ...] = ()
    """What each column is called in a tooltip, where columns are different things."""
    areas: tuple[Area, ...] = ()
    """The quantities that its numbers belong to; a paste stays within one."""
    block_ends: frozenset[int] = field(default_factory=frozenset)
    """Columns after which another part of the matrix begins."""


class NumberGrid(QAbstractTableModel):
    """Shows a `Content`; edits are offered by signal and come back as new content."""

    edited = Signal(int, int, object)
    """Row, column, and the block of numbers (rows, columns) to put there."""
    refused = Signal(str)
    """A sentence for the user: which cell's text is no number, and why."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._content = Content(np.zeros((0, 0)), (), ())
        self._wrong: dict[tuple[int, int], tuple[str, str]] = {}
        self._places = np.zeros((0, 0), np.uint8)
        appearance.changed.connect(self._repaint)

    @property
    def content(self) -> Content:
        """What is shown."""
        return self._content

    def show_content(self, content: Content) -> None:
        """Show other numbers; wrong cells keep their marks only while everything stays as it is."""
        before = self._content
        if content != before or not np.array_equal(content.values, before.values):
            self._wrong.clear()
        same = (content.values.shape, content.rows, content.columns) == (
            before.values.shape,
            before.rows,
            before.columns,
        )
        if not same:
            self.beginResetModel()
        self._content = content
        self._places = places_of(content.values, own_limits(content.values))
        if same:
            self._repaint()
        else:
            self.endResetModel()

    def put(self, row: int, column: int, block: NDArray[np.float64]) -> None:
        """Offer a block of numbers, unless they are there; what was wrong in its place is wrong no more."""
        bottom, right = row + block.shape[0], column + block.shape[1]
        for place in [place for place in self._wrong if row <= place[0] < bottom and column <= place[1] < right]:
            del self._wrong[place]
        self._repaint()
        if not np.array_equal(block, self._content.values[row:bottom, column:right]):
            self.edited.emit(row, column, block)

    def forgive(self, row: int, column: int) -> None:
        """Show the number in force again where a text was none."""
        self._wrong.pop((row, column), None)
        self._repaint()

    def exists(self, row: int, column: int) -> bool:
        """Whether there is a number at that place."""
        lengths = self._content.lengths
        return column < (lengths[row] if lengths else self._content.values.shape[1])

    def wrong_at(self, row: int, column: int) -> str | None:
        """Return why the text in a cell is no number, if so."""
        entry = self._wrong.get((row, column))
        return entry[1] if entry else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else self._content.values.shape[0]

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else self._content.values.shape[1]

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not self.exists(index.row(), index.column()):
            return Qt.ItemFlag.NoItemFlags
        return _A_NUMBER

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        labels = self._content.columns if orientation == Qt.Orientation.Horizontal else self._content.rows
        return labels[section]

    def look(self, row: int, column: int) -> tuple[str, QColor, QColor]:
        """Return the text of a cell, its colour, and that of its letters."""
        value = float(self._content.values[row, column])
        wrong = self._wrong.get((row, column))
        theme, place = self._appearance.theme, self._places[row, column]
        if wrong:
            return wrong[0], QColor(theme.wrong), theme.on(QColor(theme.wrong))
        return self._appearance.written(value), colours_of(theme)[place], letters_of(theme)[place]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if not self.exists(row, column):
            return None
        value = float(self._content.values[row, column])
        wrong = self._wrong.get((row, column))
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.look(row, column)[0]
            case Qt.ItemDataRole.EditRole:
                return wrong[0] if wrong else numbers.exact(value)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignCenter
            case Qt.ItemDataRole.BackgroundRole:
                return QBrush(self.look(row, column)[1])
            case Qt.ItemDataRole.ForegroundRole:
                return QBrush(self.look(row, column)[2])
            case Qt.ItemDataRole.ToolTipRole:
                place = f"{self._name(row, column)} = {numbers.exact(value)}"
                return f"{wrong[1]}. Still in use: {place}" if wrong else place
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        row, column = index.row(), index.column()
        try:
            number = parse_number(str(value))
        except NumberTextError as error:
            self._wrong[row, column] = (str(value), str(error))
            self.dataChanged.emit(index, index)
            in_force = numbers.exact(float(self._content.values[row, column]))
            self.refused.emit(f"{self._name(row, column)}: {error}. Still in use: {in_force}")
            return True
        self.put(row, column, np.array([[number]]))
        return True

    def _name(self, row: int, column: int) -> str:
        if self._content.column_names:
            return f"{self._content.column_names[column]}, row {row + 1}"
        return f"{self._content.row_names[row]}, entry {column + 1}"

    def _repaint(self) -> None:
        if self._content.values.size:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
