import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.recording.about import About, RecordingError
from engine.recording.library import run_of
from engine.recording.lock import is_written
from engine.recording.parcel import FIRST, Spacing
from engine.recording.recording import Recording
from engine.runs.metrics import Float32
from engine.session.recorder import RecordTo, RunRecorder, about_run, newest_checkpoint
from engine.settings.config import TrainingConfig
from engine.training.trainer import Trainer
from tests.engine.recordings import all_rows, closed, died, parcels
from tests.timing import assert_within, timed

SMALL = TrainingConfig(sequence_length=5, batch_size=4, cell_size=3, device="cpu")
PATIENCE_S = 30.0
FILE = "run.lstmrec"


# At which steps something is recorded


def _recorded(nbytes: int, budget: float, last: int) -> list[int]:
    """The steps, of so many, after which something of this size is recorded."""
    pace, steps = Spacing(budget, 0), []
    while pace.next <= last:
        steps.append(pace.next)
        pace.took(steps[-1], nbytes)
    return steps


@pytest.mark.parametrize("nbytes", [1, 1_000, 50_000, 400_000, 2**20])
def test_all_of_the_first_steps_are_seen_then_fewer_and_fewer(nbytes: int) -> None:
    steps = _recorded(nbytes, 100e6, 10**8)
    assert steps[: FIRST + 1] == list(range(FIRST + 1))
    gaps = np.diff(steps)
    assert (gaps[1:] >= gaps[:-1] * 0.99 - 1).all()  # up to a step, for steps are whole
    assert gaps[-1] > 10**5
    for begin in (10**3, 10**5, 10**7):
        assert any(begin <= step < 2 * begin for step in steps)


@pytest.mark.parametrize("nbytes", [0, 1, 50_000, 400_000, 4_000_000, 10**8, 10**10])
@pytest.mark.parametrize("budget", [100e6, 60e6])
def test_a_run_of_any_length_has_a_bounded_number(budget: float, nbytes: int) -> None:
    million, longest = _recorded(nbytes, budget, 10**6), _recorded(nbytes, budget, 10**8)
    assert len(million) <= FIRST + 281
    assert len(longest) <= FIRST + 2 * 281
    assert len(million) * nbytes <= max(budget, 30 * nbytes) + FIRST * min(nbytes, 2**20) + nbytes


def test_large_ones_come_seldom_from_the_first() -> None:
    steps = _recorded(2**20 + 1, 100e6, 10**6)
    assert steps[:2] == [0, FIRST + 1] or steps[1] >= FIRST
    assert 24 <= len(_recorded(10**9, 100e6, 10**6)) <= 30


@pytest.mark.parametrize("step", [0, 7, 500, 10**6])
def test_a_run_that_goes_on_is_seen_at_once(step: int) -> None:
    pace = Spacing(100e6, step)
    assert pace.next == step
    pace.took(step, 1000)
    assert step < pace.next <= max(step + 1, step * 1.1)


# A run that is recorded


