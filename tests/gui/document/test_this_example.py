"""What an example shows and what to try can be read whatever has been computed or changed since."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.document.examples import load_example
from gui.window.main_window import MainWindow
from tests.gui.driving import answer, click, dialog, trigger


def test_the_words_of_an_example_stay_reachable(window: MainWindow, qtbot: QtBot):
    words = load_example("worked-example").lesson
    assert "Try:" in words
    window.playback.seek(window.playback.last)
    window.inputs.randomise()
    assert window.inputs.about.isVisible()
    click(qtbot, window.inputs.about)
    box = dialog(qtbot, window, QMessageBox)
    assert box.informativeText() == words
    answer(qtbot, box, QMessageBox.StandardButton.Ok)
    window.commands.run("this example")
    box = dialog(qtbot, window, QMessageBox)
    answer(qtbot, box, QMessageBox.StandardButton.Ok)


def test_a_cell_without_words_offers_none(window: MainWindow):
    trigger(window, "new")
    assert not window.inputs.about.isVisible()
    assert not window.commands.bound("this example").is_possible()
