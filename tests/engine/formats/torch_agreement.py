"""Random networks of torch, written to files and read back."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from engine.formats.network_files import read_network
from tests.engine.formats.comparing import BATCH, Case, Differences, T, difference

M, K, PROJECTED = 5, 16, 6
_MODULES: dict[str, type[nn.RNNBase]] = {"LSTM": nn.LSTM, "GRU": nn.GRU, "plain RNN": nn.RNN}


def network(cell: str, both: bool = False, layers: int = 1, projected: bool = False, seed: int = 0) -> nn.RNNBase:
    """A random network of torch in float32."""
    torch.manual_seed(seed)
    more = {"proj_size": PROJECTED} if projected else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says once that a projection leaves its fastest kernel
        return _MODULES[cell](M, K, num_layers=layers, bidirectional=both, **more)


def save_pt(path: Path, module: nn.Module) -> None:
    torch.save(module.state_dict(), path)


def save_safetensors(path: Path, module: nn.Module) -> None:
    save_file(module.state_dict(), path)


def save_npz(path: Path, module: nn.Module) -> None:
    np.savez(path, **{name: tensor.numpy() for name, tensor in module.state_dict().items()})


WRITERS = {".pt": save_pt, ".safetensors": save_safetensors, ".npz": save_npz}


def _compare(
    suffix: str,
    save: Callable[[Path, nn.Module], None],
    cell: str,
    both: bool,
    layers: int,
    projected: bool,
    folder: Path,
) -> Differences:
    module = network(cell, both, layers, projected)
    path = folder / f"net{suffix}"
    save(path, module)
    found = read_network(path)
    x = torch.randn(T, BATCH, M, generator=torch.Generator().manual_seed(1))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        single = module(x)[0].numpy()
        double = module.double()(x.double())[0].numpy()
    return difference(found, "", x.numpy(), single), difference(found, "", x.numpy(), double)


def cases() -> Iterator[Case]:
    """A row for each kind of file, cell, direction, number of layers, and projection where there is one."""
    for suffix, save in WRITERS.items():
        for cell in _MODULES:
            for both in (False, True):
                for layers in (1, 2):
                    for projected in (False, True) if cell == "LSTM" else (False,):
                        compare = partial(_compare, suffix, save, cell, both, layers, projected)
                        direction, projection = "both" if both else "forward", "yes" if projected else "no"
                        yield Case(suffix, "PyTorch", cell, direction, layers, projection, compare)
