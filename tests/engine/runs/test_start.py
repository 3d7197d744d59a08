"""A run that begins with the weights of a cell that somebody has set by hand."""

from __future__ import annotations

import contextlib
import pickle
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.document.document import Document, blank, refilled
from engine.recording.about import RecordingError
from engine.recording.checkpoint import part, unpacked, with_prefix
from engine.recording.recorded_run import read_run
from engine.recording.recording import Recording
from engine.runs.first_weights import begun_weights
from engine.runs.messages import KeepMoment, Refusal, State, Update
from engine.runs.start import Start, start_again, start_of, start_of_layers, tasks_with
from engine.session.recorder import RecordTo
from engine.session.worker import TrainingWorker
from engine.settings.config import ConfigError, TrainingConfig
from engine.tasks import TASKS
from engine.training.trainer import Trainer

SMALL = TrainingConfig(sequence_length=6, batch_size=4, device="cpu", steps=1_000_000, worker="thread")
PATIENCE_S = 60.0
CELLS = [("lstm", 3, 3), ("lstm", 2, 4), ("rnn", 3, 3), ("gru", 3, 3), ("peephole", 3, 3), ("coupled", 2, 3)]


def by_hand(cell: str = "lstm", n: int = 3, k: int = 3, m: int = 2) -> Document:
    """A cell whose weights nobody would draw."""
    document = refilled(blank(m, n, k, cell_name=cell), "xavier", 5)
    return document.with_weight("b_f", np.arange(k) / 7) if "b_f" in document.weights else document


def assert_equal(weights: Mapping[str, np.ndarray], document: Document) -> None:
    """The weights are those of the document, digit for digit as far as training has digits."""
    turned = document.with_order("x,h").weights
    for name, value in weights.items():
        np.testing.assert_array_equal(value, turned[name].astype(np.float32), err_msg=name)


@pytest.mark.parametrize(("cell", "n", "k"), CELLS)
@pytest.mark.parametrize("order", ["x,h", "h,x"])
def test_the_first_snapshot_has_exactly_these_weights(cell: str, n: int, k: int, order: str):
    document = by_hand(cell, n, k).with_order(order)
    start = start_of(document, "Mine")
    trainer = Trainer(start.settings(SMALL), start=start)
    first = trainer.snapshot()
    assert first.weights[0].keys() == document.weights.keys()
    assert_equal(first.weights[0], document)
    trainer.step()
    assert any((trainer.snapshot().weights[0][name] != first.weights[0][name]).any() for name in document.weights)


def test_the_readout_is_that_of_any_run_with_this_seed():
    start = start_of(by_hand(), "Mine")
    config = start.settings(SMALL)
    given, drawn = Trainer(config, start=start), Trainer(config)
    readouts = [trainer.learner.state()["network.readout.weight"] for trainer in (given, drawn)]
    np.testing.assert_array_equal(*readouts)


def test_a_clamped_gate_holds_and_its_own_weights_come_back():
    document = by_hand()
    start = start_of(document, "Mine")
    trainer = Trainer(replace(start.settings(SMALL), clamped="f=1"), start=start)
    trainer.step()
    trainer.change_setting("clamped", "")
    np.testing.assert_array_equal(trainer.snapshot().weights[0]["W_f"], document.weights["W_f"].astype(np.float32))


def test_an_output_the_inputs_and_the_state_are_left():
    document = by_hand().with_output("sigmoid", 2).with_inputs(h0=np.ones(3))
    start = start_of(document, "Mine")
    assert "W_y" not in start.weights
    assert (start.m, start.n, start.k) == (2, 3, 3)


