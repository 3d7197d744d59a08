"""Travelling through a training: timeline, replay, recorded runs that are opened, followed and resumed."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6 import __version_info__ as version_info
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.recording.folder import FOLDER_VARIABLE
from engine.recording.recorded_run import News, read_run
from engine.recording.recording import Recording
from engine.runs.messages import ExtendSteps, Refusal, State
from engine.runs.metrics import Metrics
from engine.session.recorded_step import step_apart_at
from engine.session.recorder import RecordTo
from engine.session.worker import TrainingWorker
from engine.settings.config import TrainingConfig
from gui.appearance.stored import Stored
from gui.runs.controller import TrainingController
from gui.runs.travel import RunTravel
from gui.views.step.step import SlowStepView
from gui.window.main_window import MainWindow
from tests.engine.recordings import moved
from tests.gui.conftest import Windows
from tests.gui.driving import NONE, Key, press, show_plots, wait_until
from tests.gui.views.library.library_runs import recorded as recorded_losses

SMALL = TrainingConfig(cell_size=4, sequence_length=8, batch_size=8, steps=300)
PATIENCE_MS = 60_000


def record(path: Path, config: TrainingConfig = SMALL) -> Path:
    """Record a whole run, outside any window."""
    worker = TrainingWorker(config, RecordTo(path))
    worker.start()
    while True:
        assert worker.wait_for_mail(110)
        update = worker.take()
        if update is not None and update.state is State.FINISHED:
            break
        assert update is None or not update.error, update.error
    worker.stop()
    assert worker.join(30)
    return path


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 300 steps."""
    return record(tmp_path_factory.mktemp("recorded") / "run.lstmrec")


def travel_of(window: MainWindow) -> RunTravel:
    return window.training.recordings.travel


def train(window: MainWindow, config: TrainingConfig = SMALL) -> None:
    """Train to the end in this window, and wait until the timeline knows every moment."""
    window.training.controller.config = config
    window.training.controller.begin()
    wait_until(lambda: window.training.controller.run.state is State.FINISHED, PATIENCE_MS)
    travel = travel_of(window)
    wait_until(lambda: travel.possible and travel.run.moments[-1] == config.steps, PATIENCE_MS)
    wait_until(lambda: window.training.controller.told_all, PATIENCE_MS)


def arrive(window: MainWindow, step: int) -> None:
    wait_until(lambda: window.training.controller.run.history.moment == step)


def open_run(window: MainWindow, path: Path) -> None:
    window.files.open(path)
    wait_until(lambda: window.training.controller.run.recorded is not None)


def test_every_run_is_recorded_and_everything_stands_at_the_moment_looked_at(own_window: MainWindow) -> None:
    window = own_window
    show_plots(window, view="flow")
    train(window)
    controller, travel = window.training.controller, travel_of(window)
    newest = controller.run.history.shown
    assert newest is not None
    assert newest.step == 300
    assert travel.live
    assert travel.run.moments[:21] == tuple(range(21))
    assert window.stage.run_timeline is not None
    assert window.stage.run_timeline.isVisible()
    travel.go_to(7)
    arrive(window, 7)
    shown = controller.run.history.shown
    assert shown is not None
    with Recording(travel.run.path or Path()) as recording:
        there = recording.snapshot(7)
    assert there is not None
    np.testing.assert_array_equal(shown.gates[0]["f"], there.gates[0]["f"])
    assert not np.array_equal(shown.gates[0]["f"], newest.gates[0]["f"])
    assert window.stage.run_timeline.where.text() == "step 7 of 300"
    # The gates, the gradients' curves and the marks in the curves all stand there.
    wait_until(
        lambda: window.training.plots.gates._shown is not None and window.training.plots.gates._shown[0] is shown
    )
    flow = window.stage.view("flow")
    wait_until(lambda: flow._flow is shown.extras.flow)  # type: ignore[attr-defined]
    wait_until(lambda: window.training.plots["loss"].events.moment == 7)
    # The diagram, too, and it follows.
    window.actions_by_name["show network"].trigger()
    wait_until(lambda: window.following.standing == "held at step 7")
    np.testing.assert_allclose(window.model.document.weights["W_f"], there.weights[0]["W_f"], rtol=1e-6)
    travel.go_to(20)
    wait_until(lambda: window.following.standing == "held at step 20")
    window.actions_by_name["newest"].trigger()
    wait_until(lambda: controller.run.history.shown is newest)
    show_plots(window)
    wait_until(lambda: window.training.plots["loss"].events.moment is None)


