"""A network that learns in the real window: the diagram, the line over it, the panels, the keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractItemView

from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, press, wait_until

SMALL = TrainingConfig(cell_size=4, sequence_length=8, batch_size=8, steps=100_000)
PATIENCE_MS = 60_000


@pytest.fixture
def learning(own_window: MainWindow) -> Iterator[MainWindow]:
    """A window with a network that learns in its diagram."""
    controller = own_window.training.controller
    controller.config = SMALL
    controller.begin()
    wait_until(lambda: controller.run.history.shown is not None, PATIENCE_MS)
    press(Key.Key_D, CONTROL)
    wait_until(lambda: own_window.model.visiting)
    yield own_window
    controller.stop()


def learns_on(window: MainWindow) -> None:
    """Wait until another moment is shown."""
    before = window.following.snapshot
    wait_until(lambda: window.following.snapshot is not before, PATIENCE_MS)


def test_the_diagram_lives_while_the_network_learns(learning: MainWindow):
    window = learning
    texts = {name: column.texts for name, column in window.scene.columns.items()}
    assert all(texts.values()), "a column is empty until somebody presses Space"
    wait_until(lambda: window.scene.columns["C_t"].texts != texts["C_t"], PATIENCE_MS)
    window.actions_by_name["hide"].trigger()
    assert not window.scene.columns["C_t"].texts, "what is to come is not hidden"
    window.actions_by_name["hide"].trigger()
    assert window.scene.columns["C_t"].texts
    press(Key.Key_Space)
    wait_until(lambda: not window.playback.moving)
    assert window.playback.position == 1
    for _ in range(3):
        press(Key.Key_Space)
    wait_until(lambda: not window.playback.moving)
    line = window.formula.line
    assert line is not None
    assert line.name == window.model.document.cell.operations[3].name
    step = window.following.snapshot
    wait_until(lambda: window.following.snapshot is not step, PATIENCE_MS)
    assert window.playback.position == 4, "the walk jumped as the numbers came"
    wait_until(lambda: window.formula.line is not line)  # a moment after the diagram
    assert window.formula.line is not None
    assert window.formula.line.name == line.name


def test_the_line_over_the_diagram_says_which_network_and_holds_it(learning: MainWindow):
    window = learning
    bar = window.stage.network
    assert bar is not None
    assert bar.isVisible()
    wait_until(lambda: bar.title.text() == "Adding problem, LSTM 4, live")  # the run's timeline names the step
    window.presenting.begin()  # which leaves its room to the diagram
    wait_until(lambda: bool(re.fullmatch(r"Adding problem, LSTM 4, step [\d,]+, live", bar.title.text())))
    window.presenting.end()
    wait_until(lambda: bar.title.text() == "Adding problem, LSTM 4, live")
    assert not bar.layer.isVisible()
    bar.switch.segments[1].click()
    assert window.actions_by_name["hold"].isChecked()
    held = window.following.snapshot
    assert held is not None
    wait_until(lambda: bar.title.text().endswith(f"held at step {held.step:,}"))
    press(Key.Key_H, CONTROL)
    assert bar.switch.choice == 0
    wait_until(lambda: window.following.snapshot is not held, PATIENCE_MS)
    window.stage.show_view("health")
    assert not bar.isVisible(), "a view of the training shows the run itself"
    window.stage.show_view("unrolled")
    assert bar.isVisible()


def test_the_panels_show_the_networks_numbers_and_let_nobody_edit_them(learning: MainWindow):
    window = learning
    table = window.weights.table
    wait_until(lambda: table.grid.content.values.shape == (4, 7))
    shown = table.grid.content.values.copy()
    wait_until(lambda: not np.array_equal(table.grid.content.values, shown), PATIENCE_MS)
    assert table.editTriggers() == QAbstractItemView.EditTrigger.NoEditTriggers
    assert not window.sizes.boxes["k"].isEnabled()
    assert not window.actions_by_name["randomise matrix"].isEnabled()
    window.actions_by_name["fill ones"].trigger()
    assert "copy it to edit it" in window.statusBar().currentMessage()
    window.actions_by_name["copy network"].trigger()
    assert not window.model.visiting
    assert window.sizes.boxes["k"].isEnabled()
    window.actions_by_name["fill ones"].trigger()
    np.testing.assert_array_equal(window.model.document.weights["W_f"], np.ones((4, 6)))
    for _ in range(2):
        press(Key.Key_Z, CONTROL)
    assert window.windowTitle() == "Worked example – LSTM Visualizer"


def test_every_view_of_the_cell_follows(learning: MainWindow):
    window = learning
    for name in ("sum", "sizes", "layers", "activations", "draws", "unrolled", "gradients", "pair"):
        shown = window.stage.view(name)
        window.stage.show_view(name)
        learns_on(window)
        learns_on(window)
        assert shown.trace is window.model.latest_trace
    window.actions_by_name["backwards"].trigger()
    wait_until(lambda: window.stage.cell.way is not None, PATIENCE_MS)
    learns_on(window)


def test_the_next_run_is_followed_too_and_its_own_cell_comes_back_on_a_key(learning: MainWindow, windows: Windows):
    window, controller = learning, learning.training.controller
    controller.config = replace(SMALL, cell="gru", task="sine")
    controller.begin()
    wait_until(lambda: "GRU 4, step " in window.following.title, PATIENCE_MS)
    wait_until(lambda: window.model.document.cell_name == "gru", PATIENCE_MS)
    window.actions_by_name["train"].trigger()
    wait_until(lambda: controller.run.state is State.PAUSED, PATIENCE_MS)
    wait_until(lambda: window.following.title.endswith(", paused"))
    window.actions_by_name["own cell"].trigger()
    assert window.model.document.cell_name == "lstm"
    assert window.windowTitle() == "Worked example – LSTM Visualizer"
    assert not window.actions_by_name["own cell"].isEnabled()
