"""The table of inputs: x step by step, h and C before the first."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from engine.document.document import blank
from gui.window.main_window import MainWindow
from tests.gui.driving import CONTROL, Key, assert_diagram_shows_trace, choose_cell, click, press, traced, type_in_cell


def button(window: MainWindow, words: str) -> QPushButton:
    return next(b for b in window.inputs.findChildren(QPushButton) if b.text() == words)


def rows(window: MainWindow) -> list[str]:
    model = window.inputs.table.model()
    return [model.headerData(r, Qt.Orientation.Vertical) for r in range(model.rowCount())]


def test_x_h_and_c_are_edited_and_every_number_follows(window: MainWindow, qtbot: QtBot):
    table = window.inputs.table
    window.playback.seek(window.playback.last)
    type_in_cell(qtbot, table, 0, 0, "10")
    assert window.model.document.x.tolist() == [[10, 2, 3]]
    traced(qtbot, window)
    assert_diagram_shows_trace(window)
    assert window.scene.columns["z_f"].texts == ["101", "222", "163"]
    type_in_cell(qtbot, table, 1, 2, "-6")
    assert window.model.document.h0.tolist() == [4, 5, -6]
    type_in_cell(qtbot, table, 2, 1, "0.5")
    assert window.model.document.c0[1] == 0.5
    traced(qtbot, window)
    assert_diagram_shows_trace(window)
    assert window.scene.columns["h_prev"].texts[2] == "\N{MINUS SIGN}6"


def test_a_wrong_input_is_marked_and_nothing_changes(window: MainWindow, qtbot: QtBot):
    before = window.model.document
    type_in_cell(qtbot, window.inputs.table, 1, 0, "four")
    assert window.model.document is before
    index = window.inputs.table.model().index(1, 0)
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "“four” is not a number" in tip
    assert "Still in use: h before time step 1, entry 1 = 4" in tip


def test_steps_are_added_and_removed(window: MainWindow, qtbot: QtBot):
    assert rows(window) == ["x, t = 1", "h, t = 0", "C, t = 0"]
    assert not button(window, "Remove step").isEnabled()
    click(qtbot, button(window, "Add step"))
    click(qtbot, button(window, "Add step"))
    assert rows(window) == ["x, t = 1", "x, t = 2", "x, t = 3", "h, t = 0", "C, t = 0"]
    assert window.model.document.x.tolist() == [[1, 2, 3]] * 3
    type_in_cell(qtbot, window.inputs.table, 1, 0, "-1")
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    assert window.playback.moment.t == 2
    assert_diagram_shows_trace(window)
    click(qtbot, button(window, "Remove step"))
    traced(qtbot, window)
    assert len(window.model.document.x) == 2
    assert window.playback.moment.t == 1
    assert_diagram_shows_trace(window)
    press(Key.Key_Z, CONTROL)
    assert len(window.model.document.x) == 3
    traced(qtbot, window)
    assert_diagram_shows_trace(window)


def test_entries_that_do_not_exist_cannot_be_edited_or_pasted_into(window: MainWindow, qtbot: QtBot):
    window.model.edit(window.model.document.resized(m=2), "m = 2")
    traced(qtbot, window)
    model = window.inputs.table.model()
    assert not model.flags(model.index(0, 2)) & Qt.ItemFlag.ItemIsEditable
    assert model.index(0, 2).data() is None
    assert model.index(1, 2).data() == "6.00"  # one precision in a column
    before = window.model.document
    choose_cell(qtbot, window.inputs.table, 0, 0)
    QGuiApplication.clipboard().setText("1\t2\t3")
    press(Key.Key_V, CONTROL)
    assert window.model.document is before
    assert "Nothing was pasted" in window.statusBar().currentMessage()
    assert "the block is 1×3, but x takes rows of 2" in window.statusBar().currentMessage()


def test_a_block_over_several_quantities_is_pasted_where_they_are_selected(window: MainWindow):
    select(window, 0, 1, 2, 2)
    QGuiApplication.clipboard().setText("[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]")
    press(Key.Key_V, CONTROL)
    document = window.model.document
    assert document.x.tolist() == [[1, 0.1, 0.2]]
    assert document.h0.tolist() == [4, 0.3, 0.4]
    assert document.c0[1:].tolist() == [0.5, 0.6]
    assert window.model.undo_stack.count() == 1


def test_copy_and_delete(window: MainWindow, qtbot: QtBot):
    choose_cell(qtbot, window.inputs.table, 1, 1)
    press(Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "5.0"
    press(Key.Key_Delete)
    assert window.model.document.h0.tolist() == [4, 0, 6]
    press(Key.Key_Z, CONTROL)
    assert window.model.document.h0.tolist() == [4, 5, 6]


def select(window: MainWindow, top: int, left: int, bottom: int, right: int) -> None:
    table = window.inputs.table
    block = QItemSelection(table.model().index(top, left), table.model().index(bottom, right))
    table.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    table.setFocus()


@pytest.fixture
def ragged(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with rows of 4 (x), 4 (x), 2 (h) and 3 (C) numbers, all different."""
    document = blank(m=4, n=2, k=3)
    numbers = np.arange(1.0, 14)
    window.model.replace(document.with_inputs(x=numbers[:8].reshape(2, 4), h0=numbers[8:10], c0=numbers[10:]), "ragged")
    traced(qtbot, window)
    return window


