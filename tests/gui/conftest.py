"""The real window, driven as a user drives it; what it leaves behind when it closes is checked after every test."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

# Before Qt is imported. The screen of Qt's own offscreen platform would be 800×800.
if os.environ.setdefault("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={Path(__file__).with_name('screen.json')}"

import psutil
import pytest
import shiboken6
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.application import make_application, make_window
from gui.background import Background
from gui.main_window import MainWindow
from gui.theme import Appearance
from gui.typeset import Typesetter
from tests.gui.driving import children, ours


def pytest_configure(config: pytest.Config) -> None:
    # Not the program's: the offscreen platform says it of every window.
    config.addinivalue_line("qt_log_ignore", "^This plugin does not support (propagateSizeHints|raise)")
    # Nor this: the typesetting library asks for its own files in a way that Python 3.11 calls old.
    config.addinivalue_line("filterwarnings", "ignore:.*Use files\\(\\) instead:DeprecationWarning:zia")


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> QApplication:
    """Qt's application with the program's letters and style."""
    return make_application([])


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """Settings of a user who starts the program for the first time."""
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def appearance(settings: QSettings) -> Appearance:
    return Appearance(settings, "light")


@pytest.fixture
def typesetter() -> Iterator[Typesetter]:
    background = Background("typesetting")
    yield Typesetter(background)
    background.close()


class Windows:
    """Opens windows, and closes them so that nothing is left."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self._open: list[MainWindow] = []
        self._children_before = set(children())

    def open(self, settings: QSettings, theme: str | None = "light") -> MainWindow:
        """Return a window that is shown, active, and has its trace."""
        window = make_window(settings, theme)
        self._open.append(window)
        window.show()
        window.activateWindow()
        self._qtbot.waitUntil(lambda: window.model.trace is not None)
        self._qtbot.waitUntil(window.isActiveWindow)
        return window

    def close(self, window: MainWindow) -> None:
        """Close a window that may have unsaved changes; wait until it and all it started are gone."""
        window.model.undo_stack.setClean()
        window.close()
        self.gone(window)

    def gone(self, window: MainWindow) -> None:
        """Wait until a window that was told to close is gone, with its threads and children."""
        self._qtbot.waitUntil(lambda: not window.isVisible())
        self._open.remove(window)
        if not self._open:
            self._qtbot.waitUntil(lambda: not ours(threading.enumerate()), timeout=10_000)
            assert not set(children()) - self._children_before
        shiboken6.delete(window)  # not at some later test

    def close_all(self) -> None:
        for window in list(self._open):
            self.close(window)


@pytest.fixture
def windows(qtbot: QtBot, application: QApplication) -> Iterator[Windows]:
    opened = Windows(qtbot)
    yield opened
    opened.close_all()


@pytest.fixture
def window(windows: Windows, settings: QSettings) -> MainWindow:
    """The window as it opens on the first start."""
    return windows.open(settings)


