"""How much memory a cell needs, estimated first: sizes that cannot fit are refused before they are tried."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import floor, prod

import numpy as np

from ..cell.cell import Cell, size_in_numbers, sizes_text
from ..machine import available_bytes
from ..text.amounts import bytes_in_words
from .document import DocumentError

_ENTRY = np.dtype(np.float64).itemsize
_ALWAYS_FREE = 10_000_000
"""Bytes that are not asked for: the window itself has taken many times as much."""


def document_bytes(cell: Cell, sizes: Mapping[str, int], steps: int) -> int:
    """Return the bytes of a document's numbers: every weight, x of T×m, and the state before the first step."""
    weights = sum(prod(size_in_numbers(item.shape, sizes)) for item in cell.parameters)
    return _ENTRY * (weights + steps * sizes["m"] + sizes["n"] + sizes["k"])


def trace_bytes(cell: Cell, sizes: Mapping[str, int], steps: int) -> int:
    """Return the bytes that a trace of T steps has beside its document: each operation's result, and each draw."""
    made = [*(operation.name for operation in cell.operations), *(draw.name for draw in cell.draws)]
    return _ENTRY * steps * sum(prod(size_in_numbers(cell.shapes[name], sizes)) for name in made)


def needed_bytes(cell: Cell, sizes: Mapping[str, int], steps: int, kept: Collection[str] = ()) -> int:
    """Return the bytes that have to be free for a cell of these sizes to be made and traced.

    That is the document in double precision, its trace of `steps` time steps, and the largest new matrix once
    more: filling one, and editing one, has two of it for a while. The document before, which undo keeps, is in
    memory already. `kept` names weights that are shared with it.
    """
    shapes = {item.name: prod(size_in_numbers(item.shape, sizes)) for item in cell.parameters}
    shared = sum(entries for name, entries in shapes.items() if name in kept)
    largest = max((entries for name, entries in shapes.items() if name not in kept), default=0)
    return document_bytes(cell, sizes, steps) + trace_bytes(cell, sizes, steps) + _ENTRY * (largest - shared)


def check_fits(key: str, cell: Cell, sizes: Mapping[str, int], steps: int, kept: Collection[str] = ()) -> None:
    """Raise DocumentError, beginning with `key`, unless there is memory for a cell of these sizes."""
    check_free(f"{key}: a cell with {sizes_text(sizes)}", needed_bytes(cell, sizes, steps, kept), "smaller sizes")


def check_free(what: str, needed: int, instead: str) -> None:
    """Raise DocumentError unless so many bytes are free; the sentence ends with what to choose instead."""
    if needed <= _ALWAYS_FREE:
        return
    free = available_bytes()
    if needed > free:
        raise DocumentError(
            f"{what} needs {bytes_in_words(needed)} of memory, but only {bytes_in_words(free, floor)} is free; "
            f"choose {instead}"
        )
