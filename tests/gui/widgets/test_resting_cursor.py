"""A number under a cursor that rests follows, wherever it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from engine.settings.config import TrainingConfig
from gui.appearance.stored import Stored
from gui.plots.gate_picture import Place
from gui.views.flow.flow import FlowView
from gui.views.health.health import HealthView
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import show_plots, trigger, wait_until

CONFIG = TrainingConfig(
    task="adding", sequence_length=8, cell_size=4, batch_size=4, device="cpu", steps=10**6, worker="thread"
)


@pytest.fixture
def window(windows: Windows, settings: Stored) -> Iterator[MainWindow]:
    settings.setValue("training", json.dumps(asdict(CONFIG)))
    opened = windows.open(settings)
    handle = opened.windowHandle()
    assert handle is not None
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton)  # a test before this one may have left it down
    assert QApplication.mouseButtons() == Qt.MouseButton.NoButton
    yield opened
    QCursor.setPos(0, 0)
    trigger(opened, "stop")
    wait_until(lambda: not opened.training.controller.active)


def rest(widget: QWidget, at: QPointF | None = None) -> None:
    """Lay the cursor down and let it rest there."""
    place = at.toPoint() if at is not None else widget.rect().center()
    QCursor.setPos(0, 0)
    QApplication.processEvents()
    QCursor.setPos(widget.mapToGlobal(place))
    wait_until(widget.underMouse)


def follows(window: MainWindow, told: Callable[[], str]) -> None:
    """Wait until what is told has changed several times, without the mouse being moved."""
    seen = set()

    def changed() -> bool:
        seen.add(told())
        return len(seen - {""}) >= 3

    wait_until(changed)


def test_what_is_told_of_a_gate_and_of_a_plot_follows_the_training(window: MainWindow):
    gates, bar = window.training.plots.gates, window.docks.cards["gates"].titleBarWidget()
    assert isinstance(bar, QLabel)
    QCursor.setPos(0, 0)
    show_plots(window)
    trigger(window, "train")
    wait_until(lambda: window.training.controller.run.history.count > 50 and gates.picture.isVisible())
    assert bar.text() == window.docks.cards["gates"].windowTitle()  # nothing, where no cursor is
    rest(gates.picture, gates.picture.centre(Place("f", 1, 2)))
    follows(window, lambda: bar.text() if "unit 2, t = 3" in bar.text() else "")
    for name in window.training.plots:
        window.commands.run(f"panel {name} off")
    for name in ("flow", "health"):
        window.stage.show_view(name)
        shown = window.stage.view(name)
        assert isinstance(shown, (FlowView, HealthView))
        part = shown.now if isinstance(shown, FlowView) else shown.histograms
        wait_until(lambda part=part: not part.is_empty)
        widget = shown.now.widget if isinstance(shown, FlowView) else shown.histograms.sides["values"].widget
        rest(widget.viewport(), QPointF(widget.viewport().rect().center()))
        follows(window, window.statusBar().currentMessage)


def test_a_tool_tip_follows_too(window: MainWindow):
    """Also that of the diagram, of a document whose numbers change under it."""
    column = window.scene.column_of("C_t")
    assert column is not None
    wait_until(lambda: not window.playback.moment.moving)
    window.playback.seek(window.playback.last)
    view = window.view
    at = view.mapFromScene(column.mapToScene(QPointF(0, 0)))
    rest(view.viewport(), QPointF(at))
    wait_until(lambda: bool(column.toolTip()))
    before = column.toolTip()
    QToolTip.showText(QCursor.pos(), before, view.viewport())
    wait_until(QToolTip.isVisible)
    trigger(window, "randomise matrix")
    wait_until(lambda: column.toolTip() != before)
    wait_until(lambda: QToolTip.text() == column.toolTip())
    QToolTip.hideText()
