"""A line editor for one number of a matrix, at its place in the map."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from engine.text import numbers
from engine.text.number_text import NumberTextError, parse_number
from gui.appearance.theme import font
from gui.widgets.editor import Editor


class EntryEditor(Editor):
    """Begins with all digits of a number; Return accepts what is typed, Escape leaves the number as it was."""

    accepted = Signal(float)
    """Another number was typed."""
    refused = Signal(str)
    """Why the text is not a number."""
    left = Signal()
    """The editing has ended."""

    def __init__(self, parent: QWidget, value: float, letters: float) -> None:
        super().__init__(parent)
        self._room = parent
        self._value = value
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFrame(False)
        self.setFont(font(letters))
        self.setText(numbers.typed(value))
        text = self.fontMetrics().horizontalAdvance(self.text()) + letters
        self._least = QSize(round(max(6 * letters, text)), round(1.9 * letters))
        self.selectAll()
        self.returnPressed.connect(self._on_return)
        self.committed.connect(self._accept)  # so that Ctrl+S saves what is on the screen
        self.editingFinished.connect(self._on_finished)

    def stand_on(self, cell: QRectF) -> None:
        """Cover an entry, within the widget."""
        room = QRectF(self._room.rect())
        size = cell.size().toSize().expandedTo(self._least).boundedTo(room.size().toSize())
        corner = cell.center() - QPointF(size.width() / 2, size.height() / 2)
        x = min(max(corner.x(), 0.0), room.width() - size.width())
        y = min(max(corner.y(), 0.0), room.height() - size.height())
        self.setGeometry(round(x), round(y), size.width(), size.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _on_return(self) -> None:
        if self._accept():
            self.left.emit()

    def _on_finished(self) -> None:
        if not self.hasFocus():  # the focus moves: a number is accepted, any other text is dropped
            self._accept()
            self.left.emit()

    def _accept(self) -> bool:
        """Emit the typed number; return whether it was one."""
        if self.text() == numbers.typed(self._value):
            return True
        try:
            number = parse_number(self.text())
        except NumberTextError as error:
            self.refused.emit(f"{error}. Still in use: {numbers.exact(self._value)}")
            return False
        if number != self._value:
            self._value = number
            self.accepted.emit(number)
        return True
