"""Packs frozen objects of arrays into bytes and back, without pickle: nothing in a received file can run.

The bytes are those of the safetensors format, which names arrays and knows nothing else; what is no array stands in
one entry of them as JSON.
"""

import dataclasses
import json
import types
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import prod
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from ..runs.observation import Extras, Flow, Histogram, LayerFlow, Observed, WeightFacts
from ..runs.snapshot import Snapshot
from ..tasks.base import TaskFacts
from ..tasks.held_out import HeldOut
from ..text.numbers import is_real

Arrays = Mapping[str, NDArray[Any]]
T = TypeVar("T")

_ABOUT = "about"
"""The entry that holds JSON."""
_KINDS: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (Snapshot, Extras, Flow, LayerFlow, Observed, WeightFacts, Histogram, TaskFacts, HeldOut)
}
"""What can be packed. A class that is renamed keeps its old name here."""


_MOST_WORDS = 1_000_000
"""Bytes that name arrays, or say what is no array: Python needs many times as many."""
_LENGTH_BYTES = 8
PIECE_BYTES = 1_000_000
"""That are read or inflated at once: copying them holds Python's lock, for which the window waits."""
_DTYPES = {
    **{f"F{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
    **{f"{code}{bits}": np.dtype(f"<{code.lower()}{bits // 8}") for code in "IU" for bits in (8, 16, 32, 64)},
    "BOOL": np.dtype(bool),
}
"""What safetensors calls them."""
_DAMAGES = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
    RecursionError,
    MemoryError,
)
"""What bytes that hold something else come to."""


class PackingError(ValueError):
    """Bytes that hold something else; its text says what, for a sentence about the file that they came from."""


def pack_arrays(arrays: Arrays, about: Mapping[str, Any]) -> bytes:
    """Return arrays by name, and what JSON can say about them, as bytes."""
    text = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    return bytes(safetensors.numpy.save({**contiguous, _ABOUT: text}))


def unpack_arrays(data: bytes | bytearray) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return what `pack_arrays` was given; raises PackingError for bytes that are something else.

    The arrays are those in a bytearray itself: nothing is copied of one.
    """
    if int.from_bytes(data[:_LENGTH_BYTES], "little") > _MOST_WORDS:
        raise PackingError("arrays were expected")
    try:
        arrays = dict(_arrays_in(data if isinstance(data, bytearray) else bytearray(data)))
        words = arrays.pop(_ABOUT)
        if words.nbytes > _MOST_WORDS:
            raise PackingError("a short description of the arrays was expected")
        about = json.loads(words.tobytes())
    except PackingError:
        raise
    except _DAMAGES as error:
        raise PackingError(f"arrays were expected ({error})") from error
    if not isinstance(about, dict):
        raise PackingError("a description of the arrays was expected")
    return arrays, about


def _arrays_in(data: bytearray) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays of the safetensors format (https://huggingface.co/docs/safetensors) where they stand.

    Its own reader would copy all of them in one piece, in which no other thread runs.
    """
    begin = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "little")
    for name, member in json.loads(data[_LENGTH_BYTES:begin].decode()).items():
        if name == "__metadata__":
            continue
        dtype, shape, (first, end) = _DTYPES[member["dtype"]], member["shape"], member["data_offsets"]
        if not all(type(size) is int and size >= 0 for size in (*shape, first, end)):
            raise ValueError(f"the size of {name[:60]} is no whole number")
        count = prod(shape)
        if not first <= end <= len(data) - begin or end - first != count * dtype.itemsize:
            raise ValueError(f"{name[:60]} is not where it should be")
        yield name, np.frombuffer(data, dtype, count, begin + first if count else 0).reshape(shape)


def pack(value: object) -> bytes:
    """Return a snapshot, or what a snapshot is made of, as bytes; raises TypeError for anything else."""
    arrays: dict[str, NDArray[Any]] = {}
    about = {"value": _taken_apart(value, arrays)}  # fills the arrays
    return pack_arrays(arrays, about)


