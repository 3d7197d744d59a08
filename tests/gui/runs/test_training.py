"""Training as a user steers it, with both kinds of worker."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.runs.messages import State
from engine.settings.config import ConfigError, TrainingConfig, check
from gui.appearance.stored import Stored
from gui.plots.gate_picture import Place
from gui.training.stored_config import USUAL
from gui.window.main_window import MainWindow
from tests.gui.conftest import Windows
from tests.gui.driving import (
    CONTROL,
    LEFT,
    NONE,
    Key,
    answer,
    assert_diagram_shows_trace,
    children,
    click,
    dialog,
    dialogs,
    press,
    sentence_of,
    show_plots,
    traced,
)
from tests.gui.views.library.library_runs import recorded
from tests.timing import assert_within, timed

SMALL = TrainingConfig(sequence_length=10, cell_size=8, batch_size=16, steps=200)
PATIENCE_MS = 60_000
FOR_EVER = 100_000_000

Open = Callable[..., MainWindow]


@pytest.fixture
def open_with(windows: Windows, settings: Stored) -> Open:
    """Open the window of a user who has chosen these settings the last time."""

    def opened(**chosen: object) -> MainWindow:
        config = replace(SMALL, **chosen)
        settings.setValue("training", json.dumps(asdict(config)))
        window = windows.open(settings)
        assert window.training.controller.config == config
        return window

    return opened


@pytest.fixture(params=["process", "thread"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


class Run:
    """The run of a window, and what is known of it."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        show_plots(window)
        self.controller = window.training.controller
        self._qtbot = qtbot

    def until(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def until_state(self, state: State) -> None:
        self.until(lambda: self.controller.run.state is state)

    def until_steps(self, count: int) -> None:
        self.until(lambda: self.controller.run.history.count >= count)

    def until_told(self) -> None:
        """Wait until a run that rests has told everything, and is asked no more."""
        self.until(lambda: self.controller.told_all)

    @property
    def count(self) -> int:
        return self.controller.run.history.count

    def weights(self) -> np.ndarray:
        snapshot = self.controller.run.history.last_snapshot
        assert snapshot is not None
        return np.concatenate([array.ravel() for layer in snapshot.weights for array in layer.values()])


def test_200_steps_then_on_and_into_the_diagram(open_with: Open, qtbot: QtBot, kind: str):
    window = open_with(worker=kind)
    run, panel = Run(window, qtbot), window.training.panel
    mine = window.model.document
    press(Key.Key_T, CONTROL)
    assert run.controller.run.state is State.PREPARING
    assert not panel.train.isEnabled()
    run.until_state(State.FINISHED)
    run.until_steps(200)
    assert run.count == 200
    losses = run.controller.run.history.column("loss")
    assert losses[-30:].mean() < 0.7 * losses[:30].mean()
    assert panel.train.text() == "Continue"
    assert panel.progress.value() == panel.progress.maximum()
    assert "200 / 200" in panel.status.text()
    where = "child process" if kind == "process" else "worker thread"
    assert where in panel.status.text()
    assert where in window._where.text()

    # Every plot shows it.
    training = window.training

    def plots_show(step: int) -> bool:
        newest = run.controller.run.history.last_snapshot
        steps = [
            [plot.words_at(step).splitlines()[0], plot.lines.points(curve)[0][-1] > step - 10]
            for plot, curve in ((training.plots["loss"], "loss"), (training.plots["gradients"].curves, "W_f"))
        ]
        return (
            newest is not None
            and newest.step == step
            and steps == [[f"step {step}", True]] * 2
            and training.plots.gates.value_at("f", 2, 3) == newest.gates[0]["f"][3, 2]
            and np.array_equal(training.plots["prediction"].points.getData()[1], newest.prediction)
        )

    run.until(lambda: plots_show(200))

    # On, for as many steps again.
    click(qtbot, panel.train)
    run.until(lambda: run.count == 400)
    run.until_state(State.FINISHED)
    assert "400 / 400" in panel.status.text()
    run.until(lambda: plots_show(400))
    snapshot = run.controller.run.history.last_snapshot
    assert snapshot is not None

    # A click on a heatmap: the network, in the diagram, at that step.
    gates = training.plots.gates
    qtbot.mouseClick(gates.picture, LEFT, NONE, gates.picture.centre(Place("C", 2, 6)).toPoint())
    window.stage.show_view("diagram")
    qtbot.waitUntil(lambda: window.model.document is not mine)
    document = window.model.document
    np.testing.assert_array_equal(document.weights["W_f"], snapshot.weights[0]["W_f"].astype(np.float64))
    np.testing.assert_array_equal(document.x, snapshot.probe.astype(np.float64))
    traced(qtbot, window)
    qtbot.waitUntil(lambda: window.playback.moment.t == 6)
    assert window.playback.moment.done == len(window.playback.leg.stops)
    assert_diagram_shows_trace(window)
    np.testing.assert_allclose(window.scene.columns["C_t"].values, snapshot.gates[0]["C"][6], rtol=0, atol=1e-4)
    assert "step 400" in window.windowTitle()
    press(Key.Key_Z, CONTROL)
    assert window.model.document is mine
    assert window.windowTitle() == "Worked example – LSTM Visualizer"
    traced(qtbot, window)
    assert_diagram_shows_trace(window)


@timed
def test_pause_step_rates_stop_and_start_over(windows: Windows, open_with: Open, qtbot: QtBot, kind: str):
    window = open_with(worker=kind, steps=FOR_EVER)
    run, panel = Run(window, qtbot), window.training.panel
    press(Key.Key_T, CONTROL)
    run.until_steps(50)
    assert panel.train.text() == "Pause"
    run.until(lambda: "left" in panel.status.text() and "steps/s" not in panel.status.text())

    # Paused, every step that was made is told, and no more.
    press(Key.Key_T, CONTROL)
    run.until_state(State.PAUSED)
    run.until_told()
    paused_at = run.count
    assert run.controller.run.last is not None
    assert run.controller.run.last.step == paused_at
    assert panel.train.text() == "Continue"

    # One step, and its weights move by about the learning rate; with the smallest rate they all but stand.
    before = run.weights()
    press(Key.Key_E, CONTROL)
    run.until(lambda: run.count == paused_at + 1)
    run.until_state(State.PAUSED)
    run.until_told()
    assert run.count == paused_at + 1
    assert np.abs(run.weights() - before).max() > 1e-4
    panel.form.field("learning_rate").setValue(panel.form.field("learning_rate").minimum())
    assert run.controller.config.learning_rate == 1e-6
    before = run.weights()
    click(qtbot, panel.step)
    run.until(lambda: run.count == paused_at + 2)
    run.until_told()
    assert 0 < np.abs(run.weights() - before).max() < 1e-5

    # On, a rate changed while it runs, and stop: what it showed stays.
    click(qtbot, panel.train)
    run.until_steps(paused_at + 50)
    assert run.controller.run.state is State.RUNNING
    panel.form.field("learning_rate").setValue(0.02)
    panel.form.field("clip_norm").setValue(0.5)
    press(Key.Key_Period, CONTROL)
    run.until_state(State.STOPPED)
    stopped_at = run.count
    assert stopped_at >= paused_at + 50
    assert panel.train.text() == "Train"
    assert run.controller.run.history.last_snapshot is not None
    worker = run.controller.worker
    assert worker is not None
    run.until(lambda: not worker.alive)
    assert not children()

    # Over again: from the first step, with the rate that was set last.
    press(Key.Key_R, CONTROL)
    assert run.count == 0
    run.until_steps(10)
    assert run.controller.run.config.learning_rate == 0.02
    assert run.controller.run.config.clip_norm == 0.5

    closes_within_two_seconds(windows, window, qtbot)


def test_a_recorded_run_is_in_the_library_and_needs_no_asking(open_with: Open, qtbot: QtBot):
    window = open_with(worker="thread", steps=FOR_EVER, cell_size=2, sequence_length=4, batch_size=1)
    run = Run(window, qtbot)
    press(Key.Key_T, CONTROL)
    run.until_steps(1000)
    press(Key.Key_R, CONTROL)
    run.until(lambda: run.count < 1000)


def test_a_long_run_is_not_given_up_by_one_key(open_with: Open, qtbot: QtBot, tmp_path: Path):
    window = open_with(worker="thread", steps=FOR_EVER, cell_size=2, sequence_length=4, batch_size=1)
    window.actions_by_name["record"].trigger()  # it would be kept otherwise
    run = Run(window, qtbot)
    press(Key.Key_T, CONTROL)
    run.until_steps(1000)
    other = recorded(tmp_path / "other.lstmrec", losses=[0.5] * 20, moments=(1, 20))
    for give_up in (lambda: press(Key.Key_R, CONTROL), lambda: window.files.open(other)):
        give_up()
        answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Cancel)
        assert run.count >= 1000
    press(Key.Key_R, CONTROL)
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Ok)
    run.until(lambda: run.count < 1000)
    run.until_steps(1000)
    window.files.open(other)
    answer(qtbot, dialog(qtbot, window, QMessageBox), QMessageBox.StandardButton.Ok)
    run.until(lambda: run.controller.run.path == other and run.count == 20)


