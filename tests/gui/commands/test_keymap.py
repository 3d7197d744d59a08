"""Which keys commands have, how they are changed, and what is made of damaged ones."""

from __future__ import annotations

import json

import pytest

from gui.appearance.stored import Stored
from gui.commands.keymap import Keymap, spelled
from gui.commands.table import commands, menus


@pytest.fixture
def keymap(settings: Stored) -> Keymap:
    return Keymap(commands(), settings)


def again(settings: Stored) -> Keymap:
    """What the next start knows."""
    return Keymap(commands(), settings)


def test_every_key_of_the_table_is_spelled_as_qt_does_and_can_be_given_or_is_fixed(keymap: Keymap):
    for name, command in commands().items():
        assert all(map(spelled, command.keys))
        for key in keymap.keys(name):
            assert keymap.is_fixed(name) or len(key) == 1 or not keymap.why_not(key, (menu.words for menu in menus()))


def test_a_key_that_is_given_is_remembered(keymap: Keymap, settings: Stored):
    keymap.give("train", "Ctrl+J")
    assert again(settings).keys("train") == ("Ctrl+J",)
    assert again(settings).is_own("train")
    keymap.reset("train")
    assert again(settings).keys("train") == ("Ctrl+T",)
    assert not settings.contains("keys/train")


def test_a_key_that_is_taken_over_is_lost_by_the_command_that_had_it(keymap: Keymap, settings: Stored):
    holder = keymap.holder("Ctrl+S")
    assert holder is not None
    assert holder.id == "save"
    keymap.give("train", "Ctrl+S")
    for known in (keymap, again(settings)):
        assert known.keys("train") == ("Ctrl+S",)
        assert known.keys("save") == ()
    assert [loser.id for loser in keymap.reset("save")] == ["train"]
    assert keymap.keys("save") == ("Ctrl+S",)
    assert keymap.keys("train") == ()


def test_of_two_keys_the_other_stays(keymap: Keymap, settings: Stored):
    keymap.give("train", "Ctrl+F1")
    assert keymap.keys("keys") == ("?",)
    assert again(settings).keys("keys") == ("?",)


def test_all_go_back(keymap: Keymap, settings: Stored):
    keymap.give("train", "Ctrl+S")
    keymap.take_away("stop")
    keymap.reset_all()
    for known in (keymap, again(settings)):
        assert not known.has_own
        assert known.keys("stop") == ("Ctrl+.",)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("Space", "fixed"),
        ("PgDown", "fixed"),
        ("Esc", "leaves"),
        ("Return", "playback"),
        ("Tab", "field"),
        ("Ctrl+A", "every field"),
        ("Ctrl+F", "library"),
        ("Alt+F", "File"),
        ("Ctrl+Alt+T", "desktops"),
        ("Meta+L", "desktops"),
        ("A", "alone"),
        ("Shift+A", "alone"),
        ("5", "alone"),
        ("?", "alone"),
        ("", "not a key"),
    ],
)
def test_why_a_key_cannot_be_given_is_said(keymap: Keymap, key: str, says: str):
    sentence = keymap.why_not(key, [menu.words for menu in menus()])
    assert says in sentence
    assert sentence[0].isupper() or sentence[0].isdigit() or sentence[0] == "?"


@pytest.mark.parametrize("key", ["Ctrl+J", "F10", "Shift+F4", "Alt+J", "Ctrl+Shift+.", "Ctrl++", "Ins"])
def test_other_keys_can_be_given(keymap: Keymap, key: str):
    assert spelled(key) == key
    assert not keymap.why_not(key, [menu.words for menu in menus()])


@pytest.mark.parametrize(
    "stored",
    [
        {"train": "nonsense"},
        {"train": "[1]"},
        {"train": '{"a": 1}'},
        {"train": '["Nonsense+Q"]'},
        {"train": '["ctrl+j"]'},
        {"train": '["Ctrl+J", "Ctrl+U", "Ctrl+I", "Alt+J", "Alt+U"]'},
        {"train": '["Space"]'},
        {"train": '["Ctrl+S"]'},
        {"next": '["Ctrl+J"]'},
        {"no such command": '["Ctrl+J"]'},
        {"train": '["Ctrl+S"]', "save": "[7]"},
        {"train": '["Ctrl+J, Ctrl+U"]'},
    ],
)
def test_damaged_keys_are_the_usual_ones_and_it_is_said_once(settings: Stored, stored: dict[str, str]):
    for name, value in stored.items():
        settings.setValue(f"keys/{name}", value)
    found = again(settings)
    assert not found.has_own
    assert "keys" in settings.sentence_of_left_out()
    again(settings)
    assert settings.sentence_of_left_out() == ""


def test_one_damaged_key_harms_no_other(settings: Stored):
    settings.setValue("keys/train", json.dumps(["Ctrl+J"]))
    settings.setValue("keys/pace 50/s", json.dumps(["Ctrl+U"]))
    settings.setValue("keys/stop", "7")
    found = again(settings)
    assert found.keys("train") == ("Ctrl+J",)
    assert found.keys("pace 50/s") == ("Ctrl+U",)
    assert found.keys("stop") == ("Ctrl+.",)


def test_two_commands_with_one_key_are_not_brought_back(settings: Stored):
    settings.setValue("keys/train", json.dumps(["Ctrl+J"]))
    settings.setValue("keys/stop", json.dumps(["Ctrl+J"]))
    found = again(settings)
    assert [found.keys(name) for name in ("train", "stop")].count(("Ctrl+J",)) == 1


def test_sentences_name_the_keys_of_now(keymap: Keymap):
    sentence = "Make a step each time that you press Ctrl+E; Ctrl+Shift+E shows one"
    assert keymap.retold(sentence) == sentence
    keymap.give("one step", "Ctrl+J")
    assert keymap.retold(sentence) == "Make a step each time that you press Ctrl+J; Ctrl+Shift+E shows one"
    keymap.take_away("one step")
    assert "press “One training step”" in keymap.retold(sentence)
    keymap.give("start over", "Ctrl+J")
    sentence = "Ctrl+Return keeps the notes, Ctrl+Right goes on"  # no command's: these only begin as Ctrl+R does
    assert keymap.retold(sentence) == sentence
