"""The table of inputs: x step by step, h and C before the first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from tests.gui.driving import (
    CONTROL,
    Key,
    assert_diagram_shows_trace,
    choose_cell,
    click,
    press,
    traced,
    type_in_cell,
)


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
    assert "Still in force: h before step 1, entry 1 = 4" in tip


def test_steps_are_added_and_removed(window: MainWindow, qtbot: QtBot):
    assert rows(window) == ["x₁", "h₀", "C₀"]
    assert not button(window, "Remove step").isEnabled()
    click(qtbot, button(window, "Add step"))
    click(qtbot, button(window, "Add step"))
    assert rows(window) == ["x₁", "x₂", "x₃", "h₀", "C₀"]
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
    assert model.index(1, 2).data() == "6"
    before = window.model.document
    choose_cell(qtbot, window.inputs.table, 0, 0)
    QGuiApplication.clipboard().setText("1\t2\t3")
    press(Key.Key_V, CONTROL)
    assert window.model.document is before
    assert "Nothing was pasted" in window.statusBar().currentMessage()


def test_a_block_over_several_rows_is_pasted(window: MainWindow, qtbot: QtBot):
    choose_cell(qtbot, window.inputs.table, 0, 1)
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
