"""Reads `.onnx`: the recurrent layers of a model are its nodes LSTM, GRU and RNN. Files are written in
`engine.formats.onnx_graph.writing`.

Equations and the order of their gates are those of https://onnx.ai/onnx/operators/ (LSTM 22, GRU 22, RNN 22): LSTM
i, o, f, c; GRU z, r, h. Peepholes stand in the order i, o, f; i and f see C_{t-1}, o sees C_t, as here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..text.listed import listed
from .found import Array, Found, FoundLayer, Mapped, NetworkFileError, Told
from .names import stacked_gates
from .names.layer_names import LayerNames, Level
from .names.stored import reading, widened
from .onnx_graph.model import Budget, Scope, attributes, damaged, load
from .onnx_graph.readout import readout_of
from .onnx_graph.values import RECURRENT, are_zeros, constant, is_standard, origins
from .onnx_graph.writing import write_network as write_network

_LETTERS = {"LSTM": "iofC", "GRU": "urh", "RNN": "h"}
_THEIRS = {"LSTM": "i, o, f, c", "GRU": "z, r, h"}
_ACTIVATIONS = {"LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}
_DIRECTIONS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
_PEEPHOLES = "iof"
_INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
_QUANTISED = ("DynamicQuantizeLSTM", "QLinearLSTM")
_NO_CLIP = 1e30
_MOST_LAYERS, _MOST_BODIES = 1000, 1000
_OF_TORCH = re.compile(r"/(LSTM|GRU|RNN)(_\d+)?$")


def read_network(path: Path, told: Told | None = None) -> Found:
    """Return the recurrent layers of a file; raises NetworkFileError, in one sentence, for anything else.

    What the model does around them is not run.
    """
    with reading(path) as size, np.errstate(all="ignore"):  # what is not finite is refused
        model = load(path, size)
        reader = _Reader()
        for scope in _scopes(Scope(path.parent, model.graph, Budget())):
            for node in scope.graph.node:
                reader.read(scope, node)
        if not reader.layers:
            raise NetworkFileError(_why_none(model, reader))
        readout, output = readout_of(reader.places)
        return Found("an ONNX model", tuple(reader.layers), tuple(reader.notes), readout, output)


def _scopes(first: Scope) -> Iterator[Scope]:
    waiting, count = [first], 0
    while waiting and count < _MOST_BODIES:
        scope = waiting.pop(0)
        count += 1
        yield scope
        waiting += scope.bodies()


def _why_none(model: Any, reader: _Reader) -> str:
    if reader.left_out:
        return f"none of its recurrent layers can be read: {reader.left_out[0]}"
    in_functions = [f.name for f in model.functions if any(node.op_type in RECURRENT for node in f.node)]
    if in_functions:
        return (
            f"its recurrent layers stand in the function {in_functions[0]}, which gets its weights only when the model "
            "runs; save the model with its functions inlined."
        )
    kinds = list(dict.fromkeys(node.op_type for node in model.graph.node))[:4]
    has = f"its nodes are {listed([*kinds, '…'] if len(kinds) == 4 else kinds)}" if kinds else "it has no nodes at all"
    return (
        f"no node LSTM, GRU or RNN was found in it, {has}; an exporter may take a layer apart into single "
        "multiplications, so save the network with recurrent nodes, or its weights in another format."
    )


@dataclass
class _Reader:
    """Reads the recurrent nodes of a model one after the other."""

    layers: list[FoundLayer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    places: list[tuple[Scope, Any]] = field(default_factory=list)
    """The nodes that layers were read from, and their graphs."""
    _names: LayerNames = field(default_factory=LayerNames)
    _levels: dict[int, Level] = field(default_factory=dict)
    """Where the layers of a node are, by its identity; `places` keeps the nodes."""
    _count: int = 0

    def read(self, scope: Scope, node: Any) -> None:
        """Add the layers of a node, if it is a recurrent one, or a note why it was left out."""
        is_layer = is_standard(node) and node.op_type in RECURRENT
        if not is_layer and node.op_type not in _QUANTISED:
            return
        self._count += 1
        if self._count > _MOST_LAYERS:
            raise NetworkFileError(f"it has more than {_MOST_LAYERS:,} recurrent layers; save one of them alone.")
        name = _name(scope, node)
        try:
            if not is_layer:
                raise NetworkFileError(
                    f"{name}: {node.op_type} computes with quantised weights; save the model without quantisation."
                )
            self._add(_Node(scope, node, name))
        except NetworkFileError as error:
            self.left_out.append(str(error))
            self.notes.append(f"Left out: {error}")

    def _add(self, node: _Node) -> None:
        levels = [self._levels.get(id(made)) for _, made, output in node.below() if output == 0]
        self._pair([level for level in levels if level is not None])
        below = {self._levels.get(id(made)) for _, made, output in node.below() if output == 0}
        read = below.pop() if len(below) == 1 else None
        level = self._names.place(node.name, read, node.m, node.n, node.directions)
        self.layers += [node.layer(at, *level) for at in range(len(node.directions))]
        self.notes += node.notes
        self.places.append((node.scope, node.node))
        self._levels[id(node.node)] = level

    def _pair(self, below: list[Level]) -> None:
        """Give a forward layer and the reverse one whose h is put beside its own one name, as they are one level."""
        if len(below) != 2 or below[0] == below[1]:
            return
        first, second = (
            [at for at, layer in enumerate(self.layers) if (layer.name, layer.layer) == level] for level in below
        )
        if len(first) != 1 or len(second) != 1 or self.layers[first[0]].reverse or not self.layers[second[0]].reverse:
            return
        forward, backward = below
        self.layers[second[0]] = replace(self.layers[second[0]], name=forward[0], layer=forward[1])
        self._names.join(forward, backward)
        self._levels |= {key: forward for key, level in self._levels.items() if level == backward}


def _name(scope: Scope, node: Any) -> str:
    name = _OF_TORCH.sub("", node.name).strip("/") or node.name.strip("/") or node.op_type
    return f"{scope.label}{name}"[:200]


class _Node:
    """One recurrent node: what it says, checked, and its weights. Raises NetworkFileError where it is not as here."""

    def __init__(self, scope: Scope, node: Any, name: str) -> None:
        self.scope, self.node, self.name = scope, node, name
        self.notes: list[str] = []
        self._kind = node.op_type
        self._told = attributes(node)
        self._inputs = dict(zip(_INPUTS, node.input, strict=False))
        direction = self._word("direction", "forward")
        if direction not in _DIRECTIONS:
            raise damaged(f"{name} has the direction “{direction[:40]}”")
        self.directions = _DIRECTIONS[direction]
        self._check_activations()
        self._W, self._R = self._weight("W"), self._weight("R")
        count, gates = len(self.directions), len(_LETTERS[self._kind])
        self.n = self._R.shape[2] if self._R.ndim == 3 else 0
        self.m = self._W.shape[2] if self._W.ndim == 3 else 0
        rows = gates * self.n
        self._check("R", self._R, (count, rows, self.n), f"(directions, {gates}·n, n)")
        self._check("W", self._W, (count, rows, self.m), f"(directions, {gates}·n, m)")
        said = self._told["hidden_size"].i if "hidden_size" in self._told else self.n
        if said != self.n:
            raise damaged(f"{name} has hidden_size {said}, but its R is for {self.n}")
        self._B = self._maybe("B", (count, 2 * rows), f"(directions, {2 * gates}·n)")
        self._P = self._maybe("P", (count, 3 * self.n), "(directions, 3·n)") if self._kind == "LSTM" else None
        self._initial = self._states()

    def below(self) -> list[tuple[Scope, Any, int]]:
        """Return the nodes that it reads from."""
        return origins(self.scope, self._inputs.get("X", ""))

    def layer(self, at: int, name: str, number: int) -> FoundLayer:
        """Return one of its directions as a layer."""
        cell, weights = self._cell(at)
        weights = {key: widened(array) for key, array in weights.items()}
        initial = {key: widened(array[at]) for key, array in self._initial.items()}
        sizes = self.m, self.n, self.n
        mapped = [Mapped(key, self._source(key, cell)) for key in weights]
        return FoundLayer(name, cell, *sizes, weights, number, self.directions[at], mapped, "x,h", initial)

    def _cell(self, at: int) -> tuple[str, dict[str, Array]]:
        letters, rows = _LETTERS[self._kind], self._R.shape[1]
        of_x, of_h = self._W[at], self._R[at]
        both = np.zeros(2 * rows, of_x.dtype) if self._B is None else self._B[at]
        biases = both[:rows].astype(np.float64), both[rows:].astype(np.float64)
        if self._kind == "GRU":
            after = bool(self._number("linear_before_reset"))
            return ("gru" if after else "gru-2014"), stacked_gates.gru(letters, of_x, of_h, biases, after)
        weights = stacked_gates.joined(letters, of_x, of_h, biases[0] + biases[1])
        if self._kind == "RNN":
            return "rnn", weights
        seen = self._P is not None and bool(self._P[at].any())
        if self._number("input_forget"):
            if seen:
                raise NetworkFileError(
                    f"{self.name}: it has peepholes and its forget gate is 1 − i; a cell here has one of the two."
                )
            return "coupled", stacked_gates.coupled(weights)
        if seen and self._P is not None:
            peepholes = zip(_PEEPHOLES, np.split(self._P[at], 3), strict=True)
            return "peephole", weights | {f"p_{gate}": part for gate, part in peepholes}
        return "lstm", weights

    def _source(self, key: str, cell: str) -> str:
        """Return where a weight is from, in the words of the node."""
        kind, _, gate = key.partition("_")
        theirs = {"C": "c", "u": "z", "x": "h", "n": "h"}.get(gate, gate)
        if kind == "p":
            return f"P ({self._inputs['P']}), block {theirs} of i, o, f"
        names = {"W": ("W", "R"), "b": ("B",)}[kind]
        if kind == "W" and gate in ("x", "n"):
            names = ("W",) if gate == "x" else ("R",)
        told = " and ".join(f"{each} ({self._inputs[each]})" for each in names if self._inputs.get(each))
        if not told:
            return "no bias: 0"
        sign = ""
        if cell == "coupled" and gate == "f":
            theirs, sign = "i", "minus "
        two = ", both biases added" if kind == "b" and not (cell == "gru" and gate in ("x", "n")) else ""
        half = {"x": ", that of W", "n": ", that of R"}.get(gate, "") if kind == "b" and not two else ""
        block = f", block {theirs} of {_THEIRS[self._kind]}" if self._kind in _THEIRS else ""
        return f"{sign}{told}{block}{two}{half}"

    def _check_activations(self) -> None:
        expected = _ACTIVATIONS[self._kind]
        given = (
            [text.decode("utf-8", "replace") for text in self._told["activations"].strings]
            if ("activations" in self._told)
            else []
        )
        for place, each in enumerate(given[: len(expected) * len(self.directions)]):
            wanted = expected[place % len(expected)]
            if each.casefold() != wanted:
                raise NetworkFileError(
                    f"{self.name}: activation {place + 1} is {each[:40]}, but in a cell here it is {wanted}, so its "
                    "numbers would differ; export a network with the usual activations."
                )
        if "clip" in self._told and not self._told["clip"].f > _NO_CLIP:
            raise NetworkFileError(
                f"{self.name}: it clips what goes into its activations at {self._told['clip'].f:g}, which no cell here "
                "does, so its numbers would differ; export the network without clip."
            )

    def _weight(self, which: str) -> Array:
        found = self._numbers(which)
        if found is None:
            raise NetworkFileError(
                f"{self.name}: its weights {which} are computed while the model runs, or given to it, so the file does "
                "not have them; save the model with its weights as constants."
            )
        return found

    def _maybe(self, which: str, shape: Sequence[int], words: str) -> Array | None:
        """Return what a node may have or not; None where it has not."""
        if not self._inputs.get(which):
            return None
        found = self._weight(which)
        self._check(which, found, shape, words)
        return found

    def _numbers(self, which: str) -> Array | None:
        name = self._inputs.get(which, "")
        found = constant(self.scope, name) if name else None
        if found is not None and not np.issubdtype(found.dtype, np.floating):
            raise NetworkFileError(
                f"{self.name}: {which} holds whole numbers ({found.dtype}), as quantised weights are; save the model "
                "without quantisation."
            )
        return found

    def _states(self) -> dict[str, Array]:
        """Return h0 and c0 where the file has them, a row for each direction."""
        found, given = {}, []
        for ours, which in (("h0", "initial_h"), ("c0", "initial_c")):
            if not self._inputs.get(which) or (self._kind != "LSTM" and ours == "c0"):
                continue
            array = self._numbers(which)
            if array is None:
                if not are_zeros(self.scope, self._inputs[which]):
                    given.append(ours[0].replace("c", "C"))
                continue
            rows = array.swapaxes(0, 1) if self._number("layout") == 1 and array.ndim == 3 else array
            batch = rows.shape[1] if rows.ndim == 3 else 1
            self._check(which, rows, (len(self.directions), batch, self.n), "(directions, batch, n)")
            if batch == 0:
                raise damaged(f"{self.name}: {which} is empty")
            if (rows != rows[:, :1]).any():
                self.notes.append(f"{self.name}: {which} has {batch} sequences side by side; here it is the first")
            found[ours] = rows[:, 0]
        if given:
            self.notes.append(f"{self.name}: the model is given its first {listed(given)}; here it begins with 0")
        return found

    def _check(self, which: str, array: Array, shape: Sequence[int], words: str) -> None:
        if array.shape != tuple(shape) or 0 in array.shape:
            is_ = "×".join(map(str, array.shape)) or "one number"
            raise NetworkFileError(
                f"{self.name}: {which} should be {words}, {'×'.join(map(str, shape))}, but is {is_}; save the model "
                "again."
            )

    def _word(self, name: str, default: str) -> str:
        return self._told[name].s.decode("utf-8", "replace") if name in self._told else default

    def _number(self, name: str) -> int:
        return int(self._told[name].i) if name in self._told else 0
