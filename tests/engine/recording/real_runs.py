"""Recorded runs in real child processes, to be killed, and what must hold of their recordings afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import torch

from engine.recording.lock import is_written
from engine.recording.recording import Recording
from engine.runs.messages import State, Update
from engine.session.recorder import RecordTo
from engine.session.worker import TrainingWorker
from engine.settings.config import TrainingConfig
from engine.training.trainer import Trainer
from tests.engine.recordings import all_rows
from tests.timing import TooSlowError

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
"""One for each kind of state that an optimizer and a cell can have."""
AT_ONCE, SOON, AFTER_SECONDS = (0.0, 0.0), (0.0, 0.5), (1.2, 2.0)
"""Lives of a child: until its first sign, soon after, and so long that whole seconds of work could be lost."""


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


@contextmanager
def runs_in(folder: Path) -> Iterator[Callable[..., Run]]:
    """Start runs that record to a file of this folder; what still lives at the end is ended.

    One thread computes here what they must have computed: more wait for each other beside a child that trains.
    """
    runs: list[Run] = []
    threads = torch.get_num_threads()
    torch.set_num_threads(1)

    def start(config: TrainingConfig = CONFIG, resume: bool = False, path: Path | None = None) -> Run:
        runs.append(Run(config, path or folder / FILE, resume))
        return runs[-1]

    try:
        yield start
    finally:
        for run in runs:
            run.end()
        torch.set_num_threads(threads)


def undisturbed(config: TrainingConfig, steps: int) -> np.ndarray:
    trainer = Trainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer.drain().values


def assert_whole(path: Path, expected: np.ndarray) -> int:
    """Check that every step that is recorded is right, with all that goes with it; return how many there are."""
    rows = all_rows(path)
    assert rows.tobytes() == expected[: len(rows)].tobytes()
    with Recording(path) as recording:
        assert recording.about().steps == len(rows)
        assert recording.checkpoint(len(rows)) is not None
        assert 0 in recording.steps_of("snapshots")
        for step in recording.steps_of("snapshots")[-3:]:
            assert recording.snapshot(step) is not None
    return len(rows)


def killed_again_and_again(
    start: Callable[..., Run], folder: Path, number: int, lives: list[tuple[float, float]]
) -> None:
    """Kill the child of one of RUNS, go on, and so on; check after each death, and that the run comes to its end.

    lives: for each life, between how many seconds of training it ends; (0, 0) at its first sign.
    """
    rng = np.random.default_rng(number)
    config = replace(CONFIG, seed=number, **RUNS[number])
    path = folder / FILE
    expected = undisturbed(config, CONFIG.steps)
    resume = False
    for shortest_s, longest_s in lives:
        run = start(config, resume)
        first = run.until(lambda update: update.state is not State.PREPARING)
        if first.state is State.RUNNING:
            run.for_seconds(rng.uniform(shortest_s, longest_s))
        must = run.kill()
        with Recording(path) as recording:
            is_begun = bool(recording.steps_of("checkpoints"))
        if not is_begun and must == 0:  # less than a second old: nothing is lost by beginning anew
            for part in folder.glob(f"{FILE}*"):
                part.unlink()
            continue
        recorded = assert_whole(path, expected)
        if recorded < must:
            raise TooSlowError(f"more than a second was lost, by {must - recorded} steps")
        with Recording(path) as recording:
            assert not is_written(path, recording.about())
        resume = True
    run = start(config, resume)
    run.state(State.FINISHED)
    run.worker.stop()
    run.state(State.STOPPED)
    assert run.worker.join(10)
    assert assert_whole(path, expected) == CONFIG.steps
    assert [item.name for item in folder.iterdir()] == [FILE]
