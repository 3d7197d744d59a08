"""Many runs with gates drawn at random as 0 or 1: their mean and spread, to compare with the usual gates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import size_in_numbers
from ..cell.trace import trace_sequence, uniform_numbers
from .document import Document
from .tracing import trace_document

Numbers = NDArray[np.float64]

MOST_DRAWS = 2000
_WORK = 1_000_000_000
"""Multiplications that all runs together may take: about a second of one slow core."""
_AT_ONCE = 4_000_000
"""Numbers of all intermediates that are kept at once: 32 MB."""
_ENTRYWISE = 300
"""What the entry-wise operations of one unit cost in one step, in multiplications."""


@dataclass(frozen=True, eq=False)
class Draws:
    """A document run with soft gates, and `count` times with drawn ones.

    soft_h (T, n) is that of the soft gates. h (count, T, n) is that of each run, the first being that of the document
    sampled with `seed`; mean (T, n) is their mean and error (T, n) its standard error, NaN where there is only one run.
    """

    seed: int
    soft_h: Numbers
    h: Numbers
    mean: Numbers
    error: Numbers

    @property
    def count(self) -> int:
        """How many runs there are."""
        return len(self.h)


def most_draws(document: Document) -> int:
    """Return how many runs of a document are worth waiting for: 1 to MOST_DRAWS, fewer of a long or large one."""
    entries = sum(value.size for value in document.weights.values())
    return int(min(max(_WORK // (len(document.x) * (entries + _ENTRYWISE * document.k)), 1), MOST_DRAWS))


def draws(document: Document, seed: int, count: int) -> Draws:
    """Run a document with soft gates, and `count` times with every gate unit drawn as 0 or 1.

    mean = Σ h / N and error = √(Σ (h - mean)² / (N (N - 1))). A seed gives the same runs each time, and more of them
    begin with the same. Whether the document itself is sampled changes nothing.

    Raises ValueError for a cell without gates or a count below 1, DocumentError for a seed out of bounds.
    """
    if count < 1:
        raise ValueError(f"at least 1 run was expected, not {count}")
    first = document.with_sampled(seed)
    if not first.cell.draws:
        raise ValueError(f"the {first.cell.title} has no gates that could be drawn at random")
    soft = trace_document(document.with_sampled(None))
    h = np.empty((count, len(document.x), document.n))
    # The first run for itself: a product with many columns rounds differently in its last digit.
    h[0] = [values["h_t"] for values in trace_document(first).steps]
    _fill(h[1:], first, np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0]))
    with np.errstate(under="ignore"):
        mean = h.mean(axis=0)
        error = h.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full(mean.shape, np.nan)
    return Draws(
        seed=seed,
        soft_h=np.array([values["h_t"] for values in soft.steps]),
        h=h,
        mean=mean,
        error=error,
    )


def _fill(h: Numbers, document: Document, generator: np.random.Generator) -> None:
    """Fill h (runs, T, n) with further runs, as many at a time as there is room for their intermediates."""
    cell, sizes, steps = document.cell, document.sizes, len(document.x)
    values = sum(size_in_numbers(cell.shapes[operation.name], sizes)[0] for operation in cell.operations)
    chunk = max(1, _AT_ONCE // (steps * values))
    state = {"h_prev": document.h0, "C_prev": document.c0}
    for start in range(0, len(h), chunk):
        part = h[start : start + chunk]
        runs = (len(part),)
        given = uniform_numbers(cell, sizes, steps, generator, runs)
        initial = {name: np.broadcast_to(state[name], (*runs, state[name].size)) for name in cell.carried}
        x = np.broadcast_to(document.x[:, None], (steps, *runs, document.m))
        trace = trace_sequence(cell, document.weights, x, initial, sizes, given)
        part[:] = np.stack([step["h_t"] for step in trace.steps], axis=1)  # (runs, T, n)
