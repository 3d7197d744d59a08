"""Files with networks in them to begin from, and damage that reaches what is inside a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from engine.formats.found import Told
from engine.formats.network_files import document_of, read_network
from tests.fuzz.mutator import mutations

_HALVES = {"W": slice(2), "U": slice(2, None)}


def read(path: Path) -> None:
    """Read a network as it says and as it may be told, and make a document of each layer."""
    for told in (Told(), Told("h,x", 1)):
        found = read_network(path, told)
        for layer in found.layers:
            document_of(found, layer)


def _modules() -> list[Any]:
    import torch  # for this reader alone, and before memory is limited
    from torch import nn

    torch.manual_seed(0)
    larger = nn.ModuleDict({"embedding": nn.Embedding(5, 3), "lstm": nn.LSTM(3, 4, 2, proj_size=2)})
    larger["fc"] = nn.Linear(2, 3)
    normed = torch.nn.utils.parametrizations.weight_norm(nn.LSTM(2, 3), "weight_hh_l0")
    return [nn.LSTM(2, 3), normed, nn.GRU(2, 3, bidirectional=True), nn.RNNCell(2, 3).to(torch.bfloat16), larger]


def torch_files() -> list[bytes]:
    """As torch writes them now and as it once did, alone and in a checkpoint."""
    import torch

    files = []
    for module in _modules():
        for is_zip in (True, False):
            file = io.BytesIO()
            state = {"state_dict": module.state_dict(), "epoch": 3, "optimizer": {"state": {0: torch.ones(2)}}}
            torch.save(state if is_zip else module.state_dict(), file, _use_new_zipfile_serialization=is_zip)
            files.append(file.getvalue())
    return files


def safetensors_files() -> list[bytes]:
    """Of the same networks."""
    from safetensors.torch import save

    return [save(module.state_dict()) for module in _modules()]


def npz_files() -> list[bytes]:
    """By the names of courses, packed and not, and by torch's."""
    named = {name: tensor.numpy() for name, tensor in _modules()[0].state_dict().items()}
    random = np.random.default_rng(0)
    taught = {f"W{gate}": random.normal(size=(3, 5)) for gate in "fioc"}
    taught |= {f"b{gate}": random.normal(size=(3, 1)) for gate in "fioc"}
    taught |= {"x": random.normal(size=(2, 4)), "h": random.normal(size=(3, 4)), "C": random.normal(size=(3, 4))}
    taught |= {"Wy": random.normal(size=(2, 3)), "by": random.normal(size=(2, 1)), "order": np.array("h,x")}
    halves = {f"{letter}_{gate}": taught[f"W{gate}"][:, part] for gate in "fioc" for letter, part in _HALVES.items()}
    files = []
    for save in (np.savez, np.savez_compressed):
        for arrays in (taught, halves, named):
            file = io.BytesIO()
            save(file, **arrays)
            files.append(file.getvalue())
    return files


def zip_mutations(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Yield damaged files: of those that are zips, every second one damaged inside, with a directory that fits it."""
    for number, damaged in enumerate(mutations(seeds, count, seed)):
        random = Random(f"inside {seed} {number}")
        data = random.choice(seeds)
        yield _inside(random, data) if number % 2 and data[:2] == b"PK" else damaged


def _inside(random: Random, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    chosen = random.randrange(len(entries))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for place, (entry, content) in enumerate(entries):
            changed = next(mutations([content], 1, random.randrange(2**32))) if place == chosen else content
            way = random.randrange(8) if place == chosen else -1
            if way == 0:
                continue
            kind = zipfile.ZIP_DEFLATED if way == 1 else zipfile.ZIP_STORED
            archive.writestr(entry.filename, changed if way != 2 else bytes(2_000_000), kind)
            if way == 3:
                archive.writestr(f"{entry.filename}x", content)
    return file.getvalue()
