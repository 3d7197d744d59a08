"""The views in the middle of the window: each comes to the front by its key, draws, and takes the playback's keys."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.document.examples import load_example
from engine.text import numbers
from engine.text.numbers import Style
from gui.commands.views import VIEWS, workspaces
from gui.views.base import View
from gui.window.main_window import MainWindow
from tests.gui.driving import CONTROL, NONE, SHIFT, Key, press, traced, trigger

CELL_VIEWS = workspaces()["explore"]
TRAINING_VIEWS = [name for name, row in VIEWS.items() if name not in CELL_VIEWS and row.keys]
KEYS = dict(zip(CELL_VIEWS, (Key.Key_F2, Key.Key_F3, Key.Key_F4, Key.Key_F6, Key.Key_F7, Key.Key_F8), strict=False))
KEYS |= {"unrolled": Key.Key_F9, "gradients": Key.Key_F11, "pair": Key.Key_F12, "by-hand": Key.Key_F12}
MODIFIERS = {"by-hand": SHIFT}


@pytest.mark.parametrize("example", ["worked-example", "four-steps", "projection"])
@pytest.mark.parametrize("name", CELL_VIEWS)
def test_a_view_comes_by_its_key(window: MainWindow, qtbot: QtBot, name: str, example: str):
    window.model.replace(load_example(example), "")
    trace = traced(qtbot, window)
    press(KEYS[name], MODIFIERS.get(name, NONE))
    assert window.stage.front == name
    assert window.actions_by_name[f"show {name}"].isChecked()
    view = window.stage.view(name)
    assert view.isVisible()
    qtbot.waitUntil(window.typesetter.idle)
    assert len(_colours(view)) > 3, "the view is empty"
    press(Key.Key_Space)
    qtbot.waitUntil(lambda: not view.walk.moving)
    if view.walk is window.playback and view.by_steps:  # to the end of the next time step, if there is one
        assert view.walk.position == (2 * len(trace.cell.operations) if len(trace.steps) > 1 else 0)
    else:  # by time steps, the first is there from the start
        assert view.walk.position == (2 if view.walk.by_legs else 1)
    press(Key.Key_Home)
    assert view.walk.position == 0
    press(Key.Key_Escape)
    assert window.stage.front == "diagram"


LAB_KEYS = dict(
    zip(
        TRAINING_VIEWS,
        (Key.Key_1, Key.Key_2, Key.Key_3, Key.Key_4, Key.Key_5, Key.Key_6, Key.Key_7, Key.Key_8, Key.Key_9),
        strict=True,
    )
)


@pytest.mark.parametrize("name", TRAINING_VIEWS)
def test_a_view_of_the_training_comes_by_its_key_and_says_what_to_do(window: MainWindow, qtbot: QtBot, name: str):
    press(LAB_KEYS[name], CONTROL)
    assert window.stage.front == name
    assert window.actions_by_name[f"show {name}"].isChecked()
    view = window.stage.view(name)
    assert view.isVisible()
    assert window.stage.timeline.isVisible() is view.has_timeline
    qtbot.waitUntil(window.typesetter.idle)
    assert len(_colours(view)) > 3, "the view is empty"
    press(Key.Key_F5)
    assert window.presenting.on
    assert len(_colours(view)) > 3
    first = workspaces()[window.stage.workspace][0]
    if name != first:
        press(Key.Key_Escape)
        assert window.stage.front == first
        assert window.presenting.on  # the view was left, not the presentation
    press(Key.Key_Escape)
    assert window.presenting.on
    press(Key.Key_Escape)
    assert not window.presenting.on
    assert window.top.isVisible()


def _colours(view: View) -> set[int]:
    picture = view.grab().toImage()
    return {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}


@pytest.mark.parametrize("name", CELL_VIEWS)
def test_a_view_bears_every_cell_and_the_hall(window: MainWindow, qtbot: QtBot, name: str):
    press(KEYS[name], MODIFIERS.get(name, NONE))
    view = window.stage.view(name)
    for cell in ("gru", "gru-2014", "rnn", "lstm-1997", "peephole", "coupled"):
        trigger(window, f"cell {cell}")
        trigger(window, "output softmax")
        traced(qtbot, window)
        view.walk.seek(view.walk.last)
        assert not view.grab().isNull()
    press(Key.Key_F5)
    assert window.presenting.on
    assert view.isVisible()
    press(Key.Key_PageUp)
    qtbot.waitUntil(window.typesetter.idle)
    assert not view.grab().isNull()
    window.presenting.end()
    assert not window.presenting.on
    assert window.stage.front == name
    window.model.undo_stack.setClean()


def test_a_view_that_is_left_stands_still(window: MainWindow, qtbot: QtBot):
    press(Key.Key_F3)
    walk = window.stage.walk
    press(Key.Key_Return)
    assert walk.playing
    press(Key.Key_F2)
    assert not walk.playing
    assert window.playback.position == 0


def test_speed_is_the_same_in_every_view(window: MainWindow, qtbot: QtBot):
    window.transport.change_speed(1)
    press(Key.Key_F3)
    assert window.stage.walk.speed == pytest.approx(2)
    press(Key.Key_F2)
    assert window.stage.walk.speed == pytest.approx(2)


@pytest.mark.parametrize("style", Style)
def test_numbers_are_written_as_chosen_and_remembered(window: MainWindow, qtbot: QtBot, style: Style):
    trace = traced(qtbot, window)
    trigger(window, f"numbers {style.value}")
    assert window.actions_by_name[f"numbers {style.value}"].isChecked()
    window.playback.seek(window.playback.last)
    for name, rounds in (("f_t", True), ("C_t", False), ("z_f", False)):
        column = window.scene.column_of(name)
        assert column is not None
        expected = numbers.column(trace.steps[0][name].tolist(), rounds, style)
        assert [_same_number(*texts) for texts in zip(column.texts, expected, strict=True)] == [True] * len(expected)
    assert window.weights.table.grid.look(1, 1)[0] == numbers.short(6.0, style=style)
    window.playback.seek(3)
    qtbot.waitUntil(lambda: window.formula.grab() is not None and window.formula.numbers is not None)
    assert window.formula.numbers is not None
    written = [entry.text for entry in window.formula.numbers.entries if entry.name == "z_f"]
    assert written == numbers.column(trace.steps[0]["z_f"].tolist(), style=style)
    assert numbers.Style(window._stored.value("digits", "short")) is style
    trigger(window, "numbers short")


def _same_number(shown: str, expected: str) -> bool:
    """Whether a column shows a number in its style, with as many of its digits as there is room for."""
    (digits, _, power), (all_digits, _, all_power) = shown.partition("·"), expected.partition("·")
    places = len(digits.partition(".")[2])
    rounded = f"{float(all_digits.replace(numbers.MINUS, '-')):.{places}f}".replace("-", numbers.MINUS)
    return (digits, power) == (rounded, all_power)


def test_the_flow_turns_in_front_of_the_cell(window: MainWindow, qtbot: QtBot):
    press(Key.Key_F9)
    press(Key.Key_B, CONTROL)
    assert window.stage.front == "diagram"
    assert window.stage.cell.backwards


@pytest.mark.parametrize("name", ["sizes", "layers", "activations", "draws", "gradients"])
def test_where_operations_move_nothing_the_keys_go_by_time_steps(window: MainWindow, qtbot: QtBot, name: str):
    window.model.replace(load_example("four-steps"), "")
    traced(qtbot, window)
    press(KEYS[name], MODIFIERS.get(name, NONE))
    walk = window.stage.walk
    for t in (1, 2):
        press(Key.Key_PageDown)
        qtbot.waitUntil(lambda: not walk.moving)
        assert window.playback.moment.t == t
        assert window.playback.moment.done == len(window.playback.leg.stops)
    press(Key.Key_PageUp)
    assert window.playback.moment.t == 1
    window.playback.seek_step(3)
    assert walk.t == 3
    press(Key.Key_Return)  # from the start, since it stands at the end
    assert walk.playing
    qtbot.waitUntil(lambda: not walk.playing and window.playback.moment.t == 3)
