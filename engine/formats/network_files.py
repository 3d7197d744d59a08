"""Reads and writes networks of other programs: which file of this room does it is said by the suffix.

Each kind is a row of `engine.file_kinds` that names a module with

    read_network(path, told=None) -> Found
    write_network(path, found) -> list[str]

of which a kind that is only read leaves the second out; both raise NetworkFileError in one sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np

from ..document.document import Document, DocumentError
from ..file_kinds import DOCUMENT, format_of, network_formats, network_module
from ..text.listed import listed
from .found import Array, Found, FoundLayer, NetworkFileError, Told
from .running import inputs_of

_DRAWN_STEPS = 5
_DRAWN = f"The sequence x is {_DRAWN_STEPS} time steps of random numbers between −1 and 1, for the file has none"


def network_suffixes(written: bool = False) -> list[str]:
    """Return the suffixes of files that networks are read from, or written to, in small letters."""
    kinds = (each for each in network_formats() if each.writes or not written)
    return [suffix for each in kinds for suffix in each.suffixes]


def read_network(path: Path, told: Told | None = None) -> Found:
    """Return the recurrent layers of a file; raises NetworkFileError for a suffix or a content that is none."""
    return cast(Found, _module(path, network_suffixes()).read_network(path, told))


def write_network(path: Path, found: Found) -> list[str]:
    """Write a network; return sentences on what the file cannot hold.

    Raises NetworkFileError where the kind of file cannot hold such a network, or cannot be written.
    """
    return cast("list[str]", _module(path, network_suffixes(written=True)).write_network(path, found))


def document_of(found: Found, layer: FoundLayer) -> tuple[Document, list[str]]:
    """Return a layer as a document, and sentences on the sequence that it reads.

    x is the file's, as it reaches the layer from those below it, or a short one that is drawn. Raises NetworkFileError.
    """
    x, notes = sequence_of(found, layer)
    try:
        return found.document(layer, x), notes
    except DocumentError as error:
        raise NetworkFileError(f"{layer.label}: {error}") from error


def sequence_of(found: Found, layer: FoundLayer) -> tuple[Array, list[str]]:
    """Return what a layer reads (T, m): the file's x as it reaches it, or a short one that is drawn, which is said.

    Raises NetworkFileError where layers below it are not in the file.
    """
    if found.x is None:
        return drawn_sequence(layer.m), [_DRAWN]
    return inputs_of(found, layer, found.x), []


def drawn_sequence(m: int) -> Array:
    """Return a short sequence (T, m) to walk through a cell with, the same each time: between -1 and 1, two places."""
    return np.random.default_rng(1).uniform(-1, 1, (_DRAWN_STEPS, m)).round(2)


def read_document(path: Path) -> tuple[Document, list[str]]:
    """Return the first recurrent layer of a file as a document, and sentences on how it was read.

    Raises DocumentError.
    """
    try:
        found = read_network(Path(path))
        document, notes = document_of(found, found.layer())
    except NetworkFileError as error:
        raise DocumentError(str(error)) from error
    return document, [*found.notes, *notes]


def write_document(path: Path, _document: Document) -> None:
    """Refuse it with a DocumentError: the file of a whole network is not replaced by one of its layers."""
    raise DocumentError(
        f"{Path(path).name}: a document is saved as {DOCUMENT.suffix}; its weights are written to such a file by "
        "“lstm-visualizer convert”"
    )


def _module(path: Path, known: list[str]) -> Any:
    suffix = path.suffix.casefold()
    if suffix not in known:
        raise NetworkFileError(f"{path.name}: a name that ends in {listed(known, 'or')} was expected.")
    return network_module(format_of(path))
