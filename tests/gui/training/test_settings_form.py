"""The form of the training settings, made from their declaration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import psutil
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from engine.runs.messages import Stop
from engine.settings.config import TrainingConfig, check, settings
from gui.runs import devices
from gui.runs.devices import KnownDevices
from gui.training.form.form_data import ON_PAGE
from gui.training.stored_config import USUAL
from gui.widgets.setting_boxes import number_box
from gui.widgets.spin_boxes import WholeBox
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, click, dialog, trigger
from tests.gui.training.settings_forms import Form, written_flu

HELD_BACK = ("clamped", "frozen")
"""Settings that the form shows only where they are set: these have a panel of their own."""
IN_FORM = tuple(setting for setting in settings() if setting.name not in ON_PAGE)
"""The others stand on the page on how a file is read."""


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    return Form(qtbot, TrainingConfig())


@pytest.fixture
def flu(tmp_path: Path) -> Path:
    return written_flu(tmp_path)


def test_every_setting_has_a_field_with_its_words(form: Form):
    words = {label.text() for label in form.form.findChildren(QLabel)}
    for setting in IN_FORM:
        field = form.field(setting.name)
        assert field.toolTip().startswith(setting.sentence)
        assert field.focusProxy() is not None or field.accessibleName() == setting.label
        if setting.name != "task":
            assert any(text.startswith(setting.brief) for text in words), setting.name
        if setting.kind in ("int", "float"):
            assert isinstance(field, (QSpinBox, QDoubleSpinBox))
            assert setting.maximum is not None
            assert setting.minimum is not None
            assert field.minimum() == pytest.approx(setting.minimum)
            assert field.maximum() == pytest.approx(min(setting.maximum, 2**31 - 1))


def test_what_it_shows_is_what_it_gives_back(qtbot: QtBot, flu: Path):
    config = TrainingConfig(
        task="series",
        series_file=str(flu),
        series_column="cases",
        series_inputs="cases, 4",
        cell="lstm",
        clamped="f=1",
        frozen="layer2.W_o",
        twin="on",
        cell_size=40,
        hidden_size=20,
        layers=3,
        sequence_length=77,
        batch_size=5,
        optimizer="sgd",
        momentum=0.5,
        learning_rate=0.0025,
        clip_norm=0.25,
        forget_bias=-1.5,
        seed=2**31 - 1,
        device="cpu",
        steps=100_000_000,
        worker="thread",
    )
    check(config)
    form = Form(qtbot, config)
    assert form.form.values() == config
    qtbot.waitUntil(lambda: form.summary.startswith("“cases” is forecast"))
    assert form.problem == ""
    assert form.used == []  # nothing was chosen


def test_used_settings_are_those_that_were_typed(form: Form, qtbot: QtBot):
    box = form.field("cell_size")
    assert isinstance(box, QSpinBox)
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "24")
    rate = form.field("learning_rate")
    assert isinstance(rate, QDoubleSpinBox)
    rate.selectAll()
    qtbot.keyClicks(rate, "0.0005")
    optimizer = form.field("optimizer")
    assert isinstance(optimizer, QComboBox)
    optimizer.setCurrentText("RMSprop")
    assert form.used[-1] == replace(TrainingConfig(), cell_size=24, learning_rate=0.0005, optimizer="rmsprop")


def test_a_combination_that_cannot_be_trained_is_told_and_not_used(form: Form):
    form.form.set_value("cell_size", 8)
    form.form.set_value("hidden_size", 12)
    assert form.used == [replace(TrainingConfig(), cell_size=8)]
    assert "n = 12 is larger than cell size k = 8" in form.problem
    assert form.form.values().hidden_size == 12, "what was chosen stays"
    form.form.set_value("hidden_size", 4)
    assert form.problem == ""
    assert form.used[-1] == replace(TrainingConfig(), cell_size=8, hidden_size=4)


def test_what_is_chosen_elsewhere_leaves_what_does_not_fit_yet(form: Form):
    form.form.set_value("hidden_size", 20)
    assert "n = 20" in form.problem
    form.form.show_config(replace(TrainingConfig(), twin="on"))
    assert form.form.values() == replace(TrainingConfig(), twin="on", hidden_size=20)
    assert "n = 20" in form.problem


def test_a_setting_that_acts_at_once_is_told_whatever_else_does_not_fit(form: Form):
    told: list[tuple[str, object]] = []
    form.form.live_changed.connect(lambda name, value: told.append((name, value)))
    form.form.set_value("hidden_size", 20)
    form.form.set_value("learning_rate", 0.5)
    assert told == [("learning_rate", 0.5)]
    assert form.used == []


def test_a_file_that_may_not_be_read_yet_is_not(qtbot: QtBot, tmp_path: Path):
    config = TrainingConfig(task="series", series_file=str(tmp_path / "theirs.csv"))
    form = Form(qtbot, config, may_read=lambda asked: not asked.series_file)
    form.form.set_value("cell_size", 24)
    assert form.problem == ""
    assert form.used == [replace(config, cell_size=24)]


def test_rows_appear_where_they_matter(form: Form):
    for setting in IN_FORM:
        if setting.counts is not None:
            continue  # see below
        if not setting.tasks and setting.only_when is None:
            held_back = setting.name in HELD_BACK
            assert form.field(setting.name).isVisible() is not held_back, setting.name
            continue
        other, *values = ("task", *setting.tasks) if setting.tasks else setting.only_when
        chooser = next(s for s in settings() if s.name == other)
        for choice in (chooser.default, *chooser.choices, chooser.default):
            form.form.set_value(other, choice)
            assert form.field(setting.name).isVisible() is (choice in values and setting.name not in HELD_BACK), (
                setting.name,
                choice,
            )


def test_of_how_long_a_run_goes_on_only_what_counts_is_shown(form: Form):
    def shown() -> list[str]:
        return [name for name in ("goal", "steps", "until", "limit") if form.field(name).isVisible()]

    assert shown() == ["steps", "until"]  # the adding problem says what solved is
    form.form.set_value("until", "solved")
    assert shown() == ["until", "limit"]
    form.form.set_value("task", "sine")  # which says it in words alone
    assert shown() == ["goal", "steps"]
    form.form.set_value("goal", "measure below 0.1 for 50 steps")
    form.form.show_config(form.used[-1])
    assert shown() == ["goal", "until", "limit"]
    assert form.used[-1].goal == "measure below 0.1 for 50 steps"


def test_undo_is_the_windows_while_nothing_is_typed_in_the_goal(form: Form, qtbot: QtBot):
    goal = form.field("goal")

    def keeps_undo() -> bool:
        press = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Z, CONTROL)
        press.ignore()
        QApplication.sendEvent(goal, press)
        return press.isAccepted()

    assert not keeps_undo()
    qtbot.keyClicks(goal, "loss")
    assert keeps_undo()


def test_a_goal_that_nobody_can_understand_is_told_in_a_sentence_and_not_used(form: Form):
    form.form.set_value("task", "sine")
    form.form.set_value("goal", "good enough")
    assert form.problem.startswith("Goal (goal) is 'good enough'; write loss or measure, below or above, a number, ")
    assert all(config.goal == "" for config in form.used)


def test_restore_puts_every_default_back(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(task="series", cell_size=3, optimizer="sgd", steps=7, device="cpu"))
    click(qtbot, form.form.usual)
    usual = replace(USUAL, task="series")  # those of a window at first: a run goes on until it is solved
    assert form.form.values() == usual
    qtbot.waitUntil(lambda: form.used == [usual])


def test_devices_are_named_as_they_were_found(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(), (("cpu", "CPU, 2 cores"), ("cuda:0", "NVIDIA H200")))
    combo = form.field("device")
    assert isinstance(combo, QComboBox)
    assert [combo.itemText(i) for i in range(combo.count())] == ["Automatic", "CPU, 2 cores", "NVIDIA H200"]
    combo.setCurrentIndex(2)
    assert form.form.values().device == "cuda:0"


def test_devices_that_are_found_later_leave_the_choice_alone(form: Form):
    combo = form.field("device")
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(combo.findData("cpu"))
    form.form.show_devices((("cpu", "CPU, 2 cores"), ("cuda:0", "NVIDIA H200")))
    assert combo.currentText() == "CPU, 2 cores"
    assert combo.count() == 3


def test_a_device_that_is_not_there_any_more_is_still_named(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(device="cuda:3"), (("cpu", "CPU"),))
    assert form.form.values().device == "cuda:3"


def test_a_file_is_chosen_by_a_dialog(form: Form, qtbot: QtBot, tmp_path):
    form.form.set_value("task", "series")
    path = tmp_path / "flu.csv"
    path.write_text("week,cases\n1,5\n", "utf-8")
    field = form.field("series_file")
    button = field.findChild(QPushButton)
    assert button is not None
    click(qtbot, button)
    box = dialog(qtbot, field, QFileDialog)
    line = box.findChild(QLineEdit, "fileNameEdit")
    assert line is not None
    line.setText(str(path))
    buttons = box.findChild(QDialogButtonBox)
    assert buttons is not None
    click(qtbot, buttons.button(QDialogButtonBox.StandardButton.Open))
    assert form.form.values().series_file == str(path)


def test_the_form_shows_the_rows_that_matter_and_never_widens_with_a_path(qtbot: QtBot, tmp_path: Path):
    form = Form(qtbot, TrainingConfig())
    form.form.set_value("task", "series")
    form.form.set_value("optimizer", "sgd")
    width = form.form.minimumSizeHint().width()
    form.form.set_value("series_file", str(tmp_path / ("x" * 200) / ("y" * 200)))
    qtbot.waitUntil(lambda: "cannot be read" in form.problem)
    assert form.form.minimumSizeHint().width() <= width + 1
    values = form.form.values()
    matter = {
        setting.name
        for setting in IN_FORM
        if setting.name not in HELD_BACK and setting.matters(partial(getattr, values))
    }
    for setting in IN_FORM:
        assert form.field(setting.name).isVisible() is (setting.name in matter), setting.name


def test_a_task_of_the_users_own_stays_chosen(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(task="own:not-there"))
    assert form.form.values().task == "own:not-there"


def test_the_task_stays_chosen_when_tasks_of_ones_own_are_found(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", str(tmp_path))
    (tmp_path / "mine.py").write_text("an error", "utf-8")
    form = Form(qtbot, TrainingConfig(task="anbn"))
    box = form.form.task
    qtbot.waitUntil(lambda: box.findData("own:mine") >= 0)
    assert form.form.values().task == "anbn"
    form.form.show_config(TrainingConfig(task="parity"))
    (tmp_path / "second.py").write_text("an error", "utf-8")
    box.look()
    qtbot.waitUntil(lambda: box.findData("own:second") >= 0)
    assert form.form.values().task == "parity"


def test_what_another_panel_set_can_be_emptied_here(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(clamped="f=1"))
    assert form.field("clamped").isVisible()
    assert not form.field("frozen").isVisible()
    form.form.set_value("cell", "gru")
    assert "Clamped gates" in form.problem
    form.form.set_value("clamped", "")
    assert form.used == [TrainingConfig(cell="gru")]


@pytest.mark.parametrize("value", [0.01, 1e-6, 0.0005, 250.0])
def test_small_numbers_are_shown_as_people_write_them(qtbot: QtBot, value: float):
    (setting,) = (s for s in settings() if s.name == "learning_rate")
    box = number_box(setting)
    qtbot.addWidget(box)
    box.setValue(value)
    assert box.value() == pytest.approx(value)
    assert box.text() == f"{value:g}".replace("1e-06", "1·10⁻⁶")


def test_a_number_that_is_refused_is_not_used(form: Form, qtbot: QtBot):
    form.parent.activateWindow()
    box = form.field("cell_size")
    assert isinstance(box, WholeBox)
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "5000")
    qtbot.keyClick(box, Key.Key_Return)
    assert "a whole number from 1 to 1,024 is needed" in box.refusal
    assert all(used.cell_size <= 1024 for used in form.used)
    box.selectAll()
    qtbot.keyClicks(box, "50")
    qtbot.keyClick(box, Key.Key_Return)
    assert form.used[-1] == replace(TrainingConfig(), cell_size=50)


def _never_finds(commands: SimpleQueue[Any], _send: Callable[[object], None]) -> None:
    """The work of a child that looks for devices until it is told to stop."""
    while not isinstance(commands.get(), Stop):
        pass


@pytest.fixture
def endless_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """No search ends before a test has got hold of it, however busy the machine is."""
    monkeypatch.setattr(devices, "_ask", _never_finds)


def search_of(known: KnownDevices, qtbot: QtBot) -> psutil.Process:
    """The process that looks for devices."""
    (search,) = [job.child for job in known._background._apart]
    assert search is not None
    qtbot.waitUntil(lambda: search.pid is not None)
    return psutil.Process(search.pid)


@pytest.mark.usefixtures("endless_search")
def test_a_search_for_devices_that_is_killed_is_told_and_can_be_repeated(own_window: MainWindow, qtbot: QtBot) -> None:
    training = own_window.training
    said: list[str] = []
    training.said.connect(said.append)
    for count in (1, 2):
        training.open_settings()
        search_of(training._devices, qtbot).kill()
        qtbot.waitUntil(lambda count=count: len(said) == count)
        assert said[-1].startswith("The devices cannot be listed: the process that looks for them was killed (SIGKILL")
        assert said[-1].endswith("; close other programs, then open the settings again.")


@pytest.mark.usefixtures("endless_search")
def test_nobody_waits_for_a_search_for_devices_when_the_window_closes(
    windows: Windows, own_window: MainWindow, qtbot: QtBot
) -> None:
    known = own_window.training._devices
    known.look()
    search = search_of(known, qtbot)
    search.suspend()  # it will never end by itself
    windows.close(own_window)
    search.wait(4)


def test_the_window_finds_the_real_devices_and_uses_the_settings(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    trigger(window, "settings")
    assert window.stage.workspace == "train"
    form = window.training.panel.form
    assert form.isVisible()
    qtbot.waitUntil(lambda: bool(window.training._devices.all), timeout=60_000)
    combo = form.field("device")
    assert isinstance(combo, QComboBox)
    names = {combo.itemData(i): combo.itemText(i) for i in range(combo.count())}
    assert set(names) >= {"auto", "cpu"}
    form.set_value("cell_size", 12)
    form.set_value("hidden_size", 6)
    form.set_value("steps", 50)
    config = window.training.controller.config
    assert (config.cell_size, config.hidden_size, config.steps) == (12, 6, 50)
