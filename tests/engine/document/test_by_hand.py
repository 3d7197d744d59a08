"""Gates set by hand: what C and h do then is what the equations say, in every cell with a cell state."""

from __future__ import annotations

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.document.by_hand import (
    COMPUTED,
    STEPS,
    STORIES,
    ByHandError,
    hidden_of,
    read_gates,
    settable,
    trace_by_hand,
)
from engine.document.document import Document, blank
from engine.document.tracing import trace_document

WITH_STATE = [name for name, make in CELLS.items() if make(False, "x,h", None).has_state]


def filled(cell_name: str = "lstm", steps: int = STEPS) -> Document:
    generator = np.random.default_rng(3)
    document = blank(2, 3, 3, cell_name=cell_name)
    for name, value in document.weights.items():
        document = document.with_weight(name, generator.normal(size=value.shape))
    return document.with_inputs(x=generator.normal(size=(steps, 2)), c0=generator.normal(size=3))


@pytest.mark.parametrize("cell_name", WITH_STATE)
def test_nothing_set_is_the_trace_of_the_document(cell_name: str) -> None:
    document = filled(cell_name)
    for held in ({}, {"o_t": [None] * STEPS}):
        found = trace_by_hand(document, 0, held)
        for mine, own in zip(found.steps, trace_document(document).steps, strict=True):
            for name in own:
                np.testing.assert_array_equal(mine[name], own[name])


def test_stories_end_as_their_sentences_say() -> None:
    ends = {name: trace_by_hand(filled(), 1, story.held).steps[-1] for name, story in STORIES.items()}
    assert ends["remember"]["C_t"][1] == 0.8
    assert ends["forget"]["C_t"][1] == 0.0
    assert ends["overwrite"]["C_t"][1] == -0.6
    assert ends["leak"]["C_t"][1] == pytest.approx(0.8 * 0.9**11)
    assert round(0.9**11, 2) == 0.31  # as the story says
    assert ends["leak"]["h_t"][1] == pytest.approx(np.tanh(0.8 * 0.9**11))
    middle = trace_by_hand(filled(), 1, STORIES["forget"].held).steps
    assert [round(float(step["C_t"][1]), 12) for step in middle[4:8]] == [0.8, 0.8, 0.0, 0.0]


@pytest.mark.parametrize("cell_name", WITH_STATE)
def test_other_units_keep_their_gates_and_one_step_can_be_set_alone(cell_name: str) -> None:
    document = filled(cell_name)
    alone = [None] * 4 + [0.25] + [None] * (STEPS - 5)
    name = "o_t"
    found, own = trace_by_hand(document, 2, {name: alone}), trace_document(document)
    assert found.steps[4][name][2] == 0.25
    np.testing.assert_array_equal(found.steps[4][name][:2], own.steps[4][name][:2])
    np.testing.assert_array_equal(found.steps[3]["h_t"], own.steps[3]["h_t"])
    assert found.steps[5]["z_o"][0] != own.steps[5]["z_o"][0]  # the other units read what this one tells


def test_a_short_sequence_goes_on_with_its_last_input_and_a_long_one_is_cut() -> None:
    short, long = filled(steps=2), filled(steps=20)
    inputs = [step["x_t"] for step in trace_by_hand(short, 0, {}).steps]
    assert len(inputs) == STEPS
    np.testing.assert_array_equal(inputs[-1], short.x[-1])
    assert len(trace_by_hand(long, 0, {}).steps) == STEPS
    drawn = trace_by_hand(long.with_sampled(1), 0, {"f_t": [0.5] * STEPS})
    assert drawn.steps[-1]["f_t"][0] == 0.5


def test_what_can_be_set_of_which_cell() -> None:
    letters = {name: "".join(settable(make(False, "x,h", None))) for name, make in CELLS.items()}
    assert letters == {
        "lstm": "fiC~o",
        "rnn": "",
        "gru": "",
        "gru-2014": "",
        "peephole": "fiC~o",
        "coupled": "fC~o",  # i is 1 − f
        "lstm-1997": "iC~o",
    }
    forgets = trace_by_hand(filled("coupled"), 0, {"f_t": [0.25] * STEPS, "i_t": [0.9] * STEPS})
    assert forgets.steps[3]["i_t"][0] == 0.75
    assert hidden_of(blank(2, 2, 3).cell) == "r_t"


def test_gates_are_read_and_refused_in_a_sentence() -> None:
    cell = blank().cell
    assert read_gates(cell, {"f": "0.9", "C~": "-0.5", "i": COMPUTED}) == {"f_t": 0.9, "C_tilde": -0.5, "i_t": None}
    for gates, words in (
        ({"g": "1"}, "no gate g"),
        ({"f": "2"}, "f: expected a number from 0 to 1, or computed, found"),
        ({"C~": "−1.5"}, "from −1 to 1"),
        ({"o": "open"}, 'found "open"'),
        ({"f": ""}, "from 0 to 1"),
    ):
        with pytest.raises(ByHandError, match=words):
            read_gates(cell, gates)
    with pytest.raises(ValueError, match="expected 12 numbers, found 3"):
        trace_by_hand(filled(), 0, {"f_t": [1.0] * 3})
    with pytest.raises(IndexError):
        trace_by_hand(filled(), 3, STORIES["leak"].held)
