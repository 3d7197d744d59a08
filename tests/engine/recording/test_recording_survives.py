"""Recordings of real runs, in real child processes, that are killed or find no room.

Fifty deaths instead of three a run: tests/soak.
"""

from __future__ import annotations

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

from engine.recording.recording import Recording
from engine.runs.messages import Resume, State, StopRecording, Update
from tests.engine.recording.real_runs import (
    AFTER_SECONDS,
    AT_ONCE,
    CONFIG,
    FILE,
    LOST_S,
    RUNS,
    SOON,
    Run,
    assert_whole,
    killed_again_and_again,
    runs_in,
    undisturbed,
)
from tests.engine.recordings import all_rows
from tests.timing import TooSlowError, timed

ROOT = Path(__file__).parents[3]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    with runs_in(tmp_path) as begin:
        yield begin


@timed
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "number", [pytest.param(number, marks=[pytest.mark.soak] * (number > 0)) for number in range(len(RUNS))]
)
def test_a_child_that_is_killed_loses_a_second_at_most_and_its_run_goes_on(
    start: Callable[..., Run], tmp_path: Path, number: int
) -> None:
    first = [AT_ONCE] if number == 0 else []  # nothing that they differ in has happened yet
    killed_again_and_again(start, tmp_path, number, [*first, AFTER_SECONDS, SOON])


# The window

WINDOW = """
import sys, time
from pathlib import Path
from engine.settings.config import TrainingConfig
from engine.session.recorder import RecordTo
from engine.session.worker import TrainingWorker

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
            recorded = recording.about().steps
            assert recording.about().state == "stopped"
            assert not recording.about().writer
        assert recorded >= told
    rows = all_rows(path)
    compared = min(recorded, 2000)
    config = replace(CONFIG, steps=10_000_000)
    assert rows[:compared].tobytes() == undisturbed(config, compared).tobytes()
    assert [item.name for item in path.parent.iterdir()] == [FILE]


@pytest.mark.soak
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
    assert rows[:compared].tobytes() == undisturbed(replace(CONFIG, steps=10_000_000), compared).tobytes()


# A disk without room


def _assert_pauses(run: Run, disk: LimitedFiles | SmallDisk) -> Update:
    paused = run.until(lambda update: update.refusals)
    assert paused.refusals
    assert paused.refusals[0].what == "recording"
    assert paused.refusals[0].sentence.endswith(f"{disk.says}, or train without recording.")
    assert run.state(State.PAUSED).step >= paused.step
    return paused


def _finished(run: Run) -> None:
    run.state(State.FINISHED)
    run.worker.stop()
    run.state(State.STOPPED)
    assert run.worker.join(10)


def _rows_told(run: Run) -> np.ndarray:
    return np.concatenate([update.metrics.values for update in run.updates if update.metrics is not None])


class LimitedFiles:
    """Lets a process write no file larger than a limit: what a full disk is to it, without being root."""

    says = ": disk I/O error; check that its disk works and has room"

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

    says = "is full; make room"

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


def _fill_and_make_room(run: Run, disk: LimitedFiles | SmallDisk, expected: np.ndarray) -> None:
    run.until(lambda update: update.step > 10)
    disk.fill()
    paused = _assert_pauses(run, disk)
    assert_whole(run.path, expected)
    run.worker.tell(Resume())  # there is still none
    again = _assert_pauses(run, disk)
    assert paused.step <= again.step < SLOW.steps
    disk.make_room()
    run.worker.tell(Resume())
    _finished(run)
    assert assert_whole(run.path, expected) == len(expected)
    assert _rows_told(run).tobytes() == expected.tobytes()


SLOW = replace(CONFIG, sequence_length=60, batch_size=32, steps=600)
"""So slow that it does not end before the disk is full."""


@pytest.mark.timeout(300)
def test_a_run_goes_on_when_its_file_may_grow_again(start: Callable[..., Run]) -> None:
    run = start(SLOW)
    _fill_and_make_room(run, LimitedFiles(run), undisturbed(SLOW, SLOW.steps))


@pytest.mark.timeout(300)
def test_a_run_goes_on_when_its_disk_has_room_again(small_disk: SmallDisk, start: Callable[..., Run]) -> None:
    run = start(SLOW, path=small_disk.folder / FILE)
    try:
        _fill_and_make_room(run, small_disk, undisturbed(SLOW, SLOW.steps))
    finally:
        run.end()


@pytest.mark.timeout(300)
def test_a_run_goes_on_without_recording_where_that_is_wished(start: Callable[..., Run]) -> None:
    run = start(SLOW)
    run.until(lambda update: update.step > 10 and len(all_rows(run.path)) > 0)
    disk = LimitedFiles(run)
    disk.fill()
    paused = _assert_pauses(run, disk)
    run.worker.tell(StopRecording())
    run.worker.tell(Resume())
    run.until(lambda update: update.step > paused.step)
    assert run.updates[-1].recorded == ""
    _finished(run)
    expected = undisturbed(SLOW, SLOW.steps)
    assert _rows_told(run).tobytes() == expected.tobytes()
    recorded = assert_whole(run.path, expected)
    assert 0 < recorded <= paused.step


@pytest.mark.timeout(300)
def test_a_disk_that_is_full_at_the_beginning(small_disk: SmallDisk, start: Callable[..., Run]) -> None:
    small_disk.fill()
    run = start(path=small_disk.folder / FILE)
    try:
        assert _assert_pauses(run, small_disk).step == 0
        small_disk.make_room()
        run.worker.tell(Resume())
        _finished(run)
        assert assert_whole(run.path, undisturbed(CONFIG, CONFIG.steps)) == CONFIG.steps
    finally:
        run.end()
