"""A recording of a network that was trained elsewhere: its weights, and what its gates do over a sequence.

Of its training nothing is known: neither a task nor settings beyond cell, sizes and layers. It is shown, compared and
exported as any recorded run, but cannot be resumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..cell.cell import Cell, shape_text, size_in_numbers
from ..cell.cells import CELLS
from ..errors import PlainError
from ..recording.about import MOST_INPUTS, About
from ..recording.expected import LONGEST
from ..recording.parcel import Parcel
from ..recording.writer import RecordingWriter, now, versions
from ..runs.messages import State
from ..runs.metrics import metric_names
from ..runs.snapshot import Snapshot, layer_sizes
from ..setting import ELSEWHERE
from ..settings.config import TrainingConfig, check, setting
from ..tasks.elsewhere import facts_elsewhere
from .walking import Tell, walked_gates

Array = NDArray[np.floating]
Weights = Mapping[str, Array]
_NOTHING = np.empty(0, dtype=np.float32)


class ElsewhereError(PlainError, ValueError):
    """A network that cannot be shown here; its text is one sentence that says why."""


def record_network(
    path: Path,
    name: str,
    cell: str,
    weights: Sequence[Weights],
    x: Array,
    note: str = "",
    input_names: Sequence[str] = (),
    tell: Tell = lambda _steps: None,
) -> None:
    """Write a recording of a network as it is: no training steps, and one snapshot over a sequence.

    name: what the run is called. cell: a name in CELLS. weights: of each layer, from below, by that cell's names (of an
    LSTM W_f (k, m + n) … b_o (k,), and W_hr (n, k) with a projection), columns [x, h]; of layer 2 on m is the n of the
    layer below. x: (T, m). note: where it is from, kept with the recording. input_names: of each input; x1 … without
    them. tell: hears every few time steps how many are computed, those of all layers together.

    Raises ElsewhereError and ConfigError for a network that cannot be shown, RecordingError where it cannot be written,
    and where there is such a file already.
    """
    found = checked_layers(cell, weights, x)
    snapshot = network_snapshot(cell, found, x, tell=tell)
    config = config_elsewhere(cell, found, x)
    about = About(config, metric_names(config), name=name, notes=note, started=now(), versions=versions())
    facts = facts_elsewhere(snapshot.probe.shape[1], input_names)
    writer = RecordingWriter(path, about, asdict(facts))
    try:
        writer.write(Parcel(snapshots=[snapshot]))
    except BaseException:
        writer.give_up()
        raise
    writer.close({"state": str(State.FINISHED)})


def network_snapshot(
    cell: str, weights: Sequence[Weights], x: Array, step: int = 0, tell: Tell = lambda _steps: None
) -> Snapshot:
    """Return what the views show of a network: weights, and every gate of each layer over a sequence.

    cell, weights, x: as for `record_network`, which checks them first; any float dtype. step: training steps made.
    It has no targets and no predictions.
    """
    fed = probe = np.ascontiguousarray(x, dtype=np.float32).copy()
    gates = []
    for number, layer in enumerate(weights):
        before = number * len(fed)
        gates.append(walked_gates(made_cell(cell, layer), layer, fed, partial(_after, tell, before)))
        fed = gates[-1]["h"]
    kept = tuple({name: array.astype(np.float32) for name, array in layer.items()} for layer in weights)
    return Snapshot(step, kept, tuple(gates), probe, _NOTHING, _NOTHING, _NOTHING, cell)


def _after(tell: Tell, before: int, steps: int) -> None:
    tell(before + steps)


def made_cell(cell: str, weights: Weights) -> Cell:
    """Return the declared cell of a layer; a projection is known by its weight W_hr."""
    return CELLS[cell]("W_hr" in weights, "x,h", None)


def config_elsewhere(cell: str, weights: Sequence[Weights], x: Array) -> TrainingConfig:
    """Return what is known of the settings of a network: cell, sizes and layers; for the rest stand usual values.

    cell, weights, x: as for `record_network`. Raises ConfigError for more layers or units than are shown here.
    """
    n, k = layer_sizes(made_cell(cell, weights[0]), weights[0], x.shape[1])
    length = setting("sequence_length")
    config = TrainingConfig(
        task=ELSEWHERE,
        cell=cell,
        cell_size=k,
        hidden_size=0 if n == k else n,
        layers=len(weights),
        sequence_length=int(np.clip(len(x), length.minimum, length.maximum)),  # bounds how large a snapshot can be
    )
    check(config)
    return config


def checked_layers(cell: str, weights: Sequence[Weights], x: Array) -> tuple[Weights, ...]:
    """Return the weights of each layer where they are what `record_network` expects, else raise ElsewhereError."""
    if cell not in CELLS:
        raise ElsewhereError(f"There is no cell {cell!r}; choose one of {', '.join(CELLS)}.")
    check_sequence(x)
    if not weights:
        raise ElsewhereError("The network has no layer; name the weights of at least one.")
    m = x.shape[1]
    n = k = 0
    for number, layer in enumerate(weights, 1):
        declared = made_cell(cell, layer)
        shapes = {item.name: item.shape for item in declared.parameters}
        if layer.keys() != shapes.keys():
            raise ElsewhereError(
                f"Layer {number} should have the weights {', '.join(shapes)} of a {declared.title}, but has "
                f"{', '.join(sorted(layer)) or 'none'}."
            )
        if number == 1:
            n, k = _sizes(declared, layer, m)
        sizes = {"m": m, "n": n, "k": k}
        for name, shape in shapes.items():
            if layer[name].shape != size_in_numbers(shape, sizes):
                raise ElsewhereError(
                    f"{name} of layer {number} should be {shape_text(shape)} with m = {m}, n = {n}, k = {k}, but is "
                    f"{'×'.join(map(str, layer[name].shape))}."
                )
        m = n
    return tuple(weights)


def _sizes(cell: Cell, weights: Weights, m: int) -> tuple[int, int]:
    """Return n and k of the first layer; raises ElsewhereError where its matrices leave no room for h."""
    joined = [item.name for item in cell.parameters if item.shape[-1] in ("m+n", "n+m")]
    first = weights[joined[0]]
    if first.ndim != 2 or first.shape[1] <= m:
        raise ElsewhereError(
            f"{joined[0]} of layer 1 should be a matrix with more than {m} columns: those of the {m} inputs, then "
            f"those of h; it is {'×'.join(map(str, first.shape)) or 'one number'}."
        )
    n, k = layer_sizes(cell, weights, m)
    if (n < k) != ("W_hr" in weights) or n > k:
        raise ElsewhereError(
            f"With {m} inputs, n would be {n} and k {k}: without a projection W_hr they are equal, with one n is "
            "smaller."
        )
    return n, k


def check_sequence(x: Array) -> None:
    """Raise ElsewhereError unless x is one sequence, (T, m), of finite numbers, that can be shown."""
    if x.ndim != 2 or not x.size:
        raise ElsewhereError(
            f"The sequence has the shape {'×'.join(map(str, x.shape)) or '1'}; time steps × inputs were expected, "
            "(T, m)."
        )
    if len(x) > LONGEST or x.shape[1] > MOST_INPUTS:
        raise ElsewhereError(
            f"The sequence has {len(x):,} time steps of {x.shape[1]:,} inputs; at most {LONGEST:,} of {MOST_INPUTS:,} "
            "can be shown."
        )
    if not np.isfinite(x).all():
        raise ElsewhereError("The sequence holds a number that is NaN or infinite; choose another one.")
