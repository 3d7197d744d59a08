"""What each example claims is what it computes."""

from __future__ import annotations

import numpy as np
import pytest

from engine.document import DocumentError
from engine.examples import EXAMPLES, load_example
from engine.trace import backpropagate, trace_document


def states(name: str, of: str = "C_t") -> np.ndarray:
    """Return a value of every step, (T, size)."""
    return np.stack([values[of] for values in trace_document(load_example(name)).steps])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_opens_and_runs(name: str) -> None:
    document = load_example(name)
    assert np.isfinite(states(name, "h_t")).all()
    if name not in ("worked-example", "four-steps"):
        assert document.lesson.count(".") >= 3
        assert "Try:" in document.lesson


def test_remembering_for_ever_keeps_the_state_and_its_gradient() -> None:
    document = load_example("remember")
    np.testing.assert_array_equal(states("remember"), np.tile(document.c0, (5, 1)))
    trace = trace_document(document)
    gradients = backpropagate(trace, [{}, {}, {}, {}, {"C_t": np.ones(3)}])
    np.testing.assert_allclose(gradients.initial["C_prev"], 1, rtol=0, atol=1e-12)


def test_forgetting_at_once_leaves_the_candidate_alone() -> None:
    np.testing.assert_allclose(states("forget"), states("forget", "C_tilde"), rtol=0, atol=1e-12)


def test_the_counter_counts_ones() -> None:
    np.testing.assert_allclose(states("counter")[:, 0], [1, 1, 2, 3, 3, 4], rtol=0, atol=1e-12)


def test_the_latch_holds_between_set_and_reset() -> None:
    np.testing.assert_allclose(states("latch")[:, 0], [1, 1, 1, 0, 0, 1, 1], rtol=0, atol=1e-7)


def test_the_leak_loses_a_tenth_a_step() -> None:
    C = states("leak")[:, 0]
    np.testing.assert_allclose(C[4:] / C[3:-1], 0.9, rtol=0, atol=1e-12)
    assert pytest.approx(0.35, abs=0.005) == 0.9**10


def test_the_projection_has_two_hidden_states_of_four_cells() -> None:
    document = load_example("projection")
    assert (document.n, document.k, document.weights["W_f"].shape) == (2, 4, (4, 4))


def test_an_unknown_example_names_those_there_are() -> None:
    with pytest.raises(DocumentError, match="worked-example, four-steps, remember"):
        load_example("nothing")
