from __future__ import annotations

import numpy as np
import pytest

from engine.cell.backward import Backward, go_back
from engine.cell.cells import CELLS, OUTPUTS
from engine.cell.trace import backpropagate
from engine.commands.trace import small_document
from engine.document.document import Document
from engine.document.loss import LOSSES, Loss, LossError, loss_and_seeds, losses_of, read_by
from engine.document.tracing import trace_document
from engine.explain import backward_line as back_line
from engine.explain.number_line import Block


def document(name: str, output: str | None = None, projected: bool = False) -> Document:
    made = small_document(name)
    if projected:
        made = made.resized(n=2, projected=True)
    return made.with_output(output, 3, seed=1)


def of_weights(way: Backward) -> dict[str, np.ndarray]:
    """dL/d(weight) after all moves."""
    return {move.target: move.total() for move in way.moves if move.target in way.trace.parameters}


CASES = [
    *((name, output, False) for name in CELLS for output in (None, *OUTPUTS)),
    *((name, None, True) for name in CELLS if CELLS[name](False, "x,h", None).has_state),
]


@pytest.mark.parametrize(("name", "output", "projected"), CASES)
def test_the_moves_add_up_to_backpropagation_through_time(name: str, output: str | None, projected: bool):
    trace = trace_document(document(name, output, projected))
    _, seeds = loss_and_seeds(trace, Loss("square"))
    expected = backpropagate(trace, [{}, {}, seeds])
    way = go_back(trace, seeds)
    assert [move.t for move in way.moves] == sorted((move.t for move in way.moves), reverse=True)
    for t, gradients in enumerate(expected.steps):
        known = way.known(len(way.moves), t)
        assert set(known) == set(gradients)
        for value, gradient in gradients.items():
            np.testing.assert_allclose(known[value], gradient, rtol=1e-12, atol=1e-15, err_msg=value)
    weights = of_weights(way)
    for weight, gradient in expected.parameters.items():
        np.testing.assert_allclose(weights.get(weight, 0 * gradient), gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("name", "projected"), [(name, projected) for name, output, projected in CASES if not output])
def test_a_loss_may_read_every_step(name: str, projected: bool):
    trace = trace_document(document(name, projected=projected))
    rng = np.random.default_rng(5)
    n = trace.sizes["n"]
    seeds = [{"h_t": rng.normal(size=n)} if t != 1 else {} for t in range(len(trace.steps))]
    expected = backpropagate(trace, seeds)
    way = go_back(trace, seeds)
    for t, gradients in enumerate(expected.steps):
        known = way.known(len(way.moves), t)
        for value, gradient in gradients.items():
            np.testing.assert_allclose(known[value], gradient, rtol=0, atol=1e-12, err_msg=value)
    weights = of_weights(way)
    for weight, gradient in expected.parameters.items():
        np.testing.assert_allclose(weights[weight], gradient, rtol=0, atol=1e-12, err_msg=weight)


def test_what_a_step_begins_with_is_the_loss_and_what_the_step_after_passes_on():
    trace = trace_document(document("lstm"))
    alone, both = (
        go_back(trace, {"h_t": np.ones(3)}),
        go_back(trace, [{}, {"h_t": np.full(3, 0.5)}, {"h_t": np.ones(3)}]),
    )
    np.testing.assert_array_equal(both.arrivals[2]["h_t"], 1)
    np.testing.assert_array_equal(both.arrivals[1]["h_t"], alone.arrivals[1]["h_t"] + 0.5)
    np.testing.assert_array_equal(both.arrivals[1]["C_t"], alone.arrivals[1]["C_t"])


def test_seeds_must_be_as_many_as_steps():
    trace = trace_document(document("lstm"))
    with pytest.raises(ValueError, match="expected seeds for each of 3 time steps, found 2"):
        go_back(trace, [{}, {"h_t": np.ones(3)}])


def test_a_position_knows_only_what_has_been_reached():
    trace = trace_document(document("lstm"))
    way = go_back(trace, {"h_t": np.ones(3)})
    assert set(way.known(0, 2)) == {"h_t"}
    first = way.moves[0]
    assert (first.operation.name, first.target, first.t) == ("h_t", "o_t", 2)
    np.testing.assert_array_equal(way.known(1, 2)["o_t"], np.asarray(trace.steps[2]["tanh_C"]))
    assert "tanh_C" not in way.known(1, 2)


def test_the_cell_line_passes_a_gradient_on_times_the_forget_gate():
    trace = trace_document(document("lstm"))
    way = go_back(trace, {"C_t": np.ones(3)})
    move = next(m for m in way.moves if m.operation.name == "kept" and m.target == "C_prev")
    np.testing.assert_array_equal(move.part(), trace.steps[2]["f_t"])