class Run:
    """A trainer and what records it, as a session has them."""

    def __init__(self, path: Path, resume: bool = False, config: TrainingConfig = SMALL) -> None:
        self.path = path
        to = RecordTo(path, resume, "a run")
        if resume:
            checkpoint, _ = newest_checkpoint(path)
            config = checkpoint.config
        self.trainer = Trainer(config)
        if resume:
            self.trainer.restore(checkpoint)
        self.rows: list[Float32] = []
        about = about_run(self.trainer, "here", 1, 1000, to.name)
        self.recorder = RunRecorder(self.trainer, to, about, asdict(self.trainer.task.facts()), self._collect)

    def _collect(self) -> None:
        metrics = self.trainer.drain()
        self.rows.append(metrics.values)
        if len(metrics):  # not while the recorder is being made
            self.recorder.add(metrics)

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.trainer.step()
            self.recorder.after_step()

    def until(self, condition: Callable[[], bool]) -> None:
        """Train until something is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline
            self.steps(1)

    def recorded(self) -> int:
        with Recording(self.path) as recording:
            return recording.about().steps

    def all_rows(self) -> Float32:
        self.rows.append(self.trainer.drain().values)
        return np.concatenate(self.rows)

    def leave_pages(self, more: int) -> None:
        """Let the file grow by so many pages and no more: the real error of a full disk."""
        connection = self.recorder._writer._connection
        (count,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {count + more}")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path / FILE)
    yield made
    made.recorder.close(5.0, "stopped", whole=False)


def _about(path: Path) -> About:
    with Recording(path) as recording:
        return recording.about()


def test_the_first_moment_is_there_before_the_first_step(run: Run) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with Recording(run.path) as recording:
            if recording.steps_of("checkpoints") == [0] and recording.steps_of("snapshots") == [0]:
                break
    checkpoint, about = newest_checkpoint(run.path)
    assert (checkpoint.step, about.state, about.steps, about.goal) == (0, "running", 0, 1000)
    assert is_written(run.path, about)


def test_what_was_recorded_is_what_was_computed(run: Run) -> None:
    run.until(lambda: run.recorded() > 200)
    run.recorder.add_event(run.trainer.done, "learning rate 0.01 → 0.1")
    run.recorder.say(goal=2000)
    run.recorder.close(20.0, "finished")
    assert not run.recorder.problem
    rows = run.all_rows()
    assert all_rows(run.path).tobytes() == rows.tobytes()
    with Recording(run.path) as recording:
        about = recording.about()
        assert (about.steps, about.state, about.goal, about.name) == (len(rows), "finished", 2000, "a run")
        assert about.config == SMALL
        assert about.last_loss == rows[-1, 0]
        means = [rows[begin : begin + 100, 0].astype(float).mean() for begin in range(0, len(rows) - 99, 100)]
        assert about.best_loss == pytest.approx(min(means))
        facts = run.trainer.task.facts()
        assert recording.facts() == facts
        assert [event.words for event in recording.events()] == ["learning rate 0.01 → 0.1"]
        steps = recording.steps_of("snapshots")
        assert steps[: FIRST + 1] == list(range(FIRST + 1))
        assert steps[-1] == run.trainer.done
        last = recording.snapshot(10**9)
        assert last is not None
        np.testing.assert_array_equal(last.weights[0]["W_f"], run.trainer.snapshot().weights[0]["W_f"])
        assert last.extras.flow is not None
        seen = recording.snapshot(5)
        assert seen is not None
        assert seen.extras.observed is not None
        assert seen.extras.observed.step == 5  # the very step that led here
        checkpoint = recording.checkpoint(10**9)
    assert checkpoint is not None
    assert checkpoint.packed() == run.trainer.checkpoint().packed()
    assert [item.name for item in run.path.parent.iterdir()] == [FILE]


def test_a_pause_writes_everything_at_once(run: Run) -> None:
    run.steps(33)
    run.recorder.say(state="paused")
    run.recorder.rest()
    deadline = time.monotonic() + PATIENCE_S
    while _about(run.path).state != "paused":
        assert time.monotonic() < deadline
    checkpoint, about = newest_checkpoint(run.path)
    assert (checkpoint.step, about.steps) == (33, 33)


def test_a_pause_does_not_count_as_training(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real, more = time.perf_counter, [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: real() + more[0])
    run.recorder.say(state="running")
    run.steps(20)
    more[0] += 50.0
    run.steps(1)  # a long step is training
    run.recorder.say(state="paused")
    run.recorder.rest()
    more[0] += 10_000.0
    run.recorder.say(state="running")
    run.steps(20)
    run.recorder.close(20.0, "stopped")
    assert 50 < run_of(run.path).seconds < 1000


def test_a_moment_that_is_kept_stays(run: Run) -> None:
    run.steps(31)
    run.recorder.keep()
    run.steps(40)
    run.recorder.close(20.0, "stopped")
    with Recording(run.path) as recording:
        assert {31, 71} <= set(recording.steps_of("checkpoints"))
        assert {31, 71} <= set(recording.steps_of("snapshots"))
        assert [(event.step, event.words) for event in recording.events()] == [(31, "snapshot recorded")]


def test_a_run_that_is_taken_up_goes_on_bit_for_bit(tmp_path: Path) -> None:
    one, other = Run(tmp_path / "one.lstmrec"), Run(tmp_path / "other.lstmrec")
    one.steps(90)
    one.recorder.close(20.0, "finished")
    other.steps(40)
    other.recorder.close(20.0, "stopped")
    again = Run(tmp_path / "other.lstmrec", resume=True)
    again.steps(50)
    again.recorder.close(20.0, "finished")
    assert all_rows(one.path).tobytes() == all_rows(again.path).tobytes()
    assert one.trainer.checkpoint().packed() == again.trainer.checkpoint().packed()
    about = _about(again.path)
    assert (about.steps, about.resumed, about.state) == (90, (40,), "finished")


def test_nothing_is_lost_while_nothing_can_be_written(run: Run) -> None:
    for count in range(3):
        run.until(lambda: run.recorded() > 0 and run.recorder._parcel is None)
        run.leave_pages(0)
        run.until(lambda: bool(run.recorder.problem))
        assert run.recorder.problem.endswith("is full; make room, or train without recording.")
        before = run.recorded()
        run.recorder.add_event(run.trainer.done, f"change {count}")
        run.steps(100)
        assert run.recorded() == before
        run.recorder.go_on()  # there is still no room
        run.until(lambda: bool(run.recorder.problem))
        assert run.recorded() == before
        run.leave_pages(100_000)
        run.recorder.go_on()
        assert not run.recorder.problem
        last = run.trainer.done
        run.until(lambda last=last: run.recorded() >= last)
    run.recorder.close(20.0, "finished")
    assert all_rows(run.path).tobytes() == run.all_rows().tobytes()
    with Recording(run.path) as recording:
        assert [event.words for event in recording.events()] == ["change 0", "change 1", "change 2"]
        assert recording.about().steps == run.trainer.done


@timed
def test_a_full_disk_at_the_end_leaves_what_was_written(run: Run) -> None:
    run.until(lambda: run.recorded() > 0)
    run.leave_pages(0)
    run.until(lambda: bool(run.recorder.problem))
    before = run.recorded()
    begin = time.perf_counter()
    run.recorder.close(1.0, "stopped")
    assert_within(time.perf_counter() - begin, 3.0)
    assert run.recorder.problem
    np.testing.assert_array_equal(all_rows(run.path), run.all_rows()[:before])


def test_what_cannot_be_taken_up_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="does not exist"):
        newest_checkpoint(tmp_path / "nothing.lstmrec")
    with pytest.raises(RecordingError, match=r"has no checkpoint to resume from; begin a new run with its settings\.$"):
        newest_checkpoint(closed(tmp_path / "empty.lstmrec"))
    checkpoint, about = newest_checkpoint(died(tmp_path / FILE, parcels(1000)))
    assert (checkpoint.step, about.steps) == (1000, 1000)


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"mine")
    with pytest.raises(RecordingError, match="exists already"):
        Run(tmp_path / FILE)
    assert (tmp_path / FILE).read_bytes() == b"mine"


def test_the_size_of_a_snapshot_is_about_what_it_takes() -> None:
    snapshot = Trainer(SMALL).snapshot()
    arrays: list[Any] = [*snapshot.weights[0].values(), *snapshot.gates[0].values(), snapshot.probe]
    assert snapshot.nbytes > sum(array.nbytes for array in arrays)


def test_training_waits_for_nothing_while_a_parcel_is_written(run: Run) -> None:
    """A reader that holds the file against its writer, as long as it likes, costs the steps no time."""
    run.until(lambda: run.recorded() > 0 and run.recorder._parcel is None)
    with contextlib.closing(sqlite3.connect(run.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # such as somebody who renames the run, and is interrupted
        before = run.trainer.done
        begin = time.monotonic()
        while time.monotonic() - begin < 1.5:
            run.steps(1)
        assert run.trainer.done > before + 100
        assert not run.recorder.problem
        other.execute("ROLLBACK")
    last = run.trainer.done
    run.until(lambda: run.recorded() >= last)
    run.recorder.close(20.0, "stopped")
    assert all_rows(run.path).tobytes() == run.all_rows().tobytes()
