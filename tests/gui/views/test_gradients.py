"""Gradients through time: the curves are those of the engine, and say so for every cell."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.document.examples import load_example
from engine.document.through_time import through_time
from gui.views.gradients.gradients import GradientsView
from gui.window.main_window import MainWindow
from tests.gui.driving import Key, click, press, traced


def shown(window: MainWindow, qtbot: QtBot) -> GradientsView:
    press(Key.Key_F11)
    view = window.stage.view("gradients")
    assert isinstance(view, GradientsView)
    traced(qtbot, window)
    qtbot.waitUntil(lambda: view.shown is not None)
    return view


@pytest.mark.parametrize("sampled", [None, 1])
@pytest.mark.parametrize("name", CELLS)
def test_the_curves_are_those_of_the_engine(window: MainWindow, qtbot: QtBot, name: str, sampled: int | None):
    document = load_example("four-steps").with_cell(name).with_sampled(sampled)
    window.model.replace(document, "")
    view = shown(window, qtbot)
    expected = through_time(document)
    series = {"rnn": expected.rnn, **expected.norms}
    if expected.line is not None:
        series["line"] = expected.line.mean(axis=1)
    for key, curve in view.curves.items():
        there = key in series and np.any(series[key] > 0)
        assert curve.isVisible() == there
        if there:
            x, y = curve.getData()
            np.testing.assert_array_equal(x, [1, 2, 3, 4])
            positive = series[key] > 0
            np.testing.assert_allclose(10.0 ** y[positive], series[key][positive], rtol=1e-9)
            assert np.isnan(y[~positive]).all()
    assert not view.grab().isNull()
    axis = view.plot.getAxis("bottom")
    assert axis.tickStrings([1.0, 2.0, 3.0], 1.0, 1.0) == ["t = 1", "2", "3"]


def test_it_says_in_numbers_what_is_left(window: MainWindow, qtbot: QtBot):
    document = load_example("four-steps")
    window.model.replace(document, "")
    view = shown(window, qtbot)
    found = through_time(document)
    assert found.line is not None
    window.playback.seek_step(0)
    says = view._words.text()
    assert says.startswith("From t = 4 back to t = 1, the gradient along C (on average) shrinks to ")
    assert f"shrinks to {found.line[0].mean():.2f} of its size, in the plain RNN it " in says
    assert f" {found.rnn[0]:.2f}" in says.partition("in the plain RNN it ")[2]
    window.playback.seek_step(3)
    assert "starts at t = 4" in view._words.text()
    told: list[str] = []
    view.message.connect(told.append)
    box = view.plot.getViewBox()
    view._on_mouse(box.mapViewToScene(QPointF(2.1, box.viewRange()[1][0] + 0.1)))
    assert told[-1].startswith(f"t = 2: ∏ {found.line[1].mean():.2f} (")
    assert f"plain RNN {found.rnn[1]:.2f}" in told[-1]


def test_it_follows_an_edit_and_the_playback(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    view = shown(window, qtbot)
    before = view.shown
    window.playback.seek_step(2)
    assert view._now.value() == 3
    window.model.edit(window.model.document.with_weight("b_f", np.full(4, 5.0)), "remember")
    qtbot.waitUntil(lambda: view.shown is not before)
    assert view.shown is not None
    assert view.shown.line is not None
    assert (view.shown.line > 0.9).all()
    window.model.undo_stack.setClean()


def test_one_step_says_what_to_do(window: MainWindow, qtbot: QtBot):
    view, document = shown(window, qtbot), window.model.document
    assert view.empty.isVisible()
    click(qtbot, view.empty.buttons[0])
    qtbot.waitUntil(lambda: view.shown is not None and len(view.shown.rnn) == 9)
    assert view.widget.isVisible()
    window.model.undo_stack.undo()
    assert window.model.document is document
    qtbot.waitUntil(lambda: view.empty.isVisible())
    click(qtbot, view.empty.buttons[1])
    qtbot.waitUntil(lambda: window.model.shown.name == "A gradient that vanishes" and not view.empty.isVisible())
    assert not window.model.unsaved, "nothing of the user's is lost"
    window.model.undo_stack.undo()
    assert (window.model.document, window.model.shown.name) == (document, "Worked example")


def test_curves_come_from_the_last_step_back_where_what_is_to_come_is_hidden(window: MainWindow, qtbot: QtBot):
    window.model.replace(load_example("four-steps"), "")
    view = shown(window, qtbot)
    click(qtbot, view.hide_later)
    for t in (3, 1):
        window.playback.seek_step(t)
        assert view.curves["rnn"].getData()[0].tolist() == list(range(t + 1, 5))
    window.commands.run("hide")
    assert view.curves["rnn"].getData()[0].tolist() == [1, 2, 3, 4]
    assert not view.hide_later.isChecked()