def closes_within_two_seconds(windows: Windows, window: MainWindow, qtbot: QtBot) -> None:
    begun = time.monotonic()
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    qtbot.waitUntil(lambda: not windows.children() and not windows.threads())
    took = time.monotonic() - begun
    windows.gone(window)
    assert_within(took, 2.0)


@timed
def test_closing_while_it_prepares(windows: Windows, open_with: Open, qtbot: QtBot):
    window = open_with(worker="process")
    press(Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: bool(children()))
    assert window.training.controller.run.state is State.PREPARING
    closes_within_two_seconds(windows, window, qtbot)


@timed
def test_closing_just_after_starting_over(windows: Windows, open_with: Open, qtbot: QtBot):
    window = open_with(worker="process", steps=FOR_EVER)
    run = Run(window, qtbot)
    press(Key.Key_T, CONTROL)
    run.until_steps(5)
    press(Key.Key_R, CONTROL)
    closes_within_two_seconds(windows, window, qtbot)


def test_a_loss_that_is_lost_pauses_and_is_said_once(open_with: Open, qtbot: QtBot, kind: str):
    window = open_with(worker=kind, optimizer="sgd", learning_rate=1000.0, clip_norm=0.0, steps=FOR_EVER)
    run = Run(window, qtbot)
    press(Key.Key_T, CONTROL)
    run.until_state(State.PAUSED)
    sentence = sentence_of(qtbot, window)
    assert "The loss became" in sentence
    assert "gradient norm" in sentence
    assert "Lower the learning rate" in sentence
    run.until_told()
    assert not dialogs(window, QMessageBox)
    # The window goes on: its diagram plays, its plots draw, a new run begins.
    window.stage.show_view("diagram")
    window.playback.seek(4)
    assert_diagram_shows_trace(window)
    assert not window.grab().isNull()
    if kind == "process":
        return  # the other kind shows that a new run begins; a second child takes its seconds
    window.training.panel.form.field("learning_rate").setValue(0.01)
    window.training.panel.form.field("clip_norm").setValue(1.0)
    press(Key.Key_R, CONTROL)
    run.until_steps(20)
    assert run.controller.run.state is State.RUNNING
    assert np.isfinite(run.controller.run.history.column("loss")).all()


