"""Looking at examples of a comparison while it trains, and afterwards."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Iterator
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import torch

from engine.comparison.comparison import EXAMPLES, METRICS, Ask, Comparison, ComparisonUpdate, Look, Run
from engine.comparison.lane import run_lane
from engine.comparison.results import ComparisonResults
from engine.runs.messages import Pause, State, Stop
from engine.runs.snapshot import Snapshot
from engine.settings.config import TrainingConfig
from engine.training.trainer import Trainer
from tests.engine.comparison.comparisons import SMALL, Start, comparisons, varied


@pytest.fixture
def start() -> Iterator[Start]:
    with comparisons() as begin:
        yield begin


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)  # cells this small would only wait for a second one


def alone(config: TrainingConfig, steps: int) -> Trainer:
    """A run of its own, so many steps later."""
    trainer = Trainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer


def assert_shows(snapshot: Snapshot, trainer: Trainer, example: int) -> None:
    """Assert that a snapshot is that of a network of one's own for an example."""
    trainer.set_probe(example, None)
    wanted = trainer.snapshot()
    assert snapshot.step == wanted.step
    np.testing.assert_array_equal(snapshot.probe, trainer.task.example(example)[0][:, 0])
    for found, layer in zip(snapshot.gates, wanted.gates, strict=True):
        assert found.keys() == layer.keys()
        for name, values in layer.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(snapshot.answers, wanted.answers, rtol=1e-4, atol=1e-6)
    for found, layer in zip(snapshot.weights, wanted.weights, strict=True):
        for name, values in layer.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("children", [1, 2])
@pytest.mark.parametrize("task", ["adding", "characters"])
def test_after_the_end_every_example_can_be_looked_at(start: Start, children: int, task: str) -> None:
    configs = tuple(replace(SMALL, task=task, cell=cell, layers=2) for cell in ("lstm", "gru"))
    run = start(configs, seeds=2, steps=25, children=children)
    run.example = 3
    run.state(State.FINISHED)
    assert run.worker.join(10)
    wanted = {Look(config, example) for config in range(2) for example in range(EXAMPLES)}
    assert run.results.snapshots.keys() == wanted
    for config in range(2):
        trainer = alone(run.worker.comparison.config_of(Run(config, 0)), 25)
        for example in range(EXAMPLES):
            assert_shows(run.results.snapshots[Look(config, example)], trainer, example)


@pytest.mark.parametrize("children", [1, 2])
def test_another_example_comes_while_training_goes_on(start: Start, children: int) -> None:
    run = start(varied(cell=("lstm", "rnn")), children=children)
    for example in (0, 5, 2):
        run.look_at(example)
    task = Trainer(run.worker.comparison.configs[0]).task
    for config in range(2):
        snapshot = run.results.snapshots[Look(config, 2)]
        np.testing.assert_array_equal(snapshot.probe, task.example(2)[0][:, 0])
        assert snapshot.step <= run.made()[config]
    run.state(State.RUNNING)


def test_another_example_does_not_wait_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    # So small a share of the time that a second snapshot of the same example would not come in years.
    monkeypatch.setattr("engine.comparison.lane.SNAPSHOT_SHARE", 1e-12)
    told: list[ComparisonUpdate] = []
    commands: SimpleQueue[Any] = SimpleQueue()
    asked = iter([0, 0, 4, 4, None])

    def send(update: ComparisonUpdate) -> None:
        told.append(update)
        if update.answer or update.state is State.RUNNING:
            example = next(asked, "over")
            commands.put(Stop() if example == "over" else Ask(example))  # type: ignore[arg-type]  # or None

    comparison = Comparison(varied(forget_bias=(0.0, 1.0)), steps=1_000_000)
    run_lane(commands, send, comparison, comparison.runs, False)
    answers = [{look.example for look in update.snapshots} for update in told if update.answer]
    assert answers == [{0}, set(), {4}, set(), set()]
    last = told[-1]  # after Stop, all of them
    assert {look.example for look in last.snapshots if look.config == 0} >= set(range(EXAMPLES)) - {0, 4}


def test_stop_waits_for_no_more_than_the_chosen_example_where_time_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.comparison.lane._LAST_LOOKS_S", 0.0)
    told: list[ComparisonUpdate] = []
    commands: SimpleQueue[Any] = SimpleQueue()

    def send(update: ComparisonUpdate) -> None:
        told.append(update)
        if update.state is State.RUNNING:
            commands.put(Stop() if update.answer else Ask(6))

    comparison = Comparison(varied(forget_bias=(0.0, 1.0)), steps=1_000_000)
    run_lane(commands, send, comparison, comparison.runs, False)
    assert told[-1].state is State.STOPPED
    assert {look for update in told for look in update.snapshots} == {Look(0, 6), Look(1, 6)}


