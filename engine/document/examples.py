"""The documents that come with the program, by name."""

from __future__ import annotations

from ..formats import DOCUMENT
from ..shipped import SHIPPED
from .document import Document, DocumentError
from .document_file import read_document

EXAMPLES = {
    "worked-example": "Worked example",
    "forget-gate": "The forget gate",
    "input-gate": "The input gate",
    "gate-values": "Gates of 0.5, 0.8 and 0.9",
    "hadamard": "The entry-wise product",
    "output-gate": "The output gate",
    "four-steps": "Four time steps",
    "remember": "Remember forever",
    "forget": "Forget at once",
    "counter": "A counter",
    "latch": "A latch: set and reset",
    "leak": "A leaky integrator",
    "vanishing": "A gradient that vanishes",
    "exploding": "A gradient that explodes",
    "remember-gradient": "A gradient that lasts",
    "projection": "A projection: n differs from k",
}
"""Every example with its title, from one gate to many steps; the first one opens on the first start."""


def load_example(name: str) -> Document:
    """Return an example's document; raise DocumentError with the names there are for an unknown one."""
    if name not in EXAMPLES:
        raise DocumentError(f"example {name!r}: expected one of {', '.join(EXAMPLES)}; choose one of these")
    return read_document(SHIPPED / "examples" / f"{name}{DOCUMENT.suffix}")[0]
