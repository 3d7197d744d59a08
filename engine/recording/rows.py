"""Metrics of steps as packed bytes."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from .packing import PackingError

Float32 = NDArray[np.float32]

STEP_BYTES = np.dtype(np.float32).itemsize
"""Of one metric of one step."""


def packed_rows(rows: Float32) -> bytes:
    """Return rows (steps, columns) as bytes: column by column, the bytes of one significance together, deflated."""
    columns = np.ascontiguousarray(rows.T, dtype="<f4")  # neighbours in time are alike
    return zlib.compress(columns.view(np.uint8).reshape(-1, STEP_BYTES).T.tobytes(), 1)


def unpacked_rows(data: bytes, steps: int, columns: int) -> Float32:
    """Return what `packed_rows` was given, (steps, columns); raises PackingError for bytes of something else."""
    size = steps * columns * STEP_BYTES
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(data, size + 1)
    except zlib.error as error:
        raise PackingError(f"{steps} steps were expected ({error})") from error
    if len(found) != size or not unpacking.eof:  # its end is a checksum
        raise PackingError(f"{steps} steps of {columns} columns were expected")
    flat = np.empty((columns * steps, STEP_BYTES), dtype=np.uint8)
    for place, bytes_of_one in enumerate(np.frombuffer(found, dtype=np.uint8).reshape(STEP_BYTES, -1)):
        flat[:, place] = bytes_of_one  # four times as fast as turning it at once
    return np.ascontiguousarray(flat.view("<f4").reshape(columns, steps).T, dtype=np.float32)
