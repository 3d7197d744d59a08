"""The table of weights: typing, marks for what is no number, blocks from the clipboard, fillings, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine.document.document_file import read_document
from engine.text import numbers
from gui.appearance.theme import Appearance
from gui.jobs.background import Background
from gui.matrix.number_grid import Content, NumberGrid
from gui.matrix.number_table import NumberTable
from gui.window.main_window import MainWindow
from tests.engine.text.reading import only_reading
from tests.gui.driving import (
    CONTROL,
    SHIFT,
    Key,
    activate,
    assert_diagram_shows_trace,
    choose_cell,
    click,
    dialog,
    press,
    resting,
    traced,
    trigger,
    type_in_cell,
    write,
)

Role = Qt.ItemDataRole


def select(table: NumberTable, top: int, left: int, bottom: int, right: int) -> None:
    model = table.model()
    block = QItemSelection(model.index(top, left), model.index(bottom, right))
    table.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    table.setFocus()


def put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def shown(table: NumberTable, row: int, column: int, role: Role = Role.DisplayRole) -> object:
    return table.model().index(row, column).data(role)


def button(window: MainWindow, words: str) -> QPushButton:
    return next(b for b in window.weights.findChildren(QPushButton) if b.text() == words)


def begin_to_edit(qtbot: QtBot, table: NumberTable, row: int, column: int, text: str) -> QLineEdit:
    """Type in a cell, and leave the editor open."""
    choose_cell(qtbot, table, row, column)
    write(text)
    qtbot.waitUntil(lambda: table.findChild(QLineEdit) is not None)
    editor = table.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.text() == text
    return editor


# One cell


def test_a_number_typed_in_a_cell_is_in_every_number_at_once(window: MainWindow, qtbot: QtBot):
    window.playback.seek(window.playback.last)
    before = window.scene.columns["z_f"].texts
    type_in_cell(qtbot, window.weights.table, 0, 0, "-7.5")
    assert window.model.document.weights["W_f"][0, 0] == -7.5
    traced(qtbot, window)
    assert window.playback.position == window.playback.last
    assert_diagram_shows_trace(window)
    assert window.scene.columns["z_f"].texts != before
    assert window.scene.columns["z_f"].texts[0] == "83.50"
    assert window.actions_by_name["undo"].text() == "&Undo edit W_f"


def test_the_last_column_is_the_bias(window: MainWindow, qtbot: QtBot):
    type_in_cell(qtbot, window.weights.table, 2, 6, "40")
    assert window.model.document.weights["b_f"].tolist() == [1, 2, 40]
    traced(qtbot, window)
    window.playback.seek(3)
    assert window.scene.columns["z_f"].texts == ["92", "177", "173"]


def test_typing_without_a_double_click_begins_to_edit(window: MainWindow, qtbot: QtBot):
    table = window.weights.table
    choose_cell(qtbot, table, 1, 1)
    write("8")
    qtbot.waitUntil(lambda: table.findChild(QLineEdit) is not None)
    press(Key.Key_Return)
    assert window.model.document.weights["W_f"][1, 1] == 8
    assert not window.playback.playing


@pytest.mark.parametrize(
    ("text", "reason"),
    [("abc", "“abc” is not a number"), ("", "the cell is empty"), ("1e200", "too large"), ("nan", "not a finite")],
)
def test_a_wrong_cell_is_marked_and_the_last_good_value_stays(
    window: MainWindow, qtbot: QtBot, appearance: Appearance, text: str, reason: str
):
    table, before = window.weights.table, window.model.document
    type_in_cell(qtbot, table, 0, 1, text)
    assert window.model.document is before
    assert not window.model.unsaved
    assert shown(table, 0, 1) == text
    tip = str(shown(table, 0, 1, Role.ToolTipRole))
    assert reason in tip
    assert "Still in use: W_f, column of x[2], row 1 = 2" in tip
    assert table.grid.look(0, 1)[1].name() == appearance.theme.wrong.lower()
    type_in_cell(qtbot, table, 0, 1, "2.5")
    assert shown(table, 0, 1) == "2.50"
    assert shown(table, 1, 1) == "6.00"  # one precision in a column
    assert shown(table, 0, 0) == "1"
    assert reason not in str(shown(table, 0, 1, Role.ToolTipRole))
    assert window.model.document.weights["W_f"][0, 1] == 2.5


def test_a_wrong_cell_that_gets_its_old_number_is_clean_again(window: MainWindow, qtbot: QtBot):
    table = window.weights.table
    type_in_cell(qtbot, table, 0, 1, "two")
    type_in_cell(qtbot, table, 0, 1, "2")
    assert shown(table, 0, 1) == "2"
    assert not window.model.unsaved


def test_a_mark_belongs_to_its_own_matrix(window: MainWindow, qtbot: QtBot):
    table = window.weights.table
    type_in_cell(qtbot, table, 0, 1, "abc")
    click(qtbot, window.weights._tabs["W_i"])
    assert shown(table, 0, 1) == "1", "the mark of W_f hides a number of W_i"
    assert "Still in use" not in shown(table, 0, 1, Role.ToolTipRole)


@pytest.mark.parametrize("how", ["paste", "delete", "fill"])
def test_a_new_number_in_a_wrong_cell_clears_the_mark(window: MainWindow, qtbot: QtBot, how: str):
    table = window.weights.table
    type_in_cell(qtbot, table, 0, 1, "abc")
    choose_cell(qtbot, table, 0, 1)
    if how == "paste":
        put("9")
        press(Key.Key_V, CONTROL)
    elif how == "delete":
        press(Key.Key_Delete)
    else:
        window.weights.fill("zeros")
    expected = 9 if how == "paste" else 0
    assert window.model.document.weights["W_f"][0, 1] == expected
    assert shown(table, 0, 1) == str(expected), "the mark hides the number in force"


@pytest.mark.parametrize("name", ["W_f", "W_i"])
def test_a_mark_stays_while_its_table_stays_as_it_is(window: MainWindow, qtbot: QtBot, name: str):
    window.weights.choose(name)
    table = window.weights.table
    type_in_cell(qtbot, table, 0, 1, "abc")
    type_in_cell(qtbot, window.inputs.table, 0, 0, "7")
    assert shown(table, 0, 1) == "abc"


@pytest.mark.parametrize("how", ["undo", "edit", "fill", "document"])
def test_a_mark_goes_with_any_change_of_its_table(window: MainWindow, qtbot: QtBot, how: str):
    table, document = window.weights.table, window.model.document
    type_in_cell(qtbot, table, 2, 2, "7")
    type_in_cell(qtbot, table, 0, 1, "abc")
    if how == "undo":
        press(Key.Key_Z, CONTROL)
    elif how == "edit":
        type_in_cell(qtbot, table, 1, 1, "7")
    elif how == "fill":
        window.weights.fill("zeros")
    else:
        window.model.replace(document, "another")
    assert shown(table, 0, 1) == numbers.short(window.model.document.weights["W_f"][0, 1])
    assert "Still in use" not in shown(table, 0, 1, Role.ToolTipRole)


def test_escape_in_a_wrong_cell_shows_its_number_again(window: MainWindow, qtbot: QtBot):
    table = window.weights.table
    for column, text in ((1, "abc"), (2, "def")):
        type_in_cell(qtbot, table, 0, column, text)
    begin_to_edit(qtbot, table, 0, 1, "x")
    press(Key.Key_Escape)
    qtbot.waitUntil(lambda: table.findChild(QLineEdit) is None)
    assert shown(table, 0, 1) == "2"
    assert shown(table, 0, 2) == "def", "another cell is still wrong"


def test_the_status_line_says_what_is_wrong_where_and_what_to_do(window: MainWindow, qtbot: QtBot):
    type_in_cell(qtbot, window.weights.table, 1, 0, "abc")
    expected = "W_f, column of x[1], row 2: “abc” is not a number; type one such as 0.5 or −0.001. Still in use: 5"
    assert window.statusBar().currentMessage() == expected


# Keys while a number is typed


def test_a_key_of_the_window_acts_on_the_number_that_is_typed(window: MainWindow, qtbot: QtBot):
    begin_to_edit(qtbot, window.weights.table, 0, 0, "-7.5")
    press(Key.Key_PageDown)
    assert window.model.document.weights["W_f"][0, 0] == -7.5
    assert window.playback.position == 1
    traced(qtbot, window)
    resting(qtbot, window.playback)
    assert_diagram_shows_trace(window)


def test_ctrl_s_saves_the_number_that_is_typed(window: MainWindow, qtbot: QtBot, tmp_path: Path):
    path = tmp_path / "cell.json"
    window.model.replace(window.model.document, "cell", path)
    begin_to_edit(qtbot, window.weights.table, 0, 0, "-7.5")
    press(Key.Key_S, CONTROL)
    qtbot.waitUntil(path.exists)
    assert read_document(path)[0].weights["W_f"][0, 0] == -7.5


def test_a_wrong_text_is_marked_when_a_key_of_the_window_acts(window: MainWindow, qtbot: QtBot):
    table, before = window.weights.table, window.model.document
    begin_to_edit(qtbot, table, 0, 0, "abc")
    press(Key.Key_PageDown)
    assert window.playback.position == 1
    assert window.model.document is before
    assert "Still in use" in shown(table, 0, 0, Role.ToolTipRole)


def test_keys_that_edit_text_stay_in_the_editor(window: MainWindow, qtbot: QtBot):
    editor, before = begin_to_edit(qtbot, window.weights.table, 0, 0, "12"), window.model.document
    press(Key.Key_A, CONTROL)
    press(Key.Key_C, CONTROL)
    press(Key.Key_End)
    press(Key.Key_V, CONTROL)
    assert editor.text() == "1212"
    press(Key.Key_Z, CONTROL)
    assert editor.text() == "12"
    press(Key.Key_Home)
    press(Key.Key_Right)
    press(Key.Key_Space)
    press(Key.Key_Space, SHIFT)
    press(Key.Key_Shift)
    press(Key.Key_Control)
    assert editor.text() == "1  2"
    press(Key.Key_A, CONTROL)
    press(Key.Key_X, CONTROL)
    assert editor.text() == ""
    assert window.model.document is before, "a number was put in force while it was typed"
    assert not window.model.unsaved
    assert window.playback.position == 0
    press(Key.Key_Escape)
    assert window.model.document is before
    assert not window.playback.playing


# Blocks


@pytest.mark.parametrize(
    "text",
    [
        "1.5\t-2\n3\t4e-3",
        "1,5\t-2\n3\t0,004\n",
        "[[1.5, -2], [3, 0.004]]",
        "np.array([[1.5, -2.0],\n          [3.0, 0.004]])",
        "[[ 1.5   -2.   ]\n [ 3.     0.004]]",
        "tensor([[1.5, \N{MINUS SIGN}2.0], [3.0, 0.004]], dtype=torch.float64)",
    ],
)
def test_a_block_is_pasted_at_the_selected_cell(window: MainWindow, qtbot: QtBot, text: str):
    before = window.model.document.weights["W_f"].copy()
    choose_cell(qtbot, window.weights.table, 1, 2)
    put(text)
    press(Key.Key_V, CONTROL)
    expected = before.copy()
    expected[1:3, 2:4] = [[1.5, -2], [3, 0.004]]
    np.testing.assert_array_equal(window.model.document.weights["W_f"], expected)
    assert window.model.undo_stack.count() == 1
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)
    press(Key.Key_Z, CONTROL)
    np.testing.assert_array_equal(window.model.document.weights["W_f"], before)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1\t2\t3\n4\t5\t6", "the block is 2×3, but W_f is 3×6 and the block would begin at its row 3, column 6"),
        ("1\t2", "the block is 1×2, but W_f is 3×6"),  # the second would be the bias
        ("[[1 ... 2]]", "print all of its numbers"),
        ("1\t2\n3", "row 2"),
        ("1\tx", "“x” is not a number"),
        ("", "no text"),
        ("[[1, 2], [3, 4]", "bracket"),
    ],
)
def test_a_block_that_does_not_fit_is_refused_with_a_sentence(window: MainWindow, qtbot: QtBot, text: str, reason: str):
    before = window.model.document
    choose_cell(qtbot, window.weights.table, 2, 5)
    put(text)
    press(Key.Key_V, CONTROL)
    message = window.statusBar().currentMessage()
    assert message.startswith("Nothing was pasted: ")
    assert reason in message
    assert window.weights.table.note.isVisible()
    assert window.weights.table.note.text() == message
    assert window.model.document is before
    assert window.model.undo_stack.count() == 0


@pytest.mark.parametrize("text", ["7\n8\n9", "7\t8\t9", "[7, 8, 9]", "7;8;9"])
def test_a_row_or_a_column_fits_the_bias_where_its_length_does(window: MainWindow, qtbot: QtBot, text: str):
    W = window.model.document.weights["W_f"]
    choose_cell(qtbot, window.weights.table, 0, 6)
    put(text)
    press(Key.Key_V, CONTROL)
    assert window.model.document.weights["b_f"].tolist() == [7, 8, 9]
    np.testing.assert_array_equal(window.model.document.weights["W_f"], W)


def test_what_can_mean_two_things_is_asked(window: MainWindow, qtbot: QtBot):
    before = window.model.document
    choose_cell(qtbot, window.weights.table, 0, 0)
    put("1,234\t5,678")
    press(Key.Key_V, CONTROL)
    box = dialog(qtbot, window, QMessageBox)
    words = [button.text() for button in box.buttons()]
    assert words == ["1×2 (1234, 5678) into W_f", "1×2 (1.234, 5.678) into W_f", "Cancel"]
    assert box.defaultButton() is box.buttons()[0]
    assert window.model.document is before
    click(qtbot, box.buttons()[1])
    assert window.model.document.weights["W_f"][0, :2].tolist() == [1.234, 5.678]
    activate(qtbot, window)
    put("1,5\n2,5\n3,5")
    press(Key.Key_V, CONTROL)
    box = dialog(qtbot, window, QMessageBox)
    click(qtbot, next(button for button in box.buttons() if button.text() == "Cancel"))
    assert window.model.undo_stack.count() == 1


def test_one_reading_that_fits_is_not_asked_about(window: MainWindow, qtbot: QtBot):
    choose_cell(qtbot, window.weights.table, 0, 5)
    put("1,5\n2,5\n3,5")  # as 3×2 it would go on into the bias
    press(Key.Key_V, CONTROL)
    assert window.model.document.weights["W_f"][:, 5].tolist() == [1.5, 2.5, 3.5]


def test_a_long_text_is_read_in_the_background(window: MainWindow, qtbot: QtBot):
    choose_cell(qtbot, window.weights.table, 0, 0)
    put("[[" + "1.0," + " " * 5000 + "2.5], [3, 4]]")
    press(Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: window.model.document.weights["W_f"][0, 1] == 2.5)
    put("a" * 20_000 + "[1]")
    press(Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: "Nothing was pasted: " in window.statusBar().currentMessage())


def test_one_number_fills_the_selection(window: MainWindow):
    select(window.weights.table, 0, 0, 1, 2)
    put("0.25")
    press(Key.Key_V, CONTROL)
    W = window.model.document.weights["W_f"]
    assert (W[:2, :3] == 0.25).all()
    assert W[2].tolist() == [3, 4, 5, 6, 7, 8]
    assert W[0, 3] == 4


@pytest.mark.parametrize("how", ["paste", "delete"])
def test_a_block_that_is_there_already_is_no_step_of_undo(window: MainWindow, qtbot: QtBot, how: str):
    before = window.model.document
    if how == "delete":
        before = before.with_weight("W_f", np.zeros((3, 6)))
        window.model.replace(before, "zeros")
    select(window.weights.table, 0, 0, 1, 2)
    if how == "paste":
        press(Key.Key_C, CONTROL)
        press(Key.Key_V, CONTROL)
    else:
        press(Key.Key_Delete)
    assert window.model.document is before
    assert window.model.undo_stack.count() == 0


def test_copy_for_a_spreadsheet_and_for_numpy_loses_no_digit(window: MainWindow, qtbot: QtBot):
    W = window.model.document.weights["W_f"].copy()
    W[0, 0] = 1 / 3
    window.model.edit(window.model.document.with_weight("W_f", W), "a third")
    select(window.weights.table, 0, 0, 1, 1)
    press(Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == f"{1 / 3!r}\t2.0\n5.0\t6.0"
    click(qtbot, button(window, "Copy"))
    text = QGuiApplication.clipboard().text()
    assert text.startswith("np.array([[0.3333333333333333, 2.0]")
    np.testing.assert_array_equal(only_reading(text), W[:2, :2])
    window.weights.table.clearSelection()
    click(qtbot, button(window, "Copy"))
    np.testing.assert_array_equal(only_reading(QGuiApplication.clipboard().text()), np.column_stack([W, [1, 2, 3]]))


def test_a_copied_block_can_be_pasted_into_another_matrix(window: MainWindow, qtbot: QtBot):
    select(window.weights.table, 0, 0, 2, 6)
    press(Key.Key_C, CONTROL)
    click(qtbot, window.weights._tabs["W_o"])
    choose_cell(qtbot, window.weights.table, 0, 0)
    press(Key.Key_V, CONTROL)
    weights = window.model.document.weights
    np.testing.assert_array_equal(weights["W_o"], weights["W_f"])
    np.testing.assert_array_equal(weights["b_o"], weights["b_f"])


@pytest.mark.parametrize("key", [Key.Key_Delete, Key.Key_Backspace])
def test_delete_puts_zeros(window: MainWindow, key: Key):
    select(window.weights.table, 0, 0, 0, 5)
    press(key)
    assert window.model.document.weights["W_f"][0].tolist() == [0] * 6
    assert window.model.document.weights["b_f"][0] == 1


# Fillings


def fill(window: MainWindow, title: str) -> None:
    trigger(window, "fill matrix")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text() == title).trigger()
    menu.close()


def test_randomise_draws_anew_each_time(window: MainWindow, qtbot: QtBot):
    original = window.model.document
    trigger(window, "randomise matrix")
    first = window.model.document
    trigger(window, "randomise matrix")
    second = window.model.document
    for a, b in ((original, first), (first, second)):
        assert not np.array_equal(a.weights["W_f"], b.weights["W_f"])
    assert second.weights["W_i"] is original.weights["W_i"]
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)
    press(Key.Key_Z, CONTROL)
    assert window.model.document is first
    press(Key.Key_Z, CONTROL)
    assert window.model.document is original
    press(Key.Key_Z, CONTROL | SHIFT)
    assert window.model.document is first
    traced(qtbot, window)
    assert_diagram_shows_trace(window)


@pytest.mark.parametrize(
    ("title", "W", "b"),
    [
        ("Zeros", np.zeros((3, 6)), [0, 0, 0]),
        ("Ones", np.ones((3, 6)), [1, 1, 1]),
        ("Identity-like", np.hstack([np.eye(3), np.eye(3)]), [0, 0, 0]),
    ],
)
def test_fill_from_its_menu(window: MainWindow, title: str, W: np.ndarray, b: list[float]):
    window.weights.choose("W_C")
    fill(window, title)
    np.testing.assert_array_equal(window.model.document.weights["W_C"], W)
    assert window.model.document.weights["b_C"].tolist() == b
    assert window.model.document.weights["W_f"][0, 0] == 1


def test_the_columns_say_what_they_multiply(window: MainWindow):
    model = window.weights.table.model()
    names = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]
    assert names == ["x₁", "x₂", "x₃", "h₁", "h₂", "h₃", "b"]
    window.model.edit(window.model.document.with_order("h,x"), "the other order")
    names = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]
    assert names == ["h₁", "h₂", "h₃", "x₁", "x₂", "x₃", "b"]


# The grid by itself


def test_an_equal_number_fires_nothing(appearance: Appearance, qtbot: QtBot):
    grid = NumberGrid(appearance)
    grid.show_content(Content(np.array([[1.0, 2.0]]), ("1",), ("a", "b"), column_names=("a", "b")))
    with qtbot.assertNotEmitted(grid.edited):
        assert grid.setData(grid.index(0, 0), "1.0")
    with qtbot.waitSignal(grid.edited) as edited:
        grid.setData(grid.index(0, 1), "1,0")
    row, column, block = edited.args
    assert (row, column, block.tolist()) == (0, 1, [[1.0]])


def test_every_number_is_readable_on_its_colour(appearance: Appearance):
    grid = NumberGrid(appearance)
    values = np.linspace(-5, 5, 41)[None]
    columns = tuple(str(i) for i in range(41))
    grid.show_content(Content(values, ("1",), columns, column_names=columns))
    letters = {grid.look(0, c)[2].lightness() for c in range(41)}
    assert len(letters) == 2, "light letters on dark cells, dark letters on light ones"


class Counted(tuple[str, ...]):
    """Labels that count how often one is asked for."""

    asked = 0

    def __getitem__(self, section):
        self.asked += 1
        return super().__getitem__(section)


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background("reading")
    yield background
    background.close()


def test_a_change_of_a_large_table_measures_no_label_that_is_not_seen(
    appearance: Appearance, background: Background, qtbot: QtBot
):
    table = NumberTable(appearance, background)
    qtbot.addWidget(table)
    table.resize(280, 300)
    table.show_content(Content(np.zeros((3, 7)), tuple("123"), tuple("1234567")))
    with qtbot.waitExposed(table):
        table.show()
    rows, columns = Counted(f"{i + 1}" for i in range(256)), Counted(f"x{i + 1}" for i in range(514))
    table.show_content(Content(np.zeros((256, 514)), rows, columns))
    table.grab()
    asked = rows.asked + columns.asked  # a few for each that is painted
    assert asked < 200
    assert table.verticalHeader().width() >= table.fontMetrics().horizontalAdvance("256")


def test_a_tab_is_framed_where_its_matrix_is_lit_and_not_shown(window: MainWindow, qtbot: QtBot):
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    tabs = window.weights._tabs

    def framed() -> list[str]:
        return [name for name, tab in tabs.items() if tab.lit]

    plain = tabs["W_o"].grab().toImage()
    window.scene.rested.emit("o_t", 1)
    assert framed() == ["W_o"]
    assert tabs["W_o"].grab().toImage() != plain
    window.scene.rested.emit("f_t", 1)
    assert framed() == [], "W_f is shown"
    window.weights.choose("W_i")
    window.scene.rested.emit("f_t", 2)
    assert framed() == ["W_f"]
    window.scene.rested.emit("f_t", None)
    assert framed() == []
    assert tabs["W_o"].grab().toImage() == plain
