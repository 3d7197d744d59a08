"""Arrays of a file that are read only when they are asked for, and what every reader does alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from ...document.document import DocumentError
from ...document.memory import check_free
from ..found import Array, NetworkFileError

FULL = {"float32": 4, "float64": 8}
"""Kinds of numbers that are read as they are, with their bytes."""
HALF = {"float16": 2, "bfloat16": 2}
"""Kinds that become float32, every number exactly."""
OTHER_LAYOUT = " in another layout"
"""The end of the name of a kind whose numbers do not stand in rows: sparse ones."""
_TIMES = 2
"""How often the numbers of a network are in memory while they are put together."""


@dataclass(frozen=True, eq=False)
class Stored:
    """An array in a file. dtype: numpy's or torch's name of its numbers. read: returns it in float32 or float64."""

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Array]

    @property
    def shape_words(self) -> str:
        """Its shape, for a sentence: "16×8"."""
        return "×".join(map(str, self.shape)) or "one number"

    def check_numbers(self, name: str) -> None:
        """Raise NetworkFileError unless it holds real numbers that are not quantised."""
        if self.dtype in FULL or self.dtype in HALF:
            return
        if not re.match("u?int|float|bool", self.dtype) or self.dtype.endswith(OTHER_LAYOUT):
            raise NetworkFileError(f"{name} is stored as {self.dtype}, but real numbers were expected; use float32.")
        raise NetworkFileError(
            f"{name} is stored as {self.dtype}, as quantised weights are, and cannot be read here; save the network as "
            "it was before that, in float32."
        )


def check_amount(arrays: Mapping[str, Stored], most: int) -> None:
    """Raise NetworkFileError unless these arrays take no more than `most` bytes in the file, and fit into memory."""
    stored = sum(prod(each.shape) * {**FULL, **HALF}.get(each.dtype, 1) for each in arrays.values())
    if stored > most:
        raise NetworkFileError(
            f"its arrays have {stored:,} bytes, more than the file can hold; get a new copy, or save the network again."
        )
    read = sum(prod(each.shape) * FULL.get(each.dtype, FULL["float32"]) for each in arrays.values())
    check_free("the network", _TIMES * read, "a file with a smaller one, or close other programs.")


def widened(array: Array) -> Array:
    """Return half precision as float32, anything else in its precision, in the machine's own byte order."""
    return array.astype(np.float32 if array.dtype.itemsize < FULL["float32"] else array.dtype.newbyteorder("="))


def from_bfloat16(data: bytes) -> Array:
    """Return the numbers of bfloat16 bytes, little-endian, as float32: they are its upper halves."""
    return (np.frombuffer(data, dtype="<u2").astype(np.uint32) << 16).view(np.float32)


@contextmanager
def reading(path: Path) -> Iterator[int]:
    """Give the size of a file that is to be read; turn what goes wrong into one sentence that begins with its name."""
    name = path.name or path
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "it is a folder or a device")  # reading a pipe or a device might never end
        with np.errstate(invalid="ignore", over="ignore"):  # whether numbers are finite is looked at afterwards
            yield path.stat().st_size
    except (NetworkFileError, DocumentError) as error:
        raise NetworkFileError(f"{name}: {error}") from error
    except FileNotFoundError as error:
        raise NetworkFileError(f"{name}: there is no such file; choose another.") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NetworkFileError(f"{name}: cannot be read ({reason}); choose another file.") from error
    except MemoryError as error:
        raise NetworkFileError(
            f"{name}: there is not enough memory to read it; close other programs, or choose a smaller network."
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a file is written into one sentence."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NetworkFileError(f"{path.name}: cannot be written ({reason}); save it in another folder.") from error
