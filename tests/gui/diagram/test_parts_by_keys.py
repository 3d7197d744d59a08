"""The arrow keys go from part to part of the diagram: with a ring, the same words as under the mouse, and aloud."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.explain.parts import CELL, LINE
from gui.window.main_window import MainWindow
from tests.gui.driving import Key, press, resting, traced, trigger


def said(window: MainWindow) -> str:
    return window.formula.said.place if window.formula.said else ""


def picture(window: MainWindow) -> QImage:
    return window.view.viewport().grab().toImage()


def test_arrows_go_through_every_part_and_come_round(window: MainWindow, qtbot: QtBot):
    traced(qtbot, window)
    seen = []
    for _ in range(40):
        press(Key.Key_Right)
        if window.view.part in seen:
            break
        seen.append(window.view.part)
        assert said(window) == window.view.part
    assert seen[:2] == [CELL, LINE]
    assert seen.index("x_t") < seen.index("f_t") < seen.index("C_t") < seen.index("h_t")
    assert {"i_t", "C_tilde", "o_t", "kept", "added", "tanh_C"} <= set(seen)
    assert window.view.part == CELL
    press(Key.Key_Left)
    assert window.view.part == seen[-1]


def test_the_part_has_a_ring_and_its_words_are_told(window: MainWindow, qtbot: QtBot):
    traced(qtbot, window)
    before = picture(window)
    for _ in range(40):
        press(Key.Key_Down)
        if window.view.part == "f_t":
            break
    assert picture(window) != before
    assert window.view.accessibleDescription().startswith("forget gate, what of C is kept.")
    press(Key.Key_Escape)
    assert (window.view.part, said(window), window.view.accessibleDescription()) == ("", "", "")
    assert picture(window) == before


def test_the_next_operation_takes_the_place_of_the_words(window: MainWindow, qtbot: QtBot):
    traced(qtbot, window)
    for _ in range(4):
        press(Key.Key_Right)
    here = window.view.part
    press(Key.Key_Space)
    assert (window.view.part, said(window)) == ("", "")
    resting(qtbot, window.playback)
    press(Key.Key_Left)
    press(Key.Key_Right)
    assert window.view.part == here


def test_tab_comes_to_the_diagram_and_shows_where_it_is(window: MainWindow, qtbot: QtBot):
    traced(qtbot, window)
    for _ in range(80):
        press(Key.Key_Tab)
        if QApplication.focusWidget() is window.view:
            break
    assert QApplication.focusWidget() is window.view
    assert window.view.part
    press(Key.Key_Tab)
    assert window.view.part == ""


@pytest.mark.parametrize("cell", ["gru", "gru-2014", "rnn", "peephole", "coupled", "lstm-1997"])
def test_every_cell_has_its_parts(window: MainWindow, qtbot: QtBot, cell: str):
    trigger(window, f"cell {cell}")
    traced(qtbot, window)
    window.view.setFocus()
    seen = set()
    for _ in range(40):
        press(Key.Key_Right)
        seen.add(window.view.part)
        assert said(window) == window.view.part
    assert {"h_t", "x_t", CELL} <= seen
    window.model.undo_stack.setClean()
