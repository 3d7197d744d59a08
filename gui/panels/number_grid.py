"""A table of numbers as Qt's model sees it: values, labels, and cells whose text was no number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor

from engine import numbers
from engine.matrix_text import MatrixTextError, parse_number
from gui.theme import Appearance

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Content:
    """What a table shows. Rows may be of different length: entries beyond `lengths[row]` do not exist."""

    values: NDArray[np.float64]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lengths: tuple[int, ...] = ()
    row_names: tuple[str, ...] = ()
    """What each row is called in a tooltip, where rows are different things."""
    column_names: tuple[str, ...] = ()
    """What each column is called in a tooltip, where columns are different things."""
    block_ends: frozenset[int] = field(default_factory=frozenset)
    """Columns after which another part of the matrix begins."""


class NumberGrid(QAbstractTableModel):
    """Shows a `Content`; edits are offered by signal and come back as new content."""

    edited = Signal(int, int, object)
    """Row, column, and the block of numbers (rows, columns) to put there."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._content = Content(np.zeros((0, 0)), (), ())
        self._wrong: dict[tuple[int, int], tuple[str, str]] = {}
        self._largest = 1.0
        appearance.changed.connect(self._repaint)

    @property
    def content(self) -> Content:
        """What is shown."""
        return self._content

    def show_content(self, content: Content) -> None:
        """Show other numbers; a wrong cell keeps its mark while the table and its number in force are the same."""
        before = self._content
        same = (content.values.shape, content.rows, content.columns) == (
            before.values.shape,
            before.rows,
            before.columns,
        )
        if not same:
            self.beginResetModel()
        if not same or (content.row_names, content.column_names) != (before.row_names, before.column_names):
            self._wrong.clear()  # another matrix, perhaps of the same shape
        for place in [place for place in self._wrong if content.values[place] != before.values[place]]:
            del self._wrong[place]
        self._content = content
        self._largest = max(1.0, float(np.abs(content.values).max(initial=0.0)))
        if same:
            self._repaint()
        else:
            self.endResetModel()

    def put(self, row: int, column: int, block: NDArray[np.float64]) -> None:
        """Offer a block of numbers; what was wrong in its place is wrong no more."""
        rows, columns = range(row, row + block.shape[0]), range(column, column + block.shape[1])
        for place in [place for place in self._wrong if place[0] in rows and place[1] in columns]:
            del self._wrong[place]
        self._repaint()
        self.edited.emit(row, column, block)

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
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        labels = self._content.columns if orientation == Qt.Orientation.Horizontal else self._content.rows
        return labels[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if not self.exists(row, column):
            return None
        value = float(self._content.values[row, column])
        wrong = self._wrong.get((row, column))
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return wrong[0] if wrong else numbers.short(value)
            case Qt.ItemDataRole.EditRole:
                return wrong[0] if wrong else numbers.exact(value)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignCenter
            case Qt.ItemDataRole.BackgroundRole:
                return QBrush(QColor(self._appearance.theme.wrong) if wrong else self._colour(value))
            case Qt.ItemDataRole.ForegroundRole:
                theme = self._appearance.theme
                return QBrush(theme.on(QColor(theme.wrong) if wrong else self._colour(value)))
            case Qt.ItemDataRole.ToolTipRole:
                place = f"{self._name(row, column)} = {numbers.exact(value)}"
                return f"{wrong[1]}. Still in force: {place}" if wrong else place
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        place = (index.row(), index.column())
        try:
            number = parse_number(str(value))
        except MatrixTextError as error:
            self._wrong[place] = (str(value), str(error))
            self.dataChanged.emit(index, index)
            return True
        self._wrong.pop(place, None)
        self.dataChanged.emit(index, index)
        if number != self._content.values[place]:
            self.edited.emit(*place, np.array([[number]]))
        return True

    def _colour(self, value: float) -> QColor:
        position = round((value / self._largest + 1) / 2 * 255)
        return QColor(*(int(channel) for channel in self._appearance.theme.diverging[position]))

    def _name(self, row: int, column: int) -> str:
        if self._content.column_names:
            return f"{self._content.column_names[column]}, row {row + 1}"
        return f"{self._content.row_names[row]}, entry {column + 1}"

    def _repaint(self) -> None:
        if self._content.values.size:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
