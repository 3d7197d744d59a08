"""Gradients through time, against torch's autograd on the same declared cells evaluated step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.cell.cell import Cell, size_in_numbers
from engine.cell.cells import CELLS
from engine.cell.trace import evaluate
from engine.runs.gradient_flow import layer_flows, layer_gradients, ways
from engine.runs.observation import HIGH, LOW

Numbers = NDArray[np.float64]

T, B, M, N, K = 7, 3, 2, 3, 4

FORMS = [(name, False) for name in CELLS] + [
    (name, True) for name, make in CELLS.items() if make(False, "x,h", None).has_state
]


def weights_of(cell: Cell, layers: int, n: int, k: int, seed: int = 0) -> list[dict[str, Numbers]]:
    rng = np.random.default_rng(seed)
    sizes = [{"m": M if layer == 0 else n, "n": n, "k": k} for layer in range(layers)]
    return [
        {item.name: rng.normal(0, 0.6, size_in_numbers(item.shape, size)) for item in cell.parameters} for size in sizes
    ]


class Example:
    """Layers of a cell, what they receive, and what arrives at the top from a readout."""

    def __init__(self, name: str, projected: bool, layers: int, order: str = "x,h") -> None:
        self.cell = CELLS[name](projected, order, None)
        self.n, self.k = (N, K) if projected else (K, K)
        self.weights = weights_of(self.cell, layers, self.n, self.k)
        rng = np.random.default_rng(1)
        self.x, self.direct = rng.normal(size=(T, B, M)), rng.normal(size=(T, B, self.n))

    def by_autograd(self) -> list[dict[str, list[torch.Tensor]]]:
        """Return the states of every layer with their gradients, as torch finds them."""
        states: list[dict[str, list[torch.Tensor]]] = []
        below = list(torch.tensor(self.x))
        for parameters in self.weights:
            tensors = {name: torch.tensor(array) for name, array in parameters.items()}
            kept = self._kept(tensors, below)
            states.append(kept)
            below = kept["h_t"]
        loss = sum((h * torch.tensor(d)).sum() for h, d in zip(below, self.direct, strict=True))
        assert isinstance(loss, torch.Tensor)
        loss.backward()
        return states

    def _kept(self, weights: Mapping[str, torch.Tensor], x: Sequence[torch.Tensor]) -> dict[str, list[torch.Tensor]]:
        sizes = {"h_prev": self.n, "C_prev": self.k}
        state = {
            name: torch.zeros(B, sizes[name], dtype=torch.float64, requires_grad=True) for name in self.cell.carried
        }
        kept: dict[str, list[torch.Tensor]] = {name: [] for name in self.cell.carried.values()}
        for x_t in x:
            values = evaluate(self.cell, weights, {"x_t": x_t, **state})
            state = {before: values[after] for before, after in self.cell.carried.items()}
            for name, found in kept.items():
                values[name].retain_grad()
                found.append(values[name])
        return kept


@pytest.mark.parametrize("layers", [1, 2, 4])
@pytest.mark.parametrize(("name", "projected"), FORMS)
def test_what_arrives_is_what_autograd_finds(name: str, projected: bool, layers: int):
    example = Example(name, projected, layers)
    expected = example.by_autograd()
    flows = layer_flows(example.cell, example.weights, example.x, example.direct)
    assert len(flows) == layers
    for flow, states in zip(flows, expected, strict=True):
        assert flow.states.keys() == states.keys()
        for value, tensors in states.items():
            norms = [float(torch.linalg.vector_norm(tensor.grad)) for tensor in tensors]
            np.testing.assert_allclose(flow.states[value], norms, rtol=1e-10)


@pytest.mark.parametrize("order", ["x,h", "h,x"])
@pytest.mark.parametrize(("name", "projected"), FORMS)
def test_the_parts_that_arrive_at_a_state_add_up(name: str, projected: bool, order: str):
    example = Example(name, projected, 2, order)
    expected = example.by_autograd()
    arrives = ways(example.cell)
    found = layer_gradients(example.cell, example.weights, example.x, example.direct)
    for layer, states in zip(found, expected, strict=True):
        assert layer.parts.keys() == arrives.keys()
        for value, tensors in states.items():
            total = sum(part for way, part in layer.parts.items() if arrives[way] == value)
            np.testing.assert_allclose(total, layer.states[value], rtol=1e-12, atol=1e-15)
            autograd = torch.stack([tensor.grad for tensor in tensors if tensor.grad is not None]).numpy()
            np.testing.assert_allclose(layer.states[value], autograd, rtol=1e-10, atol=1e-15)


WAYS = {
    "lstm": {"h_t": "direct a_f a_i a_C a_o", "C_t": "line tanh_C"},
    "peephole": {"h_t": "direct a_f a_i a_C a_o", "C_t": "line tanh_C v_f v_i v_o"},
    "coupled": {"h_t": "direct a_f a_C a_o", "C_t": "line tanh_C"},
    "lstm-1997": {"h_t": "direct a_i a_C a_o", "C_t": "line tanh_C"},
    "gru": {"h_t": "direct line a_r a_u a_n"},
    "gru-2014": {"h_t": "direct line a_r a_u reset"},
    "rnn": {"h_t": "direct a_h"},
}


@pytest.mark.parametrize("name", CELLS)
def test_the_ways_are_read_off_the_declaration(name: str):
    found: dict[str, set[str]] = {}
    for way, state in ways(CELLS[name](False, "x,h", None)).items():
        found.setdefault(state, set()).add(way)
    assert found == {state: set(words.split()) for state, words in WAYS[name].items()}


def test_a_part_is_what_comes_through_that_product_alone():
    example = Example("lstm", False, 1)
    (layer,) = layer_gradients(example.cell, example.weights, example.x, example.direct)
    W = example.weights[0]["W_o"][:, M:]
    o, C = layer.values["o_t"], layer.values["C_t"]
    of_z = layer.states["h_t"] * np.tanh(C) * o * (1 - o)
    np.testing.assert_allclose(layer.parts["a_o"][:-1], of_z[1:] @ W, rtol=1e-10)
    np.testing.assert_allclose(layer.parts["line"][:-1], (layer.states["C_t"] * layer.values["f_t"])[1:], rtol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_nothing_comes_from_beyond_the_last_step(name: str):
    example = Example(name, False, 1)
    (flow,) = layer_flows(example.cell, example.weights, example.x, example.direct)
    same_step = {"direct", "tanh_C", "v_o"}
    assert all(norms[-1] == 0 for way, norms in flow.parts.items() if way not in same_step)
    assert all((norms[:-1] > 0).all() for norms in flow.parts.values())
    direct = np.linalg.norm(example.direct.reshape(T, -1), axis=1)
    np.testing.assert_allclose(flow.parts["direct"], direct, rtol=1e-14)


def test_an_upper_layer_hands_down_what_the_lower_one_receives():
    example = Example("gru", False, 2)
    lower, _ = layer_gradients(example.cell, example.weights, example.x, example.direct)
    alone = layer_gradients(example.cell, example.weights[:1], example.x, lower.parts["direct"])
    np.testing.assert_array_equal(alone[0].states["h_t"], lower.states["h_t"])


@pytest.mark.parametrize("name", CELLS)
def test_saturation_counts_what_lies_near_the_ends(name: str):
    example = Example(name, False, 1)
    flow, *_ = layer_flows(example.cell, example.weights, example.x, example.direct)
    tensors = {key: torch.tensor(array) for key, array in example.weights[0].items()}
    state = {before: torch.zeros(B, K, dtype=torch.float64) for before in example.cell.carried}
    gates: dict[str, list[Numbers]] = {gate: [] for gate in (item.name for item in example.cell.gates)}
    for x_t in torch.tensor(example.x):
        values = evaluate(example.cell, tensors, {"x_t": x_t, **state})
        state = {before: values[after] for before, after in example.cell.carried.items()}
        for gate, found in gates.items():
            found.append(values[gate].numpy())
    expected = {gate: (np.mean(np.less(v, LOW)), np.mean(np.greater(v, HIGH))) for gate, v in gates.items()}
    assert flow.saturation == expected
    gates = {"lstm": 3, "rnn": 0, "gru": 2, "gru-2014": 2, "peephole": 3, "coupled": 3, "lstm-1997": 2}
    assert len(expected) == gates[name]


@pytest.mark.parametrize("layers", [1, 2])
def test_the_dtype_is_that_of_the_weights(layers: int):
    example = Example("lstm", True, layers)
    narrow = [{name: array.astype(np.float32) for name, array in of.items()} for of in example.weights]
    flows = layer_flows(example.cell, narrow, example.x.astype(np.float32), example.direct.astype(np.float32))
    exact = layer_flows(example.cell, example.weights, example.x, example.direct)
    for flow, other in zip(flows, exact, strict=True):
        for of, wide in ((flow.states, other.states), (flow.parts, other.parts)):
            assert {array.dtype for array in of.values()} == {np.dtype(np.float32)}
            for name in of:
                np.testing.assert_allclose(of[name], wide[name], rtol=1e-4)


def test_gradients_that_nearly_vanish_are_told_in_float32():
    # Their squares are smaller than any float32.
    cell = CELLS["rnn"](False, "x,h", None)
    weights = [{"W_h": np.array([[1.0, 0.1]], np.float32), "b_h": np.zeros(1, np.float32)}]
    direct = np.zeros((31, 1, 1), np.float32)
    direct[-1] = 1
    (flow,) = layer_flows(cell, weights, np.zeros((31, 1, 1), np.float32), direct)
    np.testing.assert_allclose(flow.states["h_t"], 10.0 ** np.arange(-30, 1), rtol=1e-4)
    steps = np.log10(flow.states["h_t"])
    assert all(after > before for before, after in pairwise(steps))


@pytest.mark.parametrize(("name", "projected"), FORMS)
def test_one_step_of_one_sequence_of_one_unit(name: str, projected: bool):
    cell = CELLS[name](projected, "x,h", None)
    (weights,) = weights_of(cell, 1, 1, 2 if projected else 1)
    (flow,) = layer_flows(cell, [weights], np.ones((1, 1, M)), np.ones((1, 1, 1)))
    assert flow.states["h_t"] == pytest.approx([1.0])
    assert all(norms.shape == (1,) for norms in (*flow.states.values(), *flow.parts.values()))


def test_clamped_gates_and_a_network_that_diverged_are_told_as_they_are():
    example = Example("lstm", False, 1)
    clamped = dict(example.weights[0], W_f=np.zeros((K, M + K)), b_f=np.full(K, -1e4))
    (flow,) = layer_flows(example.cell, [clamped], example.x, example.direct)
    assert flow.saturation["f_t"] == (1.0, 0.0)
    assert (flow.parts["line"] == 0).all()
    lost = {name: np.full_like(array, np.nan) for name, array in clamped.items()}
    (flow,) = layer_flows(example.cell, [lost], example.x, example.direct)
    assert np.isnan(flow.states["C_t"]).all()


def test_lengths_that_disagree_are_refused():
    example = Example("lstm", False, 1)
    with pytest.raises(ValueError, match="must agree in steps"):
        layer_flows(example.cell, example.weights, example.x, example.direct[1:])
