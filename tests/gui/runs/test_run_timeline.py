"""The time bar of a run: its pace is chosen, remembered and kept to, and one step number is said."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest

from engine.runs.messages import State
from engine.runs.pace import FULL, ONE_AT_A_TIME, WATCHED, Pace
from engine.settings.config import TrainingConfig
from gui.appearance.stored import Stored
from gui.commands.command import CommandError
from gui.runs.run_timeline import RunTimeline
from gui.training.stored_config import stored_pace
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import LEFT, wait_until

SMALL = TrainingConfig(sequence_length=6, batch_size=4, cell_size=4, steps=300, worker="thread")
PATIENCE_MS = 30_000


def timeline_of(window: MainWindow) -> RunTimeline:
    assert window.stage.run_timeline is not None
    return window.stage.run_timeline


def begin(window: MainWindow, **settings: Any) -> None:
    controller = window.training.controller
    controller.config = replace(SMALL, **settings)
    controller.begin()


def chosen(window: MainWindow) -> str:
    choices = timeline_of(window).pace.choices
    return choices.segments[choices.choice].text()


def test_the_first_run_can_be_watched_and_later_ones_keep_what_was_chosen(windows: Windows, tmp_path: Path) -> None:
    settings = Stored(tmp_path / "settings.ini")
    assert stored_pace(settings) == WATCHED
    settings.setValue("pace", str(WATCHED))
    window = windows.open(settings)
    assert chosen(window) == "50 / s"
    window.stage.show_view("flow")
    full = timeline_of(window).pace.choices.segments[3]
    QTest.mouseClick(full, LEFT)  # one click away
    assert window.training.controller.pace == FULL
    windows.close(window)
    assert stored_pace(Stored(tmp_path / "settings.ini")) == FULL


def test_a_damaged_pace_is_the_usual_one(tmp_path: Path) -> None:
    settings = Stored(tmp_path / "settings.ini")
    settings.setValue("pace", "sideways")
    assert stored_pace(settings) == WATCHED
    assert "the pace of training" in settings.sentence_of_left_out()


def test_commands_choose_the_pace_and_the_menu_shows_it(own_window: MainWindow) -> None:
    window = own_window
    actions = window.actions_by_name
    actions["pace 50/s"].trigger()
    assert window.training.controller.pace == WATCHED
    assert actions["pace 50/s"].isChecked()
    assert not actions["pace full"].isChecked()
    window.commands.run("pace 120/s")
    assert window.training.controller.pace == Pace(120.0)
    assert chosen(window) == "120 / s"
    assert timeline_of(window).pace.choices.segments[-1].isVisibleTo(timeline_of(window))
    window.commands.run("pace 1")
    assert chosen(window) == "1 a key"
    assert not timeline_of(window).pace.choices.segments[-1].isVisibleTo(timeline_of(window))
    with pytest.raises(CommandError, match="write full, 1"):
        window.commands.run("pace 7/h")
    assert window.training.controller.pace == ONE_AT_A_TIME


def test_a_run_begins_at_the_pace_of_a_command_and_keeps_to_it(own_window: MainWindow) -> None:
    window = own_window
    controller = window.training.controller
    controller.config = SMALL
    window.commands.run("train steps=200 pace=1")
    wait_until(lambda: controller.run.state is State.PAUSED and controller.run.history.count == 1, PATIENCE_MS)
    for count in (2, 3):
        window.actions_by_name["one step"].trigger()
        wait_until(lambda count=count: controller.run.history.count == count, PATIENCE_MS)
    window.commands.run("pace full")  # it rested because each step was asked for
    wait_until(lambda: controller.run.state is State.FINISHED, PATIENCE_MS)
    wait_until(lambda: controller.run.history.count == 200, PATIENCE_MS)


def test_the_bar_is_there_whenever_a_run_is_and_its_buttons_are_commands(own_window: MainWindow) -> None:
    window = own_window
    window.stage.show_view("flow")
    timeline = timeline_of(window)
    assert timeline.isVisible()
    assert not timeline.where.text()
    window.training.recordings.set_on(False)
    window.training.controller.config = replace(SMALL, steps=1_000_000)
    QTest.mouseClick(timeline.train, LEFT)
    controller = window.training.controller
    wait_until(lambda: controller.run.state is State.RUNNING and controller.run.history.count > 20, PATIENCE_MS)
    wait_until(lambda: " of 1,000,000" in timeline.where.text())
    wait_until(lambda: timeline.pace.measured.text().endswith(" steps/s"))
    QTest.mouseClick(timeline.train, LEFT)
    wait_until(lambda: controller.run.state is State.PAUSED, PATIENCE_MS)
    wait_until(lambda: not timeline.pace.measured.text())
    count = controller.run.last.step if controller.run.last else 0
    QTest.mouseClick(timeline.step, LEFT)
    wait_until(lambda: controller.run.history.count == count + 1, PATIENCE_MS)
    assert timeline.isVisible()


def test_a_moment_that_stands_in_for_another_step_says_so(own_window: MainWindow) -> None:
    window = own_window
    begin(window)
    travel, timeline = window.training.recordings.travel, timeline_of(window)
    wait_until(lambda: travel.possible and travel.run.moments[-1] == travel.run.history.count == 300, PATIENCE_MS)
    between = next(step for step in range(1, 300) if step not in travel.run.moments)
    travel.go_to(between)
    wait_until(lambda: travel.run.history.moment is not None)
    assert timeline.where.text() == f"step {between:,}, recorded at {travel.step:,}"
    travel.back()
    wait_until(lambda: travel.run.history.moment == travel.step)
    assert timeline.where.text() == f"step {travel.step:,} of 300"
    travel.go_live()
    assert timeline.where.text() == "step 300"


@pytest.mark.parametrize("width", [1500, 1000, 700, 640])
def test_nothing_of_the_bar_is_cut_at_any_width(own_window: MainWindow, width: int) -> None:
    window = own_window
    window.stage.show_view("flow")
    timeline = timeline_of(window)
    begin(window)
    wait_until(lambda: window.training.controller.run.state is State.FINISHED, PATIENCE_MS)
    timeline.resize(width, timeline.height())
    timeline.layout().activate()
    parts = [timeline.train, timeline.step, timeline.pace, timeline.bar, timeline.where, timeline.live]
    for left, right in pairwise(parts):
        assert left.geometry().right() < right.geometry().left()
    for part in parts:
        if part is not timeline.bar:
            assert part.width() >= part.minimumSizeHint().width()
    assert parts[-1].geometry().right() <= timeline.width()
