"""What the settings of a Keras model say of its recurrent layers, read as data: nothing of Keras is made from them.

They are JSON: a layer is {"class_name": …, "config": {…}}, a model has "layers" in its config. Weights are not named
by the layers' names but by their classes, numbered within a model: "layers/lstm_1/cell/vars/0".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

KINDS = {"LSTM": "LSTM", "LSTMCell": "LSTM", "GRU": "GRU", "GRUCell": "GRU"}
KINDS |= {"SimpleRNN": "SimpleRNN", "SimpleRNNCell": "SimpleRNN"}
_PASSING = ("Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "Masking", "Identity", "InputLayer")
"""Layers that pass numbers on as they are once a network is trained."""
_MOST_LAYERS, _DEEPEST = 5000, 16
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Gives:
    """What a layer passes on: of which recurrent layers, whether at every step, and side by side (joined)."""

    above: str
    number: int
    every_step: bool
    joined: bool


@dataclass(frozen=True)
class Wanted:
    """A recurrent layer as the settings have it, in one direction.

    name: of the layer. place: where its weights should be, without "vars". below: what it reads, None where that is no
    recurrent layer. settings: those of its cell. left_out: why it cannot be read, or "".
    """

    name: str
    kind: str
    place: str
    reverse: bool
    below: Gives | None
    settings: Settings
    left_out: str = ""


@dataclass(frozen=True)
class Linear:
    """A dense layer after a recurrent one: where its weights should be, what it reads, and what it ends in."""

    place: str
    reads: Gives
    activation: str


@dataclass
class Model:
    """What was found in a model's settings, in its order."""

    wanted: list[Wanted] = field(default_factory=list)
    linear: list[Linear] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Classes of other layers."""
    _stacks: dict[str, tuple[str, int]] = field(default_factory=dict)
    _count: int = 0


def model_of(text: str) -> Model | None:
    """Return what a model's settings say; None where they are no settings of a model."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    model = Model()
    if not isinstance(said, Mapping) or not isinstance(said.get("config"), Mapping):
        return None
    _add_all(model, said["config"], "", None, 0)
    return model


