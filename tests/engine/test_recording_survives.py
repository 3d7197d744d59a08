"""Recordings of real runs, in real child processes, that are killed or find no room."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from engine.config import TrainingConfig
from engine.messages import State, Update
from engine.recording import Recording
from engine.recording_writer import is_written
from engine.run_recorder import RecordTo
from engine.trainer import Trainer
from engine.worker import TrainingWorker
from tests.engine.recordings import all_rows
from tests.quick_children import CAN_FORK
from tests.quick_children import quick_children as forked_children
from tests.timing import TooSlowError, timed

ROOT = Path(__file__).parents[2]
FILE = "run.lstmrec"
CONFIG = TrainingConfig(sequence_length=5, batch_size=4, cell_size=4, device="cpu", steps=2000)
PATIENCE_S = 120.0
LOST_S = 1.0
"""What may be lost at most."""
RUNS = [
    {"optimizer": "adam"},
    {"optimizer": "rmsprop", "cell": "gru"},
    {"optimizer": "sgd", "layers": 2},
    {"optimizer": "sgd", "momentum": 0.0, "hidden_size": 2},
    {"optimizer": "adam", "twin": "on"},
]
KILLS = 10
"""Of each run; where children cannot be forked, 2, for each would take seconds to start."""


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def quick_children() -> Iterator[None]:
    with forked_children():
        yield


class Run:
    """A worker whose child records, and what it told, and when."""

    def __init__(self, config: TrainingConfig, path: Path, resume: bool = False) -> None:
        self.path = path
        self.told: list[tuple[float, int]] = [(time.monotonic(), 0)]
        self.updates: list[Update] = []
        self.worker = TrainingWorker(config, RecordTo(path, resume))
        self.worker.start()

    def until(self, condition: Callable[[Update], bool]) -> Update:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.worker.request()
            if not self.worker.wait_for_mail(0.02):
                continue
            update = self.worker.take()
            if update is None:
                continue
            self.told.append((time.monotonic(), update.step))
            self.updates.append(update)
            assert update.state is not State.FAILED or condition(update), update.error + update.traceback
            if condition(update):
                return update
        raise AssertionError(f"nothing came within {PATIENCE_S} s; the last was {self.updates[-1:]}")

    def state(self, state: State) -> Update:
        return self.until(lambda update: update.state is state)

    def for_seconds(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.until(lambda _: True)

    def kill(self) -> int:
        """Kill the child; return the newest step that must not be lost."""
        assert self.worker.child_pid is not None
        at = time.monotonic()
        psutil.Process(self.worker.child_pid).kill()
        self.state(State.FAILED)
        assert self.worker.join(10)
        return max(step for moment, step in self.told if moment <= max(at - LOST_S, self.told[0][0]))

    def end(self) -> None:
        self.worker.close()
        assert self.worker.join(10)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def begin(config: TrainingConfig = CONFIG, resume: bool = False, path: Path | None = None) -> Run:
        runs.append(Run(config, path or tmp_path / FILE, resume))
        return runs[-1]

    yield begin
    for run in runs:
        run.end()


def _undisturbed(config: TrainingConfig, steps: int) -> np.ndarray:
    trainer = Trainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer.drain()


def _assert_whole(path: Path, expected: np.ndarray) -> int:
    """Check that every step that is recorded is right, with all that goes with it; return how many there are."""
    rows = all_rows(path)
    assert rows.tobytes() == expected[: len(rows)].tobytes()
    with Recording(path) as recording:
        assert recording.about().steps == recording.count() == len(rows)
        assert recording.checkpoint(len(rows)) is not None
        assert 0 in recording.snapshot_steps()
        for step in recording.snapshot_steps()[-3:]:
            assert recording.snapshot(step) is not None
    return len(rows)


@timed
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(len(RUNS)))
def test_a_child_that_is_killed_loses_a_second_at_most_and_its_run_goes_on(
    start: Callable[..., Run], quick_children: None, tmp_path: Path, number: int
) -> None:
    rng = np.random.default_rng(number)
    config = replace(CONFIG, seed=number, **RUNS[number])
    path = tmp_path / FILE
    undisturbed = _undisturbed(config, CONFIG.steps)
    resume = False
    for kill in range(KILLS if CAN_FORK else 2):
        run = start(config, resume)
        first = (
            run.state(State.RUNNING) if kill % 5 == 0 else run.until(lambda update: update.state is not State.PREPARING)
        )
        if first.state is State.RUNNING:
            # Most soon after the start; some when whole seconds of work could be lost.
            run.for_seconds(rng.uniform(1.2, 2.0) if kill % 5 == 2 else rng.uniform(0.0, 0.5))
        must = run.kill()
        with Recording(path) as recording:
            is_begun = bool(recording.checkpoint_steps())
        if not is_begun and must == 0:  # less than a second old: nothing is lost by beginning anew
            for part in tmp_path.glob(f"{FILE}*"):
                part.unlink()
            continue
        recorded = _assert_whole(path, undisturbed)
        if recorded < must:
            raise TooSlowError(f"more than a second was lost, by {must - recorded} steps")
        with Recording(path) as recording:
            assert not is_written(recording.about())
        resume = True
    run = start(config, resume)
    run.state(State.FINISHED)
    run.worker.stop()
    run.state(State.STOPPED)
    assert run.worker.join(10)
    assert _assert_whole(path, undisturbed) == CONFIG.steps
    assert [item.name for item in tmp_path.iterdir()] == [FILE]


# The window

WINDOW = """
import sys, time
from pathlib import Path
from engine.config import TrainingConfig
from engine.run_recorder import RecordTo
from engine.worker import TrainingWorker

