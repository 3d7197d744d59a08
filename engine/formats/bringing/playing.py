"""What is made of the layers of a network from elsewhere: a document of one, or all that a stack reads and has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...document.document import Document
from ...document.memory import document_bytes, trace_bytes
from ...machine import available_bytes
from ...runs.start import Start, start_of_layers
from ...text.amounts import bytes_in_words
from ..found import Array, Found, FoundLayer, NetworkFileError
from ..running import inputs_of, levels

CELL_STEPS = 200
"""Time steps of a document that is made of a layer, at most: it is walked through, and keeps every value."""
_SHARE = 0.8
"""Of the free memory that one piece of work may take."""


def sequence_width(found: Found, layer: FoundLayer) -> int:
    """Return how many numbers a time step has of the sequence that a layer's stack reads."""
    return levels(found, layer.name)[0][0].m


@dataclass(frozen=True, eq=False)
class AsCell:
    """A layer as a document to walk through; words: what of the sequence it has, "" for all."""

    document: Document
    words: str


def as_cell(found: Found, layer: FoundLayer, x: Array) -> AsCell:
    """Return a layer over the first time steps that it reads of its stack's sequence x (T, m), in double precision.

    A layer above the first receives the h of those below it. Raises DocumentError; NetworkFileError where there is no
    memory for it, or a layer below is not in the file.
    """
    steps = min(len(x), CELL_STEPS)
    sizes, cell = layer.sizes, layer.declared
    needed = document_bytes(cell, sizes, steps) + trace_bytes(cell, sizes, steps)
    refuse_what_does_not_fit(needed, "This layer as a cell")
    taken = received_at_first(found, layer, np.asarray(x, np.float64))
    which = "last" if layer.reverse else "first"
    words = f"the {which} {len(taken):,} of {len(x):,} time steps" if len(taken) < len(x) else ""
    return AsCell(found.document(layer, taken), words)


def received_at_first(found: Found, layer: FoundLayer, x: Array) -> Array:
    """Return what a layer receives in the first CELL_STEPS time steps that it reads, in the order of the sequence.

    Layers below it read only what counts, unless they read both directions: that takes the whole sequence.
    """
    first = slice(-CELL_STEPS, None) if layer.reverse else slice(0, CELL_STEPS)
    below = [each for level in levels(found, layer.name) for each in level if each.layer < layer.layer]
    alike = all(each.reverse == layer.reverse for each in below)
    return inputs_of(found, layer, x[first]) if alike else inputs_of(found, layer, x)[first]


def refuse_what_does_not_fit(needed: int, what: str) -> None:
    """Raise NetworkFileError where work needs more memory than is free; what: as a subject."""
    free = int(_SHARE * available_bytes())
    if needed > free:
        raise NetworkFileError(
            f"{what} needs {bytes_in_words(needed)} of memory, but only {bytes_in_words(free)} is free for it; choose "
            "fewer layers or a shorter sequence."
        )


def gates_bytes(layers: Sequence[FoundLayer], steps: int) -> int:
    """Return the bytes of f, i, C̃, o, C and h, or what a cell has of these, over so many time steps, float32."""
    return sum(4 * steps * (len(layer.declared.named) * layer.k) for layer in layers)


def start_of_stack(name: str, stack: Sequence[FoundLayer]) -> Start:
    """Return the weights of layers as the first of a run; raises ConfigError for what cannot be trained."""
    first = stack[0]
    return start_of_layers(name, first.cell, first.m, first.n, first.k, [layer.weights for layer in stack])
