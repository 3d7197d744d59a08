"""The view By hand: sliders, stories and the command set gates, and C and h follow."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.document.by_hand import STEPS
from gui.commands.command import CommandError
from gui.views.by_hand.by_hand import ByHandView
from gui.window.main_window import MainWindow
from tests.gui.driving import Key


@pytest.fixture
def view(window: MainWindow, qtbot: QtBot) -> ByHandView:
    window.commands.run("cell lstm")
    window.commands.run("gate remember unit=1")
    found = window.stage.view("by-hand")
    assert isinstance(found, ByHandView)
    found.walk.seek(found.walk.last)
    qtbot.waitUntil(lambda: found.trace is not None and course(found, "C_t") == [0.8] * STEPS)
    return found


def course(view: ByHandView, name: str) -> list[float]:
    assert view.trace is not None
    return [round(float(step[name][view.unit.value() - 1]), 4) for step in view.trace.steps]


def equation(view: ByHandView, row: int) -> str:
    return str(view.equations[row][1].property("text"))


def test_it_begins_with_a_value_that_goes_in_and_stays(view: ByHandView, qtbot: QtBot) -> None:
    assert view.stories["remember"].isChecked()
    assert equation(view, 0) == "unit 1, t = 12:   1.00 · 0.80 + 0.00 · 0.80 = 0.80"
    assert "C: 0.80, 0.80" in view.columns.accessibleDescription()


def test_buttons_tell_stories(view: ByHandView, qtbot: QtBot) -> None:
    view.stories["overwrite"].click()
    qtbot.waitUntil(lambda: course(view, "C_t") == [0.8] * 6 + [-0.6] * 6)
    assert "takes the place" in view.says.text()
    view.stories["leak"].click()
    qtbot.waitUntil(lambda: course(view, "C_t")[1:3] == [0.72, 0.648])
    assert [name for name, button in view.stories.items() if button.isChecked()] == ["leak"]


def test_a_slider_sets_every_step_and_a_click_chooses_one_alone(view: ByHandView, qtbot: QtBot) -> None:
    slider = view.sliders["f_t"].slider
    slider.setFocus()
    QTest.keyClick(slider, Key.Key_Left)
    qtbot.waitUntil(lambda: course(view, "f_t") == [0.95] * STEPS)
    assert not any(button.isChecked() for button in view.stories.values())
    at = view.columns.box(0, 4).center().toPoint()
    QTest.mouseClick(view.columns, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert view.t == 4
    slider.setValue(50)
    qtbot.waitUntil(lambda: course(view, "f_t") == [0.95] * 4 + [0.5] + [0.95] * 7)
    view.stories["forget"].click()  # at this step alone
    qtbot.waitUntil(lambda: course(view, "f_t")[4] == 0.0)
    assert course(view, "f_t")[5] == 0.95
    QTest.mouseClick(view.columns, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(2, 2))
    assert view.t == 4  # beside the columns there is no step


def test_what_is_not_set_is_computed(view: ByHandView, window: MainWindow, qtbot: QtBot) -> None:
    view.computed.click()
    own = window.model.trace
    assert own is not None
    qtbot.waitUntil(lambda: course(view, "C_t")[0] == round(float(own.steps[0]["C_t"][0]), 4))
    view.sliders["o_t"].by_hand.click()
    assert view.held["o_t"] == [float(view.trace.steps[view.t]["o_t"][0])] * STEPS if view.trace else False
    view.sliders["o_t"].by_hand.click()
    assert view.held["o_t"] == [None] * STEPS


def test_the_command_sets_gates(view: ByHandView, window: MainWindow, qtbot: QtBot) -> None:
    window.commands.run("gate leak unit=2")
    window.commands.run("gate f=0 i=1 C~=-0.5 t=3")
    qtbot.waitUntil(lambda: view.unit.value() == 2 and course(view, "C_t")[2:4] == [-0.5, -0.45])
    assert equation(view, 0).startswith("unit 2, t = 3:   0.00 · 0.72 + 1.00 · (−0.50) = −0.50")
    window.commands.run("gate computed")
    assert set(map(tuple, view.held.values())) == {(None,) * STEPS}
    for line, words in (
        ("gate f=3", "from 0 to 1"),
        ("gate q=1", "no gate q"),
        ("gate t=13", "no time step 13"),
        ("gate unit=4", "no unit 4"),
        ("gate remembr", "did you mean"),
    ):
        with pytest.raises(CommandError, match=words):
            window.commands.run(line)


def test_keys_walk_through_the_steps(view: ByHandView, window: MainWindow) -> None:
    window.commands.run("restart")
    assert view.t == 0
    window.commands.run("next")
    window.commands.run("next")
    assert view.t == 2
    QTest.keyClick(view.columns, Key.Key_Right)
    assert view.t == 3


def test_a_cell_without_a_state_offers_one_that_has_it(view: ByHandView, window: MainWindow, qtbot: QtBot) -> None:
    window.commands.run("cell gru")
    qtbot.waitUntil(lambda: view.empty.isVisible())
    view.empty.buttons[0].click()
    qtbot.waitUntil(lambda: not view.empty.isVisible() and bool(view.sliders))
    window.commands.run("cell coupled")
    qtbot.waitUntil(lambda: list(view.sliders) == ["f_t", "C_tilde", "o_t"])
