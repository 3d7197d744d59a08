from __future__ import annotations

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.document.document import Document, DocumentError, blank
from engine.document.partner import number_of_weights, partner_of, size_note
from engine.document.tracing import trace_document


@pytest.fixture
def document() -> Document:
    return blank(2, 3, 3, seed=4).with_inputs(x=[[1, -2], [0.5, 3], [0, 1]], h0=[0.1, 0.2, 0.3])


def test_weights_of_the_same_name_are_shared(document: Document):
    partner = partner_of(document, "coupled")
    assert partner.shared == ("W_f", "W_C", "W_o", "b_f", "b_C", "b_o")
    for name in partner.shared:
        np.testing.assert_array_equal(partner.document.weights[name], document.weights[name])
    assert partner_of(document, "gru").shared == ()


@pytest.mark.parametrize("name", [name for name in CELLS if name != "lstm"])
def test_the_partner_reads_the_same_input(document: Document, name: str):
    partner = partner_of(document, name)
    assert partner.document.cell_name == name
    expected = trace_document(document.with_cell(name))
    for t, step in enumerate(partner.trace.steps):
        np.testing.assert_array_equal(step["x_t"], document.x[t])
        np.testing.assert_array_equal(step["h_t"], expected.steps[t]["h_t"])


def test_weights_are_counted(document: Document):
    assert number_of_weights(document) == 4 * (3 * 5 + 3)
    assert number_of_weights(document.with_cell("rnn")) == 3 * 5 + 3


@pytest.mark.parametrize(("n", "how"), [(5, "cut"), (2, "filled up with 0")])
def test_a_cell_without_projection_has_another_n(n: int, how: str):
    document = blank(2, n, 3)
    document = document.with_inputs(h0=np.arange(1.0, n + 1))
    partner = partner_of(document, "gru")
    assert partner.document.n == 3
    np.testing.assert_array_equal(partner.document.h0, np.append(document.h0, 0)[:3])
    note = size_note(document, partner.document)
    assert f"3 entries there, not {n}" in note
    assert how in note
    assert size_note(document, partner_of(document, "coupled").document) == ""


def test_an_unknown_cell_is_refused(document: Document):
    with pytest.raises(DocumentError, match="expected one of lstm"):
        partner_of(document, "tram")
