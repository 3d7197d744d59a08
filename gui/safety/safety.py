"""Looks after what is not saved: copies it, and offers at the next start what the program left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QMessageBox

from engine.document.document import Document, DocumentError
from engine.document.document_file import read_document
from engine.text.dates import date_words
from gui.appearance.chosen.folder import ChosenFolder
from gui.appearance.theme import Appearance
from gui.document.cell_model import CellModel
from gui.document.files import Files
from gui.jobs.background import Background
from gui.safety.autosave import Autosave
from gui.safety.offer import Offer
from gui.safety.session import Left, Session, forget
from gui.widgets.message_box import Buttons, message_box

_BEGINS_MS = 300  # the first frames come first


class Safety(QObject):
    """The session of a window, and what was left behind by those before."""

    said = Signal(str)
    """A sentence for the status line."""
    looked = Signal(bool)
    """Whether something that was left behind is offered; once, where that was to be asked."""

    def __init__(
        self,
        window: QMainWindow,
        model: CellModel,
        files: Files,
        appearance: Appearance,
        root: Path,
        others: Iterable[Path] = (),
    ) -> None:
        """root, others: see `Session`."""
        super().__init__(window)
        self._window, self._model, self._files = window, model, files
        self.session = Session(root, others)
        self._background = Background("documents-left", self)
        self.autosave = Autosave(model, self.session, self)
        self.autosave.said.connect(self.said)
        self.autosave.copied.connect(self._on_copied)
        self.offer = Offer(window, appearance)
        self._left: list[Left] = []
        self._brought_back: Left | None = None

    def begin(self, ask: bool, watch: bool = True) -> None:
        """Begin a moment from now.

        ask: whether to offer what was left behind, else it is kept for another start. watch: whether to write down
        where the program crashes, which one window of a process can.
        """
        QTimer.singleShot(_BEGINS_MS, self, lambda: self._begin(ask, watch))

    def _begin(self, ask: bool, watch: bool) -> None:
        def work() -> list[Left]:
            found = self.session.begin()
            if watch:
                self.session.watch_for_crashes()
            return found

        def begun(found: list[Left]) -> None:
            self.autosave.look()  # something may have been edited meanwhile
            if ask:
                self._left = found
                self._offer_next()
                self.looked.emit(bool(found))

        self._background.run(work, begun, self._miss, OSError)

    def follow(self, folder: ChosenFolder) -> None:
        """Keep the copy in the folder that the user chooses, from now on."""
        before = folder.path

        def move() -> None:
            wanted = folder.path

            def moved(_none: None) -> None:
                nonlocal before
                before = wanted
                self.autosave.copy_again()

            def stay(error: Exception) -> None:
                self.said.emit(f"{wanted} cannot be used ({error}); copies of unsaved work stay in {before}")
                folder.choose(None if before == folder.usual else before)
                self.autosave.copy_again()

            if wanted != before:
                self._background.run(partial(self.session.move, wanted), moved, stay, OSError)

        folder.changed.connect(move)

    def _miss(self, error: Exception) -> None:
        self.said.emit(f"What is not saved cannot be copied, in case the program ends ({error})")

    def _offer_next(self) -> None:
        if not self._left:
            self.offer.close_question()
            return
        left = self._left[0]
        sentence = f"The program ended unexpectedly on {date_words(left.when, datetime.now(UTC))}."
        answers: list[tuple[str, str, Callable[[], object]]] = []
        if left.copy is not None:
            sentence += f" Unsaved changes to “{left.name}” were kept."
            tip = "Open the document as it was; it is not saved yet"
            answers.append(("Bring them back", tip, partial(self._bring_back, left)))
        if left.report:
            tip = "Show where the program was; nothing is sent anywhere"
            answers.append(("Show the report", tip, partial(self._show_report, left)))
        tip = "Delete what was kept" if left.copy is not None else "Delete the report"
        answers.append(("Discard", tip, partial(self._discard, left)))
        answers.append(("Later", "Ask again at the next start", self._later))
        self.offer.ask(sentence, answers)

    def _later(self) -> None:
        self._left = self._left[1:]
        self._offer_next()

    def _discard(self, left: Left) -> None:
        self._background.run(partial(forget, left), lambda _none: None)
        self._later()

    def _bring_back(self, left: Left) -> None:
        copy = left.copy
        assert copy is not None

        def show(read: tuple[Document, list[str]]) -> None:
            self._brought_back = left
            self._model.bring_back(read[0], left.name, left.path)
            self.said.emit(f"“{left.name}” is back as it was; save it (Ctrl+S)")
            self._later()

        def refuse(error: Exception) -> None:
            message_box(self._window, QMessageBox.Icon.Warning, "Nothing was changed", str(error))

        self._files.when_safe(lambda: self._background.run(lambda: read_document(copy), show, refuse, DocumentError))

    def _on_copied(self) -> None:
        """What was brought back has a copy in this session: the one that was left behind is not needed any more."""
        left, self._brought_back = self._brought_back, None
        if left is not None:
            self._background.run(partial(forget, left), lambda _none: None)

    def _show_report(self, left: Left) -> None:
        box = message_box(
            self._window,
            QMessageBox.Icon.NoIcon,
            "The program ended unexpectedly",
            "The report says where the program was. It helps to correct the program.",
            f"It stands in {left.folder} and was sent to nobody.",
            buttons={Buttons.Close: ""},
        )
        box.setDetailedText(left.report)
