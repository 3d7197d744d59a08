"""How much of a gradient is left after travelling back through time: along the cell line, and in a plain RNN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell
from ..cell.graph import ADD, MULTIPLY
from ..cell.initialise import fresh
from ..cell.trace import Trace, backpropagate
from .document import Document
from .tracing import trace_document

Numbers = NDArray[np.float64]

LARGEST_RNN = 256
"""Units of a plain RNN up to which norms of its Jacobian are computed: each takes n³ operations, for every step."""


@dataclass(frozen=True, eq=False)
class CellLine:
    """The line along which a cell carries its state, and what it multiplies a gradient by."""

    state: str
    """Name of what is carried: "C_t", or "h_t" of the GRU."""
    factor: str | None
    """Name of the value that the old state is multiplied by; None where it is only added to (a factor of 1)."""


def cell_line(cell: Cell) -> CellLine | None:
    """Return the line of a cell; None where the state goes through a layer, as in the plain RNN."""
    before = "C_prev" if cell.has_state else "h_prev"
    state = cell.carried[before]
    last = cell.operation(state)
    if last.kind is not ADD:
        return None
    for name in last.inputs:
        if name == before:
            return CellLine(state, None)
        operation = next((item for item in cell.operations if item.name == name), None)
        if operation is not None and operation.kind is MULTIPLY and before in operation.inputs:
            return CellLine(state, next(source for source in operation.inputs if source != before))
    return None


def line_products(trace: Trace) -> Numbers | None:
    """Return ∂C_T/∂C_t along the cell line for t = 1 … T, the gates taken as given: (T, k).

    That is the product of the forget gates of the steps after t, entry by entry; 1 at the last step. None where the
    cell has no such line.
    """
    line = cell_line(trace.cell)
    if line is None:
        return None
    products = np.ones((len(trace.steps), np.shape(trace.steps[0][line.state])[-1]))
    for t in range(len(trace.steps) - 2, -1, -1):
        factor = 1.0 if line.factor is None else np.asarray(trace.steps[t + 1][line.factor])
        with np.errstate(under="ignore"):
            products[t] = products[t + 1] * factor
    return products


def plain_rnn(document: Document) -> Document:
    """Return the plain RNN of size k on the same inputs, h_t = tanh(W·[x, h] + b).

    Its weights are those of the candidate C̃, which is what an LSTM would compute without its gates. Where the cell
    has no candidate of that shape (a GRU, or an LSTM with a projection) they are fresh ones (Xavier, seed 0).
    """
    m, k = document.m, document.k
    W, b = document.weights.get("W_C"), document.weights.get("b_C")
    if document.cell_name == "rnn":
        W, b = document.weights["W_h"], document.weights["b_h"]
    if W is None or b is None or document.projected:
        W, b = fresh("xavier", "W_h", (k, m + k), (m, k)), np.zeros(k)
    h0 = document.h0 if len(document.h0) == k else np.zeros(k)
    return Document(m, k, k, {"W_h": W, "b_h": b}, document.x, h0, np.zeros(k), order=document.order, cell_name="rnn")


def rnn_norms(trace: Trace) -> Numbers:
    """Return ‖∂h_T/∂h_t‖ (the spectral norm) of a plain RNN for t = 1 … T: (T,).

    ∂h_t/∂h_{t-1} = diag(1 − h_t²)·W, W being the columns that read h (Pascanu, Mikolov and Bengio 2013). NaN where
    the product is beyond what a double holds, and before the last step of cells with more than LARGEST_RNN units.
    Raises KeyError for a trace of another cell.
    """
    (before,) = trace.cell.carried
    columns = trace.cell.operation("xh").inputs
    n, m = trace.sizes["n"], trace.sizes["m"]
    start = 0 if columns[0] == before else m
    W = np.asarray(trace.parameters["W_h"])[:, start : start + n]  # (n, n)
    norms = np.full(len(trace.steps), np.nan)
    norms[-1] = 1.0
    if n > LARGEST_RNN:
        return norms
    product = np.eye(n)
    for t in range(len(trace.steps) - 2, -1, -1):
        h = np.asarray(trace.steps[t + 1]["h_t"])
        with np.errstate(under="ignore", over="ignore", invalid="ignore"):
            product = product @ ((1 - h * h)[:, None] * W)
        if not np.isfinite(product).all():
            break
        norms[t] = np.linalg.norm(product, 2)
    return norms


@dataclass(frozen=True, eq=False)
class ThroughTime:
    """What is left of a gradient at every time step: (T,) or (T, k) for t = 1 … T."""

    line: Numbers | None
    """∂C_T/∂C_t along the cell line, (T, k); None where the cell has no line."""
    rnn: Numbers
    """‖∂h_T/∂h_t‖ of the plain RNN that belongs to the cell, (T,)."""
    norms: dict[str, Numbers]
    """‖∂L/∂h_t‖ and, where there is a cell state, ‖∂L/∂C_t‖ for L = the sum of the last h, (T,), by value."""


def through_time(document: Document) -> ThroughTime:
    """Return what is left of a gradient at every time step of a document's sequence."""
    trace = trace_document(document)
    nothing: list[dict[str, Numbers]] = [{} for _ in trace.steps[1:]]
    gradients = backpropagate(trace, [*nothing, {"h_t": np.ones_like(trace.steps[-1]["h_t"])}])
    norms = {
        name: np.array([np.linalg.norm(step[name]) if name in step else 0.0 for step in gradients.steps])
        for name in trace.cell.carried.values()
    }
    return ThroughTime(line_products(trace), rnn_norms(trace_document(plain_rnn(document))), norms)
