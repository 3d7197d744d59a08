"""Dropout: what it sets to 0, and that nothing but a step that learns draws."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.config import TrainingConfig
from engine.dropout import Dropout
from engine.observation import FLOW
from engine.trainer import Trainer
from tests.engine.test_learner import autograd_states, steps

P = 0.3
SMALL = TrainingConfig(sequence_length=12, batch_size=6, cell_size=5, dropout=P, device="cpu")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_a_share_is_set_to_0_and_the_others_keep_the_mean() -> None:
    dropout = Dropout(P, seed=1)
    h = torch.ones(50, 20, 30, dtype=torch.float64)
    found = dropout(h)
    values, counts = np.unique(found.numpy(), return_counts=True)
    np.testing.assert_allclose(values, [0.0, 1 / (1 - P)])
    of_all = h.numel()
    # Five standard deviations of a binomial share.
    assert counts[0] / of_all == pytest.approx(P, abs=5 * (P * (1 - P) / of_all) ** 0.5)
    assert not torch.equal(dropout(h), found), "each step draws anew"
    assert torch.equal(Dropout(P, seed=1)(h), found)
    assert not torch.equal(Dropout(P, seed=2)(h), found)
    assert torch.equal(dropout.eval()(h), h)


def test_draws_neither_need_nor_disturb_the_generator_of_the_process() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first = Dropout(P, seed=1)(torch.ones(4, 3))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(4)
    assert torch.equal(Dropout(P, seed=1)(torch.ones(4, 3)), first)


@pytest.mark.parametrize("shape", [(6, 3), (7, 6, 3)], ids=["the last step answers", "every step answers"])
def test_a_part_of_a_batch_has_the_draws_that_it_has_in_the_whole(shape: tuple[int, ...]) -> None:
    whole, parts = Dropout(P, seed=1), [Dropout(P, seed=1), Dropout(P, seed=1)]
    for _ in range(3):
        h = torch.rand(shape)
        expected = whole(h)
        for part, dropout in zip((slice(0, 3), slice(3, 6)), parts, strict=True):
            with dropout.of_part(part, 6):
                assert torch.equal(dropout(h[..., part, :]), expected[..., part, :])


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
    np.testing.assert_array_equal(looked_at.drain(), alone.drain())
    without = Trainer(replace(config, dropout=0.0))
    steps(without, 12)
    assert not np.array_equal(without.drain()[:, 0], looked_at.drain()[:, 0])


@pytest.mark.parametrize("task", ["adding", "characters"])
def test_gradients_through_time_are_those_of_the_next_step(task: str) -> None:
    trainer = Trainer(replace(SMALL, task=task, layers=2), dtype=torch.float64)
    steps(trainer, 3)
    flow = trainer.snapshot(frozenset({FLOW})).extras.flow
    assert flow is not None
    x, target = trainer.batch()
    dropout = trainer.learner.network.dropout
    state = dropout.state()
    dropout.train()
    states = autograd_states(trainer, x, target)
    dropout.eval()
    dropout.set_state(state)
    for layer, found in zip(flow.layers, states, strict=True):
        for value, norms in found.items():
            np.testing.assert_allclose(layer.states[value], norms, rtol=1e-10, atol=1e-300, err_msg=value)
