"""The flow turned round: the diagram shows gradients, and they are those of backpropagation through time."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.cell.trace import backpropagate
from engine.document.examples import load_example
from engine.document.loss import Loss, loss_and_seeds
from engine.document.tracing import trace_document
from engine.text import numbers
from gui.playback.walk import Walk
from gui.window.main_window import MainWindow
from tests.gui.driving import CONTROL, Key, move, press, traced, trigger


def turned(window: MainWindow, qtbot: QtBot) -> Walk:
    """Turn the flow round and wait for the way back."""
    if not window.stage.cell.backwards:
        press(Key.Key_B, CONTROL)
    page = window.stage.cell
    trace = traced(qtbot, window)
    qtbot.waitUntil(lambda: page.way is not None and page.way.trace is trace)
    return page.back


@pytest.mark.parametrize("output", [None, "softmax"])
@pytest.mark.parametrize("name", CELLS)
def test_the_diagram_shows_every_gradient(window: MainWindow, qtbot: QtBot, name: str, output: str | None):
    document = load_example("four-steps").with_cell(name).with_output(output, 3, seed=1)
    window.model.replace(document, "")
    back = turned(window, qtbot)
    trace = trace_document(document)
    _, seed = loss_and_seeds(trace, Loss())
    expected = backpropagate(trace, [{}, {}, {}, seed])
    for t in (3, 2, 1, 0):
        back.seek_step(t)
        assert back.t == t
        for column in window.scene.columns.values():
            here = [value for value in column.slot.values if value in expected.steps[t]]
            if not here:
                assert column.texts == []
                continue
            assert column.name == here[0]
            np.testing.assert_allclose(column.values, expected.steps[t][here[0]], rtol=1e-12, atol=1e-15)
    for position in range(0, back.last + 1, 3):
        back.seek(position)
        window.formula.grab()
    assert not window.view.grab().isNull()


def test_the_keys_move_the_way_back(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    traced(qtbot, window)
    window.playback.seek(7)
    back = turned(window, qtbot)
    assert window.stage.walk is back
    assert window.actions_by_name["backwards"].isChecked()
    assert window.formula.line is None
    press(Key.Key_Space)
    qtbot.waitUntil(lambda: not back.moving)
    assert (back.position, window.playback.position) == (1, 7)
    assert window.formula.line is not None
    assert window.formula.line.symbols == r"\delta o_t = \delta h_t \circ \tanh\left(C_t\right)"
    column = window.scene.column_of("o_t")
    assert column is not None
    tanh = np.asarray(traced(qtbot, window).steps[3]["tanh_C"])
    assert column.texts == numbers.column(tanh.tolist())
    press(Key.Key_PageUp)
    assert back.position == 0
    press(Key.Key_Return)
    assert back.playing
    press(Key.Key_B, CONTROL)
    assert not back.playing
    assert window.stage.walk is window.playback
    assert window.formula.line is not None
    assert window.formula.line.symbols.startswith("i_t")


def test_the_timeline_follows(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    back = turned(window, qtbot)
    back.seek_step(1)
    assert back.stop == len(back.leg.stops) - 1
    back.seek_stop(0)
    assert (back.t, back.stop) == (1, 0)
    assert "∂L/∂h_t is passed on to ∂L/∂o_t" in back.leg.stops[0].text
    assert not window.timeline.grab().isNull()


def test_gradients_may_be_typed(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    turned(window, qtbot)
    page, bar = window.stage.cell, window.stage.cell.bar
    first = page.way
    bar.choice.setCurrentIndex(bar.choice.findData("typed"))
    bar.choice.activated.emit(bar.choice.currentIndex())
    assert bar.C.isVisible()
    bar.C.setText("0 0 2 0")
    bar.h.setText("0 0 0 0")
    bar.C.editingFinished.emit()
    qtbot.waitUntil(lambda: page.way is not first and page.way is not None and "C_t" in page.way.arrivals[3])
    assert page.way is not None
    np.testing.assert_array_equal(page.way.arrivals[3]["C_t"], [0, 0, 2, 0])
    # What does not fit is said, and what is shown stays.
    shown = page.way
    bar.C.setText("1 2")
    bar.C.editingFinished.emit()
    qtbot.waitUntil(lambda: "∂L/∂C_t: expected 4 numbers, found 2" in window.statusBar().currentMessage())
    bar.C.setText("one")
    bar.C.editingFinished.emit()
    assert "∂L/∂C: “one” is not a number" in window.statusBar().currentMessage()
    assert page.way is shown
    bar.choice.setCurrentIndex(bar.choice.findData("sum"))
    bar.choice.activated.emit(0)
    qtbot.waitUntil(lambda: page.way not in (shown, None))


def test_an_edit_is_followed(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    back = turned(window, qtbot)
    back.seek(12)
    page = window.stage.cell
    before = page.way
    trigger(window, "randomise matrix")
    qtbot.waitUntil(lambda: page.way not in (before, None))
    assert back.position == 12
    window.model.undo_stack.setClean()


def test_resting_on_a_gradient(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    back = turned(window, qtbot)
    back.seek_step(3)
    window.scene.rested.emit("f_t", 1)
    columns = window.scene.columns
    assert columns["kept"].lit[0] == (slice(1, 2),)
    assert columns["xh"].lit[1] is not None
    message = window.statusBar().currentMessage()
    way = window.stage.cell.way
    known = way.known(back.position, 3)["f_t"] if way else None
    assert known is not None
    assert message.startswith(f"∂L/∂f_t[2] = {numbers.exact(float(known[1]))}")
    window.formula.rested.emit("δf_t", (1,))
    assert columns["kept"].lit[0] == (slice(1, 2),)
    window.formula.rested.emit("rf_t", (1,))  # 1 − f_t is no value of the cell
    assert columns["kept"].lit == (None, None)
    move(window.formula, QPointF(5, 5))


def test_one_step_and_no_way_to_go(window: MainWindow, qtbot: QtBot):
    back = turned(window, qtbot)
    assert back.steps == 1
    back.seek(back.last)
    assert not window.view.grab().isNull()


def test_a_target_that_fits_no_longer_gives_way_to_the_sum(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    turned(window, qtbot)
    page, bar = window.stage.cell, window.stage.cell.bar
    bar.choice.setCurrentIndex(bar.choice.findData("square"))
    bar.target.setText("1 2 3 4")
    bar.target.editingFinished.emit()
    qtbot.waitUntil(lambda: bar.loss.name == "square" and page.way is not None and page.way.arrivals[3]["h_t"][0] < 0)
    window.sizes.boxes["k"].setValue(5)
    traced(qtbot, window)
    qtbot.waitUntil(lambda: page.way is not None and page.way.trace is window.model.trace)
    assert bar.loss == Loss()
    assert bar.target.text() == ""
    assert "expected 5 numbers, found 4" in window.statusBar().currentMessage()
    window.model.undo_stack.setClean()


def test_a_hall_sees_the_whole_diagram_above_its_legend_and_which_loss_it_is(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window._appearance.fit_screen(1080)
    window.resize(1920, 1080)
    turned(window, qtbot)
    page = window.stage.cell
    assert page.bar.loss_in_words.startswith("L = ")
    press(Key.Key_F5)
    qtbot.waitUntil(page.legend.line.isVisible)
    qtbot.waitUntil(lambda: page.view.geometry().bottom() < page.legend.geometry().top())
    assert page.bar.loss_in_words.startswith("L = sum of the last h = ")
    window.presenting.end()
    assert not page.bar.loss_in_words.startswith("L = sum")
