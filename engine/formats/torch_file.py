"""Reads and writes PyTorch files, `.pt`, `.pth` and `.ckpt`: a state_dict, or a checkpoint that has one in it.

No code of a file runs: torch reads it with `weights_only=True`, after a look at its pickle. Arrays stay in the file
until they are needed (mmap). This is the one file of the room that imports torch, when it is asked for.
"""

from __future__ import annotations

import pickle
import struct
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..whole_file import whole_file
from .found import Array, Found, NetworkFileError, Told
from .names.archive import MAGIC, open_archive, read_entry
from .names.renamed import MOST_SEEN, what_it_is
from .names.stored import HALF, OTHER_LAYOUT, Stored, reading, writing
from .names.torch_names import is_torch_name, torch_layers
from .names.torch_pickle import LEGACY_MAGIC, MOST_BYTES, SAVE_RIGHT, check_legacy, check_pickle
from .names.torch_writing import torch_arrays

if TYPE_CHECKING:
    import torch

_DAMAGES = (
    pickle.UnpicklingError,
    struct.error,
    RuntimeError,
    AssertionError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    EOFError,
    OverflowError,
    RecursionError,
)
"""What bytes that hold something else come to in torch."""
_DEEPEST = 4
_EXPANDED = 4
"""How many times as many bytes as the file its arrays may have: weights that are tied are in it once."""
_NOT_THE_NETWORK = ("optim", "ema", "average", "best")
"""In the names of what a checkpoint has beside the network: an optimizer's memory, and copies of the network."""


def read_network(path: Path, told: Told | None = None) -> Found:
    """Return the recurrent layers of a PyTorch file.

    Raises NetworkFileError, in one sentence, for anything else, and for a pickle that would run code.
    """
    with reading(path) as size:
        is_zip = _check(path)
        found, notes = _state(_loaded(path, is_zip))
        layers = torch_layers({name: _stored(tensor) for name, tensor in found.items()}, _EXPANDED * size)
        return Found("a PyTorch state_dict", layers.layers, (*notes, *layers.notes), layers.readout)


def write_network(path: Path, found: Found) -> list[str]:
    """Write a state_dict that `load_state_dict(strict=True)` takes; return sentences on what it cannot hold.

    Names as `engine.formats.names.torch_writing` says. Raises NetworkFileError for a cell that torch has no module for.
    """
    import torch

    arrays, notes = torch_arrays(found)
    with writing(path), whole_file(path) as temporary:
        torch.save({name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}, temporary)
    return notes


def _check(path: Path) -> bool:
    """Return whether a file is a zip, as torch writes them now; raise NetworkFileError for what torch must not see."""
    with path.open("rb") as file:
        begin = file.read(MOST_BYTES)
    if begin[: len(MAGIC)] != MAGIC:
        if not begin.startswith(LEGACY_MAGIC):
            what = what_it_is(begin[:MOST_SEEN]) or f"it is no file that torch.save wrote; {SAVE_RIGHT}"
            raise NetworkFileError(f"{what}.")
        check_legacy(begin)
        return False
    with open_archive(path) as archive:
        entries = archive.infolist()
        if any(entry.filename.endswith("/constants.pkl") for entry in entries):
            raise NetworkFileError(f"it is a TorchScript program, which is code, so it was not opened; {SAVE_RIGHT}.")
        if any(entry.compress_type or entry.file_size != entry.compress_size for entry in entries):
            raise NetworkFileError("it is compressed, as torch.save never does; get a new copy.")
        pickles = [entry for entry in entries if entry.filename.casefold().endswith(".pkl")]
        if not pickles and any(entry.filename.endswith(".npy") for entry in entries):
            raise NetworkFileError("it is an .npz of NumPy; give it that suffix.")
        if not pickles:
            raise NetworkFileError(f"it is a zip file, but not one that torch.save wrote; {SAVE_RIGHT}.")
        for entry in pickles:
            check_pickle(read_entry(archive, entry, MOST_BYTES))
    return True


def _loaded(path: Path, is_zip: bool) -> Any:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on how the file should have been saved
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
    except _DAMAGES as error:
        raise NetworkFileError(f"it is damaged, or its end is missing; get a new copy, or {SAVE_RIGHT}.") from error


def _state(loaded: Any) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Return the arrays of a state_dict by name, wherever in a file it is, and what was left out.

    Several networks, such as an encoder and a decoder, keep the names that the file gives them before those of their
    arrays.
    """
    known = list(_dictionaries(loaded, (), set()))
    states = [(names, state) for names, state in known if any(map(is_torch_name, state))]
    if not states:
        if isinstance(loaded, Mapping) and loaded.keys() >= {"state", "param_groups"}:
            raise NetworkFileError(f"it is the memory of an optimizer, without the network's weights; {SAVE_RIGHT}.")
        if not any(state for _, state in known):
            raise NetworkFileError(f"it holds no arrays by name; {SAVE_RIGHT}.")
        return max((state for _, state in known), key=len), []
    used = [each for each in states if not _is_copy(each[0])] or states[:1]
    notes = [f"Left out: {'.'.join(names)}" for names, _ in states if not any(names == kept for kept, _ in used)]
    if len(used) == 1:
        return used[0][1], notes
    joined = {".".join((*names, name)): tensor for names, state in used for name, tensor in state.items()}
    return joined, notes


def _is_copy(names: tuple[str, ...]) -> bool:
    return any(word in name.casefold() for name in names for word in _NOT_THE_NETWORK)


def _dictionaries(
    value: Any, names: tuple[str, ...], seen: set[int]
) -> Iterator[tuple[tuple[str, ...], dict[str, torch.Tensor]]]:
    """Yield the arrays of a dictionary and of those within it, each once, with the names that lead there."""
    import torch

    if not isinstance(value, Mapping) or len(names) > _DEEPEST or id(value) in seen:
        return
    seen.add(id(value))
    texts = {name: item for name, item in value.items() if isinstance(name, str)}
    yield names, {name: item for name, item in texts.items() if isinstance(item, torch.Tensor)}
    for name, item in texts.items():
        yield from _dictionaries(item, (*names, name), seen)


def _stored(tensor: torch.Tensor) -> Stored:
    import torch

    kind = str(tensor.dtype).removeprefix("torch.")
    usual = tensor.layout == torch.strided and not tensor.is_quantized
    return Stored(tuple(tensor.shape), kind if usual else f"{kind}{OTHER_LAYOUT}", partial(_read, tensor))


def _read(tensor: torch.Tensor) -> Array:
    import torch

    kind = str(tensor.dtype).removeprefix("torch.")
    full = tensor.detach().to(torch.float32) if kind in HALF else tensor.detach().clone()  # not the file's own memory
    return full.numpy()
