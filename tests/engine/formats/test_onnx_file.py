"""ONNX models of every kind: read as they are, or refused in one sentence, whatever is in the file."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.reference
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.formats.found import Found, NetworkFileError
from engine.formats.network_files import read_network
from engine.formats.running import outputs
from tests.engine.formats.onnx_networks import M, N, model, network, node, run, weights

Make = Callable[[], onnx.ModelProto]


def saved(made: onnx.ModelProto, folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def read(made: onnx.ModelProto, folder: Path) -> Found:
    return read_network(saved(made, folder))


def single(**told: Any) -> onnx.ModelProto:
    """One forward LSTM."""
    found = weights("LSTM", False, M, N)
    return model([node("LSTM", {name: name for name in found}, hidden_size=N, **told)], found)


def sequence(steps: int = 6, batch: int = 1) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(4).normal(size=(steps, batch, M)).astype(np.float32)


def agrees(found: Found, made: onnx.ModelProto, enough: float = 1e-6) -> None:
    x = sequence()
    expected = run(made, x).reshape(6, -1)
    ours = outputs(found, found.layers[0].name, x[:, 0].astype(np.float64))
    assert np.abs(ours - expected).max() <= enough * np.abs(expected).max()


def refused(made: onnx.ModelProto | bytes, folder: Path) -> str:
    path = folder / "net.onnx"
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    return sentence(path)


def sentence(path: Path) -> str:
    with pytest.raises(NetworkFileError) as caught:
        read_network(path)
    text = str(caught.value)
    assert text.startswith(path.name)
    assert "\n" not in text
    assert text.endswith(".")
    assert len(text) < 500
    return text


def test_a_layer_is_told_with_its_sizes_and_where_each_weight_is_from(tmp_path: Path) -> None:
    found = read(single(), tmp_path)
    (layer,) = found.layers
    assert (layer.label, layer.cell, layer.m, layer.n, layer.k, layer.order) == ("LSTM", "lstm", M, N, N, "x,h")
    assert layer.parameters == 4 * N * (M + N + 1)
    assert {each.name: each.source for each in layer.mapped}["W_f"] == "W (W) and R (R), block f of i, o, f, c"
    assert {each.name: each.source for each in layer.mapped}["b_C"] == "B (B), block c of i, o, f, c, both biases added"


def without_bias() -> onnx.ModelProto:
    made = single()
    del made.graph.node[0].input[3]
    return made


def constant_nodes() -> onnx.ModelProto:
    made = single()
    constants = [helper.make_node("Constant", [], [each.name], value=each) for each in made.graph.initializer]
    nodes = [*constants, *made.graph.node]
    return model(nodes, {})


def typed_fields() -> onnx.ModelProto:
    made = single()
    for tensor in made.graph.initializer:
        numbers = numpy_helper.to_array(tensor).reshape(-1)
        tensor.ClearField("raw_data")
        tensor.float_data.extend(numbers.tolist())
    return made


def put_together() -> onnx.ModelProto:
    """As exporters do that fold nothing: blocks of each gate, slices, transposed and cast."""
    found = weights("LSTM", False, M, N)
    blocks = np.split(found["W"][0], 4)
    constants: dict[str, Any] = {f"W_{number}": block for number, block in enumerate(blocks)}
    constants |= {
        "R_turned": found["R"][0].T.astype(np.float64),
        "B_long": np.tile(found["B"], 3),
        "none": np.array([0]),
    }
    constants |= {"from": np.array([0]), "to": np.array([8 * N]), "axis": np.array([1])}
    constants |= {"shape": np.array([1, -1, N])}
    nodes = [
        helper.make_node("Concat", [f"W_{number}" for number in range(4)], ["W_flat"], axis=0),
        helper.make_node("Unsqueeze", ["W_flat", "none"], ["W"]),
        helper.make_node("Transpose", ["R_turned"], ["R_flat"], perm=[1, 0]),
        helper.make_node("Cast", ["R_flat"], ["R_single"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["R_single", "shape"], ["R"]),
        helper.make_node("Slice", ["B_long", "from", "to", "axis"], ["B_cut"]),
        helper.make_node("Identity", ["B_cut"], ["B"]),
        node("LSTM", {"W": "W", "R": "R", "B": "B"}, hidden_size=N),
    ]
    return model(nodes, constants)


def dequantised() -> onnx.ModelProto:
    found = weights("GRU", False, M, N)
    whole = np.random.default_rng(0).integers(-127, 127, found["W"].shape).astype(np.int8)
    constants = {**found, "W8": whole, "scale": np.float32(0.01) * np.ones(1, np.float32), "zero": np.ones(1, np.int8)}
    del constants["W"]
    nodes = [
        helper.make_node("DequantizeLinear", ["W8", "scale", "zero"], ["W"]),
        node("GRU", {name: name for name in "WRB"}, hidden_size=N),
    ]
    return model(nodes, constants)


def reverse() -> onnx.ModelProto:
    return network("GRU", direction="reverse")


def first_states() -> onnx.ModelProto:
    found = weights("LSTM", True, M, N)
    draw = np.random.default_rng(2)
    found |= {name: draw.normal(size=(2, 1, N)).astype(np.float32) for name in ("initial_h", "initial_c")}
    told = {"hidden_size": N, "direction": "bidirectional", "layout": 0}
    turned = helper.make_node("Transpose", ["Y"], ["h"], perm=[0, 2, 1, 3])
    return model([node("LSTM", {name: name for name in found}, **told), turned], found, "h")


GOOD: list[Make] = [
    without_bias,
    constant_nodes,
    typed_fields,
    put_together,
    dequantised,
    reverse,
    first_states,
]


@pytest.mark.parametrize("make", GOOD, ids=lambda make: make.__name__)
def test_a_model_gives_the_numbers_of_onnx_runtime(make: Make, tmp_path: Path) -> None:
    made = make()
    agrees(read(made, tmp_path), made)


@pytest.mark.parametrize("kind", [np.float16, np.float64, "bfloat16"])
def test_other_precisions_are_read(kind: Any, tmp_path: Path) -> None:
    made = single()
    expected = {}
    for tensor in made.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if kind == "bfloat16":
            upper = (array.view(np.uint32) >> 16).astype(np.uint16)
            expected[tensor.name] = (upper.astype(np.uint32) << 16).view(np.float32)
            if tensor.name == "B":  # typed fields hold the bits as whole numbers
                tensor.ClearField("raw_data")
                tensor.int32_data.extend(upper.reshape(-1).tolist())
            else:
                tensor.raw_data = upper.tobytes()
            tensor.data_type = TensorProto.BFLOAT16
        else:
            expected[tensor.name] = array.astype(kind)
            tensor.CopyFrom(numpy_helper.from_array(expected[tensor.name], tensor.name))
    (layer,) = read(made, tmp_path).layers
    assert layer.weights["W_i"].dtype == (np.float64 if kind == np.float64 else np.float32)
    np.testing.assert_array_equal(layer.weights["W_i"][:, :M], expected["W"][0, :N])
    np.testing.assert_array_equal(
        layer.weights["b_i"], (expected["B"].astype(np.float64)[0, :N] + expected["B"][0, 4 * N : 5 * N])
    )


def test_batches_first_are_read_with_the_numbers_of_onnxs_own_reference(tmp_path: Path) -> None:
    """ONNX Runtime refuses layout 1."""
    found = weights("LSTM", False, M, N, peepholes=True)
    found["initial_h"] = np.random.default_rng(2).normal(size=(1, 1, N)).astype(np.float32)
    names = {name: name for name in found}
    made = model([node("LSTM", names, hidden_size=N, layout=1)], found, batch_first=True)
    x = sequence()
    (y, *_rest) = onnx.reference.ReferenceEvaluator(made).run(None, {"x": x.swapaxes(0, 1)})
    read_ = read(made, tmp_path)
    assert read_.layers[0].cell == "peephole"
    ours = outputs(read_, "LSTM", x[:, 0].astype(np.float64))
    assert np.abs(ours - y.reshape(6, N)).max() < 1e-6


def test_a_missing_hidden_size_is_seen_from_the_weights(tmp_path: Path) -> None:
    made = single()
    del made.graph.node[0].attribute[:]
    assert read(made, tmp_path).layers[0].n == N


def test_peepholes_of_nothing_but_zeros_are_none(tmp_path: Path) -> None:
    found = weights("LSTM", False, M, N) | {"P": np.zeros((1, 3 * N), np.float32)}
    made = model([node("LSTM", {name: name for name in found}, hidden_size=N)], found)
    assert read(made, tmp_path).layers[0].cell == "lstm"


def test_first_states_that_the_model_is_given_begin_with_zeros_and_say_so(tmp_path: Path) -> None:
    found = weights("LSTM", False, M, N)
    made = model([node("LSTM", {**{name: name for name in found}, "initial_h": "h0"}, hidden_size=N)], found)
    made.graph.input.append(helper.make_tensor_value_info("h0", TensorProto.FLOAT, [1, 1, N]))
    read_ = read(made, tmp_path)
    assert read_.layers[0].initial == {}
    assert "here it begins with 0" in read_.notes[0]


def test_several_first_states_are_said_to_be_several(tmp_path: Path) -> None:
    found = weights("LSTM", False, M, N) | {"initial_h": np.arange(2.0 * N, dtype=np.float32).reshape(1, 2, N)}
    read_ = read(model([node("LSTM", {name: name for name in found}, hidden_size=N)], found), tmp_path)
    np.testing.assert_array_equal(read_.layers[0].initial["h0"], np.arange(N))
    assert "2 sequences side by side" in read_.notes[0]


def test_a_stack_is_recognised_by_its_wires_and_two_networks_are_not(tmp_path: Path) -> None:
    stacked = read(network("LSTM", both=True, layers=3), tmp_path)
    assert [each.label for each in stacked.layers] == [
        "rnn",
        "rnn.l0_reverse",
        "rnn.l1",
        "rnn.l1_reverse",
        "rnn.l2",
        "rnn.l2_reverse",
    ]
    found = weights("GRU", False, M, N)
    beside = model([node("GRU", {n: n for n in found}, gives=name, hidden_size=N) for name in ("Y", "Z")], found)
    assert [each.label for each in read(beside, tmp_path).layers] == ["GRU", "GRU 2"]
    apart = network("GRU", layers=2)  # another node in between: no stack
    apart.graph.node[2].name = "other"
    apart.graph.node.insert(3, helper.make_node("Relu", ["h0"], ["relu"]))
    apart.graph.node[4 if apart.graph.node[4].op_type == "GRU" else 2].input[0] = "relu"
    assert len({each.name for each in read(apart, tmp_path).layers}) in (1, 2)


def test_forward_and_reverse_nodes_side_by_side_are_one_level(tmp_path: Path) -> None:
    found = {f"{name}{d}": a for d in "fr" for name, a in weights("GRU", False, M, N, seed=ord(d)).items()}
    above = weights("GRU", False, 2 * N, N)
    nodes = [
        node("GRU", {n: f"{n}f" for n in "WRB"}, gives="F", name="enc", hidden_size=N),
        node("GRU", {n: f"{n}r" for n in "WRB"}, gives="G", name="enc_reverse", hidden_size=N, direction="reverse"),
        helper.make_node("Squeeze", ["F", "one"], ["f"]),
        helper.make_node("Squeeze", ["G", "one"], ["g"]),
        helper.make_node("Concat", ["f", "g"], ["fg"], axis=-1),
        node("GRU", {n: n for n in "WRB"}, "fg", name="top", hidden_size=N),
    ]
    made = model(nodes, {**found, **above, "one": np.array([1])})
    read_ = read(made, tmp_path)
    assert [each.label for each in read_.layers] == ["enc", "enc.l0_reverse", "enc.l1"]
    agrees(read_, made)


@pytest.mark.parametrize("gemm", [False, True])
def test_the_readout_of_the_last_step_is_found(gemm: bool, tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    W, b = draw.normal(size=(2, N)).astype(np.float32), draw.normal(size=2).astype(np.float32)
    found = {**weights("LSTM", False, M, N), "last": np.array(-1), "axis": np.array([0]), "b": b}
    found["V"] = W if gemm else np.ascontiguousarray(W.T)
    nodes = [
        node("LSTM", {name: name for name in "WRB"}, hidden_size=N),
        helper.make_node("Gather", ["Y", "last"], ["end"], axis=0),
        helper.make_node("Squeeze", ["end", "axis"], ["flat"]),
    ]
    if gemm:
        nodes.append(helper.make_node("Gemm", ["flat", "V", "b"], ["z"], transB=1))
    else:
        nodes += [helper.make_node("MatMul", ["flat", "V"], ["Vh"]), helper.make_node("Add", ["b", "Vh"], ["z"])]
    made = model([*nodes, helper.make_node("Softmax", ["z"], ["y"])], found, "y")
    read_ = read(made, tmp_path)
    assert read_.output == "softmax"
    assert read_.readout is not None
    np.testing.assert_array_equal(read_.readout[0], W)
    np.testing.assert_array_equal(read_.readout[1], b)


def test_a_layer_within_a_body_is_found_with_weights_from_outside(tmp_path: Path) -> None:
    inner = single().graph
    del inner.input[:]
    outer = list(inner.initializer)
    del inner.initializer[:]
    inner.node[0].name = "encoder"
    branch = helper.make_node("If", ["flag"], ["Y"], name="choice", then_branch=inner, else_branch=inner)
    made = model([branch], {each.name: each for each in outer})
    found = read(made, tmp_path)
    assert [each.name for each in found.layers] == ["choice/encoder", "choice/encoder 2"]


# ---- what is refused


def changed(**told: Any) -> Make:
    return lambda: single(**told)


def quantised() -> onnx.ModelProto:
    made = single()
    made.graph.node[0].op_type, made.graph.node[0].domain = "DynamicQuantizeLSTM", "com.microsoft"
    return made


def whole_numbers() -> onnx.ModelProto:
    made = single()
    made.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.ones((1, 4 * N, M), np.int8), "W"))
    return made


def of_float8() -> onnx.ModelProto:
    made = single()
    made.graph.initializer[0].data_type = TensorProto.FLOAT8E4M3FN
    return made


def wrong_size() -> onnx.ModelProto:
    made = single()
    made.graph.node[0].attribute[0].i = 3
    return made


def wrong_shape() -> onnx.ModelProto:
    made = single()
    made.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.ones((1, 4 * N + 1, M), np.float32), "W"))
    return made


def of_nan() -> onnx.ModelProto:
    made = single()
    made.graph.initializer[1].CopyFrom(numpy_helper.from_array(np.full((1, 4 * N, N), np.nan, np.float32), "R"))
    return made


def weights_from_outside() -> onnx.ModelProto:
    made = single()
    del made.graph.initializer[0]
    made.graph.input.append(helper.make_tensor_value_info("W", TensorProto.FLOAT, [1, 4 * N, M]))
    return made


def of_functions() -> onnx.ModelProto:
    inner = helper.make_function(
        "mine",
        "Cell",
        ["x", "W", "R", "B"],
        ["Y"],
        [node("LSTM", {n: n for n in "WRB"}, hidden_size=N)],
        [helper.make_opsetid("", 17)],
    )
    made = model([helper.make_node("Cell", ["x", "W", "R", "B"], ["Y"], domain="mine")], weights("LSTM", False, M, N))
    made.functions.append(inner)
    return made


def both_kinds() -> onnx.ModelProto:
    found = weights("LSTM", False, M, N, peepholes=True)
    return model([node("LSTM", {n: n for n in found}, hidden_size=N, input_forget=1)], found)


def taken_apart() -> onnx.ModelProto:
    return model([helper.make_node("MatMul", ["x", "W"], ["Y"])], {"W": np.ones((M, N), np.float32)})


def short_data() -> onnx.ModelProto:
    made = single()
    made.graph.initializer[0].raw_data = made.graph.initializer[0].raw_data[:-4]
    return made


def endless_shape() -> onnx.ModelProto:
    made = single()
    made.graph.initializer[0].dims[:] = [2**40, 2**40]
    return made


def doubling() -> onnx.ModelProto:
    """A hundred small nodes that would make 2¹⁰⁰ numbers."""
    found: dict[str, Any] = weights("LSTM", False, M, N)
    found["W0"] = found.pop("W")
    nodes = [helper.make_node("Concat", [f"W{at}", f"W{at}"], [f"W{at + 1}"], axis=2) for at in range(30)]
    return model([*nodes, node("LSTM", {"W": "W30", "R": "R", "B": "B"}, hidden_size=N)], found)


def many_layers() -> onnx.ModelProto:
    found = weights("RNN", False, M, 1)
    one = node("RNN", {n: n for n in found})
    return model([one] * 1001, found)


BAD: dict[str, tuple[Make, str]] = {
    "ReLU": (changed(activations=["Sigmoid", "Relu", "Tanh"]), "activation 2 is Relu, but in a cell here it is tanh"),
    "hard": (changed(activations=["HardSigmoid", "Tanh", "Tanh"]), "activation 1 is HardSigmoid"),
    "clip": (changed(clip=3.0), "clips what goes into its activations at 3"),
    "direction": (changed(direction="sideways"), "the direction “sideways”"),
    "quantised": (quantised, "DynamicQuantizeLSTM computes with quantised weights"),
    "int8": (whole_numbers, "W holds whole numbers (int8)"),
    "float8": (of_float8, "save the model without quantisation"),
    "hidden_size": (wrong_size, "hidden_size 3, but its R is for 8"),
    "shape": (wrong_shape, "W should be (directions, 4·n, m), 1×32×5, but is 1×33×5"),
    "NaN": (of_nan, "NaN"),
    "given weights": (weights_from_outside, "its weights W are computed while the model runs"),
    "functions": (of_functions, "stand in the function Cell"),
    "both": (both_kinds, "it has peepholes and its forget gate is 1 − i"),
    "apart": (taken_apart, "no node LSTM, GRU or RNN was found in it, its nodes are MatMul"),
    "nothing": (lambda: model([], {}), "it has no nodes at all"),
    "short": (short_data, "has 636 bytes for 160 numbers"),
    "endless": (endless_shape, "weights, too many to show"),
    "doubling": (doubling, "32 times as many numbers"),
    "many": (many_layers, "more than 1,000 recurrent layers"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_read_is_said_in_one_sentence(what: str, tmp_path: Path) -> None:
    make, words = BAD[what]
    path = saved(make(), tmp_path)
    tracemalloc.start()
    try:
        assert words in sentence(path)
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


def test_a_layer_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    made = network("LSTM", layers=2)
    made.graph.node[0].attribute.append(helper.make_attribute("clip", 1.0))
    found = read(made, tmp_path)
    assert [each.label for each in found.layers] == ["rnn"]
    assert found.notes[0].startswith("Left out: rnn: it clips")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"not a model at all, but some text", "no ONNX file"),
        (b"\x3a\xff\xff\xff\xff\x0f", "no ONNX file"),
        (b"\x3a" * 1000, "no ONNX file"),
        (b"\x80" * 1000, "it ends within a number"),
        (b"\x3b\x3c", "a kind that ONNX does not use"),
    ],
)
def test_a_file_that_is_no_model_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    assert words in refused(data, tmp_path)


def test_a_truncated_model_is_refused(tmp_path: Path) -> None:
    whole = network("LSTM").SerializeToString()
    for share in (0.1, 0.5, 0.9, 0.999):
        refused(whole[: int(share * len(whole))], tmp_path)


def test_two_gigabytes_of_zeros_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "zeros.onnx"
    with path.open("wb") as file:
        file.truncate(2 * 10**9)
    assert "no ONNX file" in sentence(path)
    with path.open("wb") as file:
        file.truncate(3 * 2**30)
    assert "at most 2,147,483,647" in sentence(path)


def field(number: int, data: bytes) -> bytes:
    """A part of a protobuf: its number, its length and its bytes."""
    length, size = len(data), b""
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + data


def test_small_bytes_that_mean_large_messages_are_counted_before_they_are_read(tmp_path: Path) -> None:
    empty_nodes = field(7, field(1, b"") * 1_100_000)
    assert "more than 1,000,000 parts" in refused(empty_nodes, tmp_path)
    deep = b""
    for _ in range(40):  # a graph in an attribute in a node in a graph
        deep = field(1, field(5, field(6, deep)))
    assert "nested more than 64 deep" in refused(field(7, deep), tmp_path)


# ---- weights in another file


def with_weights_outside(location: str, offset: int = 0, length: int | None = None) -> onnx.ModelProto:
    made = single()
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    told = {"location": location, "offset": str(offset)} | ({} if length is None else {"length": str(length)})
    for key, value in told.items():
        tensor.external_data.add(key=key, value=value)
    return made


def bytes_of_W() -> bytes:
    return weights("LSTM", False, M, N)["W"].tobytes()


@pytest.mark.parametrize("location", ["W.bin", "below/W.bin"])
def test_weights_in_a_file_of_the_same_folder_are_read(location: str, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / location).write_bytes(b"1234" + bytes_of_W() + b"5678")
    found = read(with_weights_outside(location, 4, len(bytes_of_W())), tmp_path)
    np.testing.assert_array_equal(found.layers[0].weights["W_i"][:, :M], weights("LSTM", False, M, N)["W"][0, :N])


@pytest.mark.parametrize(
    "location",
    ["../W.bin", "a/../../W.bin", "/etc/passwd", "C:\\W.bin", "..\\W.bin", "\\\\host\\W.bin", "", "W\0.bin", "x" * 300],
)
def test_weights_outside_the_folder_are_not_read(location: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "W.bin").write_bytes(bytes_of_W())
    assert "outside the model's own folder" in refused(with_weights_outside(location), home)


def test_links_are_not_followed(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    (other / "W.bin").write_bytes(bytes_of_W())
    (home / "W.bin").symlink_to(other / "W.bin")
    (home / "folder").symlink_to(other)
    for location in ("W.bin", "folder/W.bin"):
        assert "a link that may lead out of its folder" in refused(with_weights_outside(location), home)


@pytest.mark.parametrize(
    ("offset", "length", "words"),
    [(8, None, "too short"), (0, 12, "no right place"), (-4, None, "no right place"), (10**20, None, "no right place")],
)
def test_a_wrong_place_in_another_file_is_refused(offset: int, length: int | None, words: str, tmp_path: Path) -> None:
    (tmp_path / "W.bin").write_bytes(bytes_of_W())
    assert words in refused(with_weights_outside("W.bin", offset, length), tmp_path)
    assert "which is not there" in refused(with_weights_outside("V.bin"), tmp_path)


def test_without_the_package_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = saved(single(), tmp_path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert "pip install 'lstm-visualizer[onnx]'" in sentence(path)
