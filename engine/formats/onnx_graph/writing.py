"""Writes `.onnx`: a stack of recurrent layers as nodes LSTM, GRU and RNN of version 17, and its readout.

The model reads x (T, batch, m) and gives h (T, batch, n), both directions side by side, and y (T, batch, outputs) where
there is a readout. Its numbers are float32: ONNX Runtime computes recurrent nodes in no other precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...shipped import NAME, version
from ...text.listed import listed
from ...whole_file import whole_file
from ..found import Array, Found, FoundLayer, NetworkFileError
from ..names.packages import package
from ..names.stored import writing
from ..running import levels

_OPSET, _IR = 17, 8
_FLOAT = 1
_KINDS = {"rnn": "RNN", "gru": "GRU", "gru-2014": "GRU"}
_OPEN = 100.0
"""The bias of a forget gate that is always open: σ of it is 1 in float32."""
_OUTPUTS = {"softmax": "Softmax", "sigmoid": "Sigmoid"}
Single = NDArray[np.float32]


def write_network(path: Path, found: Found) -> list[str]:
    """Write a network; return sentences on what the file cannot hold.

    Raises NetworkFileError for a projection, for several stacks, and for numbers beyond float32.
    """
    onnx = package("onnx", "onnx", "an ONNX file")
    names = list(dict.fromkeys(layer.name for layer in found.layers))
    if len(names) > 1:
        raise NetworkFileError(
            f"{path.name}: an ONNX model is one network, and these are {len(names)} stacks of layers: "
            f"{listed(names[:6])}; write one of them."
        )
    maker = _Maker(onnx.helper)
    stack = levels(found, names[0])
    states = any(layer.initial[key].any() for layer in found.layers for key in layer.initial)
    reads = "x"
    for number, level in enumerate(stack):
        reads = maker.add_level(level, reads, "h" if number == len(stack) - 1 else f"h{number + 1}", states)
    outputs = [("h", sum(layer.n for layer in stack[-1]))]
    if found.readout is not None:
        maker.add_readout(found.readout, found.output, outputs[0][1])
        outputs.append(("y", len(found.readout[1])))
    batch = 1 if states else "batch"
    values = [
        onnx.helper.make_tensor_value_info(name, _FLOAT, ["T", batch, size])
        for name, size in (("x", stack[0][0].m), *outputs)
    ]
    graph = onnx.helper.make_graph(maker.nodes, names[0] or "network", values[:1], values[1:], maker.constants)
    opset = [onnx.helper.make_opsetid("", _OPSET)]
    model = onnx.helper.make_model(
        graph, opset_imports=opset, ir_version=_IR, producer_name=NAME, producer_version=version()
    )
    with writing(path), whole_file(path) as temporary:
        temporary.write_bytes(model.SerializeToString())
    left = ["The sequence x is left out: a model is fed with it"] if found.x is not None else []
    if states:
        left.append("The model takes one sequence at a time, because its first h and C are set")
    return [*maker.notes, *left]


@dataclass
class _Maker:
    """Makes the nodes of a model and their constants."""

    _helper: Any
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_level(self, level: Sequence[FoundLayer], reads: str, gives: str, states: bool) -> str:
        """Add the layers of one number, forward and reverse in one node; return the value that it gives."""
        first = level[0]
        if any((layer.cell, layer.n, layer.m) != (first.cell, first.n, first.m) for layer in level):
            raise NetworkFileError(
                f"{first.label}: an ONNX node has one cell in both directions, and the reverse layer is another; write "
                "each alone."
            )
        parts = [_parts(layer) for layer in level]
        kind, end = _KINDS.get(first.cell, "LSTM"), f"_l{first.layer}"
        inputs = [reads, *(self._constant(f"{part}{end}", [each[part] for each in parts]) for part in "WRB"), ""]
        needed = ("h0", "c0") if kind == "LSTM" else ("h0",)
        for key in needed if states else ():
            rows = [layer.initial.get(key, np.zeros(layer.n)) for layer in level]
            inputs.append(self._constant(f"{key}{end}", [row[None] for row in rows]))
        if first.cell == "peephole":
            inputs += [""] * (7 - len(inputs))
            peepholes = [np.concatenate([layer.weights[f"p_{gate}"] for gate in "iof"]) for layer in level]
            inputs.append(self._constant(f"P{end}", peepholes))
        told: dict[str, Any] = {"hidden_size": first.n}
        if first.cell in ("gru", "coupled"):
            told["linear_before_reset" if kind == "GRU" else "input_forget"] = 1
        if len(level) == 2 or first.reverse:
            told["direction"] = "bidirectional" if len(level) == 2 else "reverse"
        if first.cell == "lstm-1997":
            self.notes.append(
                f"An LSTM of 1997 is written as an LSTM whose forget gate has the bias {_OPEN:g}: it is 1"
            )
        name = f"/{first.name or first.cell}/{kind}" + (f"_{first.layer}" if first.layer else "")
        while not inputs[-1]:
            inputs.pop()
        self._add(kind, inputs, f"Y{end}", name=name, **told)  # (T, directions, batch, n)
        if len(level) == 1:
            axis = self._whole("axis_1", [1])
            return self._add("Squeeze", [f"Y{end}", axis], gives)
        self._add("Transpose", [f"Y{end}"], f"turned{end}", perm=[0, 2, 1, 3])
        return self._add("Reshape", [f"turned{end}", self._whole("flat", [0, 0, -1])], gives)

    def add_readout(self, readout: tuple[Array, Array], output: str, width: int) -> None:
        """Add y = g(W·h + b), which reads "h" of `width` numbers."""
        W, b = readout
        if W.shape[1] != width:
            raise NetworkFileError(
                f"The readout reads {W.shape[1]} numbers, but the last h has {width}; write the layers alone."
            )
        end = _OUTPUTS.get(output)
        self._add("MatMul", ["h", self._tensor("readout.W", _single("the readout", W.T))], "Wh")
        self._add("Add", ["Wh", self._tensor("readout.b", _single("the readout", b))], "z" if end else "y")
        told: dict[str, Any] = {"axis": -1} if end == "Softmax" else {}
        if end:
            self._add(end, ["z"], "y", "", **told)

    def _add(self, kind: str, inputs: list[str], gives: str, name: str = "", **told: Any) -> str:
        self.nodes.append(self._helper.make_node(kind, inputs, [gives], name=name or f"{kind}_{gives}", **told))
        return gives

    def _constant(self, name: str, rows: Sequence[Array]) -> str:
        return self._tensor(name, _single(name, np.stack(rows)))

    def _tensor(self, name: str, array: Single) -> str:
        data = np.ascontiguousarray(array, "<f4").tobytes()
        self.constants.append(self._helper.make_tensor(name, _FLOAT, array.shape, data, raw=True))
        return name

    def _whole(self, name: str, numbers: list[int]) -> str:
        if all(tensor.name != name for tensor in self.constants):
            self.constants.append(self._helper.make_tensor(name, 7, [len(numbers)], numbers))
        return name


def _parts(layer: FoundLayer) -> dict[str, Array]:
    """Return W, R and B of one direction: the rows of its gates in ONNX's order, and two biases."""
    weights, m = dict(layer.weights), layer.m
    if "W_hr" in weights:
        raise NetworkFileError(
            f"{layer.label}: ONNX has no LSTM with a projection; write a .pt, .safetensors or .npz instead."
        )
    if layer.cell in ("gru", "gru-2014"):
        of_x = [weights["W_u"][:, :m], weights["W_r"][:, :m], weights["W_x"]]
        of_h = [weights["W_u"][:, m:], weights["W_r"][:, m:], weights["W_n"]]
        nothing = np.zeros(layer.n)
        biases = [weights["b_u"], weights["b_r"], weights["b_x"], nothing, nothing, weights.get("b_n", nothing)]
        return {"W": np.concatenate(of_x), "R": np.concatenate(of_h), "B": np.concatenate(biases)}
    if layer.cell == "coupled":  # there i = 1 − f, in ONNX f = 1 − i, and 1 − σ(z) = σ(−z)
        weights |= {"W_i": -weights["W_f"], "b_i": -weights["b_f"]}
    if layer.cell == "lstm-1997":
        weights |= {"W_f": np.zeros((layer.k, m + layer.n)), "b_f": np.full(layer.k, _OPEN)}
    gates = "h" if layer.cell == "rnn" else "iofC"
    W = np.concatenate([weights[f"W_{gate}"] for gate in gates])
    b = np.concatenate([weights[f"b_{gate}"] for gate in gates]).astype(np.float64)
    first = _single(layer.label, b)
    return {"W": W[:, :m], "R": W[:, m:], "B": np.concatenate([first, b - first])}  # the second has what is left


def _single(what: str, array: Array) -> Single:
    with np.errstate(over="ignore", under="ignore"):
        found: Single = array.astype(np.float32)
    if not np.isfinite(found).all():
        raise NetworkFileError(
            f"{what} has numbers beyond ±3.4·10³⁸, the largest of float32, which an ONNX file is written in; make them "
            "smaller."
        )
    return found
