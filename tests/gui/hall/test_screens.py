"""Two screens: the hall sees the view alone, the lecturer notes and clock; screens go and come while presenting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
_WORK = """
import sys
import time
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from gui.appearance.stored import Stored
from gui.startup.application import make_application, make_window

application = make_application([])
stored = Stored()
window = make_window(stored, "light")
window.resize(1280, 720)
window.show()
def until(condition):
    for _ in range(1000):
        if condition():
            return
        application.processEvents()
        time.sleep(0.02)
    raise AssertionError("it does not come")
first, second = QGuiApplication.screens()
desk = window.geometry()
window.commands.run("lesson forget-gate")
until(lambda: window.lessons.course.on)
assert window.lessons.reader.isVisible()
window.commands.run("present")
view = window.presenting.screens.view
assert window.geometry() == second.geometry(), window.geometry()
assert view.isVisible() and first.geometry().contains(view.geometry().center()), (view.isVisible(), view.geometry())
assert not window.lessons.reader.isVisible()
assert "Ask who has seen" in view.text.toPlainText(), view.text.toPlainText()
assert "stop 1 of 8" in view.where.text()
assert view.clock.text() and view.elapsed.text()
course = window.lessons.course
until(lambda: course.done == 1)
QTest.keyClick(view, Qt.Key.Key_PageDown)
until(lambda: (course.place, course.done) == (1, 1))
assert "Next" in view.next.text()
window.commands.run("exchange screens")
assert window.geometry() == first.geometry(), window.geometry()
assert second.geometry().contains(view.geometry().center()), view.geometry()
assert stored.text("hall/screen", "", "") == first.name()
window.commands.run("exchange screens")
assert window.geometry() == second.geometry()
window.presenting.end()
assert not view.isVisible() and window.lessons.reader.isVisible()
until(lambda: first.geometry().contains(window.geometry().center()))
assert window.size() == desk.size(), (window.geometry(), desk)
window.presenting.begin()
real, QGuiApplication.screens = QGuiApplication.screens, staticmethod(lambda: [first])
application.screenRemoved.emit(second)   # the projector is pulled out
assert window.presenting.on and not view.isVisible() and window.lessons.reader.isVisible()
QGuiApplication.screens = real
application.screenAdded.emit(second)
assert view.isVisible() and window.geometry() == second.geometry()
window.presenting.end()
print("done", flush=True)
import os
os._exit(0)
"""


def test_the_presenter_has_a_screen_of_his_own(tmp_path: Path):
    screens = [
        {"name": name, "x": x, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
        for name, x in (("laptop", 0), ("projector", 1920))
    ]
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": screens}))
    home = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "LSTM_VISUALIZER_RUNS")}
    ended = subprocess.run(
        [sys.executable, "-c", _WORK],
        cwd=ROOT,
        env={**os.environ, **home, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.stdout.strip().endswith("done"), ended.stderr
