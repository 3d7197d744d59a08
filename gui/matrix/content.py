"""What a matrix map shows: a matrix with its names and bands, prepared for painting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.text import numbers
from gui.matrix.axis import Band
from gui.matrix.shades import MANY, Block, blocks_of, scale_of

AT_ONCE = 60_000
"""A matrix of more entries is prepared in the background."""

EntryName = Callable[[int, int], str]
"""Returns the name of the entry in a row and column."""


@dataclass(frozen=True, eq=False)
class Content:
    """A matrix of shape (rows, columns) with its bands; `prepared` adds what painting needs."""

    values: NDArray[np.float64]
    name: str
    rows: tuple[Band, ...]
    columns: tuple[Band, ...]
    gates: tuple[str | None, ...]
    """For each band of rows, the role whose colours run from 0 to 1; None for entries of either sign."""
    rounds: bool
    """Whether the entries are never whole numbers, so that 1 is written as "1.00"."""
    entry_name: EntryName | None = None
    fine: bool = False
    """Whether the largest entry has the strongest colour however small it is."""
    blocks: dict[tuple[int, int], Block] | None = None
    extremes: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    """The size of an entry of either sign that has the strongest colour."""

    def __post_init__(self) -> None:
        sizes = tuple(sum(band.size for band in bands) for bands in (self.rows, self.columns))
        if sizes != self.values.shape:
            raise ValueError(f"bands of {sizes[0]} rows and {sizes[1]} columns do not fit {self.values.shape}")
        if len(self.gates) != len(self.rows):
            raise ValueError(f"{len(self.rows)} bands of rows need as many gates, not {len(self.gates)}")

    def prepared(self) -> Content:
        """Return it with its shades; for a large matrix this takes long enough to do it in the background."""
        rows, columns = ([band.size for band in bands] for bands in (self.rows, self.columns))
        tops = [sum(rows[:place]) for place in range(len(rows))]
        bands = zip(tops, rows, self.gates, strict=True)
        scale = scale_of([self.values[top : top + size] for top, size, gate in bands if gate is None], self.fine)
        blocks = blocks_of(self.values, rows, columns, self.gates, scale)
        extremes = (float(self.values.min()), float(self.values.max()))
        return replace(self, blocks=blocks, extremes=extremes, scale=scale)

    @property
    def scale_text(self) -> str:
        """The range of the colours in words, "colours: ±0.04"; "" if the largest entry has the strongest colour."""
        signed = any(gate is None for gate in self.gates)
        return f"colours: ±{numbers.short(self.scale)}" if signed and self.values.size > MANY else ""

    def stands_for(self, other: Content) -> bool:
        """Whether both are the same matrix, though its numbers may differ."""
        return (self.name, self.values.shape) == (other.name, other.values.shape)

    def looks_like(self, other: Content) -> bool:
        """Whether the pictures of both are known to be the same; numbers of large matrices are not compared."""
        if (self.name, self.rows, self.columns, self.gates) != (other.name, other.rows, other.columns, other.gates):
            return False
        if self.rounds != other.rounds or self.values.shape != other.values.shape:
            return False
        mine, its = self.values, other.values
        if mine.ctypes.data == its.ctypes.data and mine.strides == its.strides:
            return True
        return mine.size <= AT_ONCE and np.array_equal(mine, its)

    def named(self, row: int, column: int) -> str:
        """Return the name of an entry, "W_f[2, 5]"."""
        if self.entry_name is not None:
            return self.entry_name(row, column)
        place = f"{row + 1}" if self.values.shape[1] == 1 else f"{row + 1}, {column + 1}"
        return f"{self.name}[{place}]"