def test_copy_writes_only_places_that_exist_and_paste_takes_them_back(ragged: MainWindow):
    document, clipboard = ragged.model.document, QGuiApplication.clipboard()
    ragged.inputs.table.setFocus()
    press(Key.Key_C, CONTROL)
    text = "1.0\t2.0\t3.0\t4.0\n5.0\t6.0\t7.0\t8.0\n9.0\t10.0\n11.0\t12.0\t13.0"
    assert clipboard.text() == text
    press(Key.Key_V, CONTROL)
    assert ragged.model.document is document
    for pasted in (text.replace("1", "2"), text.replace("1", "2").replace("20.0", "20.0\t\t").replace("\n", "\r\n")):
        ragged.model.edit(document, "as it was")
        clipboard.setText(pasted)
        press(Key.Key_V, CONTROL)
        changed = ragged.model.document
        assert changed.x.tolist() == [[2, 2, 3, 4], [5, 6, 7, 8]]
        assert changed.h0.tolist() == [9, 20]
        assert changed.c0.tolist() == [22, 22, 23]


def test_a_row_without_any_of_the_chosen_places_is_left_alone(ragged: MainWindow):
    select(ragged, 1, 2, 3, 2)
    press(Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "7.0\n\n13.0"
    QGuiApplication.clipboard().setText("-7\n\n-13")
    press(Key.Key_V, CONTROL)
    assert ragged.model.document.x.tolist() == [[1, 2, 3, 4], [5, 6, -7, 8]]
    assert ragged.model.document.h0.tolist() == [9, 10]
    assert ragged.model.document.c0.tolist() == [11, 12, -13]


def test_short_rows_leave_the_numbers_beyond_them(ragged: MainWindow, qtbot: QtBot):
    choose_cell(qtbot, ragged.inputs.table, 0, 0)
    QGuiApplication.clipboard().setText("-1\n-5\t-6\t-7")
    press(Key.Key_V, CONTROL)
    assert ragged.model.document.x.tolist() == [[-1, 2, 3, 4], [-5, -6, -7, 8]]


def test_empty_cells_of_a_spreadsheet_at_the_ends_of_rows_are_no_places(ragged: MainWindow):
    select(ragged, 2, 0, 3, 1)
    QGuiApplication.clipboard().setText("-9\t-10\t\t\r\n-11\t-12\t\t\r\n")
    press(Key.Key_V, CONTROL)
    assert ragged.model.document.h0.tolist() == [-9, -10]
    assert ragged.model.document.c0.tolist() == [-11, -12, 13]


def test_one_number_fills_the_places_that_exist(ragged: MainWindow):
    select(ragged, 0, 1, 3, 3)
    QGuiApplication.clipboard().setText("0.5")
    press(Key.Key_V, CONTROL)
    document = ragged.model.document
    assert document.x.tolist() == [[1, 0.5, 0.5, 0.5], [5, 0.5, 0.5, 0.5]]
    assert document.h0.tolist() == [9, 0.5]
    assert document.c0.tolist() == [11, 0.5, 0.5]


def test_a_row_that_is_too_long_is_refused(ragged: MainWindow, qtbot: QtBot):
    before = ragged.model.document
    choose_cell(qtbot, ragged.inputs.table, 2, 0)
    QGuiApplication.clipboard().setText("1\t2\t3\n4")
    press(Key.Key_V, CONTROL)
    assert ragged.model.document is before
    assert "Nothing was pasted: the block is 2×3, but h has 2 numbers" in ragged.statusBar().currentMessage()


def paste_at(window: MainWindow, qtbot: QtBot, row: int, column: int, text: str) -> None:
    choose_cell(qtbot, window.inputs.table, row, column)
    QGuiApplication.clipboard().setText(text)
    press(Key.Key_V, CONTROL)


@pytest.mark.parametrize("text", ["7\t8\t9", "7\n8\n9", "[7 8 9]", "[7; 8; 9]", "[[7], [8], [9]]"])
@pytest.mark.parametrize(("row", "name"), [(0, "x"), (1, "h0"), (2, "c0")])
def test_a_row_or_a_column_goes_where_its_length_fits(window: MainWindow, qtbot: QtBot, row: int, name: str, text: str):
    before = window.model.document
    paste_at(window, qtbot, row, 0, text)
    after = window.model.document
    for each in ("x", "h0", "c0"):
        wanted = [7, 8, 9] if each == name else np.ravel(getattr(before, each)).tolist()
        assert np.ravel(getattr(after, each)).tolist() == wanted
    assert len(after.x) == 1


@pytest.mark.parametrize(
    ("row", "column", "text", "reason"),
    [
        (0, 0, "1\n2\n3\n4", "the block is 4×1, but x takes rows of 3"),
        (
            0,
            1,
            "1\t2\t3\n4\t5\t6",
            "the block is 2×3, but x takes rows of 3 and the block would begin at its row 1, column 2",
        ),
        (1, 0, "1\t2\t3\n4\t5\t6", "the block is 2×3, but h has 3 numbers"),
        (1, 0, "1\n2", "the block is 2×1, but h has 3 numbers"),
        (2, 1, "1\t2\t3", "the block is 1×3, but C has 3 numbers and the block would begin at its row 1, column 2"),
        (2, 0, "1\n2\n3\n4", "the block is 4×1, but C has 3 numbers"),
    ],
)
def test_a_paste_never_runs_over_into_another_quantity(
    window: MainWindow, qtbot: QtBot, row: int, column: int, text: str, reason: str
):
    before = window.model.document
    paste_at(window, qtbot, row, column, text)
    assert window.model.document is before
    assert f"Nothing was pasted: {reason}" in window.statusBar().currentMessage()


def test_rows_of_m_numbers_become_time_steps(window: MainWindow, qtbot: QtBot):
    h0, c0 = window.model.document.h0, window.model.document.c0
    paste_at(window, qtbot, 0, 0, "1\t0\t0\n0\t1\t0\n0\t0\t1\n0,5\t0\t0")
    assert window.model.document.x.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0, 0]]
    assert window.model.document.h0 is h0
    assert window.model.document.c0 is c0
    traced(qtbot, window)
    assert_diagram_shows_trace(window)
    paste_at(window, qtbot, 2, 0, "7 8 9")
    assert window.model.document.x.tolist() == [[1, 0, 0], [0, 1, 0], [7, 8, 9], [0.5, 0, 0]]
    press(Key.Key_Z, CONTROL)
    press(Key.Key_Z, CONTROL)
    assert window.model.document.x.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("text", ["0.5\n0.25\n1", "0.5\t0.25\t1", "0,5\n0,25\n1"])
