"""Reads and writes `.safetensors`: arrays by torch's names, in a format that cannot hold code.

A file is a length of 8 bytes, little-endian, so many bytes of JSON that say of each array its dtype, shape and place,
and then the numbers (https://huggingface.co/docs/safetensors). Everything is checked before a number is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ..document.document import brief
from ..whole_file import whole_file
from .found import Array, Found, NetworkFileError, Told
from .names.renamed import MOST_SEEN, what_it_is
from .names.stored import Stored, from_bfloat16, reading, widened, writing
from .names.torch_names import torch_layers
from .names.torch_writing import torch_arrays

_LENGTH_BYTES = 8
_MOST_WORDS = 4 * 2**20
"""Bytes of JSON: 20,000 arrays need less."""
_KINDS = {"F64": ("float64", 8), "F32": ("float32", 4), "F16": ("float16", 2), "BF16": ("bfloat16", 2)}
_OTHERS = {"I": "int", "U": "uint", "F": "float", "BOOL": "bool"}
_LARGEST = 2**40
_NOT_ONE = "it is no .safetensors file ({why}); get a new copy, or choose another file."


def read_network(path: Path, told: Told | None = None) -> Found:
    """Return the recurrent layers of a file; raises NetworkFileError, in one sentence, for anything else."""
    with reading(path) as size:
        found = torch_layers(_arrays(path, size), size, ordered=False)
        return Found("a .safetensors file", found.layers, found.notes, found.readout)


def write_network(path: Path, found: Found) -> list[str]:
    """Write a network's weights by torch's names; return sentences on what it cannot hold.

    Names as `engine.formats.names.torch_writing` says. Raises NetworkFileError for a cell that torch has no module for.
    """
    from safetensors.numpy import save_file

    arrays, notes = torch_arrays(found)
    with writing(path), whole_file(path) as temporary:
        contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        save_file(contiguous, temporary, metadata={"format": "pt"})
    return notes


def _arrays(path: Path, size: int) -> dict[str, Stored]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        if not 2 <= length <= size - _LENGTH_BYTES:
            file.seek(0)
            seen = file.read(MOST_SEEN)
            is_one = seen[_LENGTH_BYTES:].startswith(b'{"')  # of which a part is missing
            known = "" if is_one else what_it_is(seen)
            if known:
                raise NetworkFileError(f"{known}.")
            raise NetworkFileError(_NOT_ONE.format(why=f"its first 8 bytes would mean a header of {length:,} bytes"))
        if length > _MOST_WORDS:
            raise NetworkFileError(
                f"its header has {length:,} bytes, more than a network needs; save the network again."
            )
        words = file.read(length)
    try:
        members = json.loads(words.decode())
    except (ValueError, RecursionError) as error:
        raise NetworkFileError(_NOT_ONE.format(why="its header is not JSON")) from error
    if not isinstance(members, dict):
        raise NetworkFileError(_NOT_ONE.format(why=f"its header is {brief(members)}"))
    begin = _LENGTH_BYTES + length
    return {name: _stored(path, name, each, begin, size) for name, each in members.items() if name != "__metadata__"}


def _stored(path: Path, name: str, member: Any, begin: int, size: int) -> Stored:
    """Return what the header says of one array; raise NetworkFileError where its numbers cannot be in the file."""
    found = member if isinstance(member, Mapping) else {}
    shape, places, code = _sizes(found.get("shape")), _sizes(found.get("data_offsets")), found.get("dtype")
    if shape is None or places is None or len(places) != 2 or not isinstance(code, str):
        raise NetworkFileError(f"what its header says of {name[:60]} is damaged; get a new copy.")
    kind, width = _KINDS.get(code, ("", 0))
    first, end = places
    whole = end - first == prod(shape) * width if kind else True
    if not first <= end <= size - begin or not whole:
        raise NetworkFileError(
            f"{name[:60]} should have {'×'.join(map(str, shape)) or 'one'} numbers ({code[:12]}), but its place has "
            f"{end - first:,} bytes, or is outside the file; get a new copy."
        )
    return Stored(shape, kind or _other(code), partial(_read, path, kind, begin + first, end - first, shape))


def _sizes(value: Any) -> tuple[int, ...] | None:
    """Return a list of whole numbers that may be sizes or places, None for anything else."""
    are = isinstance(value, list) and all(
        isinstance(each, int) and not isinstance(each, bool) and 0 <= each < _LARGEST for each in value
    )
    return tuple(value) if are else None


def _other(code: str) -> str:
    """Return the name of another dtype: I8 as int8, F8_E4M3 as float8_e4m3."""
    letters, digits = re.fullmatch(r"([A-Z]*)(.*)", code, re.DOTALL).groups()  # type: ignore[union-attr]  # it fits any
    return f"{_OTHERS.get(letters, letters)}{digits}".lower()[:20]


def _read(path: Path, kind: str, begin: int, length: int, shape: tuple[int, ...]) -> Array:
    with path.open("rb") as file:
        file.seek(begin)
        data = file.read(length)
    if len(data) != length:
        raise NetworkFileError("it became shorter while it was read; try again.")
    if kind == "bfloat16":
        return from_bfloat16(data).reshape(shape)
    return widened(np.frombuffer(data, dtype=np.dtype(kind).newbyteorder("<")).reshape(shape))
