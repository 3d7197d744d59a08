"""Ctrl+Z finds the document, whatever box has the keyboard, unless something is being typed there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.widgets.spin_boxes import RealBox, WholeBox
from gui.window.main_window import MainWindow
from tests.gui.driving import CONTROL, SHIFT, Key, click, press, turn_wheel, write


def arrow(window: MainWindow, name: str) -> None:
    press(Key.Key_Up)


def wheel(window: MainWindow, name: str) -> None:
    turn_wheel(window.sizes.boxes[name], 15)


def typed_and_left(window: MainWindow, name: str) -> None:
    write("7")
    press(Key.Key_Return)


def typed_and_tabbed(window: MainWindow, name: str) -> None:
    write("7")
    press(Key.Key_Tab)


@pytest.mark.parametrize("way", [arrow, wheel, typed_and_left, typed_and_tabbed])
@pytest.mark.parametrize("name", ["m", "n", "k", "p"])
def test_a_size_is_undone_in_its_box(window: MainWindow, name: str, way: Callable[[MainWindow, str], None]):
    document = window.model.document.with_output("sigmoid", 2)
    window.model.replace(document, "Sizes")
    box = window.sizes.boxes[name]
    box.setFocus()
    box.selectAll()
    way(window, name)
    changed = window.model.document
    assert changed.sizes[name] != document.sizes[name]
    press(Key.Key_Z, CONTROL)
    assert window.model.document is document
    assert box.value() == document.sizes[name]
    press(Key.Key_Z, CONTROL | SHIFT)
    assert window.model.document is changed


def test_a_link_is_undone_where_it_was_pressed(window: MainWindow, qtbot: QtBot):
    before = window.model.document
    window.sizes.link.setFocus()
    press(Key.Key_Space)
    assert window.model.document.projected
    press(Key.Key_Z, CONTROL)
    assert window.model.document is before


def test_what_is_being_typed_is_taken_back_first(window: MainWindow):
    window.model.edit(window.model.document.resized(m=4), "m = 4")
    box = window.sizes.boxes["m"]
    box.setFocus()
    box.selectAll()
    write("9")
    press(Key.Key_Z, CONTROL)
    assert (box.lineEdit().text(), window.model.document.m) == ("4", 4)
    press(Key.Key_Z, CONTROL)
    assert window.model.document.m == 3


def test_a_number_that_is_no_document_s_is_the_box_s_own(window: MainWindow):
    window.model.edit(window.model.document.resized(m=4), "m = 4")
    box = window.sizes.seed
    box.setValue(5)
    box.setFocus()
    for _ in range(3):
        press(Key.Key_Up)
    assert box.value() == 8
    press(Key.Key_Z, CONTROL)
    press(Key.Key_Z, CONTROL)
    assert (box.value(), window.model.document.m) == (6, 4)
    press(Key.Key_Y, CONTROL)
    assert box.value() == 7
    press(Key.Key_Z, CONTROL)
    press(Key.Key_Z, CONTROL)
    assert (box.value(), window.model.document.m) == (5, 4)
    press(Key.Key_Z, CONTROL)  # nothing of the box's is left
    assert window.model.document.m == 3


@pytest.mark.parametrize("make", [WholeBox, RealBox])
def test_what_the_program_puts_into_a_box_is_not_undone(qtbot: QtBot, make: type[WholeBox | RealBox]):
    box = make()
    box.setRange(0, 100)
    qtbot.addWidget(box)
    box.show()
    qtbot.waitUntil(box.isActiveWindow)
    box.setFocus()
    press(Key.Key_Up)
    box.setValue(50)
    press(Key.Key_Z, CONTROL)
    assert box.value() == 50
    press(Key.Key_Up)
    press(Key.Key_Z, CONTROL)
    assert box.value() == 50


def test_an_open_cell_of_a_table_lets_the_window_undo(window: MainWindow, qtbot: QtBot):
    before = window.model.document
    window.model.edit(before.resized(m=4), "m = 4")
    table = window.weights.table
    table.setCurrentIndex(table.model().index(0, 0))
    table.setFocus()
    press(Key.Key_F2)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not table)
    press(Key.Key_Z, CONTROL)
    assert window.model.document is before


def test_the_wheel_gives_no_size_to_a_box_that_it_only_passes(window: MainWindow, qtbot: QtBot):
    click(qtbot, window.view.viewport(), QPointF(5, 5).toPoint())
    before = window.model.document
    turn_wheel(window.sizes.boxes["m"], 15)
    press(Key.Key_Z, CONTROL)
    assert window.model.document is before
