"""Reads an HDF5 file with HDF5's own library, as a program of its own: python library.py LENGTH < FILE.

A damaged file can keep that library busy for ever, or end its process; here it ends only this one. Every link, layout
and size is looked at before a number is read. To stdout go a line of JSON and then the arrays one after the other. It
imports nothing of this program.
"""

from __future__ import annotations

import io
import json
import sys
from math import prod
from typing import Any

_MOST_OBJECTS, _DEEPEST = 20_000, 24
_LONGEST_TEXT = 16 * 2**20
_LARGEST_DENSE = 64 * 2**20
_FLOATS = {2: "float16", 4: "float32", 8: "float64"}
_MORE_BYTES = 512 * 2**20


class _Refused(Exception):  # noqa: N818
    """Why a file is not read, in a sentence."""


def told(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return what is in a file, and the bytes of its arrays; {"error": a sentence} where it is not read."""
    import h5py

    damages = (OSError, RuntimeError, LookupError, ValueError, TypeError, OverflowError, AttributeError, MemoryError)
    said: dict[str, Any] = {"arrays": {}, "names": {}, "settings": ""}
    parts: list[bytes] = []
    try:
        file = h5py.File(io.BytesIO(data), "r")
    except damages:
        return {"error": "it is no HDF5 file, or is damaged; get a new copy, or choose another file."}, []
    try:
        _walk(h5py, file, said, parts)
        said["settings"] = _text(file, "model_config")
    except _Refused as refused:
        return {"error": str(refused)}, []
    except damages:
        return {"error": "it is damaged: its parts do not fit together; get a new copy."}, []
    return said, parts


def _walk(h5py: Any, file: Any, said: dict[str, Any], parts: list[bytes]) -> None:
    waiting, count = [("", file, 0)], 0
    while waiting:
        place, group, depth = waiting.pop()
        count += len(group)
        if count > _MOST_OBJECTS or depth > _DEEPEST:
            raise _Refused(
                f"it has more than {_MOST_OBJECTS:,} parts, or leads back into itself; save the network alone."
            )
        below = []
        for name in group:
            path = _plain(f"{place}/{name}" if place else name)
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise _Refused(
                    f"{path[:120]} is a link to another place or file, so it is not read; save the network whole."
                )
            item = group[name]
            if isinstance(item, h5py.Group):
                below.append((path, item, depth + 1))
                if text := _text(item, "name"):
                    said["names"][path] = text[:200]
            elif isinstance(item, h5py.Dataset):
                shape, kind = _kind(h5py, path, item)
                numbers = _numbers(path, item, shape, kind)
                said["arrays"][path] = [shape, kind, None if numbers is None else len(numbers)]
                parts += [] if numbers is None else [numbers]
        waiting += reversed(below)


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _text(item: Any, name: str) -> str:
    """Return an attribute that is a text, "" where it is none."""
    if name not in item.attrs or item.attrs.get_id(name).get_storage_size() > _LONGEST_TEXT:
        return ""
    value = item.attrs[name]
    return (
        value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else _plain(value)
        if isinstance(value, str)
        else ""
    )


def _kind(h5py: Any, path: str, item: Any) -> tuple[tuple[int, ...], str]:
    """Return the shape of an array, and numpy's name of its numbers."""
    made = item.id.get_create_plist()
    if made.get_layout() == h5py.h5d.VIRTUAL or made.get_external_count():
        raise _Refused(f"{path[:120]} has its numbers in another file, so it is not read; save the network whole.")
    try:
        shape, dtype = tuple(int(size) for size in item.shape or ()), item.dtype
    except TypeError:  # numpy has no such kind of numbers
        return (), "something else than numbers"
    kind = _FLOATS.get(dtype.itemsize, dtype.name) if dtype.kind == "f" else dtype.name
    if dtype.kind in "Vu" and dtype.itemsize == 2 and _text(item, "dtype") == "bfloat16":
        kind = "bfloat16"
    if kind not in (*_FLOATS.values(), "bfloat16"):
        return shape, kind
    stored, needed = item.id.get_storage_size(), prod(shape) * dtype.itemsize
    if made.get_nfilters() or stored < needed:
        raise _Refused(
            f"{path[:120]} is compressed, or its {needed:,} bytes are not all there ({stored:,}), which Keras never "
            "writes; save the network again with Keras."
        )
    return shape, kind


def _numbers(path: str, item: Any, shape: tuple[int, ...], kind: str) -> bytes | None:
    """Return an array's bytes, little-endian; None of one that no recurrent layer or readout can need."""
    import numpy as np

    needed = prod(shape) * item.dtype.itemsize if kind in (*_FLOATS.values(), "bfloat16") else 0
    group = path.rpartition("/")[0]
    if not 0 < len(shape) <= 2 or not needed or not ("cell" in group or needed <= _LARGEST_DENSE):
        return None
    array = np.asarray(item[()])
    return array.tobytes() if kind == "bfloat16" else array.astype(f"<f{array.dtype.itemsize}").tobytes()


def main() -> None:
    """Answer for the file that comes in."""
    length = int(sys.argv[1])
    try:
        import resource
    except ImportError:  # there is none on Windows
        pass
    else:
        most = 4 * length + _MORE_BYTES + 2**30
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    said, parts = told(sys.stdin.buffer.read(length))
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n")
    for part in parts:
        sys.stdout.buffer.write(part)


if __name__ == "__main__":
    main()
