"""The model of a table of numbers: values, labels, and cells whose text is not a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from engine.text import numbers
from engine.text.number_text import NumberTextError, parse_number
from gui.appearance.colour_maps import colours_of, letters_of, own_limits, places_of
from gui.appearance.theme import Appearance
from gui.matrix.pasting import Area

Index = QModelIndex | QPersistentModelIndex
_A_NUMBER = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
"""Made once, for a view asks for it with each cell that it paints."""


@dataclass(frozen=True)
class Content:
    """What a table shows. Rows may differ in length: entries beyond `lengths[row]` do not exist."""

    values: NDArray[np.float64] = field(compare=False)  # contents are equal that show the same things
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lengths: tuple[int, ...] = ()
    row_names: tuple[str, ...] = ()
    """Names of the rows in tool tips, if rows are different things."""
    column_names: tuple[str, ...] = ()
    """Names of the columns in tool tips, if columns are different things."""
    areas: tuple[Area, ...] = ()
    """The quantities that its numbers belong to; a paste stays within one."""
    block_ends: frozenset[int] = field(default_factory=frozenset)
    """Columns after which another part of the matrix begins."""
    whole: NDArray[np.bool_] = field(init=False, compare=False)
    """Which columns have whole numbers only, (columns,), and so are written without decimals."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "whole", numbers.whole_columns(self.values))


class NumberGrid(QAbstractTableModel):
    """Shows a `Content`; edits are offered by signal and come back as new content."""

    edited = Signal(int, int, object)
    """Row, column, and a block of numbers (rows, columns) for that place."""
    refused = Signal(str)
    """A sentence for the user: which cell's text is not a number, and why."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.content = Content(np.zeros((0, 0)), (), ())
        """What is shown."""
        self._wrong: dict[tuple[int, int], tuple[str, str]] = {}
        self._places = np.zeros((0, 0), np.uint8)
        appearance.changed.connect(self._repaint)

    def show_content(self, content: Content) -> None:
        """Show other numbers; wrong cells keep their marks only if nothing changes."""
        before = self.content
        if content != before or not np.array_equal(content.values, before.values):
            self._wrong.clear()
        shapes = [(each.values.shape, each.rows, each.columns) for each in (content, before)]
        same = shapes[0] == shapes[1]
        if not same:
            self.beginResetModel()
        self.content = content
        self._places = places_of(content.values, own_limits(content.values))
        if same:
            self._repaint()
        else:
            self.endResetModel()

    def put(self, row: int, column: int, block: NDArray[np.float64]) -> None:
        """Emit a block of numbers, unless they are there already; wrong cells in its place lose their marks."""
        bottom, right = row + block.shape[0], column + block.shape[1]
        for place in [place for place in self._wrong if row <= place[0] < bottom and column <= place[1] < right]:
            del self._wrong[place]
        self._repaint()
        if not np.array_equal(block, self.content.values[row:bottom, column:right]):
            self.edited.emit(row, column, block)

    def forgive(self, row: int, column: int) -> None:
        """Show the number in use again in place of a text that is not a number."""
        self._wrong.pop((row, column), None)
        self._repaint()

    def exists(self, row: int, column: int) -> bool:
        """Whether there is a number at that place."""
        lengths = self.content.lengths
        return column < (lengths[row] if lengths else self.content.values.shape[1])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else self.content.values.shape[0]

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else self.content.values.shape[1]

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not self.exists(index.row(), index.column()):
            return Qt.ItemFlag.NoItemFlags
        return _A_NUMBER

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        labels = self.content.columns if orientation == Qt.Orientation.Horizontal else self.content.rows
        return labels[section]

    def look(self, row: int, column: int, fits: Callable[[str], bool] | None = None) -> tuple[str, QColor, QColor]:
        """Return the text of a cell, its colour, and that of its letters; fits: whether a text has room."""
        wrong = self._wrong.get((row, column))
        theme, place = self._appearance.theme, self._places[row, column]
        if wrong:
            return wrong[0], QColor(theme.wrong), theme.on(QColor(theme.wrong))
        text = self.written(row, column, fits) if self._appearance.numbers else ""
        return text, colours_of(theme)[place], letters_of(theme)[place]

    def written(self, row: int, column: int, fits: Callable[[str], bool] | None = None) -> str:
        """Return a number as it is shown: all of a column have the same decimals, one without room has fewer."""
        style, whole = self._appearance.digits, bool(self.content.whole[column])
        return numbers.aligned(float(self.content.values[row, column]), numbers.digits_of(whole, style), style, fits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if not self.exists(row, column):
            return None
        value = float(self.content.values[row, column])
        wrong = self._wrong.get((row, column))
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.look(row, column)[0]
            case Qt.ItemDataRole.EditRole:
                return wrong[0] if wrong else numbers.typed(value)
            case Qt.ItemDataRole.ToolTipRole:
                place = f"{self.named(row, column)} = {numbers.exact(value)}"
                return f"{wrong[1]}. Still in use: {place}" if wrong else place
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        row, column = index.row(), index.column()
        now = float(self.content.values[row, column])
        try:
            number = now if value == numbers.typed(now) else parse_number(str(value))
        except NumberTextError as error:
            self._wrong[row, column] = (str(value), str(error))
            self.dataChanged.emit(index, index)
            self.refused.emit(f"{self.named(row, column)}: {error}. Still in use: {numbers.exact(now)}")
            return True
        self.put(row, column, np.array([[number]]))
        return True

    def named(self, row: int, column: int) -> str:
        """Return the name of the number at a place: "W_f, column of x[2], row 1"."""
        if self.content.column_names:
            return f"{self.content.column_names[column]}, row {row + 1}"
        return f"{self.content.row_names[row]}, entry {column + 1}"

    def _repaint(self) -> None:
        if self.content.values.size:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
