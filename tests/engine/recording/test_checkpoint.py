from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from engine.recording.checkpoint import Checkpoint, part, unpacked, with_prefix
from engine.recording.packing import PackingError, pack_arrays
from engine.settings.config import ConfigError, TrainingConfig
from engine.training.trainer import Trainer

SMALL = TrainingConfig(sequence_length=7, batch_size=5, cell_size=4, device="cpu", seed=3)
Change = Callable[[Trainer], object]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other on a busy machine take much longer than these small networks need."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _changed(**settings: float | str) -> Callable[[Trainer], None]:
    """Return what gives live settings other values."""

    def change(trainer: Trainer) -> None:
        for name, value in settings.items():
            trainer.change_setting(name, value)

    return change


def _typed(trainer: Trainer) -> None:
    trainer.set_probe(None, np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2))


def _steps(trainer: Trainer, count: int) -> np.ndarray:
    for _ in range(count):
        trainer.step()
    return trainer.drain().values


def _assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert np.asarray(array).tobytes() == np.asarray(other[name]).tobytes(), name


def _assert_goes_on(config: TrainingConfig, before: Change = id, at: Change = id, after: Change = id) -> None:
    """N steps + a checkpoint + M steps are N + M steps, bit for bit.

    before: what is changed some steps before the checkpoint; at: right before it; after: some steps later.
    """

    def run_to_the_checkpoint() -> Trainer:
        trainer = Trainer(config)
        _steps(trainer, 57)
        before(trainer)
        _steps(trainer, 5)
        at(trainer)
        return trainer

    def run_on(trainer: Trainer) -> np.ndarray:
        first = _steps(trainer, 4)  # beyond it the second block of batches begins
        after(trainer)
        return np.concatenate([first, _steps(trainer, 8)])

    straight = run_to_the_checkpoint()
    data = straight.checkpoint().packed()
    straight.drain()
    rows = run_on(straight)

    torch.rand(3)  # torch's own generator is somewhere else by now
    found = unpacked(data)
    resumed = Trainer(found.config)
    resumed.restore(found)
    assert resumed.done == 62
    assert run_on(resumed).tobytes() == rows.tobytes()
    _assert_same(dict(straight.checkpoint().arrays), dict(resumed.checkpoint().arrays))
    assert straight.config == resumed.config
    for one, other in zip(straight.snapshot().gates, resumed.snapshot().gates, strict=True):
        _assert_same(dict(one), dict(other))


@pytest.mark.parametrize(
    ("optimizer", "momentum"), [("adam", 0.9), ("rmsprop", 0.9), ("sgd", 0.9), ("sgd", 0.0)], ids=str
)
@pytest.mark.parametrize("cell", ["lstm", "gru", "peephole"])
def test_going_on_is_exact_for_each_optimizer(cell: str, optimizer: str, momentum: float) -> None:
    _assert_goes_on(replace(SMALL, cell=cell, optimizer=optimizer, momentum=momentum))


@pytest.mark.parametrize(
    "more",
    [
        {"layers": 2},
        {"hidden_size": 2},
        {"layers": 2, "hidden_size": 3, "optimizer": "rmsprop"},
        {"twin": "on"},
        {"twin": "on", "optimizer": "sgd", "cell": "gru"},
        {"cell": "rnn"},
        {"cell": "coupled"},
        {"cell": "lstm-1997"},
        {"task": "copying"},
        {"task": "characters", "sequence_length": 12},
        {"task": "sine", "bias_initialisation": "chrono"},
        {"dropout": 0.3},
        {"dropout": 0.3, "task": "copying", "cell": "peephole", "twin": "on"},
        {"clip_norm": 0.0},
        {"clip_norm": 0.01},
        {"clamped": "f=1", "frozen": "layer1.W_i"},
    ],
    ids=str,
)
def test_going_on_is_exact_for_every_kind_of_run(more: dict[str, Any]) -> None:
    _assert_goes_on(replace(SMALL, **more))


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_clamped_and_frozen_in_mid_run_and_released_after(optimizer: str) -> None:
    _assert_goes_on(
        replace(SMALL, optimizer=optimizer, layers=2),
        before=_changed(clamped="f=1 o=0", frozen="layer1.W_C layer2.b_i"),
        after=_changed(clamped="", frozen=""),
    )
    _assert_goes_on(
        replace(SMALL, optimizer=optimizer),
        at=_changed(clamped="i=1", frozen="layer1.W_f"),
        after=_changed(clamped="", frozen="layer1.b_o"),
    )


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_changes_of_a_live_run_are_taken_along(optimizer: str) -> None:
    _assert_goes_on(
        replace(SMALL, optimizer=optimizer, twin="on"),
        before=_changed(learning_rate=0.003, clip_norm=0.1),
        at=_typed,
        after=lambda trainer: (trainer.change_setting("learning_rate", 0.03), trainer.set_probe(7, None)),
    )


