"""The torch network for a configuration: layers of recurrent cells and a readout, with the cell's names for weights."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..cell.cell import Cell
from ..cell.torch_layout import FUSED, TORCH_GATES
from ..runs.first_weights import first_weights
from ..runs.snapshot import layer_gates, traced_gates
from ..runs.start import Start
from ..settings.ablation import clamped_gates, frozen_weights, weights_of
from ..settings.config import TrainingConfig
from .dropout import Dropout
from .fused import FusedLayers
from .graph_layers import GraphLayers

Weights = dict[str, NDArray[np.floating]]


class RecurrentNetwork(nn.Module):
    """Layers of recurrent cells and a linear readout of the last layer's h.

    Equation: y = W_out h + b_out, h with dropout while it learns. x: (T, B, m) float32. Returns (T, B, outputs)
    where every_step, else (B, outputs) of the last step. Where torch has a fused kernel for the cell it computes the
    layers, else the cell's own graph. `fused` False takes the graph in any case. start: what the layers begin
    with; without it, and in all else, weights are drawn.
    """

    def __init__(
        self,
        config: TrainingConfig,
        input_size: int,
        output_size: int,
        every_step: bool,
        fused: bool = True,
        start: Start | None = None,
    ) -> None:
        super().__init__()
        self.every_step = every_step
        self.cell: Cell = config.made_cell
        self.layer_count = config.layers
        kind = FusedLayers if fused and self.cell.name in FUSED else GraphLayers
        self.recurrent = kind(self.cell, input_size, config.cell_size, config.n, config.layers)
        self.dropout = Dropout(config.dropout, config.seed)
        self.readout = nn.Linear(config.n, output_size)
        self._frozen_pieces: list[tuple[Tensor, Tensor]] = []
        self._initialise(config, input_size)
        if start is not None:
            self._begin_with(start)
        self.restrict(config.clamped, config.frozen)

    def _initialise(self, config: TrainingConfig, inputs: int) -> None:
        first = first_weights(config, inputs, self.readout.out_features, isinstance(self.recurrent, FusedLayers))
        drawn = [value for layer in first.layers for value in layer.values()]
        with torch.no_grad():
            for parameter, value in zip(self.parameters(), (*drawn, *first.readout), strict=True):
                parameter.copy_(torch.from_numpy(value))

    def _begin_with(self, start: Start) -> None:
        with torch.no_grad():
            for layer in range(start.layers):
                for name, array in start.of_layer(layer).items():
                    self._begin_weight(layer, name, torch.tensor(array))

    def _begin_weight(self, layer: int, name: str, value: Tensor) -> None:
        if value.ndim == 1:
            self._set(layer, name, value)
            return
        pieces = self.recurrent.pieces(layer, name)  # side by side: the columns of x, and those of h
        for piece, columns in zip(pieces, value.split_with_sizes([p.shape[1] for p in pieces], 1), strict=True):
            piece.copy_(columns)

    def _set(self, layer: int, name: str, value: Tensor) -> None:
        first, *others = self.recurrent.pieces(layer, name)
        first.copy_(value)
        for other in others:  # torch's second bias
            other.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """Compute the network's answers; shapes in the docstring of the class."""
        return self.answers(self.recurrent(x))

    def answers(self, h: Tensor) -> Tensor:
        """Return the readout of the last layer's h (T, B, n): (T, B, outputs) or (B, outputs)."""
        return cast(Tensor, self.readout(self.dropout(h if self.every_step else h[-1])))

    def restrict(self, clamped: str, frozen: str) -> None:
        """Clamp gates and freeze weights from now on, as the settings of these names say.

        Raises ConfigError where they name what is not there. What was clamped or frozen before and is no longer
        goes on from the weights it had.
        """
        clamps = clamped_gates(self.cell, clamped)
        names = frozen_weights(self.cell, self.layer_count, frozen)
        self.recurrent.clamp(clamps)
        held = {weight for gate in clamps for weight in weights_of(self.cell, gate)}
        self._frozen_pieces = [
            (piece, piece.clone())
            for layer, frozen_here in enumerate(names)
            for name in sorted(frozen_here | held)
            for piece in self.recurrent.pieces(layer, name)
        ]

    def keep_still(self) -> None:
        """Put frozen weights back: optimizers move a weight by its momentum even where its gradient is 0."""
        for piece, value in self._frozen_pieces:
            piece.copy_(value)

    @property
    def restricted(self) -> bool:
        """Whether anything is clamped or frozen."""
        return bool(self._frozen_pieces)

    def weights(self, layer: int) -> Weights:
        """Return one layer's weights by the cell's names as fresh arrays in the network's dtype, clamps included."""
        return {name: weight.numpy() for name, weight in self.recurrent.weights(layer).items()}

    def gradients(self, layer: int) -> Weights:
        """Return dL/dW of one layer's weights by the cell's names, from the last backward pass."""
        return {name: self.recurrent.gradient(layer, name).cpu().numpy() for name in self.recurrent.names()}

    def all_weights(self) -> Weights:
        """Return every weight: "layer1.W_f" … and the readout's "W_out" (outputs, n) and "b_out" (outputs,)."""
        return self._all(self.weights, lambda parameter: parameter)

    def all_gradients(self) -> Weights:
        """Return dL/dW of every weight, by the names of `all_weights`, from the last backward pass."""
        return self._all(self.gradients, lambda parameter: cast(Tensor, parameter.grad))

    def _all(self, of_layer: Callable[[int], Weights], of_readout: Callable[[Tensor], Tensor]) -> Weights:
        layers = range(self.layer_count)
        found = {f"layer{layer + 1}.{name}": array for layer in layers for name, array in of_layer(layer).items()}
        for name, parameter in (("W_out", self.readout.weight), ("b_out", self.readout.bias)):
            found[name] = of_readout(parameter).detach().cpu().numpy().copy()
        return found


