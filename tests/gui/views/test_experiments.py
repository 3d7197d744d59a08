"""The page of experiments: runs in a child, and figures on the screen that are those of the results."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.experiments.catalogue import EXPERIMENTS
from engine.experiments.comparison import headline, rows
from engine.experiments.experiment import Arm, Experiment
from engine.experiments.judges import Test
from engine.experiments.results import SeedResult, median_sequences
from engine.experiments.running import run_seed
from engine.runs.messages import State, Update
from engine.settings.config import TrainingConfig
from gui.runs.controller import TrainingController
from gui.views.base import Tools
from gui.views.experiments import experiments as module
from gui.views.experiments.experiments import ExperimentsView
from gui.window.main_window import MainWindow
from tests.engine.experiments.tiny_experiments import TINY, easy_judge, impossible_judge, tiny
from tests.gui.conftest import Windows
from tests.gui.driving import CONTROL, Key, click, press, wait_until
from tests.timing import assert_within, timed

PATIENCE_MS = 90_000
QUICK = replace(tiny(), purpose="It must learn something small.")
ENDLESS = replace(tiny(impossible_judge, bound=100_000_000), name="endless", title="Endless")
ARMS = replace(
    tiny(arms=[Arm("slow", replace(TINY, learning_rate=1e-6)), Arm("fast", TINY)], bound=500), name="arms", title="Arms"
)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Experiment]:
    """The page has experiments that take a moment."""
    few = {experiment.name: experiment for experiment in (QUICK, ENDLESS, ARMS)}
    monkeypatch.setattr(module, "EXPERIMENTS", few)
    return few


def shown_with(tools: Tools, qtbot: QtBot) -> ExperimentsView:
    view = ExperimentsView(replace(tools, training=TrainingController(TrainingConfig())))
    qtbot.addWidget(view)
    view.resize(1110, 600)
    with qtbot.waitExposed(view):
        view.show()
    return view


@pytest.fixture
def view(tools: Tools, qtbot: QtBot) -> Iterator[ExperimentsView]:
    shown = shown_with(tools, qtbot)
    yield shown
    shown.runner.close()
    run = shown.runner.run
    wait_until(lambda: run is None or not run.alive, 10_000)
    shown.training.close()


def finished(view: ExperimentsView) -> None:
    wait_until(lambda: not view.runner.running, PATIENCE_MS)


def child(view: ExperimentsView) -> psutil.Process:
    """Wait until the child has made its first steps, and return it."""
    wait_until(lambda: view.runner.progress is not None, PATIENCE_MS)
    assert view.runner.run is not None
    return psutil.Process(view.runner.run.child_pid)


def on_screen(view: ExperimentsView) -> dict[str, list[str]]:
    """The table by its first column."""
    return {label: cells for label, *cells in view.page.table.texts()}


def assert_shows(view: ExperimentsView, experiment: Experiment) -> None:
    """Everything on the page is what the results say."""
    results = view.runner.results(experiment)
    expected = {row.label: [row.published, *row.ours] for row in rows(experiment, results)}
    papers = any(row.published != "–" for row in rows(experiment, results))
    for label, cells in expected.items():
        assert on_screen(view)[label] == (cells if papers else cells[1:])
    dots = view.page.dots.dots()
    every = [result for arm in experiment.arms for result in results.get(arm.name, ())]
    assert [dot.result for dot in dots] == every
    for dot in dots:
        assert dot.at.x() == pytest.approx(view.page.dots.x_of(dot.result.sequences))
        assert f"{dot.result.sequences:,}" in view.page.dots.tip_at(dot.at)


def test_a_number_of_seeds_that_is_refused_is_told(view: ExperimentsView, qtbot: QtBot) -> None:
    view.seeds.setFocus()
    view.seeds.selectAll()
    qtbot.keyClicks(view.seeds, "1000")
    qtbot.keyClick(view.seeds, Qt.Key.Key_Return)
    assert view.seeds.refusal
    with qtbot.waitSignal(view.message) as said:
        view.run_chosen()
    assert said.args == [view.seeds.refusal]
    assert not view.runner.running


def test_the_page_before_anything_ran(view: ExperimentsView) -> None:
    assert view.chosen is QUICK
    assert view.page.title.text() == "Tiny"
    assert view.page.purpose.text() == "It must learn something small."
    assert "5 sequences" in view.page.words.text()
    assert "a paper" in view.page.words.text()
    assert "It is tiny." in view.page.words.text()
    assert view.page.figures.shown[0][1] == headline(QUICK, [])
    assert view.status.text() == "Next: seeds 1 to 3."
    assert not view.cancel.isEnabled()
    assert on_screen(view)["success after, sequences"] == ["5", "–"]


def test_a_click_runs_the_seeds_and_shows_what_they_came_to(view: ExperimentsView, qtbot: QtBot) -> None:
    said: list[str] = []
    view.message.connect(said.append)
    view.seeds.setValue(2)
    click(qtbot, view.start)
    assert not view.start.isEnabled()
    assert view.list.outcome(0) == "running"
    finished(view)
    results = view.runner.results(QUICK)[""]
    here = [run_seed(TINY, easy_judge, seed, QUICK.bound) for seed in (1, 2)]
    assert [replace(result, seconds=0) for result in results] == [replace(result, seconds=0) for result in here]
    middle = f"{median_sequences(results):,.0f}"
    assert view.page.figures.shown[0][1].ours == f"{middle} sequences"
    assert view.page.figures.shown[0][1].paper == "the paper: 5"
    assert on_screen(view)["success after, sequences"] == ["5", f"{middle} (median of 2)"]
    assert view.list.outcome(0) == f"{middle} sequences"
    assert_shows(view, QUICK)
    assert said == ["Tiny: 2 runs finished"]
    assert view.start.isEnabled()
    assert view.status.text() == "Next: seeds 3 to 4."
    # Running again adds other seeds.
    view.seeds.setValue(1)
    click(qtbot, view.start)
    finished(view)
    assert [result.seed for result in view.runner.results(QUICK)[""]] == [1, 2, 3]
    assert_shows(view, QUICK)


def test_settings_side_by_side_and_an_unsolved_one_stands_as_it_is(view: ExperimentsView, qtbot: QtBot) -> None:
    view.list.setCurrentRow(2)
    assert view.status.text() == "Next: seeds 1 to 3, each with 2 settings."
    view.seeds.setValue(1)
    click(qtbot, view.start)
    finished(view)
    slow, fast = (view.runner.results(ARMS)[name][0] for name in ("slow", "fast"))
    assert not slow.solved
    assert fast.solved
    assert [(name, line.ours) for name, line in view.page.figures.shown] == [
        ("slow", "not solved"),
        ("fast", f"{fast.sequences:,}"),
    ]
    assert on_screen(view)["success after, sequences"][-2:] == ["not solved within 500", f"{fast.sequences:,}"]
    assert view.list.outcome(2) == "1 of 2 solved"
    assert_shows(view, ARMS)


@timed
def test_progress_and_cancel(view: ExperimentsView, qtbot: QtBot) -> None:
    view.list.setCurrentRow(1)
    click(qtbot, view.start)
    process = child(view)
    qtbot.waitUntil(lambda: "loss" in view.status.text())
    assert view.status.text().startswith("seed 1 (run 1 of 3), ")
    assert "of at most 100,000,000 sequences" in view.status.text()
    # Another experiment can be looked at meanwhile, and is not started.
    view.list.setCurrentRow(0)
    assert view.status.text().startswith("Endless: seed 1")
    assert not view.start.isEnabled()
    view.run_chosen()
    assert view.runner.experiment is ENDLESS
    began = time.monotonic()
    click(qtbot, view.cancel)
    assert view.status.text() == "Endless: ending …"
    finished(view)
    assert_within(time.monotonic() - began, 2.0)
    wait_until(lambda: not process.is_running())
    assert view.start.isEnabled()
    assert view.runner.results(ENDLESS) == {}


@pytest.mark.skipif(os.name == "nt", reason="a signal of POSIX")
def test_a_killed_child_is_one_sentence_and_results_stay(view: ExperimentsView, qtbot: QtBot) -> None:
    view.seeds.setValue(1)
    click(qtbot, view.start)
    finished(view)
    view.list.setCurrentRow(1)
    click(qtbot, view.start)
    os.kill(child(view).pid, signal.SIGSTOP)
    qtbot.waitUntil(lambda: "is not responding" in view.status.text())
    with qtbot.waitSignal(view.message) as said:
        os.kill(child(view).pid, signal.SIGKILL)
    assert said.args is not None
    assert "was killed (SIGKILL" in said.args[0]
    assert view.status.text() == said.args[0]
    assert len(view.runner.results(QUICK)[""]) == 1
    assert view.start.isEnabled()


def test_the_clock_of_the_page_does_not_run_faster_than_it_can_be_read(view: ExperimentsView, qtbot: QtBot) -> None:
    view.list.setCurrentRow(1)
    click(qtbot, view.start)
    child(view)
    drawn: list[float] = []
    view.runner.changed.connect(lambda: drawn.append(time.monotonic()))
    qtbot.waitUntil(lambda: len(drawn) == 6)
    assert drawn[-1] - drawn[0] > 0.9  # five intervals of 0.2 s


@timed
def test_the_page_draws_within_a_frame(view: ExperimentsView) -> None:
    results = [SeedResult(seed, seed % 5 > 0, 1000 + 10 * seed, 2.0, Test(0, 64, 0.1)) for seed in range(1, 101)]
    view.runner._results[QUICK.name] = {"": results}
    view.refresh()
    taken = []
    for _ in range(9):
        began = time.perf_counter()
        view.refresh()
        taken.append(time.perf_counter() - began)
    assert_within(sorted(taken)[4], 0.008)
    assert len(view.page.dots.dots()) == 100
    unsolved = [dot for dot in view.page.dots.dots() if not dot.result.solved]
    assert len(unsolved) == 20


def test_a_training_beside_it_is_said(view: ExperimentsView, qtbot: QtBot) -> None:
    view.list.setCurrentRow(1)
    click(qtbot, view.start)
    assert not view.note.isVisible()
    view.training.run.last = Update(State.RUNNING)
    view.show_news()
    assert view.note.isVisible()
    assert "seconds are longer" in view.note.text()


def test_a_hall_has_larger_letters(view: ExperimentsView) -> None:
    height = view.page.figures.sizeHint().height()
    letters = view.page.title.font().pixelSize()
    view.tools.appearance.present(True)
    assert view.page.figures.sizeHint().height() >= 1.5 * height
    assert view.page.title.font().pixelSize() >= 1.5 * letters
    assert view.page.words.font().pixelSize() >= 24
    assert view.status.font().pixelSize() >= 24


def test_every_shipped_experiment_has_its_page(tools: Tools, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXPERIMENTS", EXPERIMENTS)
    view = shown_with(tools, qtbot)
    assert view.chosen.name == "adding"
    for name, experiment in EXPERIMENTS.items():
        view.choose(name)
        assert view.page.title.text() == experiment.title
        assert experiment.published.source in view.page.words.text()
        for size in ((1110, 600), (512, 280)):
            view.resize(*size)
            assert not view.grab().isNull()


# In the window


def page(window: MainWindow) -> ExperimentsView:
    press(Key.Key_9, CONTROL)
    view = cast(ExperimentsView, window.stage.view("experiments"))
    wait_until(view.isVisible)
    return view


def focused(view: QWidget) -> QWidget | None:
    return view.window().focusWidget()


def test_the_keyboard_does_everything(own_window: MainWindow) -> None:
    view = page(own_window)
    assert focused(view) is view.list
    press(Key.Key_Down)
    assert view.chosen is ENDLESS
    position = own_window.playback.position
    press(Key.Key_Return)
    assert view.runner.experiment is ENDLESS
    assert own_window.playback.position == position
    assert not own_window.playback.moment.moving
    reached = set()
    for _ in range(12):
        press(Key.Key_Tab)
        reached.add(focused(view))
        if focused(view) is view.cancel:
            break
    assert view.page in reached or view.seeds in reached
    assert focused(view) is view.cancel
    press(Key.Key_Return)
    finished(view)
    press(Key.Key_Escape)  # out of the number field, which has the keyboard now that nothing can be cancelled
    press(Key.Key_Escape)
    assert own_window.stage.front == "compare"


@timed
def test_closing_the_window_ends_the_child(windows: Windows, own_window: MainWindow) -> None:
    view = page(own_window)
    press(Key.Key_Down)
    press(Key.Key_Return)
    process = child(view)
    press(Key.Key_F2)  # it goes on behind another view
    assert own_window.stage.front == "diagram"
    assert process.is_running()
    began = time.monotonic()
    windows.close(own_window)
    assert_within(time.monotonic() - began, 3.0)
    assert not process.is_running()


def test_a_run_goes_on_while_the_window_presents(own_window: MainWindow) -> None:
    view = page(own_window)
    press(Key.Key_Down)
    press(Key.Key_Return)
    process = child(view)
    own_window.presenting.begin()
    wait_until(lambda: view.page.words.font().pixelSize() >= 24)
    own_window.presenting.end()
    assert process.is_running()
    assert view.runner.running