def test_the_live_run_goes_on_while_the_past_is_looked_at(own_window: MainWindow) -> None:
    window = own_window
    controller, travel = window.training.controller, travel_of(window)
    controller.config = replace(SMALL, steps=100_000)
    controller.begin()
    wait_until(lambda: 3 in travel.run.moments and controller.run.history.count > 50, PATIENCE_MS)
    travel.go_to(3)
    arrive(window, 3)
    count, moments = controller.run.history.count, len(travel.run.moments)
    wait_until(lambda: controller.run.history.count > count + 200, PATIENCE_MS)
    wait_until(lambda: len(travel.run.moments) > moments, PATIENCE_MS)
    assert controller.run.history.moment == 3
    assert travel.step == 3
    travel.go_live()
    wait_until(lambda: controller.run.history.shown is controller.run.history.last_snapshot)
    newest = controller.run.history.last_snapshot
    wait_until(lambda: controller.run.history.last_snapshot is not newest, PATIENCE_MS)
    controller.stop()


def test_dragging_the_time_line_and_the_keys_of_a_clicker(own_window: MainWindow, recorded: Path) -> None:
    window = own_window
    open_run(window, recorded)
    travel, timeline = travel_of(window), window.stage.run_timeline
    assert timeline is not None
    assert window.stage.front == "live"
    bar = timeline.bar
    wait_until(bar.isVisible)

    def at(share: float) -> QPoint:
        track = bar.track()
        return QPoint(round(track.left() + share * track.width()), bar.height() // 2)

    QTest.mousePress(bar, Qt.MouseButton.LeftButton, NONE, at(0.0) - QPoint(3, 0))
    arrive(window, 0)
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, NONE, at(0.0) - QPoint(3, 0))
    press(Key.Key_PageDown)
    arrive(window, 1)
    press(Key.Key_PageDown)
    arrive(window, 2)
    press(Key.Key_PageUp)
    arrive(window, 1)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, NONE, at(1.0) + QPoint(3, 0))
    wait_until(lambda: travel.live)
    # The film: from the first moment to the newest, and it ends there by itself.
    window.stage.set_speed(4.0)
    seen: list[int | None] = []
    travel.moved.connect(lambda: seen.append(travel.step))
    press(Key.Key_Return)
    assert travel.playing
    wait_until(lambda: travel.live and not travel.playing, PATIENCE_MS)
    assert seen[: len(travel.run.moments)] == list(travel.run.moments)
    wait_until(lambda: window.training.controller.run.history.looked_at is None)


def test_a_recorded_run_is_shown_as_it_was(own_window: MainWindow, recorded: Path) -> None:
    window = own_window
    before = recorded.read_bytes()
    open_run(window, recorded)
    controller = window.training.controller
    assert controller.run.history.count == 300
    assert controller.run.config.cell_size == 4
    assert controller.run.facts is not None
    assert not controller.active
    assert window.training.panel.train.text() == "Resume"
    with Recording(recorded) as recording:
        rows = np.concatenate(list(recording.rows()))
    np.testing.assert_array_equal(controller.run.history.column("loss"), rows[:, 0])
    show_plots(window)
    wait_until(lambda: window.training.plots["loss"].widget.isVisible())
    assert recorded.read_bytes() == before


