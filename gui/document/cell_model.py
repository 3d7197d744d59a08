"""The open document with its trace, its file and its undo stack; widgets read and edit it.

An edit of a large document takes longer than a frame, so it is a function from one document to the next that is
called in the background. Such edits wait for each other: each is made from the result of the one before. What
else changes the document meanwhile (a number typed, an undo) is in force at once, and the edit under way is made
anew from that: none is lost, none brings an old document back. Undo takes back the newest that still waits. A network
can be shown in place of the user's own document, which stays behind it, with its undo: `visit`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.cell.trace import Trace
from engine.document.document import Document, DocumentError
from engine.document.tracing import trace_document
from gui.document.edit import Change, Edit, Lent
from gui.document.undo import Replacement, Shown, UndoStack
from gui.jobs.background import Background

AT_ONCE = 64
"""A document with no larger size than this is edited within a frame."""
_SAID_AFTER_MS, _SAID_AGAIN_MS = 300, 5000
_NO_MEMORY = "There is not enough memory for this; choose smaller sizes"

_VISIT = "show the network"
_NOT_YOURS = (
    "This is the network of the run: copy it to edit it (Ctrl+Shift+C), or return to your own cell (Ctrl+Shift+D)"
)


class CellModel(QObject):
    """The document in force. Widgets set it; its signals update the widgets; an equal value fires nothing."""

    document_changed = Signal(object)
    """The new Document."""
    refreshed = Signal(object)
    """The network that is visited has learnt: a Document of the same cell, sizes and time steps, other numbers."""
    visit_changed = Signal()
    """A visit has begun or ended."""
    trace_changed = Signal(object)
    """The new Trace, a moment after the document that it belongs to."""
    opened = Signal()
    """Another document has come: there is nothing to undo, and the walk begins at its start."""
    title_changed = Signal()
    """Name, path or unsaved state."""
    settled = Signal()
    """No edit waits any more: what is in force is all that was asked for, or what was asked for was refused."""
    message = Signal(str)
    """Why an edit was refused, or what takes long; "" when that is over."""

    def __init__(self, document: Document, name: str, background: Background) -> None:
        super().__init__()
        self.own = Shown(document, name)
        """The user's document with its name and path, also while another is visited."""
        self._visited: Shown | None = None
        self._lent: Lent | None = None
        self._own_trace: tuple[Document, Trace] | None = None
        self._saved: Document | None = document
        self._given: Document | None = None
        self._nothing_to_lose = True
        self.background = background
        """The thread that computes for this document."""
        self.latest_trace: Trace | None = None
        """The trace to draw: the document's, or the one before while its own is being computed; None at first."""
        self._traced: Document | None = None
        self._edits: deque[Edit] = deque()
        self._computing = self._said = False
        self._slow = QTimer(self)
        self._slow.timeout.connect(self._on_slow)
        self.undo_stack = UndoStack(lambda: self.end_visit() or self.take_back(), lambda: not self.visiting, self)
        self.undo_stack.cleanChanged.connect(self.title_changed)  # no lambda: the stack speaks once more as it dies
        self._follow()

    @property
    def shown(self) -> Shown:
        """What is shown: the network that is visited, or else the user's own document."""
        return self._visited or self.own

    @property
    def visiting(self) -> bool:
        """Whether a network is shown in place of the user's own document."""
        return self._visited is not None

    @property
    def document(self) -> Document:
        """The document that is shown."""
        return self.shown.document

    @property
    def trace(self) -> Trace | None:
        """The trace of the document in force, or None while it is being computed."""
        return self.latest_trace if self._traced is self.document else None

    @property
    def kept(self) -> Shown:
        """The user's own document, also while a lesson has others in its place."""
        return self._lent.shown if self._lent else self.own

    @property
    def unsaved(self) -> bool:
        """Whether there is something of the user's to lose: not a visited network, nor a lesson's cell."""
        if self._lent is not None:
            return self._lent.unsaved
        known = (self._saved, self._given if self._nothing_to_lose else None)
        kept = self.undo_stack.isClean() or any(each is not None and self.own.document.is_like(each) for each in known)
        return not kept or any(edit.open is None or edit.held for edit in self._edits)

    @property
    def waiting(self) -> bool:
        """Whether edits wait or are being computed."""
        return bool(self._edits)

    @property
    def untouched(self) -> bool:
        """Whether the document is as it was opened or saved, so that what its author says of it holds."""
        return any(known is not None and self.document.is_like(known) for known in (self._saved, self._given))

    def edit(self, document: Document, text: str) -> None:
        """Put an edited document in force now; `text` says what undo takes back."""
        if not self.refuse_visitor() and document is not self.document:
            self._push(Shown(document, self.own.name, self.own.path), text)

    def change(self, change: Change, text: str, largest: int = 0) -> None:
        """Edit by a function from the document to the next: now if that is small, else as `edit_later` does.

        `largest` is the largest size that it brings. A DocumentError goes to `message`, and nothing changes.
        """
        if self.refuse_visitor():
            return
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
        if not self.refuse_visitor():
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
        self.end_visit()
        before = self.document

        def show(document: Document) -> None:
            if self.document is before:
                self._start_with(Shown(document, name))
            else:
                self._resume(edit)
                ask(lambda: self.replace(document, name))

        edit = Edit(lambda _document: make(), name, largest, show, tuple(self._edits))
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

    def visit(self, document: Document, name: str, trace: Trace) -> None:
        """Show a network with its trace; the user's own document stays as it is until `end_visit`.

        Another visit takes the place of this one; of the same cell, sizes and time steps it refreshes only the numbers.
        """
        before, begins = self.shown, self._visited is None
        if self._visited is None:
            known = self.trace
            self._own_trace = None if known is None else (before.document, known)
        self._visited = Shown(document, name)
        self._appear(before, trace)
        if begins:
            self.undo_stack.show_waiting(_VISIT)
            self.visit_changed.emit()

    def end_visit(self) -> bool:
        """Return to the user's own document, if a network is visited; return whether one was."""
        if self._visited is None:
            return False
        before, self._visited = self._visited, None
        known, self._own_trace = self._own_trace, None
        self._appear(before, known[1] if known is not None and known[0] is self.own.document else None)
        self._tell_waiting()
        self.visit_changed.emit()
        return True

    def copy_visited(self, text: str) -> None:
        """Make the network that is visited the user's own document, without a file; undo brings back the one before."""
        if self._visited is not None:
            self._push(self._visited, text)
            self.end_visit()

    def refuse_visitor(self) -> bool:
        """Whether a network is visited: it is not the user's to edit, which is said."""
        if self._visited is None:
            return False
        self.settled.emit()
        self.message.emit(_NOT_YOURS)
        return True

    def exchange(self, document: Document, name: str, text: str) -> None:
        """Put another document in place of the user's, as one step of undo; it has no file yet."""
        self.end_visit()
        self._given, self._nothing_to_lose = document, not self.unsaved
        self._push(Shown(document, name), text)

    def lend(self) -> None:
        """Keep the user's document as it is: what is done from now on is done to a lesson's."""
        self.end_visit()
        self._lent = Lent(self.own, self.unsaved, self._given, self._nothing_to_lose)

    def give_back(self, text: str) -> None:
        """Put the user's document back in force; text: what undo would take back, to see the lesson's once more."""
        self.end_visit()
        lent, self._lent = self._lent, None
        if lent is not None:
            self._edits.clear()
            self._given, self._nothing_to_lose = lent.given, lent.nothing_to_lose
            if self.own is not lent.shown:
                self._push(lent.shown, text)
            self._go_on()

    def replace(self, document: Document, name: str, path: Path | None = None) -> None:
        """Start with another document, which has nothing to undo or save; edits that wait are dropped."""
        self.end_visit()
        waited = self.waiting
        self._edits.clear()
        self._start_with(Shown(document, name, path))
        if waited:
            self._go_on()

    def bring_back(self, document: Document, name: str, path: Path | None) -> None:
        """Start with a document that was never saved as it is; path: where an earlier form of it is."""
        self.replace(document, name, path)
        self._saved = None
        self.undo_stack.resetClean()
        self.title_changed.emit()

    def saved(self, document: Document, path: Path) -> None:
        """Take note that a document was written; edits made meanwhile are still unsaved."""
        if self._visited is None or document is self.own.document:  # else a network was written
            self.own = Shown(self.own.document, path.stem, path)
            self._saved = document
            if document is self.own.document:
                self.undo_stack.setClean()
        self.title_changed.emit()

    def _start_with(self, shown: Shown) -> None:
        self._saved = shown.document
        self.opened.emit()
        self._own_is(shown)
        self.undo_stack.clear()
        self.title_changed.emit()

    # Edits that wait

    def _edit_of(self, change: Change, text: str, largest: int) -> Edit:
        return Edit(change, text, max(largest, *self.own.document.sizes.values()))

    def _wait(self, edit: Edit) -> None:
        self._edits.append(edit)
        if not self._slow.isActive():
            self._slow.start(_SAID_AFTER_MS)
        self._go_on()

    def _resume(self, edit: Edit) -> None:
        """Let go on what was held for a document that does not come."""
        self._edits.extendleft(reversed(edit.held))

    def _go_on(self) -> None:
        """Compute the first edit that waits, if none is being computed; say so when there is none."""
        self._tell_waiting()
        self.title_changed.emit()
        if not self._edits:
            self._slow.stop()
            if self._said:
                self._said = False
                self.message.emit("")
            self.settled.emit()
        elif not self._computing:
            self._computing = True
            edit, document = self._edits[0], self.own.document
            self.background.run(
                lambda: edit.change(document),
                lambda made: self._arrive(edit, document, made),
                lambda error: self._fail(edit, error),
                Exception,
            )

    def _arrive(self, edit: Edit, before: Document, made: Document) -> None:
        """Put a result in force, unless it was taken back or made from what is no longer in force."""
        self._computing = False
        if self._edits and self._edits[0] is edit and (edit.open or self.own.document is before):
            self._edits.popleft()
            if edit.open:
                edit.open(made)
            elif made is not before:
                self._push(Shown(made, self.own.name, self.own.path), edit.text)
        self._go_on()

    def _fail(self, edit: Edit, error: Exception) -> None:
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

    def _push(self, after: Shown, text: str) -> None:
        self.undo_stack.push(Replacement(self._own_is, self.own, after, text))

    def _tell_waiting(self) -> None:
        """Say what undo would take back."""
        text = _VISIT if self._visited is not None else self._edits[-1].text if self._edits else None
        self.undo_stack.show_waiting(text)

    def _own_is(self, shown: Shown, renames: bool = True) -> None:
        """Let another document be the user's; it is shown, unless a network is visited."""
        before = self.shown
        self.own = shown if renames else Shown(shown.document, self.own.name, self.own.path)
        self._appear(before)

    def _appear(self, before: Shown, trace: Trace | None = None) -> None:
        """Tell what has changed since something else was shown. trace: of what is shown, where it is known."""
        shown = self.shown
        if (shown.name, shown.path) != (before.name, before.path):
            self.title_changed.emit()
        if shown.document is before.document:
            return
        alike = self._visited is not None and _alike(shown.document, before.document)
        (self.refreshed if alike else self.document_changed).emit(shown.document)
        if trace is None:
            self._follow()
        else:
            self._take(shown.document, trace)

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


def _alike(one: Document, other: Document) -> bool:
    """Whether two documents differ in their numbers alone."""
    return one.cell is other.cell and one.sizes == other.sizes and one.x.shape == other.x.shape
