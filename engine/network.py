"""The torch network of a config, its weights in the blog's symbols, and the devices it can run on.

torch stacks the gates i, f, g, o in its weights and has two biases per gate; the blog names them
W_i, W_f, W_C, W_o and has one bias, their sum.
"""

import os
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.config import ConfigError, TrainingConfig
from engine.snapshot import layer_gates

TORCH_GATES = ("i", "f", "C", "o")  # torch's order, in the blog's letters; g is C̃

Weights = dict[str, NDArray[np.floating]]


@cache
def _hear_out_torch_about_projection() -> None:
    # torch says once per process that a projection leaves its fastest kernel; nobody here can act on that.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nn.LSTM(1, 2, proj_size=1)(torch.zeros(1, 1, 1))


class RecurrentNetwork(nn.Module):
    """Layers of LSTM cells and a linear readout of the last layer's h.

    Equation: y = W_out h + b_out, with h of `nn.LSTM` (with projection where n < k).
    x: (T, B, m) float32. Returns (T, B, outputs) where every_step, else (B, outputs) of the last step.
    """

    def __init__(self, config: TrainingConfig, input_size: int, output_size: int, every_step: bool) -> None:
        super().__init__()
        if config.projected:
            _hear_out_torch_about_projection()
        self.every_step = every_step
        self.lstm = nn.LSTM(
            input_size,
            config.cell_size,
            num_layers=config.layers,
            proj_size=config.n if config.projected else 0,
        )
        self.readout = nn.Linear(config.n, output_size)
        self._initialise(config)

    def _initialise(self, config: TrainingConfig) -> None:
        # torch's own distributions, drawn from a generator of our own: a run must neither
        # depend on the process-wide generator nor disturb it.
        generator = torch.Generator().manual_seed(config.seed)
        k = config.cell_size
        with torch.no_grad():
            for module, fan_in in ((self.lstm, k), (self.readout, config.n)):
                for parameter in module.parameters():
                    parameter.uniform_(-(fan_in**-0.5), fan_in**-0.5, generator=generator)
            for layer in range(config.layers):
                self._bias("bias_ih", layer)[k : 2 * k] = config.forget_bias
                self._bias("bias_hh", layer)[k : 2 * k] = 0.0
                if config.bias_initialisation == "chrono":
                    self._initialise_chrono(layer, config, generator)

    def _initialise_chrono(self, layer: int, config: TrainingConfig, generator: torch.Generator) -> None:
        # Tallec and Ollivier 2018: b_f = ln U(1, T - 1), b_i = -b_f, so that f = τ / (1 + τ) and a unit keeps its
        # state for about τ time steps.
        k = config.cell_size
        b_f = torch.empty(k).uniform_(1.0, config.sequence_length - 1.0, generator=generator).log()
        for gate, value in ((0, -b_f), (1, b_f)):
            rows = slice(gate * k, (gate + 1) * k)
            self._bias("bias_ih", layer)[rows] = value
            self._bias("bias_hh", layer)[rows] = 0.0

    def _bias(self, name: str, layer: int) -> Tensor:
        return cast(Tensor, getattr(self.lstm, f"{name}_l{layer}"))

    def forward(self, x: Tensor) -> Tensor:
        """Compute the network's answers; shapes in the docstring of the class."""
        h, _ = self.lstm(x)  # (T, B, n)
        return cast(Tensor, self.readout(h if self.every_step else h[-1]))


def _layer_array(lstm: nn.LSTM, name: str, layer: int) -> NDArray[np.floating]:
    tensor = cast(Tensor, getattr(lstm, f"{name}_l{layer}"))
    return cast("NDArray[np.floating]", tensor.detach().cpu().numpy())


def blog_weights(lstm: nn.LSTM, layer: int) -> Weights:
    """Return one layer's weights by the blog's names, as fresh arrays in the dtype of the network.

    W_f W_i W_C W_o: (k, m + n), columns in the order [x, h]; b_f b_i b_C b_o: (k,), the sum of torch's two;
    W_hr: (n, k), only where the cell has a projection.
    """
    W_x, W_h = _layer_array(lstm, "weight_ih", layer), _layer_array(lstm, "weight_hh", layer)
    W = np.concatenate([W_x, W_h], axis=1)  # (4k, m + n)
    b = _layer_array(lstm, "bias_ih", layer) + _layer_array(lstm, "bias_hh", layer)  # (4k,)
    k = lstm.hidden_size
    weights: Weights = {}
    for place, gate in enumerate(TORCH_GATES):
        rows = slice(place * k, (place + 1) * k)
        weights[f"W_{gate}"], weights[f"b_{gate}"] = W[rows], b[rows]
    if lstm.proj_size:
        weights["W_hr"] = _layer_array(lstm, "weight_hr", layer).copy()
    return weights


def torch_state(weights: Mapping[str, NDArray[np.floating] | None], m: int) -> dict[str, Tensor]:
    """Return the state of a one-layer `nn.LSTM` with these weights, in their dtype.

    weights: as `blog_weights` returns them; W_hr may be absent or None. m: how many of the columns belong to
    x. All of each bias goes to bias_ih, bias_hh is zero. Raises KeyError where a gate is missing.
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

    weights: as `blog_weights` returns them. x: (T, m), in their dtype.
    """
    state = list(torch_state(weights, x.shape[1]).values())
    k, n = weights["b_f"].size, state[1].shape[1]
    start = torch.zeros(1, 1, n, dtype=state[0].dtype), torch.zeros(1, 1, k, dtype=state[0].dtype)
    sequence = torch.tensor(x[:, None])  # (T, 1, m); a copy, for x may be read-only
    with torch.no_grad():
        h, _, _ = torch.lstm(sequence, start, state, True, 1, 0.0, False, False, False)
    return cast("NDArray[np.floating]", h[:, 0].contiguous().numpy())


def probe_gates(weights_of_layers: Sequence[Weights], x: NDArray[np.floating]) -> tuple[Weights, ...]:
    """Return the gates of every layer over the probe sequence x (T, m); each layer's h feeds the next."""
    layers: list[Weights] = []
    for weights in weights_of_layers:
        gates = layer_gates(weights, x, hidden_states(weights, x))
        layers.append(gates)
        x = gates["h"]
    return tuple(layers)


def describe_device(device: torch.device) -> str:
    """Return a device's name for a person: "CPU", "GPU NVIDIA …", "Apple GPU"."""
    if device.type == "cuda":
        return f"GPU {torch.cuda.get_device_name(device)}"
    return {"cpu": "CPU", "mps": "Apple GPU"}.get(device.type, str(device))


def available_devices() -> list[tuple[str, str]]:
    """Return (id, human name) of each device torch can use here; the CPU comes first."""
    found = [("cpu", f"CPU ({os.cpu_count() or 1} cores)")]
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            found.append((f"cuda:{index}", describe_device(torch.device("cuda", index))))
    if torch.backends.mps.is_available():
        found.append(("mps", "Apple GPU"))
    return found


def choose_device(wanted: str) -> torch.device:
    """Return the device of a config; "auto" is the first GPU if there is one, else the CPU.

    Raises ConfigError where this machine has no such device.
    """
    found = [name for name, _ in available_devices()]
    if wanted == "auto":
        return torch.device(found[1] if len(found) > 1 else "cpu")
    if wanted not in found:
        raise ConfigError(f"Device {wanted!r} was not found on this machine; choose auto or one of {', '.join(found)}.")
    return torch.device(wanted)
