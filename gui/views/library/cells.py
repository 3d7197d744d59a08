"""Draws the cells of the library's table, and opens the editor for names and notes."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QStaticText
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from gui.appearance.text_size import NOTE
from gui.appearance.theme import Appearance, font, pale
from gui.views.library.model import RunsModel
from gui.views.library.rows import IN_TRAINING, NUMBERS, Column, Row
from gui.widgets.editor import Editor

_Index = QModelIndex | QPersistentModelIndex
_UNPINNED_ALPHA = 60
_REMEMBERED = 4000
"""Texts that stay laid out: some screens of them."""
_SELECTED, _FOCUSED = QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_HasFocus


@cache
def _font(pixels: int, bold: bool) -> QFont:
    return font(pixels, bold)  # made once: every cell asks for it


@lru_cache(_REMEMBERED)
def _text(words: str, pixels: int, bold: bool, width: int) -> QStaticText:
    """Return words laid out in one line of a width; too long ones lose their end."""
    letters = _font(pixels, bold)
    text = QStaticText(QFontMetrics(letters).elidedText(words, Qt.TextElideMode.ElideRight, width))
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.prepare(font=letters)
    return text


class Cells(QStyledItemDelegate):
    """Draws texts in the theme's colours; a selected line has a ground of its own, the cursor a frame."""

    def __init__(self, table: QTableView, runs: RunsModel, appearance: Appearance) -> None:
        super().__init__(table)
        self._runs = runs
        self._appearance = appearance

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        editor = Editor(parent)
        editor.setFrame(False)
        row = self._runs.rows[index.row()]
        editor.setPlaceholderText("notes" if index.column() == Column.NOTES else row.run.title)
        editor.committed.connect(self.commitData)
        return editor

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = self._appearance.theme
        drawn: Any = option  # older stubs of Qt leave its members out
        frame: QRect = drawn.rect
        state: QStyle.StateFlag = drawn.state
        row, column = self._runs.rows[index.row()], index.column()
        letters = self._appearance.text(NOTE)
        if state & _SELECTED:
            painter.fillRect(frame, QColor(theme.ground))
            painter.setPen(QPen(QColor(theme.select_edge), 1))
            for y in (frame.top(), frame.bottom()):
                painter.drawLine(frame.left(), y, frame.right(), y)
        if state & _FOCUSED:
            painter.setPen(QPen(QColor(theme.select_edge), 2))
            painter.drawRect(frame.adjusted(0, 0, -1, -1))
        if column == Column.PIN:
            self._paint_pin(painter, frame, row)
        elif row.texts[column]:
            beside = letters // 2
            bold = column == Column.STATE and row.texts[column] == IN_TRAINING
            text = _text(row.texts[column], letters, bold, max(1, frame.width() - 2 * beside))
            size = text.size()
            left = frame.right() + 1 - beside - size.width() if column in NUMBERS else frame.left() + beside
            painter.setFont(_font(letters, bold))
            painter.setPen(self._colour(row, column))
            painter.drawStaticText(QPointF(left, frame.top() + (frame.height() - size.height()) / 2), text)

    def _colour(self, row: Row, column: int) -> QColor:
        theme = self._appearance.theme
        if column == Column.STATE and row.texts[column] == "interrupted":
            return QColor(theme.wrong)
        quiet = row.run.about is None or (column == Column.NAME and not row.named)
        return QColor(theme.muted if quiet else theme.ink)

    def _paint_pin(self, painter: QPainter, frame: QRect, row: Row) -> None:
        """Draw a pin: a head, and a needle that sticks in the ground; pale where it may be put."""
        if row.run.about is None:
            return
        theme = self._appearance.theme
        colour = QColor(theme.ink) if row.run.pinned else pale(theme.muted, _UNPINNED_ALPHA)
        size = 0.3 * frame.height()
        middle = QRectF(frame).center()
        painter.save()
        head = QPointF(middle.x() + 0.25 * size, middle.y() - 0.35 * size)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, max(1.2, 0.16 * size)))
        painter.drawLine(head, QPointF(middle.x() - 0.75 * size, middle.y() + 0.85 * size))
        painter.setBrush(colour if row.run.pinned else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(head, 0.55 * size, 0.55 * size)
        painter.restore()
