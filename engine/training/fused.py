"""Layers computed by torch's fused kernels, and where torch keeps the weights of each cell.

torch stacks the gates in its weights (LSTM: i, f, g, o; GRU: r, z, n) and has two biases per gate; the cell of
engine.cell.cells has one matrix and one bias for each gate, the bias being the sum of torch's two.
"""

import warnings
from collections.abc import Mapping
from functools import cache
from typing import cast

import torch
from torch import Tensor, nn

from ..cell.cell import Cell
from ..cell.torch_layout import PLACES
from ..settings.ablation import BEYOND, clamped_value


@cache
def _hear_out_torch_about_projection() -> None:
    # torch says once per process that a projection leaves its fastest kernel; nobody here can act on that.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nn.LSTM(1, 2, proj_size=1)(torch.zeros(1, 1, 1))


def _kernel(cell: Cell, input_size: int, k: int, n: int, layers: int) -> nn.RNNBase:
    if cell.name == "rnn":
        return nn.RNN(input_size, k, num_layers=layers)
    if cell.name == "gru":
        return nn.GRU(input_size, k, num_layers=layers)
    if n != k:
        _hear_out_torch_about_projection()
    return nn.LSTM(input_size, k, num_layers=layers, proj_size=n if n != k else 0)


class FusedLayers(nn.Module):
    """Layers of one cell in one call of torch's kernel; gates can be clamped.

    x: (T, B, m). Returns h of the last layer, (T, B, n), from states of zeros.
    """

    def __init__(self, cell: Cell, input_size: int, k: int, n: int, layers: int) -> None:
        super().__init__()
        self.cell = cell
        self.kernel = _kernel(cell, input_size, k, n, layers)
        self._clamped: dict[str, tuple[Tensor, Tensor]] = {}

    def forward(self, x: Tensor) -> Tensor:
        """Compute h; shapes in the docstring of the class."""
        if not self._clamped:
            return cast(Tensor, self.kernel(x)[0])
        return self._with_weights(x, [self._effective(name) for name, _ in self.kernel.named_parameters()])

    def _with_weights(self, x: Tensor, weights: list[Tensor]) -> Tensor:
        kernel = self.kernel
        h = x.new_zeros(kernel.num_layers, x.shape[1], kernel.proj_size or kernel.hidden_size)
        rest = (weights, True, kernel.num_layers, 0.0, kernel.training, False, False)
        if self.cell.name == "lstm":
            C = x.new_zeros(kernel.num_layers, x.shape[1], kernel.hidden_size)
            return torch.lstm(x, (h, C), *rest)[0]
        function = torch.gru if self.cell.name == "gru" else torch.rnn_tanh
        return function(x, h, *rest)[0]

    def _effective(self, torch_name: str) -> Tensor:
        parameter = cast(Tensor, getattr(self.kernel, torch_name))
        if torch_name not in self._clamped:
            return parameter
        mask, value = self._clamped[torch_name]
        return torch.where(mask, value, parameter)

    def clamp(self, gates: Mapping[str, float]) -> None:
        """Hold gates at 0 or 1 from now on; their weights keep their values for later and get no gradient."""
        self._clamped = {}
        for layer in range(self.kernel.num_layers if gates else 0):
            for name in self.names():
                held = clamped_value(self.cell, name, gates)
                if held is None:
                    continue
                place = PLACES[self.cell.name][name]
                for part, short in enumerate(place.torch_names):
                    # The second of two biases that add up: one of them is enough.
                    self._hold(f"{short}_l{layer}", place.number, 0.0 if part and abs(held) == BEYOND else held)

    def _hold(self, torch_name: str, number: int, held: float) -> None:
        parameter = cast(Tensor, getattr(self.kernel, torch_name))
        if torch_name not in self._clamped:
            self._clamped[torch_name] = (
                torch.zeros_like(parameter, dtype=torch.bool),
                torch.zeros_like(parameter, requires_grad=False),
            )
        mask, value = self._clamped[torch_name]
        rows = self._rows(torch_name, number)
        mask[rows] = True
        value[rows] = held

    def _rows(self, torch_name: str, number: int) -> slice:
        if torch_name.startswith("weight_hr"):
            return slice(None)
        height = self.kernel.hidden_size
        return slice(number * height, (number + 1) * height)

    def names(self) -> tuple[str, ...]:
        """Return the cell's weights by name, in the order that it declares."""
        return tuple(item.name for item in self.cell.parameters)

    def places(self, layer: int, name: str) -> tuple[tuple[str, slice], ...]:
        """Return where a weight stands, as names of torch's parameters and rows of each."""
        place = PLACES[self.cell.name][name]
        return tuple(
            (torch_name, self._rows(torch_name, place.number))
            for torch_name in (f"{short}_l{layer}" for short in place.torch_names)
        )

    def pieces(self, layer: int, name: str) -> tuple[Tensor, ...]:
        """Return views of the parameters that hold a weight."""
        return tuple(
            cast(Tensor, getattr(self.kernel, where)).detach()[rows] for where, rows in self.places(layer, name)
        )

    def weights(self, layer: int) -> dict[str, Tensor]:
        """Return one layer's weights as the cell has them now, clamps included: fresh tensors on the CPU."""
        shorts = {short for name in self.names() for short in PLACES[self.cell.name][name].torch_names}
        # Brought over as torch has them: from a GPU each copy takes as long as a dozen operations.
        whole = {f"{short}_l{layer}": self._effective(f"{short}_l{layer}").detach().cpu() for short in shorts}
        return {
            name: self._together(name, [whole[where][rows] for where, rows in self.places(layer, name)]).clone()
            for name in self.names()
        }

    def gradient(self, layer: int, name: str) -> Tensor:
        """Return dL/dW of one weight, (its shape), from the gradients that the last backward pass left."""
        parts = []
        for where, rows in self.places(layer, name):
            gradient = cast(Tensor, getattr(self.kernel, where)).grad
            if gradient is None:
                raise ValueError(f"{where} has no gradient; run the backward pass first")
            parts.append(gradient[rows])
        # Both of torch's biases have the gradient of their sum.
        return (parts[0] if PLACES[self.cell.name][name].adds else self._together(name, parts)).clone()

    def _together(self, name: str, parts: list[Tensor]) -> Tensor:
        if len(parts) == 1:
            return parts[0]
        return parts[0] + parts[1] if PLACES[self.cell.name][name].adds else torch.cat(parts, 1)

    def norms(self, layer: int) -> tuple[list[Tensor], list[Tensor]]:
        """Return gradient norms for the columns of one layer, and lengths that the norm of all is made of."""
        if self.cell.name == "lstm":
            return self._norms_of_lstm(layer)
        shown = [torch.linalg.vector_norm(self.gradient(layer, name)).view(1) for name in self.names()]
        adds = [PLACES[self.cell.name][name].adds for name in self.names()]
        # torch's second bias has the same gradient as the first; it counts in the total all the same.
        return shown, shown + [norm for norm, twice in zip(shown, adds, strict=True) if twice]

    def _norms_of_lstm(self, layer: int) -> tuple[list[Tensor], list[Tensor]]:
        # All gates in two calls: in a small network the number of calls is the cost.
        names = ("weight_ih", "weight_hh", "bias_ih", *(("weight_hr",) if self.kernel.proj_size else ()))
        g_ih, g_hh, g_b, *g_hr = (
            cast(Tensor, cast(Tensor, getattr(self.kernel, f"{name}_l{layer}")).grad) for name in names
        )
        W = torch.cat([g_ih, g_hh], 1).view(4, -1)  # (4k, m + n) → (4, k(m + n))
        shown = [torch.linalg.vector_norm(W, dim=1), torch.linalg.vector_norm(g_b.view(4, -1), dim=1)]
        shown += [torch.linalg.vector_norm(g).view(1) for g in g_hr]
        return shown, [*shown, shown[1]]
