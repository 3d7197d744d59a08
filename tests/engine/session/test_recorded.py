"""A session that records: what is changed while it goes on, what goes wrong, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.recording.about import RecordingError
from engine.recording.parcel import Parcel
from engine.recording.recording import Recording
from engine.runs.ending import SOLVED
from engine.runs.messages import ChangeSetting, Pause, State, Update
from engine.session.recorded import SessionRecording
from engine.session.recorder import RecordTo, newest_checkpoint
from engine.session.worker import TrainingWorker
from engine.settings.config import TrainingConfig
from tests.engine.recordings import all_rows, counted, moved, written

SMALL = TrainingConfig(cell_size=3, sequence_length=5, batch_size=4, device="cpu", steps=1_000_000, worker="thread")
PATIENCE_S = 60.0

Start = Callable[..., "Run"]


class Run:
    def __init__(self, path: Path, config: TrainingConfig) -> None:
        self.path = path
        self.worker = TrainingWorker(config, RecordTo(path))
        self.worker.start()

    def until(self, condition: Callable[[Update], bool]) -> Update:
        while True:
            self.worker.request()
            assert self.worker.wait_for_mail(PATIENCE_S)
            update = self.worker.take()
            if update is not None and condition(update):
                return update

    def end(self) -> None:
        self.worker.stop()
        assert self.worker.join(PATIENCE_S)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def begin(**settings: object) -> Run:
        runs.append(Run(tmp_path / f"{len(runs)}.lstmrec", replace(SMALL, **settings)))
        return runs[-1]

    yield begin
    for run in runs:
        run.end()


def test_what_is_changed_live_is_recorded_and_in_force_when_it_goes_on(start: Start) -> None:
    run = start()
    run.until(lambda update: update.step > 20)
    run.worker.tell(ChangeSetting("learning_rate", 0.5))
    run.worker.tell(ChangeSetting("clamped", "f=1"))
    run.worker.tell(ChangeSetting("frozen", "layer1.W_i"))
    told = run.until(lambda update: any("frozen" in words for _, words in update.events))
    run.until(lambda update: update.step > told.step + 20)
    run.end()
    with Recording(run.path) as recording:
        events, about = recording.events(), recording.about()
    assert [event.words for event in events if event.words != SOLVED] == [
        "learning rate 0.01 → 0.5",
        "clamped: f=1",
        "frozen: layer1.W_i",
    ]
    assert 0 < events[0].step <= events[1].step <= about.steps
    assert (about.config.learning_rate, about.config.clamped, about.config.frozen) == (0.5, "f=1", "layer1.W_i")
    checkpoint, _ = newest_checkpoint(run.path)
    assert checkpoint.config == about.config


def test_a_change_while_it_rests_is_written_although_no_step_comes(start: Start) -> None:
    run = start()
    run.until(lambda update: update.step > 5)
    run.worker.tell(Pause())
    run.until(lambda update: update.state is State.PAUSED)
    run.worker.tell(ChangeSetting("learning_rate", 0.25))

    def known() -> bool:
        with Recording(run.path) as recording:
            return recording.about().config.learning_rate == 0.25

    while not known():
        run.worker.request()
        run.worker.wait_for_mail(0.05)
        run.worker.take()


def test_a_loss_that_is_lost_leaves_the_checkpoint_before_it(start: Start) -> None:
    run = start(optimizer="sgd", learning_rate=0.01, clip_norm=0.0)
    run.until(lambda update: update.step > 50)
    run.worker.tell(ChangeSetting("learning_rate", 1000.0))
    told = run.until(lambda update: update.diverged)
    assert told.state is State.PAUSED
    run.end()
    rows = all_rows(run.path)
    lost = int(np.flatnonzero(~np.isfinite(rows[:, 0]))[0]) + 1
    checkpoint, about = newest_checkpoint(run.path)
    assert 0 < checkpoint.step < lost
    assert all(np.isfinite(array).all() for name, array in checkpoint.arrays.items() if name.startswith("network"))
    assert about.state == State.STOPPED


def test_the_threads_of_a_run_on_a_gpu_say_nothing_of_a_cpu(start: Start) -> None:
    run = start()
    run.until(lambda update: update.step > 5)
    run.end()
    of_cpu, of_gpu = (SessionRecording(RecordTo(run.path, resume=True)) for _ in range(2))
    config, _ = of_cpu.take_up(SMALL)
    assert config.device == "cpu"
    assert of_cpu.threads_before >= 1
    moved(run.path, "cuda:0")
    config, _ = of_gpu.take_up(replace(SMALL, device="auto"))
    assert config.device == "cuda:0"
    assert of_gpu.threads_before == 0
    config, _ = of_gpu.take_up(SMALL)
    assert config.device == "cpu"  # as it was told


def test_a_parcel_that_cannot_be_packed_takes_nothing_of_the_count(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    writer = written(path, [Parcel([counted(1, 10)])])
    with pytest.raises(TypeError):
        writer.write(Parcel([counted(11, 20)], about={"notes": object()}))
    writer.write(Parcel([counted(11, 20)]))
    writer.close({})
    np.testing.assert_array_equal(all_rows(path), counted(1, 20))


def test_the_best_loss_survives_one_that_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "run.lstmrec"
    losses = [0.01, np.nan, 0.9]
    parcels = []
    for number, loss in enumerate(losses):
        rows = counted(100 * number + 1, 100 * number + 100)
        rows[:, 0] = loss
        parcels.append(Parcel([rows]))
    written(path, parcels).close({})
    with Recording(path) as recording:
        assert recording.about().best_loss == pytest.approx(0.01)


def test_it_cannot_go_on_from_steps_that_are_not_there(tmp_path: Path) -> None:
    from engine.recording.writer import RecordingWriter

    path = tmp_path / "run.lstmrec"
    written(path, [Parcel([counted(1, 10)])]).close({})
    with pytest.raises(RecordingError, match="fewer than 11 steps"):
        RecordingWriter.reopen(path, 11)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]  # nobody holds it
    np.testing.assert_array_equal(all_rows(path), counted(1, 10))
