"""A recording that is deleted while it is written, as a user sees it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.runs.messages import State
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, answer, dialog, dialogs, press

PATIENCE_MS = 60_000


def test_a_recording_that_is_deleted_pauses_its_run_which_goes_on_without(
    windows: Windows, settings: QSettings, qtbot: QtBot
) -> None:
    window = windows.open(settings)
    controller = window.training.controller
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: controller.run.last is not None and bool(controller.run.last.recorded), timeout=PATIENCE_MS)
    assert controller.run.last is not None
    path = Path(controller.run.last.recorded)
    path.unlink()
    qtbot.waitUntil(lambda: controller.run.state is State.PAUSED, timeout=PATIENCE_MS)
    box = dialog(qtbot, window, QMessageBox)
    assert box.windowTitle() == "Training is paused"
    assert box.text() == f"{path} was deleted or moved during the recording; put it back, or train without recording."
    made = controller.run.history.count
    box.button(QMessageBox.StandardButton.Retry).click()
    qtbot.waitUntil(lambda: bool(dialogs(window, QMessageBox)) and dialogs(window, QMessageBox) != [box])
    box = dialog(qtbot, window, QMessageBox)  # it is not back
    answer(qtbot, box, QMessageBox.StandardButton.Ignore)
    qtbot.waitUntil(lambda: controller.run.history.count > made + 20, timeout=PATIENCE_MS)
    assert controller.run.last.recorded == ""
    assert not dialogs(window, QMessageBox)
    assert not path.exists()
