"""Layers of any declared cell, computed by its own graph with torch: slower than a fused kernel, for every cell."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from engine.ablation import clamped_value
from engine.cells import Cell, size_in_numbers
from engine.trace import evaluate


class GraphLayers(nn.Module):
    """Layers of one cell, each step evaluated as declared; gates can be clamped.

    x: (T, B, m). Returns h of the last layer, (T, B, n), from states of zeros.
    """

    def __init__(self, cell: Cell, input_size: int, k: int, n: int, layers: int) -> None:
        super().__init__()
        self.cell = cell
        self._k, self._n = k, n
        self._clamps: Mapping[str, float] = {}
        self.layers = nn.ModuleList()
        for layer in range(layers):
            sizes = {"m": n if layer else input_size, "n": n, "k": k}
            shapes = {item.name: size_in_numbers(item.shape, sizes) for item in cell.parameters}
            self.layers.append(nn.ParameterDict({name: torch.zeros(shape) for name, shape in shapes.items()}))

    def forward(self, x: Tensor) -> Tensor:
        """Compute h; shapes in the docstring of the class."""
        for layer in range(len(self.layers)):
            weights = self._effective(layer)
            before = {"h_prev": x.new_zeros(x.shape[1], self._n), "C_prev": x.new_zeros(x.shape[1], self._k)}
            state = {name: before[name] for name in self.cell.carried}
            h = []
            for x_t in x.unbind(0):
                values = evaluate(self.cell, weights, {"x_t": x_t, **state})
                state = {name: values[source] for name, source in self.cell.carried.items()}
                h.append(values["h_t"])
            x = torch.stack(h)
        return x

    def _parameter(self, layer: int, name: str) -> nn.Parameter:
        return cast(nn.Parameter, cast(nn.ParameterDict, self.layers[layer])[name])

    def _effective(self, layer: int) -> dict[str, Tensor]:
        weights: dict[str, Tensor] = {}
        for name in self.names():
            parameter = self._parameter(layer, name)
            held = clamped_value(self.cell, name, self._clamps)
            weights[name] = parameter if held is None else torch.full_like(parameter, held, requires_grad=False)
        return weights

    def clamp(self, gates: Mapping[str, float]) -> None:
        """Hold gates at 0 or 1 from now on; their weights keep their values for later and get no gradient."""
        self._clamps = dict(gates)

    def names(self) -> tuple[str, ...]:
        """Return the cell's weights by name, in the order that it declares."""
        return tuple(item.name for item in self.cell.parameters)

    def pieces(self, layer: int, name: str) -> tuple[Tensor, ...]:
        """Return a view of the parameter that holds a weight."""
        return (self._parameter(layer, name).detach(),)

    def weights(self, layer: int) -> dict[str, Tensor]:
        """Return one layer's weights as the cell has them now, clamps included: fresh tensors on the CPU."""
        return {name: weight.detach().cpu().clone() for name, weight in self._effective(layer).items()}

    def gradient(self, layer: int, name: str) -> Tensor:
        """Return dL/dW of one weight, (its shape), from the last backward pass; 0 for one that is clamped."""
        parameter = self._parameter(layer, name)
        return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.clone()

    def norms(self, layer: int) -> tuple[list[Tensor], list[Tensor]]:
        """Return gradient norms for the columns of one layer, and lengths that the norm of all is made of."""
        shown = [torch.linalg.vector_norm(self.gradient(layer, name)).view(1) for name in self.names()]
        return shown, shown
