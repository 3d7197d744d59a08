from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine.config import ConfigError, TrainingConfig
from engine.network import (
    RecurrentNetwork,
    available_devices,
    blog_weights,
    choose_device,
    describe_device,
    torch_state,
)


@settings(max_examples=25, deadline=None)
@given(m=st.integers(1, 4), k=st.integers(2, 5), projected=st.booleans(), seed=st.integers(0, 99))
def test_weights_survive_the_way_there_and_back(m: int, k: int, projected: bool, seed: int) -> None:
    n = k - 1 if projected else k
    torch.manual_seed(seed)
    first = nn.LSTM(m, k, proj_size=n if projected else 0, dtype=torch.float64)
    weights = blog_weights(first, 0)
    assert weights["W_f"].shape == (k, m + n)
    assert weights["b_o"].shape == (k,)
    assert ("W_hr" in weights) is projected
    second = nn.LSTM(m, k, proj_size=n if projected else 0, dtype=torch.float64)
    second.load_state_dict(torch_state(weights, m))
    x = torch.randn(6, 3, m, dtype=torch.float64)
    for left, right in zip(first(x)[0], second(x)[0], strict=True):
        torch.testing.assert_close(left, right, rtol=0, atol=1e-14)
    again = blog_weights(second, 0)
    for name, array in weights.items():
        np.testing.assert_array_equal(array, again[name])


def test_torch_stacks_i_f_g_o() -> None:
    state = torch_state(
        {f"{letter}_{gate}": np.full((1, 2) if letter == "W" else 1, value)
         for letter in "Wb" for value, gate in enumerate("ifCo", 1)},
        m=1,
    )  # fmt: skip
    assert state["bias_ih_l0"].tolist() == [1, 2, 3, 4]
    assert state["weight_hh_l0"][:, 0].tolist() == [1, 2, 3, 4]


def test_the_forget_bias_is_the_sum_of_both_biases_in_every_layer() -> None:
    network = RecurrentNetwork(TrainingConfig(layers=3, forget_bias=2.5, cell_size=5), 2, 1, False)
    for layer in range(3):
        weights = blog_weights(network.lstm, layer)
        np.testing.assert_array_equal(weights["b_f"], np.full(5, 2.5))
        assert not np.allclose(weights["b_i"], 2.5)
        assert weights["W_f"].shape == (5, (2 if layer == 0 else 5) + 5)


def test_chrono_biases_spread_the_memories_over_the_sequence() -> None:
    T = 200
    config = TrainingConfig(layers=2, bias_initialisation="chrono", sequence_length=T, cell_size=1000)
    given = RecurrentNetwork(replace(config, bias_initialisation="given"), 1, 1, False)
    network = RecurrentNetwork(config, 1, 1, False)
    for layer in range(2):
        weights = blog_weights(network.lstm, layer)
        kept = np.exp(weights["b_f"].astype(np.float64))  # uniform in [1, T - 1]
        assert kept.min() >= 1 - 1e-5
        assert kept.max() <= (T - 1) * (1 + 1e-5)
        assert kept.mean() == pytest.approx(T / 2, rel=0.05)
        assert kept.std() == pytest.approx((T - 2) / 12**0.5, rel=0.05)
        np.testing.assert_array_equal(weights["b_i"], -weights["b_f"])
        np.testing.assert_array_equal(weights["W_f"], blog_weights(given.lstm, layer)["W_f"])
        np.testing.assert_array_equal(weights["b_o"], blog_weights(given.lstm, layer)["b_o"])
    again = RecurrentNetwork(config, 1, 1, False)
    np.testing.assert_array_equal(blog_weights(again.lstm, 1)["b_f"], blog_weights(network.lstm, 1)["b_f"])


def test_the_seed_decides_the_weights_and_leaves_torch_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    state = torch.random.get_rng_state()
    first = RecurrentNetwork(TrainingConfig(seed=5), 2, 1, False)
    torch.random.set_rng_state(state)
    assert torch.equal(torch.rand(1), expected)
    second = RecurrentNetwork(TrainingConfig(seed=5), 2, 1, False)
    other = RecurrentNetwork(TrainingConfig(seed=6), 2, 1, False)
    assert torch.equal(first.lstm.weight_ih_l0, second.lstm.weight_ih_l0)
    assert not torch.equal(first.lstm.weight_ih_l0, other.lstm.weight_ih_l0)


@pytest.mark.parametrize(("every_step", "shape"), [(True, (7, 3, 2)), (False, (3, 2))])
def test_answers_after_every_step_or_the_last(every_step: bool, shape: tuple[int, ...]) -> None:
    config = TrainingConfig(cell_size=4, hidden_size=2, layers=2)
    network = RecurrentNetwork(config, 1, 2, every_step)
    assert network(torch.zeros(7, 3, 1)).shape == shape


def test_devices() -> None:
    found = available_devices()
    assert found[0][0] == "cpu"
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    assert describe_device(torch.device("cpu")) == "CPU"
    with pytest.raises(ConfigError, match="was not found on this machine; choose auto or one of cpu"):
        choose_device("cuda:99")
