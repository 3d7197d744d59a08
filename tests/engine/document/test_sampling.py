"""Drawn gates: the same seed the same runs, the right mean, and where the mean is the soft value."""

from __future__ import annotations

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.document.document import Document, DocumentError, blank
from engine.document.sampling import MOST_DRAWS, draws, most_draws
from engine.document.tracing import trace_document

WITH_GATES = [name for name in CELLS if name != "rnn"]


def filled(cell_name: str = "lstm", steps: int = 5, size: int = 3, scale: float = 1.0) -> Document:
    """A cell with weights and inputs all different from 0."""
    generator = np.random.default_rng(8)
    document = blank(2, size, size, cell_name=cell_name)
    for name, value in document.weights.items():
        document = document.with_weight(name, scale * generator.normal(size=value.shape))
    x, h0, c0 = (generator.normal(size=shape) for shape in ((steps, 2), size, size))
    return document.with_inputs(x=x, h0=h0, c0=c0)


def h_of(document: Document) -> np.ndarray:
    return np.array([step["h_t"] for step in trace_document(document).steps])


@pytest.mark.parametrize("order", ["x,h", "h,x"])
@pytest.mark.parametrize("name", WITH_GATES)
def test_the_first_run_is_the_documents_own_to_the_bit(name: str, order: str) -> None:
    document = filled(name).with_order(order)
    found = draws(document, 7, 20)
    assert found.h.shape == (20, 5, 3)
    assert (found.seed, found.count) == (7, 20)
    assert found.h[0].tobytes() == h_of(document.with_sampled(7)).tobytes()
    assert found.soft_h.tobytes() == h_of(document).tobytes()
    np.testing.assert_allclose(found.mean, found.h.mean(axis=0), rtol=0, atol=1e-15)
    deviation = np.sqrt(((found.h - found.mean) ** 2).sum(axis=0) / 19)
    np.testing.assert_allclose(found.error, deviation / np.sqrt(20), rtol=0, atol=1e-15)


def test_every_further_run_is_what_the_cell_computes_from_its_numbers() -> None:
    document = filled("lstm").resized(n=2, projected=True)
    found = draws(document, 7, 4)
    generator = np.random.default_rng(np.random.SeedSequence(7).spawn(1)[0])
    W, sigmoid = document.weights, lambda z: 1 / (1 + np.exp(-z))
    for run in range(1, 4):
        numbers = generator.random((3, 5, 3))  # gates, steps, units
        h, C = document.h0, document.c0
        for t, x in enumerate(document.x):
            xh = np.concatenate([x, h])
            f, i, o = (
                (numbers[row, t] < sigmoid(W[f"W_{gate}"] @ xh + W[f"b_{gate}"])) for row, gate in enumerate("fio")
            )
            C = f * C + i * np.tanh(W["W_C"] @ xh + W["b_C"])
            h = W["W_hr"] @ (o * np.tanh(C))
            np.testing.assert_allclose(found.h[run, t], h, rtol=0, atol=1e-12)


def test_a_seed_gives_the_same_runs_and_more_runs_begin_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    document = filled("peephole")
    one, two, more, other = (draws(document, seed, count) for seed, count in ((3, 6), (3, 6), (3, 9), (4, 6)))
    assert one.h.tobytes() == two.h.tobytes()
    np.testing.assert_allclose(more.h[:6], one.h, rtol=0, atol=1e-12)
    assert not any(np.array_equal(a, b) for a in one.h for b in other.h)
    # However many are computed at a time.
    monkeypatch.setattr("engine.document.sampling._AT_ONCE", 1)
    np.testing.assert_allclose(draws(document, 3, 6).h, one.h, rtol=0, atol=1e-12)


def test_whether_the_document_is_sampled_itself_changes_nothing() -> None:
    document = filled("gru")
    soft, sampled = draws(document, 3, 5), draws(document.with_sampled(99), 3, 5)
    assert soft.h.tobytes() == sampled.h.tobytes()
    assert soft.soft_h.tobytes() == sampled.soft_h.tobytes()


