"""The form of the training settings, opened for a test, and data for it to read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.settings.config import TrainingConfig
from engine.tables.answers import Answers
from engine.tasks.data_reading import DataFile, read_data
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.training.file_field import FileField
from gui.training.form.settings_form import SettingsForm
from gui.training.reading.page import ReadingPage
from gui.widgets.layouts import in_column
from tests.gui.driving import click, dialog


def light() -> Appearance:
    """The light theme of somebody of whom nothing is remembered."""
    return Appearance(Stored(Path("no-such-folder") / "settings.ini"), "light")


class Form:
    """The form in a widget of its own, and the configs it was used with."""

    def __init__(
        self,
        qtbot: QtBot,
        config: TrainingConfig,
        devices: tuple[tuple[str, str], ...] = (),
        may_read: Callable[[TrainingConfig], bool] = lambda _config: True,
    ) -> None:
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        self.used: list[TrainingConfig] = []
        self.form = SettingsForm(config, self.used.append, may_read, light())
        self.form.more.setChecked(True)
        self.form.show_devices(devices)
        in_column(self.form, inside=self.parent)
        self.parent.show()
        self._qtbot = qtbot

    def field(self, name: str) -> QWidget:
        return self.form._rows[name][0]

    def file_field(self, name: str = "series_file") -> FileField:
        field = self.field(name)
        assert isinstance(field, FileField)
        return field

    @property
    def summary(self) -> str:
        """What the form says is learnt of the series."""
        return self.file_field().summary.text()

    def page(self) -> ReadingPage:
        """Wait for the page on how the file is read."""
        return dialog(self._qtbot, self.form, ReadingPage)

    def open_page(self, name: str = "series_file") -> ReadingPage:
        click(self._qtbot, self.file_field(name).page)
        return self.page()

    def answer(self, name: str, value: str) -> None:
        """Answer a question about the file, as its page does."""
        self.form._data.answers[name] = value

    @property
    def problem(self) -> str:
        """What stands below the form."""
        return self.form.news


def press_button(qtbot: QtBot, page: ReadingPage, words: str) -> None:
    """Click a button of the page by its words."""

    def shown() -> list[QPushButton]:
        return [found for found in page.findChildren(QPushButton) if found.text() == words and found.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    click(qtbot, shown()[0])


def read(qtbot: QtBot, page: ReadingPage) -> None:
    """Wait until the file has been read as the answers have it."""
    qtbot.waitUntil(lambda: not page._reader.busy)


def written_flu(folder: Path) -> Path:
    """A table of a hundred weeks with a column of text, cases and deaths."""
    path = folder / "flu.csv"
    rows = (f"{week},{'BA'[week % 2]},{week % 7},{week % 5}\n" for week in range(1, 101))
    path.write_text("week,place,cases,deaths\n" + "".join(rows), "utf-8")
    return path


def days(count: int, *names: str) -> str:
    """A table of days and, for each name, a number a day."""
    rows = (",".join([str(day), *(str(day % (3 + place)) for place in range(len(names)))]) for day in range(count))
    return "\n".join((",".join(("day", *names)), *rows)) + "\n"


def series(path: Path | str, column: str = "") -> TrainingConfig:
    return TrainingConfig(task="series", series_file=str(path), series_column=column)


class SlowDisk:
    """Holds back what is read from chosen files until it is let go."""

    def __init__(self) -> None:
        self.held: dict[str, threading.Event] = {}
        self.begun: list[str] = []

    def hold(self, path: Path) -> None:
        self.held[str(path)] = threading.Event()

    def let_go(self, path: Path) -> None:
        self.held[str(path)].set()

    def read(self, file: str, answers: Answers, should_stop: Callable[[], bool]) -> DataFile:
        self.begun.append(file)
        if file in self.held:
            assert self.held[file].wait(30)
        return read_data(file, answers, should_stop)


def reading() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("columns")]


def typed(form: Form, qtbot: QtBot, name: str, text: str) -> QLineEdit:
    line = form.field(name)
    line = line if isinstance(line, QLineEdit) else line.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    return line
