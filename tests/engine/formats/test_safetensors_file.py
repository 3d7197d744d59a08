"""Headers of .safetensors that say what cannot be: refused before a number is read."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from engine.formats.found import NetworkFileError
from engine.formats.safetensors_file import read_network

_NAMES = {"weight_ih_l0": [16, 3], "weight_hh_l0": [16, 4], "bias_ih_l0": [16], "bias_hh_l0": [16]}


def header(dtype: str = "F32", width: int = 4) -> dict[str, Any]:
    place, members = 0, {}
    for name, shape in _NAMES.items():
        end = place + width * shape[0] * (shape[1] if len(shape) > 1 else 1)
        members[name] = {"dtype": dtype, "shape": shape, "data_offsets": [place, end]}
        place = end
    return members


def written(folder: Path, members: Any, length: int | None = None, zeros: int = 576) -> Path:
    text = members if isinstance(members, bytes) else json.dumps(members).encode()
    path = folder / "net.safetensors"
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + bytes(zeros))
    return path


def test_a_good_header_is_read(tmp_path: Path) -> None:
    found = read_network(written(tmp_path, {"__metadata__": {"format": "pt"}, **header()}))
    assert [(layer.label, layer.m, layer.n) for layer in found.layers] == [("lstm", 3, 4)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dtype": "F32", "shape": [16, 3], "data_offsets": [0, 10_000]}, "its place has 10,000 bytes"),
        ({"dtype": "F32", "shape": [16, 3], "data_offsets": [10_000, 10_192]}, "outside the file"),
        ({"dtype": "F32", "shape": [16, 3], "data_offsets": [192, 0]}, "its place has"),
        ({"dtype": "F32", "shape": [2**39, 2**39], "data_offsets": [0, 192]}, "its place has 192 bytes"),
        ({"dtype": "F32", "shape": [-16, -3], "data_offsets": [0, 192]}, "is damaged"),
        ({"dtype": "F32", "shape": [True, 3], "data_offsets": [0, 192]}, "is damaged"),
        ({"dtype": "F32", "shape": "16", "data_offsets": [0, 192]}, "is damaged"),
        ({"dtype": "F32", "shape": [16, 3], "data_offsets": [0]}, "is damaged"),
        ({"dtype": 4, "shape": [16, 3], "data_offsets": [0, 192]}, "is damaged"),
        ([], "is damaged"),
        ({"dtype": "I8", "shape": [16, 3], "data_offsets": [0, 48]}, "weight_ih_l0 is stored as int8"),
        ({"dtype": "F8_E4M3", "shape": [16, 3], "data_offsets": [0, 48]}, "weight_ih_l0 is stored as float8_e4m3"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, change: Any, words: str) -> None:
    with pytest.raises(NetworkFileError) as caught:
        read_network(written(tmp_path, {**header(), "weight_ih_l0": change}))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("members", "length", "words"),
    [
        (b"", 0, "its first 8 bytes would mean a header of 0 bytes"),
        (b"{}", 2**63, "its first 8 bytes"),
        (b"{}", 600, "its first 8 bytes"),
        (b'{"a": 1}', 600, "its first 8 bytes"),
        (b"hello", None, "its header is not JSON"),
        (b"[" * 100_000, None, "its header is not JSON"),
        (b"[1]", None, "its header is a list of 1"),
        (b" " * 5_000_000, None, "its header has 5,000,000 bytes"),
        (b"\xff\xfe", None, "its header is not JSON"),
        (b"{}", None, "no recurrent layer was found"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, members: bytes, length: int | None, words: str) -> None:
    with pytest.raises(NetworkFileError) as caught:
        read_network(written(tmp_path, members, length))
    assert words in str(caught.value)
