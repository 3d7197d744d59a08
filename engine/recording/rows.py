"""Packs the metrics of training steps into bytes and unpacks them."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from .packing import PackingError, inflated

Float32 = NDArray[np.float32]

STEP_BYTES = np.dtype(np.float32).itemsize
"""Of one metric of one step."""
MOST = 65_536
"""Steps that are stored together at most."""


def packed_rows(rows: Float32) -> bytes:
    """Return rows (steps, columns) as bytes: column by column, the bytes of one significance together, deflated."""
    columns = np.ascontiguousarray(rows.T, dtype="<f4")  # neighbours in time are alike
    return zlib.compress(columns.view(np.uint8).reshape(-1, STEP_BYTES).T.tobytes(), 1)


def unpacked_rows(data: bytes, steps: int, columns: int) -> Float32:
    """Return what `packed_rows` was given, (steps, columns); raises PackingError for bytes of something else."""
    if not 0 < steps <= MOST:
        raise PackingError(f"1 to {MOST:,} steps were expected, found {steps:,}")
    size = steps * columns * STEP_BYTES
    found = inflated(data, size)
    if len(found) != size:
        raise PackingError(f"{steps} steps of {columns} columns were expected")
    flat = np.empty((columns * steps, STEP_BYTES), dtype=np.uint8)
    for place, bytes_of_one in enumerate(np.frombuffer(found, dtype=np.uint8).reshape(STEP_BYTES, -1)):
        flat[:, place] = bytes_of_one  # four times as fast as turning it at once
    return np.ascontiguousarray(flat.view("<f4").reshape(columns, steps).T, dtype=np.float32)
