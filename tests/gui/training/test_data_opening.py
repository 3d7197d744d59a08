"""A table or a text that is dropped on the window becomes the data of the next run, after its page has been used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6 import __version_info__ as version_info
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from engine.file_kinds import RECORDING
from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.appearance.stored import Stored
from gui.help.keys import KeysWindow
from gui.training.reading.page import ReadingPage
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import alive, close_dialog, dialog, dialogs, sentence_of, trigger, wait_until
from tests.gui.training.settings_forms import SlowDisk, days, press_button, read
from tests.gui.training.test_reading_page import THOUSANDS

PROSE = "Call me Ishmael. Some years ago, never mind how long,\n" * 20
SMALL = TrainingConfig(cell_size=2, batch_size=2, sequence_length=5, steps=2, worker="thread", device="cpu")


def drop(window: MainWindow, path: Path) -> None:
    """Let go of a file over the window, as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    place = QPoint if version_info < (6, 12) else QPointF  # each version knows one of them, or calls it old
    QApplication.sendEvent(window, QDragEnterEvent(place(50, 50), *how))
    QApplication.sendEvent(window, QDropEvent(QPointF(50, 50), *how))


def dropped(qtbot: QtBot, window: MainWindow, path: Path) -> ReadingPage:
    drop(window, path)
    page = dialog(qtbot, window, ReadingPage)
    read(qtbot, page)
    return page


def use(qtbot: QtBot, page: ReadingPage) -> None:
    press_button(qtbot, page, "Use")
    qtbot.waitUntil(lambda: not alive(page))


@pytest.mark.parametrize("name", ["flu.csv", "flu.TSV", "flu.txt"])
def test_a_table_that_is_dropped_opens_its_page_and_is_what_the_next_run_learns(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str
):
    path = tmp_path / name
    path.write_text(days(150, "cases").replace(",", "\t"), "utf-8")
    document = window.model.document
    window.training.controller.config = SMALL
    page = dropped(qtbot, window, path)
    use(qtbot, page)
    assert window.training.controller.config == replace(SMALL, task="series", series_file=str(path))
    assert window.model.document is document
    assert f"The next run will learn from {name}" in window.statusBar().currentMessage()
    assert window.training.panel.form.task.currentText() == "Series forecast"


def test_a_page_that_is_left_changes_nothing(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "visitors.tsv"
    path.write_text(THOUSANDS, "utf-8")
    window.training.controller.config = SMALL
    page = dropped(qtbot, window, path)
    drop(window, path)  # a second one is not opened over the first
    assert len(dialogs(window, ReadingPage)) == 1
    assert "A dialog is open" in window.statusBar().currentMessage()
    press_button(qtbot, page, "Cancel")
    qtbot.waitUntil(lambda: not alive(page))
    assert window.training.controller.config == SMALL


@pytest.mark.parametrize("text", [PROSE, "one\n\ntwo 2 three\n" * 9])
def test_a_text_that_is_dropped_is_learnt_character_by_character(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, text: str
):
    path = tmp_path / "moby.txt"
    path.write_text(text, "utf-8")
    window.training.controller.config = SMALL
    drop(window, path)
    qtbot.waitUntil(lambda: window.training.controller.config.task == "characters")
    assert window.training.controller.config == replace(SMALL, task="characters", text_file=str(path))
    assert (
        "moby.txt holds no table of numbers, so the next run learns it as a text" in window.statusBar().currentMessage()
    )
    assert dialogs(window, QDialog) == []


@pytest.mark.parametrize("text", [PROSE, days(150, "cases")])
def test_a_dialog_that_is_opened_while_a_text_is_read_is_left_alone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, text: str
):
    path = tmp_path / "moby.txt"
    path.write_text(text, "utf-8")
    window.training.controller.config = SMALL
    drop(window, path)
    trigger(window, "keys")
    form = dialog(qtbot, window, KeysWindow)
    qtbot.waitUntil(lambda: "A dialog is open" in window.statusBar().currentMessage())
    assert dialogs(window, ReadingPage) == []
    assert window.training.controller.config == SMALL
    close_dialog(qtbot, form)


def test_what_is_neither_is_refused(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "picture.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))
    window.training.controller.config = SMALL
    drop(window, path)
    assert "picture.txt" in sentence_of(qtbot, window)
    assert window.training.controller.config == SMALL


def test_a_run_is_taken_up_again_as_its_file_was_read_and_asks_nothing(
    windows: Windows, settings: Stored, qtbot: QtBot, tmp_path: Path, runs_folder: Path
):
    window = windows.open(settings)
    path = tmp_path / "visitors.tsv"
    path.write_text(THOUSANDS, "utf-8")
    training = window.training
    training.controller.config = SMALL
    page = dropped(qtbot, window, path)
    page.answer("data_decimal", "comma")
    read(qtbot, page)
    use(qtbot, page)
    trigger(window, "train")
    wait_until(lambda: training.controller.run.state is State.FINISHED)
    facts = training.controller.run.facts
    assert facts is not None
    assert facts.value_name == "visitors"
    (recorded,) = runs_folder.glob(f"*{RECORDING.suffix}")
    windows.close(window)
    window = windows.open(settings)
    training = window.training
    window.files.open(recorded)
    wait_until(lambda: training.controller.run.recorded is not None)
    config = training.controller.run.config
    assert (config.data_decimal, config.data_header, config.series_column) == ("comma", "yes", "visitors")
    training.resume()
    wait_until(lambda: training.controller.run.recorded is None and training.controller.active)
    assert dialogs(window, QDialog) == []
    assert training.controller.run.config.data_decimal == "comma"


@pytest.fixture
def held(windows: Windows, settings: Stored, tmp_path: Path, disk: SlowDisk) -> tuple[MainWindow, Callable[[], None]]:
    """A window whose next run learns from a file that is not read yet, and what lets it be read."""
    window = windows.open(settings)
    path = tmp_path / "flu.csv"
    path.write_text(days(150, "cases"), "utf-8")
    window.training.controller.config = replace(SMALL, task="series", series_file=str(path))
    disk.hold(path)
    return window, lambda: disk.let_go(path)


def test_training_begins_as_soon_as_its_file_has_been_read(held: tuple[MainWindow, Callable[[], None]]):
    window, let_go = held
    controller = window.training.controller
    for begins in ("train", "stop", "one step"):  # the last counts
        trigger(window, begins)
    assert "Training begins as soon as the data file has been read" in window.statusBar().currentMessage()
    assert not controller.active
    let_go()
    wait_until(lambda: controller.run.state is State.PAUSED and controller.run.history.count == 1)
    assert dialogs(window, QDialog) == []


def test_training_that_was_stopped_while_its_file_was_read_does_not_begin(held: tuple[MainWindow, Callable[[], None]]):
    window, let_go = held
    trigger(window, "train")
    trigger(window, "stop")
    let_go()
    wait_until(lambda: not window.training.panel.form.reading)
    assert not window.training.controller.active
