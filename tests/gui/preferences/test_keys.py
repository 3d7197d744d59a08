"""The table of keys: a key is changed by pressing another, and everything that names it follows."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.commands.keymap import Keymap
from gui.commands.table import commands
from gui.help.keys import KeysWindow
from gui.help.palette import Palette
from gui.preferences.keys import KeysCard
from gui.preferences.page import PreferencesPage
from gui.window.main_window import MainWindow
from tests.gui.driving import ALT, CONTROL, NONE, SHIFT, Key, activate, click, dialog, press


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_args, **_more: str(tmp_path))


@pytest.fixture
def card(window: MainWindow) -> KeysCard:
    """The table, with every usual key."""
    window.keymap.reset_all()
    window.commands.run("preference keys")
    page = window.pages.page
    assert isinstance(page, PreferencesPage)
    page.keys.search.clear()
    page.keys.step_out()
    return page.keys


def give(card: KeysCard, name: str, key: Qt.Key, modifiers: Qt.KeyboardModifier = CONTROL) -> None:
    """Choose a command in the table and press another key for it, as the keyboard does."""
    card.table.setFocus()
    card.table.choose(name)
    press(Key.Key_Return)
    assert card.listening.on
    press(key, modifiers)


def test_the_new_key_is_shown_everywhere_and_works(window: MainWindow, card: KeysCard, qtbot: QtBot):
    give(card, "show sizes", Key.Key_J)
    assert "Ctrl+J" in card.said.text()
    action = window.actions_by_name["show sizes"]
    assert [key.toString() for key in action.shortcuts()] == ["Ctrl+J"]
    assert "(Ctrl+J)" in action.toolTip()
    press(Key.Key_P, CONTROL)
    palette = dialog(qtbot, window, Palette)
    palette.field.setText("ctrl+j")
    assert palette.chosen is not None
    assert palette.chosen.line == "show sizes"
    palette.reject()
    activate(qtbot, window)
    press(Key.Key_F1, CONTROL)
    box = dialog(qtbot, window, KeysWindow)
    box.search.setText("ctrl+j")
    shown = [
        line
        for menu in (box.lines.topLevelItem(place) for place in range(box.lines.topLevelItemCount()))
        for line in (menu.child(place) for place in range(menu.childCount()))
        if not line.isHidden()
    ]
    assert [line.text(0) for line in shown] == ["Ctrl+J"]
    box.reject()
    activate(qtbot, window)
    press(Key.Key_F4)
    assert window.pages.front == "preferences"
    press(Key.Key_J, CONTROL)
    assert window.stage.front == "sizes"


def test_buttons_that_name_a_key_follow(window: MainWindow, card: KeysCard):
    give(card, "present", Key.Key_F10, NONE)
    assert window.top.present.text() == "Present  F10"
    give(card, "workspace train", Key.Key_J, ALT)
    assert "(Alt+J)" in window.top.switch.buttons["train"].toolTip()
    give(card, "one step", Key.Key_J)
    assert "press Ctrl+J" in window.actions_by_name["pace 1"].toolTip()


def test_a_conflict_is_said_with_who_has_the_key_and_can_be_cancelled(window: MainWindow, card: KeysCard, qtbot: QtBot):
    give(card, "train", Key.Key_S)
    assert "Ctrl+S is the key of “Save”" in card.said.text()
    assert card.take.isVisible()
    assert card.take.hasFocus()
    assert window.keymap.keys("train") == ("Ctrl+T",)
    press(Key.Key_Escape)
    assert window.pages.front == "preferences"
    assert not card.take.isVisible()
    assert window.keymap.keys("save") == ("Ctrl+S",)
    give(card, "train", Key.Key_S)
    click(qtbot, card.cancel)
    assert window.keymap.keys("save") == ("Ctrl+S",)


def test_a_key_can_be_taken_over(window: MainWindow, card: KeysCard):
    give(card, "train", Key.Key_S)
    press(Key.Key_Return)
    assert window.keymap.keys("train") == ("Ctrl+S",)
    assert window.actions_by_name["save"].shortcuts() == []
    assert card.table.hasFocus()


@pytest.mark.parametrize(
    ("key", "modifiers", "says"),
    [
        (Key.Key_Space, NONE, "Space is fixed"),
        (Key.Key_Tab, NONE, "Tab is fixed"),
        (Key.Key_PageDown, NONE, "fixed"),
        (Key.Key_F, ALT, "opens the menu File"),
        (Key.Key_A, NONE, "alone is typed"),
        (Key.Key_Question, SHIFT, "alone is typed"),
        (Key.Key_J, CONTROL | ALT, "desktops"),
    ],
)
def test_a_key_that_cannot_be_given_is_refused_and_the_next_one_heard(
    window: MainWindow, card: KeysCard, key: Qt.Key, modifiers: Qt.KeyboardModifier, says: str
):
    give(card, "train", key, modifiers)
    assert says in card.said.text()
    assert card.listening.on
    assert window.keymap.keys("train") == ("Ctrl+T",)
    press(Key.Key_Control)
    assert card.listening.on
    press(Key.Key_J, CONTROL)
    assert window.keymap.keys("train") == ("Ctrl+J",)


def test_escape_and_leaving_the_table_change_nothing(window: MainWindow, card: KeysCard, qtbot: QtBot):
    card.table.setFocus()
    card.table.choose("train")
    press(Key.Key_Return)
    press(Key.Key_Escape)
    assert not card.listening.on
    assert window.pages.front == "preferences"
    press(Key.Key_Return)
    card.search.setFocus()
    qtbot.waitUntil(lambda: not card.listening.on)
    QTest.keyClick(card.search, Qt.Key.Key_J)
    assert window.keymap.keys("train") == ("Ctrl+T",)


def test_fixed_keys_say_so_and_stay(window: MainWindow, card: KeysCard):
    card.table.setFocus()
    card.table.choose("next")
    assert not card.change.isEnabled()
    press(Key.Key_Return)
    assert not card.listening.on
    assert "fixed" in card.said.text()
    press(Key.Key_Delete)
    assert window.keymap.keys("next") == ("Space", "PgDown")
    line = card.table.currentItem()
    assert line is not None
    assert "fixed" in line.text(1)


def test_a_key_is_taken_away_and_comes_back(window: MainWindow, card: KeysCard):
    card.table.setFocus()
    card.table.choose("train")
    press(Key.Key_Delete)
    assert window.keymap.keys("train") == ()
    assert window.actions_by_name["train"].toolTip() == commands()["train"].sentence
    assert card.default.isEnabled()
    card.default.click()
    assert window.keymap.keys("train") == ("Ctrl+T",)
    assert not card.default.isEnabled()


def test_all_keys_come_back(window: MainWindow, card: KeysCard):
    give(card, "train", Key.Key_J)
    give(card, "stop", Key.Key_U)
    card.all_defaults.click()
    assert not window.keymap.has_own
    assert not card.all_defaults.isEnabled()


def test_the_search_finds_by_word_key_and_sentence(card: KeysCard):
    def found(words: str) -> set[str]:
        card.search.setText(words)
        return {
            line.data(0, Qt.ItemDataRole.UserRole).id
            for _menu, lines in card.table._menus
            for line in lines
            if not line.isHidden()
        }

    assert found("") == {command.id for command in commands().values() if command.words}
    assert found("ctrl+t") == {"train"}
    assert "fill xavier" in found("xavier")
    assert found("no such thing") == set()
    assert card.table.command is None
    assert not card.change.isEnabled()


def test_the_arrow_keys_go_from_command_to_command(card: KeysCard):
    card.search.setText("slow")
    card.table.setFocus()
    seen = []
    for _ in range(4):
        assert card.table.command is not None
        seen.append(card.table.command.id)
        press(Key.Key_Down)
    assert seen == ["slower", "pace 50/s", "slow step", "show slow-motion"]


def test_what_was_changed_is_there_at_the_next_start(window: MainWindow, card: KeysCard):
    give(card, "train", Key.Key_J)
    assert Keymap(commands(), window._stored).keys("train") == ("Ctrl+J",)
    window.keymap.reset_all()
    QApplication.processEvents()
