"""Snapshots of many megabytes: read, inflated and unpacked in pieces, so that no other thread waits for all of it."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.recording.database import Database
from engine.recording.packing import PIECE_BYTES, PackingError, inflated, pack_arrays, pieces_of, unpack_arrays

_TABLE = "CREATE TABLE moments (step INTEGER PRIMARY KEY, data BLOB NOT NULL)"


def test_a_value_is_read_in_pieces_of_one_moment_whatever_is_written_meanwhile(tmp_path: Path) -> None:
    path, value = tmp_path / "moments.db", np.random.default_rng(0).bytes(3 * PIECE_BYTES + 17)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute(_TABLE)
    writer.executemany("INSERT INTO moments VALUES (?, ?)", [(3, value), (4, b"short")])
    database = Database(path, [_TABLE])
    with database.one_state():
        assert database.ask("SELECT max(step) FROM moments") == [(4,)]
        writer.execute("DELETE FROM moments WHERE step = 3")  # it is never held up
        pieces = database.data("moments", 3)
    assert [len(piece) for piece in pieces] == [PIECE_BYTES] * 3 + [17]
    assert b"".join(pieces) == value
    assert database.data("moments", 4) == [b"short"]
    database.close()
    writer.close()


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
@pytest.mark.parametrize("kind", ["zeros", "noise"])
def test_what_is_inflated_in_pieces_is_the_same(size: int, kind: str) -> None:
    data = bytes(size) if kind == "zeros" else np.random.default_rng(0).bytes(size)
    small = zlib.compress(data, 1)
    assert inflated(small, size) == data
    assert inflated(pieces_of(small), size) == data
    with pytest.raises(PackingError, match="its end is missing"):
        inflated(small[:-1], size)
    if size:
        with pytest.raises(PackingError, match="more than"):
            inflated(small, size - 1)


def test_arrays_stand_in_the_bytes_that_they_came_in() -> None:
    arrays = {"gates": np.ones((1000, 500), np.float32), "words": np.arange(7), "yes": np.array([True, False])}
    data = bytearray(pack_arrays(arrays, {"of": "a run"}))
    tracemalloc.start()
    found, about = unpack_arrays(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < arrays["gates"].nbytes / 4, "nothing is copied"
    assert about == {"of": "a run"}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
        assert found[name].flags.writeable


@pytest.mark.parametrize(
    "wrong",
    [
        {"dtype": "F99"},
        {"shape": [-2, -2]},
        {"shape": [True, 4]},
        {"shape": [2, 3]},
        {"shape": [2**40, 2**40]},
        {"shape": 4},
        {"data_offsets": [0, 10**9]},
        {"data_offsets": [-16, 0]},
        {"data_offsets": [16, 0]},
        {"data_offsets": [0.0, 16.0]},
        {"data_offsets": [0]},
        {"data_offsets": None},
    ],
)
def test_an_array_that_is_not_where_it_should_be_is_refused(wrong: dict[str, Any]) -> None:
    member = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16], **wrong}
    header = json.dumps({"0": member}).encode()
    with pytest.raises(PackingError, match="arrays were expected"):
        unpack_arrays(len(header).to_bytes(8, "little") + header + bytes(16))
