"""Copying and pasting from buttons and menus: what was copied is said, and why nothing was pasted stands beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.cell.formula import latex as formula_latex
from engine.document.document import blank
from engine.document.examples import load_example
from gui.window.main_window import MainWindow
from tests.engine.text.reading import only_reading
from tests.gui.driving import CONTROL, Key, choose_cell, click, press, traced
from tests.gui.menus import choose_entry, entries, menu_at


@pytest.fixture(autouse=True)
def no_menu_left() -> Iterator[None]:
    yield
    menu = QApplication.activePopupWidget()
    if menu is not None:
        menu.close()


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def place_of(window: MainWindow, row: int, column: int) -> QPoint:
    table = window.weights.table
    return table.visualRect(table.model().index(row, column)).center()


def test_a_copy_says_what_it_takes(window: MainWindow, qtbot: QtBot):
    choose_cell(qtbot, window.weights.table, 1, 2)
    click(qtbot, window.weights.buttons["copy matrix"])
    assert clipboard() == "np.array([[7.0]])"
    said = window.statusBar().currentMessage()
    assert "Copied one number, W_f, column of x[3], row 2" in said
    assert "Copy all" in said
    click(qtbot, window.weights.buttons["copy all"])
    W = window.model.document.weights
    np.testing.assert_array_equal(only_reading(clipboard()), np.column_stack([W["W_f"], W["b_f"]]))
    assert window.statusBar().currentMessage() == "Copied all 3×7 numbers"


def test_paste_has_a_button(window: MainWindow, qtbot: QtBot):
    choose_cell(qtbot, window.weights.table, 0, 0)
    QGuiApplication.clipboard().setText("9\t8")
    click(qtbot, window.weights.buttons["paste matrix"])
    assert window.model.document.weights["W_f"][0, :2].tolist() == [9, 8]


def test_why_nothing_was_pasted_stands_beside_the_table_until_something_else_is_done(window: MainWindow, qtbot: QtBot):
    table = window.weights.table
    choose_cell(qtbot, table, 0, 0)
    QGuiApplication.clipboard().setText("1\tx")
    press(Key.Key_V, CONTROL)
    assert table.note.isVisible()
    assert "“x” is not a number" in table.note.text()
    last = table.visualRect(table.model().index(2, 0)).bottom()
    below = table.viewport().mapTo(table.note.parentWidget(), QPoint(0, last)).y()
    assert 0 < table.note.geometry().top() - below < 20
    QGuiApplication.clipboard().setText("5")
    press(Key.Key_V, CONTROL)
    assert not table.note.isVisible()


def test_why_nothing_was_pasted_stands_beside_a_map(window: MainWindow, qtbot: QtBot):
    window.model.replace(blank(40, 100, 100), "Large")
    traced(qtbot, window)
    QGuiApplication.clipboard().setText("1\t2")
    click(qtbot, window.weights.buttons["paste matrix"])
    maps = window.weights.maps
    assert maps is not None
    qtbot.waitUntil(maps.note.isVisible)
    assert "the block is 1×2, but W_f is 100×140" in maps.note.text()


def test_the_menu_of_a_table_acts_on_what_was_clicked(window: MainWindow, qtbot: QtBot):
    table = window.weights.table
    menu = menu_at(table.viewport(), place_of(window, 2, 1))
    assert entries(menu)[:3] == ["Copy one number, W_f, column of x[2], row 3", "Copy all", "Copy as LaTeX"]
    choose_entry(menu, "Copy one number")
    assert clipboard() == "4.0"
    choose_entry(menu_at(table.viewport(), place_of(window, 2, 1)), "Set to 0")
    assert window.model.document.weights["W_f"][2, 1] == 0
    choose_entry(menu_at(table.viewport(), place_of(window, 2, 1)), "Fill W_f: Ones")
    assert (window.model.document.weights["W_f"] == 1).all()


def test_the_menu_of_the_inputs_adds_a_time_step(window: MainWindow, qtbot: QtBot):
    table = window.inputs.table
    choose_entry(menu_at(table.viewport(), QPoint(5, 5)), "Add a time step")
    assert len(window.model.document.x) == 2


def test_the_diagram_copies_a_column_and_shows_how_it_came_about(window: MainWindow, qtbot: QtBot):
    window.playback.seek(window.playback.last)
    column = window.scene.columns["f_t"] if "f_t" in window.scene.columns else window.scene.column_of("f_t")
    assert column is not None
    at = window.view.mapFromScene(column.scenePos())
    menu = menu_at(window.view.viewport(), at)
    offered = entries(menu)
    assert offered[:2] == ["Copy the numbers of f_t", "Copy f_t as LaTeX"]
    assert offered[-4:] == ["Copy the numbers as CSV", "Save the numbers…", "Copy the picture", "Save the picture…"]
    choose_entry(menu, "Copy f_t as LaTeX")
    trace = traced(qtbot, window)
    np.testing.assert_array_equal(only_reading(clipboard()), trace.steps[0]["f_t"][:, None])
    menu = menu_at(window.view.viewport(), at)
    assert "Show the sum of W_f, term by term" in offered
    assert "Show f_t on its curve" in offered
    choose_entry(menu, "Copy the numbers")
    np.testing.assert_array_equal([float(line) for line in clipboard().split()], trace.steps[0]["f_t"])
    choose_entry(menu_at(window.view.viewport(), at), "Show the sum")
    assert window.stage.front == "sum"


def test_what_is_not_computed_cannot_be_copied(window: MainWindow, qtbot: QtBot):
    column = window.scene.column_of("h_t")
    assert column is not None
    menu = menu_at(window.view.viewport(), window.view.mapFromScene(column.scenePos()))
    assert entries(menu)[0] == "h_t is not computed yet"
    assert not menu.actions()[0].isEnabled()


def test_the_wheel_over_a_column_says_which_entries_are_left(window: MainWindow, qtbot: QtBot):
    window.model.replace(blank(3, 30, 30), "Thirty")
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    shown = window.view._rows_shown
    assert not shown.isVisible()
    size = window.scene.columns["C_prev"].values.size
    window.scene.zoomed.emit(size, 2.0, 10.0)
    assert shown.isVisible()
    assert shown.text() == "Entries 3 to 12 of 30 are shown; 0 shows all"
    window.view.setFocus()
    press(Key.Key_0)
    assert not shown.isVisible()
    assert not window.view.is_zoomed


def test_a_right_click_on_a_layer_opens_its_menu_alone(window: MainWindow, qtbot: QtBot):
    node = next(node for node in window.scene._nodes.values() if node.node.layer == "W_f")
    at = QPointF(window.view.mapFromScene(node.scenePos())).toPoint()
    assert "Show the sum of W_f, term by term" in entries(menu_at(window.view.viewport(), at))
    assert window.stage.front == "diagram"


def test_a_view_of_the_cell_copies_every_value_of_every_time_step(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "Four time steps")
    trace = traced(qtbot, window)
    window.stage.show_view("unrolled")
    view = window.stage.view("unrolled")
    choose_entry(menu_at(view, QPoint(2, 2)), "Copy the numbers as CSV")
    heads, *rows = csv.reader(clipboard().splitlines())
    assert len(rows) == 4
    place = heads.index("h_t 1")
    assert [float(row[place]) for row in rows] == [float(step["h_t"][0]) for step in trace.steps]


def test_a_matrix_is_copied_as_latex_and_pasted_back(window: MainWindow):
    table = window.weights.table
    choose_entry(menu_at(table.viewport(), place_of(window, 2, 1)), "Copy as LaTeX")
    assert clipboard() == "\\begin{bmatrix}\n  4\n\\end{bmatrix}"
    table.clearSelection()
    window.commands.run("copy latex")
    assert clipboard().startswith("\\begin{bmatrix}\n  1 & 2 & 3 & 4 & 5 & 6")


def test_the_formula_is_copied_as_latex_in_symbols_and_in_numbers(window: MainWindow, qtbot: QtBot):
    traced(qtbot, window)
    window.commands.run("operation f_t")
    formula = window.stage.formula
    qtbot.waitUntil(lambda: formula.line is not None and formula.line.name == "f_t" and formula.arrived)
    choose_entry(menu_at(formula), "Copy as LaTeX")
    assert clipboard() == formula_latex(window.model.document.cell, "f_t")
    choose_entry(menu_at(formula), "Copy as LaTeX, with its numbers")
    assert clipboard().startswith("f_t = \\sigma \\begin{bmatrix}\n  92 \\\\\n  177 \\\\\n  136\n\\end{bmatrix} = ")
    window.commands.run("copy formula numbers")
    assert clipboard().startswith("f_t = ")