def test_a_recorded_run_goes_on_where_it_ended(own_window: MainWindow, tmp_path: Path) -> None:
    window = own_window
    path = record(tmp_path / "run.lstmrec")
    open_run(window, path)
    controller = window.training.controller
    window.actions_by_name["train"].trigger()  # Resume
    wait_until(lambda: controller.run.recorded is None and controller.run.state is State.FINISHED, PATIENCE_MS)
    assert controller.run.history.count == 300
    assert controller.worker is not None
    controller.worker.tell(ExtendSteps(50))
    wait_until(lambda: controller.run.history.count == 350, PATIENCE_MS)
    controller.stop()
    wait_until(lambda: controller.run.state is State.STOPPED, PATIENCE_MS)
    whole = record(tmp_path / "whole.lstmrec", replace(SMALL, steps=350))
    assert controller.worker.join(30)
    with Recording(path) as one, Recording(whole) as other:
        assert one.about().resumed == (300,)
        np.testing.assert_array_equal(np.concatenate(list(one.rows())), np.concatenate(list(other.rows())))


def test_a_run_of_a_machine_with_a_gpu_goes_on_here_and_says_so(own_window: MainWindow, tmp_path: Path) -> None:
    window = own_window
    path = moved(record(tmp_path / "run.lstmrec"), "cuda:77")
    refused: list[Refusal] = []
    window.training.controller.refused.connect(refused.append)
    open_run(window, path)
    controller = window.training.controller
    assert controller.config.device == "auto"  # what the next run has is not what another machine had
    window.actions_by_name["train"].trigger()  # Resume
    wait_until(lambda: controller.run.recorded is None and controller.run.state is State.FINISHED, PATIENCE_MS)
    wait_until(lambda: bool(refused), PATIENCE_MS)
    assert "used cuda:77, which is not available now" in refused[0].sentence
    assert window.statusBar().currentMessage() == refused[0].sentence
    events = controller.run.history.events
    wait_until(
        lambda: any(step == 300 and words.startswith("device cuda:77 → ") for step, words in events), PATIENCE_MS
    )


def test_a_run_of_another_process_is_followed(own_window: MainWindow, tmp_path: Path) -> None:
    window = own_window
    path = tmp_path / "elsewhere.lstmrec"
    worker = TrainingWorker(replace(SMALL, steps=1_000_000), RecordTo(path))
    worker.start()
    try:
        wait_until(lambda: path.exists() and path.stat().st_size > 0, PATIENCE_MS)
        wait_until(lambda: _steps(path) > 50, PATIENCE_MS)
        open_run(window, path)
        controller = window.training.controller
        first = controller.run.history.count
        wait_until(lambda: controller.run.history.count > first + 100, PATIENCE_MS)
        wait_until(lambda: controller.run.badge.startswith("following, "), PATIENCE_MS)
        assert window.stage.run_timeline is not None
        assert "following" in window.stage.run_timeline.where.text()
        assert not controller.run.resumable
    finally:
        worker.stop()
        assert worker.join(30)
    wait_until(lambda: controller.run.badge == "recorded", PATIENCE_MS)
    assert controller.run.history.count == _steps(path)
    assert controller.run.resumable


def _steps(path: Path) -> int:
    from engine.recording.about import RecordingError

    try:
        with Recording(path) as recording:
            return recording.about().steps
    except RecordingError:
        return 0


def test_what_is_no_recording_changes_nothing(own_window: MainWindow, tmp_path: Path, recorded: Path) -> None:
    window = own_window
    open_run(window, recorded)
    shown = window.training.controller.run.history
    broken = tmp_path / "broken.lstmrec"
    broken.write_bytes(recorded.read_bytes()[:5000])
    for path in (broken, tmp_path / "absent.lstmrec"):
        window.files.open(path)
        wait_until(lambda: bool(_boxes(window)))
        (box,) = _boxes(window)
        assert path.name in box.text()
        assert box.text().count(".") >= 1
        box.close()
        wait_until(lambda: not _boxes(window))
    assert window.training.controller.run.history is shown


