"""One array of numbers from a .npy or .npz file, checked by its header before anything is read into memory."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from ...errors import PlainError
from ...text.amounts import bytes_in_words

_PREFERRED = "x", "X", "input", "inputs", "sequence"
_MOST_BYTES = 1_000_000_000
"""Of the part of an array that is taken, and of one whose parts cannot be taken alone."""
_MOST_MEMBERS = 10_000
_HEADERS: dict[tuple[int, int], Callable[[IO[bytes]], Any]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}

Refuse = Callable[[str], PlainError]
Sizes = tuple[int, ...]


def array_of_file(path: Path, m: int, most: int, refuse: Refuse) -> tuple[NDArray[Any], int, str]:
    """Return a sequence (T, m) of a file, at most its first `most` time steps; how many it has; and its name.

    Of shape (T, m); (m,) for one time step, or (T,) where m is 1; (1, T, m) or (T, 1, m). A .npy file is mapped, so
    that only what is taken is read; of a .npz file the first array of such a shape, x before all others.
    Raises what `refuse` makes of a sentence.
    """
    try:
        if path.suffix.casefold() == ".npy":
            found = npy.open_memmap(path, mode="r")  # refuses what is pickled
            return _taken(found, m, most, path.name, refuse)
        return _of_archive(path, m, most, refuse)
    except PlainError:
        raise
    except OSError as error:
        raise refuse(f"{path}: the file cannot be read ({error.strerror or error}); choose another file.") from error
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise refuse(
            f"{path.name} is no file of numbers that NumPy can read without running code; save the sequence with "
            "np.save."
        ) from error


def _of_archive(path: Path, m: int, most: int, refuse: Refuse) -> tuple[NDArray[Any], int, str]:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()[:_MOST_MEMBERS]
        names = [member.filename for member in members if member.filename.endswith(".npy")]
        names.sort(key=lambda name: name.removesuffix(".npy") not in _PREFERRED)
        refused: PlainError | None = None
        for name in names:
            of = f"{path.name}, {name.removesuffix('.npy')}"
            with archive.open(name) as stream:
                shape, fortran, dtype = _header(stream)
                try:
                    _sequence_shape(shape, dtype, m, of, refuse)
                except PlainError as error:
                    refused = refused or error
                    continue
                return _taken(_read(stream, shape, fortran, dtype, most, of, refuse), m, most, of, refuse, shape)
    raise refused or refuse(f"{path.name} has no array; save the sequence with np.savez(…, x=x).")


def _header(stream: IO[bytes]) -> tuple[Sizes, bool, np.dtype[Any]]:
    version = npy.read_magic(stream)
    if version not in _HEADERS:
        raise ValueError(f"version {version}")
    shape, fortran, dtype = _HEADERS[version](stream)
    return shape, fortran, dtype


def _read(
    stream: IO[bytes], shape: Sizes, fortran: bool, dtype: np.dtype[Any], most: int, of: str, refuse: Refuse
) -> NDArray[Any]:
    """Return the first time steps of an array, or all of one whose order in the file is another."""
    sizes = list(shape)
    if not fortran and len(sizes) > 1:
        along = next((place for place, size in enumerate(sizes[:-1]) if size > 1), 0)
        sizes[along] = min(sizes[along], most)
    needed = int(np.prod(sizes, dtype=object)) * dtype.itemsize
    if needed > _MOST_BYTES:
        raise refuse(f"{of} has {bytes_in_words(needed)}; save a shorter sequence.")
    data = stream.read(needed)
    if len(data) < needed:
        raise ValueError("too short")
    return np.frombuffer(data, dtype).reshape(sizes, order="F" if fortran else "C")


def _taken(
    array: NDArray[Any], m: int, most: int, of: str, refuse: Refuse, shape: Sizes = ()
) -> tuple[NDArray[Any], int, str]:
    whole = shape or array.shape
    T, _ = _sequence_shape(whole, array.dtype, m, of, refuse)
    flat = array.reshape(-1, m) if array.ndim != 3 or array.shape[0] == 1 or array.shape[1] == 1 else array
    taken = flat[:most]
    if taken.size * 8 > _MOST_BYTES:
        raise refuse(f"{of}: the first {most:,} time steps take more memory than is used here; save fewer.")
    return np.array(taken, dtype=np.float64), T, of


def _sequence_shape(shape: Sizes, dtype: np.dtype[Any], m: int, of: str, refuse: Refuse) -> tuple[int, int]:
    """Return T and m of a shape; raises what `refuse` makes of a sentence."""
    if dtype.hasobject or dtype.kind not in "fiub":
        raise refuse(f"{of} holds {dtype.name} and no plain numbers; save it as float32 or float64.")
    found = tuple(shape)
    if len(found) == 3 and 1 in found[:2]:
        found = (found[0] * found[1], found[2])
    if len(found) == 1:
        found = (found[0], 1) if m == 1 else (1, found[0])
    if len(found) != 2:
        raise refuse(
            f"{of} has the shape {_shape(shape)}, but a sequence is T × m, a row for each time step; save it so."
        )
    if found[1] != m:
        raise refuse(
            f"{of} has the shape {_shape(shape)}, which is {found[1]:,} numbers a time step, but the layer reads "
            f"m = {m:,}; save it as T × {m:,}."
        )
    if found[0] < 1:
        raise refuse(f"{of} is empty; save at least one time step.")
    return found


def _shape(shape: Sizes) -> str:
    return " × ".join(f"{size:,}" for size in shape) or "of one number"