def snake(name: str) -> str:
    """Return a class's name as Keras names files by it: "SimpleRNN" as "simple_rnn"."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def activation_of(value: Any) -> str:
    """Return the name of an activation: a text, or the settings of a function."""
    if isinstance(value, Mapping):
        inner = value.get("config")
        value = inner if isinstance(inner, str) else value.get("class_name", "something of its own")
    return "linear" if value is None else str(value)[:40]


def _add_all(model: Model, config: Settings, place: str, reads: Gives | None, depth: int) -> Gives | None:
    """Add the layers of a model; return what its last one passes on."""
    layers = config.get("layers")
    counts: dict[str, int] = {}
    gives: dict[str, Gives | None] = {}
    last = reads
    for entry in layers if isinstance(layers, list) and depth < _DEEPEST else ():
        model._count += 1
        settings = entry.get("config") if isinstance(entry, Mapping) else None
        if model._count > _MOST_LAYERS or not isinstance(settings, Mapping):
            continue
        kind = str(entry.get("class_name", ""))
        file_name = _numbered(snake(kind), counts)
        sources = list(dict.fromkeys(_sources(entry.get("inbound_nodes"), 0)))
        below = gives.get(sources[0]) if len(sources) == 1 else None if sources else last
        if "inbound_nodes" in entry and not sources and kind != "InputLayer":
            below = None
        below = reads if kind == "InputLayer" else below
        last = _add(model, kind, settings, f"{place}layers/{file_name}", below, depth)
        gives[str(settings.get("name", ""))] = last
    return last


def _numbered(name: str, counts: dict[str, int]) -> str:
    counts[name] = counts.get(name, -1) + 1
    return f"{name}_{counts[name]}" if counts[name] else name


def _sources(nodes: Any, depth: int) -> Iterator[str]:
    """Yield the names of the layers that a layer reads, of Keras 3 and, as lists of [name, 0, 0], of Keras 2."""
    if depth > _DEEPEST:
        return
    if isinstance(nodes, Mapping):
        history = nodes.get("keras_history")
        if isinstance(history, list) and history:
            yield str(history[0])
        else:
            for each in nodes.values():
                yield from _sources(each, depth + 1)
    elif isinstance(nodes, list):
        if nodes and isinstance(nodes[0], str) and len(nodes) >= 3 and isinstance(nodes[1], int):
            yield nodes[0]
        else:
            for each in nodes:
                yield from _sources(each, depth + 1)


def _add(model: Model, kind: str, config: Settings, place: str, below: Gives | None, depth: int) -> Gives | None:
    """Add one layer, and return what it passes on of recurrent layers; None where it changes the numbers."""
    name = str(config.get("name", kind))[:200]
    inner = config.get("layer")
    if isinstance(config.get("layers"), list):
        return _add_all(model, config, f"{place}/", below, depth + 1)
    if kind in ("LSTM", "GRU", "SimpleRNN"):
        return _recurrent(model, kind, name, config, config, f"{place}/cell", below)
    if kind == "RNN":
        return _of_cells(model, name, config, place, below)
    if kind == "Bidirectional" and isinstance(inner, Mapping) and isinstance(inner.get("config"), Mapping):
        return _bidirectional(model, name, config, inner, place, below)
    if kind == "TimeDistributed" and isinstance(inner, Mapping) and inner.get("class_name") == "Dense":
        kind, config, place = "Dense", inner.get("config") or {}, f"{place}/layer"
    if kind == "Dense" and below is not None and isinstance(config, Mapping):
        model.linear.append(Linear(place, below, activation_of(config.get("activation"))))
        return None
    if kind in _PASSING:
        return below
    model.others.append(kind[:40])
    return None


def _recurrent(
    model: Model, kind: str, name: str, layer: Settings, cell: Settings, place: str, below: Gives | None
) -> Gives:
    reverse = bool(layer.get("go_backwards"))
    below = below if below is not None and below.every_step else None
    model.wanted.append(Wanted(name, kind, place, reverse, below, cell))
    stack, number = (below.above, below.number + 1) if below is not None else (name, 0)
    # A layer that goes backwards passes on its last step first: what reads that is no level of the same stack.
    return Gives(stack, number, bool(layer.get("return_sequences")) and not reverse, False)


def _of_cells(model: Model, name: str, config: Settings, place: str, below: Gives | None) -> Gives | None:
    cell = config.get("cell")
    settings = cell.get("config") if isinstance(cell, Mapping) else None
    if not isinstance(cell, Mapping) or not isinstance(settings, Mapping):
        return None
    cells = settings.get("cells") if cell.get("class_name") == "StackedRNNCells" else None
    if not isinstance(cells, list):
        kind = KINDS.get(str(cell.get("class_name")))
        if kind is None:
            model.others.append(str(cell.get("class_name"))[:40])
            return None
        return _recurrent(model, kind, name, config, settings, f"{place}/cell", below)
    counts: dict[str, int] = {}
    last = below
    for number, each in enumerate(cells[:_MOST_LAYERS]):
        kind = KINDS.get(str(each.get("class_name"))) if isinstance(each, Mapping) else None
        if kind is None or not isinstance(each.get("config"), Mapping):
            return None
        file_name = _numbered(snake(str(each["class_name"])), counts)
        last = _recurrent(model, kind, name, config, each["config"], f"{place}/cell/cells/{file_name}", last)
        if number < len(cells) - 1:  # each step goes through all of them, in either direction
            last = replace(last, every_step=True)
    return last


def _bidirectional(
    model: Model, name: str, config: Settings, inner: Settings, place: str, below: Gives | None
) -> Gives | None:
    forward = inner["config"]
    back = config.get("backward_layer")
    backward = back.get("config") if isinstance(back, Mapping) else None
    if not isinstance(backward, Mapping):
        backward = {**forward, "go_backwards": not forward.get("go_backwards")}
    kind, gives = str(inner.get("class_name")), None
    for part, settings in (("forward_layer", forward), ("backward_layer", backward)):
        there = f"{place}/{part}"
        if kind == "RNN":
            found = _of_cells(model, name, settings, there, below)
        elif kind in KINDS:
            found = _recurrent(model, kind, name, settings, settings, f"{there}/cell", below)
        else:
            model.others.append(kind[:40])
            return None
        gives = gives or found
    if gives is None or config.get("merge_mode", "concat") != "concat":
        return None
    return Gives(gives.above, gives.number, bool(forward.get("return_sequences")), True)
