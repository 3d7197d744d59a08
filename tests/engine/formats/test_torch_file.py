"""Networks in PyTorch files: found wherever they are in them, and written so that torch takes them."""

from __future__ import annotations

import pickle
import re
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine.document.document import blank
from engine.formats.found import Found, NetworkFileError
from engine.formats.network_files import read_network, write_network
from engine.formats.own import network_of_document
from engine.formats.running import outputs
from tests.engine.formats.torch_agreement import network


def lstm(**more: Any) -> nn.LSTM:
    torch.manual_seed(3)
    return nn.LSTM(3, 4, **more)


def saved(folder: Path, value: Any, name: str = "net.pt", **how: Any) -> Path:
    torch.save(value, folder / name, **how)
    return folder / name


def refusal(path: Path) -> str:
    with pytest.raises(NetworkFileError) as caught:
        read_network(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path.name}: ")
    assert "\n" not in sentence
    return sentence


State = dict[str, torch.Tensor]


@pytest.mark.parametrize(
    "checkpoint",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3, "optimizer": {"state": {}, "param_groups": [{"lr": 0.1}]}},
        lambda state: {"model_state_dict": state, "optimizer_state_dict": {"state": {0: {"step": torch.ones(())}}}},
        lambda state: {"model": {"network": {"weights": state}}},
        lambda state: {"pytorch-lightning_version": "2.5.0", "epoch": 1, "loops": {}, "callbacks": {},
                       "hyper_parameters": {"hidden": 4}, "state_dict": state},
        lambda state: {"ema_state_dict": {name: tensor * 2 for name, tensor in state.items()}, "model": state},
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", [{}, {"_use_new_zipfile_serialization": False}], ids=["zip", "legacy"])
def test_a_state_dict_is_found_in_any_checkpoint(
    tmp_path: Path, checkpoint: Callable[[State], Any], how: dict[str, Any]
) -> None:
    module = nn.ModuleDict({"encoder": lstm()})
    found = read_network(saved(tmp_path, checkpoint(dict(module.state_dict())), **how))
    (layer,) = found.layers
    assert (layer.label, layer.cell, layer.m, layer.n, layer.k) == ("encoder", "lstm", 3, 4, 4)
    expected = module["encoder"].weight_ih_l0[4:8].detach().numpy()
    np.testing.assert_array_equal(layer.weights["W_f"][:, :3], expected)


def test_several_networks_keep_their_names(tmp_path: Path) -> None:
    """As in translators: the states of an encoder and a decoder in one dictionary."""
    states = {"en": lstm().state_dict(), "de": nn.GRU(2, 5).state_dict(), "en_optim": {"state": {}}}
    assert [(layer.label, layer.cell) for layer in read_network(saved(tmp_path, states)).layers] == [
        ("en", "lstm"),
        ("de", "gru"),
    ]


def test_where_each_weight_is_from(tmp_path: Path) -> None:
    module = nn.ModuleDict({"lstm": nn.LSTM(3, 8, proj_size=5), "gru": nn.GRU(3, 4), "rnn": nn.RNN(3, 4)})
    layers = {layer.label: layer for layer in read_network(saved(tmp_path, module.state_dict())).layers}
    words = {name: {item.name: item.source for item in layer.mapped} for name, layer in layers.items()}
    assert words["lstm"]["W_C"] == "rows 17–24 of lstm.weight_ih_l0 and lstm.weight_hh_l0, side by side"
    assert words["lstm"]["b_f"] == "rows 9–16 of lstm.bias_ih_l0 plus lstm.bias_hh_l0"
    assert words["lstm"]["W_hr"] == "all of lstm.weight_hr_l0"
    assert words["gru"]["W_u"] == "rows 5–8 of gru.weight_ih_l0 and gru.weight_hh_l0, side by side"
    assert words["gru"]["b_n"] == "rows 9–12 of gru.bias_hh_l0"
    assert words["rnn"]["W_h"] == "all of rnn.weight_ih_l0 and rnn.weight_hh_l0, side by side"
    lstm_layer = module["lstm"]
    W_C = np.concatenate([lstm_layer.weight_ih_l0[16:24].detach(), lstm_layer.weight_hh_l0[16:24].detach()], axis=1)
    np.testing.assert_array_equal(layers["lstm"].weights["W_C"], W_C)