def unpack(data: bytes | bytearray, kind: type[T]) -> T:
    """Return the object of this kind that `pack` was given; raises PackingError for bytes that hold another one."""
    arrays, about = unpack_arrays(data)
    try:
        value = _put_together(about["value"], arrays)
    except _DAMAGES as error:
        raise PackingError(f"{kind.__name__} was expected ({error})") from error
    if not isinstance(value, kind):
        raise PackingError(f"{kind.__name__} was expected, found {type(value).__name__}")
    return value


def _taken_apart(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """Return a value as JSON can hold it; its arrays are added to `arrays` under numbers."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.ndarray):
        arrays[str(len(arrays))] = value
        return {"array": str(len(arrays) - 1)}
    if isinstance(value, Mapping):
        return {"map": {name: _taken_apart(item, arrays) for name, item in value.items()}}
    if isinstance(value, (tuple, list)):
        return [_taken_apart(item, arrays) for item in value]
    if type(value) in _KINDS.values():
        members = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
        return {type(value).__name__: {name: _taken_apart(item, arrays) for name, item in members.items()}}
    raise TypeError(f"{type(value).__name__} cannot be packed")


def _put_together(found: Any, arrays: Arrays) -> Any:
    if isinstance(found, list):
        return tuple(_put_together(item, arrays) for item in found)
    if not isinstance(found, dict):
        return found
    ((kind, content),) = found.items()
    if kind == "array":
        return arrays[content]
    members = {name: _put_together(item, arrays) for name, item in content.items()}
    if kind == "map":
        return members
    known = {item.name for item in dataclasses.fields(_KINDS[kind])}
    # What a later version has added is left out; what it has given up keeps its default.
    made = _KINDS[kind](**{name: item for name, item in members.items() if name in known})
    wrong = misfit(made)
    if wrong:
        raise PackingError(f"{wrong} of {kind} is something else")
    return made


def inflated(data: bytes | Iterable[bytes], most: int) -> bytearray:
    """Return deflated bytes, given whole or piece by piece, as they were.

    Raises PackingError for others, and where they come to more than `most`.
    """
    inflating, found = zlib.decompressobj(), bytearray()
    try:
        for piece in pieces_of(data) if isinstance(data, bytes) else data:
            rest, room, given = piece, PIECE_BYTES, PIECE_BYTES
            while (rest or given == room) and not inflating.eof:  # a full one may have left something behind
                room = min(PIECE_BYTES, most + 1 - len(found))
                inflated_now = inflating.decompress(rest, room)
                given, rest = len(inflated_now), inflating.unconsumed_tail
                found += inflated_now
                if len(found) > most:
                    raise PackingError(f"it contains more than {most:,} bytes, which its run cannot have written")
    except (zlib.error, TypeError) as error:
        raise PackingError(str(error)) from error
    if not inflating.eof:  # its end is a checksum
        raise PackingError("its end is missing")
    return found


def pieces_of(data: bytes) -> Iterator[bytes]:
    """Yield bytes piece by piece."""
    for begin in range(0, len(data), PIECE_BYTES):
        yield data[begin : begin + PIECE_BYTES]


@cache
def kinds_of(kind: Any) -> Mapping[str, Any]:
    """Return the declared kinds of a dataclass's fields, by name."""
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in dataclasses.fields(kind)}


def misfit(value: Any) -> str:
    """Return the name of the first field of a dataclass whose value is not of its kind, "" where all are."""
    kind: Any = type(value)
    return next((name for name, kind in kinds_of(kind).items() if not is_of(getattr(value, name), kind)), "")


def is_of(value: Any, kind: Any) -> bool:
    """Return whether a value is of a declared kind: a class, a union, a Literal, a tuple, a Mapping or an array."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(is_of(value, one) for one in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is tuple:
        each = inner[:1] * len(value) if isinstance(value, tuple) and inner[1:] == (...,) else inner
        return (
            isinstance(value, tuple)
            and len(value) == len(each)
            and all(is_of(item, one) for item, one in zip(value, each, strict=True))
        )
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            is_of(name, inner[0]) and is_of(item, inner[1]) for name, item in value.items()
        )
    if origin is np.ndarray:
        return isinstance(value, np.ndarray)
    if kind in (int, float) and isinstance(value, bool):  # which Python takes for a number
        return False
    return is_real(value) if kind is float else isinstance(value, kind)
