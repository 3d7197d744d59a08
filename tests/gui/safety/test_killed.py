"""A program that is killed or crashes leaves what the next one offers; these are real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.document.document_file import read_document
from gui.safety.session import COPY, forget, left_behind

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
RUN = """
import ctypes, sys
from PySide6.QtCore import QTimer
from gui.safety import autosave
from gui.startup import application

autosave.PAUSE_MS = 20
make = application.make_window

def edited():
    window.model.edit(window.model.document.resized(m=5), "m = 5")

def crash():
    if any(about.stat().st_size for about in application.sessions_folder().glob("*/program.txt")):
        ctypes.string_at(0)

def made(*arguments):
    global window, timer
    window, timer = make(*arguments), QTimer(interval=20)
    timer.timeout.connect(crash if sys.argv[1] == "crash" else lambda: None)
    timer.start()
    if sys.argv[1] == "edit":
        QTimer.singleShot(0, edited)
    if sys.argv[1] == "close":
        QTimer.singleShot(1000, window.close)
    return window

application.make_window = made
sys.exit(application.run_window(None, "light", False))
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG_DATA_HOME names the folder")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts the program, which then edits its document, crashes or closes."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(what: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        with (tmp_path / "output.txt").open("wb") as log:
            command = [sys.executable, "-c", RUN, what]
            started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def sessions(tmp_path: Path) -> Path:
    return tmp_path / "lstm-visualizer" / "sessions"


def until(condition: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, log.read_text("utf-8", "replace")
        assert time.monotonic() < deadline, log.read_text("utf-8", "replace")
        time.sleep(0.01)


def test_a_killed_program_leaves_what_was_not_saved(start: Callable[[str], subprocess.Popen[bytes]], tmp_path: Path):
    process = start("edit")
    root = sessions(tmp_path)
    until(lambda: list(root.glob(f"*/{COPY}")), process, tmp_path / "output.txt")
    assert left_behind(root) == []  # it lives
    process.send_signal(signal.SIGKILL)
    process.wait()
    (left,) = left_behind(root)
    assert (left.name, left.path, left.report) == ("Worked example", None, "")
    assert left.copy is not None
    assert read_document(left.copy)[0].m == 5
    forget(left)
    assert left_behind(root) == []


def test_a_crash_leaves_a_report_of_where_the_program_was(
    start: Callable[[str], subprocess.Popen[bytes]], tmp_path: Path
):
    process = start("crash")
    process.wait(PATIENCE_S)
    assert process.returncode == -signal.SIGSEGV, (tmp_path / "output.txt").read_text("utf-8", "replace")
    (left,) = left_behind(sessions(tmp_path))
    assert left.copy is None
    assert left.report.startswith("LSTM Visualizer")
    assert "Segmentation fault" in left.report
    assert "in crash" in left.report


def test_a_closed_program_leaves_nothing(start: Callable[[str], subprocess.Popen[bytes]], tmp_path: Path):
    process = start("close")
    process.wait(PATIENCE_S)
    assert process.returncode == 0, (tmp_path / "output.txt").read_text("utf-8", "replace")
    root = sessions(tmp_path)
    assert not root.exists() or list(root.iterdir()) == []
