"""The command convert: networks, documents and recorded runs, turned into each other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import main
from engine.document.document import blank
from engine.document.document_file import read_document, write_document
from engine.document.tracing import trace_document
from engine.errors import BAD_INPUT
from engine.formats.network_files import read_network
from tests.engine.recordings import parcels, written

Captured = pytest.CaptureFixture[str]


def convert(*arguments: object) -> int:
    return main.main(["convert", *map(str, arguments)])


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A network with two stacks, the second of two layers in both directions."""
    torch.manual_seed(0)
    module = nn.ModuleDict({"encoder": nn.GRU(2, 4), "decoder": nn.LSTM(3, 4, num_layers=2, bidirectional=True)})
    path = tmp_path / "net.pt"
    torch.save(module.state_dict(), path)
    return path


@pytest.fixture
def cell(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    document = blank(2, 4, 4, seed=5).with_output("softmax", 3)
    path = tmp_path / "cell.lstmviz"
    write_document(path, document.with_inputs(x=generator.normal(size=(6, 2)), h0=generator.normal(size=4)))
    return path


def sentence(capsys: Captured, *arguments: object) -> str:
    assert convert(*arguments) == BAD_INPUT
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    return captured.err.strip()


def test_the_first_layer_becomes_a_document(net: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "cell.lstmviz"
    assert convert(net, out) == 0
    printed = capsys.readouterr().out
    assert "5 time steps of random numbers" in printed
    assert printed.splitlines()[-1] == f"Wrote {out}: encoder (GRU, m = 2, n = k = 4, T = 5)."
    document, _ = read_document(out)
    found = read_network(net)
    np.testing.assert_array_equal(document.weights["W_n"], found.layers[0].weights["W_n"])
    assert (document.cell_name, document.m, document.n) == ("gru", 2, 4)


def test_another_layer_by_its_name(net: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "cell.lstmviz"
    assert convert(net, out, "--layer", "decoder.l1_reverse", "--order", "h,x") == 0
    document, _ = read_document(out)
    assert (document.cell_name, document.m, document.n, document.order) == ("lstm", 8, 4, "h,x")
    assert convert(net, out, "--layer", "decoder") == 0
    assert read_document(out)[0].m == 3
    capsys.readouterr()
    assert "did you mean “decoder.l1_reverse”?" in sentence(capsys, net, out, "--layer", "decoder.l1_revers")


def test_what_is_in_a_file(net: Path, capsys: Captured) -> None:
    assert convert(net, "--list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "cell", "layer", "direction", "m", "n", "k", "parameters"]
    assert lines[1].split() == ["encoder", "GRU", "1", "forward", "2", "4", "4", "88"]
    assert lines[4].split() == ["decoder.l1", "LSTM", "2", "forward", "8", "4", "4", "208"]
    assert "  W_f   rows 5–8 of decoder.weight_ih_l1 and decoder.weight_hh_l1, side by side" in lines
    assert convert(net, "--list", "--json") == 0
    members = json.loads(capsys.readouterr().out)
    assert [member["name"] for member in members][:2] == ["encoder", "decoder"]
    assert members[2]["direction"] == "reverse"
    assert members[0]["weights"]["b_n"] == "rows 9–12 of encoder.bias_hh_l0"


def test_a_document_there_and_back(cell: Path, tmp_path: Path) -> None:
    """Every number, through the format that holds all of it."""
    back = tmp_path / "back.lstmviz"
    assert convert(cell, tmp_path / "net.npz", "--order", "h,x") == 0
    assert convert(tmp_path / "net.npz", back) == 0
    one, other = (trace_document(read_document(path)[0]) for path in (cell, back))
    assert read_document(back)[0].order == "h,x"
    for ours, theirs in zip(one.steps, other.steps, strict=True):
        np.testing.assert_allclose(ours["y_t"], theirs["y_t"], rtol=0, atol=1e-15)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_document_as_weights(cell: Path, tmp_path: Path, suffix: str, capsys: Captured) -> None:
    out = tmp_path / f"net{suffix}"
    assert convert(cell, out) == 0
    assert "Left out: the sequence x and h0" in capsys.readouterr().out
    document = read_document(cell)[0]
    found = read_network(out)
    for name, weight in found.layers[0].weights.items():
        np.testing.assert_array_equal(weight, document.weights[name])


def test_one_layer_alone_as_weights(net: Path, tmp_path: Path) -> None:
    """It is then what one nn.LSTM takes."""
    out = tmp_path / "one.safetensors"
    assert convert(net, out, "--layer", "decoder.l1_reverse") == 0
    (layer,) = read_network(out).layers
    assert (layer.label, layer.m) == ("lstm", 8)
    before = read_network(net).layer("decoder.l1_reverse")
    np.testing.assert_array_equal(layer.weights["W_o"], before.weights["W_o"])


def test_a_recorded_run_at_a_step(tmp_path: Path, capsys: Captured) -> None:
    path, out = tmp_path / "run.lstmrec", tmp_path / "net.npz"
    written(path, parcels(2100)).close({"state": "stopped"})
    for step, taken in (((), 2100), (("--step", 1), 700), (("--step", 1500), 1400)):
        assert convert(path, out, *step) == 0
        assert f"Weights after training step {taken:,}." in capsys.readouterr().out
        with np.load(out) as arrays:
            assert (arrays["W_f"] == taken).all()
            assert arrays["x"].shape == (6, 2)


def test_a_network_becomes_a_recording_that_the_window_can_show(net: Path, tmp_path: Path, capsys: Captured) -> None:
    path, back = tmp_path / "net.lstmrec", tmp_path / "back.npz"
    assert convert(net, path, "--layer", "encoder") == 0
    assert "5 time steps of random numbers" in capsys.readouterr().out
    assert convert(path, back) == 0
    before, after = read_network(net).layers[0], read_network(back).layers[0]
    assert (after.cell, after.m, after.n) == ("gru", 2, 4)
    np.testing.assert_allclose(after.weights["b_r"], before.weights["b_r"], rtol=1e-7)
    assert sentence(capsys, net, path)  # it is not written over


def test_what_cannot_be_is_said_in_a_sentence(net: Path, cell: Path, tmp_path: Path, capsys: Captured) -> None:
    assert "did you mean “.npz”?" in sentence(capsys, net, tmp_path / "a.npy")
    assert "a name that ends in" in sentence(capsys, tmp_path / "a.txt", tmp_path / "a.npz")
    assert "over itself" in sentence(capsys, net, net)
    assert "--step is for a recorded run" in sentence(capsys, net, tmp_path / "a.npz", "--step", 3)
    assert "Say which file to write" in sentence(capsys, net)
    assert "no such file" in sentence(capsys, tmp_path / "none.pt", "--list")
    assert "cannot be written" in sentence(capsys, cell, tmp_path / "no" / "a.pt")
    assert "cannot be written" in sentence(capsys, net, tmp_path / "no" / "a.lstmviz")


def test_a_network_can_be_traced_as_a_document(net: Path, capsys: Captured) -> None:
    assert main.main(["trace", str(net)]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("GRU: m = 2, n = 4, k = 4")
    assert "5 time steps of random numbers" in captured.err
