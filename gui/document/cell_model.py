"""The open document with its trace, its file and its undo stack; widgets read and edit it.

An edit of a large document takes longer than a frame, so it is a function from one document to the next that is
called in the background. Such edits wait for each other: each is made from the result of the one before. What
else changes the document meanwhile (a number typed, an undo) is in force at once, and the edit under way is made
anew from that: none is lost, none brings an old document back. Undo takes back the newest that still waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.cell.trace import Trace
from engine.document.document import Document, DocumentError
from engine.document.tracing import trace_document
from gui.jobs.background import Background

AT_ONCE = 64
"""A document with no larger size than this is edited within a frame."""
_SAID_AFTER_MS, _SAID_AGAIN_MS = 300, 5000
_NO_MEMORY = "There is not enough memory for this; choose smaller sizes"

Change = Callable[[Document], Document]
"""From a document to the next; may raise DocumentError. It is called in the background, and again if need be."""


@dataclass(frozen=True)
class Shown:
    """A document with what it is called and where it lives; `path` is None until it is saved."""

    document: Document
    name: str
    path: Path | None = None
    home: Document | None = None
    """The user's own document, where this one is only visited."""


@dataclass(frozen=True, eq=False)
class _Edit:
    """An edit that waits for its turn, or is being computed."""

    change: Change
    text: str
    largest: int
    """The largest size that it has to do with."""
    open: Callable[[Document], None] | None = None
    """Takes the result, where that is another document rather than the next of this one."""
    held: tuple[_Edit, ...] = ()
    """What waited before a new document was asked for; it goes on where there is to be none after all."""


