"""Recordings that are damaged inside: valid databases with wrong numbers, texts and arrays in them."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from tests.fuzz.mutator import mutations

_TABLES = ("about", "metrics", "recent", "snapshots", "extras", "checkpoints", "events")
_INTEGERS = (0, -1, 1, 2, 2**31, 2**62, -(2**63), 1000)
_VALUES: tuple[Any, ...] = (None, True, 0, -1, 1e308, 2**62, "", "x", "9" * 400, [], {}, [[[]]], {"array": "0"})
_BOMB = zlib.compress(bytes(50_000_000))


def recording_mutations(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Yield damaged recordings: every second one damaged inside, the others as any file is."""
    anyhow = mutations(seeds, count, seed)
    for number, damaged in enumerate(anyhow):
        random = Random(f"inside {seed} {number}")
        yield _inside(random, random.choice(seeds)) if number % 2 else damaged


def _inside(random: Random, data: bytes) -> bytes:
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        for _ in range(random.choice((1, 1, 2, 4))):
            table = random.choice(_TABLES)
            columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            if rows:
                _change(random, connection, table, columns, random.choice(rows))
        connection.commit()
        return bytes(connection.serialize())
    finally:
        connection.close()


def _change(
    random: Random, connection: sqlite3.Connection, table: str, columns: Sequence[str], row: Sequence[Any]
) -> None:
    where = f"{columns[0]} IS ?"
    if random.random() < 0.15:
        connection.execute(f"DELETE FROM {table} WHERE {where}", row[:1])
        return
    place = random.randrange(len(columns))
    value = _other(random, row[place])
    # Two rows may not have one key, and some columns not be empty: such a change is left out.
    connection.execute(f"UPDATE OR IGNORE {table} SET {columns[place]} = ? WHERE {where}", (value, row[0]))


def _other(random: Random, value: Any) -> Any:
    if isinstance(value, bytes):
        return _other_bytes(random, value)
    if isinstance(value, str):
        return _other_text(random, value)
    near = (value + 1, value - 1) if isinstance(value, int) and abs(value) < 2**62 else ()
    return random.choice((*_INTEGERS, *near))


def _other_text(random: Random, text: str) -> str:
    try:
        members = json.loads(text)
    except ValueError:
        members = None
    if isinstance(members, dict) and members:
        name = random.choice(sorted(members))
        members[name] = random.choice((*_VALUES, members[random.choice(sorted(members))]))
        return json.dumps(members)
    return json.dumps(random.choice(_VALUES))


def _other_bytes(random: Random, data: bytes) -> bytes:
    """Damage what is packed or deflated where it stands, so that it can still be unpacked that far."""
    try:
        plain = zlib.decompress(data)
    except zlib.error:
        return _other_arrays(random, data)
    if random.random() < 0.1:
        return _BOMB
    return zlib.compress(_other_arrays(random, plain), 1)


def _other_arrays(random: Random, data: bytes) -> bytes:
    """Damage arrays in the safetensors format: a header's length, a header in JSON, then the numbers."""
    if random.random() < 0.7 and len(data) > 8:
        (length,) = struct.unpack("<Q", data[:8])
        try:
            header = json.loads(data[8 : 8 + length]) if length < len(data) else None
        except ValueError:  # damaged before
            header = None
        if isinstance(header, dict) and header and all(isinstance(entry, dict) for entry in header.values()):
            return _with_other_header(random, header, data[8 + length :])
    changed = next(mutations([data], 1, random.randrange(2**32)))
    return bytes(changed)


def _with_other_header(random: Random, header: dict[str, Any], numbers: bytes) -> bytes:
    name = random.choice(sorted(header))
    entry = header[name]
    way = random.randrange(5)
    if way == 0:
        del header[name]
    elif way == 1:
        header[random.choice(("x", "optimizer.x", name + "x"))] = header.pop(name)
    elif way == 2 and "shape" in entry:
        entry["shape"] = random.choice(([], [1], [*entry["shape"], 1], entry["shape"][::-1], [2**40, 2**40]))
    elif way == 3 and "dtype" in entry:
        entry["dtype"] = random.choice(("F64", "F32", "I32", "U8", "BOOL"))
    else:
        place = random.randrange(max(1, len(numbers) // 4)) * 4
        wrong = random.choice((b"\x00\x00\xc0\x7f", b"\x00\x00\x80\x7f", b"\xff\xff\xff\xff"))
        numbers = numbers[:place] + wrong + numbers[place + 4 :]
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers
