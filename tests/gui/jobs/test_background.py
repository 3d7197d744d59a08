from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.jobs.background import Background

ROOT = Path(__file__).parents[3]


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background("documents")
    yield made
    made.close()


def test_work_is_done_elsewhere_and_its_result_comes_here(background: Background, qtbot: QtBot):
    came: list[tuple[str, str]] = []
    background.run(
        lambda: threading.current_thread().name,
        lambda name: came.append((name, threading.current_thread().name)),
    )
    assert not came, "the window has waited"
    qtbot.waitUntil(lambda: bool(came))
    worker, here = came[0]
    assert worker.startswith("documents")
    assert here == threading.main_thread().name


def test_work_is_done_in_turn(background: Background, qtbot: QtBot):
    came: list[int] = []
    for number in range(50):
        background.run(lambda number=number: number, came.append)
    qtbot.waitUntil(lambda: len(came) == 50)
    assert came == list(range(50))


def test_an_expected_error_goes_to_its_handler(background: Background, qtbot: QtBot):
    errors: list[Exception] = []

    def work() -> None:
        raise FileNotFoundError("no such file")

    background.run(work, lambda _: pytest.fail("done after an error"), errors.append, OSError)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "no such file"


def test_an_unexpected_error_is_a_fault_that_is_seen(background: Background, qtbot: QtBot):
    def work() -> None:
        raise ZeroDivisionError("a fault")

    with qtbot.captureExceptions() as exceptions:
        background.run(work, lambda _: None, lambda _: pytest.fail("this was not expected"), OSError)
        qtbot.waitUntil(lambda: bool(exceptions))
    assert exceptions[0][0] is ZeroDivisionError
    came: list[int] = []
    background.run(lambda: 1, came.append)
    qtbot.waitUntil(lambda: came == [1])


def test_after_closing_nothing_comes_back(qtbot: QtBot):
    background = Background("documents")
    begun, go_on = threading.Event(), threading.Event()
    came: list[str] = []

    def work() -> str:
        begun.set()
        go_on.wait(5)
        return "late"

    background.run(work, came.append)
    background.run(lambda: came.append("never begun"), came.append)
    assert begun.wait(5)
    threading.Timer(0.05, go_on.set).start()
    background.close()
    assert not any(thread.name.startswith("documents") for thread in threading.enumerate())
    background.run(lambda: "much too late", came.append)
    other = Background("documents-after")
    other.run(lambda: "other", came.append)
    qtbot.waitUntil(lambda: "other" in came)
    assert came == ["other"]
    other.close()


def test_what_is_on_its_way_when_it_is_closed_does_not_come(application: QApplication):
    background, goes_on, may_end = Background("documents"), threading.Event(), threading.Event()
    came: list[int] = []
    background.run(lambda: 1, came.append)
    background.run(lambda: (goes_on.set(), may_end.wait()), lambda _: came.append(2))
    assert goes_on.wait(30)  # the first result has been sent, and nobody has looked yet
    background.close(wait=False)
    may_end.set()
    application.processEvents()
    assert came == []


def test_what_has_no_end_keeps_no_process_alive():
    """A file that is never read to its end: the window is gone, and soon after it the program."""
    program = """
import sys, threading
from PySide6.QtCore import QCoreApplication
from gui.jobs import background
background.LONGEST_S = 0.1
application = QCoreApplication([])
begun = threading.Event()
reading = background.Background("recordings")
reading.run(lambda: (begun.set(), threading.Event().wait()), print)
begun.wait()
reading.close(wait="--wait" in sys.argv)
print("closed")
"""
    for arguments in ([], ["--wait"]):
        command = [sys.executable, "-c", program, *arguments]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert (ended.returncode, ended.stdout) == (0, "closed\n"), ended.stderr


def test_what_is_being_written_at_the_end_is_written(tmp_path: Path):
    program = """
import sys, threading, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from gui.jobs.background import Background
application = QCoreApplication([])
begun = threading.Event()
def write():
    begun.set()
    for number in range(50):
        time.sleep(0.005)
    Path(sys.argv[1]).write_text("whole")
writing = Background("documents")
writing.run(write, print)
begun.wait()
writing.close(wait=False)
"""
    path = tmp_path / "note"
    command = [sys.executable, "-c", program, str(path)]
    subprocess.run(command, cwd=ROOT, timeout=60, check=True)
    assert path.read_text() == "whole"
