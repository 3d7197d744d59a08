"""How the cells of a table of numbers are drawn, and what they are edited in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from gui.appearance.theme import Appearance
from gui.matrix.number_grid import NumberGrid
from gui.widgets.editor import Editor

BLOCK_GAP = 6
"""Pixels between the columns of two blocks of a matrix; between others there is 1."""
_TYPED = "−0.0000"
"""What has room while it is typed, in however narrow a column."""


class Cells(QStyledItemDelegate):
    """Draws a cell as its colour and number, with a gap where another part of the matrix begins."""

    def __init__(
        self, grid: NumberGrid, appearance: Appearance, view: QTableView, is_lit: Callable[[int, int], bool]
    ) -> None:
        """is_lit: whether the number at a row and column is to be framed."""
        super().__init__(view)
        self._grid = grid
        self._view = view
        self._is_lit = is_lit
        self._appearance = appearance

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = Editor(parent)
        editor.setAlignment(Qt.AlignmentFlag.AlignCenter)
        editor.setFrame(False)
        editor.committed.connect(self.commitData)  # so that Ctrl+S saves what is on the screen
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        drawn: Any = option  # older stubs of Qt leave its members out
        advance, shown = drawn.fontMetrics.horizontalAdvance, index.data(Qt.ItemDataRole.EditRole)
        wide = max(drawn.rect.width(), advance(_TYPED), advance(f"{shown}00"))  # with room for the cursor
        wide = min(wide, self._view.viewport().width())
        left = max(0, min(drawn.rect.left(), self._view.viewport().width() - wide))
        editor.setGeometry(left, drawn.rect.top(), wide, drawn.rect.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        # Asked directly: QModelIndex.data() for each role takes longer than the drawing.
        row, column = index.row(), index.column()
        if not self._grid.exists(row, column):
            return
        gap = BLOCK_GAP if column in self._grid.content.block_ends else 1
        drawn: Any = option  # older stubs of Qt leave its members out
        cell = drawn.rect.adjusted(0, 0, -gap, -1)
        measured = drawn.fontMetrics.horizontalAdvance
        text, colour, letters = self._grid.look(row, column, lambda text: measured(text) <= cell.width())
        painter.fillRect(cell, colour)
        painter.setPen(letters)
        painter.setFont(drawn.font)
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(QPen(QColor(self._appearance.theme.ink), 2))
        if self._is_lit(row, column):
            painter.drawRect(cell.adjusted(2, 2, -2, -2))
        if self._view.selectionModel().isSelected(index):
            painter.drawRect(cell.adjusted(1, 1, -1, -1))
