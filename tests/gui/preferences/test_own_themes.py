"""The user's own themes: listed, chosen, followed when their file changes, and refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from gui.appearance.stored import Stored
from gui.appearance.theme import OWN, Appearance, load_theme
from gui.preferences.own_themes import OwnThemes, copy_theme, look


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where own themes are."""
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_args, **_more: str(tmp_path))
    return tmp_path / "themes"


def _recolour(path: Path, colour: str) -> None:
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(f'ink = "{colour}"' if each.startswith("ink ") else each for each in lines), "utf-8")


def test_a_copy_is_a_theme_and_can_be_chosen_and_is_remembered(settings: Stored, folder: Path):
    path = copy_theme(load_theme("dark"))
    assert path.parent == folder
    assert copy_theme(load_theme("dark")) != path
    found = look(OwnThemes())
    assert set(found.themes) == {f"{OWN}my dark", f"{OWN}my dark 2"}
    appearance = Appearance(settings)
    appearance.take_own(found.themes)
    appearance.choose(f"{OWN}my dark")
    assert appearance.theme.ground == load_theme("dark").ground
    assert appearance.theme.name == "my dark"
    assert Appearance(settings).theme == appearance.theme


def test_what_is_saved_in_it_is_shown(settings: Stored):
    path = copy_theme(load_theme("light"))
    seen = look(OwnThemes())
    appearance = Appearance(settings)
    appearance.take_own(seen.themes)
    appearance.choose(f"{OWN}my light")
    assert look(seen) is seen
    _recolour(path, "#102030")
    told: list[str] = []
    appearance.changed.connect(lambda: told.append(appearance.theme.ink))
    appearance.take_own(look(seen).themes)
    assert told == ["#102030"]


def test_a_copy_of_an_own_theme_has_its_colours(settings: Stored):
    path = copy_theme(load_theme("light"))
    _recolour(path, "#102030")
    theme = look(OwnThemes()).themes[f"{OWN}my light"]
    assert 'ink = "#102030"' in copy_theme(theme).read_text("utf-8")


def test_a_file_that_is_no_theme_is_named_with_what_is_wrong(folder: Path):
    path = copy_theme(load_theme("light"))
    _recolour(path, "mauve")
    found = look(OwnThemes())
    assert found.themes == {}
    (sentence,) = found.sentences
    assert "my light.toml" in sentence
    assert "“ink”" in sentence
    assert "install" not in sentence or "mend" in sentence


@pytest.mark.parametrize("choice", ["mauve", f"{OWN}gone", f"{OWN}../dark", OWN, f"{OWN}a/b", "7"])
def test_a_theme_that_is_not_there_is_that_of_the_system_and_said_once(settings: Stored, choice: str):
    settings.setValue("theme", choice)
    assert Appearance(settings).choice == "system"
    assert "the theme" in settings.sentence_of_left_out()
    assert Appearance(settings).choice == "system"
    assert settings.sentence_of_left_out() == ""