def _boxes(window: MainWindow) -> list[QMessageBox]:
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def test_a_recording_is_dropped_on_the_window(own_window: MainWindow, recorded: Path) -> None:
    window = own_window
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(recorded))])
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    place = QPoint if version_info < (6, 12) else QPointF  # each version knows one of them, or calls it old
    QApplication.sendEvent(window, QDragEnterEvent(place(50, 50), *how))
    QApplication.sendEvent(window, QDropEvent(QPointF(50, 50), *how))
    wait_until(lambda: window.training.controller.run.recorded is not None)


def test_nothing_is_recorded_where_the_user_does_not_want_it(own_window: MainWindow, runs_folder: Path) -> None:
    window = own_window
    record_runs = window.actions_by_name["record"]
    assert record_runs.isChecked()
    record_runs.trigger()
    assert not record_runs.isChecked()
    window.training.controller.config = SMALL
    window.training.controller.begin()
    wait_until(lambda: window.training.controller.run.state is State.FINISHED, PATIENCE_MS)
    assert not travel_of(window).possible
    assert not list(runs_folder.glob("*.lstmrec"))
    assert window.stage.run_timeline is not None
    window.stage.show_view("flow")
    assert window.stage.run_timeline.isVisible()  # it steers the run all the same
    wait_until(lambda: window.stage.run_timeline.where.text() == "step 300")


def test_a_moment_is_kept(own_window: MainWindow) -> None:
    window = own_window
    controller, travel = window.training.controller, travel_of(window)
    controller.config = replace(SMALL, steps=100_000)
    controller.begin()
    wait_until(lambda: controller.run.history.count > 300 and travel.possible, PATIENCE_MS)
    window.actions_by_name["keep"].trigger()
    wait_until(lambda: any(words == "snapshot recorded" for _, words in controller.run.history.events), PATIENCE_MS)
    step = next(step for step, words in controller.run.history.events if words == "snapshot recorded")
    wait_until(lambda: step in travel.run.moments, PATIENCE_MS)
    with Recording(travel.run.path or Path()) as recording:
        assert step in recording.steps_of("checkpoints")
    controller.stop()


def test_the_oldest_make_room_once_the_user_has_agreed(
    own_window: MainWindow, recorded: Path, runs_folder: Path
) -> None:
    window = own_window
    runs_folder.mkdir(exist_ok=True)
    old = runs_folder / "old.lstmrec"
    old.write_bytes(recorded.read_bytes())
    recordings = window.training.recordings
    recordings.set_limit(0.1)
    wanted: list[float] = []
    recordings.room_wanted.connect(lambda taken, limit: wanted.append(limit))
    big = runs_folder / "big.lstmrec"
    big.write_bytes(recorded.read_bytes() + bytes(150_000_000))  # SQLite ignores what follows its pages
    window.training.controller.config = SMALL
    window.training.controller.begin()
    wait_until(lambda: bool(_boxes(window)), PATIENCE_MS)
    assert wanted == [0.1]
    (box,) = _boxes(window)
    box.button(QMessageBox.StandardButton.Yes).click()
    wait_until(lambda: not big.exists(), PATIENCE_MS)
    assert old.exists()  # there is room for it now
    wait_until(lambda: window.training.controller.run.state is State.FINISHED, PATIENCE_MS)


