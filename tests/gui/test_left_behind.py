"""A test that leaves a timer, an animation or a top-level widget fails, and says where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
import shiboken6
from PySide6.QtCore import QEasingCurve, QObject, QTimeLine, QTimer, QVariantAnimation
from PySide6.QtWidgets import QDialog, QMenu, QMessageBox, QWidget

from gui.jobs.background import Background
from gui.window.main_window import MainWindow
from tests.gui.driving import wait_until
from tests.gui.left_behind import QtThings
from tests.gui.waiting import wait
from tests.left_behind import Threads, fail_if_left

HERE = "tests/gui/test_left_behind.py"


@pytest.fixture
def things(qapp: object) -> Iterator[QtThings]:
    """As for a test of its own, within this one."""
    things = QtThings()
    with things.recorded():
        things.begin()
        yield things


def only_complaint(things: QtThings) -> str:
    with pytest.raises(pytest.fail.Exception) as failure:
        fail_if_left(things.complaints, lambda: wait(5), 0)
    (complaint,) = str(failure.value).splitlines()
    return complaint


def a_timer(parent: QObject | None = None) -> QTimer:
    timer = QTimer(parent)
    timer.start(1000)
    return timer


def an_animation(parent: QObject | None = None) -> QVariantAnimation:
    animation = QVariantAnimation(parent)
    animation.setStartValue(0.0)
    animation.setEndValue(1.0)
    animation.setDuration(60_000)
    animation.start()
    return animation


def test_a_timer_that_runs_is_left(things: QtThings):
    timer = a_timer()
    complaint = only_complaint(things)
    assert complaint.startswith(f"test left a timer behind: QTimer, started at {HERE}:")
    assert f" in a_timer < {HERE}:" in complaint
    timer.stop()
    assert things.complaints() == []


def test_a_single_shot_that_is_far_from_due_is_left(things: QtThings):
    receiver = QObject()
    QTimer.singleShot(60_000, receiver, lambda: None)
    complaint = only_complaint(things)
    assert complaint.startswith(f"test left a timer behind: a single shot, started at {HERE}:")
    assert complaint.endswith(" in test_a_single_shot_that_is_far_from_due_is_left")
    shiboken6.delete(receiver)
    assert things.complaints() == []


def test_a_single_shot_that_comes_at_once_is_not(things: QtThings):
    heard: list[int] = []
    QTimer.singleShot(0, lambda: heard.append(1))
    fail_if_left(things.complaints, lambda: wait(5), 10)
    assert things.complaints() == []


def test_an_animation_that_runs_is_left(things: QtThings):
    animation = an_animation()
    complaint = only_complaint(things)
    assert complaint.startswith(f"test left an animation behind: QVariantAnimation, started at {HERE}:")
    assert f" in an_animation < {HERE}:" in complaint
    animation.stop()
    assert things.complaints() == []


def test_a_time_line_that_runs_is_left(things: QtThings):
    line = QTimeLine(60_000)
    line.setEasingCurve(QEasingCurve.Type.Linear)
    line.start()
    assert only_complaint(things).startswith(f"test left an animation behind: QTimeLine, started at {HERE}:")
    line.stop()
    assert things.complaints() == []


@pytest.mark.parametrize("kind", [QWidget, QDialog, QMessageBox, QMenu])
def test_a_widget_without_a_parent_is_left(things: QtThings, kind: type[QWidget]):
    widget = kind()
    widget.setWindowTitle("Left")
    complaint = only_complaint(things)
    assert complaint.startswith(f"test left a top-level widget behind: {kind.__name__} 'Left', made at {HERE}:")
    assert complaint.endswith(" in test_a_widget_without_a_parent_is_left")
    shiboken6.delete(widget)
    assert things.complaints() == []


def test_what_is_told_to_go_later_is_waited_for(things: QtThings):
    widget = QWidget()
    a_timer(widget)
    widget.deleteLater()
    fail_if_left(things.complaints, lambda: wait(5), 10)


def test_what_belongs_to_a_window_that_was_there_before_is_not_left(things: QtThings, window: MainWindow):
    """The window is older than the test; its parts may run on, and a dialog may wait for its next use."""
    parts = [a_timer(window), a_timer(QObject(window)), an_animation(QWidget(window)), QDialog(window), QMenu(window)]
    assert things.complaints() == []
    for part in parts:
        shiboken6.delete(part)


def test_a_dialog_that_is_open_is_left_whoever_it_belongs_to(things: QtThings, window: MainWindow):
    box = QMessageBox(window)
    box.setWindowTitle("Open")
    box.setModal(False)
    box.show()
    assert only_complaint(things).startswith("test left a top-level widget behind: QMessageBox 'Open' of a MainWindow")
    box.close()
    shiboken6.delete(box)
    assert things.complaints() == []


class Part(QWidget):
    """A view that is made when it is first looked at: with a thread and a menu that have no parent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.background = Background("part")
        self.menu = QMenu()


def test_what_a_part_of_an_older_window_makes_for_itself_is_not_left(things: QtThings, window: MainWindow):
    threads = Threads()
    with threads.recorded():
        threads.begin(things.is_of_older)
        part = Part(window)
        part.background.run(int, lambda _: None)
        wait_until(lambda: threads.complaints() == [])  # a thread lives no longer than its work
        assert things.complaints() == []
        part.background.close()
    shiboken6.delete(part.menu)
    shiboken6.delete(part)


def test_what_a_part_of_nothing_older_makes_for_itself_is_left(things: QtThings):
    threads = Threads()
    with threads.recorded():
        threads.begin(things.is_of_older)
        part, goes_on = Part(), Event()
        part.background.run(goes_on.wait, lambda _: None)
        (complaint,) = threads.complaints()
        assert complaint.startswith("test left a thread behind: 'part', started at gui/jobs/background.py:")
        assert sorted(said.split(":")[1].split(",")[0] for said in things.complaints()) == [" Part", " QMenu"]
        goes_on.set()
        part.background.close()
    shiboken6.delete(part.menu)
    shiboken6.delete(part)


def test_the_check_comes_after_the_end_of_all_else_that_a_test_has(request: pytest.FixtureRequest, things: QtThings):
    """What is set up first is torn down last."""
    names = request.fixturenames
    assert names.index("nothing_left_behind") < min(map(names.index, ("application", "runs_folder", "things")))
