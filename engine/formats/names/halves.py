"""Joins the two matrices that many papers have for a gate: W_f reads x and U_f reads h, or W_xf and W_hf."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from ..found import Array, NetworkFileError
from .stored import Stored


@dataclass(frozen=True)
class Half:
    """One of the two: its name in the file, and its array."""

    name: str
    stored: Stored


@dataclass(frozen=True)
class Halves:
    """Two matrices of one gate, and which of them reads what. guessed: whether the shapes leave that open."""

    of_x: Half
    of_h: Half
    guessed: bool = False

    def joined(self, order: str) -> Stored:
        """Return both side by side, k×(m+n), the columns in this order."""
        x, h = self.of_x.stored, self.of_h.stored
        parts = (h, x) if order == "h,x" else (x, h)
        dtype = "float64" if "float64" in (x.dtype, h.dtype) else x.dtype
        return Stored((x.shape[0], x.shape[1] + h.shape[1]), dtype, partial(_side_by_side, parts))

    @property
    def words(self) -> str:
        """Where the joined matrix is from."""
        return f"{self.of_x.name} reads x, {self.of_h.name} reads h"


def halves(first: Half, second: Half, n: int | None, may_swap: bool) -> Halves:
    """Return which of two matrices reads x, and which h.

    The second is taken to read h, or the first where its shape alone fits and `may_swap`, for some books name them so.
    n: the size of h, if it is not the number of rows. Raises NetworkFileError where neither fits.
    """
    shapes = first.stored.shape, second.stored.shape
    if all(len(shape) == 2 for shape in shapes) and shapes[0][0] == shapes[1][0]:
        size = n or shapes[0][0]
        fits = [shape[1] == size for shape in shapes]
        if fits[1]:
            return Halves(first, second, may_swap and fits[0])
        if fits[0] and may_swap:
            return Halves(second, first)
    raise NetworkFileError(
        f"{first.name} is {first.stored.shape_words} and {second.name} {second.stored.shape_words}, but the matrix "
        f"of x should be k×m and that of h k×{'n' if n else 'k'}, with as many rows; correct them, or transpose them."
    )


def _side_by_side(parts: tuple[Stored, Stored]) -> Array:
    return np.concatenate([part.read() for part in parts], axis=1)
