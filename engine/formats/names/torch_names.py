"""Finds recurrent layers among arrays that are named as torch names them: "encoder.weight_ih_l0_reverse".

`torch.nn.LSTM`, `GRU` and `RNN` name an array by its part, the layer and the direction, `LSTMCell` and the like by its
part alone; before that stands the name of the module in a larger one. Which cell it is, is seen by how many gates are
stacked (`engine.cell.torch_layout`): four are an LSTM, three a GRU, one a plain RNN.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...cell.torch_layout import PLACES, Place
from ...document.document import LARGEST_SIZE
from ...text.listed import listed
from ..found import Array, FoundLayer, Mapped, NetworkFileError, check_sizes
from .computed import is_part_of_layer, whole_weights
from .stored import HALF, Stored, check_amount

_PARTS = ("weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh")
_NAME = re.compile(
    rf"(?:(?P<module>.+)\.)?(?P<part>{'|'.join(_PARTS)})"
    r"(?:_l(?P<layer>\d{1,3})(?P<reverse>_reverse)?)?",
    re.DOTALL,
)
_CELL_OF_GATES = {4: "lstm", 3: "gru", 1: "rnn"}
_READOUT_PARTS = 2
_SHOWN_NAMES = 4
_TANH = "A file does not say whether a plain RNN ends in tanh or ReLU; it is read as tanh, torch's default"
_NO_LAYER = (
    "no recurrent layer was found in it: none of its {count} arrays is named as torch names those of an LSTM, such as "
    "weight_hh_l0; it has {names}. Save model.state_dict() of a network with an nn.LSTM, nn.GRU or nn.RNN."
)


@dataclass
class _Parts:
    """The arrays of one layer in one direction, by torch's short names."""

    module: str
    end: str
    layer: int
    reverse: bool
    stored: dict[str, Stored] = field(default_factory=dict)

    def name(self, part: str) -> str:
        """Return the whole name of one of them."""
        return f"{self.module}.{part}{self.end}" if self.module else f"{part}{self.end}"


@dataclass(frozen=True)
class TorchLayers:
    """The layers that were found, sentences on them, and the linear layer that reads the last h, if there is one."""

    layers: tuple[FoundLayer, ...]
    notes: tuple[str, ...]
    readout: tuple[Array, Array] | None


def is_torch_name(name: str) -> bool:
    """Return whether an array of this name belongs to a recurrent layer of torch."""
    return _NAME.fullmatch(name) is not None or is_part_of_layer(name)


def torch_layers(arrays: Mapping[str, Stored], most: int, ordered: bool = True) -> TorchLayers:
    """Return the recurrent layers among arrays, in the order of the file, layers of a stack by their numbers.

    most: bytes that they can have in their file. ordered: whether arrays stand there in the order in which the network
    made them. A layer that cannot be read is left out with its reason, if another can. Raises NetworkFileError where
    none can.
    """
    whole = whole_weights(arrays)
    arrays = whole.arrays
    groups = _groups(arrays, whole.unknown)
    if not groups:
        raise NetworkFileError(_NO_LAYER.format(count=len(arrays), names=_some(arrays)))
    check_amount({group.name(part): each for group in groups for part, each in group.stored.items()}, most)
    layers, without, refused = [], [], []
    for group in groups:
        try:
            layer = _layer(group, whole.unknown)
        except NetworkFileError as error:
            refused.append(error)
            continue
        layers.append(layer)
        without += [] if "bias_ih" in group.stored else [layer.label]
    if not layers:
        raise refused[0]
    notes = [*whole.notes]
    notes += [f"Left out: {str(error).rstrip('.')}" for error in refused]
    halves = {each.dtype for group in groups for each in group.stored.values()} & HALF.keys()
    if halves:
        notes.append(f"Weights in {listed(sorted(halves))} became float32, each exactly")
    if any(layer.cell == "rnn" for layer in layers):
        notes.append(_TANH)
    if without:
        notes.append(f"{listed(without)} {'has' if len(without) == 1 else 'have'} no biases; here they are 0")
    rest = {name: each for name, each in arrays.items() if not is_torch_name(name)}
    is_last = ordered or len({layer.name for layer in layers}) == 1
    readout, said = _readout(rest, layers[-1], is_last)
    return TorchLayers(tuple(layers), (*notes, *said), readout)


def _some(names: Mapping[str, Stored]) -> str:
    shown = [name[:60] for name in names][:_SHOWN_NAMES]
    return listed([*shown, "others"] if len(names) > _SHOWN_NAMES else shown or ["nothing"])


