"""Colours that a person in the last row can read, in both themes, and switching between them with the window open."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.cell.cells import lstm
from gui.appearance.stored import Stored
from gui.appearance.style import style_sheet
from gui.appearance.theme import FAMILY, THEMES, Appearance, Theme, font, load_theme
from gui.training.gates import MAPS
from gui.window.main_window import MainWindow
from tests.gui.driving import assert_diagram_shows_trace, trigger

ROLES = ("forget", "input", "candidate", "output", "hidden", "x", "cell")
BOLD_ON = ("forget", "input", "candidate", "output", "hidden", "now", "wrong")


def contrast(a: QColor, b: QColor) -> float:
    """The ratio of WCAG 2.1."""

    def luminance(colour: QColor) -> float:
        parts = []
        for channel in (colour.red(), colour.green(), colour.blue()):
            c = channel / 255
            parts.append(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return load_theme(request.param)


def test_every_colour_is_one(theme: Theme):
    for field in fields(Theme):
        if field.name != "name":
            assert QColor(getattr(theme, field.name)).isValid(), field.name


def test_every_role_of_the_cells_has_its_own_colour(theme: Theme):
    used = {
        item.role for cell in (lstm(), lstm(True)) for item in (*cell.inputs, *cell.parameters, *cell.operations)
    } | {spec.role for spec in MAPS.values()}
    assert used == set(ROLES)
    colours = {role: theme.role(role).name() for role in ROLES if role not in ("x", "cell")}
    assert len(set(colours.values())) == len(colours)
    assert theme.now.lower() not in colours.values(), "now means now and nothing else"


def test_letters_on_every_role_can_be_read(theme: Theme):
    grounds = {role: theme.role(role) for role in ROLES}
    grounds |= {name: QColor(getattr(theme, name)) for name in ("now", "wrong", "panel", "ground", "zero")}
    for name, ground in grounds.items():
        assert contrast(theme.on(ground), ground) >= 4.5, name


def test_numbers_on_every_shade_can_be_read(theme: Theme):
    for ramp in (theme.diverging, theme.gate("forget"), theme.gate("input"), theme.gate("output")):
        for rgb in ramp:
            ground = QColor(*(int(c) for c in rgb))
            assert contrast(theme.on(ground), ground) >= 4.5


def test_large_bold_letters_on_every_role_can_be_read(theme: Theme):
    for role in BOLD_ON:
        ground = QColor(getattr(theme, role))
        assert contrast(theme.on_bold(ground), ground) >= 3, role


def test_words_can_be_read_on_panel_and_ground(theme: Theme):
    for ground in (QColor(theme.panel), QColor(theme.ground)):
        assert contrast(QColor(theme.ink), ground) >= 7
        assert contrast(QColor(theme.muted), ground) >= 4.5


def test_the_diverging_ramp_runs_from_negative_through_a_neutral_zero_to_positive(theme: Theme):
    ramp = theme.diverging.astype(int)
    assert ramp.shape == (256, 3)
    assert QColor(*ramp[0].tolist()).name() == theme.negative.lower()
    assert QColor(*ramp[255].tolist()).name() == theme.positive.lower()
    for place in (127, 128):
        assert np.ptp(ramp[place]) <= 20, "zero has a colour"


def test_gates_run_from_nothing_to_their_own_colour(theme: Theme):
    ramp = theme.gate("forget")
    assert QColor(*ramp[0].tolist()).name() == theme.panel.lower()
    assert QColor(*ramp[255].tolist()).name() == theme.forget.lower()


def test_figures_stand_below_each_other(appearance: Appearance):
    assert QFontInfo(font(20)).family() == FAMILY, "the shipped letters are not in use"
    metrics = QFontMetricsF(font(20))
    assert len({round(metrics.horizontalAdvance(digit), 3) for digit in "0123456789"}) == 1


def test_switching_with_the_window_open(own_window: MainWindow, settings: Stored, qtbot: QtBot):
    window = own_window
    window.playback.seek(window.playback.last)

    def background() -> str:
        return window.view.grab().toImage().pixelColor(3, 3).name()

    light = background()
    assert light == load_theme("light").panel.lower()
    trigger(window, "theme dark")
    assert background() == load_theme("dark").panel.lower()
    assert QApplication.palette().window().color().name() == load_theme("dark").ground.lower()
    assert load_theme("dark").panel in window.styleSheet()
    assert settings.value("theme") == "dark"
    assert [window.actions_by_name[f"theme {n}"].isChecked() for n in ("system", "light", "dark")] == [
        False,
        False,
        True,
    ]
    assert_diagram_shows_trace(window)
    trigger(window, "theme light")
    assert background() == light
    assert_diagram_shows_trace(window)
    trigger(window, "theme system")
    assert settings.value("theme") == "system"
    window.grab()


def test_the_theme_is_remembered(settings: Stored):
    Appearance(settings, "light").choose("dark")
    assert Appearance(settings).theme.name == "dark"
    assert Appearance(settings, "light").theme.name == "light"


def test_an_unchanged_theme_redraws_nothing(appearance: Appearance, qtbot: QtBot):
    with qtbot.assertNotEmitted(appearance.changed):
        appearance.choose("light")
    with qtbot.waitSignal(appearance.changed):
        appearance.choose("dark")


def test_the_style_sheet_has_no_hole(appearance: Appearance):
    for name in THEMES:
        appearance.choose(name)
        sheet = style_sheet(appearance)
        assert "None" not in sheet
        assert sheet.count("{") == sheet.count("}")
