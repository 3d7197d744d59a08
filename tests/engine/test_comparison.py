import itertools
import os
import pickle
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from engine.cells import CELLS
from engine.comparison import EXAMPLES, METRICS, Ask, Comparison, ComparisonUpdate, Look, Run, names_of, weight_count
from engine.comparison_results import ComparisonResults, spread
from engine.comparison_session import Lane, run_lane
from engine.comparison_worker import ComparisonWorker
from engine.config import ConfigError, TrainingConfig
from engine.devices import Choice
from engine.messages import State, Stop
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.timing import assert_within, timed

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


@pytest.fixture
def start() -> Iterator[Start]:
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
def test_trains_every_configuration_with_every_seed(start: Start, children: int) -> None:
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
    place = alone.metric_names.index("loss")
    np.testing.assert_allclose(results.histories[Run(1, 1)].column("loss"), alone.drain()[:, place], rtol=1e-5)


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
    run.worker.pause()
    run.state(State.PAUSED)
    run.until(lambda update: update.answer and update.state is State.PAUSED)
    before = run.made()
    run.until(lambda update: update.answer)
    assert run.made() == before
    run.worker.resume()
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
    assert re.match(r"Training needs about .* GB of memory and .* are free on cpu; lower", run.results.problems[1])


@pytest.mark.parametrize("side_by_side", [False, True])
def test_devices_are_measured_only_by_a_child_that_is_alone(
    monkeypatch: pytest.MonkeyPatch, side_by_side: bool
) -> None:
    measured: list[str] = []
    told: list[ComparisonUpdate] = []

    def measure(config: TrainingConfig, _task: object) -> Choice:
        measured.append(config.device)
        return Choice("cpu", "CPU: 1 ms a step, GPU: 2 ms a step")

    monkeypatch.setattr("engine.trainer.fastest_device", measure)
    comparison = Comparison(tuple(replace(SMALL, device="auto", forget_bias=bias) for bias in (0.0, 1.0)), steps=3)
    run_lane(Lane(comparison, comparison.runs, side_by_side, SimpleQueue(), told.append))
    assert told[-1].state is State.FINISHED
    assert measured == ([] if side_by_side else ["auto"])
    if side_by_side:
        assert told[-1].place == "child process, 1 thread, CPU, side by side"
    else:
        assert told[-1].place.endswith("CPU: 1 ms a step, GPU: 2 ms a step")


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
def test_closing_leaves_no_child_within_two_seconds(start: Start, moment: str) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)), children=2)
    if moment == "while loading":
        run.until(lambda update: update.message == "loading torch")
    elif moment != "at once":
        run.until(lambda update: sum(run.made()) > 0)
    if moment == "while paused":
        run.worker.pause()
        run.state(State.PAUSED)
    begin = time.monotonic()
    run.worker.close()
    assert_within(time.monotonic() - begin, 0.05)  # closing does not wait
    assert run.worker.join(10)
    assert_within(time.monotonic() - begin, 2.0)
    assert not [pid for pid in run.worker.child_pids if psutil.pid_exists(pid)]
    assert run.worker.state is State.STOPPED


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


# Examples


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
    assert run.worker.state is State.RUNNING


def test_another_example_does_not_wait_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    # So small a share of the time that a second snapshot of the same example would not come in years.
    monkeypatch.setattr("engine.comparison_session.SNAPSHOT_SHARE", 1e-12)
    told: list[ComparisonUpdate] = []
    commands: SimpleQueue[Any] = SimpleQueue()
    asked = iter([0, 0, 4, 4, None])

    def send(update: ComparisonUpdate) -> None:
        told.append(update)
        if update.answer or update.state is State.RUNNING:
            example = next(asked, "over")
            commands.put(Stop() if example == "over" else Ask(example))  # type: ignore[arg-type]  # or None

    comparison = Comparison(varied(forget_bias=(0.0, 1.0)), steps=1_000_000)
    run_lane(Lane(comparison, comparison.runs, False, commands, send))
    answers = [{look.example for look in update.snapshots} for update in told if update.answer]
    assert answers == [{0}, set(), {4}, set(), set()]
    last = told[-1]  # after Stop, all of them
    assert {look.example for look in last.snapshots if look.config == 0} >= set(range(EXAMPLES)) - {0, 4}


def test_stop_waits_for_no_more_than_the_chosen_example_where_time_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.comparison_session._LAST_LOOKS_S", 0.0)
    told: list[ComparisonUpdate] = []
    commands: SimpleQueue[Any] = SimpleQueue()

    def send(update: ComparisonUpdate) -> None:
        told.append(update)
        if update.state is State.RUNNING:
            commands.put(Stop() if update.answer else Ask(6))

    comparison = Comparison(varied(forget_bias=(0.0, 1.0)), steps=1_000_000)
    run_lane(Lane(comparison, comparison.runs, False, commands, send))
    assert told[-1].state is State.STOPPED
    assert {look for update in told for look in update.snapshots} == {Look(0, 6), Look(1, 6)}


