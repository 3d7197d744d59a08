"""This program's own documents and recordings, as the networks that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..cell.cells import CELLS
from ..document.document import OUTPUT_WEIGHTS, Document
from ..recording.checkpoint import part
from ..recording.recording import Recording
from ..runs.snapshot import Snapshot, layer_sizes
from .found import Array, Found, FoundLayer, NetworkFileError

_READOUT = ("W_out", "b_out")
_IN_CHECKPOINT = ("readout.weight", "readout.bias")


def network_of(shown: Document | Snapshot) -> Found:
    """Return a document, or one moment of a run, as a network."""
    return network_of_document(shown) if isinstance(shown, Document) else network_of_snapshot(shown)


def network_of_document(document: Document) -> Found:
    """Return a document's cell as a network of one layer, its output as the readout, with x and the first state."""
    turned = document.with_order("x,h")
    weights = {name: array for name, array in turned.weights.items() if name not in OUTPUT_WEIGHTS}
    initial = {"h0": document.h0, **({"c0": document.c0} if document.cell.has_state else {})}
    sizes = document.m, document.n, document.k
    layer = FoundLayer("", document.cell_name, *sizes, weights, order=document.order, initial=initial)
    readout = (turned.weights["W_y"], turned.weights["b_y"]) if document.has_output else None
    notes = ("Its gates are not drawn at random in what is written",) if document.sampled is not None else ()
    return Found("a document", (layer,), notes, readout, document.output, document.x)


def network_of_snapshot(snapshot: Snapshot, readout: Mapping[str, Array] | None = None) -> Found:
    """Return the network of one training step: its layers, its readout where that is known, the probe sequence as x.

    readout: W_out (outputs, n) and b_out (outputs,) where the snapshot itself has none.
    """
    layers = []
    m = snapshot.probe.shape[1]
    for number, weights in enumerate(snapshot.weights):
        cell = CELLS[snapshot.cell]("W_hr" in weights, "x,h", None)
        n, k = layer_sizes(cell, weights, m)
        layers.append(FoundLayer("", snapshot.cell, m, n, k, weights, number))
        m = n
    pair = _pair(snapshot.readout or readout or {}, m)
    notes = [f"Weights after training step {snapshot.step:,}"]
    if pair is None:
        notes.append("Left out: the readout, which this recording has only in its checkpoints")
    return Found("a recorded run", tuple(layers), tuple(notes), pair, x=snapshot.probe)


def _pair(readout: Mapping[str, Array], n: int) -> tuple[Array, Array] | None:
    """Return W_out and b_out if both are there and read n numbers."""
    W, b = (readout.get(name) for name in _READOUT)
    fits = W is not None and b is not None and W.ndim == 2 and W.shape[1] == n and b.shape == W.shape[:1]
    return (W, b) if fits and W is not None and b is not None else None


def network_of_recording(path: Path, step: int | None = None) -> Found:
    """Return the network of a recorded run as it was at the snapshot nearest to a training step, or at the last one.

    Raises RecordingError for a file that cannot be read, NetworkFileError where there is no snapshot.
    """
    with Recording(path) as recording:
        steps = recording.steps_of("snapshots")
        if not steps:
            raise NetworkFileError(f"{path.name}: nothing was recorded of the network yet; wait for its first step.")
        snapshot = recording.snapshot(steps[-1] if step is None else step)
        if snapshot is None:
            raise NetworkFileError(f"{path.name}: it has no snapshot any more; choose another recording.")
        readout: Mapping[str, Array] = {}
        checkpoint = None if snapshot.readout else recording.checkpoint(snapshot.step)
        if checkpoint is not None and checkpoint.step == snapshot.step:
            network = part(checkpoint.arrays, "network")
            readout = {
                ours: network[name] for ours, name in zip(_READOUT, _IN_CHECKPOINT, strict=True) if name in network
            }
    return network_of_snapshot(snapshot, readout)
