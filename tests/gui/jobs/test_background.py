from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.runs.messages import Stop
from engine.tables.answers import DataError
from gui.jobs.background import Background
from tests.gui.driving import children

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


def test_of_the_jobs_of_a_kind_only_the_newest_waits(background: Background, qtbot: QtBot):
    came: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(name: str) -> str:
        begun.set()
        assert go_on.wait(30)
        return name

    background.run(lambda: work("begun"), came.append, kind="trace")
    assert begun.wait(30)
    for name in ("old", "older", "newest"):
        background.run(lambda name=name: work(name), came.append, kind="trace")
        background.run(lambda name=name: work(f"beside {name}"), came.append)
    go_on.set()
    qtbot.waitUntil(lambda: "beside newest" in came)
    assert came == ["begun", "beside old", "beside older", "newest", "beside newest"]


def test_what_never_ends_holds_up_nothing_and_is_told_that_it_was_dropped(background: Background, qtbot: QtBot):
    came: list[object] = []
    told = threading.Event()
    errors: list[Exception] = []

    def endless(dropped: threading.Event) -> str:
        dropped.wait(30)
        told.set()
        return "never heard of"

    def wrong(_dropped: threading.Event) -> None:
        raise FileNotFoundError("no such file")

    background.run_apart(endless, came.append, errors.append, OSError)
    assert background.busy
    background.run_apart(lambda _dropped: "newest", came.append, errors.append, OSError)
    qtbot.waitUntil(lambda: came == ["newest"])
    assert told.wait(30)
    assert not background.busy
    background.run_apart(wrong, came.append, errors.append, OSError)
    qtbot.waitUntil(lambda: bool(errors))
    assert came == ["newest"]


@pytest.mark.parametrize("end", ["drop", "close", "delete"])
def test_what_is_done_apart_ends_with_whoever_asked_for_it(application: QApplication, end: str):
    background, told = Background("columns"), threading.Event()

    def endless(dropped: threading.Event) -> None:
        assert dropped.wait(30)
        told.set()

    background.run_apart(endless, pytest.fail, pytest.fail, OSError)
    if end == "delete":
        shiboken6.delete(background)
    else:
        getattr(background, end)()
    assert told.wait(30)
    application.processEvents()


def _answers(commands: SimpleQueue[Any], send: Callable[[object], None], first: object) -> None:
    """The work of a child: answers what it is given and what it is told; "die" is answered by none."""
    wanted = first
    while not isinstance(wanted, Stop):
        if wanted == "die":
            os._exit(7)
        send(DataError(f"{wanted} is odd.") if wanted == "odd" else f"{wanted}!")
        wanted = commands.get()


def test_a_child_answers_whatever_it_is_told(background: Background, qtbot: QtBot):
    came: list[object] = []
    errors: list[str] = []
    background.run_in_child(
        _answers, ("one",), came.append, lambda error: errors.append(str(error)), "It {words}; try again."
    )
    qtbot.waitUntil(lambda: came == ["one!"], timeout=60_000)
    background.tell("odd")
    background.tell("two")
    qtbot.waitUntil(lambda: came == ["one!", "two!"])
    assert errors == ["odd is odd."]
    assert background.busy
    background.tell("die")
    qtbot.waitUntil(lambda: len(errors) == 2)
    assert errors[1] == "It ended without a word (exit code 7); try again."
    assert not background.busy


def test_a_child_that_has_answered_everything_ends_in_silence(background: Background, qtbot: QtBot):
    came: list[object] = []
    before = set(children())
    background.run_in_child(_answers, ("one",), came.append, lambda _: pytest.fail("it had answered"), "It {words}.")
    qtbot.waitUntil(lambda: came == ["one!"], timeout=60_000)
    (child,) = set(children()) - before
    os.kill(child, signal.SIGKILL)
    qtbot.waitUntil(lambda: not background.busy)


@pytest.mark.parametrize("end", ["drop", "close", "delete"])
def test_a_child_ends_with_whoever_asked_for_it(qtbot: QtBot, end: str):
    background, came = Background("tasks"), []
    before = set(children())
    background.run_in_child(_answers, ("one",), came.append, lambda _: pytest.fail("nobody listens"), "It {words}.")
    qtbot.waitUntil(lambda: came == ["one!"], timeout=60_000)
    assert set(children()) - before
    if end == "delete":
        shiboken6.delete(background)
    else:
        getattr(background, end)()
    qtbot.waitUntil(lambda: not set(children()) - before)


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
    qtbot.waitUntil(lambda: not any(thread.name.startswith("documents") for thread in threading.enumerate()))
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
    background.close()
    may_end.set()
    application.processEvents()
    assert came == []


def test_what_has_no_end_keeps_no_process_alive():
    """A file that is never read to its end: the window is gone, and soon after it the program."""
    program = """
import threading
from PySide6.QtCore import QCoreApplication
from gui.jobs import background
background.LONGEST_S = 0.1
application = QCoreApplication([])
begun = threading.Event()
reading = background.Background("recordings")
reading.run(lambda: (begun.set(), threading.Event().wait()), print)
begun.wait()
reading.close()
print("closed")
"""
    command = [sys.executable, "-c", program]
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
writing.close()
"""
    path = tmp_path / "note"
    command = [sys.executable, "-c", program, str(path)]
    subprocess.run(command, cwd=ROOT, timeout=60, check=True)
    assert path.read_text() == "whole"
