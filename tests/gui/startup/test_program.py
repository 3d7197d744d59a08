"""The program itself, as a process on a virtual screen, driven by real key presses."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from gui.startup.virtual_screen import virtual_screen

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
DRIVEN_S = 20.0
COMPLAINTS = ("Traceback", "QObject::", "QPainter::", "QWidget::", "Could not parse", "Fatal", "Error")

# Where there can be no Xvfb there is nothing to test; on Linux its absence is a fault of the machine's set-up.
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") and not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="a virtual screen needs Xvfb and xdotool",
)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a user who has never started the program, on a screen of 1920×1080."""
    with virtual_screen() as environment:
        home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        yield {**environment, **home, "PYTHONUNBUFFERED": "1", "QT_LOGGING_RULES": ""}


class Program:
    """The running program, its window, and a keyboard."""

    def __init__(self, screen: dict[str, str], folder: Path) -> None:
        self._screen = screen
        self._folder = folder
        self._log = (folder / "output.txt").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py")],
            cwd=folder,
            env=screen,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.window = self._xdotool("search", "--sync", "--onlyvisible", "--name", "LSTM Visualizer").split()[0]
        self._xdotool("windowfocus", "--sync", self.window)

    def _xdotool(self, *arguments: str) -> str:
        return subprocess.run(
            ["xdotool", *arguments],
            env=self._screen,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        ).stdout

    def press(self, *keys: str) -> None:
        assert self.process.poll() is None, self.output()
        self._xdotool("key", "--clearmodifiers", *keys)

    def title(self) -> str:
        return self._xdotool("getwindowname", self.window).strip()

    def picture(self) -> QImage:
        """What is on the screen, taken by a process of its own: this one has no screen."""
        path = self._folder / "screen.png"
        grab = (
            "import sys; from PySide6.QtGui import QGuiApplication as A; a = A([]); "
            f"sys.exit(not a.primaryScreen().grabWindow(0).save({str(path)!r}))"
        )
        subprocess.run([sys.executable, "-c", grab], env=self._screen, check=True, timeout=PATIENCE_S)
        return QImage(str(path))

    def children(self) -> list[psutil.Process]:
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in found if "resource_tracker" not in " ".join(child.cmdline())]

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for what a process outside can see; each look takes its own time."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}\n{self.output()}"

    def changed(self, before: QImage, what: str) -> QImage:
        """Wait until the screen differs from a picture and rests; return what it then shows."""
        pictures = [before]

        def rests() -> bool:
            pictures.append(self.picture())
            return pictures[-1] != before and pictures[-1] == pictures[-2]

        self.until(rests, what)
        return pictures[-1]

    def output(self) -> str:
        return (self._folder / "output.txt").read_text("utf-8", "replace")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._log.close()


@pytest.fixture
def program(screen: dict[str, str], tmp_path: Path) -> Iterator[Program]:
    started = Program(screen, tmp_path)
    yield started
    started.end()


def left_panels(picture: QImage) -> QImage:
    return picture.copy(QRect(0, 60, 340, 760))


@pytest.mark.timeout(240)
def test_a_lecture(program: Program):
    begun = time.monotonic()
    program.until(lambda: program.title() == "Worked example – LSTM Visualizer", "the worked example")
    welcome = program.changed(QImage(), "Welcome")
    program.press("Escape")
    noted = program.changed(welcome, "the cell, with notes on what to press")
    program.press("Home")
    start = program.changed(noted, "the notes are gone")
    program.press("space")
    first = program.changed(start, "the first operation")
    program.press("space")
    second = program.changed(first, "the second operation")
    program.press("shift+space")
    assert program.changed(second, "the way back") == first
    program.press("Home")
    assert program.changed(first, "the beginning") == start

    program.press("Return")  # plays while it trains
    program.press("ctrl+t")
    program.until(lambda: bool(program.children()), "the child that trains")

    def visited() -> bool:
        program.press("ctrl+d")
        return bool(re.match(r"Adding problem, LSTM 16, step [\d,]+, live", program.title()))

    program.until(visited, "the network in the diagram")
    program.press("ctrl+z")
    program.until(lambda: program.title() == "Worked example – LSTM Visualizer", "the way back to the document")

    program.press("Home")
    before = program.picture()
    program.press("F5")
    program.until(lambda: left_panels(program.picture()) != left_panels(before), "the whole screen")
    program.press("Home")  # playing through may have come to the end by now
    presses = 0
    while time.monotonic() - begun < DRIVEN_S or presses < 5:
        shown = program.picture()
        program.press("Next")
        program.until(lambda shown=shown: program.picture() != shown, "the clicker")
        presses += 1
        if presses % 12 == 0:
            program.press("Home")
    program.press("Prior")
    program.press("Escape")
    program.press("Escape")  # at the second press the presentation ends
    program.until(lambda: left_panels(program.picture()) == left_panels(before), "the window as it was")

    program.press("ctrl+q")
    assert program.process.wait(timeout=10) == 0
    output = program.output()
    assert not [word for word in COMPLAINTS if word in output], output
    assert output == "", "a program that is well says nothing"


def test_a_file_that_is_not_there_is_said_in_the_window(screen: dict[str, str], tmp_path: Path):
    process = subprocess.Popen([sys.executable, str(ROOT / "main.py"), "missing.lstmviz"], cwd=tmp_path, env=screen)
    try:
        subprocess.run(
            ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Nothing was changed"],
            env=screen,
            check=True,
            capture_output=True,
            timeout=PATIENCE_S,
        )
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait()


@pytest.mark.timeout(180)
def test_the_demo(screen: dict[str, str], tmp_path: Path):
    out = tmp_path / "pictures"
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "demo", "--seconds", "3", "--out", str(out)],
        cwd=tmp_path,
        env=screen,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    pictures = sorted(out.glob("*.png"))
    assert len(pictures) == 4
    seen = []
    for path in pictures:
        picture = QImage(str(path))
        assert (picture.width(), picture.height()) == (1920, 1080)
        small = picture.scaled(96, 54)
        colours = {small.pixel(x, y) for x in range(small.width()) for y in range(small.height())}
        assert len(colours) > 20, f"{path.name} is nearly one colour"
        seen.append(picture)
    assert all(a != b for a, b in pairwise(seen))
    assert "Worked example: 18 operations played" in done.stdout
    assert re.search(r"z_f\s+92 177 136", done.stdout)
    assert re.search(r"z_i\s+22 43 64", done.stdout)
    steps = re.search(r"([\d,]+) steps in ([\d.]+) s, ([\d,]+) steps/s, child process", done.stdout)
    assert steps is not None, done.stdout
    assert float(steps[2]) >= 3
    assert int(steps[1].replace(",", "")) > 50
    frames = re.search(r"median ([\d.]+) ms, 95th percentile ([\d.]+) ms, (\d+) frames", done.stdout)
    assert frames is not None, done.stdout
    assert 0 < float(frames[1]) <= float(frames[2]) < 500
    assert int(frames[3]) > 20
    first, last = (float(x) for x in re.findall(r"([\d.]+) at (?:first|the end)", done.stdout))
    assert last < first * 1.5