@pytest.mark.parametrize("children", [1, 2])
def test_another_example_comes_while_paused(start: Start, children: int) -> None:
    run = start(varied(forget_bias=(0.0, 1.0)), children=children)
    run.until(lambda update: min(run.made()) > 0)
    run.worker.pause()
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
    run_lane(Lane(comparison, comparison.runs, True, AskedEachStep(examples), told.append))
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
    run_lane(Lane(comparison, comparison.runs, False, SimpleQueue(), told.append))
    last = told[-1]
    assert len(last.snapshots) == 2 * EXAMPLES
    weights = sum(W.nbytes for config in range(2) for W in last.snapshots[Look(config, 0)].weights[0].values())
    # Gates of six time steps and the task's tests are small beside them.
    assert len(pickle.dumps(last)) < 3 * weights


def test_examples_of_an_older_step_are_dropped() -> None:
    results = ComparisonResults(Comparison(varied(forget_bias=(0.0, 1.0)), 1, 20))
    trainer = Trainer(SMALL)
    first = trainer.snapshot()
    trainer.step()
    second = trainer.snapshot()

    def take(**snapshots: Snapshot) -> set[str]:
        """Keys are a configuration and an example: "c0e1"."""
        found = {Look(int(key[1]), int(key[3])): snapshot for key, snapshot in snapshots.items()}
        results.take(ComparisonUpdate(State.RUNNING, snapshots=found))
        return {f"c{look.config}e{look.example}" for look in results.snapshots}

    assert not results.has_snapshots(0)
    assert take(c0e0=first, c1e0=first) == {"c0e0", "c1e0"}
    assert take(c0e1=first) == {"c0e0", "c0e1", "c1e0"}  # of the same step
    assert take(c0e2=second) == {"c0e2", "c1e0"}
    assert take(c1e0=second, c1e1=first) == {"c0e2", "c1e0"}  # two updates that were taken as one
    assert results.has_snapshots(0)
    assert not results.over
    results.take(ComparisonUpdate(State.STOPPED))
    assert results.over


@pytest.mark.parametrize("hidden_size", [0, 3])
def test_weights_are_counted_layer_by_layer(hidden_size: int) -> None:
    config = replace(SMALL, layers=2, cell_size=5, hidden_size=hidden_size)
    trainer = Trainer(config)
    task, weights = trainer.task, trainer.snapshot().weights
    readout = (config.n + 1) * task.output_size
    counted = readout + sum(array.size for layer in weights for array in layer.values())
    assert weight_count(config, task.input_size, task.output_size) == counted


def test_names_come_from_what_differs() -> None:
    assert names_of(varied(cell=("lstm", "rnn"))) == ("LSTM", "Plain RNN")
    assert names_of(varied(forget_bias=(0.0, 1.0))) == ("b_f = 0", "b_f = 1")
    assert names_of(varied(optimizer=("adam", "rmsprop", "sgd"))) == ("Adam", "RMSprop", "SGD")
    chrono = replace(SMALL, bias_initialisation="chrono")
    assert names_of((replace(SMALL, forget_bias=0.0), replace(SMALL, forget_bias=1.0), chrono)) == (
        "b_f = 0",
        "b_f = 1",
        "chrono",
    )
    assert names_of((SMALL, SMALL)) == ("as set (1)", "as set (2)")
    changed = replace(SMALL, optimizer="sgd", learning_rate=0.1)
    assert names_of((SMALL, changed)) == ("Adam, rate 0.01", "SGD, rate 0.1")
    assert names_of(varied(clip_norm=(0.0, 1.0))) == ("no clipping", "clip at 1")
    assert names_of(varied(hidden_size=(0, 3))) == ("n = 4", "n = 3")


