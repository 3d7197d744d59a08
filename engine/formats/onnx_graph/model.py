"""An ONNX model as it is read from a file: its size looked at first, its constants, and which node made which value.

The format is that of https://onnx.ai/onnx/repo-docs/IR.html. Nothing of a model is run.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...document.memory import check_free
from ..found import NetworkFileError
from ..names.packages import package
from ..names.stored import from_bfloat16

LARGEST_FILE = 2**31 - 1
"""Bytes that a protobuf may have."""
MOST_FIELDS = 1_000_000
"""Fields of all messages together; a node of a model has about ten."""
MOST_NUMBERS = 2**28
"""Numbers that are made of a file's constants; the largest layer here has 2²⁷."""
_DEEPEST = 64
_MOST_TIMES = 32
_PACKED_NUMBER_BYTES = 8

Numbers = NDArray[Any]

_DTYPES: Mapping[int, tuple[str, str]] = {
    1: ("<f4", "float_data"),
    2: ("|u1", "int32_data"),
    3: ("|i1", "int32_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    10: ("<f2", "int32_data"),
    11: ("<f8", "double_data"),
    16: ("<u2", "int32_data"),  # bfloat16: the upper half of a float32
}
"""Types of tensors that are read: how their bytes are, and which field has their numbers where there are no bytes."""
_BFLOAT16, _FLOAT16, _EXTERNAL = 16, 10, 1


def damaged(what: str) -> NetworkFileError:
    """Return the error of a file that is no whole ONNX file."""
    return NetworkFileError(f"it is no ONNX file, or is damaged: {what}; get a new copy, or choose another file.")


def load(path: Path, size: int) -> Any:
    """Return the ModelProto of a file of so many bytes.

    Before it is parsed, the lengths of its parts are looked at: a few bytes can stand for a message that takes a
    hundred times as many in memory. Raises NetworkFileError, OSError.
    """
    model = package("onnx", "onnx", "an ONNX file").ModelProto()
    message = package("google.protobuf.message", "onnx", "an ONNX file")
    if size == 0:
        raise damaged("it is empty")
    if size > LARGEST_FILE:
        raise NetworkFileError(
            f"it has {size:,} bytes, and an ONNX file has at most {LARGEST_FILE:,}; save the model with its weights in "
            "a file beside it."
        )
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        check_free("the model", _needed_bytes(data, model.DESCRIPTOR), "a smaller one, or close other programs.")
        with memoryview(data) as view:
            try:
                model.ParseFromString(view)
            except message.DecodeError as error:
                raise damaged("its parts do not fit together") from error
    if not _is_text(model):
        raise damaged("a name in it is not UTF-8")
    return model


def _is_text(message: Any) -> bool:
    """Return whether every text of a message is one: protobuf gives bytes for what is not UTF-8."""
    waiting = [message]
    while waiting:
        for kept, value in waiting.pop().ListFields():
            parts = [value] if isinstance(value, str | bytes) or hasattr(value, "ListFields") else value
            if kept.type == kept.TYPE_MESSAGE:
                waiting.extend(parts)
            elif kept.type == kept.TYPE_STRING and not all(isinstance(each, str) for each in parts):
                return False
    return True


def _needed_bytes(data: mmap.mmap, descriptor: Any) -> int:
    """Return about how many bytes a protobuf takes when it is parsed; raise where it has too many fields."""
    fields, packed = 0, 0
    kinds: dict[str, dict[int, tuple[Any, bool]]] = {}
    waiting = [(0, len(data), descriptor, 0)]
    while waiting:
        at, end, kind, depth = waiting.pop()
        known = kinds.get(kind.full_name)
        if known is None:
            # A packed number may be one byte in the file, but for the fixed widths of float and double.
            known = kinds[kind.full_name] = {
                number: (item.message_type, item.type not in (1, 2, 9, 12))
                for number, item in kind.fields_by_number.items()
            }
        while at < end:
            fields += 1
            if fields > MOST_FIELDS:
                raise NetworkFileError(
                    f"it has more than {MOST_FIELDS:,} parts, too many to read; save the recurrent layers alone."
                )
            tag, at = _varint(data, at, end)
            wire, number = tag & 7, tag >> 3
            if wire == 0:
                _, at = _varint(data, at, end)
            elif wire in (1, 5):
                at += 8 if wire == 1 else 4
            elif wire == 2:
                length, at = _varint(data, at, end)
                message, is_number = known.get(number, (None, False))
                if message is not None:
                    if depth >= _DEEPEST:
                        raise damaged(f"its parts are nested more than {_DEEPEST} deep")
                    waiting.append((at, min(at + length, end), message, depth + 1))
                elif is_number:
                    packed += length
                at += length
            else:
                raise damaged("it has a field of a kind that ONNX does not use")
            if number == 0 or at > end:
                raise damaged("its parts do not fit together")
    return 2 * len(data) + _PACKED_NUMBER_BYTES * packed + 200 * fields


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    """Return a number of seven bits a byte and where it ends."""
    result, shift = 0, 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        result |= (byte & 127) << shift
        if byte < 128:
            return result, at
        shift += 7
    raise damaged("it ends within a number")


def attributes(node: Any) -> dict[str, Any]:
    """Return the attributes of a node by name."""
    return {item.name: item for item in node.attribute}


@dataclass
class Budget:
    """How many numbers may be made of a file's constants, and those that have been computed."""

    taken: int = 0
    computed: int = 0
    known: dict[tuple[Scope, str], Numbers | None] = field(default_factory=dict)

    def take(self, count: int) -> None:
        """Count numbers of the file; raise NetworkFileError where they are too many."""
        self.taken += count
        if self.taken > MOST_NUMBERS:
            raise NetworkFileError(
                f"its recurrent layers have more than {MOST_NUMBERS:,} weights, too many to show; save one layer alone."
            )

    def compute(self, count: int) -> None:
        """Count numbers that a node makes; raise NetworkFileError where small nodes make ever more of few numbers."""
        self.computed += count
        if self.computed > _MOST_TIMES * self.taken:
            raise NetworkFileError(
                f"its weights are put together by nodes that make {_MOST_TIMES} times as many numbers of them as there "
                "are in the file; save the model with its constants folded."
            )


@dataclass(eq=False)
class Scope:
    """A graph of a model, or of a node's body: its constants and nodes by the value that they make.

    outer: the graph that it stands in, whose values it may read. label: what names in it begin with.
    """

    folder: Path
    graph: Any
    budget: Budget
    outer: Scope | None = None
    label: str = ""
    initializers: dict[str, Any] = field(init=False)
    producers: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.initializers = {tensor.name: tensor for tensor in self.graph.initializer if tensor.name}
        self.producers = {name: node for node in self.graph.node for name in node.output if name}

    def maker(self, name: str) -> tuple[Scope, Any] | None:
        """Return the node that makes a value, and its graph; None of an input, a constant or an unknown name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.producers:
                return scope, scope.producers[name]
            if name in scope.initializers:
                return None
            scope = scope.outer
        return None

    def tensor(self, name: str) -> Any:
        """Return the constant of that name, a TensorProto; None where it is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.initializers:
                return scope.initializers[name]
            if name in scope.producers:
                return None
            scope = scope.outer
        return None

    def bodies(self) -> Iterator[Scope]:
        """Yield the graphs within nodes of this one: the branches of If, the bodies of Loop and Scan."""
        for node in self.graph.node:
            for item in node.attribute:
                for graph in (*([item.g] if item.HasField("g") else ()), *item.graphs):
                    label = f"{self.label}{node.name or node.op_type}/"
                    yield Scope(self.folder, graph, self.budget, self, label)

    def array(self, tensor: Any) -> Numbers:
        """Return a tensor's numbers, in its shape; bfloat16 as float32. Raises NetworkFileError."""
        name, dims = tensor.name or "a constant", tuple(tensor.dims)
        if tensor.data_type not in _DTYPES:
            raise NetworkFileError(
                f"{name} is of ONNX's type number {tensor.data_type}, but weights are read as float, float16, bfloat16 "
                "or double; save the model without quantisation."
            )
        dtype, stored = _DTYPES[tensor.data_type]
        width, count = np.dtype(dtype).itemsize, 1
        if len(dims) > 8 or min(dims, default=0) < 0:
            raise damaged(f"{name} has an impossible shape")
        for size in dims:
            count *= size
        self.budget.take(count)
        if tensor.data_location == _EXTERNAL:
            flat = np.frombuffer(self._external(tensor, name, count * width), dtype)
        elif tensor.HasField("raw_data"):
            if len(tensor.raw_data) != count * width:
                raise damaged(f"{name} has {len(tensor.raw_data):,} bytes for {count:,} numbers")
            flat = np.frombuffer(tensor.raw_data, dtype)
        else:
            numbers = getattr(tensor, stored)
            if len(numbers) != count:
                raise damaged(f"{name} has {len(numbers):,} numbers in a shape for {count:,}")
            if tensor.data_type in (_FLOAT16, _BFLOAT16):  # their bits, as whole numbers
                flat = np.asarray(numbers, np.int64).astype(np.uint16).view(dtype)
            else:
                flat = np.asarray(numbers).astype(dtype)
        if tensor.data_type == _BFLOAT16:
            flat = from_bfloat16(flat.tobytes())
        return flat.reshape(dims)

    def _external(self, tensor: Any, name: str, expected: int) -> bytes:
        """Return the bytes of a tensor that stand in a file of the model's own folder."""
        told = {item.key: item.value for item in tensor.external_data}
        location = told.get("location", "")
        place = f"{name} is said to be in the file “{location}”"
        parts = (*PurePosixPath(location).parts, *PureWindowsPath(location).parts)
        absolute = PurePosixPath(location).is_absolute() or PureWindowsPath(location).anchor
        if not 0 < len(location) < 256 or "\0" in location or absolute or ".." in parts:
            raise NetworkFileError(f"{place}, outside the model's own folder, so it is not read; save it in one file.")
        file = self.folder / location
        steps = [file, *(parent for parent in file.parents if self.folder in parent.parents)]
        if any(step.is_symlink() for step in steps):
            raise NetworkFileError(f"{place}, a link that may lead out of its folder; put the file itself there.")
        if not file.is_file():
            raise NetworkFileError(f"{place}, which is not there; put it beside the model.")
        offset, length = (told.get(key, default) for key, default in (("offset", "0"), ("length", str(expected))))
        if not (offset.isascii() and offset.isdecimal() and len(offset) < 16) or length != str(expected):
            raise damaged(f"{name} has no right place in {location}")
        if int(offset) + expected > file.stat().st_size:
            raise NetworkFileError(f"{place}, which is too short for it; copy both files again.")
        with file.open("rb") as opened:
            opened.seek(int(offset))
            return bytes(opened.read(expected))
