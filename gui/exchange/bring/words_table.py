"""A table of words and numbers that is read, and in which a row can be chosen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font

_WIDEST = 320
"""Pixels of a column at 1080 lines; the last one has the rest."""
_MEASURED = 200
"""Rows whose words decide how wide a column is."""
_Index = QModelIndex | QPersistentModelIndex
Rows = Sequence[Sequence[str]]


class WordsModel(QAbstractTableModel):
    """The words of a table; marked: the rows that belong to what is chosen, in semi-bold."""

    def __init__(self, columns: Sequence[str], right: Collection[int], appearance: Appearance) -> None:
        super().__init__()
        self._columns, self._right, self._appearance = columns, frozenset(right), appearance
        self.rows: Rows = ()
        self.marked: frozenset[int] = frozenset()

    def show_rows(self, rows: Rows) -> None:
        """Show other rows, none of them marked."""
        self.beginResetModel()
        self.rows, self.marked = rows, frozenset()
        self.endResetModel()

    def mark(self, marked: frozenset[int]) -> None:
        """Mark other rows."""
        if marked != self.marked:
            self.marked = marked
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self._columns) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._columns[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return self._side(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        theme, is_marked = self._appearance.theme, index.row() in self.marked
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self.rows[index.row()][index.column()]
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._side(index.column())
            case Qt.ItemDataRole.FontRole:
                return font(self._appearance.px(NOTE), bold=is_marked)
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(theme.ink)
            case Qt.ItemDataRole.BackgroundRole if is_marked:
                return QColor(theme.ground)
        return None

    def _side(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self._right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class _Plain(QStyledItemDelegate):
    """Draws a cell without a frame of its own: the row is marked, and the table has the ring of the focus."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        cast(Any, option).state &= ~QStyle.StateFlag.State_HasFocus


class WordsTable(QTableView):
    """Shows rows of words; where rows can be chosen, a click or an arrow chooses one."""

    chosen = Signal(int)
    """A row was chosen, from 0."""

    def __init__(
        self, name: str, columns: Sequence[str], right: Collection[int], appearance: Appearance, *, chooses: bool
    ) -> None:
        """name: for those who do not see it. right: the columns whose words stand at the right, as numbers do."""
        super().__init__()
        self._appearance = appearance
        self.words = WordsModel(columns, right, appearance)
        self.setModel(self.words)
        self.setAccessibleName(name)
        self.setObjectName("columns")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # the chosen row is a marked one
        self.setItemDelegate(_Plain(self))
        if not chooses:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._wide = 0 if chooses else len(columns) - 1
        """The column that has the room that is left."""
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(1)
        self.selectionModel().currentRowChanged.connect(self._on_current)

    def _on_current(self, now: QModelIndex) -> None:
        if now.isValid():
            self.chosen.emit(now.row())

    def choose(self, row: int) -> None:
        """Choose a row, from 0, as a click does."""
        self.setCurrentIndex(self.words.index(row, 0))

    def show_rows(self, rows: Rows) -> None:
        """Show other rows."""
        px = self._appearance.px
        self.verticalHeader().setDefaultSectionSize(px(26))
        self.words.show_rows(rows)
        letters = QFontMetrics(font(px(NOTE), bold=True))
        for column in range(self.words.columnCount()):
            head = self.words.headerData(column, Qt.Orientation.Horizontal)
            texts = [head, *(row[column] for row in rows[:_MEASURED])]
            widest = max(letters.horizontalAdvance(text) for text in texts)
            self.setColumnWidth(column, min(widest, px(_WIDEST)) + px(24))
        self.horizontalHeader().setSectionResizeMode(self._wide, QHeaderView.ResizeMode.Stretch)
