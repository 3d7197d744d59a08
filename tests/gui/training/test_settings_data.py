"""The form of the training settings and the data that a task is to learn: tables, counts, texts."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.settings.config import TrainingConfig
from engine.tables.answers import Answers
from gui.training.file_field import FileReader
from gui.training.form import form_data
from tests.gui.driving import alive, click, close_background
from tests.gui.training.settings_forms import (
    Form,
    SlowDisk,
    days,
    press_button,
    read,
    reading,
    series,
    typed,
    written_flu,
)
from tests.timing import assert_within, timed


@pytest.fixture
def flu(tmp_path: Path) -> Path:
    return written_flu(tmp_path)


SUNSPOTS = "“sunspots” is forecast"


def test_what_is_learnt_of_the_shipped_data_is_said_and_can_be_changed(qtbot: QtBot):
    form = Form(qtbot, series(""))
    qtbot.waitUntil(lambda: form.summary == SUNSPOTS)
    assert form.problem == ""
    page = form.open_page()
    read(qtbot, page)
    page.answer("series_column", "year")
    press_button(qtbot, page, "Use")
    qtbot.waitUntil(lambda: form.summary == "“year” is forecast")
    assert form.used == [series("", "year")]


def test_a_file_that_is_typed_and_leaves_something_open_shows_its_page(qtbot: QtBot, flu: Path):
    form = Form(qtbot, series(""))
    line = form.file_field().line
    qtbot.keyClicks(line, str(flu))
    page = form.page()
    read(qtbot, page)
    assert page.values() == series(flu, "cases"), "the likeliest is chosen"
    press_button(qtbot, page, "Cancel")
    qtbot.waitUntil(lambda: not alive(page))
    assert form.form.values() == series(flu)
    assert "cases" in form.problem  # which column is meant is still open
    assert "deaths" in form.problem
    assert form.used == []
    page = form.open_page()
    read(qtbot, page)
    page.answer("series_column", "deaths")
    press_button(qtbot, page, "Use")
    qtbot.waitUntil(lambda: form.summary == "“deaths” is forecast")
    assert form.used == [series(flu, "deaths")]
    assert form.problem == ""


def test_signs_that_are_open_are_answered_on_the_page(qtbot: QtBot, tmp_path: Path, flu: Path):
    path = tmp_path / "visitors.tsv"
    rows = "".join(f"{day}\t{day % 9 + 1},{day % 7 * 100 + 20:03d}\n" for day in range(150))
    path.write_text("day\tvisitors\n" + rows, "utf-8")
    form = Form(qtbot, TrainingConfig(task="series", series_column="visitors"))
    form.form.set_value("series_file", str(path))
    page = form.page()
    read(qtbot, page)
    press_button(qtbot, page, "Use")
    qtbot.waitUntil(lambda: not alive(page) and form.summary == "“visitors” is forecast")
    assert form.form.values().data_decimal == "point"
    form.form.set_value("series_file", "")  # another file, which nobody has answered for
    assert form.form.values().data_decimal == ""
    form.form.set_value("series_file", str(path))
    assert form.form.values().data_decimal == "point", "what was answered about a file is not lost"
    qtbot.waitUntil(lambda: form.used[-1].data_decimal == "point" and form.used[-1].series_file == str(path))


def test_what_is_answered_about_a_series_says_nothing_of_the_counts(qtbot: QtBot, tmp_path: Path, flu: Path):
    counts = tmp_path / "counts.csv"
    counts.write_text(days(150, "north", "south"), "utf-8")
    form = Form(qtbot, replace(series(flu, "cases"), counts_file=str(counts), data_marks="5"))
    form.answer("data_missing", "carry")
    form.form.set_value("task", "outbreak")
    assert (form.form.values().data_marks, form.form.values().data_missing) == ("", "refuse")
    form.answer("data_marks", "2")
    form.form.set_value("task", "series")
    assert (form.form.values().data_marks, form.form.values().data_missing) == ("5", "carry")
    click(qtbot, form.form.usual)
    for task, name, path in (("series", "series_file", flu), ("outbreak", "counts_file", counts)):
        form.form.set_value("task", task)
        form.form.set_value(name, str(path))
        assert form.form.values().data_marks == "", "every answer was taken back"


def test_a_path_is_read_when_it_is_typed_and_not_at_every_key(qtbot: QtBot, flu: Path, disk: SlowDisk):
    form = Form(qtbot, series("", "cases"))
    qtbot.keyClicks(form.file_field().line, str(flu))
    qtbot.waitUntil(lambda: form.summary == "“cases” is forecast")
    assert len(disk.begun) < 5
    assert disk.begun[-1] == str(flu)


@pytest.mark.parametrize(("stored", "name"), [("deaths", "deaths"), ("Deaths", "deaths"), ("4", "deaths")])
def test_a_stored_column_stays_chosen(qtbot: QtBot, flu: Path, stored: str, name: str):
    form = Form(qtbot, series(flu, stored))
    qtbot.waitUntil(lambda: form.summary == f"“{name}” is forecast")
    assert form.form.values() == series(flu, stored)


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ("births", "flu.csv: there is no column 'births'; choose one of 'week',"),
        ("place", "flu.csv, line 2, column 'place': a number was expected, but found 'A'"),
    ],
)
def test_a_column_that_cannot_be_used_is_named_and_refused(qtbot: QtBot, flu: Path, stored: str, sentence: str):
    form = Form(qtbot, series(flu, stored))
    qtbot.waitUntil(lambda: form.problem.startswith(sentence))
    assert form.form.values() == series(flu, stored)
    assert form.used == []
    page = form.open_page()
    read(qtbot, page)
    assert page.problem.text().startswith(sentence)
    page.answer("series_column", "cases")
    press_button(qtbot, page, "Use")
    qtbot.waitUntil(lambda: form.problem == "")
    assert form.used == [series(flu, "cases")]


def test_a_chosen_column_goes_along_to_another_file(qtbot: QtBot, flu: Path, tmp_path: Path):
    form = Form(qtbot, series(flu, "deaths"))
    other = tmp_path / "other.csv"
    other.write_text("day,Deaths\n1,1\n2,5\n", "utf-8")
    form.form.set_value("series_file", str(other))
    qtbot.waitUntil(lambda: form.summary == "“Deaths” is forecast")


def test_a_file_that_cannot_be_read_is_told_at_once_and_nothing_is_lost(qtbot: QtBot, flu: Path, tmp_path: Path):
    form = Form(qtbot, series(flu, "deaths"))
    qtbot.waitUntil(lambda: "deaths" in form.summary)
    form.form.set_value("cell_size", 24)
    missing = tmp_path / "<b>gone</b>.csv"
    form.form.set_value("series_file", str(missing))
    qtbot.waitUntil(lambda: "the file cannot be read" in form.problem)
    assert form.problem.startswith(str(missing))
    assert form.problem.count(".csv") == 1
    typed = replace(series(missing, "deaths"), cell_size=24)
    assert form.form.values() == typed
    assert form.used == [replace(series(flu, "deaths"), cell_size=24)]
    form.form.set_value("series_file", str(flu))
    assert "cannot be read" not in form.problem
    qtbot.waitUntil(lambda: "deaths" in form.summary and form.problem == "")
    assert form.form.values() == replace(typed, series_file=str(flu))


def test_a_file_that_is_mended_meanwhile_is_read_again(qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "late.csv"
    form = Form(qtbot, series(path))
    qtbot.waitUntil(lambda: "cannot be read" in form.problem)
    path.write_text(days(100, "cases"), "utf-8")
    form.form.check()  # as Train does
    qtbot.waitUntil(lambda: form.problem == "")


def test_an_unreadable_file_matters_to_the_series_alone(qtbot: QtBot, tmp_path: Path):
    form = Form(qtbot, series(tmp_path / "gone.csv"))
    qtbot.waitUntil(lambda: "cannot be read" in form.problem)
    form.form.set_value("task", "adding")
    assert form.problem == ""
    form.form.set_value("task", "series")
    assert "cannot be read" in form.problem
    assert [config.task for config in form.used] == ["adding"]


def test_what_is_chosen_is_used_when_its_file_has_been_read(qtbot: QtBot, flu: Path, disk: SlowDisk):
    disk.hold(flu)
    form = Form(qtbot, series(""))
    form.form.set_value("series_file", str(flu))
    qtbot.waitUntil(lambda: form.problem == "The data file is being read …")
    assert form.form.reading
    assert form.used == []
    disk.let_go(flu)
    page = form.page()
    read(qtbot, page)
    press_button(qtbot, page, "Use")
    qtbot.waitUntil(lambda: form.used == [series(flu, "cases")])


def test_another_path_takes_back_a_file_that_is_waited_for(qtbot: QtBot, flu: Path, disk: SlowDisk):
    disk.hold(flu)
    form = Form(qtbot, series("", "cases"))
    form.form.set_value("series_file", str(flu))
    form.form.set_value("series_file", "")
    disk.let_go(flu)
    qtbot.waitUntil(lambda: "no column 'cases'" in form.problem)  # of the sunspots
    assert form.used == []


def test_a_late_result_is_dropped_and_holds_nothing_up(qtbot: QtBot, flu: Path, tmp_path: Path, disk: SlowDisk):
    slow = tmp_path / "slow.csv"
    slow.write_text("births\n5\n", "utf-8")
    disk.hold(slow)
    form = Form(qtbot, series(slow))
    qtbot.waitUntil(lambda: disk.begun == [str(slow)])
    form.form.set_value("series_file", str(flu))
    page = form.page()  # while the other is still being read
    read(qtbot, page)
    press_button(qtbot, page, "Cancel")
    disk.let_go(slow)
    qtbot.waitUntil(lambda: not reading())
    form.form.set_value("series_file", "")  # whatever the slow one gave has come before this is read
    qtbot.waitUntil(lambda: form.summary != "")
    assert form.summary == SUNSPOTS


def test_a_result_that_was_on_its_way_is_dropped(qtbot: QtBot, flu: Path, disk: SlowDisk):
    disk.hold(flu)
    owner = QObject()
    reader = FileReader(form_data._read_table, owner)
    late: list[object] = []
    reader.finished.connect(lambda: late.append(reader.content))
    reader.read((str(flu), Answers()))
    qtbot.waitUntil(lambda: disk.begun == [str(flu)])
    reader.read(("", Answers()))  # as from a form whose file is another now
    disk.let_go(flu)
    qtbot.waitUntil(lambda: bool(late) and not reading())
    assert late == [reader.content]
    assert reader.content.table.path.name == "sunspots-yearly.csv"
    close_background(owner)


def test_closing_while_a_file_is_read(qtbot: QtBot, flu: Path, disk: SlowDisk):
    disk.hold(flu)
    form = Form(qtbot, series(flu))
    qtbot.waitUntil(lambda: disk.begun == [str(flu)])
    form.form.close_data()
    disk.let_go(flu)
    qtbot.waitUntil(lambda: not reading())
    other = Form(qtbot, series(""))  # its result comes after that of the first would have
    qtbot.waitUntil(lambda: other.summary == SUNSPOTS)
    assert form.used == []


def test_a_window_that_goes_with_its_dialog_while_a_file_is_read(qtbot: QtBot, flu: Path, disk: SlowDisk):
    disk.hold(flu)
    form = Form(qtbot, series(flu))
    qtbot.waitUntil(lambda: disk.begun == [str(flu)])
    form.parent.close()
    shiboken6.delete(form.parent)
    assert not alive(form.form)
    disk.let_go(flu)
    other = Form(qtbot, series(""))
    qtbot.waitUntil(lambda: other.summary == SUNSPOTS)


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ("cases, births", "flu.csv: there is no column 'births'; choose one of 'week', 'place', 'cases', 'deaths'."),
        ("cases, 2", "flu.csv, line 2, column 'place': a number was expected, but found 'A'"),
    ],
)
def test_an_input_column_that_cannot_be_used_is_refused(qtbot: QtBot, flu: Path, inputs: str, sentence: str):
    form = Form(qtbot, replace(series(flu, "cases"), series_inputs=inputs))
    qtbot.waitUntil(lambda: form.problem.startswith(sentence))
    assert form.used == []
    page = form.open_page()
    page.answer("series_inputs", "all")
    read(qtbot, page)
    press_button(qtbot, page, "Use")
    qtbot.waitUntil(lambda: form.problem == "" and not alive(page))
    assert form.summary.startswith("“cases” is forecast, from ")
    assert form.used == [replace(series(flu, "cases"), series_inputs="all")]


def test_a_sequence_longer_than_the_data_is_refused(qtbot: QtBot, flu: Path):
    form = Form(qtbot, replace(series(flu, "cases"), sequence_length=80))
    qtbot.waitUntil(lambda: "flu.csv has 100 rows, but sequences of 80 time steps need at least" in form.problem)
    form.form.set_value("sequence_length", 79)
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
    qtbot.waitUntil(lambda: form.used == [TrainingConfig(task="outbreak", counts_file=str(path))])


def test_counts_that_are_none_are_told_at_once(qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "counts.csv"
    path.write_text("day,Bern,Basel\n1,5,0\n2,3,-1\n", "utf-8")
    form = Form(qtbot, TrainingConfig(task="outbreak", counts_file=str(path)))
    qtbot.waitUntil(lambda: form.problem.startswith("counts.csv, line 3, column 'Basel': a whole number"))
    form.form.set_value("task", "series")
    assert form.problem == ""
    form.form.set_value("task", "outbreak")
    assert "found −1" in form.problem
    form.form.set_value("counts_file", "")
    assert form.problem == ""
    assert form.used[-1] == TrainingConfig(task="outbreak")


def test_a_text_file_is_read_too(qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "poem.txt"
    form = Form(qtbot, TrainingConfig(task="characters"))
    typed(form, qtbot, "text_file", str(path))
    qtbot.waitUntil(lambda: "the file cannot be read" in form.problem)
    path.write_text("abc " * 500, "utf-8")
    form.form.check()
    qtbot.waitUntil(lambda: form.used == [TrainingConfig(task="characters", text_file=str(path))])
    assert form.problem == ""


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
        form.form.close_data()
    elif how == "delete":
        shiboken6.delete(form.parent)
    else:
        form.form.set_value("series_file", str(flu))
    begin = time.monotonic()
    qtbot.waitUntil(lambda: not reading())
    assert_within(time.monotonic() - begin, 0.5)  # the whole takes seconds
    if how == "other file":
        read(qtbot, form.page())
