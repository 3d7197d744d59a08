"""Reads a document under any name, and says of any other file with a name of no known kind what to do with it."""

from __future__ import annotations

from pathlib import Path

from ..document import document_file
from ..document.document import Document, DocumentError
from .names.renamed import MOST_SEEN, what_it_is

_KERAS = "open the model in Keras and save it with model.save('net.keras')"
_TORCH = "save the numbers alone: torch.save(model.state_dict(), 'net.pt')"
_OTHERS = {
    (".pb", ".pbtxt", ".index", ".meta"): f"it is part of a TensorFlow model; {_KERAS}",
    (".tflite",): f"it is a model for TensorFlow Lite; {_KERAS}, as it was before it was turned into one",
    (".pt2", ".mar", ".ptl", ".pte"): f"it is a program that torch exported, which is code; {_TORCH}",
    (".npy",): "it is one array; save the weights by name with numpy.savez('net.npz', W_f=…), or choose it as the "
    "sequence of a network that is open",
    (".mat", ".rds", ".rdata"): "weights from there are read as .npz: save them by name with numpy.savez('net.npz', "
    "W_f=…, b_f=…)",
    (".msgpack", ".flax", ".orbax"): "weights of Flax are read as .npz: save them by name with numpy.savez('net.npz', "
    "W_f=…, b_f=…)",
    (".mlmodel", ".mlpackage", ".engine", ".trt", ".gguf", ".ggml"): "it is a model that was made to run elsewhere; "
    "save the network that it was made of as .pt, .keras or .onnx",
    (".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"): "it is packed; unpack it, and open the file of the "
    "network within it",
}
_DATA = ".data-"
"""In the name of what lies beside a TensorFlow checkpoint's index: "model.ckpt.data-00000-of-00001"."""


def what_to_do(path: Path) -> str:
    """Return one sentence on a file that is none of the kinds that are read here, or "" where nothing is known of it.

    Raises OSError where it cannot be read.
    """
    suffix = path.suffix.casefold()
    known = next((sentence for suffixes, sentence in _OTHERS.items() if suffix in suffixes), "")
    if suffix.startswith(_DATA):
        known = _OTHERS[".pb", ".pbtxt", ".index", ".meta"]
    if not known and path.is_file():
        with path.open("rb") as file:
            known = what_it_is(file.read(MOST_SEEN))
    return f"{path.name}: {known}" if known else ""


def read_document(path: Path) -> tuple[Document, list[str]]:
    """Return a document with sentences on it, as `document_file` does; raises DocumentError."""
    path = Path(path)
    try:
        known = what_to_do(path)
    except OSError:
        known = ""  # what reads a document says why
    if known:
        raise DocumentError(known)
    return document_file.read_document(path)


def write_document(path: Path, document: Document) -> None:
    """Write a document; raises DocumentError."""
    document_file.write_document(path, document)
