"""Writes an .npz file whose arrays come piece by piece, in little memory however long they get."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..whole_file import whole_file

_AT_ONCE = 8_000_000
"""Bytes that are copied at once."""


@dataclass
class _Growing:
    """An array that grows along its first axis. lengths: of its second axis, piece by piece, where it is ragged."""

    file: IO[bytes]
    dtype: np.dtype[Any]
    row: tuple[int, ...]
    rows: int = 0
    lengths: list[int] = field(default_factory=list)


class StreamedNpz:
    """Takes pieces of arrays by name; what is written is read with `np.load`, without pickle."""

    def __init__(self, folder: Path, files: ExitStack) -> None:
        """folder: for the pieces, until they are put together. files: closes what is open there."""
        self._folder, self._files = folder, files
        self._arrays: dict[str, _Growing] = {}

    def append(self, name: str, rows: NDArray[Any]) -> None:
        """Add rows (count, …) to an array; all of them have the dtype and the other axes of the first."""
        array = self._array(name, rows.dtype, rows.shape[1:])
        if (rows.dtype, rows.shape[1:]) != (array.dtype, array.row):
            raise ValueError(f"rows of {array.row} {array.dtype} were expected for {name}, found {rows.shape[1:]}")
        array.file.write(np.ascontiguousarray(rows).data)
        array.rows += len(rows)

    def append_sequence(self, name: str, sequence: NDArray[np.floating]) -> None:
        """Add one sequence (T, units) to an array (sequences, T, units); shorter ones end in NaN."""
        array = self._array(name, sequence.dtype, sequence.shape[1:])
        array.file.write(np.ascontiguousarray(sequence).data)
        array.rows += 1
        array.lengths.append(len(sequence))

    def _array(self, name: str, dtype: np.dtype[Any], row: tuple[int, ...]) -> _Growing:
        if name not in self._arrays:
            file = self._files.enter_context((self._folder / f"{len(self._arrays)}.raw").open("w+b"))
            self._arrays[name] = _Growing(file, dtype, row)
        return self._arrays[name]

    def put_together(self, path: Path) -> None:
        """Write the file; raises OSError."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, array in self._arrays.items():
                array.file.seek(0)
                with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    longest = (max(array.lengths),) if array.lengths else ()
                    about = {
                        "descr": np.lib.format.dtype_to_descr(array.dtype),
                        "fortran_order": False,
                        "shape": (array.rows, *longest, *array.row),
                    }
                    np.lib.format.write_array_header_2_0(entry, about)
                    for piece in _pieces(array):
                        entry.write(piece)


def _pieces(array: _Growing) -> Iterator[bytes]:
    """Yield the bytes of an array; sequences that are shorter than the longest are filled up."""
    if not array.lengths:
        while piece := array.file.read(_AT_ONCE):
            yield piece
        return
    step = int(np.prod(array.row)) * array.dtype.itemsize
    missing = np.full(array.row, np.nan, array.dtype).tobytes()
    for length in array.lengths:
        yield array.file.read(length * step)
        yield (max(array.lengths) - length) * missing


@contextmanager
def streamed_npz(path: Path) -> Iterator[StreamedNpz]:
    """Give what takes the pieces; the file is there, whole, when the block ends without an error. Raises OSError."""
    with ExitStack() as files:
        folder = files.enter_context(TemporaryDirectory(prefix=".lstm-", dir=path.resolve().parent))
        made = StreamedNpz(Path(folder), files)
        yield made
        with whole_file(path) as temporary:
            made.put_together(temporary)
