"""What is shown before the first step is what a run begins with: the same weights, gates and answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from engine.document.examples import load_example
from engine.runs.first_weights import Uniform, first_snapshot
from engine.runs.start import start_of
from engine.settings.config import TrainingConfig
from engine.tasks import create_task
from engine.tasks.example import example_of
from engine.training.trainer import Trainer

SMALL = TrainingConfig(sequence_length=12, cell_size=5, batch_size=4, device="cpu", seed=7)


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_numbers_are_those_that_torch_draws(seed: int):
    ours, generator = Uniform(seed), torch.Generator().manual_seed(seed)
    for low, high, shape in ((-0.25, 0.25, (64, 18)), (-(3**-0.5), 3**-0.5, (7,)), (1.0, 49.0, (1001,))):
        expected = torch.empty(shape).uniform_(low, high, generator=generator).numpy()
        np.testing.assert_array_equal(ours.draw(low, high, shape), expected)


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"seed": 3},
        {"cell": "gru"},
        {"cell": "rnn", "layers": 2},
        {"cell": "lstm-1997"},
        {"cell": "peephole", "layers": 2},
        {"cell": "coupled"},
        {"layers": 3},
        {"hidden_size": 3, "layers": 2},
        {"bias_initialisation": "chrono", "layers": 2},
        {"forget_bias": -1.0, "clamped": "o=1 f=0"},
        {"cell": "gru", "clamped": "u=1"},
        {"task": "anbn"},
        {"task": "temporal-order", "sequence_length": 100},
        {"task": "characters"},
        {"task": "outbreak"},
    ],
    ids=str,
)
def test_the_network_is_that_of_the_trainer(chosen: dict[str, Any]):
    config = replace(SMALL, **chosen)
    example = example_of(create_task(config), 2)
    trainer = Trainer(config)
    trainer.set_probe(2, None)
    _assert_same(first_snapshot(config, example.x, example.words.outputs), trainer.snapshot())


def test_weights_that_were_set_by_hand_are_the_first_of_it():
    start = start_of(load_example("four-steps"), "four steps")
    config = start.settings(SMALL)
    config = replace(config, task=next(name for name in ("sine", "adding") if _inputs(config, name) == start.m))
    example = example_of(create_task(config), 0)
    shown = first_snapshot(config, example.x, example.words.outputs, start)
    _assert_same(shown, Trainer(config, start=start).snapshot())
    for name, weight in start.weights.items():
        np.testing.assert_array_equal(shown.weights[0][name], weight)


def test_weights_for_another_number_of_inputs_are_drawn():
    start = start_of(load_example("four-steps"), "four steps")
    config = start.settings(SMALL)
    x = np.zeros((4, start.m + 1), dtype=np.float32)
    _assert_equal(first_snapshot(config, x, 1, start).weights, first_snapshot(config, x, 1).weights)


def _inputs(config: TrainingConfig, task: str) -> int:
    return create_task(replace(config, task=task)).input_size


def _assert_same(shown: Any, expected: Any) -> None:
    _assert_equal(shown.weights, expected.weights)
    np.testing.assert_array_equal(shown.probe, expected.probe)
    assert [set(gates) for gates in shown.gates] == [set(gates) for gates in expected.gates]
    for ours, theirs in zip(shown.gates, expected.gates, strict=True):
        for name, values in theirs.items():
            np.testing.assert_allclose(ours[name], values, atol=2e-5, err_msg=name)
    np.testing.assert_allclose(shown.answers, expected.answers, atol=2e-5)
    assert shown.cell == expected.cell


def _assert_equal(ours: Any, theirs: Any) -> None:
    for layer, expected in zip(ours, theirs, strict=True):
        assert list(layer) == list(expected)
        for name, weight in expected.items():
            np.testing.assert_array_equal(layer[name], weight, err_msg=name)
