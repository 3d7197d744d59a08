"""The strip with the verdict: what it says, where it says it, and what its button does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.runs.messages import ChangeSetting, State, Update
from engine.runs.metrics import Metrics
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.tasks.held_out import HeldOut
from gui.runs.controller import TrainingController
from gui.training.verdict import BEFORE, PREPARED, USE, USED, VerdictStrip
from gui.views.base import Tools
from tests.engine.runs.verdict.made import metrics
from tests.gui.driving import click

CONFIG = TrainingConfig(learning_rate=1000.0, clip_norm=0.0)
WELL = metrics(np.full(100, 1e-4), 1.0, 0.0065, 0.031)


class Shown:
    """A strip beside a controller that no worker feeds."""

    def __init__(self, tools: Tools, config: TrainingConfig) -> None:
        self.controller = TrainingController(config)
        self.strip = VerdictStrip(replace(tools, training=self.controller))
        self.strip.resize(1100, 60)
        self.strip.show()

    def begin(self, config: TrainingConfig | None = None) -> None:
        self.controller.run.begin(config or self.controller.config)
        facts = create_task(self.controller.run.config).facts()
        self.controller.run.take(Update(State.RUNNING, goal=3000, facts=facts))

    def take(self, found: Metrics | None, state: State = State.RUNNING) -> None:
        run = self.controller.run
        step = run.history.count + (len(found) if found is not None else 0)
        if found is not None:
            found = Metrics(run.history.metric_names, found.of(run.history.metric_names))
        run.take(Update(state, step=step, goal=3000, metrics=found))


@pytest.fixture
def shown(tools: Tools) -> Iterator[Shown]:
    found = Shown(tools, CONFIG)
    yield found
    found.strip.close()
    found.strip.deleteLater()


def read(shown: Shown) -> list[str]:
    strip = shown.strip
    return [label.text() for label in (strip.sentence, strip.reason, strip.what, strip.why) if label.isVisible()]


def test_before_the_first_run_it_says_how_to_begin(shown: Shown) -> None:
    assert read(shown) == [BEFORE]
    assert not shown.strip.use.isVisible()
    shown.begin()
    assert read(shown) == [PREPARED]


def test_a_run_that_diverged_and_what_the_button_does(shown: Shown, qtbot: QtBot) -> None:
    shown.begin()
    shown.take(metrics([0.3, *[6.4e7] * 9]), State.PAUSED)
    sentence, reason, what, why = read(shown)
    assert sentence == "Diverged at step 2: the loss is 5.8·10⁷, the trivial answer’s 0.0388"
    assert reason == "The rate is 1,000: one step moves every weight about that far."
    assert (what, why) == ("Try a rate of 0.01", "a step then moves each weight less far")
    assert shown.strip.use.text() == USE
    assert shown.strip.use.accessibleName() == f"{USE}: {what}: {why}"
    assert sentence in shown.strip.accessibleDescription()
    with qtbot.waitSignal(shown.strip.said) as said:
        click(qtbot, shown.strip.use)
    assert said.args == ["The next run has learning rate 0.01; Start over (Ctrl+R) begins it"]
    assert shown.controller.config == replace(CONFIG, learning_rate=0.01)
    assert shown.controller.run.config.learning_rate == 1000  # the run keeps its own
    assert (shown.strip.use.text(), shown.strip.use.isEnabled()) == (USED, False)
    shown.controller.use_next(CONFIG)
    assert (shown.strip.use.text(), shown.strip.use.isEnabled()) == (USE, True)


def test_another_run_begins_without_what_was_said_of_the_last(shown: Shown) -> None:
    shown.begin(replace(CONFIG, learning_rate=0.01))
    shown.take(WELL, State.FINISHED)
    assert read(shown)[0].startswith("Solved at step 63: ")
    shown.begin()
    assert read(shown) == [PREPARED]


def test_it_is_told_at_once_when_the_state_changes_and_otherwise_as_often_as_it_can_be_read(shown: Shown) -> None:
    shown.begin(replace(CONFIG, learning_rate=0.01))
    shown.take(metrics(0.3))
    before = read(shown)
    for _ in range(5):
        shown.take(metrics(0.3))
    shown.take(WELL, State.FINISHED)
    assert read(shown) != before
    assert read(shown)[0].startswith("Solved")


def test_what_comes_too_soon_is_told_although_nothing_comes_after_it(shown: Shown, qtbot: QtBot) -> None:
    shown.begin(replace(CONFIG, learning_rate=0.01))
    shown.take(metrics(0.3))
    shown.take(WELL)
    qtbot.waitUntil(lambda: read(shown)[0].startswith("Solved"))


def test_where_room_gets_short_the_sentence_stays_whole(shown: Shown) -> None:
    shown.begin(CONFIG)
    shown.take(metrics([0.3, *[6.4e7] * 9]), State.PAUSED)
    sentence, reason, what, why = read(shown)
    left_out = []
    for width in range(1400, 300, -20):
        shown.strip.resize(width, shown.strip.sizeHint().height())
        seen = read(shown)
        assert seen[0] == sentence
        left_out += [part for part in (reason, what, why) if part not in seen and part not in left_out]
        assert all(part in shown.strip.toolTip() for part in (sentence, reason, what))
        label = shown.strip.sentence
        QApplication.sendPostedEvents()
        if not label.wordWrap():
            assert label.width() >= label.fontMetrics().horizontalAdvance(sentence)
        two_lines = 2 * label.fontMetrics().lineSpacing()
        assert label.height() >= min(label.heightForWidth(label.width()), two_lines), "its letters are whole"
    assert left_out[0] == reason
    assert set(left_out) == {reason, what, why}


def test_a_refresh_costs_the_window_less_than_a_millisecond(shown: Shown) -> None:
    shown.begin(replace(CONFIG, learning_rate=0.01))
    shown.take(metrics(np.full(2000, 0.03)))
    begin = time.process_time()
    for _ in range(100):
        shown.take(metrics(np.full(30, 0.03)))
    assert (time.process_time() - begin) / 100 < 0.004


def test_held_out_data_that_no_setting_reaches(shown: Shown) -> None:
    shown.begin(TrainingConfig(task="series", sequence_length=20))
    judging = shown.controller.run._judging
    assert judging is not None
    judging.held_out = HeldOut(41, "root mean squared error of x", 1383.0, "the present value again", 101.0, 41)
    shown.take(metrics(np.full(2000, 1e-5)), State.FINISHED)
    assert read(shown)[::2] == ["Not better on held-out data: error 1,383, the trivial answer 101", "Nothing to change"]
    assert not shown.strip.use.isVisible()


# "Stop when solved"


class Worker:
    """Stands in for the process that trains; keeps what it was told."""

    alive = True

    def __init__(self) -> None:
        self.told: list[object] = []

    def tell(self, command: object) -> None:
        self.told.append(command)

    def request(self, wants: frozenset[str]) -> None:
        """Nothing comes."""


@pytest.fixture
def steered(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """The worker of the run that the strip shows."""
    worker = Worker()
    monkeypatch.setattr(shown.controller, "worker", worker)
    return worker


def test_a_run_that_goes_on_is_told_to_stop_when_it_is_solved(shown: Shown, steered: Worker, qtbot: QtBot) -> None:
    shown.begin(replace(CONFIG, learning_rate=0.01))
    shown.take(metrics(0.3))
    stops = shown.strip.stops
    assert stops.isVisible()
    assert not stops.isChecked()
    with qtbot.waitSignal(shown.strip.said) as said:
        click(qtbot, stops)
    assert said.args == ["The run stops as soon as it is solved, at step 100,000 at the latest"]
    assert steered.told == [ChangeSetting("until", "solved")]
    assert shown.controller.run.config.until == shown.controller.config.until == "solved"
    shown.take(metrics(0.3), State.PAUSED)
    assert stops.isChecked()
    with qtbot.waitSignal(shown.strip.said) as said:
        click(qtbot, stops)
    assert said.args == ["The run goes on to step 3,000, also when it is solved"]
    assert steered.told[1:] == [ChangeSetting("until", "steps")]


def test_it_is_offered_only_where_something_says_what_solved_is(shown: Shown, steered: Worker) -> None:
    shown.begin(TrainingConfig(task="sine"))
    shown.take(metrics(0.3))
    assert not shown.strip.stops.isVisible()
    shown.begin(TrainingConfig(task="sine", goal="loss below 0.01"))
    shown.take(metrics(0.3))
    assert shown.strip.stops.isVisible()
    shown.take(None, State.STOPPED)
    assert not shown.strip.stops.isVisible()


def test_a_hall_reads_the_verdict_and_sees_no_control(shown: Shown, steered: Worker) -> None:
    shown.begin(CONFIG)
    shown.take(metrics([0.3, *[6.4e7] * 9]), State.PAUSED)
    assert shown.strip.use.isVisible()
    assert shown.strip.stops.isVisible()
    appearance = shown.strip._appearance
    appearance.present(True)
    try:
        assert not shown.strip.use.isVisible()
        assert not shown.strip.stops.isVisible()
        assert read(shown)[0].startswith("Diverged at step 2")
    finally:
        appearance.present(False)
    assert shown.strip.use.isVisible()
    assert shown.strip.stops.isVisible()


def test_a_limit_that_is_tried_counts_in_the_next_run(shown: Shown, qtbot: QtBot) -> None:
    """Proposed is what counts: a run until solved has a limit, and its steps count for nothing."""
    run = replace(CONFIG, learning_rate=0.01, until="solved", limit=1000)
    shown.begin(run)
    shown.take(metrics(np.geomspace(0.3, 0.004, 1000), 0.5, 0.03, 0.2), State.FINISHED)
    assert read(shown)[-2:] == ["Try up to 3,000 steps", "it was still on its way after 1,000"]
    shown.controller.use_next(CONFIG)  # of a number of steps
    click(qtbot, shown.strip.use)
    assert shown.controller.config == replace(CONFIG, until="solved", limit=3000)
    assert shown.strip.use.text() == USED


def test_a_task_without_a_criterion_offers_to_declare_one(shown: Shown, qtbot: QtBot) -> None:
    config = TrainingConfig(task="sine")
    shown.controller.use_next(config)
    shown.begin(config)
    shown.take(metrics(np.full(200, 0.05)), State.PAUSED)
    assert "Declare what counts as solved" in read(shown)
    with qtbot.waitSignal(shown.strip.said) as said:
        click(qtbot, shown.strip.use)
    goal = shown.controller.config.goal
    assert goal.startswith("loss below ")
    assert said.args == [f"The next run has goal: {goal}; Start over (Ctrl+R) begins it"]
