"""A path to type or choose, and what the file behind it holds, read in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.settings.config import TrainingConfig
from engine.tables.answers import DataError
from gui.jobs.background import Background

_TABLES = "Tables (*.csv *.tsv *.txt);;All files (*)"
_TEXTS = "Texts (*.txt *.md);;All files (*)"
# What an empty path means, the caption of the dialog, and the files it shows.
_WORDS = {
    "series_file": ("yearly sunspot numbers, shipped", "Choose the data", _TABLES),
    "counts_file": ("simulated outbreaks", "Choose the counts", _TABLES),
    "text_file": ("Alice’s Adventures in Wonderland, shipped", "Choose the text", _TEXTS),
}
_BREATH_S = 0.0002  # a pause after every few milliseconds of reading, in which the window's thread has its turn


class FileField(QWidget):
    """The path of one file setting; empty means what comes with the program."""

    def __init__(self, name: str) -> None:
        super().__init__()
        placeholder, self._caption, self._filter = _WORDS[name]
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(choose)
        self.setFocusProxy(self.line)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self._caption, self.line.text(), self._filter)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.line.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class FileReader(QObject):
    """Reads a data file in the background; only the file wanted last is heard of, and no other is read to its end.

    read: given a path and a question that is True as soon as it should stop, returns what the file holds or raises
    DataError. check: raises DataError where that does not fit the settings.
    content: what `read` returned, None while it is not known; problem: the sentence of its DataError, or "".
    """

    finished = Signal()

    def __init__(
        self,
        read: Callable[[str, Callable[[], bool]], Any],
        check: Callable[[Any, TrainingConfig], None],
    ) -> None:
        super().__init__()
        self._read = read
        self._check = check
        self._background: Background | None = None
        self._stop_asked = threading.Event()
        self._wanted: str | None = None
        self.content: Any = None
        self.problem = ""
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)  # the program's end waits for every thread

    @property
    def busy(self) -> bool:
        """Whether a file is being read."""
        return self._background is not None

    def check(self, config: TrainingConfig) -> None:
        """Raise DataError where the file, which was read, does not fit the settings."""
        self._check(self.content, config)

    def forget(self) -> None:
        """Hear of no file, and stop reading: another one is being typed."""
        self._wanted, self.content, self.problem = None, None, ""
        self._stop()

    def read(self, file: str) -> None:
        """Read a file unless that is under way; `finished` follows. Until then what is known of it holds."""
        if file == self._wanted and self._background is not None:
            return
        if file != self._wanted:
            self.forget()
        self._stop()
        self._wanted = file
        stop_asked = self._stop_asked = threading.Event()
        # A thread of its own for each: a network that does not answer must not hold up the next file.
        self._background = Background("columns")
        self._background.run(
            lambda: self._read(file, lambda: stop_asked.wait(_BREATH_S)),
            lambda content: self._finish(file, content, ""),
            lambda error: self._finish(file, None, str(error)),
            DataError,
        )

    def close(self) -> None:
        """Hear of nothing any more, and wait for nothing."""
        self.forget()

    def _stop(self) -> None:
        self._stop_asked.set()
        if self._background is not None:
            self._background.close(wait=False)
            self._background = None

    def _finish(self, file: str, content: Any, problem: str) -> None:
        if file == self._wanted:  # else it came too late
            self._stop()
            self.content, self.problem = content, problem
            self.finished.emit()
