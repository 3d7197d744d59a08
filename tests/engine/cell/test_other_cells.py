"""Every declared cell against torch: forward to 1e-12, every gradient to 1e-10."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine.cell.cell import Cell, size_in_numbers
from engine.cell.cells import CELLS, ORDERS, OUTPUTS, gru, rnn
from engine.cell.trace import backpropagate, trace_sequence, uniform_numbers

FORWARD, BACKWARD = 1e-12, 1e-10
SIZES = st.integers(1, 4)


def drawn(cell: Cell, m: int, n: int, k: int, T: int, seed: int) -> tuple[dict[str, Any], np.ndarray, dict[str, Any]]:
    """Return weights, inputs (T, m) and the state before the first step."""
    generator = np.random.default_rng(seed)
    sizes = {"m": m, "n": n, "k": k, "p": 2}
    weights = {item.name: generator.normal(size=size_in_numbers(item.shape, sizes)) for item in cell.parameters}
    state = {name: generator.normal(size=n if name == "h_prev" else k) for name in cell.carried}
    return weights, generator.normal(size=(T, m)), state


def as_tensors(values: dict[str, Any]) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(value, requires_grad=True) for name, value in values.items()}


@settings(max_examples=25, deadline=None)
@given(m=SIZES, n=SIZES, T=SIZES, seed=st.integers(0, 99), order=st.sampled_from(ORDERS))
def test_the_plain_rnn_agrees_with_torch(m: int, n: int, T: int, seed: int, order: str) -> None:
    weights, x, state = drawn(rnn(order=order), m, n, n, T, seed)
    network = nn.RNN(m, n, dtype=torch.float64)
    x_first = weights["W_h"] if order == "x,h" else np.roll(weights["W_h"], m, axis=1)
    load(network, x_first[:, :m], x_first[:, m:], weights["b_h"], np.zeros(n))
    every_h_agrees(network, rnn(order=order), weights, x, state)


@settings(max_examples=25, deadline=None)
@given(m=SIZES, n=SIZES, T=SIZES, seed=st.integers(0, 99), order=st.sampled_from(ORDERS))
def test_the_gru_agrees_with_torch(m: int, n: int, T: int, seed: int, order: str) -> None:
    weights, x, state = drawn(gru(order=order), m, n, n, T, seed)
    network = nn.GRU(m, n, dtype=torch.float64)
    r, u = (weights[name] if order == "x,h" else np.roll(weights[name], m, axis=1) for name in ("W_r", "W_u"))
    load(
        network,
        np.concatenate([r[:, :m], u[:, :m], weights["W_x"]]),  # torch stacks r, z, n
        np.concatenate([r[:, m:], u[:, m:], weights["W_n"]]),
        np.concatenate([weights["b_r"], weights["b_u"], weights["b_x"]]),
        np.concatenate([np.zeros(2 * n), weights["b_n"]]),
    )
    every_h_agrees(network, gru(order=order), weights, x, state)


def every_h_agrees(
    network: nn.RNNBase, cell: Cell, weights: dict[str, Any], x: np.ndarray, state: dict[str, Any]
) -> None:
    h, _ = network(torch.tensor(x), torch.tensor(state["h_prev"])[None])
    n = state["h_prev"].size
    trace = trace_sequence(cell, weights, x, state, {"m": x.shape[1], "n": n, "k": n})
    found = np.stack([values["h_t"] for values in trace.steps])
    np.testing.assert_allclose(found, h.detach().numpy(), rtol=0, atol=FORWARD)


def load(network: nn.RNNBase, *arrays: np.ndarray) -> None:
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    network.load_state_dict({name: torch.tensor(array) for name, array in zip(names, arrays, strict=True)})


def equations(
    name: str, W: dict[str, Any], x: Any, state: dict[str, Any], drawn: dict[str, Any] | None = None
) -> tuple[Any, Any]:
    """The books' equations once more, in plain torch; returns every h and the last C (or nothing).

    With uniform numbers (T, size) by the letter of a gate, that gate is 1 where its number is below its sigmoid.
    """
    h, C, tanh = state["h_prev"], state.get("C_prev"), torch.tanh
    all_h = []
    for t, x_t in enumerate(x):

        def gate(letter: str, z: Any, t: int = t) -> Any:
            return torch.sigmoid(z) if drawn is None else (drawn[letter][t] < torch.sigmoid(z)).to(z.dtype)

        xh = torch.cat([x_t, h])
        z = {g: W[f"W_{g}"] @ xh + W[f"b_{g}"] for g in "fiCohru" if f"W_{g}" in W}
        if name == "rnn":
            h = tanh(z["h"])
        elif name == "gru":
            r, u = gate("r", z["r"]), gate("u", z["u"])
            candidate = tanh(W["W_x"] @ x_t + W["b_x"] + r * (W["W_n"] @ h + W["b_n"]))
            h = u * h + (1 - u) * candidate
        elif name == "gru-2014":
            r, u = gate("r", z["r"]), gate("u", z["u"])
            h = u * h + (1 - u) * tanh(W["W_x"] @ x_t + W["b_x"] + W["W_n"] @ (r * h))
        else:
            f = gate("f", z["f"] + (W["p_f"] * C if "p_f" in W else 0)) if "f" in z else 1.0
            i = 1 - f if name == "coupled" else gate("i", z["i"] + (W["p_i"] * C if "p_i" in W else 0))
            C = f * C + i * tanh(z["C"])
            h = gate("o", z["o"] + (W["p_o"] * C if "p_o" in W else 0)) * tanh(C)
            h = W["W_hr"] @ h if "W_hr" in W else h
        all_h.append(h)
    return torch.stack(all_h), C


@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_every_gradient_agrees_with_autograd(name: str, projected: bool) -> None:
    if projected and name in ("rnn", "gru", "gru-2014"):
        with pytest.raises(ValueError, match="no cell state"):
            CELLS[name](True, "x,h", None)
        return
    cell = CELLS[name](projected, "x,h", None)
    for seed in range(5):
        n, k = (2, 3) if projected else (3, 3)
        weights, x, state = drawn(cell, 2, n, k, 4, seed)
        W, start, inputs = as_tensors(weights), as_tensors(state), torch.tensor(x, requires_grad=True)
        h, C = equations(name, W, inputs, start)
        of_h = np.random.default_rng(seed + 100).normal(size=tuple(h.shape))
        loss = (h * torch.tensor(of_h)).sum() + (C.sum() if C is not None else 0)
        loss.backward()

        trace = trace_sequence(cell, weights, x, state, {"m": 2, "n": n, "k": k})
        np.testing.assert_allclose(np.stack([v["h_t"] for v in trace.steps]), h.detach().numpy(), rtol=0, atol=FORWARD)
        seeds: list[dict[str, Any]] = [{"h_t": row} for row in of_h]
        if C is not None:
            seeds[-1]["C_t"] = np.ones(k)
        gradients = backpropagate(trace, seeds)
        for key, tensor in {**W, **start}.items():
            found = gradients.parameters[key] if key in W else gradients.initial[key]
            np.testing.assert_allclose(found, tensor.grad, rtol=0, atol=BACKWARD, err_msg=key)
        found = np.stack([values["x_t"] for values in gradients.steps])
        np.testing.assert_allclose(found, inputs.grad, rtol=0, atol=BACKWARD)


@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.parametrize("name", [name for name in CELLS if name != "rnn"])
def test_a_sampled_cell_and_its_gradients_agree_with_autograd(name: str, projected: bool) -> None:
    if projected and name.startswith("gru"):
        return
    cell = CELLS[name](projected, "x,h", None, True)
    for seed in range(5):
        n, k = (2, 3) if projected else (3, 3)
        sizes = {"m": 2, "n": n, "k": k}
        weights, x, state = drawn(cell, 2, n, k, 4, seed)
        given = uniform_numbers(cell, sizes, 4, np.random.default_rng(seed))
        assert all(value.shape == (4, 3) for value in given.values())
        W, start, inputs = as_tensors(weights), as_tensors(state), torch.tensor(x, requires_grad=True)
        numbers = {key.removeprefix("draw_"): torch.tensor(value) for key, value in given.items()}
        h, C = equations(name, W, inputs, start, numbers)
        of_h = np.random.default_rng(seed + 100).normal(size=tuple(h.shape))
        loss = (h * torch.tensor(of_h)).sum() + (C.sum() if C is not None else 0)
        loss.backward()

        trace = trace_sequence(cell, weights, x, state, sizes, given)
        np.testing.assert_allclose(np.stack([v["h_t"] for v in trace.steps]), h.detach().numpy(), rtol=0, atol=FORWARD)
        seeds: list[dict[str, Any]] = [{"h_t": row} for row in of_h]
        if C is not None:
            seeds[-1]["C_t"] = np.ones(k)
        gradients = backpropagate(trace, seeds)
        for key, tensor in {**W, **start}.items():
            found = gradients.parameters[key] if key in W else gradients.initial[key]
            expected = np.zeros(tensor.shape) if tensor.grad is None else tensor.grad
            np.testing.assert_allclose(found, expected, rtol=0, atol=BACKWARD, err_msg=key)
        for gate in given:  # nothing comes back through a draw: its layer learns nothing
            assert not gradients.parameters[gate.replace("draw_", "W_")].any()


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("name", CELLS)
def test_the_output_and_its_gradients_agree_with_autograd(name: str, output: str) -> None:
    cell = CELLS[name](False, "x,h", output)
    weights, x, state = drawn(cell, 2, 3, 3, 3, seed=7)
    W = as_tensors(weights)
    h, _ = equations(name, W, torch.tensor(x), {key: torch.tensor(value) for key, value in state.items()})
    z = h @ W["W_y"].T + W["b_y"]
    y = {"sigmoid": torch.sigmoid, "softmax": lambda v: torch.softmax(v, -1), "identity": lambda v: v}[output](z)
    of_y = np.random.default_rng(3).normal(size=tuple(y.shape))
    (y * torch.tensor(of_y)).sum().backward()
    trace = trace_sequence(cell, weights, x, state, {"m": 2, "n": 3, "k": 3, "p": 2})
    np.testing.assert_allclose(np.stack([v["y_t"] for v in trace.steps]), y.detach().numpy(), rtol=0, atol=FORWARD)
    gradients = backpropagate(trace, [{"y_t": row} for row in of_y])
    for key, tensor in W.items():
        np.testing.assert_allclose(gradients.parameters[key], tensor.grad, rtol=0, atol=BACKWARD, err_msg=key)


def test_a_softmax_of_large_numbers_overflows_nothing() -> None:
    kind = OUTPUTS["softmax"]
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_array_equal(kind.forward(np.array([1e4, 0.0, -1e4])), [1, 0, 0])
