"""Gradients through time of a network in training: how much reaches each time step, and along which path.

The same mathematics as `engine.cell.trace.backpropagate`, arranged for speed, since training waits for it: everything
that does not need the state of the step before is computed for all steps at once, and gradients of weights are not
computed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell
from ..cell.graph import ADD, CONCATENATE, MULTIPLY, PRODUCT, SIGMOID, TANH, Kind, Operation
from ..document.through_time import cell_line
from .observation import HIGH, LOW, LayerFlow
from .snapshot import layer_sizes

Numbers = NDArray[Any]
"""float32 or float64, as the weights are."""

DIRECT, LINE = "direct", "line"
"""Names of the two ways back that are no operation: from the loss or the layer above, and along the cell line."""


@dataclass(frozen=True, eq=False)
class LayerGradients:
    """Gradients of one layer as vectors; every array is (T, B, size), in the dtype of the weights.

    states: ∂L/∂h_t and, where the cell has a state, ∂L/∂C_t, by value. parts: what arrives at a state by each way,
    as `ways` names them; those that arrive at one state add up to what stands in states. values: what the layer
    computed, by name.
    """

    states: Mapping[str, Numbers]
    parts: Mapping[str, Numbers]
    values: Mapping[str, Numbers]


def ways(cell: Cell) -> dict[str, str]:
    """Return every way by which a gradient comes back to a state, and the state that it arrives at.

    "direct" arrives at h_t. Everything else is an operation that reads a state, by its name, but for the one on the
    cell line, which is "line". Operations of step t + 1 that read C_{t-1} or h_{t-1} lead to the states of step t:
    the products W·h ("a_f"; the GRU's "a_n", too), the line, and peepholes ("v_f", "v_i"; they arrive at C_t).
    Operations of the same step lead from h_t to C_t: "tanh_C" and, with peepholes, "v_o".
    """
    return {DIRECT: "h_t"} | {way: cell.carried.get(name, name) for (_, name), way in _way_of(cell).items()}


def layer_gradients(
    cell: Cell, weights: Sequence[Mapping[str, Numbers]], x: Numbers, direct: Numbers
) -> tuple[LayerGradients, ...]:
    """Backpropagate through time through layers of one cell, from h_0 = C_0 = 0.

    Args:
        cell: the declared cell of every layer, without an output.
        weights: those of each layer by name, from the bottom.
        x: what the first layer receives, (T, B, m).
        direct: dL/dh_t that arrives at the top layer from the readout alone, (T, B, n).

    Raises ValueError where x and direct do not have the same T and B.
    """
    if x.shape[:2] != direct.shape[:2]:
        raise ValueError(f"x of {x.shape} and direct of {direct.shape} must agree in steps and sequences")
    # A network that has diverged overflows here, and its gradients say so; what underflows has vanished.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        layers: list[_Layer] = []
        for parameters in weights:
            layers.append(_Layer(cell, parameters, x))
            x = layers[-1].values["h_t"]
        found: list[LayerGradients] = []
        for number in reversed(range(len(layers))):
            found.append(layers[number].backward(direct))
            if number:
                direct = layers[number].gradient_of_x()
    return tuple(reversed(found))


def layer_flows(
    cell: Cell, weights: Sequence[Mapping[str, Numbers]], x: Numbers, direct: Numbers
) -> tuple[LayerFlow, ...]:
    """Return what comes back of the error to each time step, layer by layer; arguments as of `layer_gradients`.

    Norms in the dtype of the weights; parts as `ways` names them. In float32 a gradient below 1e-45 is 0, in
    training, too.
    """
    return tuple(
        LayerFlow(
            states={name: _norms(array) for name, array in layer.states.items()},
            parts={name: _norms(array) for name, array in layer.parts.items()},
            saturation={gate.name: _saturation(layer.values[gate.name]) for gate in cell.gates},
        )
        for layer in layer_gradients(cell, weights, x, direct)
    )


def _norms(array: Numbers) -> Numbers:
    """Return the norm over the batch and all units of (T, B, size): (T,)."""
    flat = array.reshape(len(array), -1).astype(np.float64)  # a float32 as small as 1e-30 has no square in float32
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        norms = np.sqrt(np.einsum("ti,ti->t", flat, flat))
        return np.asarray(norms.astype(array.dtype))


def _saturation(gate: Numbers) -> tuple[float, float]:
    if not np.isfinite(gate).all():
        return float("nan"), float("nan")  # a network that has diverged has no share of anything
    return float(np.mean(gate < LOW)), float(np.mean(gate > HIGH))


def _way_of(cell: Cell) -> dict[tuple[str, str], str]:
    """Return, for each operation that reads a state and that state's name there, what the way back is called.

    [x, h] leads on to products, so these are named in its place.
    """
    states = {*cell.carried, *cell.carried.values()}
    line = cell_line(cell)
    on_line: set[str] = set()
    if line is not None:
        before = next(name for name, after in cell.carried.items() if after == line.state)
        readers = [item for item in cell.operations if before in item.inputs]
        last = cell.operation(line.state).inputs
        on_line = {item.name for item in readers if item.name == line.state or item.name in last}
    found: dict[tuple[str, str], str] = {}
    for operation in cell.operations:
        if operation.kind is CONCATENATE:
            continue
        for name in operation.inputs:
            joined = [item for item in cell.operations if item.name == name and item.kind is CONCATENATE]
            state = "h_prev" if joined and "h_prev" in joined[0].inputs else name
            if state in states:
                on = operation.name in on_line and state in cell.carried
                found[operation.name, state] = LINE if on else operation.name
    return found


class _Products:
    """All products of one layer that read h_{t-1}, alone or beside x_t, as one: rows of one matrix.

    A bias that is added to a product at once is added here, and σ or tanh of the sum is found here: of all gates in
    one call, which takes half the time. rows: where each result stands, by the name of the sum or, without a bias,
    of the product; names: the product of each. squashed: where σ or tanh of a result stands, by its name; groups:
    each of the two with all of its rows.
    """

    def __init__(self, cell: Cell, parameters: Mapping[str, Numbers], n: int, m: int) -> None:
        joined = cell.operation("xh").inputs
        start_x, start_h = (0, m) if joined[0] == "x_t" else (n, 0)
        self.rows: dict[str, slice] = {}
        self.names: dict[str, str] = {}
        of_x, of_h, biases = [], [], []
        row = 0
        self.squashed: dict[str, slice] = {}
        self.groups: dict[Kind, slice] = {}
        products = [item for item in cell.operations if item.kind is PRODUCT and item.inputs[1] in ("xh", "h_prev")]
        squashing = {item.inputs[0]: item for item in cell.operations if item.kind in (SIGMOID, TANH)}

        def kind_of(product: Operation) -> str:
            result, _ = _biased(cell, product)
            return squashing[result].kind.name if result in squashing else ""

        for operation in sorted(products, key=kind_of):
            W = parameters[operation.inputs[0]]
            both = operation.inputs[1] == "xh"
            of_x.append(W[:, start_x : start_x + m] if both else np.zeros((len(W), m), W.dtype))
            of_h.append(W[:, start_h : start_h + n] if both else W)
            result, bias = _biased(cell, operation)
            biases.append(parameters[bias] if bias else np.zeros(len(W), W.dtype))
            self.rows[result] = slice(row, row + len(W))
            self.names[result] = operation.name
            if result in squashing:
                after = squashing[result]
                self.squashed[after.name] = self.rows[result]
                first = self.groups[after.kind].start if after.kind in self.groups else row
                self.groups[after.kind] = slice(first, row + len(W))
            row += len(W)
        self.W_x, self.W_h, self.b = np.concatenate(of_x), np.concatenate(of_h), np.concatenate(biases)


def _biased(cell: Cell, product: Operation) -> tuple[str, str]:
    """Return the name of the sum of a product and its bias, and the bias; of a product without one, its own and ""."""
    weights = {item.name for item in cell.parameters}
    for operation in cell.operations:
        if operation.kind is ADD and operation.inputs[0] == product.name and operation.inputs[1] in weights:
            return operation.name, operation.inputs[1]
    return product.name, ""


class _Layer:
    """One layer over a whole sequence, there and back."""

    def __init__(self, cell: Cell, parameters: Mapping[str, Numbers], x: Numbers) -> None:
        self._cell = cell
        self._parameters = parameters
        dtype = next(iter(parameters.values())).dtype
        x = x.astype(dtype, copy=False)
        n, k = layer_sizes(cell, parameters, x.shape[-1])
        self._products = _Products(cell, parameters, n, x.shape[-1])
        sizes = {"n": n, "k": k}
        self._initial = {name: np.zeros((x.shape[1], sizes[cell.shapes[name][0]]), dtype) for name in cell.carried}
        self._still = self._evaluate_still(x)
        covered = {*self._still, *self._products.rows, *self._products.names.values()}
        self._moving = [item for item in cell.operations if item.kind is not CONCATENATE and item.name not in covered]
        self.values: dict[str, Numbers] = {**self._still, **self._evaluate(x)}
        read = {name for item in self._moving for name in item.inputs}
        self._at_still = {name: np.empty_like(array) for name, array in self._still.items() if name in read}
        """∂L/∂ what depends on x_t alone and is read by what does not, filled on the way back."""
        self._arrived = np.empty((*x.shape[:2], len(self._products.b)), dtype)
        """∂L/∂ products that read h_{t-1}, side by side, filled on the way back: (T, B, rows)."""

    def _evaluate_still(self, x: Numbers) -> dict[str, Numbers]:
        """Compute what depends on x_t alone, for all steps at once."""
        values = {"x_t": x}
        for operation in self._cell.operations:
            arguments = [self._parameters.get(name, values.get(name)) for name in operation.inputs]
            if all(argument is not None for argument in arguments):
                values[operation.name] = operation.kind.forward(*arguments)
        return values

    def _evaluate(self, x: Numbers) -> dict[str, Numbers]:
        products, carried = self._products, self._cell.carried
        sums = x @ products.W_x.T + products.b  # (T, B, rows)
        W_h = np.ascontiguousarray(products.W_h.T)
        groups = [(_FORWARD.get(kind, kind.forward), group) for kind, group in products.groups.items()]
        squashed = np.empty_like(sums)
        left = [item for item in self._moving if item.name not in products.squashed]
        recipe = [(item.name, _FORWARD.get(item.kind, item.kind.forward), item.inputs) for item in left]
        made: dict[str, list[Numbers]] = {item.name: [] for item in left}
        state = self._initial
        for t in range(len(x)):
            sums[t] += state["h_prev"] @ W_h
            values = {**self._parameters, **state}
            values |= {name: array[t] for name, array in self._still.items()}
            for forward, group in groups:
                squashed[t, :, group] = forward(sums[t, :, group])
            values |= {name: sums[t, :, place] for name, place in products.rows.items()}
            values |= {name: squashed[t, :, place] for name, place in products.squashed.items()}
            for name, forward, inputs in recipe:
                values[name] = result = forward(*[values[source] for source in inputs])
                made[name].append(result)
            state = {name: values[source] for name, source in carried.items()}
        stacked: dict[str, Numbers] = {name: np.stack(results) for name, results in made.items()}
        stacked |= {name: sums[:, :, place] for name, place in products.rows.items()}
        stacked |= {name: squashed[:, :, place] for name, place in products.squashed.items()}
        for name, source in carried.items():
            stacked[name] = np.concatenate([self._initial[name][None], stacked[source][:-1]])
        return stacked

    def backward(self, direct: Numbers) -> LayerGradients:
        """Carry dL/dh_t that arrives from above, (T, B, n), back through all steps."""
        carried, products, way_of = self._cell.carried, self._products, _way_of(self._cell)
        before = {after: name for name, after in carried.items()}
        states = {after: np.empty_like(self.values[after]) for after in before}
        parts = {way: np.zeros_like(states[state]) for way, state in ways(self._cell).items()}
        parts[DIRECT][:] = direct
        direct = parts[DIRECT]
        recipe = [(item.name, self._shares(item)) for item in reversed(self._moving)]
        later: dict[str, Numbers] = {}
        """What arrives at the states of a step from the step after it."""
        for t in reversed(range(len(direct))):
            gradients = {**later, "h_t": direct[t] + later["h_t"] if later else direct[t]}
            for name, shares in recipe:
                arriving = gradients[name]
                if name in states:
                    states[name][t] = arriving
                for source, share_of in shares:
                    share = share_of(arriving, t)
                    way = way_of.get((name, source))
                    if way is not None and (t or source not in carried):
                        parts[way][t - 1 if source in carried else t] = share
                    gradients[source] = gradients[source] + share if source in gradients else share
            arrived = self._arrived[t]
            for name, place in products.rows.items():
                arrived[:, place] = gradients[name]
            for name, array in self._at_still.items():
                array[t] = gradients[name]
            through_products = arrived @ products.W_h
            later = {after: gradients[name] for after, name in before.items() if name in gradients}
            later["h_t"] = later["h_t"] + through_products if "h_t" in later else through_products
        for name, place in products.rows.items():
            parts[products.names[name]][:-1] = self._arrived[1:, :, place] @ products.W_h[place]
        return LayerGradients(states, parts, self.values)

    def _shares(self, operation: Operation) -> list[tuple[str, _Share]]:
        """Return the inputs of an operation that pass a gradient on, and what each passes on of what arrives."""
        return [
            (name, self._share(operation, place))
            for place, name in enumerate(operation.inputs)
            if name not in self._parameters and (name not in self._still or name in self._at_still)
        ]

    def _share(self, operation: Operation, place: int) -> _Share:
        kind, values = operation.kind, self.values
        if kind is ADD:
            return lambda arriving, t: arriving
        arguments: list[Any] = [self._parameters.get(name, values.get(name)) for name in operation.inputs]
        if kind is PRODUCT:
            W = arguments[0]
            return lambda arriving, t: arriving @ W
        if kind is MULTIPLY:
            name, other = operation.inputs[1 - place], arguments[1 - place]
            if name in self._parameters:
                return lambda arriving, t: arriving * other
            return lambda arriving, t: arriving * other[t]
        # Entry by entry, and the same factor whatever arrives: all steps at once.
        own = values[operation.name]
        if kind is SIGMOID:
            slope = own * _sigmoid(-arguments[0])
        else:
            slope = kind.backward(np.ones_like(own), arguments, own)[place]
        return lambda arriving, t: arriving * slope[t]

    def gradient_of_x(self) -> Numbers:
        """Return ∂L/∂x_t, (T, B, m), after `backward`."""
        gradients = dict(self._at_still)
        total: Numbers = self._arrived @ self._products.W_x
        for operation in reversed(self._cell.operations):
            if operation.name not in gradients:
                continue
            arguments = [self._parameters.get(name, self._still.get(name)) for name in operation.inputs]
            shares = operation.kind.backward(gradients[operation.name], arguments, self._still[operation.name])
            for name, share in zip(operation.inputs, shares, strict=True):
                if name == "x_t":
                    total = total + share
                elif name in self._still:
                    gradients[name] = gradients[name] + share if name in gradients else share
        return total


_Share = Callable[[Any, int], Any]
"""What is passed on of ∂L/∂(result) at step t (from 0), both (B, size)."""


def _sigmoid(z: Numbers) -> Numbers:
    """Return σ(z); where e⁻ᶻ overflows to infinity the result is 0, the nearest number."""
    result = np.exp(-z)
    result += 1
    return np.reciprocal(result, out=result)


_FORWARD: Mapping[Kind, Callable[..., Any]] = {SIGMOID: _sigmoid}
"""What is computed otherwise than by the kind itself: a fourth of the time, for arrays of numpy alone."""
