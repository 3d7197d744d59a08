"""Reads the data that the settings form names, in the background, and keeps what the page on the file answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.settings.config import TrainingConfig
from engine.tables.answers import Answers, DataError, OpenQuestion, ShouldStop
from engine.tasks import TASKS
from engine.tasks.characters import chosen_text
from engine.tasks.data_file import answers_of
from engine.tasks.data_reading import TABLE_TASKS, DataFile, file_of, read_data
from engine.tasks.task_settings import READING
from gui.appearance.theme import Appearance
from gui.training.file_field import FileReader
from gui.training.reading.page import ReadingPage
from gui.training.reading.words import COLUMNS, in_window, learnt_words

ON_PAGE = (*READING, *COLUMNS)
"""The settings that the page answers."""
_FRESH = {name: getattr(TrainingConfig(), name) for name in ON_PAGE}


class FormData(QObject):
    """Reads what the settings of a form name.

    values: the settings as they stand in the form, with `answers` among them. may_read: whether the files that they
    name may be read yet; those of somebody else's recording are asked for before.
    """

    finished = Signal()
    """A file was read, or could not be."""
    answered = Signal(object)
    """The TrainingConfig that the page was left with."""

    def __init__(
        self,
        config: TrainingConfig,
        values: Callable[[], TrainingConfig],
        may_read: Callable[[TrainingConfig], bool],
        appearance: Appearance,
        form: QWidget,
    ) -> None:
        super().__init__(form)
        self.answers: dict[str, Any] = {}
        self._answered: dict[str, dict[str, Any]] = {}
        """What was answered about each file, so that a path typed anew brings it back."""
        self.show(config)
        self._values = values
        self._may_read = may_read
        self._appearance = appearance
        self._form = form
        self._ask_when_read = False
        self._readers = {
            task.name: FileReader(_read_table if task.name in TABLE_TASKS else lambda file, _: chosen_text(file), self)
            for task in TASKS.values()
            if task.data_file
        }
        for reader in self._readers.values():
            reader.finished.connect(self._on_finished)

    @property
    def busy(self) -> bool:
        """Whether the file of the task is being read."""
        reader = self._reader()
        return reader is not None and reader.busy

    @property
    def problem(self) -> str:
        """Why the file of the task, or a column of it, cannot be used, "" if it can or that is open."""
        reader = self._reader()
        if reader is None:
            return ""
        if reader.error is not None:
            return in_window(str(reader.error))
        try:
            if isinstance(reader.content, DataFile):
                reader.content.require_columns(self._values())
        except DataError as error:
            return "" if isinstance(error, OpenQuestion) else in_window(str(error))
        return ""

    def show(self, config: TrainingConfig) -> None:
        """Take the answers that a config has."""
        self.answers = {name: getattr(config, name) for name in ON_PAGE}
        self._keep(config)

    def read(self) -> None:
        """Read the file of the task, unless what it holds is known."""
        reader = self._reader()
        if reader is not None and not reader.knows(self._wanted()):
            reader.read(self._wanted())

    def require(self, config: TrainingConfig) -> bool:
        """Say whether the data are known; where not, they are read: also again, for a file may have been mended.

        Raises OpenQuestion or DataError where they do not fit the settings.
        """
        reader = self._reader()
        if reader is None:
            return True
        if reader.content is None or not reader.knows(self._wanted()):
            reader.read(self._wanted())
            return False
        if isinstance(reader.content, DataFile):
            reader.content.require(config)
        return True

    def take_file(self, other_file: bool) -> None:
        """Take what was answered about the file that the form names now.

        other_file: its path is another one; the columns may be in it too, else it is read as it says itself.
        """
        config = self._values()
        if config.task in TABLE_TASKS:
            columns = {name: self.answers[name] for name in COLUMNS} if other_file else {}
            self.answers = self._answered.setdefault(file_of(config), _FRESH | columns)
        if other_file:
            self._ask_when_read = True
            for reader in self._readers.values():
                reader.forget()

    def restore(self) -> None:
        """Take every answer back, about whichever file."""
        self.answers = dict(_FRESH)
        self._answered.clear()
        self._keep(self._values())

    def summary(self) -> str:
        """Say what is learnt of the table, "" where that is not known."""
        reader = self._reader()
        content = reader.content if reader is not None else None
        return learnt_words(content.table, self._values()) if isinstance(content, DataFile) else ""

    def show_page(self) -> None:
        """Show how the file is read, and ask what it leaves open."""
        self._ask_when_read = False
        ReadingPage(self._values(), self.answered.emit, self._appearance, self._form).open()

    def close(self) -> None:
        """Hear of no file any more."""
        self._ask_when_read = False
        for reader in self._readers.values():
            reader.forget()

    def _keep(self, config: TrainingConfig) -> None:
        """Keep the answers as those about the file of the task: nothing else has been answered."""
        if config.task in TABLE_TASKS:
            self._answered[file_of(config)] = self.answers

    def _reader(self) -> FileReader | None:
        """Return who reads the data of the task, None where there are none to read."""
        config = self._values()
        reads = bool(file_of(config)) or (config.task in TABLE_TASKS and TABLE_TASKS[config.task].reads_shipped)
        return self._readers.get(config.task) if reads and self._may_read(config) else None

    def _wanted(self) -> object:
        config = self._values()
        return (file_of(config), answers_of(config)) if config.task in TABLE_TASKS else file_of(config)

    def _on_finished(self) -> None:
        self.finished.emit()
        if self._ask_when_read and self._is_open():
            self.show_page()

    def _is_open(self) -> bool:
        """Say whether the file leaves something open that nobody has answered."""
        try:
            reader = self._reader()
            if reader is not None and isinstance(reader.content, DataFile):
                reader.content.require(self._values())
        except DataError as error:
            return isinstance(error, OpenQuestion)
        return False


def _read_table(wanted: tuple[str, Answers], should_stop: ShouldStop) -> DataFile:
    return read_data(*wanted, should_stop)
