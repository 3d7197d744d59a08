"""The trace of a document: its cell evaluated for every time step."""

from __future__ import annotations

import numpy as np

from ..cell.trace import Trace, Values, trace_sequence, uniform_numbers
from .document import Document


def trace_document(document: Document, held: Values | None = None) -> Trace:
    """Evaluate a document's cell over its inputs, in double precision.

    Where its gates are sampled, one seed gives the same draws each time. held: what operations result in whatever
    they compute, by name, each of shape (T, size); an entry that is NaN is computed.
    """
    state = {"h_prev": document.h0, "C_prev": document.c0}
    cell = document.cell
    initial = {name: state[name] for name in cell.carried}
    generator = np.random.default_rng(document.sampled)
    given = uniform_numbers(cell, document.sizes, len(document.x), generator) if cell.draws else None
    return trace_sequence(cell, document.weights, document.x, initial, document.sizes, given, held)
