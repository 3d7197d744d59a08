"""Reads `.keras`, `.weights.h5` and `.h5` of Keras: its LSTM, GRU and SimpleRNN layers, also within other layers.

Keras itself is not used, so nothing of a file runs: a `.keras` is a zip of settings, which are JSON, and of arrays in
HDF5. A kernel (m, g·n) and a recurrent kernel (n, g·n) have the gates side by side, LSTM i, f, c, o; GRU z, r, h; the
bias of a GRU is (2, 3·n) where its reset gate acts after the product (https://keras.io/api/layers/recurrent_layers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..document.memory import check_free
from .found import Array, Found, FoundLayer, Mapped, NetworkFileError, Told
from .keras_store.hdf5 import Arrays, arrays_of
from .keras_store.settings import Gives, Linear, Model, Wanted, activation_of, model_of
from .names import stacked_gates
from .names.archive import MAGIC, open_archive, read_entry
from .names.layer_names import LayerNames, Level
from .names.renamed import MOST_SEEN, what_it_is
from .names.stored import Stored, check_amount, reading

_LETTERS = {"LSTM": "ifCo", "GRU": "urh", "SimpleRNN": "h"}
_THEIRS = {"LSTM": "i, f, c, o", "GRU": "z, r, h"}
_KIND_OF_GATES = {4: "LSTM", 3: "GRU", 1: "SimpleRNN"}
_OUTPUTS = {"linear": "identity", "softmax": "softmax", "sigmoid": "sigmoid"}
_MOST_SETTINGS = 8 * 2**20
HDF5 = b"\x89HDF"
_TIMES = 4
"""How often the numbers of a file are in memory while it is read."""
_PACKED = 4
"""How many times as large as its file the weights within a zip may be; random numbers hardly get smaller."""
_NUMBER = re.compile(r"(\d+)")
_CELL_WITHIN = re.compile(r"(/(forward|backward)_[^/]*)?(?<!/cells)/(cell|[a-z_]+_cell)$")
"""What follows the place of a layer in that of its cell; a cell of several, in "cells", is a layer of its own."""
_ASSUMED = (
    "The file does not say how its layers are set: activations are taken to be tanh and sigmoid, a GRU without a bias "
    "to reset after its product, and layers of one kind whose sizes fit to stand one above the other"
)


def read_network(path: Path, told: Told | None = None) -> Found:
    """Return the recurrent layers of a file; raises NetworkFileError, in one sentence, for anything else."""
    with reading(path) as size, np.errstate(all="ignore"):  # what is not finite is refused
        arrays, settings = _opened(path, size)
        cells = _cells(arrays)
        model = model_of(settings)
        alone = model is None or not model.wanted
        reader = _Reader(arrays, cells, size)
        for wanted in _guessed(cells, arrays) if alone or model is None else model.wanted:
            reader.add(wanted)
        if not reader.layers:
            raise NetworkFileError(_why_none(arrays, model, reader))
        readout, output = (None, "identity") if alone or model is None else reader.readout(model.linear)
        notes = ([_ASSUMED] if alone else []) + reader.notes
        kind = "a Keras model" if not alone else "weights of a Keras model"
        return Found(kind, tuple(reader.layers), tuple(notes), readout, output)


def _opened(path: Path, size: int) -> tuple[Arrays, str]:
    """Return the arrays of a file and the settings of its model."""
    with path.open("rb") as file:
        begin = file.read(MOST_SEEN)
        if not begin.startswith((HDF5, MAGIC)):
            what = what_it_is(begin) or "it is no file of Keras, neither HDF5 nor a zip; choose another file"
            raise NetworkFileError(f"{what}.")
        check_free("the network", _TIMES * size, "a smaller one, or close other programs.")
        if begin.startswith(HDF5):
            arrays = arrays_of(begin + file.read(size))
            return arrays, arrays.settings
    with open_archive(path) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        if "model.weights.h5" not in entries:
            raise NetworkFileError(
                "it has no model.weights.h5 in it, as a Keras file has; save the model with model.save(…), in one file."
            )
        settings = read_entry(archive, entries["config.json"], _MOST_SETTINGS) if "config.json" in entries else b""
        weights = entries["model.weights.h5"]
        check_free("the network", _TIMES * weights.file_size, "a smaller one, or close other programs.")
        content = read_entry(archive, weights, _PACKED * size + 2**20)
    return arrays_of(content), settings.decode("utf-8", "replace")


@dataclass(frozen=True)
class _Cell:
    """The arrays of one recurrent cell."""

    place: str
    kernel: Stored
    recurrent: Stored
    bias: Stored | None
    names: tuple[str, str, str]

    @property
    def gates(self) -> int:
        """How many blocks its kernels have; 0 where they are no kernels of a recurrent cell."""
        (rows, columns), n = self.recurrent.shape, self.recurrent.shape[0]
        fits = n > 0 and columns % n == 0 and self.kernel.shape[1] == columns and rows == n
        return columns // n if fits else 0


def _cells(arrays: Arrays) -> dict[str, _Cell]:
    """Return recurrent cells by their places: of Keras 3, and of files in the older form."""
    found = {}
    groups: dict[str, dict[str, str]] = {}
    for path in arrays.stored:
        group, _, name = path.rpartition("/")
        groups.setdefault(group, {})[name.partition(":")[0]] = path
    for group, names in groups.items():
        is_new = group.endswith("/vars") and {"0", "1"} <= names.keys()
        is_cell = "cell" in group.removesuffix("/vars").rpartition("/")[2]
        parts = ("0", "1", "2") if is_new and is_cell else ("kernel", "recurrent_kernel", "bias")
        if not {parts[0], parts[1]} <= names.keys():
            continue
        kernel, recurrent = (arrays.stored[names[part]] for part in parts[:2])
        bias = arrays.stored[names[parts[2]]] if parts[2] in names else None
        if len(kernel.shape) == len(recurrent.shape) == 2:
            place = group.removesuffix("/vars")
            paths = names[parts[0]], names[parts[1]], names.get(parts[2], "")
            found[place] = _Cell(place, kernel, recurrent, bias, paths)
    return found


def _natural(place: str) -> list[tuple[int, str]]:
    """Return what sorts lstm_2 before lstm_10."""
    return [(int(part), "") if part.isdecimal() and len(part) < 9 else (-1, part) for part in _NUMBER.split(place)]


def _guessed(cells: Mapping[str, _Cell], arrays: Arrays) -> Iterator[Wanted]:
    """Yield what cells may be, by their places and shapes."""
    above: tuple[str, Gives] | None = None
    levels: dict[str, list[str]] = {}
    for place in sorted(cells, key=_natural):
        levels.setdefault(_CELL_WITHIN.sub("", place), []).append(place)
    for base, places in levels.items():
        name = arrays.names.get(f"{base}/vars") or base.rpartition("/")[2] or base
        stem = re.sub(r"_\d+$", "", base)
        below = above[1] if above is not None and above[0] == stem else None
        stack, number = (below.above, below.number + 1) if below is not None else (name, 0)
        for place in sorted(places, key=lambda each: "backward" in each):
            kind = _KIND_OF_GATES.get(cells[place].gates)
            if kind is not None:
                yield Wanted(name, kind, place, "backward" in place, below, {})
        above = stem, Gives(stack, number, True, len(places) > 1)


def _why_none(arrays: Arrays, model: Model | None, reader: _Reader) -> str:
    if reader.left_out:
        return f"none of its recurrent layers can be read: {reader.left_out[0]}"
    others = list(dict.fromkeys(model.others))[:4] if model is not None else []
    if others:
        has = f"its layers are {', '.join(others)}"
    else:
        has = f"it has {len(arrays.stored):,} arrays" if arrays.stored else "it has no arrays at all"
    return f"no LSTM, GRU or SimpleRNN was found in it, {has}; save a Keras model that has such a layer."


@dataclass
class _Reader:
    """Reads one layer after the other."""

    arrays: Arrays
    cells: Mapping[str, _Cell]
    size: int
    layers: list[FoundLayer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    _names: LayerNames = field(default_factory=LayerNames)
    _levels: dict[Level, Level] = field(default_factory=dict)
    """Where the levels are that the settings name."""
    _left: set[str] = field(default_factory=set)
    """Places of cells that no layer has taken."""

    def __post_init__(self) -> None:
        self._left = set(self.cells)
        check_amount({place: cell.kernel for place, cell in self.cells.items()}, _PACKED * self.size + 2**20)

    def add(self, wanted: Wanted) -> None:
        """Add a layer, or a note why it was left out."""
        try:
            cell = self._find(wanted)
            for name, stored in zip(cell.names, (cell.kernel, cell.recurrent, cell.bias), strict=True):
                if stored is not None:
                    stored.check_numbers(name)
            self._add(wanted, cell)
        except NetworkFileError as error:
            self.left_out.append(str(error))
            self.notes.append(f"Left out: {error}")

    def readout(self, linear: list[Linear]) -> tuple[tuple[Array, Array] | None, str]:
        """Return W (outputs, n) and b (outputs,) of the dense layer that reads the last layer, and what it ends in."""
        last = self.layers[-1]
        for each in linear:
            level = self._levels.get((each.reads.above, each.reads.number))
            place = f"{each.place}/vars"
            W, b = self.arrays.stored.get(f"{place}/0"), self.arrays.stored.get(f"{place}/1")
            if level != (last.name, last.layer) or W is None or each.activation not in _OUTPUTS:
                continue
            if len(W.shape) != 2 or W.shape[0] != self._names.width(level) or (b and b.shape != W.shape[1:]):
                continue
            for name, stored in ((f"{place}/0", W), (f"{place}/1", b)):
                if stored is not None:
                    stored.check_numbers(name)
            matrix = W.read().T
            found = matrix, b.read() if b is not None else np.zeros(len(matrix), matrix.dtype)
            if all(np.isfinite(array).all() for array in found):
                return found, _OUTPUTS[each.activation]
        return None, "identity"

    def _find(self, wanted: Wanted) -> _Cell:
        """Return the cell of a layer: where the settings say, else where its name is."""
        tail = wanted.place.rpartition("layers/")[2].partition("/")[2]
        older = wanted.place.replace("layers/", "_layer_checkpoint_dependencies/")
        named = [
            f"{group.removesuffix('/vars')}/{tail}" for group, said in self.arrays.names.items() if said == wanted.name
        ]
        back = "backward" in tail
        by_name = [
            place
            for place in sorted(self._left, key=_natural)
            if wanted.name in place.split("/") and ("backward" in place) == back and not place.endswith("/cell")
        ]
        for place in (wanted.place, older, *named, *by_name):
            if place in self._left:
                self._left.discard(place)
                return self.cells[place]
        raise NetworkFileError(f"{wanted.name}: its weights are not in the file; save the whole model again.")

    def _add(self, wanted: Wanted, cell: _Cell) -> None:
        n, m, gates = cell.recurrent.shape[0], cell.kernel.shape[0], len(_LETTERS[wanted.kind])
        units = wanted.settings.get("units", n)
        biases = ((gates * n,), (2, gates * n)) if wanted.kind == "GRU" else ((gates * n,),)
        if cell.gates != gates or units != n or (cell.bias is not None and cell.bias.shape not in biases):
            bias = f", bias {cell.bias.shape_words}" if cell.bias is not None else ""
            raise NetworkFileError(
                f"{wanted.name}: the kernels of {_article(wanted.kind)} of n = {str(units)[:20]} units should be "
                f"m×{gates}·n and n×{gates}·n, its bias {gates}·n, but they are {cell.kernel.shape_words} and "
                f"{cell.recurrent.shape_words}{bias}; save the model again."
            )
        _check_activations(wanted)
        name, weights = _weights(wanted, cell)
        directions = (wanted.reverse,)
        below = self._levels.get((wanted.below.above, wanted.below.number)) if wanted.below else None
        level = self._names.place(wanted.name, below, m, n, directions)
        mapped = [Mapped(key, _source(key, cell, wanted.kind, name)) for key in weights]
        own = wanted.name if wanted.name != level[0] else ""
        self.layers.append(FoundLayer(level[0], name, m, n, n, weights, level[1], wanted.reverse, mapped, own=own))
        said = (wanted.below.above, wanted.below.number + 1) if wanted.below else (wanted.name, 0)
        self._levels.setdefault(said, level)


def _check_activations(wanted: Wanted) -> None:
    expected = {"activation": "tanh"} | ({} if wanted.kind == "SimpleRNN" else {"recurrent_activation": "sigmoid"})
    for key, usual in expected.items():
        given = activation_of(wanted.settings.get(key, usual))
        if given != usual:
            raise NetworkFileError(
                f"{wanted.name}: its {key} is {given}, but in a cell here it is {usual}, so its numbers would differ; "
                "train a network with the usual activations."
            )


def _weights(wanted: Wanted, cell: _Cell) -> tuple[str, dict[str, Array]]:
    """Return the cell's name here, and its weights."""
    letters = _LETTERS[wanted.kind]
    of_x, of_h = cell.kernel.read().T, cell.recurrent.read().T
    bias = cell.bias.read() if cell.bias is not None else np.zeros(len(of_x), of_x.dtype)
    if wanted.kind != "GRU":
        return ("lstm" if wanted.kind == "LSTM" else "rnn"), stacked_gates.joined(letters, of_x, of_h, bias)
    after = bias.ndim == 2 if cell.bias is not None else bool(wanted.settings.get("reset_after", True))
    biases = (bias[0].astype(np.float64), bias[1].astype(np.float64)) if bias.ndim == 2 else (bias, np.zeros_like(bias))
    return ("gru" if after else "gru-2014"), stacked_gates.gru(letters, of_x, of_h, biases, after)


def _source(key: str, cell: _Cell, kind: str, name: str) -> str:
    """Return where a weight is from, in the words of the file."""
    part, _, gate = key.partition("_")
    theirs = {"C": "c", "u": "z", "x": "h", "n": "h"}.get(gate, gate)
    kernel, recurrent, bias = cell.names
    block = f", block {theirs} of {_THEIRS[kind]}" if kind in _THEIRS else ""
    if part == "b":
        if not bias:
            return "no bias: 0"
        if name == "gru":
            rows = {"x": "row 1", "n": "row 2"}.get(gate, "both rows added")
            return f"{bias}{block}, {rows}"
        return f"{bias}{block}"
    folder = kernel[: kernel.rfind("/") + 1]  # is not told twice
    of = {"x": kernel, "n": recurrent}.get(gate, f"{kernel} and {recurrent.removeprefix(folder)}")
    return f"{of}, transposed{block}"


def _article(kind: str) -> str:
    return f"{'an' if kind == 'LSTM' else 'a'} {kind}"
