"""Layers of any declared cell, computed with torch from the cell's own graph; slower than a fused kernel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from ..cell.cell import Cell, size_in_numbers
from ..cell.graph import ADD, CONCATENATE, MULTIPLY, PRODUCT, SIGMOID, Kind, Operation
from ..settings.ablation import clamped_value

_FORWARD: Mapping[Kind, Callable[..., Tensor]] = {
    SIGMOID: torch.sigmoid,
    PRODUCT: lambda matrix, vector: torch.nn.functional.linear(vector, matrix),
}
"""What torch computes in fewer calls than the kind itself."""


@dataclass(frozen=True)
class _Call:
    """One call of torch in a step: it computes the value `name` from values or weights."""

    name: str
    compute: Callable[..., Tensor]
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class _Order:
    """The operations of a cell in an order that needs few calls; the results are those of the declared order.

    All products that read h_{t-1} are one: rows of one matrix, to which x and the biases have been added for all
    steps at once. products: their operations; biases: the name of the bias of each, or "". still: what depends on
    x_t alone, for all steps at once. moving: the rest of a step.
    """

    products: tuple[Operation, ...]
    biases: tuple[str, ...]
    still: tuple[_Call, ...]
    moving: tuple[_Call, ...]


def _arranged(cell: Cell) -> _Order:
    weights = {item.name for item in cell.parameters}
    products = [item for item in cell.operations if item.kind is PRODUCT and item.inputs[1] in ("xh", "h_prev")]
    biases, same = [], {}
    for product in products:
        bias, result, sum_ = _bias_of(cell, product, weights)
        biases.append(bias)
        if bias:
            same[result] = sum_  # the bias is in the product already
    known_early = {"x_t", *weights}
    still, moving = [], []
    done = {item.name for item in products} | set(same)
    folded = _folded_products(cell, weights)
    for operation in cell.operations:
        if operation.kind is CONCATENATE or operation.name in done or operation.name in folded:
            continue
        call = _call(operation, folded, same)
        if all(name in known_early for name in call.inputs):
            known_early.add(call.name)
            still.append(call)
        else:
            moving.append(call)
    return _Order(tuple(products), tuple(biases), tuple(still), tuple(moving))


def _bias_of(cell: Cell, product: Operation, weights: set[str]) -> tuple[str, str, str]:
    """Return the bias that is added to a product, the name of the sum with it, and that of the sum without it.

    Between the two more may be added, as peepholes are; "" where there is no bias.
    """
    sum_ = product.name
    while True:
        following = [item for item in cell.operations if item.kind is ADD and item.inputs[0] == sum_]
        if not following:
            return "", "", ""
        if following[0].inputs[1] in weights:
            return following[0].inputs[1], following[0].name, sum_
        sum_ = following[0].name


def _folded_products(cell: Cell, weights: set[str]) -> dict[str, Operation]:
    """Return the entry-wise products that are only added to something: a + b ∘ c is one call."""
    found = {}
    for operation in cell.operations:
        readers = [item for item in cell.operations if operation.name in item.inputs]
        added = len(readers) == 1 and readers[0].kind is ADD and readers[0].inputs[1] == operation.name
        if operation.kind is MULTIPLY and added:
            found[operation.name] = operation
    return found


def _call(operation: Operation, folded: Mapping[str, Operation], same: Mapping[str, str]) -> _Call:
    inputs = tuple(same.get(name, name) for name in operation.inputs)
    if operation.kind is ADD and inputs[1] in folded:
        factors = tuple(same.get(name, name) for name in folded[inputs[1]].inputs)
        return _Call(operation.name, torch.addcmul, (inputs[0], *factors))
    return _Call(operation.name, _FORWARD.get(operation.kind, operation.kind.forward), inputs)


class _Recurrent(torch.autograd.Function):
    """Returns W_x·x + b of all steps as it is; on the way back it finds dL/dW_h of all steps in one product.

    Each step adds W_h·h_{t-1} to its part, so what arrives for a sum is what arrives here.
    """

    @staticmethod
    def forward(ctx: Any, of_x: Tensor, W_h: Tensor, states: list[Tensor]) -> Tensor:
        """Take (T, B, rows), (n, rows), and a list that will hold h_{t-1} of each step, (B, n), when it is needed."""
        ctx.states = states
        return of_x.view_as(of_x)

    @staticmethod
    def backward(ctx: Any, *arriving: Tensor) -> tuple[Tensor, Tensor, None]:
        """Return dL/d(W_x·x + b) and dL/dW_h."""
        (of_sums,) = arriving
        return of_sums, torch.cat(ctx.states).T @ of_sums.flatten(0, 1), None


class GraphLayers(nn.Module):
    """Layers of one cell, each step evaluated as declared; gates can be clamped.

    x: (T, B, m). Returns h of the last layer, (T, B, n), from states of zeros.
    """

    def __init__(self, cell: Cell, input_size: int, k: int, n: int, layers: int) -> None:
        super().__init__()
        self.cell = cell
        self._order = _arranged(cell)
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
            x = self._layer(self._effective(layer), x)
        return x

    def _layer(self, weights: Mapping[str, Tensor], x: Tensor) -> Tensor:
        """Compute h of one layer, (T, B, n), from what it receives, (T, B, m)."""
        order = self._order
        early = {"x_t": x, **weights}
        for call in order.still:
            early[call.name] = call.compute(*(early[name] for name in call.inputs))
        still = [(call.name, early[call.name].unbind(0)) for call in order.still]  # each T of (B, size)
        of_x, W_h = self._stacked(weights, x)
        states: list[Tensor] = []
        of_x, W_h = cast(Tensor, _Recurrent.apply(of_x, W_h, states)), W_h.detach()  # type: ignore[no-untyped-call]
        heights = [len(weights[item.inputs[0]]) for item in order.products]
        names = [item.name for item in order.products]
        before = {"h_prev": x.new_zeros(x.shape[1], self._n), "C_prev": x.new_zeros(x.shape[1], self._k)}
        values: dict[str, Any] = {name: before[name] for name in self.cell.carried}
        for name, weight in weights.items():  # spread over the batch once: its gradient is summed once, too
            values[name] = weight.expand(x.shape[1], -1) if weight.ndim == 1 else weight
        moving, carried = order.moving, tuple(self.cell.carried.items())
        h = []
        for t, of_x_t in enumerate(of_x.unbind(0)):
            h_prev = values["h_prev"]
            states.append(h_prev.detach())  # alone: with its history it would keep itself in memory
            sums = torch.addmm(of_x_t, h_prev, W_h)  # (B, rows)
            values.update(zip(names, sums.split_with_sizes(heights, 1), strict=True))
            for name, of_steps in still:
                values[name] = of_steps[t]
            for call in moving:
                values[call.name] = call.compute(*[values[name] for name in call.inputs])
            for name, source in carried:
                values[name] = values[source]
            h.append(values["h_t"])
        return torch.stack(h)

    def _stacked(self, weights: Mapping[str, Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
        """Return W_x·x + b of all products that read h_{t-1}, (T, B, rows), and their W_h, (n, rows)."""
        m, n = x.shape[-1], self._n
        x_first = self.cell.operation("xh").inputs[0] == "x_t"
        of_x, of_h, biases = [], [], []
        for operation, bias in zip(self._order.products, self._order.biases, strict=True):
            W = weights[operation.inputs[0]]
            if operation.inputs[1] == "xh":
                parts = W.split_with_sizes([m, n] if x_first else [n, m], 1)
                of_x.append(parts[0 if x_first else 1])
                of_h.append(parts[1 if x_first else 0])
            else:
                of_x.append(W.new_zeros(len(W), m))
                of_h.append(W)
            biases.append(weights[bias] if bias else W.new_zeros(len(W)))
        return nn.functional.linear(x, torch.cat(of_x), torch.cat(biases)), torch.cat(of_h).T

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
