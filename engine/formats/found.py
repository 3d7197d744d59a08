"""What a file from elsewhere holds: its recurrent layers, in this program's names, and how they were read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell, shape_text, size_in_numbers
from ..cell.cells import CELLS
from ..cell.graph import Shape
from ..document.document import LARGEST_SIZE, Document
from ..errors import PlainError

Array = NDArray[np.floating]


class NetworkFileError(PlainError):
    """A file that no network can be read from, or a network that a file cannot hold; one sentence says why."""


@dataclass(frozen=True)
class Mapped:
    """Where one weight of the cell is from, or goes: its name here ("W_f"), and in the file's own words."""

    name: str
    source: str


@dataclass(frozen=True, eq=False)
class FoundLayer:
    """One recurrent layer of a file, in one direction.

    name: as the file names it: "encoder.lstm". layer: its number in its stack, from 0. reverse: whether it reads the
    sequence from its end. cell: a name in CELLS. m, n, k: input, hidden and cell size. weights: what that cell
    declares, with columns [x, h]; biases (k,), in the float dtype that the file has, and finite. mapped: where each is
    from. order: how the file itself has the columns. initial: h0 (n,) and C0 (k,) by the names "h0" and "c0", where
    the file gives them.

    Raises NetworkFileError where a weight is missing, too many, too large, not of its shape or not finite.
    """

    name: str
    cell: str
    m: int
    n: int
    k: int
    weights: Mapping[str, Array]
    layer: int = 0
    reverse: bool = False
    mapped: Sequence[Mapped] = ()
    order: str = "x,h"
    initial: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for symbol, size in self.sizes.items():
            if not 1 <= size <= LARGEST_SIZE:
                raise NetworkFileError(
                    f"{self.name}: {symbol} is {size:,}, but a layer here has 1 to {LARGEST_SIZE:,}; choose another."
                )
        declared = {item.name: item.shape for item in self.declared.parameters}
        if unknown := self.weights.keys() - declared.keys():
            raise NetworkFileError(f"{self.name}: a {self.declared.title} has no weight {min(unknown)}.")
        states = {"h0": ("n",), "c0": ("k",)}
        for name, shape in declared.items():
            self._check(name, self.weights.get(name), shape)
        for name, array in self.initial.items():
            self._check(name, array, states[name])

    def _check(self, name: str, array: Array | None, shape: Shape) -> None:
        expected = size_in_numbers(shape, self.sizes)
        if array is None or array.shape != expected:
            found = "nothing" if array is None else "×".join(map(str, array.shape)) or "one number"
            raise NetworkFileError(
                f"{self.name}: {name} should be {shape_text(shape, self.sizes)} ({shape_text(shape)}), but the file "
                f"has {found}; save the network again."
            )
        if not np.isfinite(array).all():
            raise NetworkFileError(
                f"{self.name}: {name} holds NaN or an infinite number, so nothing can be computed with it; save the "
                "network as it was before it diverged."
            )

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes by symbol."""
        return {"m": self.m, "n": self.n, "k": self.k}

    @property
    def declared(self) -> Cell:
        """The cell, as it is declared here, without an output."""
        return CELLS[self.cell]("W_hr" in self.weights, "x,h", None)

    @property
    def parameters(self) -> int:
        """How many numbers its weights are; torch's two biases count once, as they add up."""
        return sum(array.size for array in self.weights.values())

    def document(self, x: Array) -> Document:
        """Return the layer as a document over a sequence x (T, m), in double precision, its columns as in the file.

        A reverse layer gets x from its end, as its network would feed it. Raises DocumentError.
        """
        weights = {name: array.astype(np.float64) for name, array in self.weights.items()}
        states = {"h0": np.zeros(self.n), "c0": np.zeros(self.k), **self.initial}
        h0, c0 = (states[name].astype(np.float64) for name in ("h0", "c0"))
        fed = np.asarray(x, dtype=np.float64)[:: -1 if self.reverse else 1]
        document = Document(self.m, self.n, self.k, weights, fed, h0, c0, cell_name=self.cell)
        return document.with_order(self.order)


@dataclass(frozen=True, eq=False)
class Found:
    """All recurrent layers of a file, in the order in which the file has them.

    kind: what the file is, "a PyTorch state_dict". notes: sentences on what was converted or left out. readout: W
    (outputs, n) and b (outputs,) where a linear layer follows the last of them, and `output`, what it ends in. x: a
    sequence (T, m) that the file has beside them.
    """

    kind: str
    layers: tuple[FoundLayer, ...]
    notes: tuple[str, ...] = ()
    readout: tuple[Array, Array] | None = None
    output: str = "identity"
    x: Array | None = None

    def stack(self, first: FoundLayer) -> tuple[FoundLayer, ...]:
        """Return a layer and those that follow it: the same name, cell and direction, each reading the h below it."""
        above = sorted((each for each in self.layers if each.layer > first.layer), key=lambda each: each.layer)
        stacked = [first]
        for each in above:
            below = stacked[-1]
            same = (each.name, each.cell, each.reverse) == (first.name, first.cell, first.reverse)
            if same and each.layer == below.layer + 1 and (each.m, each.n, each.k) == (below.n, first.n, first.k):
                stacked.append(each)
        return tuple(stacked)
