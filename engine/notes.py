"""What there is to say of an operation: the author's own note, or one where common explanations are loose."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.document import Document

_DRAWN = "A gate is a deterministic factor between 0 and 1, not a draw. The view Draws shows what drawing would do."
_NOTES: Mapping[str, str] = MappingProxyType(
    {
        "f_t": _DRAWN,
        "kept": "A gate of 1 KEEPS the old state, 0 forgets it: the higher f, the longer it remembers.",
        "a_i": "This layer reads nothing of the layer before: all of them are one product. See the view Layers.",
        "C_tilde": "tanh has its largest derivative, 1, at 0; σ only 0.25. See the view Activations.",
        "h_tilde": "tanh has its largest derivative, 1, at 0; σ only 0.25. See the view Activations.",
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
        "kept": "Along the cell line the gradient is multiplied by f, by no derivative of a squashing function.",
        "C_t": "A sum passes the gradient on as it is, to both of its terms.",
    }
)


def note_of(document: Document, name: str, *, backwards: bool = False) -> str:
    """Return the note for an operation of a document, or an empty text.

    A note of the document's author comes before one of the program's.
    """
    if backwards:
        return _NOTES_BACKWARDS.get(name, "")
    if name in document.notes:
        return document.notes[name]
    if name == "h_t" and (document.projected or not document.can_project):
        return ""
    return _NOTES.get(name, "")
