"""What the program begins with: Welcome, unless there is a file, something to bring back, or it is switched off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings

from engine.document.document_file import write_document
from engine.document.examples import load_example
from gui.safety.session import COPY, LOCK
from gui.training.torch_on_windows import APPLICATION, ORGANISATION

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
RUN = """
import json, sys
from pathlib import Path
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from gui.safety.safety import Safety
from gui.startup import application
from gui.window.margin_notes import MarginNotes

make, seen = application.make_window, []

def look():
    notes = [note for note in window.findChildren(MarginNotes) if note.isVisible()]
    seen.append([window.welcome.shown, bool(notes), window.model.shown.name])

def ready():
    safety, (key, file, awaited) = window.findChild(Safety), sys.argv[1:]
    began = window.isActiveWindow() and window.model.trace is not None and safety.session.folder is not None
    offered = {"offer": safety.offer.isVisible(), "welcome": window.welcome.shown, "": True}[awaited]
    return began and offered and (not file or window.model.shown.name == Path(file).stem)

def go_on():
    if not ready():
        return
    look()
    timer.stop()
    QTest.keyClick(window, Qt.Key[sys.argv[1]])
    QTimer.singleShot(50, end)

def end():
    look()
    print(json.dumps(seen + [window.playback.position]), flush=True)
    window.model.undo_stack.setClean()
    window.close()

def made(*arguments):
    global window, timer
    window, timer = make(*arguments), QTimer(interval=20)
    timer.timeout.connect(go_on)
    timer.start()
    return window

application.make_window = made
sys.exit(application.run_window(Path(sys.argv[2]) if sys.argv[2] else None, "light", False))
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG_DATA_HOME names the folder")


def begin(folder: Path, key: str, file: str = "", awaited: str = "") -> list[Any]:
    """Start the program and press a key: whether Welcome and notes are there, and what is open, before and after.

    awaited: "offer" or "welcome", to wait until that is there.
    """
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", RUN, key, file, awaited]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def test_welcome_comes_first_and_notes_with_the_cell(tmp_path: Path):
    before, after, position = begin(tmp_path, "Key_Escape")
    assert before == [True, False, "Worked example"]
    assert after == [False, True, "Worked example"]
    assert position == 0


def test_space_leaves_it_and_computes(tmp_path: Path):
    before, after, position = begin(tmp_path, "Key_Space")
    assert before[0]
    assert not after[0]
    assert position == 1


def test_a_file_is_shown_at_once(tmp_path: Path):
    file = tmp_path / "mine.lstmviz"
    write_document(file, load_example("latch"))
    before, _after, _position = begin(tmp_path, "Key_Escape", str(file))
    assert before == [False, False, "mine"]


def test_it_can_be_switched_off(tmp_path: Path):
    settings = tmp_path / "config" / ORGANISATION / f"{APPLICATION}.conf"
    settings.parent.mkdir(parents=True)
    stored = QSettings(str(settings), QSettings.Format.IniFormat)
    stored.setValue("welcome", "false")
    stored.sync()
    before, after, _position = begin(tmp_path, "Key_Home")
    assert before == [False, True, "Worked example"]
    assert after == [False, False, "Worked example"]


def test_what_was_left_behind_is_offered_first(tmp_path: Path):
    left = tmp_path / "lstm-visualizer" / "sessions" / "1-left"
    left.mkdir(parents=True)
    (left / LOCK).touch()
    write_document(left / COPY, load_example("latch"))
    before, after, _position = begin(tmp_path, "Key_Home", awaited="offer")
    assert before == [False, True, "Worked example"]
    assert after[0] is False


def test_beside_another_window_that_is_open_it_comes_too(tmp_path: Path):
    (tmp_path / "lstm-visualizer" / "sessions" / "1-open").mkdir(parents=True)  # it has no lock yet
    before, after, _position = begin(tmp_path, "Key_Escape", awaited="welcome")
    assert before == [True, False, "Worked example"]
    assert after == [False, True, "Worked example"]
