"""A sequence and first states that stand beside weights: x, h0 and c0, perhaps of several examples side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from ...text.listed import listed
from ..found import Array, FoundLayer, NetworkFileError
from .stored import Stored

_SPELLINGS = {
    "x": ("x", "xt", "inputs"),
    "h0": ("h", "h0", "hprev", "aprev", "a0"),
    "c0": ("c", "c0", "cprev"),
}
_MOST = 2**24
"""Numbers of a sequence or of first states: a tenth of a second to read, and 10,000 time steps of 1,600 numbers."""


@dataclass(frozen=True, eq=False)
class Given:
    """x (T, m), the first states h0 (n,) and c0 (k,) by name, sentences on how they were read, and names of arrays.

    examples: how many the file has side by side.
    """

    x: Array | None
    initial: Mapping[str, Array]
    notes: tuple[str, ...]
    used: frozenset[str]
    examples: int = 1

    def begun(self, layer: FoundLayer) -> FoundLayer:
        """Return a layer that begins with these states."""
        return replace(layer, initial=self.initial)


def examples_of(arrays: Mapping[str, Stored], layer: FoundLayer, column: int) -> Given:
    """Return x and the first states for a layer.

    x may be (T, m); (m, examples), one time step of each, where the states are (n, examples); or (m, examples, T).
    Where there are several examples, `column` (from 0) says which. Raises NetworkFileError for a column that is not
    there, and for arrays of other shapes.
    """
    used = {ours: _named(arrays, ours) for ours in _SPELLINGS}
    used = {ours: name for ours, name in used.items() if name and (ours != "c0" or layer.declared.has_state)}
    for name in used.values():
        if prod(arrays[name].shape) > _MOST:
            raise NetworkFileError(
                f"{name} has {prod(arrays[name].shape):,} numbers, more than a sequence or a state here; leave it out."
            )
    for name in used.values():
        arrays[name].check_numbers(name)
    read = {ours: arrays[name].read() for ours, name in used.items()}
    states = {ours: array for ours, array in read.items() if ours != "x"}
    count = max((array.shape[1] for array in states.values() if array.ndim == 2), default=1)
    x, initial, notes = read.get("x"), {}, []
    if x is not None:
        several = x.shape[1] if x.ndim > 1 and _by_column(x, layer.m, count) else 1
        count = max(count, several)
    if not 0 <= column < count:
        raise NetworkFileError(
            f"column {column} was asked for, but the file has {count:,} example{'s' * (count > 1)}: choose --column 0"
            f"{f' to {count - 1}' * (count > 1)}."
        )
    for ours, array in states.items():
        size = {"h0": layer.n, "c0": layer.k}[ours]
        initial[ours] = _state(used[ours], array, size, column)
    if x is not None:
        x = _sequence(used["x"], x, layer.m, count, column)
    if count > 1:
        notes.append(
            f"{listed(used.values())} hold {count:,} examples side by side; column {column} is taken, "
            "counted from 0, and another can be chosen"
        )
    return Given(x, initial, tuple(notes), frozenset(used.values()), count)


def _named(arrays: Mapping[str, Stored], ours: str) -> str:
    plain = {name.casefold().replace("_", ""): name for name in reversed(list(arrays))}
    return next((plain[spelling] for spelling in _SPELLINGS[ours] if spelling in plain), "")


def _by_column(x: Array, m: int, count: int) -> bool:
    """Return whether examples stand side by side in x: (m, examples) or (m, examples, T)."""
    rows, columns = x.shape[:2]
    return bool(rows == m and (x.ndim == 3 or columns == count > 1 or columns != m))


def _state(name: str, array: Array, size: int, column: int) -> Array:
    flat = array.reshape(-1) if array.ndim < 2 or 1 in array.shape else array[:, min(column, array.shape[1] - 1)]
    if array.ndim > 2 or flat.shape != (size,):
        raise NetworkFileError(
            f"{name} should have {size} numbers, or {size} rows with a column for each example, but is "
            f"{'×'.join(map(str, array.shape))}; correct it, or leave it out."
        )
    return flat


def _sequence(name: str, x: Array, m: int, count: int, column: int) -> Array:
    """Return (T, m)."""
    if x.ndim == 1 and len(x) == m:
        found = x[None]
    elif x.ndim in (2, 3) and _by_column(x, m, count):
        found = x[:, min(column, x.shape[1] - 1)].reshape(m, -1).T
    elif x.ndim == 2 and x.shape[1] == m:
        found = x
    else:
        found = np.empty((0, m))
    if not len(found):
        raise NetworkFileError(
            f"{name} should be T×{m}, a row of m = {m} numbers for each time step, or {m}×examples, but is "
            f"{'×'.join(map(str, x.shape)) or 'one number'}; correct it, or leave it out."
        )
    if not np.isfinite(found).all():
        raise NetworkFileError(f"{name} holds NaN or an infinite number; correct it, or leave it out.")
    return np.ascontiguousarray(found)
