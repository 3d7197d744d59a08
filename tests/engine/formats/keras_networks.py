"""Random networks of Keras, and what Keras says of a sequence: made by a child process, because Keras loads for long.

python -m tests.engine.formats.keras_networks FOLDER
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.formats.keras_store import library

M, N, T, BATCH = 5, 8, 50, 3
CELLS: dict[str, tuple[str, dict[str, Any]]] = {
    "LSTM": ("LSTM", {}),
    "GRU": ("GRU", {"reset_after": True}),
    "GRU of 2014": ("GRU", {"reset_after": False}),
    "plain RNN": ("SimpleRNN", {}),
}


IN_DOUBLE = ("LSTM", "GRU")
"""Cells that Keras leaves to torch's kernels; its own matmul on torch gives float32, whatever it is given."""


def key(cell: str, both: bool, layers: int) -> str:
    """The name of a network's files."""
    return f"{cell.lower().replace(' ', '-')}-{'both' if both else 'forward'}-{layers}"


@cache
def folder() -> Path:
    """Return a folder with all networks as files, each with what Keras says in NAME.npz: x, single and double."""
    made = Path(tempfile.mkdtemp(prefix="keras-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    environment = {**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1", "KERAS_HOME": str(made / "home")}
    command = [sys.executable, "-W", "ignore", "-m", "tests.engine.formats.keras_networks", str(made)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return made


def answer_here(data: bytes) -> bytes:
    """What `keras_store.library` says of a file that does not make it hang, without the half second of a process."""
    said, parts = library.told(data)
    return json.dumps(said).encode() + b"\n" + b"".join(parts)


def _save(path: Path, made: Any, x: np.ndarray[Any, Any], weights: bool = False, in_double: bool = False) -> None:
    """Save a model, and what it says of x in its own precision and, if asked for, in double."""
    import keras

    draw = np.random.default_rng(0)
    made.set_weights([draw.uniform(-0.5, 0.5, each.shape) for each in made.get_weights()])
    made.save(path.with_suffix(".keras"))
    if weights:
        made.save_weights(f"{path}.weights.h5")
    if path.name == "lstm-both-2":
        made.save(f"{path}.h5")
    single = keras.ops.convert_to_numpy(made(x))
    if not in_double:
        np.savez(path, x=x, single=single)
        return
    keras.config.set_dtype_policy("float64")
    double = keras.models.clone_model(made, clone_function=_in_double)
    double.set_weights([each.astype(np.float64) for each in made.get_weights()])
    exact = keras.ops.convert_to_numpy(double(x.astype(np.float64)))
    keras.config.set_dtype_policy("float32")
    np.savez(path, x=x, single=single, double=exact)


def _in_double(layer: Any) -> Any:
    config = layer.get_config()

    def changed(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: "float64" if name == "dtype" else changed(each) for name, each in part.items()}
        return [changed(each) for each in part] if isinstance(part, list) else part

    return type(layer).from_config(changed(config))


def _variants() -> Iterator[tuple[str, list[Any]]]:
    """Networks that say the same in other ways, and those that are refused."""
    from keras import layers

    def lstm(**told: Any) -> Any:
        return layers.LSTM(N, return_sequences=True, **told)

    yield "no bias", [layers.GRU(N, return_sequences=True, use_bias=False, name="rnn")]
    yield "backwards", [layers.LSTM(N, return_sequences=True, go_backwards=True, name="rnn")]
    yield "of cells", [layers.RNN(layers.LSTMCell(N), return_sequences=True, name="rnn")]
    cells = [layers.LSTMCell(N), layers.GRUCell(N - 2, reset_after=False), layers.LSTMCell(N)]
    yield "of several cells", [layers.RNN(cells, return_sequences=True, name="rnn")]
    yield "with dropout", [lstm(name="rnn", dropout=0.1), layers.Dropout(0.1), layers.GRU(N, return_sequences=True)]
    yield "summed", [layers.Bidirectional(lstm(), merge_mode="sum", name="rnn"), lstm(name="above")]
    yield "readout", [layers.LSTM(N, name="rnn"), layers.Dense(2, activation="softmax", name="out")]
    yield "readout each step", [lstm(name="rnn"), layers.TimeDistributed(layers.Dense(2, activation="sigmoid"))]
    yield "hard", [lstm(name="rnn", recurrent_activation="hard_sigmoid")]
    yield "relu", [layers.SimpleRNN(N, activation="relu", return_sequences=True, name="rnn")]
    yield "dense", [layers.Dense(3), layers.LayerNormalization()]


def _make(there: Path) -> None:
    import keras
    from keras import layers

    draw = np.random.default_rng(1)
    x = draw.normal(size=(BATCH, T, M)).astype(np.float32)
    kinds = {"LSTM": layers.LSTM, "GRU": layers.GRU, "SimpleRNN": layers.SimpleRNN}
    for cell, (kind, told) in CELLS.items():
        for both in (False, True):
            for count in (1, 2):
                stack = [keras.Input((None, M))]
                for number in range(count):
                    name = f"rnn_{number}" if number else "rnn"
                    layer = kinds[kind](N, return_sequences=True, **({} if both else {"name": name}), **told)
                    stack.append(layers.Bidirectional(layer, name=name) if both else layer)
                _save(
                    there / key(cell, both, count),
                    keras.Sequential(stack),
                    x,
                    weights=True,
                    in_double=cell in IN_DOUBLE,
                )
    for name, stack in _variants():
        _save(there / name, keras.Sequential([keras.Input((None, M)), *stack]), x)
    inner = keras.Sequential([layers.LSTM(N, return_sequences=True), layers.LSTM(N, return_sequences=True)], name="enc")
    given = keras.Input((None, M))
    beside = layers.GRU(N, name="beside")(given)
    outer = keras.Model(given, [inner(given), beside])
    outer.save(there / "nested.keras")
    outer.save(there / "nested.h5")

    class Own(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = layers.LSTM(N, name="encoder")
            self.out = layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.out(self.encoder(x))

    own = Own()
    own(x)
    own.save(there / "own.keras")
    code = keras.Sequential([keras.Input((None, M)), layers.Lambda(lambda v: v * 2), layers.LSTM(N, name="rnn")])
    code.save(there / "lambda.keras")


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
