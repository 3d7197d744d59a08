"""The line about a run that goes on elsewhere."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.runs.history import KEPT, History
from engine.settings.config import TrainingConfig
from gui.appearance.theme import Appearance
from gui.runs.controller import TrainingController
from gui.runs.run_strip import RunStrip


class _Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_the_curve_of_the_run_before_goes_when_another_begins(appearance: Appearance, qtbot: QtBot):
    strip = RunStrip(TrainingController(TrainingConfig()), appearance)
    qtbot.addWidget(strip)
    strip.show()
    paints = _Paints(strip.curve)
    history = History(("loss",), KEPT)
    history.append(np.linspace(1.0, 0.1, 50, dtype=np.float32)[:, None])
    assert strip.curve.show_history(history) is not None
    qtbot.waitUntil(lambda: paints.count > 0)
    before = paints.count
    assert strip.curve.show_history(History(("loss",), KEPT)) is None
    qtbot.waitUntil(lambda: paints.count > before)