def test_a_step_of_the_past_is_taken_apart_again(real_children: None, own_window: MainWindow, recorded: Path) -> None:
    window = own_window
    open_run(window, recorded)
    travel = travel_of(window)
    window.actions_by_name["show slow-motion"].trigger()
    view = cast(SlowStepView, window.stage.view("slow-motion"))
    with Recording(recorded) as recording:
        checkpoints = recording.steps_of("checkpoints")
    travel.go_to(0)
    arrive(window, 0)
    view.begin()
    wait_until(lambda: view.step is not None, PATIENCE_MS)
    assert view.apart is not None
    assert view.apart.step == 1
    again = step_apart_at(recorded, 0)
    np.testing.assert_array_equal(view.apart.after["layer1.W_f"], again.after["layer1.W_f"])
    assert not np.array_equal(again.after["layer1.W_f"], again.before["layer1.W_f"])
    # It follows the timeline, to the step after the checkpoint before that.
    travel.go_to(300)
    arrive(window, 300)
    last = max(step for step in checkpoints if step <= 300)
    wait_until(lambda: view.apart is not None and view.apart.step == last + 1, PATIENCE_MS)


def test_a_run_that_broke_off_is_offered_and_goes_on(own_window: MainWindow, runs_folder: Path) -> None:
    window = own_window
    path = runs_folder / "broken.lstmrec"
    worker = TrainingWorker(replace(SMALL, steps=1_000_000), RecordTo(path))
    worker.start()
    wait_until(lambda: path.exists() and _steps(path) > 50, PATIENCE_MS)
    assert worker.child_pid is not None
    os.kill(worker.child_pid, signal.SIGKILL)
    assert worker.join(30)
    panel = window.training.panel
    window.stage.show_workspace("train")
    assert not panel.resume.isVisible()
    window.training.recordings.look_for_broken_off()
    wait_until(panel.resume.isVisible)
    assert "was interrupted at step" in panel.status.text()
    steps = _steps(path)
    QTest.mouseClick(panel.resume, Qt.MouseButton.LeftButton)
    controller = window.training.controller
    wait_until(lambda: controller.run.state is State.RUNNING and controller.run.history.count > steps, PATIENCE_MS)
    assert not panel.resume.isVisible()
    controller.stop()


def test_a_run_that_cannot_be_recorded_says_so_and_goes_on_without(
    windows: Windows, settings: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_folder = tmp_path / "a file"
    no_folder.write_text("where recordings should be")
    monkeypatch.setenv(FOLDER_VARIABLE, str(no_folder))
    window = windows.open(settings)
    controller = window.training.controller
    controller.config = SMALL
    controller.begin()
    wait_until(lambda: controller.run.state is State.PAUSED and bool(_boxes(window)), PATIENCE_MS)
    box = next(box for box in _boxes(window) if box.windowTitle() == "Training is paused")
    assert "cannot be created" in box.text()
    for other in _boxes(window):
        if other is not box:
            other.close()
    box.button(QMessageBox.StandardButton.Ignore).click()
    wait_until(lambda: controller.run.history.count == SMALL.steps, PATIENCE_MS)


def test_a_run_that_diverged_says_why_it_ended_when_it_is_opened_again(own_window: MainWindow, tmp_path: Path) -> None:
    losses = [0.5] * 20 + [float("nan")] * 3
    path = recorded_losses(tmp_path / "lost.lstmrec", state="paused", losses=losses, moments=(1, 20))
    open_run(own_window, path)
    wait_until(lambda: "The loss became NaN at step 21" in own_window.training.panel.status.text())


def test_a_run_that_is_followed_says_when_its_loss_is_lost(tmp_path: Path) -> None:
    run = read_run(recorded_losses(tmp_path / "lost.lstmrec", losses=[0.5] * 20, moments=(1, 20)))
    controller = TrainingController(SMALL)
    controller.show_recorded(run)
    assert controller.run.last is not None
    assert controller.run.last.message == "recorded"
    rows = np.full((3, len(run.history.metric_names)), np.nan, dtype=np.float32)
    about = replace(run.about, steps=23)
    controller.run.take_news(News(about, None, Metrics(run.history.metric_names, rows), None, run.moments, (), True))
    assert (
        "The loss became NaN at step 21; the last finite gradient norm was 0, at step 20."
        in controller.run.last.message
    )
    controller.close()
