"""Runs a sequence through the recurrent layers of a file, in double precision, both directions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..document.tracing import trace_document
from .found import Array, Found, FoundLayer, NetworkFileError


def hidden_states(layer: FoundLayer, x: Array) -> Array:
    """Return h of a layer over a sequence x (T, m), (T, n) in double precision, in the order of x.

    It is the trace of the layer as a document; a reverse layer begins with the end of x.
    """
    h = np.stack([step["h_t"] for step in trace_document(layer.document(x)).steps])
    return h[::-1] if layer.reverse else h


def level_states(level: Sequence[FoundLayer], x: Array) -> Array:
    """Return h of the layers of one number in a stack, forward and reverse side by side: (T, n) or (T, 2n)."""
    return np.concatenate([hidden_states(layer, x) for layer in level], axis=1)


def levels(found: Found, name: str) -> list[list[FoundLayer]]:
    """Return the layers of a stack by their numbers, the forward one of each first."""
    numbers = sorted({each.layer for each in found.layers if each.name == name})
    return [
        sorted((each for each in found.layers if (each.name, each.layer) == (name, number)), key=lambda e: e.reverse)
        for number in numbers
    ]


def outputs(found: Found, name: str, x: Array) -> Array:
    """Return h of the uppermost layer of a stack over x (T, m), (T, n) or (T, 2n), as its network computes it."""
    for level in levels(found, name):
        x = level_states(level, x)
    return x


def inputs_of(found: Found, layer: FoundLayer, x: Array) -> Array:
    """Return what a layer reads while its stack reads x (T, m).

    Raises NetworkFileError where layers below it are not in the file, or x is of another width.
    """
    for level in levels(found, layer.name):
        if level[0].m != x.shape[1]:
            raise NetworkFileError(
                f"{level[0].label} reads m = {level[0].m} numbers a time step, but gets {x.shape[1]}; choose another "
                "layer or sequence."
            )
        if level[0].layer == layer.layer:
            break
        x = level_states(level, x)
    return x
