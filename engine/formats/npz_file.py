"""Reads and writes `.npz`, NumPy's archive of arrays: weights by the names W_f, b_f … W_y, b_y, with x, h0 and c0.

Nothing in it is unpickled, and nothing is unpacked before the directory of the archive has said how large it will be.
An array `order` holds "x,h" or "h,x", how the columns of each W stand, and `output` what W_y·h + b_y ends in.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cell.cells import ORDERS, OUTPUTS
from ..text.amounts import bytes_in_words
from ..text.listed import listed
from ..whole_file import whole_file
from .found import Array, Found, FoundLayer, NetworkFileError, Told
from .names.archive import DAMAGES, open_archive, read_portions
from .names.blog_names import blog_layers
from .names.examples_of import examples_of
from .names.renamed import MOST_SEEN, what_it_is
from .names.stored import Stored, reading, widened, writing
from .names.torch_names import is_torch_name, torch_layers

_MOST = 4 * 2**30
"""Bytes of all arrays of a file together."""
_SHORT = 64
"""Bytes of a text in it, at most."""
_SUFFIX = ".npy"
_ORDER = "The columns of each W are read as [x, h]; if they are [h, x], choose that order"

_GUESSED = "Both are as large, so which of them reads x is taken from their names; if it is the other, exchange them"


def read_network(path: Path, told: Told | None = None) -> Found:
    """Return the cells of an archive: by this program's names for weights, or by torch's.

    told: the order of the columns where the archive does not say it, and which of several examples x and the first
    states are taken from. Raises NetworkFileError, in one sentence, for anything else.
    """
    told = told or Told()
    with reading(path), _archive(path) as archive:
        arrays, texts = _contents(archive)
        if any(map(is_torch_name, arrays)):
            torch = torch_layers(arrays, _MOST, ordered=False)
            return Found("an .npz with torch's names", torch.layers, torch.notes, torch.readout)
        order = told.order or (texts.get("order", "") if texts.get("order") in ORDERS else "")
        found = blog_layers(arrays, Told(order, told.column), _MOST)
        first = found.layers[0]
        given = examples_of({name: each for name, each in arrays.items() if name not in found.used}, first, told.column)
        layers = (given.begun(first), *found.layers[1:])
        notes = [*given.notes, *([] if order or found.halves else [_ORDER])]
        if found.halves:
            notes.append(f"Each gate's two matrices are put side by side: {found.halves.words}, and so on")
            notes += [_GUESSED] * found.halves.guessed
        output = texts.get("output", "")
        if found.readout is not None and output not in OUTPUTS:
            output = "softmax" if len(found.readout[0]) > 1 else "sigmoid"
            notes.append(f"The output y is taken to end in {output}")
        left = sorted(arrays.keys() - found.used - given.used)
        if left:
            notes.append(f"Left out: {listed(left[:8])}")
        ends_in = output or "identity"
        return Found("an .npz of weights", layers, tuple(notes), found.readout, ends_in, given.x, given.examples)


def write_network(path: Path, found: Found) -> list[str]:
    """Write a network's weights by this program's names, in their own precision; return sentences on what is left out.

    Layers of several are named "layer1.W_f". The columns of each W stand as `order` of the first layer says. x is
    (T, m), h0 (n,), c0 (k,).
    """
    arrays: dict[str, NDArray[Any]] = {}
    order = found.layers[0].order
    for layer in found.layers:
        several = len([each for each in found.layers if each.name == layer.name]) > 1
        prefix = f"{layer.name}." if layer.name not in ("", layer.cell) else ""
        prefix += f"layer{layer.layer + 1}{'_reverse' * layer.reverse}." if several else ""
        arrays |= {f"{prefix}{name}": _turned(layer, name, order) for name in layer.weights}
    if found.readout is not None:
        arrays |= {"W_y": found.readout[0], "b_y": found.readout[1], "output": np.array(found.output)}
    if found.x is not None:
        arrays["x"] = found.x
    arrays |= found.layers[0].initial
    arrays["order"] = np.array(order)
    with writing(path), whole_file(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
    return []


def _turned(layer: FoundLayer, name: str, order: str) -> Array:
    array = layer.weights[name]
    joined = layer.declared.shapes[name][-1] == "m+n"
    return np.roll(array, layer.n, axis=1) if joined and order == "h,x" else array


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    with path.open("rb") as file:
        begin = file.read(MOST_SEEN)
    if not begin.startswith(b"PK"):
        raise NetworkFileError(
            f"{what_it_is(begin) or 'it is no .npz, which would be a zip file; write it with numpy.savez'}."
        )
    with open_archive(path) as archive:
        if any(entry.filename.endswith("/data.pkl") for entry in archive.infolist()):
            raise NetworkFileError("it is a PyTorch file, a .pt; give it that suffix.")
        total = sum(entry.file_size for entry in archive.infolist())
        if total > _MOST:
            raise NetworkFileError(
                f"unpacked it would have {bytes_in_words(total)}, more than a network here can have; it may be a zip "
                "bomb, so nothing was unpacked."
            )
        yield archive


def _contents(archive: zipfile.ZipFile) -> tuple[dict[str, Stored], dict[str, str]]:
    """Return the arrays of an archive by name, and its short texts."""
    arrays: dict[str, Stored] = {}
    texts: dict[str, str] = {}
    for entry in archive.infolist():
        name = entry.filename.removesuffix(_SUFFIX)
        if not entry.filename.endswith(_SUFFIX) or name in arrays:
            continue
        shape, dtype, turned, begin = _header(archive, entry, name)
        if dtype.hasobject:
            raise NetworkFileError(
                f"{name} holds Python objects, which are pickled and could run code, so it was not opened; save arrays "
                "of numbers alone."
            )
        if prod(shape) * dtype.itemsize != entry.file_size - begin:
            raise NetworkFileError(f"{name} should have {prod(shape):,} numbers, but has others; get a new copy.")
        read = partial(_read, archive, entry, begin, shape, dtype, turned)
        if dtype.kind == "U" and shape == () and dtype.itemsize <= 4 * _SHORT:
            texts[name] = str(read())
        arrays |= {} if dtype.kind == "U" else {name: Stored(shape, _kind(dtype), read)}
    return arrays, texts


def _kind(dtype: np.dtype[Any]) -> str:
    """Return the name of a dtype; whole numbers, as people type them, count as float64, which holds them exactly."""
    whole = dtype.kind in "iu" and dtype.itemsize > 1
    return "float64" if whole or (dtype.kind == "f" and dtype.itemsize > 8) else dtype.name


def _header(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str
) -> tuple[tuple[int, ...], np.dtype[Any], bool, int]:
    """Return shape, dtype, whether columns come first, and where the numbers begin."""
    try:
        with archive.open(entry) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on headers as old Pythons wrote them
            version = np.lib.format.read_magic(file)
            read: Any = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, turned, dtype = read(file)
            return tuple(int(size) for size in shape), dtype, turned, file.tell()
    except (*DAMAGES, SyntaxError, TokenError, TypeError, KeyError, RecursionError) as error:
        raise NetworkFileError(f"{name[:60]} in it is no array of numbers, or is damaged; get a new copy.") from error


def _read(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    begin: int,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    turned: bool,
) -> NDArray[Any]:
    try:
        with archive.open(entry) as file:
            file.read(begin)
            data = read_portions(file, entry.file_size - begin)
        array = np.frombuffer(data, dtype=dtype)
        array = array.reshape(shape[::-1]).T if turned else array.reshape(shape)
    except DAMAGES as error:
        raise NetworkFileError(f"{entry.filename} in it is damaged; get a new copy.") from error
    return array if dtype.kind == "U" else widened(array if dtype.kind == "f" else array.astype(np.float64))
