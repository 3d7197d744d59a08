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
from ..errors import PlainError, did_you_mean

Array = NDArray[np.floating]


class NetworkFileError(PlainError):
    """A file that no network can be read from, or a network that a file cannot hold; one sentence says why."""


@dataclass(frozen=True)
class Told:
    """What a reader is told beside a file that may be read in several ways.

    order: how its matrices have their columns, one of ORDERS, where it does not say so itself; "" if nobody knows.
    column: which of several examples x and the first states are taken from, counted from 0.
    """

    order: str = ""
    column: int = 0


@dataclass(frozen=True)
class Mapped:
    """Where one weight of the cell is from, or goes: its name here ("W_f"), and in the file's own words."""

    name: str
    source: str


def check_sizes(label: str, sizes: Mapping[str, int]) -> None:
    """Raise NetworkFileError where a layer of this label is smaller or larger than one can be here."""
    for symbol, size in sizes.items():
        if not 1 <= size <= LARGEST_SIZE:
            raise NetworkFileError(
                f"{label}: {symbol} is {size:,}, but a layer here has 1 to {LARGEST_SIZE:,}; choose another."
            )


def check_shape(label: str, found: tuple[int, ...] | None, shape: Shape, sizes: Mapping[str, int]) -> None:
    """Raise NetworkFileError unless the array of this label is there and has the shape, given in symbols."""
    if found == size_in_numbers(shape, sizes):
        return
    words = "nothing" if found is None else "×".join(map(str, found)) or "one number"
    raise NetworkFileError(
        f"{label} should be {shape_text(shape, sizes)} ({shape_text(shape)}), but the file has {words}; save the "
        "network again."
    )


@dataclass(frozen=True, eq=False)
class FoundLayer:
    """One recurrent layer of a file, in one direction.

    name: as the file names its stack: "encoder.lstm"; "" where it has no name. layer: its number in its stack, from 0.
    reverse: whether it reads the sequence from its end. cell: a name in CELLS. m, n, k: input, hidden and cell size.
    weights: what that cell declares, with columns [x, h]; biases (k,), in the float dtype that the file has, and
    finite; where two add up, their sum in double precision. mapped: where each is from. order: how the file itself has
    the columns. initial: h0 (n,) and C0 (k,) by the names "h0" and "c0", where the file gives them. own: what the file
    calls this layer, where its stack is called after another one.

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
    own: str = ""

    def __post_init__(self) -> None:
        check_sizes(self.label, self.sizes)
        declared = {item.name: item.shape for item in self.declared.parameters}
        if unknown := self.weights.keys() - declared.keys():
            raise NetworkFileError(f"{self.label}: the {self.declared.title} has no weight {min(unknown)}.")
        states = {"h0": ("n",), "c0": ("k",)}
        for name, shape in declared.items():
            self._check(name, self.weights.get(name), shape)
        for name, array in self.initial.items():
            self._check(name, array, states[name])

    def _check(self, name: str, array: Array | None, shape: Shape) -> None:
        check_shape(f"{self.label}: {name}", None if array is None else array.shape, shape, self.sizes)
        if array is not None and not np.isfinite(array).all():
            raise NetworkFileError(
                f"{self.label}: {name} holds NaN or an infinite number, so nothing can be computed with it; save the "
                "network as it was before it diverged."
            )

    @property
    def called(self) -> str:
        """What its stack is called: as its file says, or after its cell."""
        return self.name or self.cell

    @property
    def label(self) -> str:
        """What it is called among all of its file: "lstm", above it "lstm.l1", and reversed "lstm.l1_reverse"."""
        place = f".l{self.layer}" if self.layer or self.reverse else ""
        return f"{self.called}{place}{'_reverse' if self.reverse else ''}"

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

    def document(self, x: Array, readout: tuple[Array, Array] | None = None, output: str = "identity") -> Document:
        """Return the layer as a document over a sequence x (T, m), in double precision, its columns as in the file.

        A reverse layer gets x from its end, as its network would feed it. readout: W_y (p, n) and b_y (p,) of an
        output that ends in `output`. Raises DocumentError.
        """
        weights = {name: array.astype(np.float64) for name, array in self.weights.items()}
        if readout is not None:
            weights.update(zip(("W_y", "b_y"), (array.astype(np.float64) for array in readout), strict=True))
        states = {"h0": np.zeros(self.n), "c0": np.zeros(self.k), **self.initial}
        h0, c0 = (states[name].astype(np.float64) for name in ("h0", "c0"))
        fed = np.asarray(x, dtype=np.float64)[:: -1 if self.reverse else 1]
        sizes = self.m, self.n, self.k
        document = Document(*sizes, weights, fed, h0, c0, cell_name=self.cell, output=output)
        return document.with_order(self.order)


@dataclass(frozen=True, eq=False)
class Found:
    """All recurrent layers of a file, in the order in which the file has them.

    kind: what the file is, "a PyTorch state_dict". notes: sentences on what was converted or left out. readout: W
    (outputs, n) and b (outputs,) where a linear layer follows the last of them, and `output`, what it ends in; outputs
    is at most LARGEST_SIZE. x: a sequence (T, m) that the file has beside them, perhaps one of several `examples`.
    """

    kind: str
    layers: tuple[FoundLayer, ...]
    notes: tuple[str, ...] = ()
    readout: tuple[Array, Array] | None = None
    output: str = "identity"
    x: Array | None = None
    examples: int = 1

    def layer(self, label: str = "") -> FoundLayer:
        """Return the layer of a label, or the first; the name of a stack, too, means the first of it.

        Raises NetworkFileError that names the nearest.
        """
        by_label = {each.label: each for each in reversed(self.layers)}
        names = {each.own: each for each in reversed(self.layers)}
        names |= {each.called: each for each in reversed(self.layers)}
        if not label:
            return self.layers[0]
        found = by_label.get(label) or names.get(label)
        if found is None:
            known = [each.label for each in self.layers]
            raise NetworkFileError(f"There is no recurrent layer “{label}”{did_you_mean(label, known)}.")
        return found

    def reads(self, layer: FoundLayer) -> bool:
        """Whether the readout reads this layer's h."""
        above = self.layers[-1]
        fits = self.readout is not None and self.readout[0].shape[1] == layer.n
        return fits and layer is above and not layer.reverse

    def document(self, layer: FoundLayer, x: Array) -> Document:
        """Return a layer as a document over x (T, m), with the readout as its output where that reads its h."""
        return layer.document(x, self.readout if self.reads(layer) else None, self.output)

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