@pytest.mark.parametrize("name", ["sum", "square", "entropy"])
def test_a_loss_has_the_gradient_that_it_says(name: str):
    start = document("lstm", "softmax")
    loss = Loss(name, (2.0,) if name == "entropy" else (0.2, -0.1, 0.5) if name == "square" else ())
    trace = trace_document(start)
    _, seeds = loss_and_seeds(trace, loss)
    way = go_back(trace, seeds)
    gradient = of_weights(way)["b_f"]
    for unit in range(3):
        ends = []
        for change in (1e-6, -1e-6):
            b = start.weights["b_f"].copy()
            b[unit] += change
            value, _ = loss_and_seeds(trace_document(start.with_weight("b_f", b)), loss)
            assert value is not None
            ends.append(value)
        assert gradient[unit] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-8)


def test_gradients_may_be_typed():
    trace = trace_document(document("lstm"))
    value, seeds = loss_and_seeds(trace, Loss("typed", by_hand={"h_t": (0.0, 1.0, 0.0), "C_t": (0.0, 0.0, 2.0)}))
    assert value is None
    np.testing.assert_array_equal(seeds["h_t"], [0, 1, 0])
    np.testing.assert_array_equal(seeds["C_t"], [0, 0, 2])


@pytest.mark.parametrize(
    ("output", "loss", "words"),
    [
        (None, Loss("square", (1.0,)), "target: expected 3 numbers, found 1"),
        (None, Loss("entropy"), "loss 'entropy': expected one of sum, square, typed"),
        ("softmax", Loss("entropy", (4.0,)), "target: expected a whole number from 1 to 3"),
        (None, Loss("typed", by_hand={"h_t": (1.0, 2.0)}), "∂L/∂h_t: expected 3 numbers, found 2"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(output: str | None, loss: Loss, words: str):
    with pytest.raises(LossError, match=words):
        loss_and_seeds(trace_document(document("lstm", output)), loss)


def test_the_entropy_needs_shares():
    assert "entropy" in losses_of(trace_document(document("gru", "softmax")))
    assert "entropy" not in losses_of(trace_document(document("gru", "sigmoid")))
    assert read_by(trace_document(document("gru"))) == "h_t"
    assert set(losses_of(trace_document(document("gru", "softmax")))) == set(LOSSES)


@pytest.mark.parametrize(("name", "output", "projected"), CASES)
def test_every_move_is_written_with_its_own_numbers(name: str, output: str | None, projected: bool):
    trace = trace_document(document(name, output, projected))
    _, seeds = loss_and_seeds(trace, Loss())
    for move in go_back(trace, seeds).moves:
        line = back_line.latex(trace.cell, move)
        assert line.startswith(r"\delta")
        assert (r"\leftarrow" in line) == (not move.is_first)
        pieces = back_line.number_line(trace, move)
        last = pieces[-1]
        assert isinstance(last, Block)
        assert last.name in (f"δ{move.target}", f"δ{move.operation.name}")


def test_a_move_in_symbols_and_numbers():
    trace = trace_document(document("lstm"))
    way = go_back(trace, {"h_t": np.ones(3)})
    lines = {(m.operation.name, m.target, m.t): back_line.latex(trace.cell, m) for m in way.moves}
    assert lines["kept", "f_t", 2] == r"\delta f_t = \delta\left(f_t \circ C_{t-1}\right) \circ C_{t-1}"
    assert lines["f_t", "z_f", 2] == r"\delta z_f = \delta f_t \circ f_t \circ \left(1 - f_t\right)"
    assert lines["a_f", "W_f", 2] == r"\delta W_f = \delta a_f\ \left[x_t,\ h_{t-1}\right]^{\top}"
    assert lines["a_f", "W_f", 1].startswith(r"\delta W_f \leftarrow \delta W_f + ")


def test_of_a_large_weight_only_the_factors_are_shown():
    small = small_document("rnn").resized(k=300)
    trace = trace_document(small)
    way = go_back(trace, {"h_t": np.ones(300)})
    move = next(move for move in way.moves if move.target == "W_h")
    names = [piece.name for piece in back_line.number_line(trace, move) if isinstance(piece, Block)]
    assert names == ["δa_h", "xhᵀ"]
    assert all(move.of_value is None for move in way.moves if move.target in trace.parameters)


def test_a_share_too_small_for_its_logarithm_is_refused():
    start = document("lstm", "softmax")
    b = np.array([715.0, 0.0, 0.0])
    trace = trace_document(start.with_weight("W_y", np.zeros((3, 3))).with_weight("b_y", b))
    with pytest.raises(LossError, match=r"target: y\[2\] is .*, too small"):
        loss_and_seeds(trace, Loss("entropy", (2.0,)))