def test_data_that_cannot_be_used_is_said_once_and_the_window_goes_on(
    open_with: Open, qtbot: QtBot, tmp_path: Path, kind: str
):
    path = tmp_path / "flu.csv"
    path.write_text("week,cases\n1,5\n2,many\n3,9\n", "utf-8")
    window = open_with(worker=kind, task="series", series_file=str(path))
    run = Run(window, qtbot)
    problem = window.training.panel.problem
    qtbot.waitUntil(lambda: "line 3: found 'many'" in problem.text() and problem.isVisible())
    press(Key.Key_T, CONTROL)
    sentence = sentence_of(qtbot, window)
    assert "line 3: found 'many'" in sentence
    assert not dialogs(window, QMessageBox)
    assert window.training.panel.train.isEnabled()
    window.stage.show_view("diagram")
    window.playback.set_speed(4)
    press(Key.Key_Space)
    qtbot.waitUntil(lambda: not window.playback.moment.moving)
    assert_diagram_shows_trace(window)
    # Another task, chosen in the card, trains.
    box = window.training.panel.form.task
    box.setCurrentIndex(box.findData("adding"))
    box.activated.emit(box.currentIndex())
    press(Key.Key_T, CONTROL)
    run.until_steps(5)


def test_a_child_that_is_killed_is_said_once(open_with: Open, qtbot: QtBot):
    window = open_with(worker="process", steps=FOR_EVER)
    run = Run(window, qtbot)
    press(Key.Key_T, CONTROL)
    run.until_steps(5)
    worker = run.controller.worker
    assert worker is not None
    assert worker.child_pid is not None
    psutil.Process(worker.child_pid).kill()
    run.until_state(State.FAILED)
    assert "SIGKILL" in sentence_of(qtbot, window)
    assert not dialogs(window, QMessageBox)
    assert run.count >= 5, "what it showed is gone"
    assert window.training.panel.train.text() == "Train"
    assert window.training.panel.train.isEnabled()