def test_the_settings_are_those_of_the_cell_and_of_nothing_else():
    other = replace(SMALL, layers=2, clamped="f=1", frozen="layer2.W_f", learning_rate=0.5, twin="on")
    config = start_of(by_hand("lstm", 2, 4), "Mine").settings(other)
    assert (config.cell, config.cell_size, config.n, config.layers) == ("lstm", 4, 2, 1)
    assert (config.clamped, config.frozen, config.twin) == ("", "", "off")
    assert config.learning_rate == 0.5
    assert start_of(by_hand("gru"), "Mine").fits(start_of(by_hand("gru"), "Mine").settings(SMALL))
    assert not start_of(by_hand("gru"), "Mine").fits(SMALL)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (blank(2, 4, 3), "n = 4 is larger than cell size k = 3"),
        (blank(2, 3, 3).resized(projected=True), "torch trains one only where n < k"),
        (blank(2, 1025, 1025), "1025"),
        (by_hand().with_weight("b_i", [0.0, 1e60, 0.0]), "b_i holds a number beyond 3·10³⁸"),
    ],
)
def test_a_cell_that_cannot_be_trained_gets_its_sentence(document: Document, words: str):
    with pytest.raises(ConfigError, match=words.replace("(", r"\(")):
        start_of(document, "Mine").settings(SMALL)


def test_it_travels_between_processes_and_stays_as_it_is():
    start = pickle.loads(pickle.dumps(start_of(by_hand(), "Mine")))
    with pytest.raises(ValueError, match="read-only"):
        start.weights["W_f"][0, 0] = 1


def test_every_task_says_how_many_inputs_it_has():
    assert {name for m in range(200) for name in tasks_with(m)} == set(TASKS)
    assert tasks_with(2)["adding"] == "Adding problem"
    assert tasks_with(3) == {"anbn": "aⁿbⁿ"}


# A whole run


class Run:
    """A run in a thread, perhaps recorded."""

    def __init__(self, config: TrainingConfig, start: Start | None, record: RecordTo | None = None) -> None:
        self.worker = TrainingWorker(config, record, start=start)
        self.worker.start()
        self.refusals: list[Refusal] = []
        self.events: list[str] = []

    def until(self, state: State) -> Update:
        while True:
            self.worker.request()
            assert self.worker.wait_for_mail(PATIENCE_S)
            update = self.worker.take()
            if update is not None:
                assert not update.error, update.error
                self.refusals += update.refusals
                self.events += [words for _, words in update.events]
                if update.state is state:
                    return update

    def end(self) -> None:
        self.worker.stop()
        assert self.worker.join(PATIENCE_S)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.lstmrec"


@pytest.fixture
def recorded(path: Path) -> Document:
    """A cell, and the recording of a run that began with its weights."""
    document = by_hand("lstm", 2, 4)
    start = start_of(document, "Mine")
    run = Run(start.settings(replace(SMALL, steps=40)), start, RecordTo(path))
    run.until(State.FINISHED)
    assert run.events == ["begins with the weights of “Mine”"]
    run.end()
    return document


def test_what_a_run_began_with_is_recorded_and_survives_its_being_resumed(recorded: Document, path: Path):
    with Recording(path) as recording:
        first = recording.snapshot(0)
        assert first is not None
        assert_equal(first.weights[0], recorded)
        assert recording.about().start == "Mine"
    again = Run(SMALL, None, RecordTo(path, resume=True))
    again.until(State.FINISHED)
    again.worker.tell(KeepMoment())
    again.end()
    found = read_run(path).start
    assert found is not None
    assert (found.name, found.m, found.n, found.k) == ("Mine", 2, 2, 4)
    assert_equal(found.weights, recorded)


@pytest.mark.parametrize(("cell", "n"), [("lstm", 4), ("lstm", 2), ("gru", 4), ("peephole", 4)])
def test_a_stack_begins_with_the_weights_of_every_layer_and_a_recording_remembers_them(path: Path, cell: str, n: int):
    below, above = by_hand(cell, n, 4), by_hand(cell, n, 4, m=n)
    layers = [start_of(each, "").weights for each in (below, above)]
    start = start_of_layers("Stack", cell, 2, below.n, below.k, layers)
    config = start.settings(SMALL)
    assert config.layers == start.layers == 2
    assert start.fits(config)
    assert not start.fits(SMALL)
    snapshot = Trainer(config, start=start).snapshot()
    drawn = begun_weights(config, 2, 1, start)[0]
    for layer, document in enumerate((below, above)):
        assert_equal(snapshot.weights[layer], document)
        assert_equal(drawn[layer], document)
    run = Run(replace(config, steps=2), start, RecordTo(path))
    run.until(State.FINISHED)
    run.end()
    found = read_run(path).start
    assert found is not None
    assert found.weights.keys() == start.weights.keys()
    assert_equal(found.of_layer(1), above)


