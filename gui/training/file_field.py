"""A field for a file's path, and a reader that finds out in the background what the file holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from engine.file_kinds import FORMATS
from engine.setting import Setting
from engine.tables.answers import DataError
from gui.document.files import choose_file
from gui.jobs.background import Background
from gui.widgets.labels import NameLabel
from gui.widgets.layouts import in_column, in_row
from gui.widgets.own_keys import LendsUndo

_BREATH_S = 0.0002  # a pause after every few milliseconds of reading, in which the window's thread has its turn


class FileField(QWidget):
    """The path of one file setting; empty means what comes with the program.

    page: the button that shows how a table is read; summary: what is learnt of it. A text has neither.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting
        self.line = QLineEdit(placeholderText=setting.zero)
        self.line.setAccessibleName(setting.label)
        LendsUndo(self.line)
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._choose)
        layout = in_column(in_row((self.line, 1), choose), inside=self, margins=0, spacing=4)
        self.page = QPushButton("How this file is read…", autoDefault=False)
        self.summary = NameLabel("note")  # names of columns must not widen the panel
        for part in (self.page, self.summary):
            part.setParent(self)
            part.setVisible(setting.kind == "table")
        if setting.kind == "table":
            layout.addWidget(self.page, 0, Qt.AlignmentFlag.AlignLeft)
            layout.addWidget(self.summary)
        self.setFocusProxy(self.line)

    def _choose(self) -> None:
        title = f"Choose the {self._setting.label_inside}"
        formats = [FORMATS["table" if self._setting.kind == "table" else "text"]]
        choose_file(self, title, self.line.text(), formats, lambda path: self.line.setText(str(path)))


class FileReader(QObject):
    """Reads a data file in the background; only what is wanted last is heard of, and nothing else is read to its end.

    read: given what is wanted, such as a path and how it is to be read, and a question that is True as soon as it
    should stop, returns what the file holds or raises DataError.
    content: what `read` returned, None while it is not known; error: its DataError, None without.
    """

    finished = Signal()

    def __init__(self, read: Callable[[Any, Callable[[], bool]], Any], parent: QObject) -> None:
        super().__init__(parent)
        self._read = read
        self._background = Background("columns", self)
        self._wanted: Any = None
        self.content: Any = None
        self.error: Exception | None = None

    @property
    def busy(self) -> bool:
        """Whether a file is being read."""
        return self._background.busy

    def knows(self, wanted: Any) -> bool:
        """Say whether it is known, or being found out, what this file holds, or why it cannot be read."""
        return wanted == self._wanted and (self.busy or self.content is not None or self.error is not None)

    def forget(self) -> None:
        """Hear of no file, and stop reading: another one is being typed, or nobody asks any more."""
        self._wanted, self.content, self.error = None, None, None
        self._background.drop()

    def read(self, wanted: Any) -> None:
        """Read what is wanted unless that is under way; `finished` follows. Until then what is known of it holds."""
        if wanted != self._wanted:
            self.forget()
        elif self.busy:
            return
        self._wanted = wanted
        # Apart: a network that does not answer must not hold up the next file.
        self._background.run_apart(
            lambda dropped: self._read(wanted, lambda: dropped.wait(_BREATH_S)),
            lambda content: self._finish(content, None),
            lambda error: self._finish(None, error),
            DataError,
        )

    def _finish(self, content: Any, error: Exception | None) -> None:
        self.content, self.error = content, error
        self.finished.emit()
