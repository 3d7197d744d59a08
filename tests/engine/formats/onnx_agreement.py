"""Random networks in ONNX, run by ONNX Runtime, which computes recurrent nodes in float32 alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from engine.formats.network_files import read_network
from tests.engine.formats.comparing import BATCH, Case, Differences, T, difference
from tests.engine.formats.onnx_networks import M, network, run

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "LSTM": ("LSTM", {}),
    "LSTM with peepholes": ("LSTM", {"peepholes": True}),
    "LSTM with coupled gates": ("LSTM", {"input_forget": 1}),
    "GRU": ("GRU", {"linear_before_reset": 1}),
    "GRU of 2014": ("GRU", {}),
    "plain RNN": ("RNN", {}),
}


def _compare(kind: str, both: bool, layers: int, told: dict[str, Any], folder: Path) -> Differences:
    made = network(kind, both, layers, **told)
    path = folder / "net.onnx"
    onnx.save(made, path)
    x = np.random.default_rng(1).normal(size=(T, BATCH, M)).astype(np.float32)
    return difference(read_network(path), "rnn", x, run(made, x)), None


def cases() -> Iterator[Case]:
    """A row for each cell, direction and number of layers."""
    for cell, (kind, told) in KINDS.items():
        for both in (False, True):
            for layers in (1, 2):
                compare = partial(_compare, kind, both, layers, told)
                yield Case(".onnx", "ONNX Runtime", cell, "both" if both else "forward", layers, "no", compare)
