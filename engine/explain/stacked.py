"""All layers that read [x, h] as one product, with their weights stacked in torch's order.

z = W·[x, h] + b with W of 4k×(m+n) for the LSTM: no layer reads another one, so one product does for all. That is
how `torch.nn.LSTM` computes them; its weight_ih holds the columns of x, weight_hh those of h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell, size_in_numbers
from ..cell.graph import ADD, BERNOULLI, PRODUCT, SIGMOID, Operation
from ..cell.trace import Trace

Numbers = NDArray[np.float64]

TORCH_ORDER = "ifCoruh"
"""Letters of layers in torch's order: i, f, g, o of the LSTM; r, z of the GRU; one for the plain RNN."""
_TORCH_LETTERS = {"C": "g", "u": "z", "h": ""}
"""What torch calls a layer, where that is another letter than here."""
_TORCH_NAMES = {"lstm": "nn.LSTM", "gru": "nn.GRU", "rnn": "nn.RNN"}


@dataclass(frozen=True)
class StackedLayer:
    """One layer within the stack, and the names of its values."""

    letter: str
    torch: str
    """torch's letter for it: "g" for C; "" where torch has only one layer."""
    rows: slice
    """Its rows of the stack."""
    W: str
    b: str
    product: str
    peephole: str | None
    """What is added of the cell state, p ∘ C; None without peepholes."""
    z: str
    result: str
    result_latex: str
    activation: str
    """LaTeX of what makes the result of z."""
    role: str
    gate: bool
    """Whether the result runs from 0 to 1."""


@dataclass(frozen=True)
class StackedColumns:
    """The columns of W that read one part of [x, h]."""

    name: str
    latex: str
    role: str
    columns: slice


@dataclass(frozen=True, eq=False)
class Weights:
    """W (rows, m+n) and b (rows,) of a stack; the same at every time step."""

    parts: tuple[Numbers, ...]
    """The arrays that they were stacked from."""
    W: Numbers
    b: Numbers


@dataclass(frozen=True, eq=False)
class Stacked:
    """One time step of the stack: z = W·[x, h] (+ p ∘ C) + b, and what becomes of it. All but W and xh: (rows,)."""

    layers: tuple[StackedLayer, ...]
    columns: tuple[StackedColumns, ...]
    weights: Weights
    xh: Numbers
    product: Numbers
    peepholes: Numbers | None
    """p ∘ C, zero in the layers that have none; None where no layer has."""
    z: Numbers
    results: Numbers

    def layer_at(self, row: int) -> StackedLayer:
        """Return the layer that a row belongs to; raise IndexError if there is none."""
        for layer in self.layers:
            if layer.rows.start <= row < layer.rows.stop:
                return layer
        raise IndexError(f"the stack has {len(self.z)} rows, none with the index {row}")


def torch_module(cell: Cell) -> str | None:
    """Return the name of torch's module that computes this cell, "nn.LSTM"; None if it has none, as for drawn gates."""
    return None if cell.draws else _TORCH_NAMES.get(cell.name)


def layers_of(trace: Trace) -> tuple[StackedLayer, ...]:
    """Return the layers whose product reads all of [x, h], in torch's order."""
    products = [o for o in trace.cell.operations if o.kind is PRODUCT and o.inputs[1] == "xh"]
    products.sort(key=lambda operation: TORCH_ORDER.index(_letter(operation)))
    layers, start = [], 0
    for product in products:
        size = size_in_numbers(trace.cell.shapes[product.name], trace.sizes)[0]
        layers.append(_layer(trace.cell, product, slice(start, start + size)))
        start += size
    return tuple(layers)


def columns_of(trace: Trace) -> tuple[StackedColumns, ...]:
    """Return the parts of [x, h] in the order that they stand."""
    cell, parts, start = trace.cell, [], 0
    for name in cell.operation("xh").inputs:
        size, item = size_in_numbers(cell.shapes[name], trace.sizes)[0], cell.described(name)
        parts.append(StackedColumns(name, item.latex, item.role, slice(start, start + size)))
        start += size
    return tuple(parts)


def stacked_weights(trace: Trace) -> Weights:
    """Return W and b of all layers below each other. It copies them: a large one takes long."""
    layers = layers_of(trace)
    W = [trace.parameters[layer.W] for layer in layers]
    b = [trace.parameters[layer.b] for layer in layers]
    return Weights((*W, *b), np.concatenate(W), np.concatenate(b))


def stacked(trace: Trace, t: int, weights: Weights | None = None) -> Stacked | None:
    """Return the stack at time step t (from 0); None where no layer reads [x, h].

    weights: what `stacked_weights` returned for this trace, if it is at hand.

    Source: the documentation of torch.nn.LSTM (weight_ih_l[k]: W_ii|W_if|W_ig|W_io).
    """
    layers = layers_of(trace)
    if not layers:
        return None

    def below_each_other(names: list[str]) -> Numbers:
        joined: Numbers = np.concatenate([trace.value(t, name) for name in names])
        return joined

    seen = None
    if any(layer.peephole for layer in layers):
        seen = np.zeros(layers[-1].rows.stop)
        for layer in layers:
            if layer.peephole:
                seen[layer.rows] = trace.value(t, layer.peephole)
    return Stacked(
        layers=layers,
        columns=columns_of(trace),
        weights=weights or stacked_weights(trace),
        xh=trace.value(t, "xh"),
        product=below_each_other([layer.product for layer in layers]),
        peepholes=seen,
        z=below_each_other([layer.z for layer in layers]),
        results=below_each_other([layer.result for layer in layers]),
    )


def _letter(product: Operation) -> str:
    return product.inputs[0].removeprefix("W_")


def _layer(cell: Cell, product: Operation, rows: slice) -> StackedLayer:
    """Follow a product through what is added to it, to its result."""
    weights = {item.name for item in cell.parameters}
    z, peephole, bias = product, None, ""
    while (reader := _reader(cell, z.name)).kind is ADD:
        added = next(name for name in reader.inputs if name != z.name)
        if added in weights:
            bias = added
        else:
            peephole = added
        z = reader
    result, activation = reader, r"\tanh"
    gate = reader.kind is SIGMOID
    if gate:
        activation = r"\sigma"
        drawn = _reader(cell, reader.name)
        if drawn.kind is BERNOULLI:
            result, activation = drawn, r"r < \sigma"
    letter = _letter(product)
    return StackedLayer(
        letter=letter,
        torch=_TORCH_LETTERS.get(letter, letter),
        rows=rows,
        W=product.inputs[0],
        b=bias,
        product=product.name,
        peephole=peephole,
        z=z.name,
        result=result.name,
        result_latex=result.latex,
        activation=activation,
        role=product.role,
        gate=gate,
    )


def _reader(cell: Cell, name: str) -> Operation:
    """Return the first operation that reads a value."""
    return next(operation for operation in cell.operations if name in operation.inputs)
