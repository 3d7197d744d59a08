"""Files whose names say nothing known: one sentence says what to do with each, and a document is read all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import main
from engine.document.document import DocumentError, blank
from engine.document.document_file import write_document
from engine.errors import BAD_INPUT
from engine.file_kinds import document_module


def refusal(path: Path) -> str:
    with pytest.raises(DocumentError) as caught:
        document_module(path).read_document(path)
    assert str(caught.value).startswith(f"{path.name}: ")
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("saved_model.pb", "TensorFlow model; open the model in Keras"),
        ("model.ckpt.index", "TensorFlow model"),
        ("model.ckpt.data-00000-of-00001", "TensorFlow model"),
        ("net.TFLITE", "TensorFlow Lite"),
        ("net.pt2", "torch exported"),
        ("W.npy", "numpy.savez"),
        ("net.mat", "numpy.savez"),
        ("params.msgpack", "Flax"),
        ("net.mlmodel", "made to run elsewhere"),
        ("net.gguf", "made to run elsewhere"),
        ("net.tar.gz", "unpack it"),
    ],
)
def test_a_kind_that_is_not_read_gets_a_sentence_that_says_what_to_do(
    tmp_path: Path, name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(bytes(range(60)))
    assert words in refusal(path)
    assert main.main(["convert", str(path), "--list"]) == BAD_INPUT
    said = capsys.readouterr().err
    assert words in said
    assert len(said.splitlines()) == 1


def test_a_network_under_another_name_is_told_from_its_content(tmp_path: Path) -> None:
    torch.save(torch.nn.LSTM(2, 3).state_dict(), tmp_path / "net.model")
    assert ".pt, .npz and .keras are; give it the suffix" in refusal(tmp_path / "net.model")
    with (tmp_path / "weights").open("wb") as file:
        np.save(file, np.ones(3))
    assert "one array, a .npy" in refusal(tmp_path / "weights")


def test_a_document_is_read_under_any_name(tmp_path: Path) -> None:
    for name in ("cell.json", "cell"):
        write_document(tmp_path / name, blank(2, 3, 3, seed=1))
        assert document_module(tmp_path / name).read_document(tmp_path / name)[0].k == 3
    assert "there is no such file" in refusal(tmp_path / "none") or "no such file" in refusal(tmp_path / "none")
