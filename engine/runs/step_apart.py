"""One training step for the slow motion: everything it computed, in the order computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell
from ..cell.cells import CELLS
from ..cell.trace import Trace, backpropagate
from .snapshot import layer_document, layer_trace

if TYPE_CHECKING:
    from ..document.document import Document

Array = NDArray[np.floating]
Arrays = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class StepApart:
    """A real step of a run, made on one example.

    step: its number. example: the number of the example of the task. cell: name of the cell. x: the example, (T, m);
    target as the task gave it. loss, measure,
    grad_norm and applied_norm (before and after clipping) are those of the step. arriving: for each layer dL/dh_t
    that reaches its h from above, (T, n): from the readout, or from the layer above. kept: what dropout multiplied the
    last layer's h by on its way to the readout, (T, n), or (1, n) where only the last step answers. before,
    gradients (before clipping), after: every weight by name, "layer1.W_f", "W_out".
    """

    step: int
    example: int
    cell: str
    x: Array
    target: Array
    loss: float
    measure: float
    grad_norm: float
    applied_norm: float
    optimizer: str
    learning_rate: float
    arriving: tuple[Array, ...]
    kept: Array
    before: Arrays
    gradients: Arrays
    after: Arrays

    @property
    def layers(self) -> int:
        """How many layers the network has."""
        return len(self.arriving)

    @property
    def clip_factor(self) -> float:
        """What the gradient was multiplied by: 1 where it was not clipped."""
        return self.applied_norm / self.grad_norm if self.grad_norm else 1.0

    def change(self, name: str) -> Array:
        """Return ΔW of one weight; raise KeyError for an unknown name."""
        return self.after[name] - self.before[name]

    def weights(self, layer: int) -> dict[str, Array]:
        """Return one layer's weights before the step, by the cell's names; layers from 0."""
        return of_layer(self.before, layer)

    def document(self, layer: int) -> "Document":
        """Return one layer before the step as a document, with what it received as x; layers from 0."""
        cell = CELLS[self.cell]("layer1.W_hr" in self.before, "x,h", None)
        x: Array = self.x.astype(np.float64)
        for below in range(layer):
            x = _hidden(layer_trace(cell, self.weights(below), x))
        return layer_document(cell, self.weights(layer), x)


def of_layer(weights: Arrays, layer: int) -> dict[str, Array]:
    """Return the weights of one layer (from 0) by the cell's names, out of those of a network."""
    prefix = f"layer{layer + 1}."
    return {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}


def arriving_gradients(cell: Cell, layers: Sequence[Arrays], x: Array, direct: Array) -> tuple[Array, ...]:
    """Return dL/dh_t that reaches each layer's h from above, (T, n) each, from the first layer to the last.

    layers: the weights of each. x: (T, m). direct: what reaches the last layer, (T, n).
    """
    if len(layers) == 1:
        return (direct,)
    traces = []
    for weights in layers:
        traces.append(layer_trace(cell, weights, x))
        x = _hidden(traces[-1])
    found = [direct]
    for trace in reversed(traces[1:]):
        gradients = backpropagate(trace, [{"h_t": gradient} for gradient in found[0]])
        found.insert(0, np.stack([step["x_t"] for step in gradients.steps]))
    return tuple(found)


def _hidden(trace: Trace) -> Array:
    return np.stack([step["h_t"] for step in trace.steps])
