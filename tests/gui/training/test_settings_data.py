"""The form of the training settings and the data that a task is to learn: tables, counts, texts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.settings.config import TrainingConfig
from engine.tasks.series import columns_of
from gui.training import settings_form
from tests.gui.driving import Key, alive, turn_wheel
from tests.gui.training.settings_forms import Button, Form, SlowDisk, days, reading, series, typed, written_flu
from tests.timing import assert_within, timed


@pytest.fixture
def flu(tmp_path: Path) -> Path:
    return written_flu(tmp_path)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    slow = SlowDisk()
    monkeypatch.setattr(settings_form, "columns_of", slow.read)
    yield slow
    for event in slow.held.values():
        event.set()


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
    qtbot.waitUntil(lambda: form.columns == ["Automatic", "week", "cases", "deaths"])
    assert form.dialog.values() == series(flu)
    form.click(Button.Ok)
    assert form.problem.startswith("flu.csv: 2 columns can be forecast; choose one")
    assert form.used == []
    form.column.setCurrentText("deaths")
    form.click(Button.Ok)
    assert form.used == [series(flu, "deaths")]


def test_a_path_is_read_when_it_is_typed_and_not_at_every_key(qtbot: QtBot, flu: Path, disk: SlowDisk):
    form = Form(qtbot, series(""))
    line = form.field("series_file").findChild(QLineEdit)
    assert line is not None
    qtbot.keyClicks(line, str(flu))
    qtbot.waitUntil(lambda: "cases" in form.columns)
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
    assert form.columns == ["Automatic", "week", "cases", "deaths"]


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
    form.column.setCurrentText("cases")
    form.click(Button.Ok)
    assert form.used == [series(flu, "cases")]


def test_a_chosen_column_goes_along_to_another_file(qtbot: QtBot, flu: Path, tmp_path: Path):
    form = Form(qtbot, series(flu, "deaths"))
    other, without = tmp_path / "other.csv", tmp_path / "without.csv"
    other.write_text("day,Deaths\n1,1\n2,5\n", "utf-8")
    without.write_text("day,births\n1,1\n2,5\n", "utf-8")
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
    qtbot.waitUntil(lambda: "cases" in form.columns)  # while the other is still being read
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
    form = Form(qtbot, replace(series(flu, "cases"), series_inputs=inputs))
    qtbot.waitUntil(lambda: "deaths" in form.columns)
    form.click(Button.Ok)
    assert form.problem.startswith(sentence)
    assert form.used == []
    typed(form, qtbot, "series_inputs", "all")
    assert form.problem == ""
    form.click(Button.Ok)
    assert form.used == [replace(series(flu, "cases"), series_inputs="all")]


def test_a_sequence_longer_than_the_data_is_refused(qtbot: QtBot, flu: Path):
    form = Form(qtbot, replace(series(flu, "cases"), sequence_length=80))
    form.click(Button.Ok)
    qtbot.waitUntil(lambda: "flu.csv has 100 rows, but sequences of 80 time steps need at least" in form.problem)
    form.dialog.set_value("sequence_length", 79)
    form.click(Button.Ok)
    assert form.used == [replace(series(flu, "cases"), sequence_length=79)]


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
        qtbot.waitUntil(lambda: "cases" in form.columns)
