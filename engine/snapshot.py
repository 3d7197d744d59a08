"""What a plot needs of a network at one moment: weights, the gates of the probe sequence, predictions.

Plain numpy, frozen: a snapshot travels between processes and is drawn later, so nothing in it may change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from engine.document import Document

GATE_NAMES = ("f", "i", "C_tilde", "o", "C", "h")

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
