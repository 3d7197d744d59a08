"""The cell that is shown, taken into a training with its weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine.document.document import blank
from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.window.main_window import MainWindow
from tests.gui.driving import dialog, wait_until

SMALL = TrainingConfig(sequence_length=6, batch_size=4, steps=3, learning_rate=1e-6)
PATIENCE_MS = 60_000


def show(window: MainWindow, m: int, **more: Any) -> None:
    window.model.replace(blank(m, 3, 3, seed=4, **more), "Mine")


def press(box: QMessageBox, words: str) -> None:
    next(button for button in box.findChildren(QPushButton) if button.text().replace("&", "") == words).click()


def finished(window: MainWindow) -> None:
    run = window.training.controller.run
    wait_until(lambda: run.state is State.FINISHED and bool(run.moments), PATIENCE_MS)


def assert_first_weights(window: MainWindow, same: bool = True) -> None:
    """The recorded run began with the weights of the user's cell, or did not."""
    travel = window.training.recordings.travel
    travel.go_to(0)
    wait_until(lambda: window.training.controller.run.history.moment == 0, PATIENCE_MS)
    first = window.training.controller.run.history.shown
    assert first is not None
    W = window.model.own.document.weights["W_f"].astype(np.float32)
    assert np.array_equal(first.weights[0]["W_f"], W) == same
    travel.go_live()


def test_a_run_begins_with_the_weights_on_the_screen_and_again_when_it_starts_over(own_window: MainWindow):
    window, controller = own_window, own_window.training.controller
    controller.config = SMALL
    show(window, 2)
    window.sizes.train.click()
    finished(window)
    assert (controller.run.config.cell_size, controller.run.config.n, controller.run.config.task) == (3, 3, "adding")
    assert_first_weights(window)
    assert window.model.visiting, "the diagram does not show how the cell learns"
    assert "begins with the weights of “Mine”" in [words for _, words in controller.run.history.events]
    first = controller.run
    assert not controller.differs
    path = first.path
    window.actions_by_name["start over"].trigger()
    wait_until(lambda: controller.run.path != path, PATIENCE_MS)
    finished(window)
    assert_first_weights(window)
    window.actions_by_name["new weights"].trigger()
    assert controller.differs, "the panel does not say that the next run is another"
    path = controller.run.path
    window.actions_by_name["start over"].trigger()
    wait_until(lambda: controller.run.path != path, PATIENCE_MS)
    finished(window)
    assert_first_weights(window, same=False)


def test_a_recorded_run_starts_over_from_the_weights_that_it_began_with(own_window: MainWindow):
    window, controller = own_window, own_window.training.controller
    controller.config = SMALL
    show(window, 2)
    window.sizes.train.click()
    finished(window)
    path = controller.run.path
    assert path is not None
    controller.stop()
    window.actions_by_name["new weights"].trigger()
    window.files.open(path)
    wait_until(lambda: controller.run.recorded is not None, PATIENCE_MS)
    window.actions_by_name["start over"].trigger()
    wait_until(lambda: controller.run.recorded is None, PATIENCE_MS)
    finished(window)
    assert_first_weights(window)


def test_a_task_with_other_inputs_is_told_and_what_fits_is_offered(own_window: MainWindow, qtbot: QtBot):
    window, controller = own_window, own_window.training.controller
    controller.config = SMALL
    show(window, 3)
    window.actions_by_name["train cell"].trigger()
    box = dialog(qtbot, window, QMessageBox)
    assert box.text() == "The task “Adding problem” has 2 inputs, but this cell has m = 3: its weights do not fit."
    assert box.informativeText() == "Tasks with m = 3: aⁿbⁿ."
    press(box, "Cancel")
    assert controller.run.state is None
    window.actions_by_name["train cell"].trigger()
    press(dialog(qtbot, window, QMessageBox), "Train “aⁿbⁿ”")
    finished(window)
    assert controller.run.config.task == "anbn"
    assert_first_weights(window)
    controller.config = replace(controller.config, task="adding")
    window.actions_by_name["train cell"].trigger()
    press(dialog(qtbot, window, QMessageBox), "New weights")
    wait_until(lambda: controller.run.config.task == "adding", PATIENCE_MS)
    assert controller.run.start is None
    assert controller.run.config.cell_size == 3


def test_a_cell_that_cannot_be_trained_gets_its_sentence(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window.model.replace(blank(2, 4, 3), "Wide")
    window.actions_by_name["train cell"].trigger()
    box = dialog(qtbot, window, QMessageBox)
    assert "n = 4 is larger than cell size k = 3" in box.text()
    box.reject()
    assert window.training.controller.run.state is None


def test_a_run_of_another_cell_leaves_the_weights_and_says_so(own_window: MainWindow):
    window, controller = own_window, own_window.training.controller
    controller.config = SMALL
    show(window, 2, cell_name="gru")
    window.actions_by_name["train cell"].trigger()
    finished(window)
    assert controller.run.start is not None
    controller.config = replace(controller.config, cell="lstm")
    window.actions_by_name["start over"].trigger()
    assert "begins with new weights: those of “Mine” fit another cell" in window.statusBar().currentMessage()
    assert controller.run.start is None
