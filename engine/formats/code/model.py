"""What a script rebuilds: a cell or a network with its weights, its sequence, and the numbers that it ends with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...cell.cell import Cell, sizes_text
from ...cell.cells import CELLS
from ...cell.torch_layout import FUSED
from ...cell.trace import Values, evaluate, uniform_numbers
from ...document.document import Document
from ...errors import PlainError
from ...runs.snapshot import Snapshot, layer_sizes, zero_states

Array = NDArray[np.floating]
Arrays = Mapping[str, Array]

MOST_NUMBERS = 5_000_000
"""That a script holds: about 50 MB of text."""
STATES = {"h_prev": "h_0", "C_prev": "C_0"}
"""What a script calls the state before the first step."""


class CodeError(PlainError):
    """What cannot be written as code; one sentence says why and what to do."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer. sizes: by symbol. initial: its state before the first step. last: h_t and C_t after the last one."""

    sizes: Mapping[str, int]
    weights: Arrays
    initial: Arrays
    last: Arrays


@dataclass(frozen=True, eq=False)
class Model:
    """A cell, or a network of layers of one and its readout, over a sequence x (T, m); all float64.

    title: what it is, in words. draws: uniform numbers of gates that are drawn, (T, k) by input name. readout: W_out
    and b_out of y_t = W_out·h_t + b_out, and `answer`, the last y_t; empty for a cell. notes: sentences for the header.

    Raises CodeError for one that is too large for a script.
    """

    title: str
    cell: Cell
    layers: tuple[Layer, ...]
    x: Array
    draws: Arrays = field(default_factory=dict)
    readout: Arrays = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.count > MOST_NUMBERS:
            raise CodeError(
                f"{self.title} has {self.count:,} numbers, but a script holds at most {MOST_NUMBERS:,}; save its "
                "weights as .npz instead."
            )

    @property
    def arrays(self) -> dict[str, Array]:
        """Every array by name: "W_f", "h_0", "x", "h_T"; of a network "layer1.W_f" and no state at 0."""
        found = {
            f"{self.before(i)}{name}": W for i, layer in enumerate(self.layers) for name, W in layer.weights.items()
        }
        if self.is_cell:
            found |= {STATES[name]: state for name, state in self.layers[0].initial.items()}
        ends = {name.replace("_t", "_T"): state for name, state in self.layers[-1].last.items()}
        return {**found, **self.readout, "x": self.x, **self.draws, **ends}

    def before(self, layer: int) -> str:
        """Return what the names of a layer's weights begin with; "" for a cell. layer: from 0."""
        return "" if self.is_cell else f"layer{layer + 1}."

    @property
    def shapes(self) -> dict[str, str]:
        """The shape of each array, in symbols, as NumPy writes it: "(k, m+n)"."""
        cell = self.cell
        found = {
            f"{self.before(i)}{item.name}": item.shape for i in range(len(self.layers)) for item in cell.parameters
        }
        found |= {STATES[name]: cell.shapes[name] for name in cell.carried}
        found |= {name.replace("_t", "_T"): cell.shapes[name] for name in cell.carried.values()}
        found |= {item.name: ("T", *item.shape) for item in cell.draws}
        found |= {"x": ("T", "m"), "W_out": ("p", "n"), "b_out": ("p",), "y_T": ("p",)}
        return {name: shape_in_symbols(shape) for name, shape in found.items()}

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return sum(array.size for array in self.arrays.values())

    @property
    def is_cell(self) -> bool:
        """Whether it is one cell alone, not a network."""
        return len(self.layers) == 1 and not self.readout

    @property
    def carried(self) -> tuple[str, ...]:
        """What its cell hands on, in the order of its inputs: "h_t", "C_t"."""
        return tuple(self.cell.carried.values())

    @property
    def has_kernel(self) -> bool:
        """Whether torch has a layer that computes it: LSTM, GRU or RNN, with a projection only to fewer than k."""
        projected = "W_hr" in self.layers[0].weights
        fits = all(layer.sizes["n"] < layer.sizes["k"] for layer in self.layers) if projected else True
        return self.cell.name in FUSED and not self.draws and fits

    @property
    def sizes_words(self) -> str:
        """The sizes in words: "m = 2, n = k = 3"; of a network those of its first layer, and how many there are."""
        words = sizes_text(self.layers[0].sizes)
        return words if len(self.layers) == 1 else f"{len(self.layers)} layers, {words}"


def shape_in_symbols(shape: Sequence[str]) -> str:
    """Return a shape as NumPy writes one: (k,) or (k, m+n)."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(shape)})"


def of_document(document: Document, title: str = "") -> Model:
    """Return a document's cell over its sequence. Raises CodeError where a script would be too large."""
    cell, sizes = document.cell, document.sizes
    state = {"h_prev": document.h0, "C_prev": document.c0}
    initial = {name: state[name] for name in cell.carried}
    generator = np.random.default_rng(document.sampled)
    draws = uniform_numbers(cell, sizes, len(document.x), generator) if cell.draws else {}
    *_, last = _over(cell, document.weights, document.x, initial, draws)
    layer = Layer(sizes, document.weights, initial, {name: last[name] for name in cell.carried.values()})
    return Model(title or cell.title, cell, (layer,), document.x, draws)


def of_snapshot(snapshot: Snapshot, title: str = "") -> Model:
    """Return all layers of a network and its readout, over the probe; raises CodeError for one that has diverged.

    Where a recording does not have the readout, it is left out and a note says so.
    """
    cell = CELLS[snapshot.cell]("W_hr" in snapshot.weights[0], "x,h", None)
    title = title or f"Network of {cell.title} at step {snapshot.step:,}"
    x = given = snapshot.probe.astype(np.float64)
    layers = []
    for number, of_layer in enumerate(snapshot.weights, 1):
        weights = {item.name: of_layer[item.name].astype(np.float64) for item in cell.parameters}
        if not all(np.isfinite(weight).all() for weight in weights.values()):
            raise CodeError(
                f"{title}: layer {number} has weights that are no finite numbers; choose a step before it diverged."
            )
        n, k = layer_sizes(cell, weights, given.shape[1])
        initial = zero_states(cell, n, k, np.float64)
        steps = list(_over(cell, weights, given, initial, {}, only=cell.carried.values()))
        layers.append(Layer({"m": given.shape[1], "n": n, "k": k}, weights, initial, steps[-1]))
        given = np.stack([step["h_t"] for step in steps])
    readout = {name: weight.astype(np.float64) for name, weight in snapshot.readout.items()}
    if readout:
        readout["y_T"] = readout["W_out"] @ given[-1] + readout["b_out"]
    missing = "The recording is of an earlier version, which did not keep the readout: it is not here."
    return Model(title, cell, tuple(layers), x, {}, readout, () if readout else (missing,))


def _over(
    cell: Cell, weights: Values, x: Array, initial: Arrays, draws: Arrays, only: Iterable[str] | None = None
) -> Iterator[dict[str, Array]]:
    """Yield the values of each step, or some of them, without keeping those before."""
    state = dict(initial)
    for t, x_t in enumerate(x):
        values = evaluate(cell, weights, {"x_t": x_t, **state, **{name: r[t] for name, r in draws.items()}})
        state = {name: values[source] for name, source in cell.carried.items()}
        yield values if only is None else {name: values[name] for name in only}