@pytest.mark.parametrize(
    ("configs", "seeds", "words"), [((SMALL,), 1, "1 configurations"), ((SMALL,) * 5, 1, "5"), ((SMALL,) * 2, 11, "11")]
)
def test_too_few_or_too_many_are_refused(configs: tuple[TrainingConfig, ...], seeds: int, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Comparison(configs, seeds)


# Curves


def filled(rows: dict[Run, np.ndarray], seeds: int, steps: int) -> ComparisonResults:
    results = ComparisonResults(Comparison(varied(forget_bias=(0.0, 1.0)), seeds, steps))
    results.take(ComparisonUpdate(State.RUNNING, rows={run: r.astype(np.float32) for run, r in rows.items()}))
    return results


@pytest.mark.parametrize("seeds", [4, 5, 10])
@pytest.mark.parametrize("steps", [7, 64, 1001])
def test_curves_are_numpys_quantiles_of_group_means(seeds: int, steps: int) -> None:
    rng = np.random.default_rng(seeds)
    rows = {Run(0, seed): rng.random((steps, 2)) for seed in range(seeds)}
    results = filled(rows, seeds, steps)
    size = next(2**p for p in range(20) if steps <= 100 * 2**p)
    edges = np.arange(0, steps, size)
    for place, metric in enumerate(METRICS):
        means = np.array(
            [[rows[Run(0, s)][a : a + size, place].astype(np.float32).mean() for a in edges] for s in range(seeds)]
        )
        found = results.curves(0, metric, points=100)
        expected = np.quantile(means, (0.5, 0.25, 0.75), axis=0)
        for curve, wanted in zip((found.median, found.low, found.high), expected, strict=True):
            np.testing.assert_allclose(curve, wanted, rtol=1e-5)
        np.testing.assert_allclose(found.steps, [np.arange(a + 1, min(a + size, steps) + 1).mean() for a in edges])
    assert "quartile" in results.spread_words


def test_few_seeds_show_their_extremes_and_one_its_line() -> None:
    rng = np.random.default_rng(1)
    rows = {Run(0, seed): rng.random((20, 2)) for seed in range(3)}
    found = filled(rows, 3, 20)
    curve = found.curves(0)
    losses = np.array([r[:, 0] for r in rows.values()])
    np.testing.assert_allclose(curve.low, losses.min(axis=0), rtol=1e-6)
    np.testing.assert_allclose(curve.high, losses.max(axis=0), rtol=1e-6)
    assert "lowest to the highest" in found.spread_words
    one = filled({Run(0, 0): rows[Run(0, 0)]}, 1, 20).curves(0)
    np.testing.assert_array_equal(one.low, one.median)
    np.testing.assert_array_equal(one.high, one.median)


def test_curves_of_seeds_of_different_length() -> None:
    rows = {Run(0, 0): np.full((20, 2), 1.0), Run(0, 1): np.full((8, 2), 3.0)}
    results = filled(rows, 2, 20)
    np.testing.assert_array_equal(results.curves(0).median, [2.0] * 8 + [1.0] * 12)
    assert results.curves(1).steps.size == 0
    with pytest.raises(KeyError):
        results.curves(0, "speed")


def test_spread_leaves_out_what_is_not_a_number() -> None:
    values = np.array([[1.0, np.nan, np.nan], [2.0, 5.0, np.nan], [4.0, 7.0, np.nan]])
    middle, low, high = spread(values, outermost=False)
    np.testing.assert_allclose(middle[:2], [2.0, 6.0])
    np.testing.assert_allclose([low[0], high[0]], np.quantile(values[:, 0], (0.25, 0.75)))
    np.testing.assert_allclose([low[1], high[1]], np.quantile(values[1:, 1], (0.25, 0.75)))
    assert np.isnan([middle[2], low[2], high[2]]).all()


def test_an_untaken_update_joins_a_newer_one() -> None:
    rows = np.ones((3, 2), dtype=np.float32)
    run, other = Run(0, 0), Run(1, 0)
    older = ComparisonUpdate(State.RUNNING, rows={run: rows, other: rows}, seconds={0: 1.0}, error="lost", answer=True)
    newer = ComparisonUpdate(State.PAUSED, rows={run: rows[:1]}, seconds={0: 2.0, 1: 1.0}, problems={1: "no"})
    both = newer.after(older)
    assert both.state is State.PAUSED
    assert {key: len(value) for key, value in both.rows.items()} == {run: 4, other: 3}
    assert both.seconds == {0: 3.0, 1: 1.0}
    assert both.problems == {1: "no"}
    assert both.error == "lost"
    assert both.answer
    assert newer.after(None) is newer


def test_remaining_time_comes_from_each_configurations_own_speed() -> None:
    rows = {Run(0, 0): np.ones((10, 2)), Run(1, 0): np.ones((10, 2))}
    results = filled(rows, 1, 110)
    assert np.isnan(results.seconds_left(1))
    results.take(ComparisonUpdate(State.RUNNING, seconds={0: 1.0, 1: 4.0}))
    assert results.steps_left == {0: 100, 1: 100}
    assert results.seconds_left(1) == pytest.approx(10 + 40)
    assert results.seconds_left(2) == pytest.approx(25)
    results.take(ComparisonUpdate(State.RUNNING, diverged={Run(1, 0): 10}))
    assert results.seconds_left(1) == pytest.approx(10)
    assert results.share_done == pytest.approx(1 - 100 / 220)
