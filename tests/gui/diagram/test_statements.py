"""What the program was made to answer is on the screen a few actions after the start."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from engine.explain.parts import CELL, LINE
from gui.diagram.items import NodeItem, WireItem
from gui.window.main_window import MainWindow
from tests.gui.driving import click, move, traced

MOST_ACTIONS = 5


class Reader:
    """Somebody who has just started the program, and counts what they do."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot, self.actions = window, qtbot, 0

    def click_dot(self, operation: str) -> None:
        """Click an operation on the time bar."""
        self.actions += 1
        bar, names = self.window.timeline, [item.name for item in traced(self.qtbot, self.window).cell.operations]
        marks, at = bar.phases, names.index(operation)
        mark = next(mark for mark in marks if mark.first <= at <= mark.last)
        share = (at - mark.first + 0.5) / (mark.last - mark.first + 1)
        point = QPointF(mark.box.left() + share * mark.box.width(), bar.height() * 0.66)
        click(self.qtbot, bar, point.toPoint())
        assert self.window.playback.operation is not None
        assert self.window.playback.operation.name == operation

    def rest_on(self, place: str) -> None:
        """Rest the mouse on a gate, a circle, a line or the block of the cell."""
        self.actions += 1
        viewport = self.window.view.viewport()
        move(viewport, QPointF(1, 1))
        move(viewport, QPointF(self.window.view.mapFromScene(self._at(place))))
        self.qtbot.waitUntil(lambda: self.window.formula.said is not None)

    def _at(self, place: str) -> QPointF:
        if place == CELL:
            return QPointF(1180, 420)
        for item in self.window.scene.items():
            if place == LINE and isinstance(item, WireItem) and item.wire.thick:
                (left, y), (right, _) = item.wire.points[0], item.wire.points[-1]
                return QPointF(max(left, right) - 30, y)
            if isinstance(item, NodeItem) and place in item.node.operations:
                return item.scenePos()
        raise AssertionError(f"the diagram has no {place}")

    @property
    def reads(self) -> str:
        """What is written in the formula's block."""
        formula = self.window.formula
        if formula.said is not None:
            return " ".join((formula.said.name, *formula.said.sentences))
        line = formula.line
        assert line is not None
        entries = [entry.text for entry in formula.numbers.entries] if formula.numbers else []
        return " ".join((line.heading, line.sizes, line.worked, line.about, formula.note, *entries))


def at_dot(operation: str) -> Callable[[Reader], None]:
    return lambda reader: reader.click_dot(operation)


def resting_on(place: str, after: str = "h_t") -> Callable[[Reader], None]:
    def do(reader: Reader) -> None:
        reader.click_dot(after)
        reader.rest_on(place)

    return do


STATEMENTS = {
    "W_f [x, h] is [91, 175, 133]": (at_dot("a_f"), "91 175 133"),
    "the sums are [92, 177, 136]": (at_dot("z_f"), "92 177 136"),
    "its sizes": (at_dot("z_f"), "3×1 = 3×6 · 6×1 + 3×1"),
    "the input gate's sums are [22, 43, 64], not [22, 42, 62]": (at_dot("z_i"), "[22, 42, 62] would be wrong"),
    "f = 1 keeps": (at_dot("kept"), "f = 1 KEEPS"),
    "a gate is no toss of a coin": (at_dot("f_t"), "not the toss of a coin; Draws (F8) compares the two"),
    "the largest slope of σ is 0.25": (at_dot("z_f"), "its derivative at 92 is 1.1·10⁻⁴⁰. The largest, at 0, is 0.25"),
    "the layers are one product": (at_dot("a_i"), "computed as one product: Layers (F6)"),
    "[x, h] or [h, x]": (at_dot("xh"), "The blog post writes [h, x]: the same sums"),
    "a gradient along the line is multiplied by f": (
        at_dot("C_t"),
        "Along this line a gradient is multiplied only by f",
    ),
    "n = k": (at_dot("h_t"), "so n = k unless a projection W_hr follows"),
    "h and C are two things, and h depends on C": (
        at_dot("h_t"),
        "h and C are two different things of the same size (n = k = 3), and h depends on C: h = o ∘ tanh(C)",
    ),
    "h_t goes to two places": (at_dot("h_t"), "two places: to the next time step, and up to the output"),
    "the thick line is the cell state": (resting_on(LINE), "The thick line on top is the cell state C"),
    "the green block is the cell": (resting_on(CELL), "The green block is the cell"),
    "σ written out": (at_dot("i_t"), "σ(22) = 1/(1 + e^(−22)) = 1 − 2.8·10⁻¹⁰"),
    "C̃ is how the state would be updated": (
        resting_on("C_tilde"),
        "C̃ is how the state would be updated, each entry between −1 and 1; i decides which units are",
    ),
    "the forget gate and the outbreak": (
        resting_on("f_t"),
        "An outbreak that is over: f near 0 lets its old counts go",
    ),
    "the output gate and the plural noun": (resting_on("o_t"), "A plural noun stays in C until a later verb needs it"),
    "the output gate and susceptibility": (at_dot("o_t"), "how many people are susceptible"),
    "ReLU and depth": (resting_on("tanh_C"), "ReLU's slope of 1 helps depth"),
    "what saves an LSTM": (resting_on(LINE), "by no slope and by no W: that is what saves an LSTM"),
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_is_found_in_a_few_actions(window: MainWindow, qtbot: QtBot, statement: str) -> None:
    traced(qtbot, window)
    reader = Reader(window, qtbot)
    find, words = STATEMENTS[statement]
    find(reader)
    assert reader.actions <= MOST_ACTIONS
    formula = window.formula
    qtbot.waitUntil(lambda: not formula.grab().isNull() and (formula.said or formula.numbers) is not None)
    qtbot.waitUntil(window.typesetter.idle)
    formula.grab()
    assert words in reader.reads
