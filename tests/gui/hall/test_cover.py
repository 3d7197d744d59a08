"""F5 begins and only begins; a clicker's keys for a black and a white screen; any key brings the view back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.window.main_window import MainWindow
from tests.gui.driving import Key, click, press, write


@pytest.fixture
def hall(window: MainWindow) -> Iterator[MainWindow]:
    press(Key.Key_F5)
    assert window.presenting.on
    yield window
    window.presenting.end()


def colour(window: MainWindow) -> str:
    """Return what the middle of the window shows."""
    return window.grab().toImage().pixelColor(window.rect().center()).name()


def test_a_second_f5_changes_nothing(hall: MainWindow):
    press(Key.Key_F5)
    assert hall.presenting.on
    assert hall.isFullScreen()


@pytest.mark.parametrize(("key", "seen"), [("b", "#000000"), (".", "#000000"), ("w", "#ffffff"), (",", "#ffffff")])
def test_a_clickers_keys_cover_the_screen_and_the_same_key_uncovers_it(hall: MainWindow, key: str, seen: str):
    before = colour(hall)
    write(key)
    assert hall.presenting.cover.isVisible()
    assert colour(hall) == seen
    write(key)
    assert not hall.presenting.cover.isVisible()
    assert colour(hall) == before


def test_the_next_key_only_uncovers(hall: MainWindow):
    at = hall.playback.position
    write("b")
    press(Key.Key_PageDown)
    assert not hall.presenting.cover.isVisible()
    assert hall.playback.position == at
    press(Key.Key_PageDown)
    assert hall.playback.position == at + 1


def test_black_becomes_white_and_escape_uncovers_without_ending(hall: MainWindow):
    write("b")
    write("w")
    assert colour(hall) == "#ffffff"
    press(Key.Key_Escape)
    assert not hall.presenting.cover.isVisible()
    assert not hall.presenting.question.isVisible()
    assert hall.presenting.on


def test_a_click_uncovers(hall: MainWindow, qtbot: QtBot):
    write("w")
    click(qtbot, hall.presenting.cover)
    assert not hall.presenting.cover.isVisible()


def test_at_the_desk_the_keys_are_letters(window: MainWindow):
    write("b.w")
    assert not window.presenting.cover.isVisible()
    assert not window.commands.bound("black").is_possible()


def test_a_presentation_that_ends_is_uncovered(hall: MainWindow):
    hall.commands.run("black")
    hall.presenting.end()
    assert not hall.presenting.cover.isVisible()
    assert hall.focusWidget() is not None
    assert hall.cursor().shape() != Qt.CursorShape.BlankCursor
