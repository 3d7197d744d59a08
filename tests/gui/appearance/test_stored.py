"""What is remembered is read by its kind; what is not of its kind never stops the start, and is said once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.text.numbers import Style
from gui.appearance.stored import Stored
from gui.training.stored_config import USUAL, stored_config
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import wait_until

KEYS = {
    "geometry": "the place of the window",
    "places/explore": "the places of the panels",
    "training": "the settings of training",
    "recent": "the files opened last",
    "theme": "the theme",
    "digits": "the digits of numbers",
    "recording/on": "whether runs are recorded",
    "recording/limit_gb": "the room for recordings",
    "recording/removes": "what becomes of the oldest recordings",
}
"""Every key, with the words for it."""
DAMAGES: dict[str, object] = {
    "a text": "some text",
    "a list": ["a", "b"],
    "a map": {"a": 1},
    "cut bytes": b"\x01\xd9\xd0\xcb\x00",
    "a huge number": 2**62,
    "NaN": float("nan"),
    "no value": None,
    "a flag": True,
    "brackets": "[" * 100_000,
    "a number of many digits": "9" * 10_000,
}
FITTING = {("recent", "a list"), ("recent", "a text"), ("recording/on", "a flag"), ("recording/removes", "a flag")}


def opened(windows: Windows, file: Path) -> MainWindow:
    """A window of somebody whose file of settings is this one."""
    return windows.open(Stored(file), None)


def said(window: MainWindow) -> str:
    return window.statusBar().currentMessage()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_window_opens_whatever_each_value_is(windows: Windows, tmp_path: Path, damage: str):
    file = tmp_path / "settings.ini"
    stored = Stored(file)
    for key in KEYS:
        stored.setValue(key, DAMAGES[damage])
    stored.sync()
    window = opened(windows, file)
    missing = [words for key, words in KEYS.items() if (key, damage) not in FITTING]
    wait_until(lambda: bool(said(window)) == bool(missing))
    sentence = said(window)
    for words in missing:
        if words != KEYS["recent"]:  # of a list some entries may fit
            assert words in sentence
    assert sentence.count(".") == bool(missing)
    assert all(window.docks.cards[name].isVisible() for name in ("sizes", "weights", "inputs"))
    assert window.training.controller.config == USUAL
    windows.close(window)
    written_anew = ("geometry", "places/explore", "training")
    damaged = [key for key in KEYS if missing and (key, damage) not in FITTING and key not in written_anew]
    left = Stored(file)
    assert not any(left.contains(key) and left.value(key) == DAMAGES[damage] for key in damaged), "it is said once"


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "a map"])
def test_what_a_later_view_cannot_use_is_said_when_it_is_opened(windows: Windows, tmp_path: Path, damage: str):
    later = {
        ("gate_ranges", "the ranges of the gates"): "panel gates on",
        ("live_scale", "the scale of C and h"): "show live",
    }
    for (key, words), command in later.items():
        stored = Stored(tmp_path / f"{words}.ini")
        stored.setValue(key, DAMAGES[damage])
        window = windows.open(stored, None)
        window.commands.run("show task")
        assert words not in said(window)
        window.commands.run(command)
        wait_until(lambda words=words, window=window: words in said(window))
        assert not stored.contains(key)
        windows.close(window)


@pytest.mark.parametrize(
    "lines", [b"\0\xff\xfe[General", b"layout=@ByteArray(\\0\\0\\0\xff\ngeometry=@Variant(\\0\\0", b"=\n" * 1000]
)
def test_a_file_of_settings_that_is_damaged_as_a_whole_stops_no_start(windows: Windows, tmp_path: Path, lines: bytes):
    file = tmp_path / "settings.ini"
    file.write_bytes(lines)
    window = opened(windows, file)
    assert window.training.controller.config == replace(USUAL, until="steps")  # as a test's window has it
    assert all(window.docks.cards[name].isVisible() for name in ("sizes", "weights", "inputs"))


def test_of_the_settings_of_training_those_that_fit_are_kept(tmp_path: Path):
    stored = Stored(tmp_path / "settings.ini")
    stored.setValue(
        "training", json.dumps({"cell_size": 12, "learning_rate": float("nan"), "task": ["adding"], "x": 1})
    )
    assert stored_config(stored) == replace(USUAL, cell_size=12)
    assert "the settings of training" in stored.sentence_of_left_out()
    assert not stored.sentence_of_left_out()


@pytest.mark.parametrize("found", ["1e400", "-3", "nan", "0x10", "", "5,5", [5.0], True])
def test_a_number_that_does_not_fit_is_left_out(tmp_path: Path, found: object):
    stored = Stored(tmp_path / "settings.ini")
    stored.setValue("room", found)
    assert stored.number("room", "the room", 5.0, 0.1, 100.0) == 5.0
    assert "the room" in stored.sentence_of_left_out()


def test_what_fits_comes_back(tmp_path: Path):
    stored = Stored(tmp_path / "settings.ini")
    stored.setValue("room", 7.5)
    stored.setValue("on", "false")
    stored.setValue("digits", Style.LONG.value)
    stored.setValue("recent", ["/a", "/b, c"])
    stored.sync()
    again = Stored(tmp_path / "settings.ini")
    assert again.number("room", "the room", 5.0, 0.1, 100.0) == 7.5
    assert again.flag("on", "it", None) is False
    assert again.flag("absent", "it", None) is None
    assert again.text("digits", "the digits", "short", [style.value for style in Style]) == Style.LONG.value
    assert again.lines("recent", "the files", 12) == ["/a", "/b, c"]
    assert not again.sentence_of_left_out()
