"""Networks that were not trained here: one is followed while somebody else trains it, and one has no step at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from engine.elsewhere.modules import WatchedModule
from engine.elsewhere.network import record_network
from engine.elsewhere.watcher import watch
from engine.recording.library import run_of
from engine.runs.verdict.judging import UNKNOWN
from engine.settings.config import TrainingConfig
from gui.commands.views import VIEWS
from gui.training.panel import status_line
from gui.views.library.library import LibraryView
from gui.views.library.rows import row_of
from gui.views.task.task import TaskView
from gui.window.main_window import MainWindow
from tests.gui.driving import show_plots, trigger, wait_until

NEXT = TrainingConfig(cell_size=7, sequence_length=9)


def open_run(window: MainWindow, path: Path) -> None:
    window.training.controller.config = NEXT
    window.files.open(path)
    wait_until(lambda: window.training.controller.run.recorded is not None)


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """A recording of a GRU of two layers, of no training step."""
    torch.manual_seed(1)
    path = tmp_path / "imported.lstmrec"
    weights = WatchedModule(nn.GRU(3, 4, 2)).weights()
    record_network(path, "mine", "gru", weights, np.linspace(-1, 1, 36).reshape(12, 3), "from net.pt")
    return path


def test_the_window_follows_a_training_that_is_not_its_own(own_window: MainWindow, tmp_path: Path) -> None:
    window, lstm = own_window, nn.LSTM(2, 5)
    run, x = window.training.controller.run, torch.randn(8, 2)
    optimizer = torch.optim.Adam(lstm.parameters(), 0.01)
    with watch(lstm, x, tmp_path / "run", goal=100_000, every=50) as watcher:

        def step() -> None:
            optimizer.zero_grad()
            loss = (lstm(x)[0] ** 2).mean()
            loss.backward()
            optimizer.step()
            watcher.step(loss, {"accuracy": 0.5})

        def trained_to(condition: object) -> bool:
            step()
            return bool(condition)

        open_run(window, watcher.path)
        show_plots(window)
        wait_until(lambda: trained_to(run.history.count > 40))
        assert run.badge.startswith("following")
        assert run.facts is not None
        wait_until(lambda: trained_to(run.facts is not None and run.facts.measure_name == "accuracy"))
        trigger(window, "show network")
        wait_until(lambda: trained_to(window.following.standing.endswith("live")))
        assert window.following.name == "Your own training, LSTM 5"
        seen = run.history.last_snapshot
        wait_until(lambda: trained_to(run.history.last_snapshot is not seen))
        wait_until(lambda: trained_to(run.history.count > 100))
    wait_until(lambda: run.recorded is not None and not run.recorded.written)
    with torch.no_grad():
        h = lstm(x)[0].numpy()
    newest = run.history.last_snapshot
    assert newest is not None
    np.testing.assert_allclose(newest.gates[0]["h"], h, atol=1e-6)
    assert run.verdict is not None
    assert run.verdict.advice == UNKNOWN
    assert window.training.controller.config == NEXT  # nothing of it is known that a run here could have


def test_a_network_without_a_step_is_shown_in_every_view(own_window: MainWindow, imported: Path) -> None:
    window = own_window
    open_run(window, imported)
    show_plots(window)
    for name in VIEWS:
        window.stage.show_view(name)
        window.stage.view(name).refresh()
    trigger(window, "show network")
    wait_until(lambda: window.following.standing == "step 0, recorded")
    assert window.following.layers == 2
    assert window.training.controller.run.verdict is None
    last = window.training.controller.run.last
    assert last is not None
    assert status_line(last) == "recorded"
    assert not window.training.controller.run.resumable
    task = window.stage.view("task")
    assert isinstance(task, TaskView)
    window.stage.show_view("task")
    wait_until(lambda: task.example is not None)
    assert "trained elsewhere" in task.standing.text()
    assert window.training.controller.config == NEXT


def test_it_is_not_resumed_and_its_settings_are_not_used(own_window: MainWindow, imported: Path) -> None:
    window = own_window
    refused: list[str] = []
    recordings = window.training.recordings
    recordings.refused.connect(refused.append)
    recordings.resume(imported)
    wait_until(lambda: bool(refused))
    assert "trained elsewhere" in refused[0]
    library = window.stage.view("library")
    assert isinstance(library, LibraryView)
    actions = library.buttons
    actions.show_rows([row_of(run_of(imported))])
    assert actions.open.isEnabled()
    assert not actions.resume.isEnabled()
    assert not actions.use.isEnabled()
    assert "trained elsewhere" in actions.use.toolTip()


def test_a_run_begins_beside_it_with_its_own_settings(own_window: MainWindow, imported: Path) -> None:
    window = own_window
    open_run(window, imported)
    controller = window.training.controller
    controller.config = replace(NEXT, steps=3)
    controller.begin()
    wait_until(lambda: controller.run.history.count == 3)
    assert controller.run.config.task == "adding"
