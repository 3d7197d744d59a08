"""The same document with another kind of cell, so that two cells can be compared on the same input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cell.trace import Trace
from .document import Document
from .tracing import trace_document


@dataclass(frozen=True, eq=False)
class Partner:
    """A document with another cell, and its numbers."""

    document: Document
    trace: Trace
    shared: tuple[str, ...]
    """Names of the weights that both documents have alike, in the order that the partner declares them."""


def partner_of(document: Document, cell_name: str) -> Partner:
    """Return a document with another cell on the same x: weights of the same name and shape are kept.

    What is new is filled by Xavier with seed 0. A cell without C has no projection, so its n is k; h0 is then cut,
    or filled up with 0. Raises DocumentError for an unknown cell.
    """
    other = document.with_cell(cell_name)
    shared = tuple(
        item.name
        for item in other.cell.parameters
        if item.name in document.weights and np.array_equal(document.weights[item.name], other.weights[item.name])
    )
    return Partner(other, trace_document(other), shared)


def number_of_weights(document: Document) -> int:
    """Return how many numbers a cell learns: the entries of all its weights and biases."""
    return sum(weight.size for weight in document.weights.values())


def size_note(document: Document, other: Document) -> str:
    """Return a sentence on why h is of another size in the other cell; empty where it is not."""
    if other.n == document.n:
        return ""
    how = "its first h is cut" if other.n < document.n else "its first h is filled up with 0"
    return f"{other.cell.title} has no projection: h has {other.n} entries there, not {document.n}; {how}."