@pytest.mark.parametrize("children", [1, 2])
def test_another_example_comes_while_paused(start: Start, children: int) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)), children=children)
    run.until(lambda update: min(run.made()) > 0)
    run.worker.tell(Pause())
    run.state(State.PAUSED)
    run.until(lambda update: update.answer and update.state is State.PAUSED)
    run.look_at(0)
    made = run.made()
    for example in (7, 1):
        run.look_at(example)
    assert run.made() == made
    for config in range(2):
        trainer = alone(run.worker.comparison.config_of(Run(config, 0)), made[config])
        for example in (0, 1, 7):  # of the same step, all of them are kept
            assert_shows(run.results.snapshots[Look(config, example)], trainer, example)


class AskedEachStep(SimpleQueue[Any]):
    """Commands of a window that asks between any two steps, each time for the next example."""

    def __init__(self, examples: Iterator[int | None]) -> None:
        self._examples = examples
        self._asks = False

    def empty(self) -> bool:
        self._asks = not self._asks
        return not self._asks

    def get(self, *_: Any) -> Ask:
        return Ask(next(self._examples))


def trained_here(comparison: Comparison, examples: Iterator[int | None]) -> list[ComparisonUpdate]:
    """Train a comparison to its end in this process."""
    told: list[ComparisonUpdate] = []
    run_lane(AskedEachStep(examples), told.append, comparison, comparison.runs, True)
    return told


def assert_undisturbed(watched: list[ComparisonUpdate], comparison: Comparison) -> None:
    """Assert that examples were looked at all the time, and that training came to what it comes to unseen."""
    seen = {(look.example, one.step) for update in watched for look, one in update.snapshots.items()}
    assert len({example for example, step in seen if 0 < step < comparison.steps}) > 2
    found, quiet = ComparisonResults(comparison), ComparisonResults(comparison)
    for results, updates in ((found, watched), (quiet, trained_here(comparison, itertools.repeat(None)))):
        for update in updates:
            results.take(update)
    for run, history in quiet.histories.items():
        assert history.count == comparison.steps
        for metric in METRICS:
            np.testing.assert_array_equal(found.histories[run].column(metric), history.column(metric), strict=True)
    assert len(quiet.snapshots) == len(comparison.configs) * EXAMPLES
    for look, snapshot in quiet.snapshots.items():
        for one, two in zip(snapshot.weights, found.snapshots[look].weights, strict=True):
            for name, W in one.items():
                np.testing.assert_array_equal(two[name], W)


def test_looking_at_examples_does_not_disturb_training() -> None:
    comparison = Comparison(varied(cell=("lstm", "gru", "peephole")), seeds=2, steps=40)
    assert_undisturbed(trained_here(comparison, itertools.cycle(range(EXAMPLES))), comparison)


def test_looking_at_examples_does_not_disturb_two_children(start: Start) -> None:
    run = start(varied(cell=("lstm", "gru")), steps=600, children=2)
    examples = itertools.cycle(range(EXAMPLES))

    def finished(update: ComparisonUpdate) -> bool:
        run.example = next(examples)
        return update.state is State.FINISHED

    run.until(finished)
    assert_undisturbed(run.updates, run.worker.comparison)


def test_a_diverged_run_can_be_looked_at_with_every_example(start: Start) -> None:
    wild = replace(SMALL, optimizer="sgd", clip_norm=0.0, learning_rate=1000.0)
    run = start((SMALL, wild), steps=50)
    run.state(State.FINISHED)
    assert {look.example for look in run.results.snapshots if look.config == 1} == set(range(EXAMPLES))
    assert not run.results.problems


def test_weights_of_the_same_step_travel_once() -> None:
    told: list[ComparisonUpdate] = []
    configs = tuple(replace(SMALL, cell_size=64, forget_bias=bias) for bias in (0.0, 1.0))
    comparison = Comparison(configs, steps=3)
    run_lane(SimpleQueue(), told.append, comparison, comparison.runs, False)
    last = told[-1]
    assert len(last.snapshots) == 2 * EXAMPLES
    weights = sum(W.nbytes for config in range(2) for W in last.snapshots[Look(config, 0)].weights[0].values())
    # Gates of six time steps and the task's tests are small beside them.
    assert len(pickle.dumps(last)) < 3 * weights
