"""What a cell needs of memory, against the arrays themselves; and the sentence where there is not so much."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from engine.cell.cells import CELLS
from engine.document import memory
from engine.document.document import Document, DocumentError, blank, refilled
from engine.document.memory import check_fits, check_free, document_bytes, needed_bytes, trace_bytes
from engine.document.tracing import trace_document
from engine.machine import available_bytes


def made(name: str, sampled: int | None = None) -> Document:
    """A document whose sizes all differ where they may, of three steps, with an output."""
    k = 7 if CELLS[name](False, "x,h", None).has_state else 4
    document = blank(5, 4, k, cell_name=name).with_output("softmax", 3).with_sampled(sampled)
    return document.with_inputs(x=np.ones((3, 5)))


@pytest.mark.parametrize("sampled", [None, 1])
@pytest.mark.parametrize("name", CELLS)
def test_the_arithmetic_is_that_of_the_arrays(name: str, sampled: int | None):
    document = made(name, sampled)
    sizes, steps = document.sizes, len(document.x)
    arrays = [*document.weights.values(), document.x, document.h0, document.c0]
    assert document_bytes(document.cell, sizes, steps) == sum(array.nbytes for array in arrays)
    given = [document.x, document.h0, document.c0]
    values = {id(array): array for step in trace_document(document).steps for array in step.values()}
    fresh = [array for array in values.values() if not any(np.shares_memory(array, other) for other in given)]
    assert trace_bytes(document.cell, sizes, steps) == sum(array.nbytes for array in fresh)


def test_the_largest_matrix_is_needed_once_more():
    document = blank(64, 64, 64)
    cell, sizes = document.cell, document.sizes
    beside = needed_bytes(cell, sizes, 1) - document_bytes(cell, sizes, 1) - trace_bytes(cell, sizes, 1)
    assert beside == document.weights["W_f"].nbytes


def test_weights_that_stay_are_not_needed_again():
    small = blank(4, 64, 64)
    with_output = small.with_output("sigmoid", 2)
    needed = needed_bytes(with_output.cell, with_output.sizes, 1, kept=small.weights)
    rest = document_bytes(with_output.cell, with_output.sizes, 1) + trace_bytes(with_output.cell, with_output.sizes, 1)
    old = sum(array.nbytes for array in small.weights.values())
    assert needed == rest - old + with_output.weights["W_y"].nbytes


def test_a_small_cell_is_never_refused(monkeypatch: pytest.MonkeyPatch):
    assert available_bytes() > 0
    monkeypatch.setattr(memory, "available_bytes", lambda: 0)
    document = blank(64, 64, 64)
    check_fits("k", document.cell, document.sizes, 200)


def test_what_cannot_fit_is_refused_with_what_it_would_need(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_300_000_000)
    cell = CELLS["lstm"](False, "x,h", None)
    with pytest.raises(DocumentError) as refused:
        check_fits("k", cell, {"m": 4096, "n": 4096, "k": 4096}, 1)
    # Four W of 4096×8192 and one of them again.
    assert str(refused.value) == (
        "k: a cell with m = n = k = 4096 needs 1.4 GB of memory, but only 1.3 GB is free; choose smaller sizes"
    )
    check_fits("k", cell, {"m": 3, "n": 4096, "k": 4096}, 1)
    with pytest.raises(DocumentError, match=r"m = 4096, n = k = 8192 needs 4\.1 GB"):
        check_fits("k", cell, {"m": 4096, "n": 8192, "k": 8192}, 1)


@pytest.mark.parametrize(
    ("needed", "free", "words"),
    [
        (1_300_000_001, 1_300_000_000, "needs 1.4 GB of memory, but only 1.3 GB is free"),
        (25_010_000, 1_290_000, "needs 25.1 MB of memory, but only 1.2 MB is free"),
        (3 * 10**9, 20 * 10**6, "needs 3.0 GB of memory, but only 20.0 MB is free"),
    ],
)
def test_bytes_are_written_to_be_read(monkeypatch: pytest.MonkeyPatch, needed: int, free: int, words: str):
    monkeypatch.setattr(memory, "available_bytes", lambda: free)
    with pytest.raises(DocumentError, match=words):
        check_free("a copy", needed, "less")


@pytest.mark.parametrize("kind", ["xavier", "identity"])
@pytest.mark.parametrize("edit", ["new", "resized", "refilled", "turned", "another cell"])
def test_no_edit_takes_more_than_it_is_said_to_need(kind: str, edit: str):
    before = blank(200, 250, 250)
    tracemalloc.start()
    try:
        if edit == "new":
            after = blank(200, 250, 250, kind, 1)
        elif edit == "resized":
            after = before.resized(m=210, k=260, initialisation=kind)
        elif edit == "refilled":
            after = refilled(before, kind, 1)
        elif edit == "turned":
            after = before.with_order("h,x")
        else:
            after = before.with_cell("gru", kind)
        trace_document(after)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    needed = needed_bytes(after.cell, after.sizes, len(after.x))
    assert peak <= 1.05 * needed
    assert peak >= 0.75 * needed, "it asks for much more than it takes"