def test_what_torch_cannot_train_is_refused_before_it_begins(open_with: Open, qtbot: QtBot):
    window = open_with()
    window.training.controller.config = replace(SMALL, cell_size=4, hidden_size=6)
    press(Key.Key_T, CONTROL)
    assert "n = 6 is larger than cell size k = 4" in sentence_of(qtbot, window)
    assert window.training.controller.worker is None
    assert not children()


def test_the_network_before_there_is_one(open_with: Open):
    window = open_with()
    before = window.model.document
    press(Key.Key_D, CONTROL)
    assert "no network yet" in window.statusBar().currentMessage()
    assert window.model.document is before


def test_layers_and_projection_in_every_plot(open_with: Open, qtbot: QtBot):
    window = open_with(worker="thread", layers=2, hidden_size=3, steps=30)
    run, training = Run(window, qtbot), window.training
    press(Key.Key_T, CONTROL)
    run.until_state(State.FINISHED)
    run.until_steps(30)
    qtbot.waitUntil(lambda: training.plots.gates._shown is not None and training.plots.gates._shown[0].step == 30)
    assert training.plots.gates.layer.isVisible()
    training.plots.gates.layer.setCurrentIndex(1)
    press(Key.Key_D, CONTROL)
    document = window.model.document
    assert (document.m, document.n, document.k) == (3, 3, 8)
    assert "layer 2" in window.windowTitle()
    traced(qtbot, window)
    assert "r_t" in window.scene.columns
    window.playback.seek(window.playback.last)
    assert_diagram_shows_trace(window)


def test_settings_are_remembered_and_damage_is_not(windows: Windows, settings: Stored, open_with: Open):
    window = open_with(cell_size=12)
    window.training.panel.form.field("learning_rate").setValue(0.005)
    windows.close(window)
    window = windows.open(settings)
    assert window.training.controller.config == replace(SMALL, cell_size=12, learning_rate=0.005)
    windows.close(window)
    for damaged in ("{", "[]", '{"cell_size": -1}', '{"cell_size": "x"}'):
        settings.setValue("training", damaged)
        window = windows.open(settings)
        assert window.training.controller.config == USUAL
        windows.close(window)


def test_what_changes_live_is_in_force_and_does_not_spoil_the_next_run(open_with: Open, qtbot: QtBot) -> None:
    run = Run(open_with(worker="process", steps=FOR_EVER), qtbot)
    controller = run.controller
    press(Key.Key_T, CONTROL)
    run.until_steps(5)
    # The next run is to be another cell: what is done to the present one does not fit that, and stays away from it.
    controller.config = replace(controller.config, cell="gru")
    controller.change_setting("clamped", "f=1")
    assert controller.live_config.clamped == "f=1"
    assert controller.config.clamped == ""
    check(controller.config)
    run.until(lambda: bool((last := controller.run.history.last_snapshot) and np.all(last.gates[0]["f"] == 1)))
    with pytest.raises(ConfigError, match="expected each of f, i, o"):
        controller.change_setting("clamped", "r=1")
    controller.change_setting("learning_rate", 0.02)
    assert controller.live_config.learning_rate == controller.config.learning_rate == 0.02


def test_a_run_that_rests_shows_another_probe_and_refuses_one_that_does_not_fit(open_with: Open, qtbot: QtBot) -> None:
    window = open_with(worker="process", steps=20)
    run = Run(window, qtbot)
    controller, gates = run.controller, window.training.plots.gates
    press(Key.Key_T, CONTROL)
    run.until_state(State.FINISHED)
    run.until_told()
    before = controller.run.history.last_snapshot.probe
    controller.set_probe(example=3)
    run.until(lambda: not np.array_equal(controller.run.history.last_snapshot.probe, before))
    assert gates.example.value() == 3
    said: list[str] = []
    window.training.said.connect(said.append)
    controller.set_probe(x=np.ones((5, 7), dtype=np.float32))
    run.until(lambda: any("expected time steps × 2 finite numbers" in sentence for sentence in said))
    assert gates.example.value() == 3  # what was in force is so again
    controller.set_probe(x=np.ones((5, 2), dtype=np.float32))
    run.until(lambda: len(controller.run.history.last_snapshot.probe) == 5)
