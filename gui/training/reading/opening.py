"""Opens data files: a table on the page on how it is read, a text as what the next run learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from engine.file_kinds import FORMATS
from engine.settings.config import TrainingConfig
from engine.tables.answers import ShouldStop
from engine.tasks.characters import CharactersTask, chosen_text
from engine.tasks.data_reading import TABLE_TASKS, UnreadableError, file_of, read_data
from engine.tasks.series import SeriesTask
from engine.tasks.task_settings import READING
from gui.appearance.theme import Appearance
from gui.training.file_field import FileReader
from gui.training.reading.page import ReadingPage
from gui.training.reading.words import COLUMNS


class DataOpening(QObject):
    """Takes data files as the data of the next run."""

    used = Signal(object)
    """The TrainingConfig of the next run."""
    said = Signal(str)
    refused = Signal(str)
    """Why a file cannot be used, in one sentence."""

    def __init__(self, config: Callable[[], TrainingConfig], appearance: Appearance, window: QWidget) -> None:
        super().__init__(window)
        self._config = config
        self._appearance = appearance
        self._window = window
        self._path = Path()
        self._reader = FileReader(_is_text, self)
        self._reader.finished.connect(self._on_known)

    def open(self, path: Path) -> None:
        """Open a table on its page; a text that holds none is the text of the task of characters."""
        if self._is_dialog_open():
            return
        self._path = path
        if path.suffix.casefold() in FORMATS["text"].suffixes:
            self.said.emit(f"{path.name} is being read …")
            self._reader.read(str(path))
        else:
            self._show_page()

    def _is_dialog_open(self) -> bool:
        """Say, also to the user, whether a dialog is open, which may be about the next run itself."""
        is_open = any(dialog.isVisible() for dialog in self._window.findChildren(QDialog))
        if is_open:
            self.said.emit("A dialog is open; close it first, then open the file again")
        return is_open

    def _on_known(self) -> None:
        self.said.emit("")  # nothing is read any more
        if self._reader.error is not None:
            self.refused.emit(str(self._reader.error))
        elif self._is_dialog_open():  # since the reading began
            return
        elif self._reader.content:
            self.used.emit(replace(self._config(), task=CharactersTask.name, text_file=str(self._path)))
            self.said.emit(
                f"{self._path.name} holds no table of numbers, so the next run learns it as a text, character by "
                "character"
            )
        else:
            self._show_page()

    def _show_page(self) -> None:
        config = self._config()
        task = config.task if config.task in TABLE_TASKS else SeriesTask.name
        config = replace(config, task=task)
        if file_of(config) != str(self._path):  # another file is read anew, as it says itself
            config = unanswered(replace(config, task=SeriesTask.name, series_file=str(self._path)))
        ReadingPage(config, self._use, self._appearance, self._window).open()

    def _use(self, config: TrainingConfig) -> None:
        self.used.emit(config)
        self.said.emit(f"The next run will learn from {self._path.name}")


def unanswered(config: TrainingConfig) -> TrainingConfig:
    """Return a config with nothing answered about its file: neither how it is read nor which columns are meant."""
    fresh = TrainingConfig()
    return replace(config, **{name: getattr(fresh, name) for name in (*READING, *COLUMNS)})


def _is_text(file: str, should_stop: ShouldStop) -> bool:
    """Say whether a file is to be learnt as a text; raises DataError where it is neither table nor text."""
    try:
        is_table = read_data(file, should_stop=should_stop).has_numbers
    except UnreadableError as error:
        is_table = error.looks_like_a_table and bool(error.lines)
    if not is_table:
        chosen_text(file)
    return not is_table
