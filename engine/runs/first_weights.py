"""The weights that a run begins with, and the network that they make, before torch is there.

The one place where weights of a new network are drawn: the trainer copies them into torch's parameters, and the window
shows them before the first step. Every number is that which `torch.Tensor.uniform_` draws with a generator of the same
seed, in the order of torch's parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell, size_in_numbers
from ..cell.torch_layout import FUSED, PLACES
from ..settings.ablation import clamped_gates, clamped_value, gates_of
from ..settings.config import TrainingConfig
from .snapshot import Snapshot, traced_gates
from .start import Start

Floats = NDArray[np.float32]
Parameters = dict[str, Floats]


class Uniform:
    """Uniform float32 numbers of a seed: of 32 bits of a Mersenne twister, 24 are the number, as in torch."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.RandomState(seed & 0xFFFFFFFF)  # as torch seeds its own

    def draw(self, low: float, high: float, shape: tuple[int, ...]) -> Floats:
        """Return numbers from low (included) to high."""
        bits = self._bits.randint(0, 1 << 32, size=shape, dtype=np.uint32)
        share = (bits & np.uint32(0xFFFFFF)) * 2.0**-24
        span = np.float64(np.float32(high) - np.float32(low))
        return (share * span + np.float32(low)).astype(np.float32)  # rounded once: torch multiplies and adds in one


@dataclass(frozen=True)
class FirstWeights:
    """What a network begins with.

    layers: per layer torch's parameters, or the cell's weights where torch has no kernel. readout: W (outputs, n) and b
    (outputs,).
    """

    layers: tuple[Parameters, ...]
    readout: tuple[Floats, Floats]


def first_weights(config: TrainingConfig, inputs: int, outputs: int, fused: bool) -> FirstWeights:
    """Draw the weights of a new network, uniform within ±1/√k, of the readout ±1/√n; biases are what settings say.

    inputs: m of the first layer. fused: whether torch's kernel holds the weights, see `engine.cell.torch_layout`.
    chrono: Tallec and Ollivier 2018: b_f = ln U(1, T - 1), b_i = -b_f, so that f = τ / (1 + τ) and a unit keeps its
    state for about τ time steps.
    """
    cell, numbers = config.made_cell, Uniform(config.seed)
    reach, of_readout = config.cell_size**-0.5, config.n**-0.5
    layers = []
    for layer in range(config.layers):
        shapes = _shapes(cell, config, config.n if layer else inputs, fused)
        layers.append({name: numbers.draw(-reach, reach, shape) for name, shape in shapes.items()})
    readout = tuple(numbers.draw(-of_readout, of_readout, shape) for shape in ((outputs, config.n), (outputs,)))
    if "f" in gates_of(cell):  # both are about the forget gate
        for parameters in layers:
            _set(cell, config, parameters, "b_f", np.full(config.cell_size, config.forget_bias, np.float32), fused)
            if config.bias_initialisation != "chrono":
                continue
            b_f = np.log(numbers.draw(1.0, config.sequence_length - 1.0, (config.cell_size,)))
            _set(cell, config, parameters, "b_f", b_f, fused)
            if "i" in gates_of(cell):
                _set(cell, config, parameters, "b_i", -b_f, fused)
    return FirstWeights(tuple(layers), (readout[0], readout[1]))


def _shapes(cell: Cell, config: TrainingConfig, m: int, fused: bool) -> dict[str, tuple[int, ...]]:
    """Return the shape of each parameter of a layer, in torch's order."""
    sizes = {"m": m, "n": config.n, "k": config.cell_size}
    declared = {item.name: size_in_numbers(item.shape, sizes) for item in cell.parameters}
    if not fused:
        return dict(sorted(declared.items()))  # as torch's ParameterDict has them
    height = config.cell_size * (1 + max(place.number for place in PLACES[cell.name].values()))
    shapes: dict[str, tuple[int, ...]] = {"weight_ih": (height, m), "weight_hh": (height, config.n)}
    shapes |= {"bias_ih": (height,), "bias_hh": (height,)}
    return shapes | ({"weight_hr": declared["W_hr"]} if "W_hr" in declared else {})


def _pieces(cell: Cell, config: TrainingConfig, parameters: Parameters, name: str, fused: bool) -> Iterator[Floats]:
    """Yield views of the parameters that hold a weight of the cell."""
    if not fused:
        yield parameters[name]
        return
    place, k = PLACES[cell.name][name], config.cell_size
    for of in place.torch_names:
        yield parameters[of] if of == "weight_hr" else parameters[of][place.number * k : (place.number + 1) * k]


def _set(cell: Cell, config: TrainingConfig, parameters: Parameters, name: str, value: Floats, fused: bool) -> None:
    first, *others = _pieces(cell, config, parameters, name, fused)
    first[:] = value
    for other in others:  # torch's second bias
        other[:] = 0


def begun_weights(
    config: TrainingConfig, inputs: int, outputs: int, start: Start | None = None
) -> tuple[tuple[Parameters, ...], tuple[Floats, Floats]]:
    """Return the weights of a run before its first step: by the cell's names per layer, clamps included; the readout.

    start: what the layers begin with, if that is given and the task has its number of inputs.
    """
    cell = config.made_cell
    if start is not None and start.m != inputs:
        start = None
    fused = cell.name in FUSED
    drawn, clamps = first_weights(config, inputs, outputs, fused), clamped_gates(cell, config.clamped)
    layers = []
    for number, parameters in enumerate(drawn.layers):
        given: Mapping[str, Floats] = start.of_layer(number) if start is not None else {}
        weights = {}
        for item in cell.parameters:
            weight = given.get(item.name)
            if weight is None:
                weight = _together(item.name, cell, [*_pieces(cell, config, parameters, item.name, fused)])
            held = clamped_value(cell, item.name, clamps)
            weights[item.name] = weight.copy() if held is None else np.full_like(weight, held)
        layers.append(weights)
    return tuple(layers), drawn.readout


def _together(name: str, cell: Cell, parts: Sequence[Floats]) -> Floats:
    if len(parts) == 1:
        return parts[0]
    return parts[0] + parts[1] if PLACES[cell.name][name].adds else np.concatenate(parts, axis=1)


def first_snapshot(config: TrainingConfig, x: Floats, outputs: int, start: Start | None = None) -> Snapshot:
    """Return the network of a run before its first step, over a sequence x (T, m); without predictions of examples."""
    weights, (W_out, b_out) = begun_weights(config, x.shape[1], outputs, start)
    gates, given = [], x
    with np.errstate(over="ignore", invalid="ignore"):
        for layer in weights:
            gates.append(traced_gates(config.made_cell, layer, given))
            given = gates[-1]["h"]
        answers = given @ W_out.T + b_out
    none = np.empty(0, dtype=np.float32)
    readout = {"W_out": W_out, "b_out": b_out}
    return Snapshot(0, weights, tuple(gates), x, none, none, none, config.cell, answers, readout=readout)
