"""Opens zip files of unknown origin: nothing is unpacked before the sizes in their directory are known."""

from __future__ import annotations

import errno
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ..found import NetworkFileError

MAGIC = b"PK\x03\x04"
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)
"""What wrong bytes come to when they are unpacked."""
_MOST_AT_ONCE = 16 * 2**20
"""Bytes of the directory, which is read at once; everything else is read in smaller portions."""
_PORTION = 2**20
_ENCRYPTED = 1
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others, such as LZMA, may ask for gigabytes of memory before they unpack a byte."""
_MOST_ENTRIES = 20_000


class _Portions(io.BufferedReader):
    """A file that hands out no large portions, so that no directory can fill the memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(_MOST_AT_ONCE + 1 if size is None or size < 0 else min(size, _MOST_AT_ONCE + 1))
        if len(data) > _MOST_AT_ONCE:
            raise NetworkFileError("its list of contents is too long for a network; get a new copy.")
        return data


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give an open zip file whose entries can be read; raises NetworkFileError for a damaged or locked one."""
    with _Portions(io.FileIO(path)) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (*DAMAGES, OSError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:  # which comes of a place before the file
                raise
            raise NetworkFileError("it is damaged, or its end is missing; get a new copy.") from error
        with archive:
            if len(archive.infolist()) > _MOST_ENTRIES:
                raise NetworkFileError("it has more files in it than a network has arrays; get a new copy.")
            if any(entry.flag_bits & _ENCRYPTED for entry in archive.infolist()):
                raise NetworkFileError("it is locked with a password; save the network without one.")
            if any(entry.compress_type not in _PACKED for entry in archive.infolist()):
                raise NetworkFileError("it is compressed in a way that NumPy and torch never use; get a new copy.")
            yield archive


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return one entry unpacked; raises NetworkFileError beyond `most` bytes, or where it is damaged."""
    if entry.file_size > most:
        raise NetworkFileError(
            f"{entry.filename} in it has {entry.file_size:,} bytes, where at most {most:,} were expected; get a new "
            "copy."
        )
    try:
        with archive.open(entry) as file:
            return read_portions(file, most)
    except DAMAGES as error:
        raise NetworkFileError(f"{entry.filename} in it is damaged; get a new copy.") from error


def read_portions(file: IO[Any], most: int) -> bytes:
    """Return what is left of a file, but no more than `most` bytes."""
    data = bytearray()
    while len(data) < most and (portion := file.read(min(_PORTION, most - len(data)))):
        data += portion
    return bytes(data)
