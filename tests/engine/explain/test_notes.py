from __future__ import annotations

import pytest

from engine.cell.cells import CELLS
from engine.document.document import Document, blank
from engine.document.examples import load_example
from engine.explain.notes import note_of

LONGEST = 88
"""Characters that fit in the line below the formula in a small window."""


def cell(name: str = "lstm", n: int = 3) -> Document:
    return blank(3, n, 3, cell_name=name)


def test_the_author_speaks_first():
    document = load_example("worked-example")
    assert "[22, 43, 64]" in note_of(document.cell, "z_i", document.notes)
    assert note_of(document.cell, "z_i") == ""
    assert "KEEPS" not in note_of(document.cell, "kept", {"kept": "mine"})


def test_what_is_commonly_said_loosely_is_said_at_its_place():
    lstm = cell().cell
    assert "not the toss" in note_of(lstm, "f_t")
    assert note_of(lstm, "kept").startswith("f = 1 KEEPS")
    assert "0.25" in note_of(lstm, "C_tilde")
    assert "one product" in note_of(lstm, "a_i")
    assert "multiplied by f only" in note_of(lstm, "kept", backwards=True)


def test_a_note_is_said_only_where_it_is_true():
    assert "n = k" in note_of(cell().cell, "h_t")
    assert note_of(cell(n=2).cell, "h_t") == ""
    assert note_of(cell(n=2).cell, "r_t") == ""  # o ∘ tanh(C), no gate
    assert "not the toss" in note_of(cell("gru").cell, "r_t")
    assert note_of(cell("rnn").cell, "h_t") == ""
    gru = cell("gru").cell
    assert note_of(gru, "kept").startswith("u = 1 KEEPS")
    assert "multiplied by u only" in note_of(gru, "kept", backwards=True)
    drawn = cell().with_sampled(0).cell
    assert note_of(drawn, "f_t") == ""
    assert "derivative 0" in note_of(drawn, "f_t", backwards=True)
    assert note_of(cell("coupled").cell, "i_t", backwards=True) == ""  # 1 − f


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("backwards", [False, True])
def test_every_note_fits_on_its_line(name: str, backwards: bool):
    for sampled in (None, 0):
        declared = cell(name).with_sampled(sampled).cell
        for operation in declared.operations:
            assert len(note_of(declared, operation.name, backwards=backwards)) <= LONGEST


def test_the_notes_of_the_examples_fit_too():
    for note in load_example("worked-example").notes.values():
        assert len(note) <= LONGEST
