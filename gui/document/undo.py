"""What undo needs to know: what was shown before a change and after it, under which name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack
from shiboken6 import isValid

from engine.document.document import Document


@dataclass(frozen=True)
class Shown:
    """A document with what it is called and where it lives; `path` is None until it is saved."""

    document: Document
    name: str
    path: Path | None = None


class Replacement(QUndoCommand):
    """From one document to another. Documents share the arrays that an edit did not touch."""

    def __init__(self, show: Callable[[Shown, bool], None], before: Shown, after: Shown, text: str) -> None:
        """show: puts a document in force; True where it has a name of its own, not that which the file has by now."""
        super().__init__(text)
        self._show = show
        self._before, self._after = before, after
        self._renames = (before.name, before.path) != (after.name, after.path)

    def redo(self) -> None:
        self._show(self._after, self._renames)

    def undo(self) -> None:
        self._show(self._before, self._renames)


class UndoStack(QUndoStack):
    """Undo takes back what waits, or is only visited, before it takes back what is done."""

    def __init__(self, take_back: Callable[[], bool], may_redo: Callable[[], bool], parent: QObject) -> None:
        """take_back: takes back what is not done yet; returns whether there was any."""
        super().__init__(parent)
        self._take_back, self._may_redo = take_back, may_redo

    def __del__(self) -> None:
        # Shiboken frees the changes together with this object, and Qt would then free them once more.
        if isValid(self):
            self.blockSignals(True)
            self.clear()

    def undo(self) -> None:
        if not self._take_back():
            super().undo()

    def redo(self) -> None:
        if self._may_redo():
            super().redo()

    def show_waiting(self, text: str | None) -> None:
        """Say what undo would take back: what waits or is visited, or with None what is done."""
        self.canUndoChanged.emit(text is not None or self.canUndo())
        self.undoTextChanged.emit(self.undoText() if text is None else text)