def test_layers_that_do_not_fit_each_other_are_refused():
    one = start_of(by_hand("lstm", 4, 4), "")
    with pytest.raises(ConfigError, match="layer2"):
        start_of_layers("Stack", "lstm", 2, 4, 4, [one.weights, one.weights])
    with pytest.raises(ConfigError, match="1 layers"):
        start_again("Mine", replace(one.settings(SMALL), layers=2), one.weights)


def test_a_resumed_run_goes_on_bit_for_bit(path: Path):
    start = start_of(by_hand(), "Mine")
    config = start.settings(SMALL)
    whole = Trainer(config, start=start)
    for _ in range(12):
        whole.step()
    half = Trainer(config, start=start)
    for _ in range(5):
        half.step()
    checkpoint = half.checkpoint()
    resumed = Trainer(config)
    resumed.restore(checkpoint)
    for _ in range(7):
        resumed.step()
    for name, array in whole.learner.state().items():
        np.testing.assert_array_equal(resumed.learner.state()[name], array, err_msg=name)
    assert_equal(part(resumed.checkpoint().arrays, "start"), by_hand())


def test_a_task_with_other_inputs_begins_with_new_weights_and_says_so(path: Path):
    start = start_of(by_hand(m=3), "Mine")
    run = Run(replace(start.settings(SMALL), steps=3), start, RecordTo(path))
    run.until(State.FINISHED)
    run.end()
    assert [refusal.what for refusal in run.refusals] == ["start"]
    assert "Adding problem has 2 inputs, but “Mine” has m = 3" in run.refusals[0].sentence
    found = read_run(path)
    assert found.about.start == ""
    assert found.start is None


def test_a_run_that_was_recorded_before_began_with_weights_of_its_own(tmp_path: Path):
    run = Run(replace(SMALL, steps=3, cell_size=3), None, RecordTo(tmp_path / "old.lstmrec"))
    run.until(State.FINISHED)
    run.end()
    found = read_run(tmp_path / "old.lstmrec")
    assert found.start is None


@pytest.mark.parametrize(
    "weights",
    [
        {"W_f": np.zeros((4, 4), np.float32)},
        {},
        {"W_f": np.zeros(7, np.float32)},
        {"W_q": np.zeros((4, 4), np.float32)},
        {f"W_{g}": np.zeros((4, 2), np.float32) for g in "fiCo"}
        | {f"b_{g}": np.zeros(4, np.float32) for g in "fiCo"}
        | {"W_hr": np.zeros((2, 4), np.float32)},  # columns of h alone: no inputs
    ],
)
def test_weights_in_a_file_that_cannot_be_are_refused(weights: dict[str, np.ndarray]):
    config = replace(SMALL, cell_size=4, hidden_size=2)
    with pytest.raises(ConfigError):
        start_again("Mine", config, weights)


@pytest.mark.parametrize("change", ["shape", "nan", "double", "name"])
def test_a_recording_whose_first_weights_were_tampered_with_is_damaged(recorded: Document, path: Path, change: str):
    bad = {
        "shape": {"W_f": np.zeros((4, 99), np.float32)},
        "nan": {"W_f": np.full((4, 4), np.nan, np.float32)},
        "double": {"W_f": np.zeros((4, 4))},
        "name": {"W_else": np.zeros((4, 4), np.float32)},
    }[change]
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for step, data in connection.execute("SELECT step, data FROM checkpoints").fetchall():
            found = unpacked(data)
            data = replace(found, arrays={**found.arrays, **with_prefix("start", bad)}).packed()
            connection.execute("UPDATE checkpoints SET data = ? WHERE step = ?", (data, step))
    with pytest.raises(RecordingError, match="damaged"):
        read_run(path)


def test_a_start_of_another_shape_is_refused():
    start = start_of(by_hand(), "Mine")
    with pytest.raises(ConfigError, match="W_f should be 4×7 numbers"):
        replace(start, k=4, n=4, m=3)
    with pytest.raises(ConfigError, match="The first weights of a GRU"):
        replace(start, cell="gru")
