"""Fills the weights of a cell: what fits is kept, what another cell had comes back, the rest is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell, Quantity, size_in_numbers
from ..cell.initialise import fresh

Floats = NDArray[np.float64]

known_arrays: WeakValueDictionary[int, Floats] = WeakValueDictionary()
"""Arrays of documents by their id: read-only and known to be finite, so that no edit checks them again."""


@dataclass(frozen=True, eq=False)
class Aside:
    """Numbers that a cell has no place for, and the widths of their column blocks, as `blocks_of` returns them."""

    numbers: Floats
    blocks: tuple[int, ...] = ()

    def turned(self) -> Aside:
        """Return them with their two blocks of columns in the other order; anything else stays as it is."""
        if len(self.blocks) != 2:
            return self
        return Aside(made(np.roll(self.numbers, -self.blocks[0], axis=1)), self.blocks[::-1])


def made(array: Floats) -> Floats:
    """Give up an array of finite numbers that was just made: it needs neither check nor copy."""
    array.flags.writeable = False
    known_arrays[id(array)] = array
    return array


def blocks_of(item: Quantity, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Return the widths of a matrix's column blocks; nothing for one block, or a vector."""
    axes = item.shape[1].split("+") if len(item.shape) == 2 else []
    return tuple(sizes[axis] for axis in axes) if len(axes) > 1 else ()


def filled(
    cell: Cell,
    sizes: Mapping[str, int],
    kept: Mapping[str, Floats],
    kept_sizes: Mapping[str, int],
    initialisation: str,
    seed: int,
    aside: Mapping[str, Aside] | None = None,
) -> dict[str, Floats]:
    """Return every weight of a cell at these sizes: what fits of those that are kept, the rest filled.

    Where nothing is kept, what fits of those set aside is brought back. A projection that is added to a cell is
    identity-like, so that unlinking alone changes no result.
    """
    weights: dict[str, Floats] = {}
    for item in cell.parameters:
        shape, blocks = size_in_numbers(item.shape, sizes), blocks_of(item, sizes)
        old = kept.get(item.name)
        kind = "identity" if item.name == "W_hr" and kept and old is None else initialisation
        new = fresh(kind, item.name, shape, blocks, seed)
        before = (aside or {}).get(item.name)
        if before is not None and before.numbers.ndim == new.ndim:
            keep_what_fits(new, before.numbers, blocks, before.blocks)
        if old is not None and old.ndim == new.ndim:
            keep_what_fits(new, old, blocks, blocks_of(item, kept_sizes))
        weights[item.name] = made(new)
    return weights


def set_aside(
    cell: Cell, sizes: Mapping[str, int], before: Mapping[str, Floats], after: Mapping[str, Floats]
) -> dict[str, Aside]:
    """Return the weights of a cell that another one, with the weights `after`, has no place for, or not for all."""
    return {
        item.name: Aside(before[item.name], blocks_of(item, sizes))
        for item in cell.parameters
        if loses(before[item.name], after.get(item.name))
    }


def loses(before: Floats, after: Floats | None) -> bool:
    """Return whether some numbers have no place where others stand afterwards; None: nothing stands there."""
    return after is None or any(new < old for new, old in zip(after.shape, before.shape, strict=True))


def keep_what_fits(
    new: Floats, old: Floats, new_blocks: tuple[int, ...] = (), old_blocks: tuple[int, ...] = ()
) -> None:
    """Copy old into new, corner to corner, block by block of columns; without blocks all at once."""
    if not new_blocks:
        region = tuple(slice(0, min(a, b)) for a, b in zip(new.shape, old.shape, strict=True))
        new[region] = old[region]
        return
    start_new = start_old = 0
    for width_new, width_old in zip(new_blocks, old_blocks, strict=True):
        part_new = new[:, start_new : start_new + width_new]
        keep_what_fits(part_new, old[:, start_old : start_old + width_old])
        start_new, start_old = start_new + width_new, start_old + width_old
