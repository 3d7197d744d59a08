"""Small files that would fill the memory, and large ones of nothing: refused within little memory and time."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.formats.names.torch_pickle import LEGACY_MAGIC

_GIGABYTE = 2**30
_READ = """
import resource, sys, time
from pathlib import Path
import numpy as np
from engine.formats import npz_file, safetensors_file, torch_file
from engine.formats.found import NetworkFileError
from engine.formats.network_files import read_network

used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 200 * 2**20,) * 2)
begun = time.process_time()
try:
    read_network(Path(sys.argv[1]))
except NetworkFileError as error:
    print(error)
assert time.process_time() - begun < 10, time.process_time() - begun
"""


def zeros(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 * _GIGABYTE)  # a hole, which takes no room on the disk


def header(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue()


def deflated_zeros(begin: bytes, length: int) -> tuple[bytes, int, int]:
    """Bytes and then zeros, deflated: the data, their sum, and how many there are. One packed megabyte serves all."""
    packing, million = zlib.compressobj(1, zlib.DEFLATED, -15), bytes(2**20)
    first = packing.compress(begin + bytes(length % len(million))) + packing.flush(zlib.Z_FULL_FLUSH)
    packed = packing.compress(million) + packing.flush(zlib.Z_FULL_FLUSH)
    times = length // len(million)
    sum_ = zlib.crc32(begin + bytes(length % len(million)))
    for _ in range(times):
        sum_ = zlib.crc32(million, sum_)
    return first + packed * times + packing.flush(), sum_, len(begin) + length


def bomb(path: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    """An .npz whose arrays are zeros, a thousandth as large as they are unpacked."""
    files, directory, place = [], [], 0
    for name, shape in shapes.items():
        data, sum_, length = deflated_zeros(header(shape), int(np.prod(shape)) * 8)
        about = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 0, sum_, len(data), length, len(name), 0)
        files.append(b"PK\x03\x04" + about + name.encode() + data)
        rest = struct.pack("<HHHLL", 0, 0, 0, 0, place)
        directory.append(b"PK\x01\x02" + struct.pack("<H", 20) + about + rest + name.encode())
        place += len(files[-1])
    listed = b"".join(directory)
    end = struct.pack("<HHHHLLH", 0, 0, len(shapes), len(shapes), len(listed), place, 0)
    path.write_bytes(b"".join(files) + listed + b"PK\x05\x06" + end)


def large_matrix(path: Path) -> None:
    bomb(path, {"W_f.npy": (4, 2**25)})


def large_bias(path: Path) -> None:
    bomb(path, {f"W_{gate}.npy": (4, 8) for gate in "fiCo"} | {"b_f.npy": (2**27,)})


def large_sequence(path: Path) -> None:
    bomb(path, {f"W_{gate}.npy": (4, 8) for gate in "fiCo"} | {"x.npy": (2**25, 4)})


def many_entries(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"{number}.npy", b"")


def long_pickle(path: Path) -> None:
    path.write_bytes(LEGACY_MAGIC + b"\x80\x02M\xe9\x03.\x80\x02N." + b"\x80\x02" + b"N0" * 30_000_000 + b".")


def long_header(path: Path) -> None:
    text = b"[" + b"[]," * 20_000_000 + b"[]]"
    path.write_bytes(struct.pack("<Q", len(text)) + text)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        *((zeros, f"net{suffix}") for suffix in (".pt", ".safetensors", ".npz")),
        (large_matrix, "net.npz"),
        (large_bias, "net.npz"),
        (large_sequence, "net.npz"),
        (many_entries, "net.npz"),
        (long_pickle, "net.pt"),
        (long_header, "net.safetensors"),
    ],
)
def test_little_memory_and_time_are_enough_to_refuse_it(
    tmp_path: Path, make: Callable[[Path], None], name: str
) -> None:
    path = tmp_path / name
    make(path)
    child = subprocess.run([sys.executable, "-c", _READ, path], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr[-2000:]
    assert child.stdout.startswith(f"{name}: ")
    assert child.stdout.count("\n") == 1