if __name__ == "__main__":
    config = TrainingConfig(sequence_length=5, batch_size=4, cell_size=4, device="cpu", steps=10_000_000)
    worker = TrainingWorker(config, RecordTo(Path(sys.argv[1]), sys.argv[2] == "resume"))
    worker.start()
    while True:
        worker.request()
        worker.wait_for_mail(1.0)
        update = worker.take()
        if update is not None:
            print(worker.child_pid, update.state, update.step, flush=True)
"""


@pytest.mark.timeout(300)
def test_a_window_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    script = tmp_path / "window.py"
    script.write_text(WINDOW, encoding="utf-8")
    path = tmp_path / "recorded" / FILE
    rng = np.random.default_rng(5)
    recorded = 0
    for how in ("begin", "resume"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        window = subprocess.Popen(
            [sys.executable, str(script), str(path), how], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert window.stdout is not None
        child, end, told = None, None, 0
        for line in window.stdout:
            pid, state, step = line.split()
            told = int(step)
            if state != "running" or told <= recorded:
                continue
            child = psutil.Process(int(pid))
            end = end or time.monotonic() + rng.uniform(0.0, 1.5)
            if time.monotonic() > end:
                break
        window.kill()
        window.communicate()
        assert child is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            child.wait(10)  # it hears of it, and ends by itself
        with Recording(path) as recording:
            recorded = recording.count()
            assert recording.about().state == "stopped"
            assert not recording.about().writer
        assert recorded >= told
    rows = all_rows(path)
    compared = min(recorded, 2000)
    config = replace(CONFIG, steps=10_000_000)
    assert rows[:compared].tobytes() == _undisturbed(config, compared).tobytes()
    assert [item.name for item in path.parent.iterdir()] == [FILE]


@timed
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="process groups of Unix")
def test_window_and_child_that_are_killed_together_leave_a_recording(tmp_path: Path) -> None:
    script = tmp_path / "window.py"
    script.write_text(WINDOW, encoding="utf-8")
    path = tmp_path / FILE
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    window = subprocess.Popen(
        [sys.executable, str(script), str(path), "begin"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    assert window.stdout is not None
    told: list[tuple[float, int]] = []
    for line in window.stdout:
        pid, state, step = line.split()
        if state == "running":
            told.append((time.monotonic(), int(step)))
            if told[-1][0] - told[0][0] > 1.7:
                break
    child = psutil.Process(int(pid))
    os.killpg(window.pid, signal.SIGKILL)
    at = time.monotonic()
    window.communicate()
    with contextlib.suppress(psutil.NoSuchProcess):
        child.wait(10)
    must = max(step for moment, step in told if moment <= at - LOST_S)
    rows = all_rows(path)
    assert must > 0
    if len(rows) < must:
        raise TooSlowError(f"more than a second was lost, by {must - len(rows)} steps")
    compared = min(len(rows), 2000)
    assert rows[:compared].tobytes() == _undisturbed(replace(CONFIG, steps=10_000_000), compared).tobytes()


# A disk without room


def _assert_pauses(run: Run) -> Update:
    paused = run.until(lambda update: update.refusal is not None)
    assert paused.refusal is not None
    assert paused.refusal.what == "recording"
    assert paused.refusal.sentence.endswith("make room, or train without recording.")
    assert run.state(State.PAUSED).step >= paused.step
    return paused


def _finished(run: Run) -> None:
    run.state(State.FINISHED)
    run.worker.stop()
    run.state(State.STOPPED)
    assert run.worker.join(10)


def _rows_told(run: Run) -> np.ndarray:
    return np.concatenate([update.metrics for update in run.updates if update.metrics is not None])


class LimitedFiles:
    """Lets a process write no file larger than a limit: what a full disk is to it, without being root."""

    def __init__(self, run: Run) -> None:
        resource: Any = pytest.importorskip("resource")
        if not hasattr(resource, "prlimit"):
            pytest.skip("another process cannot be limited on this system")
        self._run, self._resource = run, resource

    def fill(self) -> None:
        """Leave no room."""
        files = [self._run.path.with_name(f"{FILE}{end}") for end in ("", "-wal")]
        self._set(min(item.stat().st_size for item in files))

    def make_room(self) -> None:
        self._set(self._resource.RLIM_INFINITY)

    def _set(self, size: int) -> None:
        hard = self._resource.RLIM_INFINITY
        self._resource.prlimit(self._run.worker.child_pid, self._resource.RLIMIT_FSIZE, (size, hard))


class SmallDisk:
    """A disk of 2 MB in memory; mounting one needs root."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
        if sys.platform != "linux" or os.geteuid() != 0:
            pytest.skip("mounting a small disk needs Linux and root")
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("a small disk cannot be mounted here")
        self.folder = folder

    def fill(self) -> None:
        """Leave no room."""
        with (self.folder / "filler").open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def make_room(self) -> None:
        (self.folder / "filler").unlink()

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk")
    yield disk
    disk.unmount()