class _UndoStack(QUndoStack):
    """Undo takes back what waits before it takes back what is done."""

    def __init__(self, model: CellModel) -> None:
        super().__init__(model)
        self._model = model

    def undo(self) -> None:
        if not self._model.take_back():
            super().undo()

    def show_waiting(self, text: str | None) -> None:
        """Say what undo would take back: an edit that waits, or with None what is done."""
        self.canUndoChanged.emit(text is not None or self.canUndo())
        self.undoTextChanged.emit(self.undoText() if text is None else text)


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
    settled = Signal()
    """No edit waits any more: what is in force is all that was asked for, or what was asked for was refused."""
    message = Signal(str)
    """Why an edit was refused, or what takes long; an empty text when that is over."""

    NETWORK = 1
    """Merge id: looking at the network again and again is one step of undo."""

    def __init__(self, document: Document, name: str, background: Background) -> None:
        super().__init__()
        self.shown = Shown(document, name)
        """The document with its name and path."""
        self._saved = document
        self.background = background
        """The thread that computes for this document."""
        self.latest_trace: Trace | None = None
        """The trace to draw: the document's, or the one before while its own is being computed; None at first."""
        self._traced: Document | None = None
        self._edits: deque[_Edit] = deque()
        self._computing = self._said = False
        self._slow = QTimer(self)
        self._slow.timeout.connect(self._on_slow)
        self.undo_stack = _UndoStack(self)
        self.undo_stack.cleanChanged.connect(self.title_changed)  # no lambda: the stack speaks once more as it dies
        self._follow()

    @property
    def document(self) -> Document:
        """The document in force."""
        return self.shown.document

    @property
    def trace(self) -> Trace | None:
        """The trace of the document in force, or None while it is being computed."""
        return self.latest_trace if self._traced is self.document else None

    @property
    def unsaved(self) -> bool:
        """Whether there is something of the user's to lose; a visited network is not the user's."""
        mine = self.shown.home or self.document
        edited = mine is not self._saved and not self.undo_stack.isClean()
        return edited or any(edit.open is None or edit.held for edit in self._edits)

    @property
    def waiting(self) -> bool:
        """Whether edits wait or are being computed."""
        return bool(self._edits)

    @property
    def untouched(self) -> bool:
        """Whether the document is as it was opened or saved, so that what its author says of it holds."""
        return self.document is self._saved

    def edit(self, document: Document, text: str) -> None:
        """Put an edited document in force now; `text` says what undo takes back."""
        if document is not self.document:
            self._push(Shown(document, self.shown.name, self.shown.path), text, -1)

    def change(self, change: Change, text: str, largest: int = 0) -> None:
        """Edit by a function from the document to the next: now if that is small, else as `edit_later` does.

        `largest` is the largest size that it brings. A DocumentError goes to `message`, and nothing changes.
        """
        edit = self._edit_of(change, text, largest)
        if self._edits or edit.largest > AT_ONCE:
            self._wait(edit)
            return
        try:
            self.edit(change(self.document), text)
        except DocumentError as error:
            self.settled.emit()
            self.message.emit(str(error))

    def edit_later(self, change: Change, text: str, largest: int = 0) -> None:
        """Edit in the background, after all edits that wait already; see the top of this file."""
        self._wait(self._edit_of(change, text, largest))

    def take_back(self) -> bool:
        """Forget the newest edit that waits; return whether there was one."""
        if not self._edits:
            return False
        self._resume(self._edits.pop())
        self._go_on()
        return True

    def open_new(
        self, make: Callable[[], Document], name: str, largest: int, ask: Callable[[Callable[[], None]], None]
    ) -> None:
        """Start with a document that is still to be made: now if it is small, else in the background.

        Edits of the present document that wait are dropped with it, and go on where the new one is refused; those
        that come while it is made are for the new one. `ask` is called with what is to be done where something else
        has been edited meanwhile.
        """
        before = self.document

        def show(document: Document) -> None:
            if self.document is before:
                self._start_with(Shown(document, name))
            else:
                self._resume(edit)
                ask(lambda: self.replace(document, name))

        edit = _Edit(lambda _document: make(), name, largest, show, tuple(self._edits))
        if largest > AT_ONCE:
            self._edits.clear()
            self._wait(edit)
            return
        try:
            made = make()
        except DocumentError as error:
            self.message.emit(str(error))
        else:
            self._edits.clear()
            show(made)
        self._go_on()

    def visit(self, document: Document, name: str, text: str) -> None:
        """Show a document of the program's own making; undo returns to the user's. It has no file yet."""
        self._push(Shown(document, name, None, self.shown.home or self.document), text, self.NETWORK)

    def end_visit(self) -> None:
        """Return to the user's own document, if another one is only visited."""
        if self.shown.home is not None and not self._edits:  # an edit makes what it edits the user's own
            self.undo_stack.undo()

    def replace(self, document: Document, name: str, path: Path | None = None) -> None:
        """Start with another document, which has nothing to undo or save; edits that wait are dropped."""
        waited = self.waiting
        self._edits.clear()
        self._start_with(Shown(document, name, path))
        if waited:
            self._go_on()

    def saved(self, document: Document, path: Path) -> None:
        """Take note that a document was written; edits made meanwhile are still unsaved."""
        if self.shown.home is not None:
            # A visited network was written, or the user's document just before the visit; that stays to be judged.
            if document is self.shown.home:
                self._saved = document
        else:
            self.shown = Shown(self.document, path.stem, path)
            self._saved = document
            if document is self.document:
                self.undo_stack.setClean()
        self.title_changed.emit()

    def _start_with(self, shown: Shown) -> None:
        self._saved = shown.document
        self.opened.emit()
        self._show(shown)
        self.undo_stack.clear()
        self.title_changed.emit()

    # Edits that wait

    def _edit_of(self, change: Change, text: str, largest: int) -> _Edit:
        return _Edit(change, text, max(largest, *self.document.sizes.values()))

    def _wait(self, edit: _Edit) -> None:
        self._edits.append(edit)
        if not self._slow.isActive():
            self._slow.start(_SAID_AFTER_MS)
        self._go_on()

    def _resume(self, edit: _Edit) -> None:
        """Let go on what was held for a document that does not come."""
        self._edits.extendleft(reversed(edit.held))

    def _go_on(self) -> None:
        """Compute the first edit that waits, if none is being computed; say so when there is none."""
        self.undo_stack.show_waiting(self._edits[-1].text if self._edits else None)
        self.title_changed.emit()
        if not self._edits:
            self._slow.stop()
            if self._said:
                self._said = False
                self.message.emit("")
            self.settled.emit()
        elif not self._computing:
            self._computing = True
            edit, document = self._edits[0], self.document
            self.background.run(
                lambda: edit.change(document),
                lambda made: self._arrive(edit, document, made),
                lambda error: self._fail(edit, error),
                Exception,
            )

    def _arrive(self, edit: _Edit, before: Document, made: Document) -> None:
        """Put a result in force, unless it was taken back or made from what is no longer in force."""
        self._computing = False
        if self._edits and self._edits[0] is edit and (edit.open or self.document is before):
            self._edits.popleft()
            if edit.open:
                edit.open(made)
            else:
                self.edit(made, edit.text)
        self._go_on()

    def _fail(self, edit: _Edit, error: Exception) -> None:
        self._computing = False
        asked = bool(self._edits) and self._edits[0] is edit
        if asked:
            self._resume(self._edits.popleft())
        self._go_on()
        if not isinstance(error, (DocumentError, MemoryError)):
            raise error
        if asked:
            self.message.emit(_NO_MEMORY if isinstance(error, MemoryError) else str(error))

    def _on_slow(self) -> None:
        self._slow.start(_SAID_AGAIN_MS)  # a sentence in the status line goes after a while
        self._said = True
        self.message.emit(f"Computing a cell of size {max(edit.largest for edit in self._edits)} …")

    # What is in force

    def _push(self, after: Shown, text: str, merge_id: int) -> None:
        self.undo_stack.push(_Change(self, self.shown, after, text, merge_id))

    def _show(self, shown: Shown) -> None:
        before, self.shown = self.shown, shown
        if (shown.name, shown.path) != (before.name, before.path):
            self.title_changed.emit()
        if shown.document is not before.document:
            self.document_changed.emit(shown.document)
            self._follow()

    def _follow(self) -> None:
        """Trace the document in force; while one is being traced, only the newest waits."""
        document = self.document
        self.background.run(
            lambda: trace_document(document),
            lambda trace: self._take(document, trace),
            lambda _error: self._miss(document),
            MemoryError,
            "trace",
        )

    def _miss(self, document: Document) -> None:
        if document is self.document:
            self.message.emit(_NO_MEMORY)

    def _take(self, document: Document, trace: Trace) -> None:
        if document is self.document:
            self._traced, self.latest_trace = document, trace
            self.trace_changed.emit(trace)
