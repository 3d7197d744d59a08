"""Reads weights and gradients of a torch module that somebody else trains, through the module itself.

torch is not imported: whoever has a module has it already, so whether a module is one of torch's is asked of that one.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cell.torch_layout import PLACES
from ..settings.config import setting
from .network import ElsewhereError

Float32 = NDArray[np.float32]
_CELLS = {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn", "LSTMCell": "lstm", "GRUCell": "gru", "RNNCell": "rnn"}
"""What can be watched, by its name in torch.nn."""
_BLOCKS = {"lstm": 4, "gru": 3, "rnn": 1}
"""Gates that stand one below another in torch's weights."""


class NotWatchedError(ElsewhereError, TypeError):
    """What was given to `watch` and cannot be watched; its text is one sentence that says why."""


class WatchedModule:
    """A recurrent module of torch. cell: its name here. layers: how many are shown. notes: sentences on what is not.

    m, n, k: input size, hidden size and cell size. Raises NotWatchedError for anything else.
    """

    def __init__(self, module: Any) -> None:
        self._module = module = getattr(module, "_orig_mod", module)  # what torch.compile was given
        kind = _kind_of(module)
        self.cell = _CELLS[kind]
        self.notes: list[str] = []
        if getattr(module, "nonlinearity", "tanh") != "tanh":
            raise NotWatchedError(f"An RNN with {module.nonlinearity} cannot be watched; only one with tanh is shown.")
        self.is_cell = kind.endswith("Cell")
        self.batch_first = bool(getattr(module, "batch_first", False))
        self.layers = self._shown_layers()
        self.m, self.k = int(module.input_size), int(module.hidden_size)
        self.n = int(getattr(module, "proj_size", 0)) or self.k
        most = int(setting("cell_size").maximum or 0)
        if self.k > most:
            raise NotWatchedError(f"This {kind} has {self.k:,} units; one of at most {most:,} can be shown.")
        self.weights()  # a module whose weights are elsewhere, as with some that are sharded, is refused now

    def _shown_layers(self) -> int:
        layers, most = int(getattr(self._module, "num_layers", 1)), int(setting("layers").maximum or 1)
        if getattr(self._module, "bidirectional", False):
            above = "; the layers above it read both directions and are not shown" if layers > 1 else ""
            self.notes.append(f"of a bidirectional network the forward direction is shown{above}")
            return 1
        if layers > most:
            self.notes.append(f"the first {most} of {layers} layers are shown")
        return min(layers, most)

    def _of(self, name: str, layer: int) -> Any:
        """Return a parameter by its name in torch without the layer; None where the module has none."""
        return getattr(self._module, name if self.is_cell else f"{name}_l{layer}", None)

    def weights(self) -> tuple[dict[str, Float32], ...]:
        """Return a copy of each layer's weights by the cell's names, float32, columns [x, h]; a bias is torch's two.

        Raises NotWatchedError where they are not there.
        """
        return tuple(self._weights_of(layer) for layer in range(self.layers))

    def _weights_of(self, layer: int) -> dict[str, Float32]:
        blocks: dict[str, list[Float32]] = {}
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            tensor = self._of(name, layer)
            if tensor is None:
                if name.startswith("weight"):
                    raise NotWatchedError(f"This {type(self._module).__name__} has no {name}, so it cannot be watched.")
                array = np.zeros(_BLOCKS[self.cell] * self.k, dtype=np.float32)  # bias=False
            else:
                array = as_array(tensor)
            blocks[name] = np.split(array, _BLOCKS[self.cell])
        found = {}
        for name, place in PLACES[self.cell].items():
            if name == "W_hr":
                continue
            parts = [blocks[of][place.number] for of in place.torch_names]
            if place.adds:
                found[name] = parts[0] + parts[1]
            else:
                found[name] = np.concatenate(parts, axis=parts[0].ndim - 1)
        if self.n != self.k:
            found["W_hr"] = as_array(self._of("weight_hr", layer)).copy()
        return found

    def gradient_norms(self) -> dict[str, float]:
        """Return ‖dL/dW‖ of each weight, such as "layer1.W_f", and of all, "grad_norm", as backward has left them.

        Empty where there are no gradients.
        """
        norms: dict[str, float] = {}
        for layer in range(self.layers):
            squares: dict[str, NDArray[np.floating]] = {}
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"):
                gradient = getattr(self._of(name, layer), "grad", None)
                if gradient is not None:
                    array = as_array(gradient).reshape(1 if name == "weight_hr" else _BLOCKS[self.cell], -1)
                    squares[name] = np.einsum("ij,ij->i", array, array)
            for name, place in PLACES[self.cell].items():
                # Both of torch's biases have the same gradient, which is that of their sum.
                of_torch = place.torch_names[:1] if place.adds else place.torch_names
                parts = [squares[of][place.number] for of in of_torch if of in squares]
                if parts:
                    norms[f"layer{layer + 1}.{name}"] = float(sum(parts)) ** 0.5
        if norms:
            norms["grad_norm"] = math.hypot(*norms.values())
        return norms


def _kind_of(module: Any) -> str:
    """Return the name in torch.nn of what a module is; raises NotWatchedError for what cannot be watched."""
    nn = getattr(sys.modules.get("torch"), "nn", None)
    kinds: Mapping[str, Any] = {name: getattr(nn, name) for name in _CELLS} if nn is not None else {}
    for name, kind in kinds.items():
        if isinstance(module, kind):
            return name
    given = type(module).__name__
    inside = []
    if nn is not None and isinstance(module, nn.Module):
        inside = [name for name, part in module.named_modules() if isinstance(part, tuple(kinds.values()))]
    if inside:
        raise NotWatchedError(f"watch() takes one recurrent layer; of this {given}, give it .{inside[0]}.")
    raise NotWatchedError(
        f"watch() takes torch's nn.LSTM, nn.GRU, nn.RNN, or one of their cells; a {given} cannot be watched."
    )


def as_array(tensor: Any) -> Float32:
    """Return a tensor's numbers in float32; on the CPU it may be the tensor's own memory."""
    found: Float32 = tensor.detach().float().cpu().numpy()
    return found


def sequence_of(probe: Any, watched: WatchedModule) -> Float32:
    """Return one sequence x (T, m) of what somebody gave as a probe; raises NotWatchedError for anything else.

    probe: (T, m), or a batch in the module's own order, of which the first is taken; a tensor or what numpy can read.
    """
    try:
        array = as_array(probe) if hasattr(probe, "detach") else np.asarray(probe, dtype=np.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise NotWatchedError(f"The probe should be an array or a tensor of numbers, (T, {watched.m}).") from error
    if array.ndim == 3:
        array = array[:1].squeeze(0) if watched.batch_first else array[:, :1].squeeze(1)
    if array.ndim != 2 or not len(array) or array.shape[1] != watched.m:
        order = "(B, T, m)" if watched.batch_first else "(T, B, m)"
        raise NotWatchedError(
            f"The probe has the shape {tuple(np.shape(probe))}; what this layer receives was expected, (T, m) or "
            f"{order} with m = {watched.m}."
        )
    if not np.isfinite(array).all():
        raise NotWatchedError("The probe holds a number that is NaN or infinite; choose another sequence.")
    return np.array(array, dtype=np.float32)
