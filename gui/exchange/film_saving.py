"""The command “Save film”: offers what can be filmed, has it made in another process, and says what came of it."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.document.document import DocumentError
from engine.document.document_file import write_document
from engine.file_kinds import DOCUMENT
from engine.runs.messages import State
from engine.text.amounts import bytes_in_words
from gui.exchange.film_dialog import FilmDialog, Subject, kind_in_words
from gui.exchange.films.child import FilmProcess
from gui.exchange.films.film_choice import FilmChoice
from gui.exchange.films.schedule import schedule_of
from gui.runs.travel import FILM_S
from gui.views.base import Tools
from gui.widgets.message_box import message_box
from gui.widgets.themed.file_dialog import use_own_icons

_STEP_S = 60.0
_OF_A_RUN = {
    "live": Subject("The training: input, gates and states", "live", FILM_S, True),
    "network": Subject("The training: the diagram of the network", "diagram", FILM_S, True),
    "both": Subject("The training: the diagram beside the maps", "side-by-side", FILM_S, True),
    "step": Subject("One training step in slow motion", "slow-motion", _STEP_S, True),
}
_CANCELLED = "The film was cancelled; there is no file"
_WORKSPACE = {"task": "live", "flow": "live", "health": "live", "text": "live"}
"""What is proposed where another view is in front."""


class FilmSaving(QObject):
    """Makes one film at a time of the document or of the run that is shown."""

    said = Signal(str)
    """A sentence for the status line."""

    def __init__(self, window: QWidget, tools: Tools) -> None:
        super().__init__(window)
        self._window, self._tools = window, tools
        self._folder, self._cancelled = "", False
        self._scratch: Path | None = None
        self.process = FilmProcess(self)
        self.dialog: FilmDialog | None = None
        """Made when it is first asked for."""
        self.process.progressed.connect(self._on_progress)
        self.process.finished.connect(self._on_finished)
        self.process.failed.connect(self._on_failed)
        self.process.cancelled.connect(partial(self._rest, _CANCELLED))
        if tools.training is not None:
            tools.training.run.updated.connect(lambda _update: self._follow_training())
            tools.training.run.changed.connect(self._follow_training)

    @property
    def busy(self) -> bool:
        """Whether a film is being made, or its document is being written for it."""
        return self.process.busy or self._scratch is not None

    def end(self) -> None:
        """Make no film any more: the window closes. Does not wait."""
        self._cancel()

    def show_dialog(self, front: str) -> None:
        """Let the user choose a film, or see how far it is; front: the view of the window."""
        tools = self._tools
        if self.dialog is None:
            assert tools.stored is not None
            self.dialog = FilmDialog(tools.stored, tools.appearance, self._window.window())
            self.dialog.wanted.connect(self._on_wanted)
            self.dialog.unwanted.connect(self._cancel)
        if not self.busy:
            self.dialog.offer_subjects(self.subjects, _WORKSPACE.get(front, front))
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    @property
    def subjects(self) -> dict[str, Subject]:
        """What can be filmed now."""
        tools, found = self._tools, dict[str, Subject]()
        if not tools.model.visiting:
            legs = tools.playback.legs
            seconds = schedule_of(legs).lasts_s if legs else _STEP_S
            found["pass"] = Subject("The cell: its forward pass", "diagram", seconds)
        run = tools.training.run if tools.training is not None else None
        if run is not None and run.path is not None and run.moments:
            found |= _OF_A_RUN
        return found

    def _on_wanted(self, key: str, choice: FilmChoice) -> None:
        assert self.dialog is not None
        name = Path(self._name(key)).stem or "film"
        where = str(Path(self._folder or Path.home()) / f"{name}{choice.suffix}")
        box = QFileDialog(self.dialog, "Save film", where)
        box.setNameFilters([f"{kind_in_words(choice.suffix)[3:]} (*{choice.suffix})"])
        box.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        box.setDefaultSuffix(choice.suffix[1:])
        box.selectFile(where)
        box.fileSelected.connect(lambda path: self.begin(key, choice, Path(path)))
        box.finished.connect(box.deleteLater)
        box.open()
        use_own_icons(box)

    def _name(self, key: str) -> str:
        training = self._tools.training
        path = training.run.path if training is not None else None
        return path.stem if key != "pass" and path is not None else self._tools.model.shown.name.split(":")[0]

    def begin(self, key: str, choice: FilmChoice, out: Path) -> None:
        """Make a film of one of the subjects."""
        tools = self._tools
        if self.busy:
            return
        self._folder, self._cancelled = str(out.parent), False
        if out.suffix.casefold() != choice.suffix:
            out = out.with_name(f"{out.name}{choice.suffix}")
        if self.dialog is not None:
            self.dialog.show_making(True, "The film is being prepared …")
        self._follow_training()
        if key != "pass":
            run = tools.training.run if tools.training is not None else None
            if run is not None and run.path is not None:
                step = run.history.moment
                moment = ("--step", str(step)) if key == "step" and step is not None else ()
                self.process.begin(choice.arguments(run.path, out, moment))
            return
        document, scratch = tools.model.document, Path(tempfile.mkdtemp(prefix="lstm-visualizer-"))
        self._scratch, file = scratch, scratch / f"cell{DOCUMENT.suffix}"
        tools.background.run(
            partial(write_document, file, document),
            lambda _nothing: self._begin(choice.arguments(file, out)),
            self._on_failed,
            DocumentError,
        )

    def _begin(self, arguments: list[str]) -> None:
        if self._cancelled:
            self._rest(_CANCELLED)
        else:
            self.process.begin(arguments)

    def _cancel(self) -> None:
        self._cancelled = True
        self.process.cancel()

    def _follow_training(self) -> None:
        """Let a film be slow while a network trains."""
        training = self._tools.training
        self.process.be_slow(training is not None and training.active and training.run.state is State.RUNNING)

    def _on_progress(self, made: int, frames: int) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(made, frames)

    def _on_finished(self, path: Path, nbytes: int) -> None:
        self._rest(f"Saved {path.name} ({bytes_in_words(nbytes)})")

    def _on_failed(self, error: object) -> None:
        self._rest("")
        message_box(self._window.window(), QMessageBox.Icon.Warning, "There is no film", str(error))

    def _rest(self, words: str) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None
        if self.dialog is not None:
            self.dialog.show_making(False, words)
        if words:
            self.said.emit(words)
