"""The library's runs as a table model of Qt, searched and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from gui.views.library.rows import EDITED, HEADS, NUMBERS, Column, Row, found_rows, sorted_rows, tooltip

_Index = QModelIndex | QPersistentModelIndex
_READ = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_WRITTEN = _READ | Qt.ItemFlag.ItemIsEditable
COLUMNS = len(Column)


class RunsModel(QAbstractTableModel):
    """The rows that a search leaves, in the order of a column."""

    written_in = Signal(object, int, str)
    """A Row, the column that the user has written in, and the text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._all: Sequence[Row] = ()
        self.rows: list[Row] = []
        self.query = ""
        self.column, self.descending = int(Column.DATE), True

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows, found and sorted as before."""
        self._all = rows
        self._arrange()

    def search(self, query: str) -> None:
        """Show the rows that have all words of a query."""
        if query != self.query:
            self.query = query
            self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.column, self.descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def exchange(self, rows: Sequence[Row]) -> None:
        """Show some rows as they are now, in their places."""
        self._all = exchanged(self._all, rows)
        self._replace(exchanged(self.rows, rows))

    def _arrange(self) -> None:
        rows = sorted_rows(found_rows(self._all, self.query), self.column, self.descending)
        same = len(rows) == len(self.rows)
        if same and all(old.file == new.file for old, new in zip(self.rows, rows, strict=True)):
            self._replace(rows)
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def _replace(self, rows: list[Row]) -> None:
        """Take rows of the same runs in the same order."""
        changed = [place for place, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old is not new]
        self.rows = rows
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], COLUMNS - 1))

    # What Qt asks

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else COLUMNS

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(row, column)
        if role == Qt.ItemDataRole.EditRole:
            return row.run.notes if column == Column.NOTES else row.run.about.name if row.run.about else ""
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in NUMBERS else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                "Pinned runs are kept when the library is full"
                if section == Column.PIN
                else f"Sort by {HEADS[section]}; click again to reverse (S sorts by the column of the cursor)"
            )
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        # Qt asks this for every cell of a selection.
        if index.column() not in EDITED or not index.isValid() or self.rows[index.row()].run.about is None:
            return _READ
        return _WRITTEN

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        if str(value) != self.data(index, role):
            self.written_in.emit(self.rows[index.row()], index.column(), str(value))
        return True


def exchanged(rows: Sequence[Row], fresh: Sequence[Row]) -> list[Row]:
    """Return rows, those of the same files as fresh ones exchanged for them."""
    newer = {row.file: row for row in fresh}
    return [newer.get(row.file, row) for row in rows]
