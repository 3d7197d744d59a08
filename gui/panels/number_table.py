"""The view of a number grid: edit, copy and paste blocks, keys that stay in the editor."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from engine.matrix_text import MatrixTextError, format_matrix, parse_matrix
from gui.panels.number_grid import Content, NumberGrid
from gui.theme import Appearance


class _Editor(QLineEdit):
    """Keeps Return and the arrows from the window's shortcuts while a number is typed."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.accept()
            return True
        return super().event(event)


class _Cells(QStyledItemDelegate):
    """Draws a cell as its colour and number, with a gap where another part of the matrix begins."""

    def __init__(self, grid: NumberGrid, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._grid = grid
        self._appearance = appearance

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = _Editor(parent)
        editor.setAlignment(Qt.AlignmentFlag.AlignCenter)
        editor.setFrame(False)
        return editor

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        background = index.data(Qt.ItemDataRole.BackgroundRole)
        if background is None:
            return
        theme = self._appearance.theme
        gap = 6 if index.column() in self._grid.content.block_ends else 1
        cell = option.rect.adjusted(0, 0, -gap, -1)  # type: ignore[attr-defined]  # missing in Qt's stubs
        painter.fillRect(cell, background)
        painter.setPen(index.data(Qt.ItemDataRole.ForegroundRole).color())
        painter.setFont(option.font)  # type: ignore[attr-defined]  # missing in Qt's stubs
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, index.data())
        view = self.parent()
        if isinstance(view, QTableView) and view.selectionModel().isSelected(index):
            painter.setPen(QPen(QColor(theme.ink), 2))
            painter.drawRect(cell.adjusted(1, 1, -1, -1))


class NumberTable(QTableView):
    """A table of numbers to edit, and to paste blocks into."""

    message = Signal(str)
    """A sentence for the user: why a paste was refused."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.grid = NumberGrid(appearance)
        self._appearance = appearance
        self._column_width = appearance.px(44)
        self.setModel(self.grid)
        self.setItemDelegate(_Cells(self.grid, appearance, self))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        for header, size in ((self.horizontalHeader(), self._column_width), (self.verticalHeader(), appearance.px(30))):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(8)
            header.setDefaultSectionSize(size)
            header.setHighlightSections(False)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)

    def show_content(self, content: Content) -> None:
        """Show other numbers; columns are as wide as the room allows."""
        self.grid.show_content(content)
        self._fit_columns()

    def sizeHint(self) -> QSize:
        rows = min(self.grid.rowCount(), 6)
        row_height = self.verticalHeader().defaultSectionSize()
        return QSize(self._appearance.px(280), rows * row_height + self.horizontalHeader().sizeHint().height() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.verticalHeader().defaultSectionSize() * 2)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # QResizeEvent, as Qt calls it
        self._fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._clear()
        else:
            super().keyPressEvent(event)

    def copy(self, style: str = "tabs") -> None:
        """Copy the selected block, or everything, as text that loses no digit."""
        row, column, rows, columns = self._selected()
        block = self.grid.content.values[row : row + rows, column : column + columns]
        QGuiApplication.clipboard().setText(format_matrix(block, style))

    def paste(self) -> None:
        """Put the block of numbers in the clipboard at the selected cell."""
        row, column, rows, columns = self._selected()
        try:
            block = parse_matrix(QGuiApplication.clipboard().text())
        except MatrixTextError as error:
            self.message.emit(f"Nothing was pasted: {error}")
            return
        if block.shape == (1, 1):
            block = np.full((rows, columns) if self.selectionModel().hasSelection() else (1, 1), block[0, 0])
        bottom, right = row + block.shape[0], column + block.shape[1]
        if bottom > self.grid.rowCount() or not all(self.grid.exists(r, right - 1) for r in range(row, bottom)):
            there = f"{self.grid.rowCount() - row}×{self.grid.columnCount() - column}"
            self.message.emit(
                f"Nothing was pasted: the block is {block.shape[0]}×{block.shape[1]}, but from row {row + 1}, column "
                f"{column + 1} there is room for {there}; select the upper left cell, or change the sizes"
            )
            return
        self.grid.put(row, column, block)

    def _clear(self) -> None:
        row, column, rows, columns = self._selected()
        if self.selectionModel().hasSelection():
            self.grid.put(row, column, np.zeros((rows, columns)))

    def _selected(self) -> tuple[int, int, int, int]:
        """Return row, column, rows, columns of the selection; the whole table without one."""
        indexes = self.selectionModel().selectedIndexes()
        if not indexes:
            return 0, 0, self.grid.rowCount(), self.grid.columnCount()
        rows, columns = [i.row() for i in indexes], [i.column() for i in indexes]
        return min(rows), min(columns), max(rows) - min(rows) + 1, max(columns) - min(columns) + 1

    def _fit_columns(self) -> None:
        columns = self.grid.columnCount()
        if columns:
            room = self.viewport().width() // columns
            # A few columns share the room; many get what −0.02 needs, and scroll.
            width = room if room >= self._column_width else self._column_width * 9 // 8
            self.horizontalHeader().setDefaultSectionSize(min(width, self._column_width * 2))
