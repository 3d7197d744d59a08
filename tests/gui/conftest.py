"""The real window, driven as a user drives it; what it leaves behind when it closes is checked after every test."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

# Before Qt is imported. The screen of Qt's own offscreen platform would be 800×800.
if os.environ.setdefault("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={Path(__file__).with_name('screen.json')}"

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QDialog

from engine.document.document import blank
from engine.document.examples import EXAMPLES, load_example
from engine.recording.folder import FOLDER_VARIABLE
from engine.runs.pace import FULL
from gui.appearance import typeset
from gui.appearance.stored import Stored
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.document.cell_model import CellModel
from gui.document.highlight import Light
from gui.jobs.background import Background
from gui.playback.playback import Playback
from gui.startup.application import make_application, make_window
from gui.views.base import Tools
from gui.window.main_window import MainWindow
from tests.gui.driving import PatientBot, children, ours, wait_until
from tests.gui.left_behind import FAILED, nothing_left_behind, qt_things
from tests.timing import timed

__all__ = ["nothing_left_behind", "qt_things"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def pytest_configure(config: pytest.Config) -> None:
    # Not the program's: the offscreen platform says it of every window.
    config.addinivalue_line("qt_log_ignore", "^This plugin does not support (propagateSizeHints|raise|grabbing)")
    # Nor this: the typesetting library asks for its own files in a way that Python 3.11 calls old.
    config.addinivalue_line("filterwarnings", "ignore:.*Use files\\(\\) instead:DeprecationWarning:zia")


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> QApplication:
    """Qt's application with the program's letters and style."""
    return make_application([])


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    return PatientBot(request)


_typeset_once = cache(typeset._typeset)


@pytest.fixture(autouse=True)
def formulas_made_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A formula is the same in every window; typesetting it anew for each would take a sixth of the tests' time.

    Not where a time is measured: it is to hold while formulas are made.
    """
    if request.node.get_closest_marker(timed.name) is None:
        monkeypatch.setattr(typeset, "_typeset", _typeset_once)


@pytest.fixture(scope="session", autouse=True)
def nobodys_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test's run is recorded among the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(tmp_path_factory.mktemp("recordings")))
        yield


@pytest.fixture(autouse=True)
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's runs are recorded."""
    folder = tmp_path / "runs"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Stored:
    """Settings of a user who starts the program for the first time."""
    return Stored(tmp_path / "settings.ini")


@pytest.fixture
def appearance(settings: Stored) -> Appearance:
    return Appearance(settings, "light")


@pytest.fixture
def typesetter() -> Iterator[Typesetter]:
    background = Background("typesetting")
    yield Typesetter(background)
    background.close()


class Windows:
    """Opens windows, and closes them so that nothing is left."""

    def __init__(self) -> None:
        self._open: list[MainWindow] = []
        self._children_before = set(children())
        self._threads_before = set(threading.enumerate())

    def open(self, settings: Stored, theme: str | None = "light") -> MainWindow:
        """Return a window that is shown, active, and has its trace.

        If nothing else is set, it trains at full speed, and as many steps as its settings say.
        """
        if not settings.contains("pace"):
            settings.setValue("pace", str(FULL))  # a test waits for what comes of a run, not to see it
        if not settings.contains("training"):
            settings.setValue("training", '{"until": "steps"}')
        window = make_window(settings, theme)
        self._open.append(window)
        window.show()
        window.activateWindow()
        wait_until(lambda: window.model.trace is not None)
        wait_until(window.isActiveWindow)
        return window

    def close(self, window: MainWindow) -> None:
        """Close a window that may have unsaved changes; wait until it and all it started are gone."""
        window.model.undo_stack.setClean()
        window.close()
        self.gone(window)

    def gone(self, window: MainWindow) -> None:
        """Wait until a window that was told to close is gone, with its threads and children."""
        wait_until(lambda: not window.isVisible())
        self._open.remove(window)
        if not self._open:
            wait_until(lambda: not self.threads(), 10_000)
            assert not self.children()
        shiboken6.delete(window)  # not at some later test

    def threads(self) -> list[str]:
        """Names of the threads that these windows have started and that live."""
        return ours(set(threading.enumerate()) - self._threads_before)

    def children(self) -> set[int]:
        """Process ids of the children that these windows have started and that live."""
        return set(children()) - self._children_before

    def close_all(self) -> None:
        for window in list(self._open):
            self.close(window)


@pytest.fixture
def windows(application: QApplication) -> Iterator[Windows]:
    opened = Windows()
    yield opened
    opened.close_all()


@pytest.fixture
def own_window(windows: Windows, settings: Stored) -> MainWindow:
    """The window as it opens on the first start, for a test that closes it or sets its places."""
    return windows.open(settings)


@pytest.fixture(scope="module")
def module_window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    make_application([])
    opened = Windows()
    path = tmp_path_factory.mktemp("settings") / "settings.ini"
    yield opened.open(Stored(path))
    opened.close_all()


@pytest.fixture
def window(module_window: MainWindow) -> MainWindow:
    """A window with the worked example, as it opens on the first start; one window does for a whole file."""
    window = module_window
    left = [box for box in window.findChildren(QDialog) if box.isVisible()]
    assert not left, f"an earlier test left a dialog: {[getattr(box, 'text', box.windowTitle)() for box in left]}"
    window.lessons.end()
    window.presenting.end()
    window._appearance.present(False)
    window.stage.show_view("diagram")
    window.stage.cell.turn(False)
    first = next(iter(EXAMPLES))
    window.model.replace(blank(1, 1, 1), "")  # of other shapes: no mark stays in a table
    window.model.replace(load_example(first), EXAMPLES[first])
    window.playback.restart()
    window.transport.speed.setValue(1)
    window.transport.speed.setValue(0)
    window.sizes.initialisation.setCurrentIndex(window.sizes.initialisation.findData("xavier"))
    window.sizes.seed.setValue(0)
    window.weights.choose("W_f")
    for table in (window.weights.table, window.inputs.table):
        table.clearSelection()
        table.selectionModel().clearCurrentIndex()
    window.statusBar().clearMessage()
    window.docks.reset()
    window.activateWindow()
    window.view.setFocus()
    wait_until(lambda: window.model.trace is not None)
    wait_until(window.isActiveWindow)
    return window


@pytest.fixture
def tools(appearance: Appearance, typesetter: Typesetter) -> Iterator[Tools]:
    """What a view works with, without a window: the four time steps."""
    background = Background("documents")
    model, playback = CellModel(load_example("four-steps"), "Four time steps", background), Playback()
    model.trace_changed.connect(playback.set_trace)
    model.opened.connect(playback.restart)
    yield Tools(model, playback, Light(), background, typesetter, appearance)
    background.close()
