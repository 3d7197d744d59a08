"""The tour goes on by itself, and any key stops it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.appearance.stored import Stored
from gui.lessons import tour
from gui.window.main_window import MainWindow
from gui.workspaces.welcome.page import WelcomePage
from tests.gui.conftest import Windows
from tests.gui.driving import Key, click, press, wait_until


@pytest.fixture
def window(windows: Windows, settings: Stored, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(tour, "_LEAST_S", 0.01)
    monkeypatch.setattr(tour, "_A_WORD_S", 0.0005)
    window = windows.open(settings)
    window.commands.run("tour")
    wait_until(lambda: window.lessons.course.on)
    return window


def test_any_key_stops_it_and_does_nothing_else(window: MainWindow):
    course = window.lessons.course
    wait_until(lambda: course.done > 1)
    press(Key.Key_PageDown)
    assert not window.lessons.tour.on
    wait_until(lambda: not course.runner.busy)
    stood = course.place, course.done
    press(Key.Key_PageDown)  # now it is a lesson like any other
    wait_until(lambda: not course.runner.busy)
    assert (course.place, course.done) != stood
    window.commands.run("end lesson")


@pytest.mark.soak
def test_it_goes_through_a_cell_and_a_training_to_its_end(window: MainWindow):
    course, training = window.lessons.course, window.training.controller
    wait_until(lambda: not window.lessons.tour.on, 120_000)
    assert course.at_end
    assert training.run.history.count == 1000
    assert window.model.visiting  # the network of the run stands in the diagram
    window.commands.run("end lesson")


def test_welcome_has_a_card_for_it(windows: Windows, settings: Stored, qtbot: QtBot):
    window = windows.open(settings)
    window.commands.run("welcome")
    page = window.findChild(WelcomePage)
    click(qtbot, page.tour)
    wait_until(lambda: window.lessons.course.on)
    assert window.lessons.tour.on
    assert not page.isVisible()
    window.commands.run("end lesson")
    assert not window.lessons.tour.on
