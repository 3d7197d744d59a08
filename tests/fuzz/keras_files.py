"""Files as Keras writes them, to begin from; made without Keras, which loads for long."""

from __future__ import annotations

import io
import json
import os
import signal
import warnings
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from engine.formats.found import NetworkFileError
from engine.formats.keras_store import hdf5, library
from tests.fuzz import networks

_N, _M = 3, 2
_LONGEST_S = 1


def read(path: Path) -> None:
    """Read a network; what reads HDF5 runs in a fork of this process, which begins in an instant."""
    with mock.patch.object(hdf5, "answer_of", _forked):
        networks.read(path)


def _forked(data: bytes) -> bytes:
    import h5py  # noqa: F401, before the fork

    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads of other readers' libraries, which it does not use
        child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process even within the library
        signal.alarm(_LONGEST_S)
        said, parts = library.told(data)
        with os.fdopen(writing, "wb") as file:
            file.write(json.dumps(said).encode() + b"\n" + b"".join(parts))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        answer = file.read()
    if os.waitpid(child, 0)[1]:
        raise NetworkFileError("HDF5 did not read it; get a new copy.")
    return answer


def weights() -> list[bytes]:
    """Arrays of every cell by the names of Keras 3, and one file in the form that it had before."""
    import h5py

    draw = np.random.default_rng(0)
    old, new = io.BytesIO(), io.BytesIO()
    with h5py.File(new, "w") as file:
        for name, gates, bias in (
            ("lstm", 4, (4 * _N,)),
            ("lstm_1", 4, (4 * _N,)),
            ("bidirectional/forward_layer", 3, (2, 3 * _N)),
            ("bidirectional/backward_layer", 3, (2, 3 * _N)),
            ("rnn", 1, None),
        ):
            m = _M if name == "lstm" else _N
            for number, shape in enumerate(((m, gates * _N), (_N, gates * _N), bias)):
                if shape is not None:
                    file[f"layers/{name}/cell/vars/{number}"] = draw.normal(size=shape).astype(np.float32)
            file[f"layers/{name}/cell/vars"].attrs["name"] = "cell"
            file.create_group(f"layers/{name}/vars").attrs["name"] = f"my_{name}"
        file["layers/dense/vars/0"] = draw.normal(size=(_N, 2))
        file["layers/dense/vars/1"] = draw.normal(size=2)
    with h5py.File(old, "w") as file:
        for name, size in (("kernel:0", _M), ("recurrent_kernel:0", _N)):
            file[f"model_weights/lstm/lstm/lstm_cell/{name}"] = draw.normal(size=(size, 4 * _N))
        file.attrs["model_config"] = json.dumps(_settings())
    return [new.getvalue(), old.getvalue()]


def models() -> list[bytes]:
    """A whole model in a zip, packed and not."""
    made = []
    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", kind) as archive:
            archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
            archive.writestr("config.json", json.dumps(_settings()))
            archive.writestr("model.weights.h5", weights()[0])
        made.append(file.getvalue())
    return made


def _settings() -> dict[str, Any]:
    def layer(kind: str, name: str, **told: Any) -> dict[str, Any]:
        return {"class_name": kind, "config": {"name": name, "units": _N, "return_sequences": True, **told}}

    both = {"layer": layer("GRU", "forward_gru"), "backward_layer": layer("GRU", "backward_gru", go_backwards=True)}
    cell = {"class_name": "SimpleRNNCell", "config": {"units": _N}}
    layers = [
        layer("InputLayer", "input"),
        layer("LSTM", "my_lstm"),
        layer("LSTM", "my_lstm_1"),
        layer("Bidirectional", "my_bidirectional", **both),
        layer("RNN", "my_rnn", cell=cell, go_backwards=False),
        layer("Dense", "dense", activation="softmax"),
    ]
    for above, below in zip(layers[1:], layers[:-1], strict=True):
        history = {"class_name": "__keras_tensor__", "config": {"keras_history": [below["config"]["name"], 0, 0]}}
        above["inbound_nodes"] = [{"args": [history], "kwargs": {}}]
    return {"class_name": "Functional", "config": {"name": "net", "layers": layers}}
