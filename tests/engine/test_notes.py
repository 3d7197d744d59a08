from __future__ import annotations

import pytest

from engine import notes
from engine.cells import CELLS
from engine.document import blank
from engine.examples import load_example
from engine.notes import note_of

LONGEST = 88
"""Characters that fit in the line below the formula in a small window."""


def test_the_author_speaks_first():
    document = load_example("worked-example")
    assert "[22, 43, 64]" in note_of(document, "z_i")
    assert note_of(document, "z_i", with_authors=False) == ""


def test_what_is_commonly_said_loosely_is_said_at_its_place():
    document = blank(3, 3, 3)
    assert "not a draw" in note_of(document, "f_t")
    assert "f = 1 KEEPS" in note_of(document, "kept")
    assert "0.25" in note_of(document, "C_tilde")
    assert "one product" in note_of(document, "a_i")


def test_a_note_is_said_only_where_it_is_true():
    assert "n = k" in note_of(blank(3, 3, 3), "h_t")
    assert note_of(blank(3, 2, 3), "h_t") == ""
    assert note_of(blank(3, 2, 3), "r_t") == ""
    assert "not a draw" in note_of(blank(3, 3, 3, cell_name="gru"), "r_t")
    assert note_of(blank(3, 3, 3, cell_name="rnn"), "h_t") == ""


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("backwards", [False, True])
def test_every_note_fits_on_its_line(name: str, backwards: bool):
    document = blank(3, 3, 3, cell_name=name)
    for operation in document.cell.operations:
        assert len(note_of(document, operation.name, backwards=backwards)) <= LONGEST
    assert all(len(note) <= LONGEST for note in notes._NOTES.values())
