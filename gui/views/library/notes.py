"""The notes of a run as text of several lines, kept at each pause in the typing and when they are left."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPlainTextEdit

from gui.views.library.rows import Row

_Undo, _Redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
PAUSE_MS = 1000
"""Between the last letter typed and its keeping, so that a program that is killed loses little."""
MOST = 10_000
"""Characters that are laid out within a frame; of longer notes, from a file of somebody else, the beginning is read."""


class NotesEditor(QPlainTextEdit):
    """Undoes what is typed as a cell of the table does: where there is nothing typed, undo is the library's."""

    written = Signal(object, str)
    """A Row, and its notes of now."""
    left = Signal()
    """The keyboard is wanted elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self._row: Row | None = None
        self._kept = self._before = ""
        """What was written last, and what Esc brings back."""
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._write)
        self.textChanged.connect(self._pause.start)
        self.setTabChangesFocus(True)
        self.setPlaceholderText("What is worth remembering of this run")
        self.setToolTip("Notes are kept as you type; Ctrl+Return leaves them, Esc takes back what you typed")
        self.setAccessibleName("Notes")

    def show_row(self, row: Row | None) -> None:
        """Show the notes of a run; what is being typed for the same run stays, and for another one it is kept."""
        same = row is not None and self._row is not None and row.file == self._row.file
        if not same:
            self.keep()
        is_typed = same and self.toPlainText() != self._kept
        self._row = row
        if is_typed:
            return
        was_changed = same and self._kept != self._before
        notes = row.run.notes if row is not None else ""
        self.setReadOnly(len(notes) > MOST)
        self._kept = notes if len(notes) <= MOST else f"{notes[:MOST]} …\n{len(notes) - MOST:,} more characters"
        if not same or self.toPlainText() != self._kept:
            with QSignalBlocker(self):
                self.setPlainText(self._kept)
            self._kept = self.toPlainText()  # lines may end in another way now
        if not was_changed:
            self._before = self._kept

    def keep(self) -> None:
        """Let what was typed be written, for good."""
        self._write()
        self._before = self._kept

    def _write(self) -> None:
        self._pause.stop()
        text = self.toPlainText()
        if self._row is not None and text != self._kept:
            self._kept = text
            self.written.emit(self._row, text)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._is_not_here(event):
                event.ignore()
                return True
            if event.key() == Qt.Key.Key_Escape or _ends(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_not_here(event):
            event.ignore()
        elif event.key() == Qt.Key.Key_Escape:
            self.setPlainText(self._before)
            self.keep()
            self.left.emit()
        elif _ends(event):
            self.keep()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.keep()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.keep()

    def _is_not_here(self, event: QKeyEvent) -> bool:
        """Whether a key would undo or redo, and there is nothing of that kind here."""
        document = self.document()
        undoes, redoes = event.matches(_Undo), event.matches(_Redo)
        return (undoes and not document.isUndoAvailable()) or (redoes and not document.isRedoAvailable())


def _ends(event: QKeyEvent) -> bool:
    return event.key() in _ENDS and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
