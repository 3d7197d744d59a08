"""A snapshot of a network at one training step: weights, gates of the probe sequence, predictions.

Plain numpy, frozen: a snapshot travels between processes and is drawn later, so nothing in it may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..cell.cell import Cell
from ..cell.cells import CELLS
from ..cell.trace import Trace, trace_sequence
from ..tasks.held_out import HeldOut
from .observation import Extras

if TYPE_CHECKING:
    from ..document.document import Document

Array = NDArray[np.floating]
Layer = Mapping[str, Array]


def layer_gates(weights: Layer, x: Array, h: Array) -> dict[str, Array]:
    """Return every gate of one layer over a sequence whose hidden states are known, from h_0 = C_0 = 0.

    torch's fused LSTM tells h alone; with h, all pre-activations are one product and only C remains to be walked
    through: f, i, o = σ(W [x_t, h_{t-1}] + b); C̃ = tanh(W_C [x_t, h_{t-1}] + b_C); C_t = f ∘ C_{t-1} + i ∘ C̃.
    weights: W_f W_i W_C W_o (k, m + n), columns [x, h], b_f b_i b_C b_o (k,). x: (T, m). h: (T, n).
    Returns f, i, C_tilde, o, C (T, k) and h itself, in the dtype of the weights.
    """
    order = ("f", "i", "o", "C")
    W = np.concatenate([weights[f"W_{gate}"] for gate in order])  # (4k, m + n)
    b = np.concatenate([weights[f"b_{gate}"] for gate in order])
    h_prev = np.concatenate([np.zeros_like(h[:1]), h[:-1]])
    z = np.concatenate([x.astype(W.dtype), h_prev], axis=1) @ W.T + b  # (T, 4k)
    k = weights["b_f"].size
    z[:, : 3 * k] *= 0.5  # σ(z) = (1 + tanh(z / 2)) / 2 cannot overflow
    gates = np.tanh(z)
    f, i, o = (np.ascontiguousarray((part + 1) / 2) for part in np.split(gates[:, : 3 * k], 3, axis=1))
    C_tilde = np.ascontiguousarray(gates[:, 3 * k :])
    C = i * C_tilde
    for t in range(1, len(C)):
        C[t] += f[t] * C[t - 1]
    return {"f": f, "i": i, "C_tilde": C_tilde, "o": o, "C": C, "h": h}


def shown_values(cell: Cell) -> dict[str, str]:
    """Return the values of a cell that a heatmap shows, by their short names: {"f": "f_t", "C_tilde": "C_tilde", …}."""
    return {item.name.removesuffix("_t"): item.name for item in cell.named}


def traced_gates(cell: Cell, weights: Layer, x: Array) -> dict[str, Array]:
    """Return every gate of one layer of any cell over a sequence x (T, m), from zero states; as `layer_gates`."""
    trace = layer_trace(cell, weights, x)
    return {short: np.stack([step[name] for step in trace.steps]) for short, name in shown_values(cell).items()}


def layer_trace(cell: Cell, weights: Layer, x: Array) -> Trace:
    """Return every value of one layer of any cell over a sequence x (T, m), from zero states, in the dtype of x."""
    m = x.shape[1]
    n, k = layer_sizes(cell, weights, m)
    return trace_sequence(cell, weights, x, zero_states(cell, n, k, x.dtype), {"m": m, "n": n, "k": k})


def zero_states(cell: Cell, n: int, k: int, dtype: DTypeLike) -> dict[str, Array]:
    """Return the states that a cell carries before its first step: h_prev (n,) and, where it has one, C_prev (k,)."""
    sizes = {"h_prev": n, "C_prev": k}
    return {name: np.zeros(sizes[name], dtype=dtype) for name in cell.carried}


def layer_document(cell: Cell, weights: Layer, x: Array) -> Document:
    """Return one layer as a document in float64, from h_0 = C_0 = 0; x (T, m): what it received.

    Raises DocumentError for numbers that are not finite.
    """
    from ..document.document import Document

    m = x.shape[1]
    n, k = layer_sizes(cell, weights, m)
    doubles = {name: array.astype(np.float64) for name, array in weights.items()}
    return Document(m, n, k, doubles, x.astype(np.float64), np.zeros(n), np.zeros(k), cell_name=cell.name)


def layer_sizes(cell: Cell, weights: Layer, m: int) -> tuple[int, int]:
    """Return n and k of a layer, read off its weights."""
    columns = next(item for item in cell.parameters if item.shape[-1] in ("m+n", "n+m") and len(item.shape) == 2)
    rows, width = weights[columns.name].shape
    n = width - m
    return n, rows if columns.shape[0] == "k" else n


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One moment of a run; every array is read-only float32, but the task's own units may be float64.

    step: how many training steps had been made. weights: per layer, by the cell's names (W_f … b_o and, with a
    projection, W_hr). gates: per layer what `shown_values` names, over the probe: of an LSTM f, i, C_tilde, o, C
    (T, k) and h (T, n). probe: x (T, m).
    position, target, prediction: (N,) each, of the task's fixed test examples, in the task's units.
    cell: the name of the cell. answers: what the network answers over the probe, (T, outputs), as it comes from the
    readout. extras: what was asked for besides. held_out: the network on rows that training never sees, if there are.
    readout: its weights, "W_out" (outputs, n) and "b_out" (outputs,); empty in recordings of earlier versions.
    """

    step: int
    weights: tuple[Layer, ...]
    gates: tuple[Layer, ...]
    probe: Array
    position: Array
    target: Array
    prediction: Array
    cell: str = "lstm"
    answers: Array = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))
    extras: Extras = field(default_factory=Extras)
    held_out: HeldOut | None = None
    readout: Layer = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._freeze()

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Pickling forgets that an array was read-only.
        self.__dict__.update(state)
        self._freeze()

    def _freeze(self) -> None:
        for array in self._arrays:
            array.flags.writeable = False

    @property
    def _arrays(self) -> list[Array]:
        layers = [array for part in (*self.weights, *self.gates, self.readout) for array in part.values()]
        return [*layers, self.probe, self.position, self.target, self.prediction, self.answers]

    @property
    def nbytes(self) -> int:
        """About how many bytes it takes."""
        return sum(array.nbytes for array in self._arrays)

    @property
    def layers(self) -> int:
        """How many layers the network has."""
        return len(self.weights)

    def document(self, layer: int = 0) -> Document:
        """Return one layer as a document: its weights, and as x what it really received.

        The first layer receives the probe, every other one the h of the layer below; h0 = C0 = 0; float64.
        Raises IndexError where there is no such layer, DocumentError where the network has diverged.
        """
        if not 0 <= layer < self.layers:
            raise IndexError(f"layer {layer} was asked for, but the network has layers 0 to {self.layers - 1}")
        x = self.probe if layer == 0 else self.gates[layer - 1]["h"]
        weights = self.weights[layer]
        return layer_document(CELLS[self.cell]("W_hr" in weights, "x,h", None), weights, x)
