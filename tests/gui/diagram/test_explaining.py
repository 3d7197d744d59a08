"""Resting on a part explains it in the formula's place, and a result is written when its tokens arrive."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from engine.explain.parts import CELL, LINE
from gui.diagram.frame import ARRIVES
from gui.diagram.items import NodeItem, WireItem
from gui.diagram.labels import LabelItem
from gui.window.main_window import MainWindow
from tests.gui.driving import Key, move, press, resting, traced, trigger


def rest_at(window: MainWindow, at: QPointF) -> None:
    """Move the mouse to a point of the drawing, from outside it."""
    viewport = window.view.viewport()
    move(viewport, QPointF(1, 1))
    move(viewport, QPointF(window.view.mapFromScene(at)))


def node_of(window: MainWindow, operation: str) -> NodeItem:
    items = (item for item in window.scene.items() if isinstance(item, NodeItem))
    return next(item for item in items if operation in item.node.operations)


def said(window: MainWindow) -> str:
    return " ".join(window.formula.said.sentences) if window.formula.said else ""


def test_resting_on_a_gate_explains_it_in_the_formulas_place(window: MainWindow, qtbot: QtBot) -> None:
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    qtbot.waitUntil(window.typesetter.idle)
    before = window.formula.grab().toImage()
    rest_at(window, node_of(window, "i_t").scenePos())
    qtbot.waitUntil(lambda: window.formula.said is not None)
    assert window.formula.said is not None
    assert (window.formula.said.name, window.formula.said.place) == ("input gate", "i_t")
    assert "σ(22) = 1/(1 + e^(−22)) = 1 − 2.8·10⁻¹⁰" in said(window)
    assert window.formula.grab().toImage() != before
    move(window.view.viewport(), QPointF(1, 1))
    qtbot.waitUntil(lambda: window.formula.said is None)
    assert window.formula.grab().toImage() == before


def test_the_line_the_cell_and_a_name_are_explained_too(window: MainWindow, qtbot: QtBot) -> None:
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    line = next(item for item in window.scene.items() if isinstance(item, WireItem) and item.wire.thick)
    left, right = line.wire.points[0], line.wire.points[-1]
    rest_at(window, QPointF(right[0] - 30, (left[1] + right[1]) / 2))
    qtbot.waitUntil(lambda: window.formula.said is not None and window.formula.said.place == LINE)
    assert "The thick line on top is the cell state" in said(window)
    rest_at(window, QPointF(1180, 420))  # an empty place of the block
    qtbot.waitUntil(lambda: window.formula.said is not None and window.formula.said.place == CELL)
    assert "The green block is the cell" in said(window)
    label = next(item for item in window.scene.items() if isinstance(item, LabelItem) and item.label.place == "o_t")
    rest_at(window, label.used(1.0).center())
    qtbot.waitUntil(lambda: window.formula.said is not None and window.formula.said.place == "o_t")


def test_the_next_operation_brings_the_formula_back(window: MainWindow, qtbot: QtBot) -> None:
    traced(qtbot, window)
    rest_at(window, node_of(window, "f_t").scenePos())
    qtbot.waitUntil(lambda: window.formula.said is not None)
    assert "1/(1 + e" not in said(window)  # not computed yet, so not given away
    press(Key.Key_Space)
    assert window.formula.said is None
    resting(qtbot, window.playback)
    assert window.formula.said is None


def test_every_part_of_every_cell_can_be_rested_on(window: MainWindow, qtbot: QtBot) -> None:
    for cell in ("gru", "gru-2014", "rnn", "peephole", "coupled", "lstm-1997"):
        trigger(window, f"cell {cell}")
        traced(qtbot, window)
        window.playback.seek(window.playback.last)
        for item in window.scene.items():
            if isinstance(item, NodeItem):
                window.scene.part_rested.emit(item.node.operations[-1])
                assert said(window), item.node
                window.formula.grab()
            if isinstance(item, WireItem):
                window.scene.part_rested.emit(item.wire.value)
                assert said(window), item.wire.value
    window.scene.part_rested.emit("")
    assert window.formula.said is None
    window.model.undo_stack.setClean()


def test_a_result_is_written_when_its_tokens_arrive(window: MainWindow, qtbot: QtBot) -> None:
    traced(qtbot, window)
    window.playback.seek(3)
    qtbot.waitUntil(lambda: window.formula.grab() is not None and window.formula.numbers is not None)
    qtbot.waitUntil(window.typesetter.idle)
    there = picture(window)
    window.playback.seek(2)
    window.playback.set_speed(0.25)
    press(Key.Key_Space)
    assert not window.formula.arrived
    on_the_way = picture(window)
    assert on_the_way != there
    qtbot.waitUntil(lambda: window.playback.progress >= ARRIVES)
    qtbot.waitUntil(lambda: window.formula.arrived)
    assert picture(window) == there
    press(Key.Key_PageUp)
    assert window.formula.arrived  # taken back at once: nothing is under way


def picture(window: MainWindow) -> QImage:
    return window.formula.grab().toImage()


@pytest.mark.parametrize("presenting", [False, True])
def test_an_explanation_is_never_wider_than_its_place(window: MainWindow, qtbot: QtBot, presenting: bool) -> None:
    traced(qtbot, window)
    window.playback.seek(window.playback.last)
    if presenting:
        press(Key.Key_F5)
    for place in (LINE, CELL, "f_t", "i_t", "C_tilde", "C_t", "o_t", "tanh_C", "h_t", "xh"):
        window.scene.part_rested.emit(place)
        assert said(window)
        window.formula.grab()
    window.scene.part_rested.emit("")
    if presenting:
        window.presenting.end()
