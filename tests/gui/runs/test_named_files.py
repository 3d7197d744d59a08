"""Files that a recording names: nothing is read before somebody has agreed in the window."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.runs.dialogs import ask_files
from gui.runs.named_files import NamedFiles
from gui.views.step.step import SlowStepView
from gui.views.task.task import TaskView
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import answer, dialog, dialogs
from tests.gui.runs.test_travel import open_run, record

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.Cancel


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run, and the text that it learnt from."""
    folder = tmp_path_factory.mktemp("recorded")
    text = folder / "text.txt"
    text.write_text("Once upon a time there was a cell. " * 50, encoding="utf-8")
    task = TrainingConfig(task="characters", text_file=str(text), cell_size=3, sequence_length=6, batch_size=4)
    return record(folder / "run.lstmrec", replace(task, steps=20)), text


@pytest.fixture
def text(recorded: tuple[Path, Path]) -> Path:
    return recorded[1]


@pytest.fixture
def sent(recorded: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copy(recorded[0], tmp_path))


def question(qtbot: QtBot, window: MainWindow, text: Path) -> QMessageBox:
    box = dialog(qtbot, window, QMessageBox)
    assert box.text() == "This recording uses a file on your computer:"
    assert box.informativeText().startswith(f"{text}\n\nRead it? A recording can come from anyone, and a task of your")
    assert box.button(YES).text() == "Read it"
    assert box.textFormat() == Qt.TextFormat.PlainText
    return box


def test_a_file_that_a_recording_names_is_read_only_after_asking(
    own_window: MainWindow, qtbot: QtBot, sent: Path, text: Path
) -> None:
    window = own_window
    controller = window.training.controller
    failures: list[str] = []
    controller.failed.connect(lambda sentence, _trace: failures.append(sentence))
    away = text.rename(text.with_suffix(".away"))  # whoever reads it now says that it is not there
    open_run(window, sent)
    window.stage.show_view("task")
    task = window.stage.view("task")
    assert isinstance(task, TaskView)
    qtbot.waitUntil(lambda: f"{text}, which has not been read" in task.empty.text())
    window.stage.show_view("slow-motion")
    step = window.stage.view("slow-motion")
    assert isinstance(step, SlowStepView)
    window.training.open_settings()
    assert window.training.panel.form.values().text_file == str(text)
    assert window.training.panel.form.problem == ""  # it has not tried to read the file
    for ask in (
        step.begin,
        window.training.start_over,
        window.training.step,
        window.training.train,
    ):
        ask()
        answer(qtbot, question(qtbot, window, text), NO)
    qtbot.waitUntil(lambda: controller.run.recorded is not None)
    assert not failures
    assert step.apart is None
    away.rename(text)
    step.begin()
    answer(qtbot, question(qtbot, window, text), YES)
    qtbot.waitUntil(lambda: step.apart is not None)
    window.actions_by_name["train"].trigger()  # asked for once
    qtbot.waitUntil(lambda: controller.run.recorded is None and controller.run.state is State.FINISHED)
    assert not dialogs(window, QMessageBox)


def test_a_run_of_the_library_is_gone_on_with_after_asking(
    own_window: MainWindow, qtbot: QtBot, sent: Path, text: Path
) -> None:
    controller = own_window.training.controller
    own_window.training.recordings.resume(sent)
    answer(qtbot, question(qtbot, own_window, text), NO)
    assert controller.run.last is None
    own_window.training.recordings.resume(sent)
    answer(qtbot, question(qtbot, own_window, text), YES)
    qtbot.waitUntil(lambda: controller.run.state is State.FINISHED)


def test_a_file_that_nobody_has_agreed_to_is_not_remembered(windows: Windows, settings: QSettings, sent: Path) -> None:
    window = windows.open(settings)
    open_run(window, sent)
    windows.close(window)
    assert json.loads(str(settings.value("training")))["text_file"] == ""


def test_only_what_came_with_a_recording_is_asked_for() -> None:
    named = NamedFiles()
    asked: list[tuple[str, ...]] = []
    named.leave_wanted.connect(lambda files, _then: asked.append(files))
    mine = TrainingConfig(task="characters", text_file="/mine.txt")
    theirs = TrainingConfig(task="characters", text_file="/theirs.txt", series_file="/idle.csv")
    assert not named.asks(mine, lambda: None)
    assert named.came_with(mine, mine) == mine
    assert not named.asks(mine, lambda: None)
    used = named.came_with(theirs, mine)
    assert (used.text_file, used.series_file) == ("/theirs.txt", "")  # another task would read it
    assert named.asks(used, lambda: None)
    assert asked == [("/theirs.txt",)]
    assert "/theirs.txt, which has not been read" in named.unread(used)
    named.chosen(used)
    assert named.unread(used) == ""
    named.came_with(theirs, mine)
    assert named.unread(used) == ""


def test_another_task_and_back_asks_all_the_same(
    windows: Windows, settings: QSettings, qtbot: QtBot, sent: Path, text: Path
) -> None:
    window = windows.open(settings)
    open_run(window, sent)
    named, controller = window.training.recordings.named, window.training.controller
    for task in ("outbreak", "characters", "outbreak"):
        window.training.panel.form.set_value("task", task)
        assert controller.config.task == task
        assert controller.config.text_file == str(text)
        assert bool(named.unread(controller.config)) == (task == "characters")
    windows.close(window)
    kept = json.loads(str(settings.value("training")))
    assert (kept["task"], kept["text_file"]) == ("outbreak", "")  # nobody would ask any more


@pytest.mark.parametrize("task", ["series", "characters", "outbreak", "adding", "own:mine"])
def test_what_nobody_has_agreed_to_is_not_kept_and_the_rest_is(task: str) -> None:
    named = NamedFiles()
    mine = TrainingConfig(task="characters", text_file="/mine.txt")
    for theirs in (
        TrainingConfig(task="series", series_file="/theirs.csv"),
        TrainingConfig(task="outbreak", counts_file="/theirs too.csv"),
        TrainingConfig(task="own:theirs"),
    ):
        named.came_with(theirs, mine)
    named.chosen(replace(mine, task="own:mine"), besides=mine)
    kept = named.to_keep(
        replace(mine, task=task, series_file="/theirs.csv", counts_file="/theirs too.csv", batch_size=7)
    )
    assert kept == replace(mine, task=task, batch_size=7)
    assert named.to_keep(TrainingConfig(task="own:theirs", batch_size=7)) == TrainingConfig(batch_size=7)
    named.chosen(TrainingConfig(task="own:theirs"), besides=mine)  # it alone is named by the task
    assert named.to_keep(TrainingConfig(task="own:theirs")).task == "own:theirs"


def test_several_files_are_asked_for_together(own_window: MainWindow, qtbot: QtBot) -> None:
    ask_files(own_window, ("/one.csv", "own:two"), lambda: None)
    box = dialog(qtbot, own_window, QMessageBox)
    assert box.text() == "This recording uses files on your computer:"
    assert box.informativeText().startswith("/one.csv\nown:two\n\nRead them? A recording can come from anyone, and")
    assert box.button(YES).text() == "Read them"
    answer(qtbot, box, NO)


def test_an_answer_goes_on_with_what_was_wanted() -> None:
    named, done = NamedFiles(), []
    named.leave_wanted.connect(lambda _files, agreed: agreed())
    config = named.came_with(TrainingConfig(task="own:mine"), TrainingConfig())
    assert named.asks(config, lambda: done.append("run"))
    assert done == ["run"]
    assert not named.asks(config, lambda: None)
