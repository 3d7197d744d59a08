"""What the system asks for: its letters, its theme, while the program runs; and the one place that says what moves."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QStyleHints
from PySide6.QtWidgets import QApplication

import gui
from gui.appearance.chosen import motion
from gui.appearance.chosen.letters import system_factor
from gui.appearance.chosen.motion import FULL, NONE, Motion
from gui.appearance.stored import Stored
from gui.appearance.theme import TEXT_FACTORS, Appearance
from gui.window.main_window import MainWindow


def letters(monkeypatch: pytest.MonkeyPatch, pixels: int) -> None:
    """Let the system's letters be so many pixels high."""
    font = QFont()
    font.setPixelSize(pixels)
    monkeypatch.setattr(QFontDatabase, "systemFont", staticmethod(lambda _kind: font))


@pytest.mark.parametrize(
    ("platform", "pixels", "factor"),
    [
        *(("win32", 12, 1.0), ("win32", 18, 1.5), ("darwin", 13, 1.0), ("darwin", 26, 2.0), ("win32", 60, 2.0)),
        *(("linux", 12, 1.0), ("linux", 15, 1.0), ("linux", 8, 1.0), ("linux", 22, 22 / 14.7)),
    ],
)
def test_larger_letters_of_the_system_are_larger_here(
    monkeypatch: pytest.MonkeyPatch, platform: str, pixels: int, factor: float
):
    letters(monkeypatch, pixels)
    monkeypatch.setattr(sys, "platform", platform)
    assert system_factor() == pytest.approx(factor)


@pytest.mark.parametrize("chosen", [0.8, 1.0, 1.25, 2.0])
def test_the_users_factor_is_on_top_of_the_systems(
    monkeypatch: pytest.MonkeyPatch, settings: Stored, chosen: float, application: QApplication
):
    plain = Appearance(settings)
    plain.choose_text_factor(chosen)
    letters(monkeypatch, 22)
    larger = Appearance(settings)
    of_system = system_factor()
    assert of_system > 1.2
    assert larger.text_factor == chosen
    assert larger.scale == pytest.approx(min(of_system * chosen, TEXT_FACTORS[1]) / chosen * plain.scale)
    assert larger.text(15) >= plain.text(15)


def test_text_can_be_chosen_from_small_to_twice(settings: Stored):
    assert TEXT_FACTORS == (0.8, 2.0)


def test_the_theme_follows_the_system_while_it_runs(own_window: MainWindow, monkeypatch: pytest.MonkeyPatch):
    hints, appearance = QGuiApplication.styleHints(), own_window._appearance

    def say(scheme: Qt.ColorScheme) -> None:  # no desktop is there that could be told to change
        monkeypatch.setattr(QStyleHints, "colorScheme", lambda _hints: scheme)
        hints.colorSchemeChanged.emit(scheme)

    appearance.choose("system")
    for scheme, name in ((Qt.ColorScheme.Dark, "dark"), (Qt.ColorScheme.Light, "light")) * 2:
        say(scheme)
        assert appearance.theme.name == name
        ground = own_window.grab().toImage().pixelColor(3, own_window.height() // 2)
        assert (ground.lightness() < 128) == (name == "dark")
    appearance.choose("projector")
    say(Qt.ColorScheme.Dark)
    assert appearance.theme.name == "projector"
    appearance.choose("system")
    assert appearance.theme.name == "dark"


class Hints(QObject):
    """As Qt tells it from 6.12 on."""

    motionPreferenceChanged = Signal(object)  # as Qt spells it
    wish = "NoPreference"

    def motionPreference(self) -> SimpleNamespace:
        return SimpleNamespace(name=self.wish)


def test_the_systems_wish_for_stillness_is_followed(
    monkeypatch: pytest.MonkeyPatch, settings: Stored, application: QApplication
):
    hints = Hints()
    monkeypatch.setattr(motion, "_hints", lambda: hints)
    follows, told = Motion(settings), list[bool]()
    follows.changed.connect(lambda: told.append(follows.still))
    hints.wish = "ReducedMotion"
    hints.motionPreferenceChanged.emit(None)
    hints.wish = "NoPreference"
    hints.motionPreferenceChanged.emit(None)
    assert told == [True, False]
    hints.wish = "ReducedMotion"
    follows.choose(FULL)
    assert not follows.still
    hints.wish = "NoPreference"
    follows.choose(NONE)
    assert follows.still


def test_whatever_moves_asks_whether_it_may():
    """Every animation of Qt's stands in a file that asks `Appearance.motion`; a walk is told by the stage."""
    folder = Path(gui.__file__).parent
    moving = {
        path: text
        for path in folder.rglob("*.py")
        if any(kind in (text := path.read_text("utf-8")) for kind in ("Animation(self", "QTimeLine(", "Animation("))
    }
    assert len(moving) >= 3
    assert [path.name for path, text in moving.items() if ".motion." not in text] == []
