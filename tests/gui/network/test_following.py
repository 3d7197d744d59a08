"""The network in place of the user's cell: followed while it learns, held, copied, left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import numpy as np
import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from engine.cell.cells import CELLS
from engine.document.examples import load_example
from engine.runs.messages import State, Update
from engine.runs.snapshot import Snapshot, traced_gates
from engine.settings.config import TrainingConfig
from gui.document.cell_model import CellModel
from gui.jobs.background import Background
from gui.network import following as following_module
from gui.network.following import Following
from gui.playback.playback import Playback
from gui.runs.shown_run import ShownRun
from gui.runs.travel import RunTravel

ADDING = TrainingConfig(cell_size=4, sequence_length=6)
OPERATIONS = 19  # of an LSTM without an output


def snapshot_of(config: TrainingConfig, step: int, T: int = 6) -> Snapshot:
    """Return a moment of a run with weights that are its step's own."""
    cell, rng = config.made_cell, np.random.default_rng(step)
    x = np.linspace(-1, 1, 2 * T, dtype=np.float32).reshape(T, 2)
    weights: list[dict[str, Any]] = []
    gates: list[dict[str, Any]] = []
    received = x
    for layer in range(config.layers):
        m = config.n if layer else 2
        sizes = {"m": m, "n": config.n, "k": config.cell_size, "m+n": m + config.n}
        shapes = {item.name: tuple(sizes[axis] for axis in item.shape) for item in cell.parameters}
        weights.append({name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()})
        found = traced_gates(cell, weights[-1], received)
        gates.append({name: value.astype(np.float32) for name, value in found.items()})
        received = gates[-1]["h"]
    one = np.zeros(1, np.float32)
    return Snapshot(step, tuple(weights), tuple(gates), x, one, one, one.copy(), cell.name)


@dataclass
class Bench:
    """The user's cell, a run, and what follows it."""

    model: CellModel
    playback: Playback
    run: ShownRun
    following: Following
    qtbot: QtBot

    def begin(self, config: TrainingConfig = ADDING) -> None:
        self.run.begin(config)

    def learn(self, step: int, T: int = 6, state: State = State.RUNNING) -> Snapshot:
        """Let the run come to a step, and tell of it."""
        snapshot = snapshot_of(self.run.config, step, T)
        self.run.take(Update(state, step=step, goal=1000, snapshot=snapshot))
        return snapshot

    def shows(self, snapshot: Snapshot, layer: int = 0) -> None:
        """Wait until the weights of a snapshot are the document's, and its numbers those of the trace."""

        def shown() -> bool:
            weights = self.model.document.weights
            mine = snapshot.weights[layer]
            return weights.keys() == mine.keys() and all(np.array_equal(weights[name], mine[name]) for name in mine)

        self.qtbot.waitUntil(shown)
        trace = self.model.trace
        assert trace is not None, "the numbers of another moment are shown with these weights"
        h = np.stack([step["h_t"] for step in trace.steps])
        np.testing.assert_allclose(h, snapshot.gates[layer]["h"], atol=1e-5)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    background = Background("documents")
    model, playback = CellModel(load_example("four-steps"), "Four time steps", background), Playback()
    model.trace_changed.connect(playback.set_trace)
    model.opened.connect(playback.restart)
    qtbot.waitUntil(lambda: model.trace is not None)
    run = ShownRun(ADDING)
    travel = RunTravel(run, background)
    following = Following(run, travel, model, playback)
    yield Bench(model, playback, run, following, qtbot)
    background.close()
    for made in (following, travel, run, playback, model):
        shiboken6.delete(made)  # here, with their timers: another thread may collect what is left of them


def test_it_follows_by_itself_and_the_place_on_the_walk_stays(bench: Bench):
    bench.begin()
    first = bench.learn(1)
    bench.playback.seek(7)
    assert bench.following.follow()
    bench.shows(first)
    assert bench.playback.position == 7
    bench.playback.seek(2 * OPERATIONS + 3)
    for step in (2, 3, 4):
        bench.shows(bench.learn(step))
        assert bench.playback.position == 2 * OPERATIONS + 3
    assert bench.following.title == "Adding problem, LSTM 4, step 4, live"


