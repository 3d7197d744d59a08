"""A library of runs on the screen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.appearance.stored import Stored
from gui.runs.controller import TrainingController
from gui.runs.recordings import Recordings
from gui.views.base import Tools
from gui.views.library.library import LibraryView
from tests.gui.driving import close_background
from tests.gui.views.library.library_runs import CONFIG, STARTED, falling, recorded

PATIENCE_MS = 20_000
"""For what the library finds out by itself, on a machine with much to do."""

MakeView = Callable[..., LibraryView]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of recordings; a bin of its own."""
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def three(folder: Path) -> Path:
    """Three runs: the newest is a GRU, the middle one has a name, the oldest has no loss yet."""
    recorded(folder / "a.lstmrec", state="stopped", started=STARTED.isoformat())
    later = {"started": (STARTED + timedelta(hours=1)).isoformat()}
    first = replace(CONFIG, seed=3, optimizer="sgd")
    recorded(folder / "b.lstmrec", first, losses=falling(300, 0.01), moments=(1, 100, 300), name="baseline", **later)
    latest = {"started": (STARTED + timedelta(hours=2)).isoformat()}
    gru = replace(CONFIG, cell="gru")
    recorded(folder / "c.lstmrec", gru, losses=falling(400, 0.002), moments=(1, 150, 400), notes="for Monday", **latest)
    return folder


@pytest.fixture
def make_view(tools: Tools, settings: Stored, qtbot: QtBot) -> Iterator[MakeView]:
    """A library on the screen, as large as the middle of a window."""
    views: list[LibraryView] = []

    def make(width: int = 1110, height: int = 600, runs: int | None = None) -> LibraryView:
        controller = TrainingController(CONFIG)
        view = LibraryView(
            replace(tools, training=controller, stored=settings, recordings=Recordings(controller, settings))
        )
        qtbot.addWidget(view, before_close_func=close_background)  # as the window does
        views.append(view)
        view.resize(width, height)
        view.show()
        view.activateWindow()
        qtbot.waitUntil(view.isActiveWindow)
        view.setFocus()
        if runs is not None:
            qtbot.waitUntil(lambda: len(view.table.runs.rows) == runs, timeout=PATIENCE_MS)
        return view

    yield make
    for view in views:
        close_background(view.training)
        qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name.startswith(("library", "recordings"))])
