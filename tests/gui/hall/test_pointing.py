"""A dot, a spotlight and a pen, while presenting: what is drawn, what is wiped, and what Esc leaves first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.hall.pointing import Pointing
from gui.window.main_window import MainWindow
from tests.gui.driving import Key, press, wait_until, write


@pytest.fixture
def hall(window: MainWindow) -> Iterator[MainWindow]:
    press(Key.Key_F5)
    yield window
    window.presenting.end()


def colour(window: MainWindow, at: QPoint) -> QColor:
    return window.grab().toImage().pixelColor(at)


def point_at(window: MainWindow, at: QPoint) -> None:
    QCursor.setPos(window.mapToGlobal(at))


def test_the_dot_follows_the_mouse(hall: MainWindow):
    now = QColor(hall._appearance.theme.now)
    point_at(hall, QPoint(300, 200))
    write("d")
    assert hall.actions_by_name["dot"].isChecked()
    assert colour(hall, QPoint(300, 200)) == now
    point_at(hall, QPoint(500, 400))
    wait_until(lambda: colour(hall, QPoint(500, 400)) == now)
    assert colour(hall, QPoint(300, 200)) != now
    write("d")
    assert colour(hall, QPoint(500, 400)) != now


def test_the_spotlight_darkens_all_but_what_is_about_the_mouse(hall: MainWindow):
    near, far = QPoint(400, 300), QPoint(hall.width() - 20, hall.height() - 20)
    before = colour(hall, near), colour(hall, far)
    point_at(hall, near)
    write("l")
    assert colour(hall, near) == before[0]
    assert colour(hall, far).lightness() < 0.6 * before[1].lightness()
    press(Key.Key_PageDown)  # and the lecture goes on
    assert hall.playback.position == 1


def drawn(hall: MainWindow) -> Pointing:
    """Take the pen and draw a line from 200 to 320 pixels, 200 from the top."""
    write("p")
    pointing = hall.presenting.pointing
    QTest.mousePress(pointing, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    QTest.mouseMove(pointing, QPoint(320, 200))
    QTest.mouseRelease(pointing, Qt.MouseButton.LeftButton, pos=QPoint(320, 200))
    return pointing


def test_the_pen_draws_until_it_is_wiped(hall: MainWindow, qtbot: QtBot):
    pointing = drawn(hall)
    now = QColor(hall._appearance.theme.now)
    assert colour(hall, QPoint(200, 200)) == now
    write("p")  # the pen is put down, what it drew stays
    assert pointing.isVisible()
    assert colour(hall, QPoint(200, 200)) == now
    write("e")
    assert not pointing.isVisible()
    assert pointing.strokes == []


def test_escape_puts_the_pen_down_then_wipes_then_asks(hall: MainWindow):
    pointing = drawn(hall)
    press(Key.Key_Escape)
    assert (pointing.tool, len(pointing.strokes)) == (None, 1)
    press(Key.Key_Escape)
    assert pointing.strokes == []
    assert not hall.presenting.question.isVisible()
    press(Key.Key_Escape)
    assert hall.presenting.question.isVisible()


def test_without_a_pen_clicks_go_to_the_view(hall: MainWindow, qtbot: QtBot):
    drawn(hall)
    write("p")
    under = hall.childAt(QPoint(200, 200))
    assert under is not hall.presenting.pointing


def test_the_end_puts_everything_away_and_at_the_desk_the_keys_are_letters(hall: MainWindow):
    pointing = drawn(hall)
    hall.presenting.end()
    assert not pointing.isVisible()
    write("dlp")
    assert pointing.tool is None
