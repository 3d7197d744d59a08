"""The notes of the first start: two or three, once, gone at the first press, never while presenting."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.window.main_window import MainWindow
from gui.window.margin_notes import MarginNotes, show_first_notes
from tests.gui.driving import Key, alive, click, press, traced


@pytest.fixture
def notes(window: MainWindow, qtbot: QtBot, appearance: Appearance, settings: Stored) -> MarginNotes:
    traced(qtbot, window)
    made = show_first_notes(window, appearance, settings)
    assert made is not None
    return made


def test_the_notes_say_what_to_press_and_point_at_it(window: MainWindow, notes: MarginNotes) -> None:
    boxes = notes.boxes()
    assert 2 <= len(boxes) <= 3
    assert any("Space" in note.sentence for note, _, _ in boxes)
    for _note, tip, box in boxes:
        assert window.rect().contains(tip.toPoint())
        assert window.rect().contains(box.toAlignedRect())
        assert not box.contains(tip)
    assert len({notes.grab().toImage().pixel(*tip.toPoint().toTuple()) for _, tip, _ in boxes}) >= 1
    button = window.transport.findChild(QToolButton, "nextOperation")
    symbol = QRect(button.mapTo(window, QPoint(0, 0)), button.size()).adjusted(8, 8, -8, -8)
    assert not any(symbol.contains(tip.toPoint()) for _, tip, _ in boxes), "an arrow covers what it points at"
    notes.end()


@pytest.mark.parametrize("how", ["key", "mouse"])
def test_the_first_press_takes_them_away_for_good(
    window: MainWindow, notes: MarginNotes, qtbot: QtBot, appearance: Appearance, settings: Stored, how: str
) -> None:
    if how == "key":
        press(Key.Key_Space)
        assert window.playback.position == 1  # the press is not lost
    else:
        click(qtbot, window.view.viewport(), QPointF(3, 3).toPoint())
    qtbot.waitUntil(lambda: not alive(notes))
    assert show_first_notes(window, appearance, settings) is None


def test_nobody_sees_them_in_a_presentation(
    window: MainWindow, appearance: Appearance, settings: Stored, qtbot: QtBot
) -> None:
    press(Key.Key_F5)
    assert show_first_notes(window, appearance, settings) is None
    window.presenting.end()