def test_a_row_or_a_column_of_any_length_is_a_sequence_where_m_is_1(window: MainWindow, qtbot: QtBot, text: str):
    window.model.edit(window.model.document.resized(m=1), "m = 1")
    traced(qtbot, window)
    paste_at(window, qtbot, 0, 0, text)
    assert window.model.document.x.tolist() == [[0.5], [0.25], [1]]


def test_of_two_readings_the_one_that_the_place_can_hold_is_taken(window: MainWindow, qtbot: QtBot):
    window.model.edit(window.model.document.resized(m=2), "m = 2")
    traced(qtbot, window)
    paste_at(window, qtbot, 0, 0, "1,5\n2,5\n3,5")
    assert window.model.document.x.tolist() == [[1, 5], [2, 5], [3, 5]]
    paste_at(window, qtbot, 4, 0, "1,5\n2,5\n3,5")
    assert window.model.document.c0.tolist() == [1.5, 2.5, 3.5]


def test_copy_for_numpy_writes_lists_where_an_array_cannot_be(ragged: MainWindow):
    ragged.inputs.table.copy("numpy")
    expected = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10], [11, 12, 13]]
    assert json.loads(QGuiApplication.clipboard().text()) == expected
    select(ragged, 1, 0, 2, 1)
    ragged.inputs.table.copy("numpy")
    assert QGuiApplication.clipboard().text().startswith("np.array([[5.0, 6.0],")
