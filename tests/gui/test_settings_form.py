"""The form of the training settings, made from their declaration."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.config import TrainingConfig, check, settings
from engine.tasks.series import Columns, columns_of
from gui.main_window import MainWindow
from gui.panels import settings_form
from gui.panels.settings_form import SettingsDialog, number_box
from tests.gui.driving import CONTROL, Key, alive, click, dialog, press, turn_wheel
from tests.timing import assert_within, timed

Button = QDialogButtonBox.StandardButton


class Form:
    """The dialog, opened on a widget, and the configs it was used with."""

    def __init__(self, qtbot: QtBot, config: TrainingConfig, devices: tuple[tuple[str, str], ...] = ()) -> None:
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        self.parent.show()
        self.used: list[TrainingConfig] = []
        self.dialog = SettingsDialog(config, devices, self.used.append, self.parent)
        self.dialog.open()
        self._qtbot = qtbot

    def click(self, button: Button) -> None:
        box = self.dialog.findChild(QDialogButtonBox)
        assert box is not None
        click(self._qtbot, box.button(button))

    def field(self, name: str) -> QWidget:
        return self.dialog._rows[name][0]

    @property
    def column(self) -> QComboBox:
        field = self.field("series_column")
        assert isinstance(field, QComboBox)
        return field

    @property
    def columns(self) -> list[str]:
        return [self.column.itemText(i) for i in range(self.column.count())]

    @property
    def problem(self) -> str:
        """What the dialog says; nothing stands there hidden."""
        assert self.dialog.problem.isVisible() is bool(self.dialog.problem.text())
        return self.dialog.problem.text()


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    return Form(qtbot, TrainingConfig())


@pytest.fixture
def flu(tmp_path: Path) -> Path:
    path = tmp_path / "flu.csv"
    rows = (f"{week},{'BA'[week % 2]},{week % 7},{week % 5}\n" for week in range(1, 101))
    path.write_text("week,place,cases,deaths\n" + "".join(rows), "utf-8")
    return path


def days(count: int, *names: str) -> str:
    """A table of days and, for each name, a number a day."""
    rows = (",".join([str(day), *(str(day % (3 + place)) for place in range(len(names)))]) for day in range(count))
    return "\n".join((",".join(("day", *names)), *rows)) + "\n"


class SlowDisk:
    """Holds back what is read from chosen files until it is let go."""

    def __init__(self) -> None:
        self.held: dict[str, threading.Event] = {}
        self.begun: list[str] = []

    def hold(self, path: Path) -> None:
        self.held[str(path)] = threading.Event()

    def let_go(self, path: Path) -> None:
        self.held[str(path)].set()

    def read(self, file: str, should_stop: Callable[[], bool]) -> Columns:
        self.begun.append(file)
        if file in self.held:
            assert self.held[file].wait(30)
        return columns_of(file, should_stop)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    slow = SlowDisk()
    monkeypatch.setattr(settings_form, "columns_of", slow.read)
    yield slow
    for event in slow.held.values():
        event.set()


def reading() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("columns")]


def test_every_setting_has_a_field_with_its_words(form: Form):
    words = {label.text() for label in form.dialog.findChildren(QLabel)}
    for setting in settings():
        field = form.field(setting.name)
        assert field.toolTip().startswith(setting.sentence)
        assert setting.label in words
        if setting.kind in ("int", "float"):
            assert isinstance(field, (QSpinBox, QDoubleSpinBox))
            assert setting.maximum is not None
            assert setting.minimum is not None
            assert field.minimum() == pytest.approx(setting.minimum)
            assert field.maximum() == pytest.approx(min(setting.maximum, 2**31 - 1))
            if setting.unit:
                assert setting.unit in field.suffix()


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
    assert form.dialog.values() == config
    form.click(Button.Ok)
    qtbot.waitUntil(lambda: form.used == [config])


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
    form.click(Button.Ok)
    (used,) = form.used
    assert used == replace(TrainingConfig(), cell_size=24, learning_rate=0.0005, optimizer="rmsprop")


def test_a_combination_that_cannot_be_trained_keeps_the_form_open(form: Form):
    form.dialog.set_value("cell_size", 8)
    form.dialog.set_value("hidden_size", 12)
    form.click(Button.Ok)
    assert form.dialog.isVisible()
    assert form.used == []
    assert "n = 12 is larger than cell size k = 8" in form.dialog.problem.text()
    assert form.dialog.problem.isVisible()
    form.dialog.set_value("hidden_size", 4)
    form.click(Button.Ok)
    assert form.used == [replace(TrainingConfig(), cell_size=8, hidden_size=4)]


def test_cancel_uses_nothing(form: Form):
    form.dialog.set_value("cell_size", 8)
    form.click(Button.Cancel)
    assert form.used == []


def test_rows_appear_where_they_matter(form: Form):
    for setting in settings():
        if setting.only_when is None:
            held_back = setting.name in ("clamped", "frozen")  # these have a panel of their own
            assert form.field(setting.name).isVisible() is not held_back, setting.name
            continue
        other, value = setting.only_when
        chooser = next(s for s in settings() if s.name == other)
        for choice in (chooser.default, *chooser.choices, chooser.default):
            form.dialog.set_value(other, choice)
            assert form.field(setting.name).isVisible() is (choice == value), (setting.name, choice)


def test_restore_puts_every_default_back(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(task="series", cell_size=3, optimizer="sgd", steps=7, device="cpu"))
    form.click(Button.RestoreDefaults)
    assert form.dialog.values() == TrainingConfig()
    assert form.used == []
    assert form.dialog.isVisible()


def test_devices_are_named_as_they_were_found(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(), (("cpu", "CPU, 2 cores"), ("cuda:0", "NVIDIA H200")))
    combo = form.field("device")
    assert isinstance(combo, QComboBox)
    assert [combo.itemText(i) for i in range(combo.count())] == ["Automatic", "CPU, 2 cores", "NVIDIA H200"]
    combo.setCurrentIndex(2)
    assert form.dialog.values().device == "cuda:0"


def test_devices_that_are_found_later_leave_the_choice_alone(form: Form):
    combo = form.field("device")
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(combo.findData("cpu"))
    form.dialog.show_devices((("cpu", "CPU, 2 cores"), ("cuda:0", "NVIDIA H200")))
    assert combo.currentText() == "CPU, 2 cores"
    assert combo.count() == 3


def test_a_device_that_is_not_there_any_more_is_still_named(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(device="cuda:3"), (("cpu", "CPU"),))
    assert form.dialog.values().device == "cuda:3"


def test_a_file_is_chosen_by_a_dialog(form: Form, qtbot: QtBot, tmp_path):
    form.dialog.set_value("task", "series")
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
    click(qtbot, buttons.button(Button.Open))
    assert form.dialog.values().series_file == str(path)


def series(path: Path | str, column: str = "") -> TrainingConfig:
    return TrainingConfig(task="series", series_file=str(path), series_column=column)


def test_the_columns_of_the_shipped_data_can_be_picked(qtbot: QtBot):
    form = Form(qtbot, series(""))
    qtbot.waitUntil(lambda: form.columns == ["Automatic (sunspots)", "year", "sunspots"])
    assert form.column.currentData() == ""
    assert not form.column.isEditable()
    assert form.problem == ""
    form.column.setCurrentText("year")
    form.click(Button.Ok)
    assert form.used == [series("", "year")]


def test_the_columns_of_a_file_that_is_typed_can_be_picked(qtbot: QtBot, flu: Path):
    form = Form(qtbot, series(""))
    line = form.field("series_file").findChild(QLineEdit)
    assert line is not None
    qtbot.keyClicks(line, str(flu))
    qtbot.waitUntil(lambda: form.columns == ["Automatic (cases)", "week", "cases", "deaths"])
    assert form.dialog.values() == series(flu)
    form.column.setCurrentText("deaths")
    form.click(Button.Ok)
    assert form.used == [series(flu, "deaths")]


def test_a_path_is_read_when_it_is_typed_and_not_at_every_key(qtbot: QtBot, flu: Path, disk: SlowDisk):
    form = Form(qtbot, series(""))
    line = form.field("series_file").findChild(QLineEdit)
    assert line is not None
    qtbot.keyClicks(line, str(flu))
    qtbot.waitUntil(lambda: "Automatic (cases)" in form.columns)
    assert len(disk.begun) < 5
    assert disk.begun[-1] == str(flu)


def test_the_column_is_picked_by_keys_and_wheel(qtbot: QtBot, flu: Path):
    form = Form(qtbot, series(flu))
    qtbot.waitUntil(lambda: form.column.count() == 4)
    form.column.setFocus()
    qtbot.keyClick(form.column, Key.Key_Down)
    assert form.column.currentData() == "week"
    qtbot.keyClick(form.column, Key.Key_End)
    assert form.column.currentData() == "deaths"
    turn_wheel(form.column, 15)
    assert form.column.currentData() == "cases"


@pytest.mark.parametrize(("stored", "value"), [("deaths", "deaths"), ("Deaths", "deaths"), ("4", "deaths"), ("", "")])
def test_a_stored_column_stays_chosen(qtbot: QtBot, flu: Path, stored: str, value: str):
    form = Form(qtbot, series(flu, stored))
    assert form.column.currentData() == stored  # also while the file is read
    qtbot.waitUntil(lambda: "cases" in form.columns)
    assert form.column.currentData() == value
    assert form.columns == ["Automatic (cases)", "week", "cases", "deaths"]


@pytest.mark.parametrize(
    ("stored", "shown", "sentence"),
    [
        ("births", "births (not in this file)", "flu.csv: there is no column 'births'; choose one of 'week',"),
        ("place", "place (no numbers)", "flu.csv, line 2, column 'place': a number was expected, but found 'A'"),
    ],
)
def test_a_column_that_cannot_be_used_is_named_and_refused(
    qtbot: QtBot, flu: Path, stored: str, shown: str, sentence: str
):
    form = Form(qtbot, series(flu, stored))
    qtbot.waitUntil(lambda: form.column.currentText() == shown)
    assert form.dialog.values() == series(flu, stored)
    form.click(Button.Ok)
    assert form.problem.startswith(sentence)
    assert form.used == []
    form.column.setFocus()
    qtbot.keyClick(form.column, Key.Key_Home)
    assert form.problem == "", "it is about a column that is not chosen any more"
    form.click(Button.Ok)
    assert form.used == [series(flu)]


def test_a_chosen_column_goes_along_to_another_file(qtbot: QtBot, flu: Path, tmp_path: Path):
    form = Form(qtbot, series(flu, "deaths"))
    other, without = tmp_path / "other.csv", tmp_path / "without.csv"
    other.write_text("day,Deaths\n1,1\n", "utf-8")
    without.write_text("day,births\n1,1\n", "utf-8")
    form.dialog.set_value("series_file", str(without))
    qtbot.waitUntil(lambda: form.columns == ["Automatic (births)", "day", "births", "deaths (not in this file)"])
    form.dialog.set_value("series_file", str(other))
    qtbot.waitUntil(lambda: form.columns == ["Automatic (Deaths)", "day", "Deaths"])
    assert form.column.currentData() == "Deaths"


def test_a_file_that_cannot_be_read_is_told_at_once_and_nothing_is_lost(qtbot: QtBot, flu: Path, tmp_path: Path):
    form = Form(qtbot, series(flu, "deaths"))
    form.dialog.set_value("cell_size", 24)
    missing = tmp_path / "<b>gone</b>.csv"
    form.dialog.set_value("series_file", str(missing))
    qtbot.waitUntil(lambda: "the file cannot be read" in form.problem)
    assert form.problem.startswith(str(missing))
    assert form.problem.count(".csv") == 1
    assert form.dialog.problem.objectName() == "note"
    typed = replace(series(missing, "deaths"), cell_size=24)
    assert form.dialog.values() == typed
    sentence = form.problem
    form.click(Button.Ok)
    assert form.problem == sentence
    assert form.used == []
    assert form.dialog.isVisible()
    form.dialog.set_value("series_file", str(flu))
    assert form.problem == ""
    qtbot.waitUntil(lambda: "cases" in form.columns)
    form.click(Button.Ok)
    assert form.used == [replace(typed, series_file=str(flu))]


def test_a_file_that_is_mended_meanwhile_is_read_again(qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "late.csv"
    form = Form(qtbot, series(path))
    qtbot.waitUntil(lambda: "cannot be read" in form.problem)
    path.write_text(days(100, "cases"), "utf-8")
    form.click(Button.Ok)
    assert "cannot be read" in form.problem
    qtbot.waitUntil(lambda: form.problem == "")
    assert form.used == []
    form.click(Button.Ok)
    assert form.used == [series(path)]


def test_an_unreadable_file_matters_to_the_series_alone(qtbot: QtBot, tmp_path: Path):
    form = Form(qtbot, series(tmp_path / "gone.csv"))
    qtbot.waitUntil(lambda: "cannot be read" in form.problem)
    form.dialog.set_value("task", "adding")
    assert form.problem == ""
    form.dialog.set_value("task", "series")
    assert "cannot be read" in form.problem
    form.dialog.set_value("task", "adding")
    form.click(Button.Ok)
    assert [config.task for config in form.used] == ["adding"]


def test_use_waits_for_the_file(qtbot: QtBot, flu: Path, disk: SlowDisk):
    disk.hold(flu)
    form = Form(qtbot, series(flu, "births"))
    form.click(Button.Ok)
    assert form.problem == "The data file is being read …"
    assert form.used == []
    disk.let_go(flu)
    qtbot.waitUntil(lambda: "no column 'births'" in form.problem)
    assert form.used == []
    form.dialog.set_value("series_file", "")
    form.dialog.set_value("series_column", "")
    form.click(Button.Ok)  # at once, before the pause that ends the typing
    qtbot.waitUntil(lambda: form.used == [series("")])


def test_another_path_takes_back_a_use_that_waits(qtbot: QtBot, flu: Path, disk: SlowDisk):
    disk.hold(flu)
    form = Form(qtbot, series(flu))
    form.click(Button.Ok)
    form.dialog.set_value("series_file", "")
    assert form.problem == ""
    disk.let_go(flu)
    qtbot.waitUntil(lambda: form.columns[0] == "Automatic (sunspots)")
    assert form.used == []
    assert form.dialog.isVisible()


def test_a_late_result_is_dropped_and_holds_nothing_up(qtbot: QtBot, flu: Path, tmp_path: Path, disk: SlowDisk):
    slow = tmp_path / "slow.csv"
    slow.write_text("births\n5\n", "utf-8")
    disk.hold(slow)
    form = Form(qtbot, series(slow))
    qtbot.waitUntil(lambda: disk.begun == [str(slow)])
    form.dialog.set_value("series_file", str(flu))
    qtbot.waitUntil(lambda: form.columns[0] == "Automatic (cases)")  # while the other is still being read
    disk.let_go(slow)
    qtbot.waitUntil(lambda: not reading())
    form.dialog.set_value("series_file", "")  # whatever the slow one gave has come before this is read
    qtbot.waitUntil(lambda: form.columns[0] != "Automatic")
    assert form.columns[0] == "Automatic (sunspots)"


def test_a_result_that_was_on_its_way_is_dropped(qtbot: QtBot, flu: Path, disk: SlowDisk):
    form = Form(qtbot, series(flu))
    late: list[object] = []
    reader = form.dialog._data["series"][1]
    reader.finished.connect(lambda: late.append(reader.content))
    reader.read("")  # as from a dialog whose file is another now
    reader._finish(str(flu), columns_of(str(flu)), "")
    assert late == []
    qtbot.waitUntil(lambda: len(late) == 1)
    assert form.columns[0] == "Automatic (sunspots)"


@pytest.mark.parametrize("use", [False, True])
def test_closing_while_a_file_is_read(qtbot: QtBot, flu: Path, disk: SlowDisk, use: bool):
    disk.hold(flu)
    form = Form(qtbot, series(flu))
    qtbot.waitUntil(lambda: disk.begun == [str(flu)])
    if use:
        form.click(Button.Ok)
    form.click(Button.Cancel)
    qtbot.waitUntil(lambda: not alive(form.dialog))
    disk.let_go(flu)
    qtbot.waitUntil(lambda: not reading())
    other = Form(qtbot, series(""))  # its result comes after that of the first would have
    qtbot.waitUntil(lambda: other.columns[0] == "Automatic (sunspots)")
    assert form.used == []
    other.click(Button.Cancel)
    qtbot.waitUntil(lambda: not reading())


def test_a_window_that_goes_with_its_dialog_while_a_file_is_read(qtbot: QtBot, flu: Path, disk: SlowDisk):
    disk.hold(flu)
    form = Form(qtbot, series(flu))
    qtbot.waitUntil(lambda: disk.begun == [str(flu)])
    form.parent.close()
    shiboken6.delete(form.parent)
    assert not alive(form.dialog)
    disk.let_go(flu)
    other = Form(qtbot, series(""))
    qtbot.waitUntil(lambda: other.columns[0] == "Automatic (sunspots)")


def test_the_dialog_grows_with_its_rows_and_never_with_a_path(qtbot: QtBot, tmp_path: Path):
    form = Form(qtbot, TrainingConfig())
    width, height = form.dialog.width(), form.dialog.height()
    form.dialog.set_value("task", "series")
    form.dialog.set_value("optimizer", "sgd")
    assert form.dialog.height() > height
    form.dialog.set_value("series_file", str(tmp_path / ("x" * 200) / ("y" * 200)))
    qtbot.waitUntil(lambda: "cannot be read" in form.problem)
    assert form.dialog.width() == width
    form.dialog.set_value("series_column", "z" * 300)
    assert form.field("series_column").width() < width
    values = form.dialog.values()
    matter = {
        setting.name
        for setting in settings()
        if setting.name not in ("clamped", "frozen")
        and (setting.only_when is None or getattr(values, setting.only_when[0]) == setting.only_when[1])
    }
    for setting in settings():
        assert form.field(setting.name).isVisible() is (setting.name in matter), setting.name

    def cut_off() -> list[str]:
        """The fields of which a part is not seen; Qt takes a turn to put away a scroll bar that is not needed."""
        return [
            name for name in matter if form.field(name).visibleRegion().boundingRect().size() != form.field(name).size()
        ]

    qtbot.waitUntil(lambda: not cut_off())


def test_every_row_fits_on_a_screen_of_720_lines(own_window: MainWindow, qtbot: QtBot, flu: Path):
    for task in ("series", "outbreak", "characters"):
        config = TrainingConfig(task=task, optimizer="sgd", series_file=str(flu))
        form = SettingsDialog(config, (), lambda _: None, own_window)
        form.open()
        qtbot.waitUntil(lambda form=form: form._scroll.viewport().height() >= form._inside.minimumSizeHint().height())
        assert form.height() <= 0.9 * 720
        form.reject()
        qtbot.waitUntil(lambda form=form: not alive(form))


def typed(form: Form, qtbot: QtBot, name: str, text: str) -> QLineEdit:
    line = form.field(name)
    line = line if isinstance(line, QLineEdit) else line.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    return line


def test_input_columns_are_completed_after_each_comma(qtbot: QtBot, flu: Path):
    form = Form(qtbot, series(flu, "deaths"))
    qtbot.waitUntil(lambda: "cases" in form.columns)
    line = typed(form, qtbot, "series_inputs", "cases, d")
    assert "flu.csv has: 1 week, 3 cases, 4 deaths" in line.toolTip()
    popup = line.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClick(popup, Key.Key_Down)
    qtbot.keyClick(popup, Key.Key_Return)
    assert line.text() == "cases, deaths"
    qtbot.waitUntil(lambda: not popup.isVisible())
    form.click(Button.Ok)
    assert form.used == [replace(series(flu, "deaths"), series_inputs="cases, deaths")]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ("cases, births", "flu.csv: there is no column 'births'; choose one of 'week', 'place', 'cases', 'deaths'."),
        ("cases, 2", "flu.csv, line 2, column 'place': a number was expected, but found 'A'"),
    ],
)
def test_an_input_column_that_cannot_be_used_is_refused(qtbot: QtBot, flu: Path, inputs: str, sentence: str):
    form = Form(qtbot, replace(series(flu), series_inputs=inputs))
    qtbot.waitUntil(lambda: "cases" in form.columns)
    form.click(Button.Ok)
    assert form.problem.startswith(sentence)
    assert form.used == []
    typed(form, qtbot, "series_inputs", "all")
    assert form.problem == ""
    form.click(Button.Ok)
    assert form.used == [replace(series(flu), series_inputs="all")]


def test_a_sequence_longer_than_the_data_is_refused(qtbot: QtBot, flu: Path):
    form = Form(qtbot, replace(series(flu), sequence_length=80))
    form.click(Button.Ok)
    qtbot.waitUntil(lambda: "flu.csv has 100 rows, but sequences of 80 time steps need at least" in form.problem)
    form.dialog.set_value("sequence_length", 79)
    form.click(Button.Ok)
    assert form.used == [replace(series(flu), sequence_length=79)]


def test_own_counts_take_the_place_of_simulated_ones(qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "counts.csv"
    path.write_text(days(80, "Bern", "Basel"), "utf-8")
    form = Form(qtbot, TrainingConfig(task="outbreak"))
    line = form.field("counts_file").findChild(QLineEdit)
    assert line is not None
    assert line.placeholderText() == "simulated outbreaks"
    assert form.field("outbreak_r0").isVisible()
    typed(form, qtbot, "counts_file", str(path))
    assert not form.field("outbreak_r0").isVisible()
    assert not form.field("reported_share").isVisible()
    form.click(Button.Ok)
    qtbot.waitUntil(lambda: form.used == [TrainingConfig(task="outbreak", counts_file=str(path))])


def test_counts_that_are_none_are_told_at_once(qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "counts.csv"
    path.write_text("day,Bern,Basel\n1,5,0\n2,3,-1\n", "utf-8")
    form = Form(qtbot, TrainingConfig(task="outbreak", counts_file=str(path)))
    qtbot.waitUntil(lambda: form.problem.startswith("counts.csv, line 3, column 'Basel': a whole number"))
    form.dialog.set_value("task", "series")
    assert form.problem == ""
    form.dialog.set_value("task", "outbreak")
    assert "found -1" in form.problem
    form.dialog.set_value("counts_file", "")
    assert form.problem == ""
    form.click(Button.Ok)
    assert form.used == [TrainingConfig(task="outbreak")]


def test_a_text_file_is_read_too(qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "poem.txt"
    form = Form(qtbot, TrainingConfig(task="characters"))
    typed(form, qtbot, "text_file", str(path))
    qtbot.waitUntil(lambda: "the file cannot be read" in form.problem)
    path.write_text("abc " * 500, "utf-8")
    form.click(Button.Ok)
    qtbot.waitUntil(lambda: form.problem == "")
    form.click(Button.Ok)
    assert form.used == [TrainingConfig(task="characters", text_file=str(path))]


@timed
@pytest.mark.parametrize("how", ["close", "other file", "delete"])
def test_a_large_file_is_read_no_further_than_it_is_wanted(qtbot: QtBot, tmp_path: Path, flu: Path, how: str):
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("day,cases\n")
        for first in range(0, 3_000_000, 100_000):
            file.write("".join(f"{day},{day % 7}\n" for day in range(first, first + 100_000)))
    form = Form(qtbot, series(path))
    qtbot.waitUntil(lambda: form.problem == "The data file is being read …")
    if how == "close":
        form.click(Button.Cancel)
    elif how == "delete":
        shiboken6.delete(form.parent)
    else:
        form.dialog.set_value("series_file", str(flu))
    begin = time.monotonic()
    qtbot.waitUntil(lambda: not reading())
    assert_within(time.monotonic() - begin, 0.5)  # the whole takes seconds
    if how == "other file":
        qtbot.waitUntil(lambda: form.columns[0] == "Automatic (cases)")


def test_a_task_of_the_users_own_stays_chosen(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(task="own:not-there"))
    assert form.dialog.values().task == "own:not-there"


def test_what_another_panel_set_can_be_emptied_here(qtbot: QtBot):
    form = Form(qtbot, TrainingConfig(clamped="f=1"))
    assert form.field("clamped").isVisible()
    assert not form.field("frozen").isVisible()
    form.dialog.set_value("cell", "gru")
    form.click(Button.Ok)
    assert "Clamped gates" in form.problem
    form.dialog.set_value("clamped", "")
    form.click(Button.Ok)
    assert form.used == [TrainingConfig(cell="gru")]


@pytest.mark.parametrize("value", [0.01, 1e-6, 0.0005, 250.0])
def test_small_numbers_are_shown_as_people_write_them(qtbot: QtBot, value: float):
    (setting,) = (s for s in settings() if s.name == "learning_rate")
    box = number_box(setting)
    qtbot.addWidget(box)
    box.setValue(value)
    assert box.value() == pytest.approx(value)
    assert box.text() == f"{value:g}"


def test_the_window_finds_the_real_devices_and_uses_the_settings(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    press(Key.Key_Comma, CONTROL)
    form = dialog(qtbot, window, SettingsDialog)
    qtbot.waitUntil(lambda: bool(window.training._devices), timeout=60_000)
    combo = form._rows["device"][0]
    assert isinstance(combo, QComboBox)
    names = {combo.itemData(i): combo.itemText(i) for i in range(combo.count())}
    assert set(names) >= {"auto", "cpu"}
    form.set_value("cell_size", 12)
    form.set_value("hidden_size", 6)
    form.set_value("steps", 50)
    form.accept()
    qtbot.waitUntil(lambda: not alive(form) or not form.isVisible())
    config = window.training.controller.config
    assert (config.cell_size, config.hidden_size, config.steps) == (12, 6, 50)
    assert "12 → 6" in window.training.panel.network.text()
