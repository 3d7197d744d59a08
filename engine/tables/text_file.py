"""Reads text files: finds the encoding, yields the lines, and says where a file is not text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from .answers import DataError, ReadingStoppedError, ShouldStop

LONGEST_LINE = 1_000_000  # characters
_CHUNK_BYTES = 1 << 18
_LOOK_BYTES = 4096
_CONTROLS = bytes([*range(9), 11, *range(14, 32)])  # no text has these; tab, line ends and new page it may have
_CONTROL = re.compile(f"[{re.escape(_CONTROLS.decode())}]")
_LINE_END = re.compile("\r\n|\r|\n")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def user_path(file: str) -> Path:
    """Return the path that a person wrote, with ~ resolved; raises DataError for a home folder that is not there."""
    try:
        return Path(file).expanduser()
    except RuntimeError as error:  # ~somebody
        raise DataError(f"{file}: there is no such home folder; choose another file.") from error


def possible_encodings(start: bytes) -> tuple[str, ...]:
    """Return what a file may be encoded in by its first bytes, the likeliest first.

    Letters of European texts leave every second byte of UTF-16 empty, always on the same side.
    """
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return (encoding,)
    start = start[:_LOOK_BYTES]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd * 6 > len(start) and not even:
        return ("utf-16-le",)
    if even * 6 > len(start) and not odd:
        return ("utf-16-be",)
    return "utf-8", "cp1252"


def encoding_of(path: Path, should_stop: ShouldStop) -> str:
    """Return the encoding in which the whole file is text.

    Raises DataError where it is none, with the line where that is known; OSError where it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(_LOOK_BYTES)
    possible = possible_encodings(start)
    for encoding in possible:
        wrong = _line_of_control(path, encoding, should_stop)
        if wrong == 0:
            return encoding
        if wrong is not None and encoding == "utf-8":
            raise DataError(
                f"{path.name}, line {wrong}: this is not a text file, since it contains control characters; choose a "
                "plain text file."
            )
    raise no_text(path, possible[0])


def decoded(path: Path, data: bytes, is_cut: bool) -> str:
    """Return the text of a file's first bytes, in the encoding that they are text in.

    is_cut: whether they may end within a letter, which is then left out. Raises DataError where they are no text.
    """
    for encoding in (possible := possible_encodings(data)):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(data, final=not is_cut)
        except UnicodeDecodeError:
            continue
        if encoding != "cp1252" or not _CONTROL.search(text.rstrip("\x1a")):  # a picture would do for cp1252
            return text.removeprefix("\ufeff")
    raise no_text(path, possible[0])


def first_lines(path: Path, count: int, letters: int) -> tuple[tuple[int, str], ...]:
    """Return the first lines of a file, cut to so many letters, with their numbers from 1.

    Raises DataError where they are no text; OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(_CHUNK_BYTES)
    lines = _LINE_END.split(decoded(path, data, len(data) == _CHUNK_BYTES), count)[:count]
    if not lines[-1]:
        lines.pop()  # the last line has its end
    return tuple((number, line[:letters]) for number, line in enumerate(lines, 1))


def no_text(path: Path, encoding: str = "utf-8") -> DataError:
    """Return the error for a file that is no text."""
    if encoding.startswith("utf-16"):
        return DataError(f"{path.name} is not a text file: its UTF-16 has an error; save it again in UTF-8.")
    return DataError(f"{path.name} is not a text file in UTF-8, UTF-16 or Windows-1252; save it again in UTF-8.")


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a file at its first letter; its lines keep their ends."""
    file = path.open(encoding=encoding, newline="")
    if encoding.startswith("utf-16") and file.read(1) != "\ufeff":
        file.seek(0)
    return file


def bounded_lines(path: Path, file: TextIO) -> Iterator[str]:
    """Yield line after line; one without an end must not fill the memory."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            raise DataError(
                f"{path.name}, line {number}: it is longer than {LONGEST_LINE:,} characters; choose a file with one "
                "row per time step."
            )
        yield line


def _line_of_control(path: Path, encoding: str, should_stop: ShouldStop) -> int | None:
    """Return 0 for a text in this encoding, the line of its first control character, or None if it cannot be so."""
    decoder = codecs.getincrementaldecoder(encoding)()
    wide = encoding.startswith("utf-16")
    lines = 1
    with path.open("rb") as file:
        try:
            while part := file.read(_CHUNK_BYTES):
                text = decoder.decode(part)
                narrow = text.encode("latin-1", "replace") if wide else part
                if len(narrow.translate(None, _CONTROLS)) != len(narrow):
                    found = _CONTROL.search(narrow.decode("latin-1"))
                    if found is not None and not (found.group() == "\x1a" and found.end() == len(narrow)):  # DOS's end
                        return lines + narrow[: found.start()].count(b"\n")
                lines += narrow.count(b"\n")
                if should_stop():
                    raise ReadingStoppedError(path.name)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return 0
