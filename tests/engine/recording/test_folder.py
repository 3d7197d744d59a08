"""Where recordings are: what was chosen in the window holds for the commands, too."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from engine.recording.about import RecordingError
from engine.recording.folder import (
    FOLDER_VARIABLE,
    choose_folder,
    chosen_folder,
    runs_folder,
    take_damaged,
    usual_folder,
)


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what was chosen is remembered."""
    folder = tmp_path / "config"
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_args, **_more: str(folder))
    return folder


def test_a_chosen_folder_is_made_and_remembered_and_can_be_given_up(tmp_path: Path) -> None:
    wanted = tmp_path / "Läufe und mehr" / "runs"
    choose_folder(wanted)
    assert wanted.is_dir()
    assert runs_folder() == chosen_folder() == wanted
    choose_folder(None)
    assert runs_folder() == usual_folder()
    choose_folder(None)  # again: nothing to give up


def test_the_variable_comes_before_what_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_folder(tmp_path / "chosen")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "named"))
    assert runs_folder() == tmp_path / "named"


def test_a_folder_that_cannot_be_made_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    with pytest.raises(RecordingError, match="choose another folder"):
        choose_folder(tmp_path / "a file" / "runs")
    assert runs_folder() == usual_folder()


@pytest.mark.parametrize("name", ["two\nlines", "a\x1b[2Jb", "bytes \udcff that are no text", "x" * 5000])
def test_a_folder_whose_name_cannot_be_remembered_is_refused_and_what_was_chosen_stays(
    tmp_path: Path, name: str
) -> None:
    choose_folder(tmp_path / "before")
    with pytest.raises(RecordingError, match=r"its name is too long, or holds line breaks .* choose another folder\."):
        choose_folder(tmp_path / name)
    assert runs_folder() == tmp_path / "before"


@pytest.mark.parametrize("name", ["実験\u3000記録", "a\u00a0b", " between spaces "])
def test_a_name_with_any_space_is_remembered_as_it_is(tmp_path: Path, name: str) -> None:
    choose_folder(tmp_path / name)
    assert runs_folder() == tmp_path / name


@pytest.mark.parametrize("written", [b"", b"\xff\xfe\x00", b"relative/folder", b"/a\nb", b"/" + b"x" * 5000, b"\n\n"])
def test_what_is_no_folder_is_forgotten(config: Path, written: bytes) -> None:
    config.mkdir()
    (config / "runs-folder.txt").write_bytes(written)
    assert runs_folder() == usual_folder()
    assert take_damaged()
    assert not take_damaged()
