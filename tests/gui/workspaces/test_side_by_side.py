"""The cell and its training together, in the real window."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from engine.explain.parts import CELL
from engine.runs.messages import State
from gui.window.main_window import MainWindow
from gui.workspaces.side_by_side import SideBySide
from tests.gui.driving import ALT, CONTROL, Key, press

PATIENCE_MS = 60_000


def test_the_diagram_follows_the_run_by_itself_beside_its_maps(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    window.resize(1700, 950)
    mine = window.model.document
    press(Key.Key_6, ALT)
    view = window.stage.view("side-by-side")
    assert isinstance(view, SideBySide)
    assert view.isVisible()
    assert view.cell.isVisible()
    assert view.live.isVisible()
    assert window.docks.folded
    assert window.model.document is mine  # there is no network yet
    press(Key.Key_T, CONTROL)
    run, following = window.training.controller.run, window.following
    qtbot.waitUntil(lambda: following.on and following.snapshot is not None, timeout=PATIENCE_MS)
    seen = following.snapshot.step
    qtbot.waitUntil(lambda: following.snapshot.step > seen, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: view.live.snapshot is not None, timeout=PATIENCE_MS)
    window.training.controller.stop()
    qtbot.waitUntil(lambda: run.state is State.STOPPED, timeout=PATIENCE_MS)
    window.playback.seek_step(3)
    assert view.live.picture.now == 3
    window.playback.seek(window.playback.last)
    assert view.live.picture.now is None
    press(Key.Key_2, ALT)
    assert not window.stage.strip.isVisible()


def test_with_little_room_one_of_both_is_shown(own_window: MainWindow, qtbot: QtBot):
    own_window.resize(1150, 700)
    press(Key.Key_6, ALT)
    view = own_window.stage.view("side-by-side")
    assert isinstance(view, SideBySide)
    qtbot.waitUntil(lambda: view.pages.isVisible())
    assert view.cell.isVisible()
    assert not view.live.isVisible()
    view.pages.segments[1].click()
    assert view.live.isVisible()
    assert not view.cell.isVisible()
    own_window.presenting.begin()
    assert not view.pages.isVisible(), "the picture has its room in a hall"
    own_window.presenting.end()
    qtbot.waitUntil(lambda: view.pages.isVisible())


def test_a_run_elsewhere_is_told_in_a_line_that_opens_it(own_window: MainWindow, qtbot: QtBot):
    window = own_window
    strip = window.stage.strip
    assert not strip.isVisible()
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: window.training.controller.run.history.count > 3, timeout=PATIENCE_MS)
    press(Key.Key_2, ALT)
    qtbot.waitUntil(lambda: strip.isVisible() and strip.loss.text().startswith("loss "), timeout=PATIENCE_MS)
    assert strip.words.text() == "Adding problem"
    qtbot.waitUntil(lambda: strip.sign.isVisible() and bool(strip.verdict.toolTip()))
    verdict = window.training.controller.run.verdict
    assert verdict is not None
    assert strip.verdict.toolTip().startswith(verdict.sentence.partition(":")[0])
    assert strip.verdict.text() in strip.verdict.toolTip()
    strip.pause.click()
    qtbot.waitUntil(lambda: window.training.controller.run.state is State.PAUSED, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: strip.pause.text() == "Continue")
    strip.open.click()
    assert window.stage.workspace == "train"
    assert not strip.isVisible()


def test_its_diagram_is_explained_as_that_of_explore(own_window: MainWindow, qtbot: QtBot):
    press(Key.Key_6, ALT)
    view = own_window.stage.view("side-by-side")
    assert isinstance(view, SideBySide)
    qtbot.waitUntil(lambda: view.cell.scene.cell is not None)
    view.cell.view.setFocus()
    press(Key.Key_Right)
    said = own_window.formula.said
    assert said is not None
    assert said.place == view.cell.view.part == CELL
    press(Key.Key_Escape)
    assert own_window.formula.said is None
    assert own_window.stage.front == "side-by-side"
