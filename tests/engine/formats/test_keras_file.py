"""Networks of Keras of every kind: read as they are, or refused in one sentence, whatever is in the file."""

from __future__ import annotations

import io
import json
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from engine.formats.found import Found, NetworkFileError
from engine.formats.keras_store import hdf5
from engine.formats.network_files import document_of, read_network
from engine.formats.running import outputs
from tests.engine.formats.keras_networks import answer_here, folder

M, N = 3, 4
Change = Callable[[h5py.File, Path], None]


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "process" not in request.node.name:
        monkeypatch.setattr(hdf5, "answer_of", answer_here)


def of_keras(name: str) -> Found:
    return read_network(folder() / name)


def said(name: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The first sequence, (T, M), and what Keras says of it."""
    with np.load(folder() / f"{name}.npz") as arrays:
        return arrays["x"][0].astype(np.float64), arrays["single"][0]


@pytest.mark.parametrize("name", ["no bias", "of cells", "of several cells", "with dropout"])
def test_a_network_said_in_another_way_gives_the_numbers_of_keras(name: str) -> None:
    found, (x, expected) = of_keras(f"{name}.keras"), said(name)
    ours = outputs(found, "rnn", x)
    assert np.abs(ours - expected).max() < 1e-6 * np.abs(expected).max()
    assert not found.notes


def test_a_whole_model_in_the_older_form_gives_the_numbers_of_keras() -> None:
    found, (x, expected) = of_keras("lstm-both-2.h5"), said("lstm-both-2")
    ours = outputs(found, "rnn", x)
    assert np.abs(ours - expected).max() < 1e-6 * np.abs(expected).max()


def test_a_layer_that_goes_backwards_gives_its_last_step_first() -> None:
    found, (x, expected) = of_keras("backwards.keras"), said("backwards")
    assert found.layers[0].reverse
    ours = outputs(found, "rnn", x)[::-1]  # Keras leaves them in the order computed
    assert np.abs(ours - expected).max() < 1e-6 * np.abs(expected).max()


@pytest.mark.parametrize(("name", "output"), [("readout", "softmax"), ("readout each step", "sigmoid")])
def test_a_dense_layer_at_the_end_is_the_output(name: str, output: str) -> None:
    found, (x, expected) = of_keras(f"{name}.keras"), said(name)
    assert found.output == output
    document = found.document(found.layers[0], x)
    from engine.document.tracing import trace_document

    y = np.stack([step["y_t"] for step in trace_document(document).steps])
    theirs = expected if expected.ndim == 2 else expected[None]
    assert np.abs(y[-len(theirs) :] - theirs).max() < 1e-6


def test_every_cell_of_several_and_of_a_nested_model_is_found() -> None:
    cells = [(each.label, each.cell) for each in of_keras("of several cells.keras").layers]
    assert cells == [("rnn", "lstm"), ("rnn.l1", "gru-2014"), ("rnn.l2", "lstm")]
    for name in ("nested.keras", "nested.h5"):
        first, second, beside = of_keras(name).layers
        assert (second.name, second.layer) == (first.name, 1)
        assert first.own == ""
        assert second.own not in ("", first.name)  # in the stack of the first, under the name that Keras gave it
        assert of_keras(name).layer(second.own).label == second.label
        assert (beside.label, beside.cell) == ("beside", "gru")
    (own,) = of_keras("own.keras").layers
    assert own.label == "encoder"
    assert "does not say how its layers are set" in of_keras("own.keras").notes[0]


def test_halves_that_are_summed_are_no_level_of_a_stack() -> None:
    found = of_keras("summed.keras")
    assert [each.label for each in found.layers] == ["rnn", "rnn.l0_reverse", "above"]


def test_a_lambda_layer_is_never_made() -> None:
    (layer,) = of_keras("lambda.keras").layers
    assert layer.label == "rnn"


def test_where_each_weight_is_from_is_told() -> None:
    (layer,) = of_keras("gru-forward-1.keras").layers
    told = {each.name: each.source for each in layer.mapped}
    assert told["W_u"] == "layers/gru/cell/vars/0 and 1, transposed, block z of z, r, h"
    assert told["b_n"] == "layers/gru/cell/vars/2, block h of z, r, h, row 2"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hard", "its recurrent_activation is hard_sigmoid, but in a cell here it is sigmoid"),
        ("relu", "its activation is relu, but in a cell here it is tanh"),
        ("dense", "no LSTM, GRU or SimpleRNN was found in it, its layers are Dense, LayerNormalization"),
    ],
)
def test_other_networks_are_refused(name: str, words: str) -> None:
    assert words in sentence(folder() / f"{name}.keras")


# ---- files made here


def sentence(path: Path) -> str:
    with pytest.raises(NetworkFileError) as caught:
        read_network(path)
    text = str(caught.value)
    assert text.startswith(path.name)
    assert "\n" not in text
    assert text.endswith(".")
    assert len(text) < 500
    return text


def arrays(gates: int = 4, bias: tuple[int, ...] | None = None, kind: Any = np.float32) -> list[Any]:
    draw = np.random.default_rng(0)
    shapes = [(M, gates * N), (N, gates * N), bias or (gates * N,)]
    return [draw.normal(size=shape).astype(kind) for shape in shapes]


def put(file: h5py.File, place: str, values: list[Any]) -> None:
    group = file.create_group(f"{place}/vars")
    for number, array in enumerate(values):
        group[str(number)] = array


def weights_file(path: Path, change: Change | None = None, place: str = "layers/lstm/cell") -> Path:
    with h5py.File(path, "w") as file:
        put(file, place, arrays())
        if change is not None:
            change(file, path)
    return path


@pytest.mark.parametrize(
    ("values", "cell"),
    [
        (arrays(4), "lstm"),
        (arrays(3, (2, 3 * N)), "gru"),
        (arrays(3), "gru-2014"),
        (arrays(3)[:2], "gru"),
        (arrays(1), "rnn"),
        (arrays(4, kind=np.float16), "lstm"),
        (arrays(4, kind=np.float64), "lstm"),
    ],
)
def test_weights_alone_say_what_they_are_by_their_shapes(values: list[Any], cell: str, tmp_path: Path) -> None:
    path = tmp_path / "net.weights.h5"
    with h5py.File(path, "w") as file:
        put(file, "layers/some/cell", values)
    found = read_network(path)
    (layer,) = found.layers
    assert (layer.cell, layer.m, layer.n, layer.name) == (cell, M, N, "some")
    assert "activations are taken to be tanh and sigmoid" in found.notes[0]
    kernel = next(iter(layer.weights.values()))[:, :M]
    np.testing.assert_array_equal(kernel, values[0].T[:N])
    assert kernel.dtype == (np.float64 if values[0].dtype == np.float64 else np.float32)
    document_of(found, layer)


def test_hdf5_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    (layer,) = read_network(weights_file(tmp_path / "net.h5")).layers
    np.testing.assert_array_equal(layer.weights["W_i"][:, :M], arrays()[0].T[:N])
    assert "no HDF5 file" in sentence(zipped(tmp_path / "net.keras", model__weights__h5=b"none"))


def test_bfloat16_is_read(tmp_path: Path) -> None:
    """Keras stores it as two bytes without a meaning, and says beside them what they are."""
    path, upper = tmp_path / "net.weights.h5", []
    with h5py.File(path, "w") as file:
        for number, array in enumerate(arrays()):
            upper.append((array.view(np.uint32) >> 16).astype(np.uint16))
            dataset = file.create_dataset(f"layers/lstm/cell/vars/{number}", data=upper[-1].view("V2"))
            dataset.attrs["dtype"] = "bfloat16"
    (layer,) = read_network(path).layers
    np.testing.assert_array_equal(
        layer.weights["W_i"][:, :M], (upper[0].astype(np.uint32) << 16).view(np.float32).T[:N]
    )


def test_files_of_earlier_versions_are_read(tmp_path: Path) -> None:
    path = weights_file(tmp_path / "a.weights.h5", place="_layer_checkpoint_dependencies/lstm/cell")
    assert read_network(path).layers[0].cell == "lstm"
    path = tmp_path / "b.h5"
    with h5py.File(path, "w") as file:
        for name, array in zip(("kernel:0", "recurrent_kernel:0", "bias:0"), arrays(), strict=True):
            file[f"model_weights/enc/enc/lstm_cell/{name}"] = array
    (layer,) = read_network(path).layers
    assert (layer.cell, layer.name) == ("lstm", "enc")


def linked_softly(file: h5py.File, _path: Path) -> None:
    file["layers/other"] = h5py.SoftLink("/layers/lstm")


def linked_outside(file: h5py.File, path: Path) -> None:
    with h5py.File(path.with_name("secret.h5"), "w") as other:
        other["numbers"] = np.ones(3)
    file["layers/lstm/cell/vars/2x"] = h5py.ExternalLink("secret.h5", "/numbers")


def numbers_outside(file: h5py.File, path: Path) -> None:
    path.with_name("secret.bin").write_bytes(bytes(4 * M * 4 * N))
    del file["layers/lstm/cell/vars/0"]
    external = [(str(path.with_name("secret.bin")), 0, h5py.h5f.UNLIMITED)]
    file.create_dataset("layers/lstm/cell/vars/0", (M, 4 * N), "<f4", external=external)


def virtual(file: h5py.File, path: Path) -> None:
    layout = h5py.VirtualLayout((M, 4 * N), "<f4")
    layout[:] = h5py.VirtualSource(str(path.with_name("secret.h5")), "numbers", (M, 4 * N))
    del file["layers/lstm/cell/vars/0"]
    file.create_virtual_dataset("layers/lstm/cell/vars/0", layout)


def compressed(file: h5py.File, _path: Path) -> None:
    """A gigabyte of zeros in a few kilobytes."""
    del file["layers/lstm/cell/vars/0"]
    file.create_dataset("layers/lstm/cell/vars/0", (2**14, 2**14), "<f4", chunks=(2**12, 2**12), compression="gzip")


def without_numbers(file: h5py.File, _path: Path) -> None:
    del file["layers/lstm/cell/vars/0"]
    file.create_dataset("layers/lstm/cell/vars/0", (2**20, 4 * N), "<f4", chunks=(2**10, 4 * N))


def never_written(file: h5py.File, _path: Path) -> None:
    del file["layers/lstm/cell/vars/0"]
    file.create_dataset("layers/lstm/cell/vars/0", (2**30, 4 * N), "<f4")


def in_a_circle(file: h5py.File, _path: Path) -> None:
    file["layers/lstm/again"] = file["layers"]


def whole_numbers(file: h5py.File, _path: Path) -> None:
    del file["layers/lstm/cell/vars/0"]
    file["layers/lstm/cell/vars/0"] = np.ones((M, 4 * N), np.int8)


def texts(file: h5py.File, _path: Path) -> None:
    del file["layers/lstm/cell/vars/0"]
    file["layers/lstm/cell/vars/0"] = [[b"some text"] * 4 * N] * M


def of_nan(file: h5py.File, _path: Path) -> None:
    file["layers/lstm/cell/vars/1"][0, 0] = np.nan


def other_bias(file: h5py.File, _path: Path) -> None:
    del file["layers/lstm/cell/vars/2"]
    file["layers/lstm/cell/vars/2"] = np.ones(3, np.float32)


def nothing(file: h5py.File, _path: Path) -> None:
    del file["layers"]


BAD: list[tuple[Change, str]] = [
    (linked_softly, "layers/other is a link to another place or file"),
    (linked_outside, "layers/lstm/cell/vars/2x is a link to another place or file"),
    (numbers_outside, "has its numbers in another file"),
    (virtual, "has its numbers in another file"),
    (compressed, "is compressed"),
    (without_numbers, "are not all there"),
    (never_written, "are not all there"),
    (in_a_circle, "leads back into itself"),
    (whole_numbers, "stored as int8, as quantised weights are"),
    (texts, "layers/lstm/cell/vars/0 is stored as"),
    (of_nan, "NaN"),
    (other_bias, "its bias 4·n"),
    (nothing, "it has no arrays at all"),
]


@pytest.mark.parametrize(("change", "words"), BAD, ids=lambda value: getattr(value, "__name__", ""))
def test_what_cannot_be_read_is_said_in_one_sentence(change: Change, words: str, tmp_path: Path) -> None:
    path = weights_file(tmp_path / "net.weights.h5", change)
    tracemalloc.start()
    try:
        assert words in sentence(path)
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data", [b"", b"not HDF5 but some text", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(5000)]
)
def test_a_file_that_is_none_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.h5"
    path.write_bytes(data)
    assert any(words in sentence(path) for words in ("no file of Keras", "no HDF5 file", "it is empty"))


def test_two_gigabytes_of_zeros_are_refused_at_once(tmp_path: Path) -> None:
    for name in ("zeros.keras", "zeros.weights.h5"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2 * 10**9)
        assert "neither HDF5 nor a zip" in sentence(tmp_path / name)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    data = weights_file(tmp_path / "whole.h5").read_bytes()
    for share in (0.1, 0.5, 0.9, 0.999):
        (tmp_path / "net.h5").write_bytes(data[: int(share * len(data))])
        sentence(tmp_path / "net.h5")


@pytest.mark.parametrize(
    ("program", "words"),
    [("while True: pass", "did not finish reading it within 0.5 s"), ("1 / 0", "ended with an error")],
)
def test_a_process_that_hangs_or_ends_is_given_up(
    program: str, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "library.py").write_text(program)
    monkeypatch.setattr(hdf5, "_LIBRARY", tmp_path / "library.py")
    monkeypatch.setattr(hdf5, "LONGEST_S", 0.5)
    assert words in sentence(weights_file(tmp_path / "net.h5"))


def zipped(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "."), data)
    return path


def weights() -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as made:
        put(made, "layers/lstm/cell", arrays())
    return file.getvalue()


def settings(**told: Any) -> bytes:
    layer = {"class_name": "LSTM", "config": {"name": "rnn", "units": N, **told}}
    return json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}}).encode()


def test_a_zip_that_unpacks_to_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = bytes(100 * 2**20)
    first = zipped(tmp_path / "a.keras", config__json=settings(), model__weights__h5=bomb)
    second = zipped(tmp_path / "b.keras", config__json=bomb, model__weights__h5=weights())
    tracemalloc.start()
    try:
        assert "model.weights.h5 in it has 104,857,600 bytes" in sentence(first)
        assert "config.json in it has 104,857,600 bytes" in sentence(second)
        assert tracemalloc.get_traced_memory()[1] < 32 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"units": 7}, "of n = 7 units"),
        ({"units": "many"}, "of n = many units"),
        ({"activation": {"class_name": "function", "config": "mine"}}, "its activation is mine"),
        ({"activation": None}, "its activation is linear"),
    ],
)
def test_settings_that_do_not_fit_are_refused(told: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "net.keras", config__json=settings(**told), model__weights__h5=weights())
    assert words in sentence(path)


@pytest.mark.parametrize(
    "said",
    [b"", b"{", b"[" * 100_000, b"null", b'{"config": 3}', b'{"config": {"layers": [{"config": {"layers": 1}}, 2]}}'],
)
def test_settings_that_say_nothing_leave_the_weights_alone(said: bytes, tmp_path: Path) -> None:
    found = read_network(zipped(tmp_path / "net.keras", config__json=said, model__weights__h5=weights()))
    assert [each.name for each in found.layers] == ["lstm"]
    assert "does not say how its layers are set" in found.notes[0]


def test_a_zip_without_weights_is_refused(tmp_path: Path) -> None:
    assert "it has no model.weights.h5 in it" in sentence(zipped(tmp_path / "net.keras", config__json=settings()))
    path = zipped(tmp_path / "other.keras", config__json=settings(), model__weights__h5=b"no HDF5")
    assert "no file of Keras" in sentence(path) or "no HDF5 file" in sentence(path)


def test_weights_that_are_not_there_are_said_to_be_missing(tmp_path: Path) -> None:
    said = json.loads(settings())
    said["config"]["layers"] *= 2
    path = zipped(tmp_path / "net.keras", config__json=json.dumps(said).encode(), model__weights__h5=weights())
    found = read_network(path)
    assert len(found.layers) == 1
    assert "its weights are not in the file" in found.notes[0]


def test_without_the_package_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = weights_file(tmp_path / "net.h5")
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert "pip install 'lstm-visualizer[keras]'" in sentence(path)
