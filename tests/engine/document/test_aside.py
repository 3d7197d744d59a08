"""What another cell has no place for comes back with the first."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.document.document import Document
from engine.document.document_file import to_json
from engine.document.examples import load_example


def same(one: Document, other: Document) -> bool:
    alike = [np.array_equal(one.weights[name], other.weights[name]) for name in one.weights]
    return alike == [True] * len(other.weights) and np.array_equal(one.h0, other.h0) and one.sizes == other.sizes


def with_n(n: int) -> Document:
    """The worked example with a projection and an output that no filling makes."""
    document = load_example("worked-example").resized(n=n, projected=True).with_output("softmax", 2)
    weights = {
        name: np.full(weight.shape, place + 0.5) for place, (name, weight) in enumerate(document.weights.items())
    }
    for name, weight in weights.items():
        document = document.with_weight(name, weight)
    return document.with_inputs(h0=np.arange(1.0, n + 1))


@pytest.mark.parametrize("between", list(product(CELLS, CELLS)), ids="-".join)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_every_weight_of_a_cell_comes_back_after_two_others(n: int, between: tuple[str, str]) -> None:
    document = with_n(n)
    changed = document
    for cell in between:
        changed = changed.with_cell(cell)
    assert same(changed.with_cell("lstm"), document)


def test_an_edit_of_the_other_cell_stays_and_so_does_the_first() -> None:
    document = load_example("worked-example")
    gru = document.with_cell("gru").with_weight("W_r", np.full((3, 6), 7.0))
    assert same(gru.with_cell("lstm"), document)
    assert same(gru.with_cell("lstm").with_cell("gru"), gru)
    assert same(gru.with_cell("peephole").with_cell("rnn").with_cell("gru"), gru)


def test_what_is_brought_back_has_the_sizes_and_the_order_of_now() -> None:
    document = load_example("worked-example")
    W = document.weights["W_f"]
    grown = document.with_cell("gru").resized(m=4, k=4).with_cell("lstm").weights["W_f"]
    assert grown.shape == (4, 8)
    np.testing.assert_array_equal(grown[:3, :3], W[:, :3])
    np.testing.assert_array_equal(grown[:3, 4:7], W[:, 3:])
    less = document.with_cell("gru").resized(m=2).with_cell("lstm").weights["W_f"]
    np.testing.assert_array_equal(less, np.hstack([W[:, :2], W[:, 3:]]))
    turned = document.with_cell("gru").with_order("h,x").with_cell("lstm").weights["W_f"]
    np.testing.assert_array_equal(turned, np.hstack([W[:, 3:], W[:, :3]]))


def test_a_projection_that_was_given_up_by_hand_stays_away() -> None:
    linked = with_n(2).with_cell("gru").with_cell("lstm").resized(projected=False)
    assert not linked.with_cell("gru").with_cell("lstm").projected


def test_an_output_comes_back_with_its_size() -> None:
    document = with_n(3)
    assert same(document.with_output(None).with_output("sigmoid"), document)
    assert document.with_output(None).with_output("sigmoid", 1).sizes["p"] == 1


def test_what_is_aside_is_in_no_file() -> None:
    document = load_example("worked-example").with_cell("gru")
    assert "W_f" in document.aside
    assert "W_f" not in to_json(document)
