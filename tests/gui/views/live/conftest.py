"""The view Live in the window of a user who has chosen settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from pytestqt.qtbot import QtBot

from engine.settings.config import TrainingConfig
from gui.appearance.stored import Stored
from gui.views.live.live import LiveView
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, activate, press

Open = Callable[..., LiveView]


@pytest.fixture
def open_with(request: pytest.FixtureRequest, windows: Windows, settings: Stored, qtbot: QtBot) -> Open:
    """Open the window of a user who has chosen settings the last time, and bring the view to the front.

    What is not given is that of the file's own SMALL.
    """
    small: TrainingConfig = request.module.SMALL

    def opened(**chosen: object) -> LiveView:
        settings.setValue("training", json.dumps(asdict(replace(small, **chosen))))
        window = windows.open(settings)
        window.resize(1920, 1080)
        activate(qtbot, window)
        press(Key.Key_1, CONTROL)
        view = window.stage.view("live")
        assert isinstance(view, LiveView)
        assert window.stage.front == "live"
        return view

    return opened
