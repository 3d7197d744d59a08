"""All layers as one product, in torch's order."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.cell.cells import CELLS
from engine.cell.trace import Trace
from engine.document.document import Document, blank
from engine.document.tracing import trace_document
from engine.explain.stacked import stacked, stacked_weights, torch_module
from tests.engine.torch_weights import blog_weights

ORDER = {
    "lstm": "ifCo",
    "peephole": "ifCo",
    "coupled": "fCo",
    "lstm-1997": "iCo",
    "gru": "ru",
    "gru-2014": "ru",
    "rnn": "h",
}


def document(cell: str = "lstm", steps: int = 3, order: str = "x,h", projected: bool = False) -> Document:
    generator = np.random.default_rng(1)
    n = 2 if projected else 4
    made = blank(3, n, 4, "xavier", 2, cell).with_order(order)
    made = made.with_inputs(x=generator.normal(size=(steps, 3)), h0=generator.normal(size=n))
    for item in made.cell.parameters:
        if len(item.shape) == 1:
            made = made.with_weight(item.name, generator.normal(size=made.weights[item.name].shape))
    return made


def every_trace() -> list[Trace]:
    kinds = [(cell, order, False) for cell in CELLS for order in ("x,h", "h,x")]
    kinds += [(cell, "x,h", True) for cell in ("lstm", "peephole", "coupled", "lstm-1997")]
    return [trace_document(document(cell, 3, order, projected)) for cell, order, projected in kinds]


def test_every_cell_is_expected() -> None:
    assert set(ORDER) == set(CELLS)


@pytest.mark.parametrize(
    "trace", every_trace(), ids=lambda trace: f"{trace.cell.title}, {trace.cell.operations[0].symbol}"
)
def test_one_product_is_that_of_every_layer(trace: Trace) -> None:
    for t in range(3):
        stack = stacked(trace, t)
        assert stack is not None
        assert "".join(layer.letter for layer in stack.layers) == ORDER[trace.cell.name]
        assert stack.weights.W.shape == (len(stack.z), len(stack.xh))
        np.testing.assert_allclose(stack.weights.W @ stack.xh, stack.product, rtol=1e-12)
        seen = 0.0 if stack.peepholes is None else stack.peepholes
        np.testing.assert_allclose(stack.product + stack.weights.b + seen, stack.z, rtol=1e-12, atol=1e-12)
        for layer in stack.layers:
            np.testing.assert_array_equal(stack.product[layer.rows], trace.value(t, f"a_{layer.letter}"))
            np.testing.assert_array_equal(stack.z[layer.rows], trace.value(t, f"z_{layer.letter}"))
            np.testing.assert_array_equal(stack.results[layer.rows], trace.value(t, layer.result))
            squashed = 1 / (1 + np.exp(-stack.z[layer.rows])) if layer.gate else np.tanh(stack.z[layer.rows])
            np.testing.assert_allclose(stack.results[layer.rows], squashed, rtol=1e-12)
            assert stack.layer_at(layer.rows.start) is layer
            assert stack.layer_at(layer.rows.stop - 1) is layer
        for part in stack.columns:
            np.testing.assert_array_equal(stack.xh[part.columns], trace.value(t, part.name))


def test_only_peepholes_add_more_than_the_bias() -> None:
    for cell in CELLS:
        stack = stacked(trace_document(document(cell)), 0)
        assert stack is not None
        assert (stack.peepholes is not None) == (cell == "peephole")
    stack = stacked(trace_document(document("peephole")), 0)
    assert stack is not None
    assert [layer.peephole for layer in stack.layers] == ["v_i", "v_f", None, "v_o"]


def test_names_are_those_of_the_field() -> None:
    stack = stacked(trace_document(document()), 0)
    assert stack is not None
    assert [layer.torch for layer in stack.layers] == ["i", "f", "g", "o"]
    assert [layer.W for layer in stack.layers] == ["W_i", "W_f", "W_C", "W_o"]
    assert [layer.b for layer in stack.layers] == ["b_i", "b_f", "b_C", "b_o"]
    assert [layer.result for layer in stack.layers] == ["i_t", "f_t", "C_tilde", "o_t"]
    assert [layer.activation for layer in stack.layers] == [r"\sigma", r"\sigma", r"\tanh", r"\sigma"]
    assert [layer.role for layer in stack.layers] == ["input", "forget", "candidate", "output"]
    gru = stacked(trace_document(document("gru")), 0)
    assert gru is not None
    assert [layer.torch for layer in gru.layers] == ["r", "z"]


def test_a_row_beyond_the_stack_is_refused() -> None:
    stack = stacked(trace_document(document()), 0)
    assert stack is not None
    with pytest.raises(IndexError, match="16 rows"):
        stack.layer_at(16)


def test_drawn_gates_are_found() -> None:
    trace = trace_document(document().with_sampled(7))
    stack = stacked(trace, 0)
    assert stack is not None
    assert [layer.gate for layer in stack.layers] == [True, True, False, True]
    for layer in stack.layers:
        np.testing.assert_array_equal(stack.results[layer.rows], trace.value(0, layer.result))
    assert set(stack.results[stack.layers[0].rows]) <= {0.0, 1.0}
    assert stack.layers[0].activation == r"r < \sigma"


@pytest.mark.parametrize("order", ["x,h", "h,x"])
@pytest.mark.parametrize(("cell", "module"), [("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU), ("rnn", torch.nn.RNN)])
def test_torch_computes_the_same_with_these_rows(cell: str, module: type[torch.nn.RNNBase], order: str) -> None:
    """torch is given the stacked rows as they are, and its own product must be the trace's."""
    made = document(cell, 1, order)
    trace = trace_document(made)
    stack = stacked(trace, 0)
    assert stack is not None
    assert torch_module(trace.cell) == f"nn.{module.__name__}"
    network = module(3, 4, dtype=torch.float64)
    columns = {part.name: part.columns for part in stack.columns}
    rows = len(stack.z)
    with torch.no_grad():
        network.weight_ih_l0[:rows] = torch.tensor(stack.weights.W[:, columns["x_t"]])
        network.weight_hh_l0[:rows] = torch.tensor(stack.weights.W[:, columns["h_prev"]])
        network.bias_ih_l0[:rows], network.bias_hh_l0[:rows] = torch.tensor(stack.weights.b), 0.0
        if cell == "gru":  # the candidate reads x and h apart; torch stacks it below, as n
            network.weight_ih_l0[rows:] = torch.tensor(made.weights["W_x"])
            network.weight_hh_l0[rows:] = torch.tensor(made.weights["W_n"])
            network.bias_ih_l0[rows:] = torch.tensor(made.weights["b_x"])
            network.bias_hh_l0[rows:] = torch.tensor(made.weights["b_n"])
        h0 = torch.tensor(made.h0)[None, None]
        state = (h0, torch.tensor(made.c0)[None, None]) if cell == "lstm" else h0
        h, _ = network(torch.tensor(made.x)[:, None], state)
    np.testing.assert_allclose(h[0, 0].numpy(), trace.value(0, "h_t"), rtol=1e-12)


def test_rows_are_those_of_the_networks_own_weights() -> None:
    lstm = torch.nn.LSTM(3, 4)
    made = blank(3, 4, 4)
    for name, value in blog_weights(lstm, 0).items():
        made = made.with_weight(name, value)
    weights = stacked_weights(trace_document(made))
    np.testing.assert_array_equal(weights.W[:, :3], lstm.weight_ih_l0.detach().numpy())
    np.testing.assert_array_equal(weights.W[:, 3:], lstm.weight_hh_l0.detach().numpy())
    np.testing.assert_allclose(weights.b, (lstm.bias_ih_l0 + lstm.bias_hh_l0).detach().numpy())