@pytest.mark.parametrize(("make", "cell"), [(nn.LSTMCell, "lstm"), (nn.GRUCell, "gru"), (nn.RNNCell, "rnn")])
def test_cells_without_layers(tmp_path: Path, make: Callable[[int, int], nn.Module], cell: str) -> None:
    module = make(3, 4)
    found = read_network(saved(tmp_path, module.state_dict()))
    assert [(layer.cell, layer.label, layer.m, layer.n) for layer in found.layers] == [(cell, cell, 3, 4)]
    x = torch.randn(1, 3, dtype=torch.float64)
    with torch.no_grad():
        h = module.double()(x)
    np.testing.assert_allclose(outputs(found, "", x.numpy()), (h[0] if cell == "lstm" else h), atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_numbers_of_any_precision_are_read_exactly(tmp_path: Path, dtype: torch.dtype) -> None:
    module = lstm(bias=False).to(dtype)
    found = read_network(saved(tmp_path, module.state_dict()))
    W = found.layers[0].weights["W_i"]
    np.testing.assert_array_equal(W[:, :3], module.weight_ih_l0[:4].detach().double().numpy())
    assert W.dtype == (np.float64 if dtype is torch.float64 else np.float32)
    assert any("became float32" in note for note in found.notes) == (dtype is not torch.float64)
    assert not found.layers[0].weights["b_i"].any()
    assert any("has no biases" in note for note in found.notes)


class Model(nn.Module):
    """An LSTM in a larger model."""

    def __init__(self, extra: bool = False) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 3)
        self.lstm = nn.LSTM(3, 4, num_layers=2)
        self.fc = nn.Linear(4, 2)
        if extra:
            self.head = nn.Linear(2, 4)


def test_a_readout_is_taken_where_it_is_the_only_one(tmp_path: Path) -> None:
    module = Model()
    found = read_network(saved(tmp_path, module.state_dict()))
    assert found.readout is not None
    np.testing.assert_array_equal(found.readout[0], module.fc.weight.detach().numpy())
    assert found.reads(found.layers[1])
    assert not found.reads(found.layers[0])
    assert "The output layer is fc, 2×4" in found.notes
    assert any("embedding.weight" in note for note in found.notes)
    assert [layer.label for layer in found.stack(found.layers[0])] == ["lstm", "lstm.l1"]
    several = read_network(saved(tmp_path, Model(extra=True).state_dict()))
    assert several.readout is None
    assert any("fc.weight" in note and "Left out" in note for note in several.notes)


def test_a_layer_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    state = {**lstm().state_dict(prefix="good."), **lstm().state_dict(prefix="bad.")}
    del state["bad.weight_hh_l0"]
    found = read_network(saved(tmp_path, state))
    assert [layer.label for layer in found.layers] == ["good"]
    assert any("bad.weight_hh_l0" in note for note in found.notes)


# ---- what is refused


def test_no_code_runs_and_the_sentence_says_how_to_save_it(tmp_path: Path) -> None:
    touched = tmp_path / "touched"

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (touched,)

    for number, how in enumerate(({}, {"_use_new_zipfile_serialization": False}, {"pickle_protocol": 4})):
        sentence = refusal(saved(tmp_path, {"state_dict": lstm().state_dict(), "x": Evil()}, f"{number}.pt", **how))
        assert "would run code" in sentence
        assert "torch.save(model.state_dict()" in sentence
    plain = tmp_path / "plain.pt"
    plain.write_bytes(pickle.dumps(Evil()))
    assert "torch.save(model.state_dict()" in refusal(plain)
    assert not touched.exists()


def test_another_pickle_protocol_is_refused(tmp_path: Path) -> None:
    assert "pickle_protocol" in refusal(saved(tmp_path, lstm().state_dict(), pickle_protocol=4))


