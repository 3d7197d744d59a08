from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine.cell.cells import CELLS
from engine.settings.ablation import gates_of
from engine.settings.config import TrainingConfig
from engine.training.network import RecurrentNetwork, probe_gates, torch_state
from tests.engine.torch_weights import blog_weights


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
        weights = network.weights(layer)
        np.testing.assert_array_equal(weights["b_f"], np.full(5, 2.5))
        assert not np.allclose(weights["b_i"], 2.5)
        assert weights["W_f"].shape == (5, (2 if layer == 0 else 5) + 5)


def test_chrono_biases_spread_the_memories_over_the_sequence() -> None:
    T = 200
    config = TrainingConfig(layers=2, bias_initialisation="chrono", sequence_length=T, cell_size=1000)
    given = RecurrentNetwork(replace(config, bias_initialisation="given"), 1, 1, False)
    network = RecurrentNetwork(config, 1, 1, False)
    for layer in range(2):
        weights = network.weights(layer)
        kept = np.exp(weights["b_f"].astype(np.float64))  # uniform in [1, T - 1]
        assert kept.min() >= 1 - 1e-5
        assert kept.max() <= (T - 1) * (1 + 1e-5)
        assert kept.mean() == pytest.approx(T / 2, rel=0.05)
        assert kept.std() == pytest.approx((T - 2) / 12**0.5, rel=0.05)
        np.testing.assert_array_equal(weights["b_i"], -weights["b_f"])
        np.testing.assert_array_equal(weights["W_f"], given.weights(layer)["W_f"])
        np.testing.assert_array_equal(weights["b_o"], given.weights(layer)["b_o"])
    again = RecurrentNetwork(config, 1, 1, False)
    np.testing.assert_array_equal(again.weights(1)["b_f"], network.weights(1)["b_f"])


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
    assert torch.equal(first.recurrent.kernel.weight_ih_l0, second.recurrent.kernel.weight_ih_l0)
    assert not torch.equal(first.recurrent.kernel.weight_ih_l0, other.recurrent.kernel.weight_ih_l0)


@pytest.mark.parametrize(("every_step", "shape"), [(True, (7, 3, 2)), (False, (3, 2))])
def test_answers_after_every_step_or_the_last(every_step: bool, shape: tuple[int, ...]) -> None:
    config = TrainingConfig(cell_size=4, hidden_size=2, layers=2)
    network = RecurrentNetwork(config, 1, 2, every_step)
    assert network(torch.zeros(7, 3, 1)).shape == shape


@pytest.mark.parametrize("name", ["lstm", "rnn", "gru"])
@pytest.mark.parametrize("clamped", ["", "f=1 o=0", "u=1", "r=0 u=0"])
def test_the_fused_kernel_and_the_graph_agree(name: str, clamped: str) -> None:
    if clamped and clamped[0] not in "".join(gates_of(CELLS[name](False, "x,h", None))):
        return
    config = TrainingConfig(cell=name, layers=3, cell_size=5, clamped=clamped)
    fused = RecurrentNetwork(config, 2, 1, True).double()
    graph = RecurrentNetwork(config, 2, 1, True, fused=False).double()
    with torch.no_grad():
        for layer in range(3):
            for weight in fused.recurrent.names():
                total = sum(fused.recurrent.pieces(layer, weight)) if weight[0] == "b" else None
                pieces = fused.recurrent.pieces(layer, weight)
                graph.recurrent.pieces(layer, weight)[0].copy_(torch.cat(pieces, 1) if total is None else total)
        for ours, theirs in zip(graph.readout.parameters(), fused.readout.parameters(), strict=True):
            ours.copy_(theirs)
    for network in (fused, graph):
        network.restrict(clamped, "")
    x = torch.randn(9, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    outputs = []
    for network in (fused, graph):
        output = network(x)
        output.square().sum().backward()
        outputs.append(output)
    torch.testing.assert_close(*outputs, rtol=0, atol=1e-12)
    for layer in range(3):
        for weight, gradient in fused.gradients(layer).items():
            np.testing.assert_allclose(graph.gradients(layer)[weight], gradient, rtol=0, atol=1e-12, err_msg=weight)
            np.testing.assert_array_equal(graph.weights(layer)[weight], fused.weights(layer)[weight])


@pytest.mark.parametrize("name", CELLS)
def test_a_clamped_gate_is_exactly_0_or_1_and_keeps_its_weights(name: str) -> None:
    cell = CELLS[name](False, "x,h", None)
    for gate in gates_of(cell):
        for value in (0.0, 1.0):
            network = RecurrentNetwork(TrainingConfig(cell=name, layers=2, cell_size=4), 3, 1, True)
            before = [network.weights(layer) for layer in range(2)]
            x = np.random.default_rng(2).normal(size=(6, 3)).astype(np.float32) * 100
            with torch.no_grad():
                network.restrict(f"{gate}={value:g}", "")
                h = network.recurrent(torch.from_numpy(x)[:, None])[:, 0].numpy()
            layers = probe_gates(network.cell, [network.weights(layer) for layer in range(2)], x)
            for gates in layers:
                np.testing.assert_array_equal(gates[gate], np.full((6, 4), value))
            np.testing.assert_allclose(layers[-1]["h"], h, atol=1e-6)
            with torch.no_grad():
                network.restrict("", "")
            for layer in range(2):
                for weight, array in network.weights(layer).items():
                    np.testing.assert_array_equal(array, before[layer][weight])
