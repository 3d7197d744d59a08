"""Dropout: what it sets to 0, and that nothing but a step that learns draws."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.runs.observation import FLOW
from engine.settings.config import TrainingConfig
from engine.training.dropout import Dropout
from engine.training.trainer import Trainer
from tests.engine.training.test_learner import autograd_states, steps

P = 0.3
SMALL = TrainingConfig(sequence_length=12, batch_size=6, cell_size=5, dropout=P, device="cpu")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def dropped(h: torch.Tensor, seed: int = 1, step: int = 1) -> torch.Tensor:
    dropout = Dropout(P, seed)
    dropout.step = step
    with dropout.learning():
        return dropout(h)


def test_a_share_is_set_to_0_and_the_others_keep_the_mean() -> None:
    h = torch.ones(50, 20, 30, dtype=torch.float64)
    found = dropped(h)
    values, counts = np.unique(found.numpy(), return_counts=True)
    np.testing.assert_allclose(values, [0.0, 1 / (1 - P)])
    of_all = h.numel()
    # Five standard deviations of a binomial share.
    assert counts[0] / of_all == pytest.approx(P, abs=5 * (P * (1 - P) / of_all) ** 0.5)
    assert torch.equal(Dropout(P, 1)(h), h), "nothing is learnt here"


def test_draws_follow_from_seed_and_step_alone() -> None:
    h = torch.ones(4, 30)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first = dropped(h)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(4)
    assert torch.equal(dropped(h), first)
    assert not torch.equal(dropped(h, step=2), first)
    assert not torch.equal(dropped(h, seed=2), first)


@pytest.mark.parametrize("shape", [(6, 3), (7, 6, 3)], ids=["the last step answers", "every step answers"])
def test_a_part_of_a_batch_has_the_draws_that_it_has_in_the_whole(shape: tuple[int, ...]) -> None:
    dropout = Dropout(P, seed=1)
    h = torch.rand(shape)
    with dropout.learning():
        whole = dropout(h)
        for part in (slice(0, 3), slice(3, 6)):
            with dropout.of_part(part, 6):
                assert torch.equal(dropout(h[..., part, :]), whole[..., part, :])
        assert torch.equal(dropout(h), whole)


def test_a_step_that_fails_is_made_again_with_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, alone = Trainer(SMALL), Trainer(SMALL)
    steps(trainer, 3)
    steps(alone, 3)

    def without_memory(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(type(trainer.learner), "_change", without_memory)
        with pytest.raises(MemoryError):
            trainer.step()
        patch.setattr(type(trainer.task), "batch_loss_and_measure", without_memory)
        with pytest.raises(MemoryError):
            trainer.step()
        with pytest.raises(MemoryError):
            trainer.snapshot(frozenset({FLOW}))
    first, again = trainer.snapshot(), trainer.snapshot()
    np.testing.assert_array_equal(first.prediction, again.prediction)
    steps(trainer, 3)
    steps(alone, 3)
    np.testing.assert_array_equal(trainer.drain().values, alone.drain().values)


@pytest.mark.parametrize("task", ["adding", "characters"])
@pytest.mark.parametrize("cell", ["lstm", "peephole"])
def test_looking_disturbs_nothing_and_drops_nothing(cell: str, task: str) -> None:
    config = replace(SMALL, cell=cell, task=task, twin="on")
    looked_at, alone = Trainer(config), Trainer(config)
    for number in range(4):
        steps(looked_at, 3)
        steps(alone, 3)
        looked_at.set_probe(number % 3, None)
        first, again = (looked_at.snapshot(frozenset({FLOW})) for _ in range(2))
        np.testing.assert_array_equal(first.prediction, again.prediction)
        np.testing.assert_array_equal(
            first.extras.flow.layers[0].states["h_t"], again.extras.flow.layers[0].states["h_t"]
        )
    np.testing.assert_array_equal(looked_at.drain().values, alone.drain().values)
    without = Trainer(replace(config, dropout=0.0))
    steps(without, 12)
    assert not np.array_equal(without.drain()["loss"], looked_at.drain()["loss"])


@pytest.mark.parametrize("task", ["adding", "characters"])
def test_gradients_through_time_are_those_of_the_next_step(task: str) -> None:
    trainer = Trainer(replace(SMALL, task=task, layers=2), dtype=torch.float64)
    steps(trainer, 3)
    flow = trainer.snapshot(frozenset({FLOW})).extras.flow
    assert flow is not None
    x, target = trainer.batch()
    with trainer.learner.network.dropout.learning():
        states = autograd_states(trainer, x, target)
    for layer, found in zip(flow.layers, states, strict=True):
        for value, norms in found.items():
            np.testing.assert_allclose(layer.states[value], norms, rtol=1e-10, atol=1e-300, err_msg=value)
