from __future__ import annotations

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.cell.initialise import fresh
from engine.cell.trace import backpropagate
from engine.commands.trace import small_document
from engine.document.through_time import cell_line, line_products, plain_rnn, rnn_norms, through_time
from engine.document.tracing import trace_document

FACTORS = {"lstm": "f_t", "peephole": "f_t", "coupled": "f_t", "lstm-1997": None, "gru": "u_t", "gru-2014": "u_t"}


@pytest.mark.parametrize("name", CELLS)
def test_the_cell_line_is_read_off_the_declaration(name: str):
    line = cell_line(CELLS[name](False, "x,h", None))
    if name == "rnn":
        assert line is None
        return
    assert line is not None
    assert line.factor == FACTORS[name]
    assert line.state == ("h_t" if name.startswith("gru") else "C_t")


@pytest.mark.parametrize("name", FACTORS)
def test_the_products_are_those_of_the_factors(name: str):
    trace = trace_document(small_document(name))
    products = line_products(trace)
    assert products is not None
    factor = FACTORS[name]
    second, third = ([np.ones(3)] * 2) if factor is None else (np.asarray(trace.steps[t][factor]) for t in (1, 2))
    np.testing.assert_allclose(products, [second * third, third, np.ones(3)], rtol=1e-15)


def test_a_plain_rnn_has_no_line():
    assert line_products(trace_document(small_document("rnn"))) is None


@pytest.mark.parametrize("order", ["x,h", "h,x"])
def test_the_norms_are_those_of_the_jacobian(order: str):
    document = small_document("rnn").with_order(order)
    norms = rnn_norms(trace_document(document))

    def last(h0: np.ndarray) -> np.ndarray:
        # The state after step 1 is what the last two steps begin with.
        after = document.with_inputs(x=document.x[1:], h0=h0)
        return np.asarray(trace_document(after).steps[-1]["h_t"])

    h1 = np.asarray(trace_document(document).steps[0]["h_t"])
    columns = [(last(h1 + d) - last(h1 - d)) / 2e-6 for d in 1e-6 * np.eye(3)]
    assert norms[0] == pytest.approx(np.linalg.norm(np.array(columns).T, 2), rel=1e-6)
    assert norms[-1] == 1


@pytest.mark.parametrize("projected", [False, True])
def test_the_rnn_beside_an_lstm_has_the_candidates_weights(projected: bool):
    lstm = small_document("lstm")
    if projected:
        lstm = lstm.resized(n=2, projected=True)
    rnn = plain_rnn(lstm)
    assert rnn.cell_name == "rnn"
    assert (rnn.m, rnn.n, rnn.k) == (lstm.m, lstm.k, lstm.k)
    if projected:  # the candidate's columns read another h
        np.testing.assert_array_equal(rnn.weights["W_h"], fresh("xavier", "W_h", (3, 5), (2, 3)))
    else:
        for own, its in (("W_h", "W_C"), ("b_h", "b_C")):
            np.testing.assert_array_equal(rnn.weights[own], lstm.weights[its])
        np.testing.assert_array_equal(rnn.h0, lstm.h0)
    again = plain_rnn(rnn)
    np.testing.assert_array_equal(again.weights["W_h"], rnn.weights["W_h"])


def test_a_product_beyond_all_numbers_is_left_out():
    W = np.zeros((3, 5))
    W[:, 2:] = 1e60 * np.eye(3)
    rnn = small_document("rnn").with_weight("W_h", W).with_inputs(x=np.zeros((8, 2)), h0=np.zeros(3))
    norms = rnn_norms(trace_document(rnn.with_weight("b_h", np.zeros(3))))
    np.testing.assert_allclose(norms[-6:], [1e300, 1e240, 1e180, 1e120, 1e60, 1.0], rtol=1e-9)
    assert np.isnan(norms[:2]).all()


@pytest.mark.parametrize("name", CELLS)
def test_the_norms_are_those_of_backpropagation(name: str):
    document = small_document(name)
    found = through_time(document)
    trace = trace_document(document)
    gradients = backpropagate(trace, [{}, {}, {"h_t": np.ones(3)}])
    assert set(found.norms) == ({"h_t", "C_t"} if trace.cell.has_state else {"h_t"})
    for value, norms in found.norms.items():
        expected = [np.linalg.norm(np.asarray(step[value])) for step in gradients.steps]
        np.testing.assert_allclose(norms, expected, rtol=1e-12)
    assert found.rnn.shape == (3,)
    assert (found.line is None) == (name == "rnn")
