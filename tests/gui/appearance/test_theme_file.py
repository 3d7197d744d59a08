"""A theme is a file; one that cannot be used is refused with one sentence that says what is wrong and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.shipped import SHIPPED
from gui.appearance.theme import THEMES, load_theme, read_theme
from gui.appearance.theme_file import ThemeError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_bytes((SHIPPED / "themes" / "light.toml").read_bytes())
    return path


def changed(file: Path, begins: str, line: str) -> Path:
    """Put a line in the place of the one that begins so."""
    lines = file.read_text("utf-8").splitlines()
    assert any(each.startswith(begins) for each in lines)
    file.write_text("\n".join(line if each.startswith(begins) else each for each in lines), "utf-8")
    return file


def refused(file: Path) -> str:
    with pytest.raises(ThemeError) as caught:
        read_theme(file)
    sentence = str(caught.value)
    assert file.name in sentence
    assert "\n" not in sentence
    return sentence


def test_every_shipped_file_is_a_theme_that_can_be_chosen(file: Path):
    assert {path.stem for path in (SHIPPED / "themes").iterdir()} == set(THEMES)
    assert read_theme(file).forget == load_theme("light").forget
    assert read_theme(file).name == "mine"


@pytest.mark.parametrize("name", ["todo", "runs", "good_ground"])
def test_a_missing_colour_is_named(file: Path, name: str):
    assert f"no colour for “{name}”" in refused(changed(file, f"{name} ", ""))


@pytest.mark.parametrize("value", ['"gray"', '"#12345"', '"#GGGGGG"', '"#12345678"', '""', "7", "true", '["#123456"]'])
def test_a_colour_that_is_none_is_shown_and_what_one_looks_like(file: Path, value: str):
    sentence = refused(changed(file, "forget", f"forget = {value}"))
    assert "“forget”" in sentence
    assert '"#0863EC"' in sentence


def test_a_role_that_there_is_not_is_named_with_the_nearest(file: Path):
    sentence = refused(changed(file, "# Colours", 'forgett = "#0863EC"'))
    assert "“forgett”" in sentence
    assert "“forget”" in sentence


@pytest.mark.parametrize("value", ['["#0072B2"]', '"#0072B2"', "[]", "4"])
def test_runs_need_a_colour_each(file: Path, value: str):
    assert "list of 4 colours" in refused(changed(file, "runs", f"runs = {value}"))


def test_a_wrong_colour_in_the_list_is_found(file: Path):
    sentence = refused(changed(file, "runs", 'runs = ["#0072B2", "red", "#009E73", "#993377"]'))
    assert "number 2 of “runs” is 'red'" in sentence


@pytest.mark.parametrize("content", [b"forget = ", b"forget = '#0863EC", b"\xff\xfe\x00", b'forget = "#0863EC" "x"'])
def test_what_is_not_toml_is_said(file: Path, content: bytes):
    file.write_bytes(content)
    assert "not in TOML" in refused(file)


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    assert "cannot be read" in refused(tmp_path / "none.toml")
