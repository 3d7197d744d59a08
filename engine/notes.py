"""What there is to say of an operation: the author's own note, or one where common explanations are loose."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.document import Document
from engine.graph import MULTIPLY

_DRAWN = "A gate is a factor between 0 and 1, not a draw. Drawing it: the view Draws (F8)."
_NOTES: Mapping[str, str] = MappingProxyType(
    {
        "f_t": _DRAWN,
        "kept": "f = 1 KEEPS the old state, f = 0 forgets it: the higher, the longer it remembers.",
        "a_i": "No layer reads another, so all are one product, side by side: the view Layers (F6).",
        "C_tilde": "tanh′ is 1 at most, at 0; σ′ only 0.25: the view σ tanh (F7).",
        "h_tilde": "tanh′ is 1 at most, at 0; σ′ only 0.25: the view σ tanh (F7).",
        "r_t": _DRAWN,
        "h_t": "Entry by entry: that is why n = k, unless a projection W_hr follows.",
    }
)
_NOTES_BACKWARDS: Mapping[str, str] = MappingProxyType(
    {
        "f_t": "σ′ = σ(1 − σ) is 0.25 at most: what comes through a gate shrinks.",
        "i_t": "σ′ = σ(1 − σ) is 0.25 at most: what comes through a gate shrinks.",
        "o_t": "σ′ = σ(1 − σ) is 0.25 at most: what comes through a gate shrinks.",
        "C_tilde": "tanh′ = 1 − tanh² is 1 at most, and near 0 where tanh is saturated.",
        "kept": "Along the cell line a gradient is multiplied by f alone, by no σ′ and no tanh′.",
        "C_t": "A sum passes the gradient on as it is, to both of its terms.",
    }
)


def note_of(document: Document, name: str, *, with_authors: bool = True, backwards: bool = False) -> str:
    """Return the note for an operation of a document, or an empty text.

    A note of the document's author comes before one of the program's, unless without them: they speak of the
    numbers that the author had set.
    """
    if backwards:
        return _NOTES_BACKWARDS.get(name, "")
    if name in document.notes and with_authors:
        return document.notes[name]
    if name in ("f_t", "r_t") and document.sampled is not None:
        return ""  # it is a draw
    if name == "h_t" and (document.projected or not document.can_project):
        return ""
    if name == "r_t" and document.cell.operation(name).kind is MULTIPLY:
        return ""  # of a projected cell: no gate
    return _NOTES.get(name, "")
