"""Motion: a walk that moves at once, the speed that is remembered, and what is read of damaged settings."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.appearance.chosen.motion import FULL, NONE, Motion
from gui.appearance.stored import Stored
from gui.window.main_window import MainWindow
from tests.gui.driving import Key, press


@pytest.fixture(autouse=True)
def moves(window: MainWindow) -> None:
    window._appearance.motion.choose(FULL)


def test_without_motion_a_result_appears_at_once(window: MainWindow):
    window._appearance.motion.choose(NONE)
    press(Key.Key_Space)
    assert window.playback.position == 1
    assert not window.playback.moving
    window._appearance.motion.choose(FULL)
    press(Key.Key_Space)
    assert window.playback.moving


def test_without_motion_it_plays_to_the_end(window: MainWindow, qtbot: QtBot):
    window._appearance.motion.choose(NONE)
    window._appearance.motion.set_speed(4)
    window.playback.seek(window.playback.last - 3)
    press(Key.Key_Return)
    seen: set[float] = set()
    window.playback.progressed.connect(lambda: seen.add(window.playback.progress))
    qtbot.waitUntil(lambda: window.playback.position == window.playback.last and not window.playback.playing)
    assert seen <= {1.0}


def test_without_motion_other_views_move_at_once_too(window: MainWindow):
    window._appearance.motion.choose(NONE)
    window.commands.run("show sizes")
    window.commands.run("set m=2")
    window.commands.run("show unrolled")
    assert window.stage.walk.still
    window.model.undo_stack.setClean()


def test_the_speed_is_remembered_and_shown_by_the_slider(window: MainWindow, settings: Stored):
    window._appearance.motion.set_speed(2.0)
    assert window.playback.speed == 2.0
    assert "2×" in window.transport._speed_text.text()
    window.commands.run("faster")
    assert window._appearance.motion.speed == 4.0


def test_motion_and_speed_come_back_and_damaged_ones_do_not(settings: Stored):
    motion = Motion(settings)
    motion.choose(NONE)
    motion.set_speed(0.5)
    again = Motion(settings)
    assert (again.choice, again.speed, again.still) == (NONE, 0.5, True)
    assert again.lasting(400) == 0
    settings.setValue("motion", "sideways")
    settings.setValue("speed", "nan")
    damaged = Motion(settings)
    assert (damaged.choice, damaged.speed, damaged.still) == ("system", 1.0, False)
    sentence = settings.sentence_of_left_out()
    assert "whether things move" in sentence
    assert "the speed of the playback" in sentence
