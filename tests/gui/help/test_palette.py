"""The palette: what it finds, and that Return carries it out."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.commands.palette import entries, search, words_of_guide
from gui.help.palette import Palette
from gui.window.main_window import MainWindow
from tests.gui.driving import CONTROL, Key, dialog, press, traced, write


def opened(window: MainWindow, qtbot: QtBot) -> Palette:
    press(Key.Key_P, CONTROL)
    palette = dialog(qtbot, window, Palette)
    qtbot.waitUntil(palette.field.hasFocus)
    return palette


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ("unrolled", "show unrolled"),
        ("F4", "show sizes"),
        ("four time", "example four-steps"),
        ("outbreak", "task outbreak"),
        ("learning rate", "setting learning_rate"),
        ("adding chrono", "experiment adding"),
        ("dark", "theme dark"),
    ],
)
def test_it_finds_what_there_is(wanted: str, line: str):
    assert line in [entry.line for entry in search(entries(), wanted)]


def test_what_begins_with_the_words_comes_first():
    assert search(entries(), "train or")[0].line == "train"
    assert search(entries(), "no such thing") == []


@pytest.mark.parametrize("wanted", ["peephole", "projection", "forget gate", "gate"])
def test_what_can_be_done_comes_before_a_word_of_the_guide(wanted: str):
    words = words_of_guide(f"| word | meaning | not |\n|---|---|---|\n| *{wanted}* | {wanted} | … |\n")
    kinds = [entry.kind for entry in search([*words, *entries()], wanted) if wanted in entry.words.casefold()]
    assert kinds[-1] == "Word"
    assert "Word" not in kinds[:-1]
    assert len(kinds) > 1


def test_every_line_is_a_command(window: MainWindow):
    for entry in entries():
        window.commands.bound(entry.line)


def test_return_carries_out_what_is_chosen(window: MainWindow, qtbot: QtBot):
    palette = opened(window, qtbot)
    write("pair")
    assert palette.chosen is not None
    press(Key.Key_Return)
    assert window.stage.front == "pair"


def test_a_setting_is_gone_to(window: MainWindow, qtbot: QtBot):
    opened(window, qtbot)
    write("dropout")
    press(Key.Key_Return)
    assert window.stage.workspace == "train"
    field = window.training.panel.form.field("dropout")
    assert field.isVisible()
    qtbot.waitUntil(field.hasFocus)


def test_words_of_the_guide_are_explained(window: MainWindow, qtbot: QtBot):
    palette = opened(window, qtbot)
    write("peephole")
    qtbot.waitUntil(lambda: any(entry.kind == "Word" for entry in search(palette._everything, "peephole")))
    assert (
        words_of_guide("| word | meaning | not |\n|---|---|---|\n| *unit* | one `entry` | neuron |\n")[0].words
        == "unit"
    )
    palette.reject()


def test_a_command_with_arguments_is_obeyed_as_typed_and_a_wrong_one_is_refused(window: MainWindow, qtbot: QtBot):
    palette = opened(window, qtbot)
    write("set m=zz")
    press(Key.Key_Return)
    assert palette.isVisible()
    assert "m" in palette.sentence.text()
    palette.field.clear()
    write("set m=4")
    press(Key.Key_Return)
    traced(qtbot, window)
    assert window.model.document.m == 4
    window.model.undo_stack.setClean()
