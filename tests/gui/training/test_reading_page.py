"""The page on how a data file is read: what it shows, what it asks, and what it hands on."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.settings.config import TrainingConfig
from engine.tasks.series import SeriesTask
from gui.appearance.style import style_sheet
from gui.training.reading.page import ReadingPage
from gui.training.reading.preview import Kind
from gui.training.reading.words import in_window
from tests.gui.driving import Key, alive
from tests.gui.training.settings_forms import days, light, press_button, read, reading, series
from tests.timing import assert_within, timed

THOUSANDS = "day\tvisitors\n" + "".join(f"{day}\t{day % 9 + 1},{day % 7 * 100 + 20:03d}\n" for day in range(150))
_CHECK = Qt.ItemDataRole.CheckStateRole


class Opened:
    """The page, opened on a widget, and the configs it was used with."""

    def __init__(self, qtbot: QtBot, config: TrainingConfig) -> None:
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        self.parent.setStyleSheet(style_sheet(light()))
        self.parent.show()
        self.used: list[TrainingConfig] = []
        self.page = ReadingPage(config, self.used.append, light(), self.parent)
        self.page.open()
        self._qtbot = qtbot

    def read(self) -> ReadingPage:
        read(self._qtbot, self.page)
        return self.page

    def choose(self, name: str, value: str) -> None:
        """Choose an answer in its field, as with the keyboard."""
        field = self.page.form.fields[name]
        assert isinstance(field, QComboBox)
        field.setCurrentIndex(field.findData(value))
        field.activated.emit(field.currentIndex())
        self.read()

    def shown(self, name: str) -> str:
        field = self.page.form.fields[name]
        assert isinstance(field, QComboBox)
        return field.currentText()

    def column(self, row: int) -> list[str]:
        """The texts of one column: its name, what it is, its first values."""
        model = self.page.columns.columns
        return [str(model.index(row, place).data()) for place in range(model.marks, model.columnCount())]

    def marked(self, place: int) -> list[int]:
        """The columns that are chosen."""
        model = self.page.columns.columns
        chosen = Qt.CheckState.Checked.value
        return [row for row in range(model.rowCount()) if _value(model.index(row, place).data(_CHECK)) == chosen]

    def mark(self, row: int, place: int) -> None:
        """Press Space on a choice."""
        table = self.page.columns
        table.setFocus()
        table.setCurrentIndex(table.columns.index(row, place))
        self._qtbot.keyClick(table, Key.Key_Space)
        self.read()

    @property
    def notes(self) -> list[str]:
        return [label.text() for label in self.page._notes_card.findChildren(QLabel)]


def _value(state: object) -> object:
    return getattr(state, "value", state)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_an_open_question_has_its_likeliest_answer_and_the_other_gives_other_numbers(qtbot: QtBot, tmp_path: Path):
    path = written(tmp_path, "visitors.tsv", THOUSANDS)
    opened = Opened(qtbot, series(path))
    page = opened.read()
    assert opened.shown("data_decimal") == "Point: 1,234.5"
    assert page.form.questions["data_decimal"].isVisible()
    assert "'1,020' is 1020" in page.form.questions["data_decimal"].text()
    assert "'1,020' is 1.02" in page.form.questions["data_decimal"].text()
    assert opened.column(1) == ["visitors", "is forecast", "1020   2120   3220   4320   5420"]
    opened.choose("data_decimal", "comma")
    assert opened.column(1)[2] == "1.02   2.12   3.22   4.32   5.42"
    assert "decimal comma" in page.facts.text()
    press_button(qtbot, page, "Use")
    (used,) = opened.used
    assert used == replace(series(path), data_decimal="comma")
    np.testing.assert_allclose(SeriesTask(used)._values[:2], [1.02, 2.12])


def test_what_is_open_cannot_be_taken_back_unanswered(qtbot: QtBot, tmp_path: Path):
    opened = Opened(qtbot, series(written(tmp_path, "visitors.tsv", THOUSANDS)))
    page = opened.read()
    opened.choose("data_decimal", "")
    assert opened.shown("data_decimal") == "As found: left open"
    assert "“Decimal sign: Point: 1,234.5” for 1020" in page.problem.text()
    press_button(qtbot, page, "Use")
    assert opened.used == []
    assert page.isVisible()


def test_missing_values_are_marked_and_what_is_done_is_chosen(qtbot: QtBot, tmp_path: Path):
    rows = "".join(f"{day},{'NA' if day == 3 else day % 9}\n" for day in range(1, 151))
    path = written(tmp_path, "gaps.csv", "day,value\n" + rows)
    opened = Opened(qtbot, series(path))
    page = opened.read()
    assert opened.shown("data_missing") == "Refuse (1 missing)"
    assert opened.column(1)[1] == "1 missing: line 4: found 'NA'"
    assert "line 4, column 'value': a number was expected" in page.problem.text()
    assert "“Missing values: Interpolate”" in page.problem.text()
    (marked,) = [line for line in page.preview.lines.lines if line.wrong]
    assert (marked.number, marked.cells, marked.wrong) == (4, ("3", "NA"), {1})
    press_button(qtbot, page, "Use")
    assert opened.used == []
    opened.choose("data_missing", "interpolate")
    assert page.problem.text() == ""
    assert opened.column(1)[2] == "1   2   3   4   5"
    press_button(qtbot, page, "Use")
    assert opened.used == [replace(series(path), data_missing="interpolate")]


def test_marks_are_taken_by_one_click(qtbot: QtBot, tmp_path: Path):
    rows = "".join(f"{day},{-1 if day % 50 == 3 else day % 9 + 1}\n" for day in range(1, 151))
    opened = Opened(qtbot, series(written(tmp_path, "marks.csv", "day,value\n" + rows)))
    page = opened.read()
    assert "“value” has −1 in 3 rows, first in line 4." in opened.notes
    press_button(qtbot, page, "−1 means missing")
    read(qtbot, page)
    line = page.form.fields["data_marks"]
    assert isinstance(line, QLineEdit)
    assert line.text() == "-1"
    assert "found −1, which marks" in page.problem.text()
    assert opened.column(1)[2] == "2   3   missing   5   6"
    opened.choose("data_missing", "carry")
    assert opened.column(1)[2] == "2   3   3   5   6"
    press_button(qtbot, page, "Use")
    assert [(used.data_marks, used.data_missing) for used in opened.used] == [("-1", "carry")]


def test_lines_that_are_no_rows_are_shown_as_such(qtbot: QtBot, tmp_path: Path):
    head = "".join(f"# comment {line}, with commas\n" for line in range(1, 31))
    path = written(tmp_path, "logger.csv", head + "day,value\n" + days(150, "v").split("\n", 1)[1] + "Source: me\n")
    page = Opened(qtbot, series(path)).read()
    lines = page.preview.lines.lines
    assert [line.number for line in lines[:9]] == [1, 2, 3, 4, 0, 28, 29, 30, 31]
    assert lines[0].cells == ("# comment 1, with commas",)
    assert lines[4].cells == ("… 23 more lines that are not rows",)
    assert lines[8].kind is Kind.NAMES
    assert lines[9].cells == ("0", "0")
    assert [line.cells[0] for line in lines[-2:]] == ["… 130 more rows", "Source: me"]


def test_columns_are_chosen_by_the_keyboard(qtbot: QtBot, tmp_path: Path):
    rows = "".join(f"{day},{day % 7},{day % 5},{'BA'[day % 2]}\n" for day in range(1, 151))
    path = written(tmp_path, "flu.csv", "day,cases,deaths,place\n" + rows)
    opened = Opened(qtbot, series(path))
    page = opened.read()
    assert page.question.isVisible()
    assert "Candidates: “cases”, “deaths”. The first is used for now." in page.question.text()
    assert (opened.marked(0), opened.marked(1)) == ([1], [1])
    assert [opened.column(row)[1] for row in range(4)] == [
        *("only counts the rows", "is forecast", "values"),
        "not numbers: line 2: found 'A'",
    ]
    opened.mark(2, 0)
    assert (opened.marked(0), opened.marked(1)) == ([2], [2])
    opened.mark(1, 1)
    assert opened.marked(1) == [1, 2]
    opened.mark(3, 1)  # a column of words
    assert opened.marked(1) == [1, 2]
    qtbot.keyClick(page.columns, Key.Key_Return)
    assert page.problem.text() == ""
    assert opened.used == [replace(series(path, "deaths"), series_inputs="cases, deaths")]


def test_areas_of_an_outbreak(qtbot: QtBot, tmp_path: Path):
    total, rows = 0, []
    for day in range(150):
        total += day % 9
        rows.append(
            f"2020-01-01,{day % 7},{day % 5},{total}\n".replace("2020-01-01", str(np.datetime64("2020-01-01") + day))
        )
    path = written(tmp_path, "counts.csv", "date,Bern,Basel,total\n" + "".join(rows))
    opened = Opened(qtbot, series(path))
    page = opened.read()
    press_button(qtbot, page, "Each column is an area of an outbreak")
    assert "never decrease, as running totals do" in page.question.text()
    assert opened.marked(0) == [1, 2]
    opened.mark(3, 0)
    assert opened.marked(0) == [1, 2, 3]
    press_button(qtbot, page, "Use")
    (used,) = opened.used
    assert (used.task, used.counts_file, used.counts_areas) == ("outbreak", str(path), "Bern, Basel, total")


def test_a_file_that_is_no_table_is_shown_and_read_again_once_it_is_mended(qtbot: QtBot, tmp_path: Path):
    path = written(tmp_path, "<b>broken.csv", 'day,value\n1,5\n2,"6\n3,7\n')
    opened = Opened(qtbot, series(path))
    page = opened.read()
    assert page.problem.text().startswith("<b>broken.csv, line 3: a quotation mark is opened here")
    assert [line.cells[0] for line in page.preview.lines.lines[:3]] == ["day,value", "1,5", '2,"6']
    path.write_text(days(150, "value"), "utf-8")
    press_button(qtbot, page, "Use")
    read(qtbot, page)
    assert page.problem.text() == ""
    assert opened.used == []
    press_button(qtbot, page, "Use")
    assert opened.used == [series(path)]
    plain = {label.textFormat() for label in page.findChildren(QLabel) if path.name in label.text()}
    assert plain <= {Qt.TextFormat.PlainText}


def test_use_waits_for_the_file_and_passes_over_no_question(qtbot: QtBot, tmp_path: Path):
    plain, asked = written(tmp_path, "plain.csv", days(150, "a")), written(tmp_path, "two.csv", days(150, "a", "b"))
    opened = Opened(qtbot, series(plain))
    press_button(qtbot, opened.page, "Use")
    qtbot.waitUntil(lambda: opened.used == [series(plain)])
    opened = Opened(qtbot, series(asked))
    press_button(qtbot, opened.page, "Use")
    page = opened.read()
    assert page.question.isVisible()
    assert opened.used == []
    press_button(qtbot, page, "Use")
    assert opened.used == [series(asked, "a")]


def test_escape_uses_nothing(qtbot: QtBot, tmp_path: Path):
    opened = Opened(qtbot, series(written(tmp_path, "visitors.tsv", THOUSANDS)))
    page = opened.read()
    qtbot.keyClick(page, Key.Key_Escape)
    qtbot.waitUntil(lambda: not alive(page))
    assert opened.used == []


def test_everything_is_reached_by_tab(qtbot: QtBot, tmp_path: Path):
    opened = Opened(qtbot, series(written(tmp_path, "visitors.tsv", THOUSANDS)))
    page = opened.read()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    reached: set[object] = set()
    for _ in range(40):
        qtbot.keyClick(page.focusWidget() or page, Key.Key_Tab)
        reached.add(page.focusWidget())
    wanted = {page.columns, page.preview, *page.form.fields.values()}
    # Of the segments Tab reaches the one in force, and the arrow keys the other.
    buttons = {found for found in page.findChildren(QPushButton) if found.isVisible() and not found.isCheckable()}
    buttons.add(page._tasks.segments[0])
    assert wanted | buttons <= reached


def test_an_older_recordings_reading_is_named(qtbot: QtBot, tmp_path: Path):
    path = written(tmp_path, "old.csv", days(150, "value"))
    opened = Opened(qtbot, replace(series(path), data_decimal="either", data_order="as it is"))
    page = opened.read()
    assert opened.shown("data_decimal") == "Either, as in older recordings"
    press_button(qtbot, page, "Use")
    assert [used.data_decimal for used in opened.used] == ["either"]


@pytest.mark.parametrize(("width", "height", "scale"), [(1280, 720, 0.8), (1280, 720, 1.04), (1920, 1080, 1.0)])
def test_the_page_fits_on_the_screen(qtbot: QtBot, tmp_path: Path, width: int, height: int, scale: float):
    parent = QWidget()
    qtbot.addWidget(parent)
    appearance = light()
    appearance.scale = scale
    path = written(tmp_path, "visitors.tsv", THOUSANDS)
    page = ReadingPage(series(path), lambda _: None, appearance, parent)
    page.open()
    read(qtbot, page)
    least = page.minimumSizeHint()
    assert least.width() <= 0.96 * width
    assert least.height() <= 0.92 * height
    page.reject()


@timed
def test_the_window_goes_on_while_a_large_file_is_read(qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "large.csv"
    chunk = "".join(f"{day},{day % 7}\n" for day in range(100_000))
    with path.open("w") as file:
        file.write("day,cases\n")
        for _ in range(10):
            file.write(chunk)
    opened = Opened(qtbot, series(path))
    page, longest, before = opened.page, 0.0, time.perf_counter()
    while page._reader.busy and not page.progress.isVisible():
        qtbot.wait(1)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    assert_within(longest, 0.1)
    if page.progress.isVisible():
        assert page.problem.text() == "The file is being read …"
        press_button(qtbot, page, "Stop reading")
        qtbot.waitUntil(lambda: not reading())
        assert opened.used == []


def test_flags_become_the_fields_of_the_window():
    assert in_window("say so with --marks=-1.") == "say so with “Marks: -1”."
    assert in_window('take them, with --order "as it is".') == "take them, with “Order of rows: As it is”."
    assert in_window("name it with --marks and choose --missing carry or interpolate.") == (
        "name it with “Marks” and choose “Missing values: Repeat the last value” or interpolate."
    )
    assert in_window("choose one with --series-column: 'a', 'b'.") == "choose one with “Column”: 'a', 'b'."
    assert in_window("--nothing of ours--") == "--nothing of ours--"
