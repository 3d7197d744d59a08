"""The kinds of files that the program opens: one table for its dialogs, its command line and the desktop."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Desktop:
    """What a desktop is told of a kind of file, as the Shared MIME-info Database has it.

    comment: what its file manager calls one. parent: the type that each is, too. magic: offsets and texts there by
    which one is known under any name, each within the one before.
    """

    mime: str
    comment: str
    parent: str
    magic: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Format:
    """A kind of file.

    one, many: what it is called, "a table", "tables". suffixes: in small letters, the first for what is saved. opener:
    the part of the window that opens one, by its name in `Files.openers`, or "" for a document. module: what reads and
    writes one that is a document, with `read_document` and `write_document` as in `engine.document.document_file`; its
    name begins with a dot where it is below `engine`. network: what reads and writes one that holds a network of
    another program, with `read_network` and `write_network` as in `engine.formats.network_files`; writes: whether it
    has the second.
    """

    one: str
    many: str
    suffixes: tuple[str, ...]
    opener: str = ""
    module: str = ""
    network: str = ""
    writes: bool = False
    desktop: Desktop | None = None

    @property
    def suffix(self) -> str:
        """The usual one."""
        return self.suffixes[0]


def _network(one: str, many: str, suffixes: tuple[str, ...], reader: str, writes: bool = True) -> Format:
    """Return a kind that holds networks of another program; reader: the module with `read_network`."""
    module = ".formats.network_files"
    return Format(one, many, suffixes, opener="networks", module=module, network=reader, writes=writes)


FORMATS = {
    "document": Format(
        "a document",
        "documents",
        (".lstmviz",),
        module=".document.document_file",
        desktop=Desktop("application/x-lstm-visualizer-document", "LSTM cell with its numbers", "application/json"),
    ),
    "recording": Format(
        "a recorded run",
        "recorded runs",
        (".lstmrec",),
        opener="recordings",
        desktop=Desktop(
            "application/x-lstm-visualizer-recording",
            "Recorded training of an LSTM",
            "application/vnd.sqlite3",
            ((0, "SQLite format 3"), (68, "LSTM")),
        ),
    ),
    "table": Format("a table", "tables", (".csv", ".tsv", ".txt"), opener="data"),
    "text": Format("a text", "texts", (".txt", ".md"), opener="data"),
    # Networks of other programs; as a document each is its first recurrent layer.
    "torch": _network(
        "a PyTorch network",
        "PyTorch networks",
        (".pt", ".pth", ".ckpt", ".tar", ".bin", ".pkl", ".pickle"),
        ".formats.torch_file",
    ),
    "safetensors": _network(
        "a safetensors network", "safetensors networks", (".safetensors",), ".formats.safetensors_file"
    ),
    "onnx": _network("an ONNX model", "ONNX models", (".onnx",), ".formats.onnx_file"),
    "keras": _network("a Keras network", "Keras networks", (".keras", ".h5", ".hdf5"), ".formats.keras_file", False),
    "npz": _network("an .npz of weights", "weights in .npz", (".npz",), ".formats.npz_file"),
}
"""The first that has a file's suffix is what the file is opened as."""
_ANY_NAME = ".formats.unknown_file"
"""Reads a document whose name says nothing."""
DOCUMENT, RECORDING = FORMATS["document"], FORMATS["recording"]


def format_of(path: Path) -> Format:
    """Return what a file is by its name, in small letters or large; a document where nothing else is."""
    suffix = path.suffix.casefold()
    return next((each for each in FORMATS.values() if suffix in each.suffixes), DOCUMENT)


def network_formats() -> list[Format]:
    """Return the kinds that hold networks of other programs."""
    return [each for each in FORMATS.values() if each.network]


def network_module(kind: Format) -> Any:
    """Return the module whose `read_network` and perhaps `write_network` take files of this kind."""
    return import_module(kind.network, __package__)


def document_module(path: Path) -> Any:
    """Return the module whose `read_document` and `write_document` take a file of this name."""
    kind = format_of(path)
    known = kind.module or DOCUMENT.module
    return import_module(known if path.suffix.casefold() in kind.suffixes else _ANY_NAME, __package__)
