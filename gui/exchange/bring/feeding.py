"""The sequence that a network from elsewhere is fed with: random, typed, a text, or from a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QWidget

from engine.errors import PlainError
from engine.file_kinds import FORMATS, Format
from engine.formats.bringing.sequences import (
    LONGEST,
    RANDOM_STEPS,
    Fed,
    file_sequence,
    given_sequence,
    random_sequence,
    text_of_file,
    text_sequence,
    typed_sequence,
    vocabulary_of,
    vocabulary_typed,
)
from gui.appearance.theme import Appearance
from gui.document.files import choose_file
from gui.jobs.background import Background
from gui.training.reading.words import in_window
from gui.widgets.buttons import Button
from gui.widgets.editor import Editor
from gui.widgets.labels import NameLabel, called, text_label
from gui.widgets.layouts import REST, in_column, in_row
from gui.widgets.segments import Segments
from gui.widgets.spin_boxes import WholeBox

_SOURCES = ("Random", "Typed", "Text", "File", "With it", "The run’s")
_RANDOM, _TYPED, _TEXT, _FILE, _GIVEN, _OF_RUN = range(len(_SOURCES))
_PAUSE_MS = 250
"""Without a key, before what is typed is read."""
_MOST_STEPS = 10_000
_LINE_END = "↵"
"""Stands for one in a vocabulary that is written in one line."""
_BREATH_S = 0.0002
_SEQUENCES = Format("a sequence", "sequences", (".npy", ".npz", *FORMATS["table"].suffixes))
_NO_FILE = "Choose a file: columns of numbers (CSV), or an array of T × m numbers (.npy, .npz)."
Read = Callable[[], Fed]


class FeedBox(QWidget):
    """Lets the sequence be chosen, and reads it in the background for a layer of m inputs."""

    changed = Signal()
    """Another sequence is there, or none, or it is being read."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.setAcceptDrops(True)
        self._background = Background("documents-sequence", self)
        self._m = 0
        self.fed: Fed | None = None
        """The sequence; None while it is being read, and where there is none."""
        self.problem = ""
        """Why there is none, in one sentence."""
        px = appearance.px
        self.sources = Segments([(words, "") for words in _SOURCES], appearance)
        self.sources.choose(_RANDOM)
        self.sources.chosen.connect(self._on_source)
        self.steps = called("Time steps", WholeBox(1, _MOST_STEPS, "How many time steps are drawn"))
        self.steps.setValue(RANDOM_STEPS)
        self.seed = called("Seed", WholeBox(0, 999_999, "Another seed draws other numbers"))
        self.typed, self.text = _editor("One row of numbers for each time step"), _editor("A text")
        self.vocabulary = called("Characters of the text", Editor())
        self.vocabulary.setPlaceholderText("the characters of the text, sorted")
        self.file = NameLabel("muted")
        self.said = text_label("", "note", wrap=True, cut=True)
        self.choose = Button("Choose a file…")
        self.choose.clicked.connect(lambda: choose_file(self, "Choose a sequence", "", [_SEQUENCES], self.read_file))
        self._path: Path | None = None
        self._given: NDArray[np.floating] | None = None
        self._of_run: NDArray[np.floating] | None = None
        for source in (_GIVEN, _OF_RUN):
            self.sources.offer(source, False)
        self._vocabulary: tuple[str, ...] = ()
        """The entries of a file, as long as nothing else is typed in their place."""
        self._pages = QStackedWidget()
        for page in (self._random(), self.typed, self._of_text(), self._of_file(), QWidget(), QWidget()):
            self._pages.addWidget(page)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._soon.timeout.connect(self.read)
        for changed in (self.typed.textChanged, self.text.textChanged, self.vocabulary.textChanged):
            changed.connect(lambda *_text: self._soon.start())
        for box in (self.steps, self.seed):
            box.valueChanged.connect(self.read)
        in_column(self.sources, (self._pages, 1), self.said, inside=self, margins=0, spacing=px(8))

    def _random(self) -> QWidget:
        page = QWidget()
        row = in_row(
            self.steps, text_label("time steps, seed"), self.seed, REST, margins=0, spacing=self._appearance.px(6)
        )
        in_column(row, REST, inside=page, margins=0)
        return page

    def _of_text(self) -> QWidget:
        page = QWidget()
        of_text, of_vocabulary = Button("Text from a file…"), Button("From a file…")
        of_text.clicked.connect(lambda: self._choose_text("Choose a text", self._show_text))
        of_vocabulary.setToolTip("A line for each entry, in the order of the network’s inputs; or a text, sorted")
        of_vocabulary.clicked.connect(lambda: self._choose_text("Choose a vocabulary", self._show_vocabulary))
        line = in_row(text_label("Vocabulary"), (self.vocabulary, 1), of_vocabulary)
        in_column((self.text, 1), line, in_row(of_text, REST), inside=page, margins=0, spacing=self._appearance.px(4))
        return page

    def _of_file(self) -> QWidget:
        page = QWidget()
        in_column(in_row(self.choose, (self.file, 1)), REST, inside=page, margins=0)
        return page

    def _choose_text(self, title: str, use: Callable[[str], None]) -> None:
        choose_file(self, title, "", [FORMATS["text"]], lambda path: self._read_text(path, use))

    def _read_text(self, path: Path, use: Callable[[str], None]) -> None:
        self._background.run(partial(text_of_file, path), use, self._miss, PlainError)

    def _show_vocabulary(self, text: str) -> None:
        try:
            entries = vocabulary_of(text)
        except PlainError as error:
            self._miss(error)
            return
        self._vocabulary = entries
        self.vocabulary.setText(_in_line(entries))

    def _show_text(self, text: str) -> None:
        """Show the beginning of a text; a vocabulary that is not given is that of the whole text."""
        if len(text) > LONGEST and not self.vocabulary.text():
            self._show_vocabulary("".join(sorted(set(text))))
        self.text.setPlainText(text[:LONGEST])

    def close_reading(self) -> None:
        """End what is done in the background."""
        self._background.close()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self.read_file(path)

    # What is read

    def show_inputs(self, m: int) -> None:
        """Read the sequence for a layer of m inputs."""
        if m != self._m:
            self._m = m
            self._show_of_run()
            self.read()

    def offer_given(self, x: NDArray[np.floating] | None) -> None:
        """Offer the sequence x (T, m) that the network's file has beside it, and choose it; None: there is none."""
        self._given = x
        self.sources.offer(_GIVEN, x is not None)
        source = _GIVEN if x is not None else _RANDOM if self.sources.choice == _GIVEN else self.sources.choice
        if source != self.sources.choice or x is not None:
            self.sources.choose(source)
            self._on_source(source)

    def offer_of_run(self, x: NDArray[np.floating] | None) -> None:
        """Offer the sequence x (T, m) that the shown run is looked at with: then both can be compared over it."""
        self._of_run = x
        self._show_of_run()

    def _show_of_run(self) -> None:
        fits = self._of_run is not None and self._of_run.shape[1] == self._m
        self.sources.offer(_OF_RUN, fits)
        if not fits and self.sources.choice == _OF_RUN:
            self.sources.choose(_RANDOM)
            self._on_source(_RANDOM)

    def read_file(self, path: Path) -> None:
        """Take the sequence of a file."""
        self._path = path
        self.file.show_name(path.name)
        self.sources.choose(_FILE)
        self._on_source(_FILE)

    def type_rows(self, text: str) -> None:
        """Take typed rows."""
        self.typed.setPlainText(text)
        self.sources.choose(_TYPED)
        self._on_source(_TYPED)

    def _on_source(self, source: int) -> None:
        self._pages.setCurrentIndex(source)
        self.read()

    def read(self) -> None:
        """Read what is chosen, in the background; `changed` follows."""
        self._soon.stop()
        self.fed, self.problem = None, ""
        if not self._m:
            return
        source, m = self.sources.choice, self._m
        if source == _FILE:
            self._read_file(m)
            return
        work: Read
        if source == _RANDOM:
            work = partial(random_sequence, m, self.steps.value(), self.seed.value())
        elif source == _GIVEN and self._given is not None:
            work = partial(given_sequence, self._given, m)
        elif source == _OF_RUN and self._of_run is not None:
            work = partial(given_sequence, self._of_run, m, "the run that is shown")
        elif source == _TYPED:
            work = partial(typed_sequence, self.typed.toPlainText(), m)
        else:
            work = partial(text_sequence, self.text.toPlainText(), m, self.entries)
        self._background.drop()
        self._background.run(work, partial(self._take, source), self._miss, PlainError, "sequence")
        self._tell()

    @property
    def entries(self) -> tuple[str, ...]:
        """The vocabulary: as it was typed, words where there are spaces between, or as a file had it."""
        typed, known = self.vocabulary.text(), self._vocabulary
        return known if known and typed == _in_line(known) else vocabulary_typed(typed.replace(_LINE_END, "\n"))

    def _read_file(self, m: int) -> None:
        if self._path is None:
            self._miss(PlainError(_NO_FILE))
            return

        def work(dropped: Event) -> Fed:
            assert self._path is not None
            return file_sequence(self._path, m, should_stop=lambda: dropped.wait(_BREATH_S))

        self._background.run_apart(work, partial(self._take, _FILE), self._miss, PlainError)
        self._tell()

    def _take(self, source: int, fed: Fed) -> None:
        if source == self.sources.choice and fed.x.shape[1] == self._m:
            self.fed, self.problem = fed, ""
            self._tell()

    def _miss(self, error: Exception) -> None:
        self.fed, self.problem = None, in_window(str(error))
        self._tell()

    def _tell(self) -> None:
        words = self.fed.words if self.fed is not None else self.problem or "The sequence is being read …"
        is_named = self._path is not None and words.startswith(self._path.name)  # whose letters stay as they are
        self.said.setText(words if is_named else words[:1].upper() + words[1:])
        self.changed.emit()


def _editor(placeholder: str) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setPlaceholderText(placeholder)
    made.setAccessibleName(placeholder)
    made.setTabChangesFocus(True)
    made.setAcceptDrops(False)  # a file is for the whole box
    made.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
    return made


def _dropped(event: QDropEvent) -> Path | None:
    """Return the file of a sequence that is dropped, or dragged over the box."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return next((path for path in paths if path.suffix.casefold() in _SEQUENCES.suffixes), None)


def _in_line(entries: tuple[str, ...]) -> str:
    between = "" if all(len(entry) == 1 for entry in entries) else " "
    return between.join(entries).replace("\n", _LINE_END)