def _groups(arrays: Mapping[str, Stored], unknown: Collection[str]) -> list[_Parts]:
    """Return the layers that there are; of an unknown weight it is known only that it is one."""
    groups: dict[tuple[str, int, bool, bool], _Parts] = {}
    modules: dict[str, int] = {}
    for name in (*arrays, *unknown):
        found = _NAME.fullmatch(name)
        if found is None:
            continue
        module, layer, reverse = found["module"] or "", found["layer"], bool(found["reverse"])
        modules.setdefault(module, len(modules))
        key = module, int(layer or 0), reverse, layer is None
        end = "" if layer is None else f"_l{layer}{'_reverse' if reverse else ''}"
        group = groups.setdefault(key, _Parts(module, end, int(layer or 0), reverse))
        group.stored |= {found["part"]: arrays[name]} if name in arrays else {}
    return sorted(groups.values(), key=lambda each: (modules[each.module], each.layer, each.reverse))


def _layer(group: _Parts, unknown: Collection[str]) -> FoundLayer:
    for name in sorted(unknown):
        if name in map(group.name, _PARTS):
            raise NetworkFileError(
                f"{name} is not in it, only what it is computed from, by another parametrization than weight_norm and "
                "spectral_norm; before you save, call torch.nn.utils.parametrize.remove_parametrizations."
            )
    for part in ("weight_ih", "weight_hh"):
        if part not in group.stored:
            raise NetworkFileError(
                f"there is no {group.name(part)} beside {group.name(next(iter(group.stored)))}; save the whole "
                "state_dict again."
            )
    for part, stored in group.stored.items():
        dimensions = 2 if part.startswith("weight") else 1
        if len(stored.shape) != dimensions or not all(stored.shape):
            kind = "a matrix" if dimensions == 2 else "a row of numbers"
            raise NetworkFileError(
                f"{group.name(part)} should be {kind}, but is {stored.shape_words}; save the network again."
            )
        stored.check_numbers(group.name(part))
    _check_not_turned(group)
    cell, m, n, k = _sizes(group)
    check_sizes(group.name("weight_hh"), {"m": m, "n": n, "k": k})
    _check_shapes(group, {"weight_ih": m, "weight_hh": n}, group.stored["weight_ih"].shape[0])
    read = {part: stored.read() for part, stored in group.stored.items()}
    weights, mapped = {}, []
    for name, place in PLACES[cell].items():
        if name == "W_hr" and "weight_hr" not in read:
            continue
        height = n if name == "W_hr" else k
        weights[name] = _joined(read, place, height)
        mapped.append(Mapped(name, _words(group, place, height, len(read["weight_ih"]))))
    return FoundLayer(group.module, cell, m, n, k, weights, group.layer, group.reverse, tuple(mapped))


def _check_not_turned(group: _Parts) -> None:
    """Raise NetworkFileError for matrices whose gates stand side by side, as Keras has them."""
    (m, columns), (n, rows) = group.stored["weight_ih"].shape, group.stored["weight_hh"].shape
    if columns == rows and rows % n == 0 and rows // n in _CELL_OF_GATES and rows > n:
        raise NetworkFileError(
            f"{group.name('weight_ih')} is {m}×{columns} and {group.name('weight_hh')} {n}×{rows}, but {columns}×{m} "
            f"and {rows}×{n} were expected, the gates above each other; transpose them."
        )


