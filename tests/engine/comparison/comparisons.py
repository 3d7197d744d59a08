"""Comparisons in training, begun for a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psutil

from engine.comparison.comparison import Comparison, ComparisonUpdate, Look
from engine.comparison.results import ComparisonResults
from engine.comparison.worker import ComparisonWorker
from engine.runs.messages import State
from engine.settings.config import TrainingConfig

SMALL = TrainingConfig(sequence_length=6, batch_size=8, cell_size=4, device="cpu")
PATIENCE_S = 90.0


def varied(**values: Any) -> tuple[TrainingConfig, ...]:
    """One configuration for each value of a setting."""
    ((name, each),) = values.items()
    return tuple(replace(SMALL, **{name: value}) for value in each)


class Running:
    """A comparison in training, and all that it has said."""

    def __init__(self, comparison: Comparison, children: int) -> None:
        self.results = ComparisonResults(comparison)
        self.worker = ComparisonWorker(comparison, children)
        self.updates: list[ComparisonUpdate] = []
        self.example: int | None = 0
        self.worker.start()

    def until(self, condition: Callable[[ComparisonUpdate], bool]) -> ComparisonUpdate:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.worker.request(self.example)
            if not self.worker.wait_for_mail(0.05):
                continue
            update = self.worker.take()
            if update is None:
                continue
            self.updates.append(update)
            self.results.take(update)
            if condition(update):
                return update
        raise AssertionError(f"nothing came within {PATIENCE_S} s; the last was {self.updates[-1:]}")

    def state(self, state: State) -> ComparisonUpdate:
        return self.until(lambda update: update.state is state)

    def look_at(self, example: int, configs: int = 2) -> None:
        """Choose another example, and wait until every configuration shows it."""
        self.example = example
        wanted = {Look(config, example) for config in range(configs)}
        self.until(lambda update: wanted <= self.results.snapshots.keys())

    def made(self) -> list[int]:
        return [history.count for history in self.results.histories.values()]


Start = Callable[..., Running]


@contextmanager
def comparisons() -> Iterator[Start]:
    """Begin comparisons, and see at the end that nothing of them is left."""
    runs: list[Running] = []

    def begin(
        configs: tuple[TrainingConfig, ...], seeds: int = 1, steps: int = 1_000_000, children: int = 1
    ) -> Running:
        runs.append(Running(Comparison(configs, seeds, steps), children))
        return runs[-1]

    yield begin
    for run in runs:
        run.worker.close(grace_s=0.5)
    assert all(run.worker.join(10) for run in runs)
    for thread in threading.enumerate():
        if thread.name.startswith("training-comparison"):
            thread.join(5)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("training-comparison")]
    assert not [pid for run in runs for pid in run.worker.child_pids if psutil.pid_exists(pid)]
