"""Reads the folder of recordings when a file in it has changed. For a background thread."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.recording.library import INDEX, Library
from gui.views.library.rows import Row, row_of, signature_of


@dataclass(frozen=True)
class Seen:
    """What was read of the folder. stamp: changes whenever a file does."""

    rows: Sequence[Row] = ()
    stamp: int = -1


def look(library: Library, seen: Seen, known: Mapping[Path, Row]) -> Seen:
    """Return the rows of the library, or `seen` itself if no file has changed since.

    Rows that look as those known are the same objects. Raises RecordingError.
    """
    stamp = _stamp_of(library.folder)
    if stamp == seen.stamp and not any(row.run.written for row in seen.rows):  # one may have died
        return seen
    rows = []
    for run in library.runs():
        old = known.get(run.path)
        if old is not None and old.signature == signature_of(run) and old.run.nbytes == run.nbytes:
            rows.append(old)
        else:
            rows.append(row_of(run))
    return Seen(rows, stamp)


def _stamp_of(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat()) for entry in entries if not entry.name.startswith(INDEX)]
    except OSError:  # no such folder, or a file went at this moment
        return 0
    return hash(frozenset((name, stat.st_mtime_ns, stat.st_size) for name, stat in found))
