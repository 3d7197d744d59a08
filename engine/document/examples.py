"""The documents that come with the program, by name."""

from __future__ import annotations

from ..file_kinds import DOCUMENT
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

ABOUT = {
    "worked-example": "Three entries each, one time step",
    "forget-gate": "Large sums, so f is 1: C is kept",
    "input-gate": "i is 1: the candidate goes into C",
    "gate-values": "How much each entry keeps of C",
    "hadamard": "[1, 2, 3] ∘ [3, 2, 1] = [3, 4, 3]",
    "output-gate": "o shows one entry and hides two",
    "four-steps": "h and C go on from step to step",
    "remember": "f is 1 and i is 0: C stays",
    "forget": "f is 0: nothing of the old C is kept",
    "counter": "C counts the ones of x",
    "latch": "One input sets C, one resets it",
    "leak": "f is 0.9: C fades by a tenth a step",
    "vanishing": "20 steps back in a plain RNN",
    "exploding": "Weights above 1 in a plain RNN",
    "remember-gradient": "The cell line beside a plain RNN",
    "projection": "Four cell states, two hidden states",
}
"""A sentence about each of them."""


def load_example(name: str) -> Document:
    """Return an example's document; raise DocumentError with the names there are for an unknown one."""
    if name not in EXAMPLES:
        raise DocumentError(f"example {name!r}: expected one of {', '.join(EXAMPLES)}; choose one of these")
    return read_document(SHIPPED / "examples" / f"{name}{DOCUMENT.suffix}")[0]
