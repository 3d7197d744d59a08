"""Copies what is not saved a moment after the last edit, in the background."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from engine.document.document import Document, DocumentError
from gui.document.cell_model import CellModel
from gui.jobs.background import Background
from gui.safety.session import Session

PAUSE_MS = 1000
"""Between the last edit and its copy."""
_LATEST_S = 10.0
"""Edits that follow each other without a pause are copied after so long all the same."""
_SHARE = 10
"""Times that writing a copy may take; a large document is copied more seldom."""
LARGEST = 2_000_000
"""Numbers of a document that is copied; more would keep the disk and the window busy for seconds."""


class Autosave(QObject):
    """Keeps a copy of the model's document in the session's folder as long as there is something to lose."""

    copied = Signal()
    """What is not saved has a copy now."""
    said = Signal(str)
    """Why there is none, once."""

    def __init__(self, model: CellModel, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._session = model, session
        self._background = Background("documents-copies", self)
        self._copied: Document | None = None
        self._seen = model.kept.document
        self._since = 0.0
        self._quiet = False
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._copy)
        model.document_changed.connect(self.look)
        model.title_changed.connect(self.look)

    def look(self) -> None:
        """Copy what is not saved, soon, or remove the copy of what is."""
        model = self._model
        if not model.unsaved:
            self._timer.stop()
            self._seen = model.kept.document
            if self._copied is not None:
                self._copied = None
                self._background.run(self._session.drop_copy, lambda _none: None)
            return
        if model.kept.document is self._copied or (model.kept.document is self._seen and self._timer.isActive()):
            return
        self._seen, now = model.kept.document, time.monotonic()
        if not self._timer.isActive():
            self._since = now
        if now - self._since < _LATEST_S:
            self._timer.start()

    def copy_again(self) -> None:
        """Copy what is not saved once more: the copy is gone."""
        self._copied = None
        self._timer.stop()
        self.look()

    def _copy(self) -> None:
        model = self._model
        document = model.kept.document
        if not model.unsaved or document is self._copied or self._session.folder is None:
            return
        if sum(weight.size for weight in document.weights.values()) + document.x.size > LARGEST:
            self._tell("This cell is too large for a copy of every edit, in case the program ends; save it (Ctrl+S)")
            return
        self._copied = document
        begin = time.monotonic()

        def written(_none: None) -> None:
            self._timer.setInterval(max(PAUSE_MS, round(_SHARE * 1000 * (time.monotonic() - begin))))
            self._quiet = False
            self.copied.emit()

        write = partial(self._session.copy, document, model.kept.name, model.kept.path)
        self._background.run(write, written, self._miss, (DocumentError, OSError), "copy")

    def _miss(self, error: Exception) -> None:
        self._copied = None
        self._tell(f"What is not saved could not be copied, in case the program ends ({error}); save it (Ctrl+S)")

    def _tell(self, sentence: str) -> None:
        if not self._quiet:
            self._quiet = True
            self.said.emit(sentence)
