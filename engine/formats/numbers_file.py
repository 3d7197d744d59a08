"""Numbers that are shown, written to files: a table as CSV, or all in one .npz with an array for each column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import PlainError
from ..text.file_name import file_name
from ..text.listed import listed
from ..whole_file import whole_file


class NumbersError(PlainError):
    """Numbers that cannot be written; one sentence says why and what to do."""


@dataclass(frozen=True)
class Table:
    """Numbers that can be copied and saved.

    title: what they are, "Loss". write: returns them as CSV with every digit, heads in its first line. arrays: returns
    them by name where they are more than columns; else the columns are the arrays. count: how many numbers there are
    where they may be many. apart: whether a thread in the background may do both. gathered: takes the numbers as they
    are now and returns what writes them in any thread, where only writing them takes long.
    """

    title: str
    write: Callable[[], str]
    arrays: Callable[[], Mapping[str, NDArray[Any]]] | None = None
    count: int = 0
    apart: bool = False
    gathered: Callable[[], Callable[[], str]] | None = None

    def taken(self) -> Table:
        """Return the same, ready to be written by any thread."""
        if self.apart:
            return self
        if self.gathered is not None:
            return Table(self.title, self.gathered(), count=self.count, apart=True)
        text = self.write()
        made = self.arrays() if self.arrays is not None else None
        return Table(self.title, lambda: text, None if made is None else lambda: made, self.count, True)


def csv_of(tables: Sequence[Table]) -> str:
    """Return tables as one CSV: side by side, where there are several their titles before the heads."""
    if len(tables) == 1:
        return tables[0].write()
    columns: list[list[str]] = []
    for title, table in zip(_titles(tables), tables, strict=True):
        for head, *cells in zip_longest(*csv.reader(io.StringIO(table.write())), fillvalue=""):
            columns.append([f"{title}: {head}" if head else title, *cells])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(zip_longest(*columns, fillvalue=""))
    return text.getvalue()


def arrays_of(tables: Sequence[Table]) -> dict[str, NDArray[Any]]:
    """Return the arrays of tables by name; where there are several tables, "Loss.step"."""
    found: dict[str, NDArray[Any]] = {}
    for title, table in zip(_titles(tables), tables, strict=True):
        arrays = table.arrays() if table.arrays is not None else columns_of(table.write())
        found |= {f"{title}.{name}" if len(tables) > 1 else name: array for name, array in arrays.items()}
    return found


def _titles(tables: Sequence[Table]) -> list[str]:
    """Return titles that differ: "Loss", "Loss 2"."""
    found: list[str] = []
    for table in tables:
        title, number = table.title or "numbers", 2
        while title in found:
            title, number = f"{table.title or 'numbers'} {number}", number + 1
        found.append(title)
    return found


def columns_of(text: str) -> dict[str, NDArray[Any]]:
    """Return the columns of a CSV by their heads: float64, NaN where a cell is empty; texts where one is no number."""
    found: dict[str, NDArray[Any]] = {}
    for place, (head, *cells) in enumerate(zip_longest(*csv.reader(io.StringIO(text)), fillvalue=""), 1):
        name, number = head or f"column {place}", 2
        while name in found:
            name, number = f"{head} {number}", number + 1
        try:
            found[name] = np.array([float(cell) if cell else np.nan for cell in cells])
        except ValueError:
            found[name] = np.array(cells, dtype=np.str_)
    return found


def write_numbers(path: Path, tables: Sequence[Table]) -> list[Path]:
    """Write tables whole or not at all, as .npz where the name ends so, else as CSV; return the files.

    Of several tables each has a CSV of its own, named after the path and its title. Raises NumbersError, also where
    such a file is there already, for nobody was asked whether it may be replaced.
    """
    if path.suffix.casefold() == ".npz":
        with _writing(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **arrays_of(tables))  # type: ignore[arg-type]  # names of arrays
        return [path]
    if len(tables) == 1:
        _write_text(path, tables[0])
        return [path]
    paths = [path.with_name(f"{path.stem}-{file_name(title)}{path.suffix}") for title in _titles(tables)]
    if there := [each.name for each in paths if each.exists()]:
        are = "is" if len(there) == 1 else "are"
        raise NumbersError(f"{listed(there)} {are} there already, and nothing was written; choose another name.")
    for each, table in zip(paths, tables, strict=True):
        _write_text(each, table)
    return paths


def _write_text(path: Path, table: Table) -> None:
    with _writing(path) as temporary:
        temporary.write_text(table.write(), encoding="utf-8", newline="")


@contextmanager
def _writing(path: Path) -> Iterator[Path]:
    try:
        with whole_file(path) as temporary:
            yield temporary
    except OSError as error:
        raise NumbersError(f"{path.name} cannot be written ({error.strerror}); choose another place.") from error


def csv_text(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of texts as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([heads, *rows])
    return text.getvalue()
