"""Until when a run goes on, changed while it does: by the command, in the form and beside the verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from engine.runs.messages import State
from engine.settings.config import TrainingConfig
from gui.appearance.stored import Stored
from gui.commands.command import CommandError
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, click, press

EASY = TrainingConfig(
    task="temporal-order", sequence_length=10, batch_size=100, cell_size=8, learning_rate=0.03, device="cpu"
)
"""Solved after some seventy steps."""
PATIENCE_MS = 60_000

Open = Callable[..., MainWindow]


@pytest.fixture
def open_with(windows: Windows, settings: Stored) -> Open:
    def opened(**chosen: object) -> MainWindow:
        settings.setValue("training", json.dumps(asdict(replace(EASY, **chosen))))
        settings.setValue("pace", "full")
        window = windows.open(settings)
        window.commands.run("workspace train")
        return window

    return opened


def test_a_run_that_is_told_so_ends_as_soon_as_it_is_solved(open_with: Open, qtbot: QtBot) -> None:
    window = open_with(steps=100_000, worker="thread")
    controller, form = window.training.controller, window.training.panel.form
    window.commands.run("pace 20/s")
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: controller.run.history.count > 1, timeout=PATIENCE_MS)
    strip = window.stage.verdict
    assert strip is not None
    qtbot.waitUntil(strip.stops.isVisible)
    assert not strip.stops.isChecked()
    window.commands.run("until solved")
    assert window.actions_by_name["until solved"].isChecked()
    box = form.field("until")
    assert isinstance(box, QComboBox)
    assert box.currentData() == "solved"
    window.commands.run("pace full")
    qtbot.waitUntil(lambda: controller.run.state is State.FINISHED, timeout=PATIENCE_MS)
    assert controller.run.last is not None
    assert controller.run.last.solved
    assert controller.run.last.step < 2000
    # It goes on when that is wanted; then its steps count.
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: controller.run.state is State.RUNNING, timeout=PATIENCE_MS)
    assert controller.run.config.until == "steps"
    controller.stop()


def test_the_form_and_the_strip_switch_the_same(open_with: Open, qtbot: QtBot) -> None:
    window = open_with(steps=100_000, until="solved", worker="thread")
    controller, form = window.training.controller, window.training.panel.form
    window.commands.run("pace 5/s")
    press(Key.Key_T, CONTROL)
    strip = window.stage.verdict
    assert strip is not None
    qtbot.waitUntil(strip.stops.isVisible, timeout=PATIENCE_MS)
    assert strip.stops.isChecked()
    form.set_value("until", "steps")
    qtbot.waitUntil(lambda: controller.run.last is not None and not controller.run.last.until_solved)
    qtbot.waitUntil(lambda: not strip.stops.isChecked())
    click(qtbot, strip.stops)
    qtbot.waitUntil(lambda: controller.run.last is not None and controller.run.last.until_solved)
    assert form.values().until == "solved"
    controller.stop()


def test_another_word_is_refused_with_those_that_there_are(window: MainWindow) -> None:
    with pytest.raises(CommandError, match="steps, solved"):
        window.commands.run("until tired")