def _fill_and_make_room(run: Run, disk: LimitedFiles | SmallDisk, undisturbed: np.ndarray) -> None:
    run.until(lambda update: update.step > 10)
    disk.fill()
    paused = _assert_pauses(run)
    _assert_whole(run.path, undisturbed)
    run.worker.resume()  # there is still none
    again = _assert_pauses(run)
    assert paused.step <= again.step < SLOW.steps
    disk.make_room()
    run.worker.resume()
    _finished(run)
    assert _assert_whole(run.path, undisturbed) == len(undisturbed)
    assert _rows_told(run).tobytes() == undisturbed.tobytes()


SLOW = replace(CONFIG, sequence_length=60, batch_size=32, steps=600)
"""So slow that it does not end before the disk is full."""


@pytest.mark.timeout(300)
def test_a_run_goes_on_when_its_file_may_grow_again(start: Callable[..., Run], quick_children: None) -> None:
    run = start(SLOW)
    _fill_and_make_room(run, LimitedFiles(run), _undisturbed(SLOW, SLOW.steps))


@pytest.mark.timeout(300)
def test_a_run_goes_on_when_its_disk_has_room_again(
    small_disk: SmallDisk, start: Callable[..., Run], quick_children: None
) -> None:
    run = start(SLOW, path=small_disk.folder / FILE)
    try:
        _fill_and_make_room(run, small_disk, _undisturbed(SLOW, SLOW.steps))
    finally:
        run.end()


@pytest.mark.timeout(300)
def test_a_run_goes_on_without_recording_where_that_is_wished(start: Callable[..., Run], quick_children: None) -> None:
    run = start(SLOW)
    run.until(lambda update: update.step > 10 and len(all_rows(run.path)) > 0)
    disk = LimitedFiles(run)
    disk.fill()
    paused = _assert_pauses(run)
    run.worker.stop_recording()
    run.worker.resume()
    run.until(lambda update: update.step > paused.step)
    assert run.updates[-1].recorded == ""
    _finished(run)
    undisturbed = _undisturbed(SLOW, SLOW.steps)
    assert _rows_told(run).tobytes() == undisturbed.tobytes()
    recorded = _assert_whole(run.path, undisturbed)
    assert 0 < recorded <= paused.step


@pytest.mark.timeout(300)
def test_a_disk_that_is_full_at_the_beginning(
    small_disk: SmallDisk, start: Callable[..., Run], quick_children: None
) -> None:
    small_disk.fill()
    run = start(path=small_disk.folder / FILE)
    try:
        assert _assert_pauses(run).step == 0
        small_disk.make_room()
        run.worker.resume()
        _finished(run)
        assert _assert_whole(run.path, _undisturbed(CONFIG, CONFIG.steps)) == CONFIG.steps
    finally:
        run.end()