def test_without_a_network_it_says_what_to_do(bench: Bench):
    said: list[str] = []
    bench.following.said.connect(said.append)
    assert not bench.following.follow()
    assert said == ["There is no network yet; train one first (Ctrl+T)"]
    assert not bench.following.on


def test_a_network_that_is_being_prepared_is_shown_as_soon_as_it_is_there(bench: Bench):
    bench.begin()
    mine = bench.model.document
    assert bench.following.follow(t=2)
    bench.qtbot.wait(50)  # nothing is to come yet
    assert bench.model.document is mine
    bench.shows(bench.learn(0))
    assert bench.playback.t == 2


def test_held_weights_stay_while_the_run_goes_on_and_say_their_step(bench: Bench):
    bench.begin()
    held = bench.learn(800)
    bench.following.follow()
    bench.shows(held)
    bench.following.hold(True)
    traced: list[object] = []
    bench.model.trace_changed.connect(traced.append)
    newest = bench.learn(812)
    bench.qtbot.wait(150)  # nothing is to come
    assert not traced
    assert bench.following.title == "Adding problem, LSTM 4, held at step 800"
    bench.following.hold(False)
    bench.shows(newest)
    assert bench.following.standing == "step 812, live"


def test_only_the_newest_is_computed_however_many_come(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    may_go_on, computed = Event(), []
    numbers_of = following_module.numbers_of

    def slowly(snapshot: Snapshot, *rest: Any) -> Any:
        computed.append(snapshot.step)
        assert may_go_on.wait(10)
        return numbers_of(snapshot, *rest)

    monkeypatch.setattr(following_module, "numbers_of", slowly)
    bench.begin()
    bench.learn(1)
    bench.following.follow()
    bench.qtbot.waitUntil(lambda: computed == [1])
    for step in range(2, 60):
        newest = bench.learn(step)
    may_go_on.set()
    bench.shows(newest)
    assert computed == [1, 59]


def test_what_nobody_sees_is_not_computed(bench: Bench):
    bench.begin()
    first = bench.learn(1)
    bench.following.follow()
    bench.shows(first)
    seen = False
    bench.following.watched = lambda: seen
    newest = bench.learn(2)
    bench.qtbot.wait(100)  # nothing is to come
    assert bench.following.snapshot is first
    seen = True
    bench.following.look()
    bench.shows(newest)


@pytest.mark.parametrize(
    "other",
    [
        replace(ADDING, cell="gru"),
        replace(ADDING, cell="rnn", cell_size=3),
        replace(ADDING, hidden_size=2),
        replace(ADDING, cell="peephole"),
        replace(ADDING, cell="lstm-1997"),
        replace(ADDING, cell="coupled"),
    ],
    ids=lambda config: f"{config.cell}-{config.n}",
)
def test_another_run_is_followed_at_the_same_time_step(bench: Bench, other: TrainingConfig):
    bench.begin()
    bench.learn(1)
    bench.following.follow(t=3)
    bench.qtbot.waitUntil(lambda: bench.following.snapshot is not None)
    bench.following.hold(True)
    bench.begin(other)
    assert bench.following.standing == "begins"
    bench.shows(bench.learn(1))
    assert not bench.following.held, "what was held is gone with its run"
    assert bench.playback.t == 3
    assert bench.following.title.startswith(f"Adding problem, {CELLS[other.cell](False, 'x,h', None).title} ")


def test_a_shorter_sequence_leaves_the_walk_at_its_end(bench: Bench):
    bench.begin()
    bench.learn(1)
    bench.following.follow(t=5)
    bench.qtbot.waitUntil(lambda: bench.playback.t == 5)
    bench.shows(bench.learn(2, T=3))
    assert bench.playback.t == 2


def test_each_layer_of_a_stack_can_be_chosen_also_of_what_is_held(bench: Bench):
    bench.begin(replace(ADDING, layers=3))
    held = bench.learn(5)
    bench.following.follow(layer=1)
    bench.shows(held, layer=1)
    assert bench.following.name == "Adding problem, LSTM 4, layer 2"
    bench.following.hold(True)
    bench.learn(6)
    bench.following.choose_layer(2)
    bench.shows(held, layer=2)
    bench.begin(ADDING)
    bench.shows(bench.learn(1))
    assert bench.following.layer == 0, "the next network has one layer"


def test_leaving_brings_the_users_cell_back_as_it_was(bench: Bench):
    bench.playback.seek(9)
    mine = bench.model.document
    edited = mine.with_inputs(x=mine.x + 1)
    bench.model.edit(edited, "other inputs")
    bench.qtbot.waitUntil(lambda: bench.model.trace is not None)
    bench.begin()
    first = bench.learn(1)
    bench.following.follow(t=4)
    bench.shows(first)
    bench.following.leave()
    assert not bench.following.on
    assert bench.model.document is edited
    assert bench.playback.position == 9
    bench.learn(2)
    bench.qtbot.wait(100)  # nothing is to come
    assert bench.model.document is edited
    bench.model.undo_stack.undo()
    assert bench.model.document is mine
    bench.following.follow()
    bench.qtbot.waitUntil(lambda: bench.model.visiting)
    assert bench.playback.t == 4, "the network is seen again where it was left"
    bench.model.undo_stack.undo()
    assert not bench.following.on
    assert bench.model.document is mine


def test_a_copy_stays_while_the_network_learns_on(bench: Bench):
    bench.begin()
    first = bench.learn(1)
    bench.following.follow(t=2)
    bench.shows(first)
    network = bench.model.document
    bench.following.copy()
    assert not bench.following.on
    assert bench.model.document is network
    assert bench.playback.t == 2
    bench.learn(2)
    bench.qtbot.wait(100)  # nothing is to come
    assert bench.model.document is network


def test_a_recorded_moment_is_held_until_the_newest_is_wanted_again(bench: Bench):
    bench.begin()
    newest = bench.learn(300)
    bench.following.follow()
    bench.shows(newest)
    moment = snapshot_of(ADDING, 20)
    bench.run.look_at(moment)
    bench.shows(moment)
    assert bench.following.held
    assert bench.following.standing == "held at step 20"
    bench.run.look_at(None)
    bench.shows(newest)
    assert not bench.following.held


def test_a_network_that_has_diverged_is_told_once_and_the_last_that_was_finite_stays(bench: Bench):
    bench.begin()
    first = bench.learn(1)
    bench.following.follow()
    bench.shows(first)
    said: list[str] = []
    bench.following.said.connect(said.append)
    for step in (2, 3):
        lost = snapshot_of(ADDING, step)
        broken = {**lost.weights[0], "W_f": np.full_like(lost.weights[0]["W_f"], np.nan)}
        bench.run.take(Update(State.RUNNING, step=step, snapshot=replace(lost, weights=(broken,))))
        bench.qtbot.waitUntil(lambda: len(said) == 1)
    assert said[0].startswith("The diagram cannot show this network: weights.W_f[0][0]")
    assert bench.following.snapshot is first


def test_the_words_of_a_run_that_rests_ends_or_was_recorded(bench: Bench):
    bench.begin()
    bench.learn(10)
    bench.following.follow()
    bench.qtbot.waitUntil(lambda: bench.following.snapshot is not None)
    for state, word in ((State.PAUSED, "paused"), (State.FINISHED, "finished"), (State.STOPPED, "ended")):
        bench.run.take(Update(state, step=10))
        assert bench.following.standing == f"step 10, {word}"


def test_the_same_inputs_are_shared_so_that_no_table_is_made_anew(bench: Bench):
    bench.begin()
    first = bench.learn(1)
    bench.following.follow()
    bench.shows(first)
    x = bench.model.document.x
    bench.shows(bench.learn(2))
    assert bench.model.document.x is x
