"""A double click in the file manager: the desktop knows the program's files, and how they are opened."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import main
from gui.document import file_types
from gui.window.main_window import MainWindow
from tests.engine.recordings import written
from tests.gui.driving import trigger

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux desktops alone are told")
RECORDING, DOCUMENT = "application/x-lstm-visualizer-recording", "application/x-lstm-visualizer-document"


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder of a desktop; that its own programs take it up is not of this test."""
    folder, programs = tmp_path / "data", tmp_path / "programs"
    programs.mkdir()
    for program, *_ in file_types._UPDATES:
        (programs / program).write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/{program}.told"\n')
        (programs / program).chmod(0o755)
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return folder


KINDS = """
import sys
from PySide6.QtCore import QMimeDatabase
for path in sys.argv[1:]:
    print(QMimeDatabase().mimeTypeForFile(path).name())
"""


def kinds(*paths: Path) -> list[str]:
    """What Qt reads of the shared database, in a process that begins with it."""
    command = [sys.executable, "-c", KINDS, *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_files_are_known_by_their_names_and_a_recording_by_its_first_bytes(desktop: Path, tmp_path: Path) -> None:
    assert main.main(["register"]) == 0
    recording = tmp_path / "a run.lstmrec"
    written(recording).close({"state": "stopped"})
    renamed, document = tmp_path / "of some name", tmp_path / "a cell.lstmviz"
    shutil.copy(recording, renamed)
    document.write_text("{}")
    assert kinds(recording, renamed, document) == [RECORDING, RECORDING, DOCUMENT]
    assert (tmp_path / "update-mime-database.told").read_text().strip() == str(desktop / "mime")
    assert main.main(["register", "--remove"]) == 0
    assert not [path for path in desktop.rglob("*") if path.is_file()]
    assert kinds(recording)[0] != RECORDING


@pytest.mark.parametrize("folder", ["plain", "with blanks", 'a "quote" $HOME `x` 100 % \\ back'])
def test_the_command_of_the_entry_starts_the_program_wherever_it_stands(folder: str) -> None:
    (entry,) = [text for name, text in file_types.files(("/python", f"/{folder}/main.py")).items() if "desktop" in name]
    (line,) = [line for line in entry.splitlines() if line.startswith("Exec=")]
    # As the specification reads it: the string's escapes, then the quoted words of the command, then the field codes.
    line = line.removeprefix("Exec=").replace("\\\\", "\0").replace("\0", "\\")
    assert line.endswith(" %f")
    words, word, escaped = [], "", False
    inside = False
    for character in line.removesuffix(" %f"):
        if escaped:
            word, escaped = word + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            inside = not inside
            if not inside:
                words.append(word)
                word = ""
        elif inside:
            word += character
    assert [one.replace("%%", "%") for one in words] == ["/python", f"/{folder}/main.py"]


def test_what_is_missing_is_said(
    desktop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main.main(["register"]) == 1
    assert capsys.readouterr().err == (
        "update-mime-database was not found, so the desktop does not know of the change yet; install "
        "shared-mime-info, then try again.\n"
    )


def test_a_folder_that_cannot_be_written_is_named(desktop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desktop.write_text("a file where the folder should be")
    assert main.main(["register"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert str(desktop) in err
    assert "make this a place that you can write to" in err


def test_in_the_window(desktop: Path, window: MainWindow, qtbot: QtBot) -> None:
    trigger(window, "register")
    qtbot.waitUntil(lambda: "A double click now opens" in window.statusBar().currentMessage())
    assert (desktop / "applications/lstm-visualizer.desktop").is_file()
