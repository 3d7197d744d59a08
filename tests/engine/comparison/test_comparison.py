"""Configurations trained in turn or side by side: what they see, how they go on and how they end."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from engine.cell.cells import CELLS
from engine.comparison import lane
from engine.comparison.comparison import Comparison, ComparisonUpdate, Look, Run
from engine.comparison.lane import run_lane
from engine.runs.messages import Pause, Resume, State
from engine.settings.config import TrainingConfig
from engine.training.devices import Choice
from engine.training.trainer import Trainer
from tests.engine.comparison.comparisons import SMALL, Start, comparisons, varied
from tests.timing import assert_within, timed


@pytest.fixture
def start() -> Iterator[Start]:
    with comparisons() as begin:
        yield begin


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)  # cells this small would only wait for a second one


def batches(config: TrainingConfig, steps: Iterable[int]) -> list[np.ndarray]:
    """The batches that a real trainer learns from, seen at the task that judges them and at the network's door.

    steps: their numbers, from 0.
    """
    trainer = Trainer(config)
    seen: list[np.ndarray] = []
    judge = trainer.task.batch_loss_and_measure

    def watch(output: Any, target: Any) -> Any:
        seen.append(target.numpy().copy())
        return judge(output, target)

    trainer.task.batch_loss_and_measure = watch  # type: ignore[method-assign]
    trainer.network.register_forward_pre_hook(lambda _network, given: seen.append(given[0].numpy().copy()))
    for number in steps:
        trainer.done = number  # as in a run that is taken up again
        trainer.step()
    return seen


@pytest.mark.parametrize(
    "other",
    [
        {"optimizer": "sgd"},
        {"forget_bias": 0.0},
        {"bias_initialisation": "chrono"},
        {"layers": 3},
        {"cell_size": 9},
        {"cell_size": 9, "hidden_size": 3},
        {"learning_rate": 0.5, "clip_norm": 0.0},
        *({"cell": cell} for cell in CELLS if cell != "lstm"),
    ],
    ids=str,
)
@pytest.mark.parametrize("task", ["adding", "continual-reber", "series"])
def test_comparison_runs_see_identical_batches(other: dict[str, Any], task: str) -> None:
    base = replace(SMALL, task=task, sequence_length=10)
    comparison = Comparison((base, replace(base, **other)), seeds=2, steps=70)
    assert comparison.same_batches
    for seed in range(2):
        # Batches are drawn in blocks of up to 64; the last two of these are in a second one.
        first, second = (batches(comparison.config_of(Run(place, seed)), (0, 1, 63, 64, 65)) for place in range(2))
        assert len(first) == len(second) == 10
        for one, two in zip(first, second, strict=True):
            np.testing.assert_array_equal(one, two)


def test_another_length_or_batch_size_is_no_comparison_on_the_same_batches() -> None:
    assert not Comparison(varied(sequence_length=(6, 7))).same_batches
    assert not Comparison(varied(batch_size=(6, 7))).same_batches


def test_another_seed_sees_other_batches() -> None:
    comparison = Comparison(varied(forget_bias=(0.0, 1.0)), seeds=2)
    one, two = (batches(comparison.config_of(Run(0, seed)), (0,)) for seed in range(2))
    assert not np.array_equal(one[0], two[0])


@pytest.mark.parametrize("children", [1, 2])
def test_trains_every_configuration_with_every_seed(real_children: None, start: Start, children: int) -> None:
    run = start(varied(optimizer=("adam", "sgd")), seeds=2, steps=20, children=children)
    run.state(State.FINISHED)
    results = run.results
    assert run.made() == [20] * 4
    assert results.share_done == 1
    assert {look.config for look in results.snapshots} == {0, 1}
    assert all(snapshot.step == 20 for snapshot in results.snapshots.values())
    assert all(results.steps_per_second(config) > 0 for config in range(2))
    assert results.facts is not None
    assert results.facts.name == "adding"
    assert not results.problems
    assert run.worker.join(10)
    assert len(run.worker.child_pids) == children
    # The same numbers as a run of its own, step by step: the turns disturb nothing.
    alone = Trainer(run.worker.comparison.config_of(Run(1, 1)))
    for _ in range(20):
        alone.step()
    np.testing.assert_allclose(results.histories[Run(1, 1)].column("loss"), alone.drain()["loss"], rtol=1e-5)


def test_configurations_take_turns_seed_by_seed(start: Start) -> None:
    run = start(varied(forget_bias=(0.0, 1.0, 3.0)), seeds=2, steps=1_000_000)
    run.until(lambda update: min(run.made()[:3]) >= 30)
    first_seed, second_seed = run.made()[:3], run.made()[3:]
    assert max(first_seed) - min(first_seed) <= 20
    assert second_seed == [0, 0, 0]
    run.worker.stop()
    run.state(State.STOPPED)


def test_pause_and_resume(start: Start) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)))
    run.until(lambda update: min(run.made()) > 0)
    run.worker.tell(Pause())
    run.state(State.PAUSED)
    run.until(lambda update: update.answer and update.state is State.PAUSED)
    before = run.made()
    run.until(lambda update: update.answer)
    assert run.made() == before
    run.worker.tell(Resume())
    run.until(lambda update: sum(run.made()) > sum(before))
    run.worker.stop()
    run.state(State.STOPPED)
    assert run.worker.join(5)


def test_a_configuration_that_is_refused_leaves_the_others_alone(start: Start) -> None:
    run = start((SMALL, replace(SMALL, hidden_size=5), replace(SMALL, task="series", series_file="gone.csv")), steps=20)
    run.state(State.FINISHED)
    assert run.made() == [20, 0, 0]
    assert "proj_size" in run.results.problems[1]
    assert "gone.csv: the file cannot be read" in run.results.problems[2]
    assert run.results.share_done == 1


def test_a_configuration_that_needs_too_much_memory_is_refused_before(start: Start) -> None:
    huge = replace(SMALL, sequence_length=5000, batch_size=4096, cell_size=1024, layers=4)
    run = start((SMALL, huge), steps=20)
    run.state(State.FINISHED)
    assert run.made() == [20, 0]
    assert re.match(r"Training needs about .* GB of memory, but .* are free on cpu; reduce", run.results.problems[1])


@pytest.mark.parametrize("side_by_side", [False, True])
def test_devices_are_measured_only_by_a_child_that_is_alone(
    monkeypatch: pytest.MonkeyPatch, side_by_side: bool
) -> None:
    measured: list[str] = []
    told: list[ComparisonUpdate] = []

    def measure(config: TrainingConfig, _task: object) -> Choice:
        measured.append(config.device)
        return Choice("cpu", "CPU: 1 ms a step, GPU: 2 ms a step")

    monkeypatch.setattr("engine.training.preparation.fastest_device", measure)
    comparison = Comparison(tuple(replace(SMALL, device="auto", forget_bias=bias) for bias in (0.0, 1.0)), steps=3)
    run_lane(SimpleQueue(), told.append, comparison, comparison.runs, side_by_side)
    assert told[-1].state is State.FINISHED
    assert measured == ([] if side_by_side else ["auto"])
    if side_by_side:
        assert told[-1].place == "child process, 1 thread, CPU, side by side"
    else:
        assert told[-1].place.endswith("CPU: 1 ms a step, GPU: 2 ms a step")


def test_whatever_goes_wrong_is_sent_with_what_was_trained_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_entry: object, _over: bool) -> None:
        raise ZeroDivisionError("a judge that cannot judge")

    monkeypatch.setattr(lane._Entry, "verdict", breaks)
    told: list[ComparisonUpdate] = []
    comparison = Comparison(varied(cell=("lstm", "rnn")), steps=30)
    run_lane(SimpleQueue(), told.append, comparison, comparison.runs, side_by_side=False)
    assert told[-1].state is State.FAILED
    assert "a judge that cannot judge" in told[-1].error
    assert len(told[-1].rows[Run(0, 0)]) == 30


def test_a_run_that_diverges_ends_there_and_the_others_go_on(start: Start) -> None:
    wild = replace(SMALL, optimizer="sgd", clip_norm=0.0, learning_rate=1000.0)
    run = start((SMALL, wild), seeds=2, steps=300)
    run.state(State.FINISHED)
    assert [run.made()[0], run.made()[2]] == [300, 300]
    for seed in range(2):
        step = run.results.diverged[Run(1, seed)]
        losses = run.results.histories[Run(1, seed)].column("loss")
        assert len(losses) == step
        assert np.isfinite(losses[:-1]).all()
        assert not np.isfinite(losses[-1])
    assert [step for step, _ in run.results.ends(1)] == [run.results.diverged[Run(1, seed)] for seed in range(2)]
    assert run.results.ends(0) == []
    assert np.isnan(run.results.final(1)[0])
    assert np.isfinite(run.results.final(0)[0])
    assert run.results.share_done == 1


def test_a_child_that_is_killed_is_told(start: Start) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)))
    run.until(lambda update: min(run.made()) > 0)
    (pid,) = run.worker.child_pids
    os.kill(pid, signal.SIGKILL)
    failed = run.state(State.FAILED)
    assert "SIGKILL" in failed.error
    assert "exit code -9" in failed.error
    assert run.worker.join(5)


def test_of_two_children_one_may_be_killed(start: Start) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)), children=2, steps=2000)
    run.until(lambda update: run.made()[0] > 0)  # the other may be at its end by then
    os.kill(run.worker.child_pids[0], signal.SIGKILL)
    run.state(State.FAILED)
    assert "SIGKILL" in "".join(update.error for update in run.updates)
    assert run.made()[1] == 2000


@timed
@pytest.mark.parametrize("moment", ["at once", "while loading", "while training", "while paused"])
def test_closing_leaves_no_child_within_two_seconds(real_children: None, start: Start, moment: str) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)), children=2)
    if moment == "while loading":
        run.until(lambda update: update.message == "loading torch")
    elif moment != "at once":
        run.until(lambda update: sum(run.made()) > 0)
    if moment == "while paused":
        run.worker.tell(Pause())
        run.state(State.PAUSED)
    begin = time.monotonic()
    run.worker.close()
    assert_within(time.monotonic() - begin, 0.05)  # closing does not wait
    assert run.worker.join(10)
    assert_within(time.monotonic() - begin, 2.0)
    assert not [pid for pid in run.worker.child_pids if psutil.pid_exists(pid)]
    run.state(State.STOPPED)


def test_a_child_that_hangs_is_ended(start: Start) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)))
    run.until(lambda update: sum(run.made()) > 0)
    (pid,) = run.worker.child_pids
    os.kill(pid, signal.SIGSTOP)
    run.worker.stop(grace_s=0.2)
    assert run.worker.join(10)
    assert not psutil.pid_exists(pid)
    run.state(State.STOPPED)


def test_nothing_queues_while_nobody_takes(start: Start) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)), steps=300)
    for _ in range(1000):
        run.worker.request()  # at most one is on its way
    run.state(State.FINISHED)
    assert run.made() == [300, 300]


def test_any_cell_can_be_compared(start: Start) -> None:
    configs = varied(cell=("lstm", "rnn", "gru", "coupled"))
    run = start(configs, steps=12)
    run.state(State.FINISHED)
    assert not run.results.problems
    assert run.made() == [12] * 4
    for place, config in enumerate(configs):
        snapshot = run.results.snapshots[Look(place, 0)]
        counted = sum(array.size for layer in snapshot.weights for array in layer.values())
        assert run.results.weights[place] == counted + config.n + 1  # the readout of one number
