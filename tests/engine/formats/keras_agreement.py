"""Random networks of Keras on torch, as whole models and as weights alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np

from engine.formats.keras_store import hdf5
from engine.formats.network_files import read_network
from tests.engine.formats.comparing import Case, Differences, difference
from tests.engine.formats.keras_networks import CELLS, answer_here, folder, key

NUMBERS = {".keras": (1, 2), ".weights.h5": (2,)}
"""Of which numbers of layers there is a row."""


def compared(suffix: str, name: str, _folder: Path) -> Differences:
    """Return how far a network that was read is from what Keras says, in float32 and in double."""
    with mock.patch.object(hdf5, "answer_of", answer_here):
        found = read_network(folder() / f"{name}{suffix}")
    with np.load(folder() / f"{name}.npz") as said:
        x, single, *double = (said[part].swapaxes(0, 1) for part in said.files)
    return difference(found, "rnn", x, single), difference(found, "rnn", x, double[0]) if double else None


def cases() -> Iterator[Case]:
    """A row for each kind of file, cell, direction and number of layers."""
    for suffix, numbers in NUMBERS.items():
        for cell in CELLS:
            for both in (False, True):
                for layers in numbers:
                    compare = partial(compared, suffix, key(cell, both, layers))
                    yield Case(suffix, "Keras", cell, "both" if both else "forward", layers, "no", compare)
