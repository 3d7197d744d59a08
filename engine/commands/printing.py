"""How commands print: safe output streams, one sentence for an error, JSON and tables."""

from __future__ import annotations

import argparse
import errno
import io
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn, TextIO

from ..errors import BAD_INPUT, ENDED, PlainError, one_line

_NOT_PRINTED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of what is printed: no room on its disk, or a terminal that is gone. Those of a file name it."""
_LONGEST_USAGE = 10


class Parser(argparse.ArgumentParser):
    """Hides no error of printing; says what is wrong without a usage that would fill a page."""

    def print_help(self, file: Any = None) -> None:
        """Print it; argparse's own hides that it cannot be printed."""
        print(self.format_help(), end="", file=file)

    def error(self, message: str) -> NoReturn:
        """End the program with status 2 and a sentence."""
        if self.format_usage().count("\n") <= _LONGEST_USAGE:
            super().error(one_line(message))
        self.exit(BAD_INPUT, f"{one_line(message)}; {self.prog} --help explains every argument\n")


def find_streams() -> None:
    """Let there be streams to print to, which take every letter."""
    if os.name == "posix":
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:  # a file opened later would be taken for a closed stream
            os.set_inheritable(number, True)
        os.close(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # as in a window program on Windows
            nothing = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, io.TextIOWrapper(io.FileIO(nothing, "w", closefd=False), encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            # σ and ∘ in a Windows console; a file name that is no text must not end a sentence about it.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def status_of(run: Callable[[], int]) -> int:
    """Run a command and return its exit status; print the sentence of an error that a person reads."""
    try:
        try:
            return run()
        except PlainError as error:
            print(error, file=sys.stderr)
            return error.status
        finally:
            sys.stdout.flush()
    except OSError as error:
        left = isinstance(error, BrokenPipeError)  # the reader, such as `head`, has seen enough
        if not left and (error.errno not in _NOT_PRINTED or error.filename is not None):
            raise
        for stream in (sys.stdout, sys.stderr):
            if not _is_written(stream):  # Python tries it once more at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if left:
            return 0
        print(f"The output cannot be written ({error.strerror}); make room, or write it elsewhere.", file=sys.stderr)
        return ENDED


def _is_written(stream: TextIO) -> bool:
    try:
        stream.flush()
    except OSError:
        return False
    return True


def print_json(members: Any, *, indent: int | None = 2, allow_nan: bool = False) -> None:
    """Print JSON in one line, or indented; raises ValueError for NaN and infinities that are not allowed."""
    print(json.dumps(members, ensure_ascii=False, indent=indent, allow_nan=allow_nan), flush=True)


def finite(value: float) -> float | None:
    """Return a number as JSON has it: nothing for what is not finite."""
    return float(value) if math.isfinite(value) else None


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield lines with columns of one width, the last as it is."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield "  ".join([*cells, row[-1]])
