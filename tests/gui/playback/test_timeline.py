"""The time bar: phases above the operations, lit and clickable; the time step and the operation in words."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF
from pytestqt.qtbot import QtBot

from engine.document.examples import load_example
from gui.window.main_window import MainWindow
from tests.gui.drawn_text import Listener
from tests.gui.driving import Key, click, drag, press, resting, traced, trigger


def test_a_click_on_a_phase_goes_to_its_first_operation(window: MainWindow, qtbot: QtBot) -> None:
    trace = traced(qtbot, window)
    assert [mark.name for mark in window.timeline.phases] == ["Forget", "Write", "Update", "Output"]
    for mark, first in zip(window.timeline.phases, ("xh", "a_i", "kept", "a_o"), strict=True):
        click(qtbot, window.timeline, mark.box.center().toPoint())
        operation = window.playback.operation
        assert operation is not None
        assert operation.name == first
        assert trace.cell.phase_of(operation.name) == mark.name
        assert not window.playback.moving


def test_the_bar_says_where_the_walk_is(window: MainWindow, qtbot: QtBot) -> None:
    window.model.replace(load_example("four-steps"), "")
    traced(qtbot, window)
    assert window.timeline.where == "t = 1 of 4"
    assert window.timeline.operation == "18 operations"
    press(Key.Key_Space)
    resting(qtbot, window.playback)
    assert window.timeline.operation == "operation 1 of 18: [xₜ, hₜ₋₁]"
    window.playback.seek_step(2)
    assert (window.timeline.where, window.timeline.operation) == ("t = 3 of 4", "operation 18 of 18: hₜ")


def test_the_index_of_a_symbol_stands_low(window: MainWindow, qtbot: QtBot) -> None:
    traced(qtbot, window)
    window.playback.seek(4)
    listener = Listener()
    with listener.listening():
        words = [text.words for text in listener.texts(window) if text.by is window.timeline]
    assert "operation 4 of 18: ft" in words  # the lower t goes on where the f ends


def test_phases_of_other_cells_and_of_the_backward_pass(window: MainWindow, qtbot: QtBot) -> None:
    trigger(window, "cell gru")
    traced(qtbot, window)
    assert [mark.name for mark in window.timeline.phases] == ["Reset", "Keep", "Write", "Update"]
    trigger(window, "backwards")
    qtbot.waitUntil(lambda: bool(window.stage.cell.back.legs))
    assert {mark.name for mark in window.timeline.phases} == {"Reset", "Keep", "Write", "Update"}
    trigger(window, "backwards")
    window.model.undo_stack.setClean()


def test_dots_can_still_be_dragged_and_a_phase_starts_no_drag(window: MainWindow, qtbot: QtBot) -> None:
    traced(qtbot, window)
    bar = window.timeline
    y = bar.height() * 0.66
    marks = bar.phases
    left, right = marks[0].box.left(), marks[-1].box.right()
    drag(qtbot, bar, QPointF(left + 4, y), QPointF((left + right) / 2, y), QPointF(right - 4, y))
    assert window.playback.position == window.playback.last
    press(Key.Key_Home)
    drag(qtbot, bar, marks[0].box.center(), QPointF(right - 4, y))
    assert window.playback.position == 1
    assert bar.grab().toImage() != bar.grab(bar.rect().translated(QPoint(1, 0))).toImage()