def test_a_whole_module_is_refused(tmp_path: Path) -> None:
    sentence = refusal(saved(tmp_path, nn.Sequential(lstm())))
    assert "a whole module (torch.nn.modules.container.Sequential)" in sentence
    assert "torch.save(model.state_dict()" in sentence


def test_torchscript_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2)).save(str(tmp_path / "net.pt"))
    assert "TorchScript" in refusal(tmp_path / "net.pt")


def test_quantised_weights_are_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch will give them up
        weights = torch.quantize_per_tensor(torch.ones(16, 3), 0.1, 0, torch.qint8)
    assert "quantised" in refusal(saved(tmp_path, {**lstm().state_dict(), "weight_ih_l0": weights}))
    whole = {**lstm().state_dict(), "weight_ih_l0": torch.ones(16, 3, dtype=torch.int8)}
    assert "int8" in refusal(saved(tmp_path, whole))


def changed(**tensors: torch.Tensor | None) -> State:
    state = {**lstm().state_dict(), **tensors}
    return {name: tensor for name, tensor in state.items() if tensor is not None}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1, 2], "no arrays by name"),
        (torch.ones(3), "no arrays by name"),
        ({"fc.weight": torch.ones(2, 2)}, "no recurrent layer was found in it"),
        (changed(weight_hh_l0=None), "there is no weight_hh_l0"),
        (changed(bias_hh_l0=None), "there is no bias_hh_l0 beside bias_ih_l0"),
        (changed(weight_hh_l0=torch.ones(16, 5)), "neither four gates (LSTM), three (GRU) nor one"),
        (changed(weight_ih_l0=torch.ones(12, 3)), "weight_hh_l0 should be 12×4"),
        (changed(bias_ih_l0=torch.ones(15)), "bias_ih_l0 should be 16"),
        (changed(weight_ih_l0=torch.ones(16, 3, 1)), "weight_ih_l0 should be a matrix, but is 16×3×1"),
        (changed(weight_hr_l0=torch.ones(2, 9)), "weight_hr_l0 should be 4×4"),
        (changed(weight_ih_l0=torch.full((16, 3), torch.nan)), "W_f holds NaN"),
        (changed(weight_ih_l0=torch.ones(16, 5000)), "m is 5,000"),
        (changed(weight_ih_l0=torch.ones(16, 3).to_sparse()), "not all of its arrays are plain ones (sparse_tensor)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, value: Any, words: str) -> None:
    assert words in refusal(saved(tmp_path, value))


@pytest.mark.parametrize("name", ["net.pt", "net.safetensors", "net.npz"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00.", b"hello" * 100], ids=repr)
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content[:40])
    refusal(path)


@pytest.mark.parametrize("name", ["net.pt", "net.safetensors", "net.npz"])
def test_two_gigabytes_of_zeros_are_refused_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(2 * 2**30)  # a hole, which takes no room on the disk
    refusal(path)


@pytest.mark.parametrize("name", ["net.pt", "net.safetensors", "net.npz"])
def test_a_folder_and_a_name_without_a_file_are_refused(tmp_path: Path, name: str) -> None:
    assert "no such file" in refusal(tmp_path / name)
    (tmp_path / name).mkdir()
    assert "folder" in refusal(tmp_path / name)


def test_a_compressed_file_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A zip bomb: torch itself would unpack each array whole."""
    path = saved(tmp_path, lstm().state_dict())
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, bytes(10_000_000) if name.endswith("data/0") else data)
    assert path.stat().st_size < 100_000
    assert "compressed" in refusal(path)


def test_many_layers_out_of_a_few_bytes_are_refused(tmp_path: Path) -> None:
    one = torch.ones(1, 1)
    state = {f"{number}.weight_{part}_l0": one.expand(4 * 4096, 4096) for number in range(50) for part in ("ih", "hh")}
    assert "more than the file can hold" in refusal(saved(tmp_path, state))


def test_a_dictionary_that_holds_itself_many_times_is_read_once(tmp_path: Path) -> None:
    level: dict[str, Any] = {"state": dict(lstm().state_dict())}
    for _ in range(3):
        level = {str(number): level for number in range(300)}
    assert len(read_network(saved(tmp_path, level)).layers) == 1


# ---- what is written

_Make = Callable[[], nn.RNNBase]


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize(
    "make",
    [
        partial(network, "LSTM", seed=2),
        partial(network, "LSTM", both=True, layers=2, projected=True),
        partial(network, "GRU", layers=2),
        partial(network, "plain RNN", both=True),
    ],
)
def test_torch_takes_what_is_written(tmp_path: Path, make: _Make, suffix: str) -> None:
    """`strict`, and the numbers are the same, although two biases were one meanwhile."""
    module = make()
    found = read_network(saved(tmp_path, module.state_dict()))
    path = tmp_path / f"again{suffix}"
    assert write_network(path, found) == []
    state = loaded(path)
    assert {tensor.dtype for tensor in state.values()} == {torch.float32}
    other = make()
    torch.manual_seed(99)
    for parameter in other.parameters():
        nn.init.normal_(parameter)
    other.load_state_dict(state, strict=True)
    x = torch.randn(7, 2, module.input_size, dtype=torch.float64)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.testing.assert_close(other.double()(x)[0], module.double()(x)[0], rtol=0, atol=1e-14)


def loaded(path: Path) -> State:
    if path.suffix == ".pt":
        return dict(torch.load(path, weights_only=True))
    from safetensors.torch import load_file

    return dict(load_file(path))


def test_a_document_with_an_output(tmp_path: Path) -> None:
    document = blank(3, 4, 4, seed=1).with_output("softmax", 2).with_inputs(h0=np.ones(4))
    path = tmp_path / "cell.pt"
    notes = write_network(path, network_of_document(document))
    assert [note.partition(":")[0] for note in notes] == ["Written in double precision (float64), because single "
                                                          "would lose digits", "Left out", "Left out"]  # fmt: skip
    assert "softmax" in notes[1]
    assert "the sequence x and h0" in notes[2]
    module = nn.ModuleDict({"lstm": nn.LSTM(3, 4), "readout": nn.Linear(4, 2)}).double()
    module.load_state_dict(loaded(path), strict=True)
    again: Found = read_network(path)
    for name, weight in again.layers[0].weights.items():
        np.testing.assert_array_equal(weight, document.weights[name])
    assert again.readout is not None
    np.testing.assert_array_equal(again.readout[0], document.weights["W_y"])


@pytest.mark.parametrize("cell", ["peephole", "coupled", "lstm-1997"])
def test_a_cell_that_torch_has_not_is_written_as_npz_alone(tmp_path: Path, cell: str) -> None:
    found = network_of_document(blank(3, 4, 4, seed=1, cell_name=cell))
    with pytest.raises(NetworkFileError, match=r"torch has no module for .*\.npz"):
        write_network(tmp_path / "net.pt", found)
    assert not list(tmp_path.iterdir())
    write_network(tmp_path / "net.npz", found)
    again = read_network(tmp_path / "net.npz")
    assert again.layers[0].cell == cell
    for name, weight in again.layers[0].weights.items():
        np.testing.assert_array_equal(weight, found.layers[0].weights[name])


def wholly_normed(module: nn.Module, norm: Callable[..., Any], *parts: str, **how: Any) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older of the two is still in many files
        for part in parts:
            norm(module, part, **how)
    return module


NORMS = {
    "weight_norm": nn.utils.parametrizations.weight_norm,
    "older weight_norm": nn.utils.weight_norm,
    "spectral_norm": nn.utils.parametrizations.spectral_norm,
    "older spectral_norm": nn.utils.spectral_norm,
}


@pytest.mark.parametrize("title", NORMS)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_weight_that_torch_computes_is_computed_here(tmp_path: Path, title: str, kind: type[nn.RNNBase]) -> None:
    torch.manual_seed(3)
    module = kind(3, 4, num_layers=2, bidirectional=True)
    names = [name for name in module.state_dict() if name.startswith("weight")]
    wholly_normed(module, NORMS[title], *names)
    with torch.no_grad():
        for hook in [*module._forward_pre_hooks.values()] * 20:  # each moves the older one's vectors, as a step does
            hook(module, None)
    with torch.no_grad():  # as after a training: g is no longer the norm of v
        for name, parameter in module.named_parameters():
            parameter.add_(torch.randn(parameter.shape) * (0.0 if "bias" in name else 0.05))
    module.eval()  # where spectral_norm no longer moves its vectors
    plain = kind(3, 4, num_layers=2, bidirectional=True)
    with torch.no_grad():
        for hook in module._forward_pre_hooks.values():  # by which the older ones compute their weights
            hook(module, None)
        for name, parameter in plain.named_parameters():
            parameter.copy_(getattr(module, name))
        x = torch.randn(9, 3)
        expected = plain(x)[0].numpy()
    for path in (saved(tmp_path, module.state_dict()), tmp_path / "net.safetensors"):
        if path.suffix == ".safetensors":
            save_file(module.state_dict(), path)
        found = read_network(path)
        np.testing.assert_allclose(outputs(found, "", x.numpy().astype(np.float64)), expected, rtol=0, atol=1e-6)
        (note,) = [note for note in found.notes if "computed" in note]
        assert title.removeprefix("older ") in note
        assert "weight_hh_l0, " in note


@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize("rows", [4, 1])
def test_weight_norm_may_be_over_either_axis_or_all(tmp_path: Path, dim: int | None, rows: int) -> None:
    torch.manual_seed(3)
    module = nn.RNNCell(3, rows, bias=False)
    wholly_normed(module, nn.utils.parametrizations.weight_norm, "weight_ih", "weight_hh", dim=dim)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape))
    (layer,) = read_network(saved(tmp_path, {"cell": module.state_dict()})).layers
    both = torch.cat([module.weight_ih, module.weight_hh], dim=1).detach().numpy()
    np.testing.assert_allclose(layer.weights["W_h"], both, rtol=1e-6)


def test_a_readout_and_a_projection_are_computed_too(tmp_path: Path) -> None:
    norm = nn.utils.parametrizations.weight_norm
    torch.manual_seed(3)
    network = nn.ModuleDict({"lstm": nn.LSTM(3, 4, proj_size=2), "out": nn.Linear(2, 5)})
    wholly_normed(network["lstm"], norm, "weight_hr_l0", "bias_ih_l0")
    wholly_normed(network["out"], norm, "weight")
    found = read_network(saved(tmp_path, network.state_dict()))
    assert found.layers[0].n == 2
    assert found.readout is not None
    np.testing.assert_allclose(found.readout[0], network["out"].weight.detach().numpy(), rtol=1e-6)
    np.testing.assert_allclose(
        found.layers[0].weights["W_hr"], network["lstm"].weight_hr_l0.detach().numpy(), rtol=1e-6
    )


def test_a_direction_of_length_0_is_refused_and_not_computed(tmp_path: Path) -> None:
    state = dict(nn.utils.parametrizations.weight_norm(lstm(), "weight_hh_l0").state_dict())
    state["parametrizations.weight_hh_l0.original1"] = torch.zeros(16, 4)
    assert "W_f holds NaN or an infinite number" in refusal(saved(tmp_path, state))


def test_a_weight_that_is_computed_otherwise_is_said_to_be_one(tmp_path: Path) -> None:
    for parts in (["weight_hh_l0"], ["weight_hh_l0", "weight_ih_l0"]):
        module = wholly_normed(lstm(bias=False), nn.utils.parametrizations.orthogonal, *parts)
        said = refusal(saved(tmp_path, module.state_dict()))
        assert "weight_hh_l0 is not in it, only what it is computed from" in said
    state = dict(nn.utils.parametrizations.weight_norm(lstm(), "weight_hh_l0").state_dict())
    state["parametrizations.weight_hh_l0.original0"] = torch.ones(5, 1)
    assert "weight_hh_l0 is not in it, only what it is computed from" in refusal(saved(tmp_path, state))


def test_transposed_weights_are_refused_with_their_shapes(tmp_path: Path) -> None:
    state = {name: each.T if each.ndim == 2 else each for name, each in lstm().state_dict().items()}
    assert "3×16 and weight_hh_l0 4×16, but 16×3 and 16×4 were expected" in refusal(saved(tmp_path, state))


def test_numbers_that_are_not_real_are_not_called_quantised(tmp_path: Path) -> None:
    state = {name: each.to(torch.complex64) for name, each in lstm().state_dict().items()}
    assert "complex64, but real numbers were expected" in refusal(saved(tmp_path, state))


def test_an_optimizer_alone_is_called_one(tmp_path: Path) -> None:
    assert "memory of an optimizer" in refusal(saved(tmp_path, torch.optim.Adam(lstm().parameters()).state_dict()))


@pytest.mark.parametrize("suffix", [".pt", ".npz", ".safetensors"])
def test_a_file_of_another_name_is_told_from_its_content(tmp_path: Path, suffix: str) -> None:
    state = {name: each.numpy() for name, each in lstm().state_dict().items()}
    np.savez(tmp_path / "a.npz", **state)  # type: ignore[arg-type]  # names of arrays, none of them allow_pickle
    save_file(lstm().state_dict(), tmp_path / "a.safetensors")
    saved(tmp_path, lstm().state_dict(), "a.pt")
    words = {".npz": r"\.npz", ".safetensors": r"\.safetensors", ".pt": r"\.pt"}
    for is_one, word in words.items():
        if is_one != suffix:
            path = (tmp_path / f"a{is_one}").rename(tmp_path / f"other{suffix}")
            assert re.search(rf"{word}.*suffix", refusal(path))
    for content, word in ((b"", "empty"), (b"<!DOCTYPE html>", "web page"), (b"version https://git-lfs.g", "Git LFS")):
        path = tmp_path / f"other{suffix}"
        path.write_bytes(content)
        assert word in refusal(path)


@pytest.mark.parametrize("name", ["net.pth.tar", "NET.TAR", "pytorch_model.bin", "net.pkl", "net.pickle"])
def test_a_state_dict_is_read_under_the_names_that_people_give_it(tmp_path: Path, name: str) -> None:
    expected = read_network(saved(tmp_path, lstm().state_dict())).layers[0].weights["W_f"]
    for how in ({}, {"_use_new_zipfile_serialization": False}):
        found = read_network(saved(tmp_path, {"epoch": 3, "state_dict": lstm().state_dict()}, name, **how))
        np.testing.assert_array_equal(found.layers[0].weights["W_f"], expected)


def test_what_else_has_such_a_name_is_told_what_to_do(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "net.pth.tar", "w") as archive:
        archive.add(saved(tmp_path, lstm().state_dict()), "net.pt")
    assert "archive of several files (tar); unpack it" in refusal(tmp_path / "net.pth.tar")
    for protocol in range(6):
        (tmp_path / "net.pkl").write_bytes(pickle.dumps({"W_f": [1.0, 2.0]}, protocol=protocol))
        said = refusal(tmp_path / "net.pkl")
        assert "torch.save(model.state_dict(), 'net.pt')" in said
        assert "is a pickle, and opening one runs code" in said or protocol < 2
    np.savez(tmp_path / "net.bin", W_f=np.ones((2, 3)))  # type: ignore[arg-type]
    (tmp_path / "net.bin.npz").rename(tmp_path / "net.bin")
    assert "an .npz of NumPy; give it that suffix" in refusal(tmp_path / "net.bin")
    for content, words in (
        (np.ones(9, dtype="<f4").tobytes(), "no file that torch.save wrote"),
        (b"GGUF\x03", "GGUF"),
        (b"\x1f\x8b\x08", "unpack it"),
        (b"\x89HDF\r\n", "as .h5 is"),
    ):
        (tmp_path / "net.bin").write_bytes(content)
        assert words in refusal(tmp_path / "net.bin")


def test_a_zip_with_a_packing_that_costs_memory_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("W_f.npy", b"0")
    assert "compressed in a way that NumPy and torch never use" in refusal(path)
