"""What the window shows and edits: the document, its trace, its file, and the way back (undo)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.document import Document
from engine.trace import Trace, trace_document
from gui.background import Background


@dataclass(frozen=True)
class Shown:
    """A document with what it is called and where it lives; `path` is None until it is saved."""

    document: Document
    name: str
    path: Path | None = None
    home: Document | None = None
    """The user's own document, where this one is only visited."""


class _Change(QUndoCommand):
    """From one shown document to another. Documents share the arrays that an edit did not touch."""

    def __init__(self, model: CellModel, before: Shown, after: Shown, text: str, merge_id: int) -> None:
        super().__init__(text)
        self._model = model
        self._before = before
        self._after = after
        self._merge_id = merge_id

    def redo(self) -> None:
        self._model._show(self._named(self._after))

    def undo(self) -> None:
        self._model._show(self._named(self._before))

    def _named(self, shown: Shown) -> Shown:
        """Give an edited document the name and path that the file has by now; a visit brings its own."""
        if self._merge_id == CellModel.NETWORK:
            return shown
        return Shown(shown.document, self._model.shown.name, self._model.shown.path, shown.home)

    def id(self) -> int:
        return self._merge_id

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Change):
            return False
        self._after = other._after
        return True


class CellModel(QObject):
    """The document in force. Widgets set it; its signals update the widgets; an equal value fires nothing."""

    document_changed = Signal(object)
    """The new Document."""
    trace_changed = Signal(object)
    """The new Trace, a moment after the document that it belongs to."""
    opened = Signal()
    """Another document has come: there is nothing to undo, and the walk begins at its start."""
    title_changed = Signal()
    """Name, path or unsaved state."""

    NETWORK = 1
    """Merge id: looking at the network again and again is one step of undo."""

    def __init__(self, document: Document, name: str, background: Background) -> None:
        super().__init__()
        self._shown = Shown(document, name)
        self._saved = document
        self._background = background
        self._trace: Trace | None = None
        self._traced: Document | None = None
        self._tracing = False
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(self.title_changed)  # no lambda: the stack speaks once more as it dies
        self._follow()

    @property
    def document(self) -> Document:
        """The document in force."""
        return self._shown.document

    @property
    def shown(self) -> Shown:
        """The document with its name and path."""
        return self._shown

    @property
    def trace(self) -> Trace | None:
        """The trace of the document in force, or None while it is being computed."""
        return self._trace if self._traced is self._shown.document else None

    @property
    def unsaved(self) -> bool:
        """Whether there is something of the user's to lose; a visited network is not the user's."""
        mine = self._shown.home or self._shown.document
        return mine is not self._saved and not self.undo_stack.isClean()

    def edit(self, document: Document, text: str) -> None:
        """Put an edited document in force; `text` says what undo takes back."""
        if document is not self.document:
            self._push(Shown(document, self._shown.name, self._shown.path), text, -1)

    def visit(self, document: Document, name: str, text: str) -> None:
        """Show a document of the program's own making; undo returns to the user's. It has no file yet."""
        self._push(Shown(document, name, None, self._shown.home or self._shown.document), text, self.NETWORK)

    def end_visit(self) -> None:
        """Return to the user's own document, if another one is only visited."""
        if self._shown.home is not None:
            self.undo_stack.undo()

    def replace(self, document: Document, name: str, path: Path | None = None) -> None:
        """Start with another document, which has nothing to undo or save."""
        self._saved = document
        self.opened.emit()
        self._show(Shown(document, name, path))
        self.undo_stack.clear()
        self.title_changed.emit()

    def saved(self, document: Document, path: Path) -> None:
        """Take note that a document was written; edits made meanwhile are still unsaved."""
        if self._shown.home is not None:
            # A visited network was written, or the user's document just before the visit; that stays to be judged.
            if document is self._shown.home:
                self._saved = document
        else:
            self._shown = Shown(self.document, path.stem, path)
            self._saved = document
            if document is self.document:
                self.undo_stack.setClean()
        self.title_changed.emit()

    def _push(self, after: Shown, text: str, merge_id: int) -> None:
        self.undo_stack.push(_Change(self, self._shown, after, text, merge_id))

    def _show(self, shown: Shown) -> None:
        before, self._shown = self._shown, shown
        if (shown.name, shown.path) != (before.name, before.path):
            self.title_changed.emit()
        if shown.document is not before.document:
            self.document_changed.emit(shown.document)
            self._follow()

    def _follow(self) -> None:
        """Trace the document in force; while one is being traced, only the newest waits."""
        if self._tracing:
            return
        self._tracing = True
        document = self.document
        self._background.run(lambda: trace_document(document), lambda trace: self._take(document, trace))

    def _take(self, document: Document, trace: Trace) -> None:
        self._tracing = False
        if document is not self.document:
            self._follow()
            return
        self._traced, self._trace = document, trace
        self.trace_changed.emit(trace)