@pytest.mark.parametrize("p", [0.03, 0.5, 0.9])
def test_a_gate_is_open_as_often_as_its_sigmoid_says(p: float) -> None:
    size, steps = 50, 400
    document = blank(1, size, size, "zeros").with_inputs(x=np.zeros((steps, 1)))
    document = document.with_weight("b_f", np.full(size, np.log(p / (1 - p)))).with_sampled(1)
    f = np.array([step["f_t"] for step in trace_document(document).steps])
    assert abs(f.mean() - p) < 4 * np.sqrt(p * (1 - p) / f.size)
    # No unit and no step is a copy of another.
    assert len({row.tobytes() for row in f}) > 0.9 * steps or p < 0.1
    assert len({column.tobytes() for column in f.T}) == size


def gated(**biases: float) -> Document:
    """One unit whose gates depend on nothing but their biases: C̃ = tanh(1), C_0 = 2."""
    document = blank(1, 1, 1, "zeros").with_weight("b_C", [1.0])
    for gate, bias in biases.items():
        document = document.with_weight(f"b_{gate}", [bias])
    return document.with_inputs(x=[[0.0]], c0=[2.0])


def test_the_mean_is_the_soft_value_where_the_gate_enters_linearly() -> None:
    # h = o · tanh(C) with f and i as good as 1: the expected value of o is σ(z_o).
    found = draws(gated(f=99, i=99, o=0.4), 5, MOST_DRAWS)
    assert 0 < found.error[0, 0] < 0.02
    assert abs(found.mean - found.soft_h)[0, 0] < 4 * found.error[0, 0]


def test_the_mean_is_another_value_where_something_nonlinear_follows() -> None:
    # h = tanh(f · 2): its expected value is p · tanh(2), the soft value tanh(2 p).
    found = draws(gated(f=0.0, i=-99, o=99), 5, MOST_DRAWS)
    assert abs(found.mean[0, 0] - 0.5 * np.tanh(2)) < 4 * found.error[0, 0]
    assert found.soft_h[0, 0] == pytest.approx(np.tanh(1))
    assert abs(found.mean - found.soft_h)[0, 0] > 20 * found.error[0, 0]


def test_one_run_has_no_standard_error() -> None:
    found = draws(filled(), 0, 1)
    np.testing.assert_array_equal(found.mean, found.h[0])
    assert np.isnan(found.error).all()


def test_saturated_gates_are_no_longer_drawn() -> None:
    found = draws(gated(f=99, i=-99, o=99), 0, 50)
    assert (found.h == found.h[0]).all()
    np.testing.assert_allclose(found.mean, found.soft_h, rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.error, 0, atol=1e-15)


def test_huge_numbers_give_no_warning() -> None:
    document = filled(scale=1e99).with_inputs(h0=[1e100, -1e100, 1e-300])
    with np.errstate(all="raise"):
        found = draws(document, 0, 10)
    assert np.isfinite(found.h).all()


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="the Plain RNN has no gates that could be drawn"):
        draws(blank(2, 3, 3, cell_name="rnn"), 0, 10)
    with pytest.raises(ValueError, match="at least 1 run was expected, not 0"):
        draws(blank(2, 3, 3), 0, 0)
    with pytest.raises(DocumentError, match="sampled: expected a whole number"):
        draws(blank(2, 3, 3), -1, 3)


def test_a_large_or_long_document_has_fewer_runs() -> None:
    assert most_draws(filled(steps=1)) == most_draws(filled(steps=200)) == MOST_DRAWS
    large = blank(64, 64, 64).with_inputs(x=np.zeros((200, 64)))
    assert 20 < most_draws(large) < MOST_DRAWS
    assert most_draws(large.with_inputs(x=np.zeros((400, 64)))) == pytest.approx(most_draws(large) / 2, abs=1)
    assert most_draws(blank(1024, 1024, 1024).with_inputs(x=np.zeros((200, 1024)))) == 1
