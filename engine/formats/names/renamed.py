"""Says what a file is that is not what its name says, from its first bytes."""

from __future__ import annotations

from .torch_pickle import LEGACY_MAGIC

MOST_SEEN = 64
"""How many bytes of its beginning are enough."""
_KINDS = (
    (b"PK\x03\x04", "it is a zip file, as .pt and .npz are; give it that suffix"),
    (LEGACY_MAGIC, "it is an old .pt file; give it that suffix"),
    (b"\x93NUMPY", "it is one array, a .npy; save the weights by name with numpy.savez"),
    (b"\x89HDF", "it is an HDF5 file, as .h5 is; give it that suffix, if Keras wrote it"),
    (b"version https://git-lfs", "it is a pointer of Git LFS in place of the file; get the file itself: git lfs pull"),
    (b"<", "it is a web page or other text; download the file itself"),
)
_HEADER = 8


def what_it_is(begin: bytes) -> str:
    """Return what a file is that begins so, and what to do, or "" if that is not known."""
    if not begin:
        return "it is empty; get a new copy"
    if begin[_HEADER : _HEADER + 2] == b'{"':
        return "it is a .safetensors file; give it that suffix"
    return next((words for magic, words in _KINDS if begin.lstrip().startswith(magic)), "")