def torch_state(weights: Mapping[str, NDArray[np.floating] | None], m: int) -> dict[str, Tensor]:
    """Return the state of a one-layer `nn.LSTM` with these weights, in their dtype.

    weights: by the cell's names, W_f (k, m + n) … b_o (k,); W_hr (n, k) may be absent or None. m: how many of the
    columns belong to x. All of each bias goes to bias_ih, bias_hh is zero. Raises KeyError where a gate is missing.
    """

    def stacked(letter: str) -> NDArray[np.floating]:
        parts = [weights[f"{letter}_{gate}"] for gate in TORCH_GATES]
        return np.concatenate([part for part in parts if part is not None])

    W, b = stacked("W"), stacked("b")
    state = {
        "weight_ih_l0": W[:, :m],
        "weight_hh_l0": W[:, m:],
        "bias_ih_l0": b,
        "bias_hh_l0": np.zeros_like(b),
    }
    W_hr = weights.get("W_hr")
    if W_hr is not None:
        state["weight_hr_l0"] = W_hr
    return {name: torch.tensor(array) for name, array in state.items()}


def hidden_states(weights: Mapping[str, NDArray[np.floating]], x: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return h of one layer over a sequence, (T, n), as torch's LSTM computes it on the CPU from h_0 = C_0 = 0.

    weights: as for `torch_state`. x: (T, m), in their dtype.
    """
    state = list(torch_state(weights, x.shape[1]).values())
    k, n = weights["b_f"].size, state[1].shape[1]
    start = torch.zeros(1, 1, n, dtype=state[0].dtype), torch.zeros(1, 1, k, dtype=state[0].dtype)
    sequence = torch.tensor(x[:, None])  # (T, 1, m); a copy, for x may be read-only
    with torch.no_grad():
        h, _, _ = torch.lstm(sequence, start, state, True, 1, 0.0, False, False, False)
    return cast("NDArray[np.floating]", h[:, 0].contiguous().numpy())


def probe_gates(
    cell: Cell, weights_of_layers: Sequence[Mapping[str, NDArray[np.floating]]], x: NDArray[np.floating]
) -> tuple[Weights, ...]:
    """Return the gates of every layer over the probe sequence x (T, m); each layer's h feeds the next."""
    layers: list[Weights] = []
    for weights in weights_of_layers:
        fast = cell.name == "lstm"
        gates = layer_gates(weights, x, hidden_states(weights, x)) if fast else traced_gates(cell, weights, x)
        layers.append(gates)
        x = gates["h"]
    return tuple(layers)