def _sizes(group: _Parts) -> tuple[str, int, int, int]:
    """Return the cell of a layer, and m, n and k."""
    (rows, m), (_, n) = group.stored["weight_ih"].shape, group.stored["weight_hh"].shape
    projection = group.stored.get("weight_hr")
    if projection is not None:
        if projection.shape[0] != n or 4 * projection.shape[1] != rows:
            raise NetworkFileError(
                f"{group.name('weight_hr')} should be {n}×{rows // 4}, as the layer has {rows} rows for four gates and "
                f"h has {n} numbers, but is {projection.shape_words}; save the network again."
            )
        return "lstm", m, n, projection.shape[1]
    cell = _CELL_OF_GATES.get(rows // n) if rows % n == 0 else None
    if cell is None:
        raise NetworkFileError(
            f"{group.name('weight_ih')} has {rows} rows where h has {n} numbers, so it stacks neither four gates "
            "(LSTM), three (GRU) nor one (plain RNN); an LSTM whose h is projected also needs "
            f"{group.name('weight_hr')}. Save the whole state_dict again."
        )
    return cell, m, n, n


def _check_shapes(group: _Parts, columns: Mapping[str, int], rows: int) -> None:
    """Raise NetworkFileError unless all parts of a layer have as many rows, and both biases are there or none."""
    for part, stored in group.stored.items():
        expected = (rows, columns[part]) if part in columns else (rows,)
        if part != "weight_hr" and stored.shape != expected:
            raise NetworkFileError(
                f"{group.name(part)} should be {'×'.join(map(str, expected))}, as {group.name('weight_ih')} has {rows} "
                f"rows, but is {stored.shape_words}; save the network again."
            )
    if ("bias_ih" in group.stored) != ("bias_hh" in group.stored):
        there, missing = sorted(("bias_ih", "bias_hh"), key=lambda part: part not in group.stored)
        raise NetworkFileError(
            f"there is no {group.name(missing)} beside {group.name(there)}; save the whole state_dict again."
        )


def _joined(read: Mapping[str, Array], place: Place, height: int) -> Array:
    rows = slice(place.number * height, (place.number + 1) * height)
    if place.torch_names[0] not in read:  # a layer without biases
        return np.zeros(height, dtype=read["weight_ih"].dtype)
    parts = [read[part][rows] for part in place.torch_names]
    if place.adds:
        return parts[0].astype(np.float64) + parts[1]
    return np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]


def _words(group: _Parts, place: Place, height: int, all_rows: int) -> str:
    """Return where a weight is from: "rows 17–32 of weight_ih_l0 and weight_hh_l0"."""
    if place.torch_names[0] not in group.stored:
        return "0: the layer has no biases"
    first, last = place.number * height + 1, (place.number + 1) * height
    one = f"row {first}" if height == 1 else f"rows {first}–{last}"
    rows = "all" if place.torch_names == ("weight_hr",) or all_rows == height else one
    words = f"{rows} of {listed((group.name(part) for part in place.torch_names), 'plus' if place.adds else 'and')}"
    return f"{words}, side by side" if len(place.torch_names) > 1 and not place.adds else words


def _readout(
    rest: Mapping[str, Stored], last: FoundLayer, is_last: bool
) -> tuple[tuple[Array, Array] | None, list[str]]:
    """Return the linear layer that reads h of the last layer, if one alone is beside the recurrent ones; what is left.

    is_last: whether this layer is known to be the network's last. Embeddings, which stand before the first layer, are
    told apart by their name or by having no bias.
    """
    embeddings = {name for name in _linear(rest) if _is_embedding(name, rest, last)}
    others = {name: each for name, each in rest.items() if name not in embeddings and len(each.shape) > 0}
    notes = [f"Left out: {listed(sorted(embeddings))}; the layer is fed what is looked up in it"] if embeddings else []
    weights = [name for name in _linear(others) if others[name].shape[1] == last.n]
    if not others:
        return None, notes
    name = weights[0] if weights else ""
    bias = _bias_of(name)
    whole = set(others) == {name, bias} or (set(others) == {name} and not _is_embedding(name, rest, last))
    if whole and name and others[name].shape[0] > LARGEST_SIZE:
        return None, [*notes, f"Left out: {name}, whose {others[name].shape[0]:,} outputs are more than fit here"]
    plain = is_last and not last.reverse
    if len(weights) == 1 and whole and plain and all(each.dtype in _READABLE for each in others.values()):
        W = others[name].read()
        b = others[bias].read() if bias in others else np.zeros(len(W), dtype=W.dtype)
        if b.shape == W.shape[:1] and np.isfinite(W).all() and np.isfinite(b).all():
            return (W, b), [*notes, f"The output layer is {name.removesuffix('.weight')}, {W.shape[0]}×{W.shape[1]}"]
    return None, [*notes, f"Left out: {_some(others)}; only one linear layer that surely reads the last h is taken"]


_READABLE = ("float32", "float64", *HALF)
"""Kinds of numbers that an output layer is taken in."""


def _linear(arrays: Mapping[str, Stored]) -> Iterator[str]:
    return (name for name, each in arrays.items() if len(each.shape) == 2 and name.endswith("weight"))


def _bias_of(weight: str) -> str:
    return f"{weight.removesuffix('weight')}bias"


def _is_embedding(name: str, arrays: Mapping[str, Stored], last: FoundLayer) -> bool:
    if _bias_of(name) in arrays:
        return False
    return "emb" in name.casefold() or arrays[name].shape[1] != last.n
