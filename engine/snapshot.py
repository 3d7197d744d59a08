"""What a plot needs of a network at one moment: weights, the gates of the probe sequence, predictions.

Plain numpy, frozen: a snapshot travels between processes and is drawn later, so nothing in it may change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from engine.document import Document

GATE_NAMES = ("f", "i", "C_tilde", "o", "C", "h")

Array = NDArray[np.floating]
Layer = Mapping[str, Array]


def layer_gates(weights: Layer, x: Array) -> dict[str, Array]:
    """Compute every gate of one layer over a sequence, from h_0 = C_0 = 0.

    Equation: [a_f, a_i, a_o, a_C] = W [x_t, h_{t-1}] + b; f, i, o = σ(a); C̃ = tanh(a_C);
    C_t = f ∘ C_{t-1} + i ∘ C̃; h_t = o ∘ tanh(C_t), or W_hr times that where the layer has a projection.
    weights: W_f W_i W_C W_o (k, m + n), columns [x, h], b_f b_i b_C b_o (k,), W_hr (n, k) or absent.
    x: (T, m). Returns f, i, C_tilde, o, C (T, k) and h (T, n), in the dtype of the weights.
    """
    order = ("f", "i", "o", "C")
    W = np.concatenate([weights[f"W_{gate}"] for gate in order])  # (4k, m + n)
    b = np.concatenate([weights[f"b_{gate}"] for gate in order])
    T, m = x.shape
    k = weights["b_f"].size
    # σ(a) = (1 + tanh(a / 2)) / 2 cannot overflow, and lets one tanh do all four.
    half = np.ones((4 * k, 1), dtype=W.dtype)
    half[: 3 * k] = 0.5
    W, b = W * half, b * half[:, 0]
    from_x = x.astype(W.dtype) @ W[:, :m].T + b  # (T, 4k): one product for the whole sequence
    W_h = np.ascontiguousarray(W[:, m:])  # (4k, n)
    W_hr = weights.get("W_hr")
    n = W_h.shape[1]
    gates = np.empty((T, 4 * k), dtype=W.dtype)
    C = np.empty((T, k), dtype=W.dtype)
    h = np.empty((T, n), dtype=W.dtype)
    h_prev, C_prev = np.zeros(n, dtype=W.dtype), np.zeros(k, dtype=W.dtype)
    for t in range(T):
        gate = gates[t]
        np.tanh(np.dot(W_h, h_prev) + from_x[t], out=gate)
        sigmoids = gate[: 3 * k]
        sigmoids += 1
        sigmoids *= 0.5
        C_prev = np.add(gate[:k] * C_prev, gate[k : 2 * k] * gate[3 * k :], out=C[t])
        h_prev = h[t]
        if W_hr is None:
            np.multiply(gate[2 * k : 3 * k], np.tanh(C_prev), out=h_prev)
        else:
            np.dot(W_hr, gate[2 * k : 3 * k] * np.tanh(C_prev), out=h_prev)
    # Copies: each plot wants its own contiguous (T, k) array.
    f, i, o, C_tilde = (np.ascontiguousarray(part) for part in np.split(gates, 4, axis=1))
    return {"f": f, "i": i, "C_tilde": C_tilde, "o": o, "C": C, "h": h}


def probe_gates(weights_of_layers: Sequence[Layer], x: Array) -> tuple[dict[str, Array], ...]:
    """Compute the gates of every layer over the probe sequence x (T, m); each layer's h feeds the next."""
    layers = []
    for weights in weights_of_layers:
        gates = layer_gates(weights, x)
        layers.append(gates)
        x = gates["h"]
    return tuple(layers)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One moment of a run; every array is read-only float32.

    step: how many training steps had been made. weights: per layer W_f … b_o and, with a projection, W_hr.
    gates: per layer f, i, C_tilde, o, C (T, k) and h (T, n) over the probe. probe: x (T, m).
    position, target, prediction: (N,) each, of the task's fixed test examples, in the task's units.
    """

    step: int
    weights: tuple[Layer, ...]
    gates: tuple[Layer, ...]
    probe: Array
    position: Array
    target: Array
    prediction: Array

    def __post_init__(self) -> None:
        self._freeze()

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Pickling forgets that an array was read-only.
        self.__dict__.update(state)
        self._freeze()

    def _freeze(self) -> None:
        layers = [array for part in (*self.weights, *self.gates) for array in part.values()]
        for array in (*layers, self.probe, self.position, self.target, self.prediction):
            array.flags.writeable = False

    @property
    def layers(self) -> int:
        """How many layers the network has."""
        return len(self.weights)

    def document(self, layer: int = 0) -> "Document":
        """Return one layer as a document: its weights, and as x what it really received.

        The first layer receives the probe, every other one the h of the layer below; h0 = C0 = 0; float64.
        Raises IndexError where there is no such layer, DocumentError where the network has diverged.
        """
        from engine.document import Document

        if not 0 <= layer < self.layers:
            raise IndexError(f"layer {layer} was asked for, but the network has layers 0 to {self.layers - 1}")
        x = self.probe if layer == 0 else self.gates[layer - 1]["h"]
        weights = {name: array.astype(np.float64) for name, array in self.weights[layer].items()}
        k, n, m = weights["b_f"].size, self.gates[layer]["h"].shape[1], x.shape[1]
        return Document(m=m, n=n, k=k, weights=weights, x=x.astype(np.float64), h0=np.zeros(n), c0=np.zeros(k))
