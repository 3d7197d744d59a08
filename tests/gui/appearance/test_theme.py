"""Colours that a person in the last row can read, in both themes, and switching between them with the window open."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.cell.cells import lstm
from gui.appearance.dashes import OF_ROLES, OF_RUNS
from gui.appearance.stored import Stored
from gui.appearance.style import style_sheet
from gui.appearance.theme import FAMILY, RUNS, THEMES, Appearance, Theme, font, load_theme, mixed
from gui.training.gates import MAPS
from gui.window.main_window import MainWindow
from tests.gui.appearance.sight import SIGHTS, apart, contrast
from tests.gui.driving import assert_diagram_shows_trace, trigger

ROLES = ("forget", "input", "candidate", "output", "cell", "hidden")
SIGNS = ("negative", "positive")
SURFACES = ("panel", "ground", "body")
APART = 10.0


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return load_theme(request.param)


def test_every_colour_is_one(theme: Theme):
    for field in fields(Theme):
        if field.name not in ("name", "runs"):
            assert QColor(getattr(theme, field.name)).isValid(), field.name
    assert len(theme.runs) == RUNS


def test_every_role_of_the_cells_has_its_own_colour(theme: Theme):
    used = {
        item.role for cell in (lstm(), lstm(True)) for item in (*cell.inputs, *cell.parameters, *cell.operations)
    } | {spec.role for spec in MAPS.values()}
    assert used == {*ROLES, "x"}
    assert theme.role("x").name() == theme.ink.lower()
    for role in ROLES:
        assert theme.role(role).name() == getattr(theme, role).lower()


@pytest.mark.parametrize("sight", SIGHTS)
def test_roles_signs_and_now_can_be_told_apart_by_everybody(theme: Theme, sight: str):
    colours = {name: getattr(theme, name) for name in (*ROLES, *SIGNS, "now")}
    near = {
        (a, b): distance
        for a, b in combinations(colours, 2)
        if (distance := apart(colours[a], colours[b], sight)) < APART
    }
    assert not near


@pytest.mark.parametrize("sight", SIGHTS)
def test_runs_that_are_compared_can_be_told_apart_by_everybody(theme: Theme, sight: str):
    assert min(apart(a, b, sight) for a, b in combinations(theme.runs, 2)) >= APART


@pytest.mark.parametrize("sight", SIGHTS)
def test_verdicts_can_be_told_apart_by_everybody(theme: Theme, sight: str):
    kinds = (theme.good, theme.goes_on, theme.bad)
    assert min(apart(a, b, sight) for a, b in combinations(kinds, 2)) >= APART


def test_curves_of_roles_and_of_runs_differ_without_colour():
    gates = [OF_ROLES[role] for role in ("forget", "input", "candidate", "output")]
    assert len(set(gates)) == len(gates)
    assert len(set(OF_RUNS)) == RUNS


def test_words_can_be_read_wherever_they_stand(theme: Theme):
    for surface in SURFACES:
        for words in ("ink", "muted", *ROLES):
            assert contrast(getattr(theme, words), getattr(theme, surface)) >= 4.5, (words, surface)
    for ground in ("good_ground", "goes_on_ground", "bad_ground", "select"):
        for words in ("ink", "muted"):
            assert contrast(getattr(theme, words), getattr(theme, ground)) >= 4.5, (words, ground)
    for surface in ("panel", "ground"):
        for words in (theme.wrong, *theme.runs):
            assert contrast(words, getattr(theme, surface)) >= 4.5, (words, surface)
    assert contrast(theme.ink, theme.edge) >= 4.5, "a pressed button, a chosen entry of a menu"


def test_marks_and_borders_can_be_seen_wherever_they_stand(theme: Theme):
    for surface in SURFACES:
        for mark in ("now", "todo", "wire", "field", "select_edge"):
            assert contrast(getattr(theme, mark), getattr(theme, surface)) >= 3, (mark, surface)
    for kind in ("good", "goes_on", "bad"):
        assert contrast(getattr(theme, kind), getattr(theme, f"{kind}_ground")) >= 3, kind


def test_letters_on_every_colour_can_be_read(theme: Theme):
    names = [field.name for field in fields(Theme) if field.name not in ("name", "runs")]
    for colour in (*(getattr(theme, name) for name in names), *theme.runs):
        assert contrast(theme.on(QColor(colour)).name(), colour) >= 4.5, colour


def test_numbers_on_every_shade_can_be_read(theme: Theme):
    for ramp in (theme.diverging, *(theme.gate(role) for role in ROLES)):
        for rgb in ramp.tolist():
            ground = QColor(*rgb)
            assert contrast(theme.on(ground).name(), ground.name()) >= 4.5


def test_no_control_has_the_colour_of_a_role_or_of_now(theme: Theme, settings: Stored):
    sheet = style_sheet(Appearance(settings, theme.name)).lower()
    controls = sheet.replace(theme.ink.lower(), "")  # which is the cell state's colour, too
    meant = {getattr(theme, name).lower() for name in (*ROLES, *SIGNS, "now")} - {theme.ink.lower()}
    assert not [colour for colour in meant if colour in controls]


def test_a_colour_laid_over_another_is_between_them():
    assert mixed("#FFFFFF", "#000000", 0.5).name() == "#808080"
    assert mixed("#FF0000", "#0000FF", 1.0).name() == "#ff0000"


def test_the_diverging_ramp_runs_from_negative_through_a_neutral_zero_to_positive(theme: Theme):
    ramp = theme.diverging.astype(int)
    assert ramp.shape == (256, 3)
    assert QColor(*ramp[0].tolist()).name() == theme.negative.lower()
    assert QColor(*ramp[255].tolist()).name() == theme.positive.lower()
    for place in (127, 128):
        assert np.ptp(ramp[place]) <= 20, "zero has a colour"


def test_gates_run_from_nothing_to_their_own_colour(theme: Theme):
    ramp = theme.gate("forget")
    assert QColor(*ramp[0].tolist()).name() == theme.gate0.lower()
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
