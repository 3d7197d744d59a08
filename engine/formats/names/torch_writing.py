"""Gives the weights of a network torch's names and layout, so that `load_state_dict(strict=True)` takes them.

A network of one stack alone has the names of `nn.LSTM`, `nn.GRU` or `nn.RNN` itself ("weight_ih_l0"). With a readout,
or in a larger network, the name of the stack stands before them: "lstm.weight_ih_l0", "readout.weight".
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...cell.torch_layout import FUSED, PLACES
from ...text.listed import listed
from ..found import Array, Found, FoundLayer, NetworkFileError

Kind = type[np.float32] | type[np.float64]
READOUT = "readout"
"""The name of the linear layer after the last h."""


def torch_arrays(found: Found) -> tuple[dict[str, Array], list[str]]:
    """Return the arrays of a state_dict, in float32 if no digit is lost so, else in float64, and notes on the rest.

    The cell has one bias where torch has two that add up: the second takes what the first cannot hold in float32.
    Raises NetworkFileError for a cell that torch has no module for.
    """
    arrays: dict[str, Array] = {}
    alone = len({layer.name for layer in found.layers}) == 1 and found.readout is None
    exact = all(_survives(layer) for layer in found.layers) and all(map(_is_float32, found.readout or ()))
    kind: Kind = np.float32 if exact else np.float64
    for layer in found.layers:
        end = f"_l{layer.layer}{'_reverse' if layer.reverse else ''}"
        prefix = "" if alone and not _has_name(layer) else f"{layer.name or layer.cell}."
        arrays |= {f"{prefix}{part}{end}": array for part, array in _parts(layer, kind).items()}
    if found.readout is not None:
        W, b = found.readout
        arrays |= {f"{READOUT}.weight": W.astype(kind), f"{READOUT}.bias": b.astype(kind)}
    notes = [] if exact else ["Written in double precision (float64), because single would lose digits"]
    if found.readout is not None and found.output != "identity":
        notes.append(f"Left out: the {found.output} after the readout, which a network has in its code")
    left = [name for name, given in _beside(found) if given]
    if left:
        notes.append(f"Left out: {listed(left)}; such a file holds weights alone")
    return arrays, notes


def _beside(found: Found) -> Iterable[tuple[str, bool]]:
    states = [name for layer in found.layers for name, array in layer.initial.items() if array.any()]
    return (("the sequence x", found.x is not None), *((name, True) for name in dict.fromkeys(states)))


def _has_name(layer: FoundLayer) -> bool:
    return layer.name not in ("", layer.cell)


def _parts(layer: FoundLayer, kind: Kind) -> dict[str, Array]:
    """Return one layer's arrays by torch's short names, in torch's order."""
    if layer.cell not in FUSED:
        raise NetworkFileError(
            f"torch has no module for {_article(layer.declared.title)}, only for LSTM, GRU and plain RNN; write an "
            ".npz instead, which has the weights by name."
        )
    places = {name: place for name, place in PLACES[layer.cell].items() if name in layer.weights}
    height = layer.n if layer.cell != "lstm" else layer.k
    rows = height * (1 + max(place.number for place in places.values()))
    parts = {
        "weight_ih": np.zeros((rows, layer.m), kind),
        "weight_hh": np.zeros((rows, layer.n), kind),
        "bias_ih": np.zeros(rows, kind),
        "bias_hh": np.zeros(rows, kind),
    }
    if "W_hr" in layer.weights:
        parts["weight_hr"] = layer.weights["W_hr"].astype(kind)
    for name, place in places.items():
        where, weight = slice(place.number * height, (place.number + 1) * height), layer.weights[name]
        if place.adds:
            first, second = place.torch_names
            parts[first][where] = weight
            parts[second][where] = weight - parts[first][where]
        elif name != "W_hr":
            first_columns = layer.m
            pieces = [weight] if len(place.torch_names) == 1 else np.split(weight, [first_columns], axis=1)
            for torch_name, piece in zip(place.torch_names, pieces, strict=True):
                parts[torch_name][where] = piece
    return parts


def _article(title: str) -> str:
    return f"{'an' if title[0] in 'AEIOUL' else 'a'} {title}"


def _is_float32(array: Array) -> bool:
    with np.errstate(over="ignore", under="ignore"):
        return bool((array.astype(np.float32) == array).all())


def _survives(layer: FoundLayer) -> bool:
    """Return whether float32 holds every number of a layer, a bias in two parts."""
    adds = {name for name, place in PLACES.get(layer.cell, {}).items() if place.adds}
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        rests = [array - array.astype(np.float32) for name, array in layer.weights.items() if name in adds]
    return all(map(_is_float32, [*rests, *(layer.weights[name] for name in layer.weights if name not in adds)]))