def test_a_twin_that_came_in_mid_run_goes_on_and_one_that_left_stays_away() -> None:
    _assert_goes_on(SMALL, before=_changed(twin="on"), after=_changed(twin="off"))
    _assert_goes_on(replace(SMALL, twin="on"), before=_changed(twin="off"))


def test_a_checkpoint_of_the_first_moment_goes_on() -> None:
    straight = Trainer(SMALL)
    found = unpacked(straight.checkpoint().packed())
    resumed = Trainer(found.config)
    resumed.restore(found)
    assert _steps(resumed, 40).tobytes() == _steps(straight, 40).tobytes()


def test_what_was_looked_at_is_looked_at_again() -> None:
    trainer = Trainer(SMALL)
    trainer.set_probe(7, None)
    found = unpacked(trainer.checkpoint().packed())
    assert found.example == 7
    again = Trainer(found.config)
    again.restore(found)
    np.testing.assert_array_equal(again.snapshot().probe, trainer.snapshot().probe)
    _typed(trainer)
    again.restore(unpacked(trainer.checkpoint().packed()))
    np.testing.assert_array_equal(again.snapshot().probe, np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2))


def test_a_checkpoint_is_a_copy() -> None:
    trainer = Trainer(SMALL)
    _steps(trainer, 3)
    checkpoint = trainer.checkpoint()
    before = checkpoint.packed()
    _steps(trainer, 3)
    assert checkpoint.packed() == before
    assert checkpoint.nbytes == sum(array.nbytes for array in checkpoint.arrays.values())


def test_torchs_own_generator_goes_on() -> None:
    trainer = Trainer(SMALL)
    torch.manual_seed(11)
    checkpoint = trainer.checkpoint()
    expected = torch.rand(5)
    trainer.restore(unpacked(checkpoint.packed()))
    assert torch.equal(torch.rand(5), expected)


@pytest.mark.parametrize("other", [{"cell_size": 5}, {"layers": 2}, {"cell": "gru"}, {"hidden_size": 2}], ids=str)
def test_a_checkpoint_of_another_network_gets_a_sentence(other: dict[str, Any]) -> None:
    trainer = Trainer(SMALL)
    _steps(trainer, 1)
    stranger = Trainer(replace(SMALL, **other))
    with pytest.raises(ConfigError, match=r"(?s)^This checkpoint does not fit .*; begin a new run\.$"):
        stranger.restore(trainer.checkpoint())


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"step": 3},
        {"step": "x", "config": {}, "example": 0},
        {"step": 3, "config": [], "example": 0},
        {"step": 3, "config": {"cell_size": -1}, "example": 0},
        {"step": 3, "config": {"cell_size": "many"}, "example": 0},
        {"step": None, "config": {}, "example": 0},
    ],
    ids=str,
)
def test_bytes_that_are_no_checkpoint_are_refused(about: dict[str, Any]) -> None:
    with pytest.raises(PackingError):
        unpacked(pack_arrays({}, about))


def test_names_are_put_together_and_taken_apart() -> None:
    arrays = with_prefix("twin", {"network.W": np.ones(2)})
    assert set(arrays) == {"twin.network.W"}
    assert part(arrays, "twin").keys() == {"network.W"}
    assert part(arrays, "network") == {}
    assert isinstance(Checkpoint(1, SMALL, arrays).packed(), bytes)
