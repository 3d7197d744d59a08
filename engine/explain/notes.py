"""The note below an operation: the document author's, or one that corrects a common misunderstanding."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..cell.cell import Cell
from ..cell.graph import BERNOULLI, MULTIPLY, SIGMOID, TANH, Kind, Operation
from ..document.through_time import cell_line

_BACK: Mapping[Kind, str] = {
    SIGMOID: "σ′ = σ(1 − σ) is at most 0.25, so a gradient shrinks when it passes through a gate.",
    TANH: "tanh′ = 1 − tanh² is at most 1, and near 0 where tanh is saturated.",
    BERNOULLI: "A gate drawn as 0 or 1 has the derivative 0, so no gradient passes back through it.",
}


def note_of(
    cell: Cell, name: str, authors: Mapping[str, str] = MappingProxyType({}), *, backwards: bool = False
) -> str:
    """Return the note for an operation of a cell, or an empty text.

    `authors` are the notes of a document's author; they come before those of the program, forwards.
    """
    operation = cell.operation(name)
    if backwards:
        return _backwards(cell, operation)
    return authors.get(name) or _forwards(cell, operation)


def _forwards(cell: Cell, operation: Operation) -> str:
    factor = _factor(cell)
    if operation.name == "kept" and factor:
        return f"{factor} = 1 KEEPS the old state, {factor} = 0 forgets it: the larger {factor}, the longer the memory."
    if operation.name in ("f_t", "r_t") and operation.kind is SIGMOID:
        return "A gate is a factor from 0 to 1, not the toss of a coin; Draws (F8) compares the two."
    if operation.name == "a_i":
        return "No layer reads another one, so all of them can be computed as one product: Layers (F6)."
    if operation.name in ("C_tilde", "h_tilde"):
        return "tanh′ is at most 1 (at 0), σ′ at most 0.25: Activations (F7)."
    if operation.name == "h_t" and operation.kind is MULTIPLY:
        return "∘ multiplies entry by entry, so n = k unless a projection W_hr follows."
    return ""


def _backwards(cell: Cell, operation: Operation) -> str:
    if operation.name == "kept":
        return f"Along this line a gradient is multiplied by {_factor(cell)} only, not by σ′ or tanh′."
    if operation.name == "C_t":
        return "A sum passes its gradient on unchanged to both terms."
    return "" if operation.name == "y_t" else _BACK.get(operation.kind, "")


def _factor(cell: Cell) -> str:
    """Return what the old state is multiplied by, "f" or "u"; empty where nothing is."""
    line = cell_line(cell)
    if line is None or line.factor is None:
        return ""
    return cell.described(line.factor).symbol.removesuffix("_t")
