"""A training process that stops answering, as a user sees it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, press
from tests.timing import assert_within, timed

PATIENCE_MS = 60_000


@timed
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process can be stopped on Unix alone")
def test_the_card_says_within_two_seconds_that_the_process_does_not_answer(
    windows: Windows, settings: QSettings, qtbot: QtBot
) -> None:
    window = windows.open(settings)
    controller, status = window.training.controller, window.training.panel.status

    def until(condition: Callable[[], bool]) -> None:
        qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    press(Key.Key_T, CONTROL)
    until(lambda: controller.run.history.count >= 5)
    assert "responding" not in status.text()
    worker = controller.worker
    assert worker is not None
    assert worker.child_pid is not None
    os.kill(worker.child_pid, signal.SIGSTOP)
    begin = time.monotonic()
    until(lambda: "is not responding" in status.text())
    assert_within(time.monotonic() - begin, 2.0)
    made = controller.run.history.count
    os.kill(worker.child_pid, signal.SIGCONT)
    until(lambda: "responding" not in status.text() and controller.run.history.count > made)
    assert "left" in status.text()
