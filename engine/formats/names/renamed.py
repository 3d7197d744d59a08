"""Says what a file is that is not what its name says, from its first bytes."""

from __future__ import annotations

from .torch_pickle import LEGACY_MAGIC, SAVE_RIGHT

MOST_SEEN = 512
"""How many bytes of its beginning are enough."""
_PICKLE = f"it is a pickle, and opening one runs code, so it was not opened; if it is a network of yours, {SAVE_RIGHT}"
_KINDS = (
    (b"PK\x03\x04", "it is a zip file, as .pt, .npz and .keras are; give it the suffix that it had"),
    (LEGACY_MAGIC, "it is an old .pt file; give it that suffix"),
    (b"\x93NUMPY", "it is one array, a .npy; save the weights by name with numpy.savez"),
    (b"\x89HDF", "it is an HDF5 file, as .h5 is; give it that suffix, if Keras wrote it"),
    (b"version https://git-lfs", "it is a pointer of Git LFS in place of the file; get the file itself: git lfs pull"),
    *((b"\x80" + bytes([protocol]), _PICKLE) for protocol in range(2, 6)),
    (b"\x1f\x8b", "it is packed (gzip); unpack it, and open the file of the network within it"),
    (b"GGUF", "it is a model in GGUF, with quantised weights; save the network that it was made of as .pt"),
    (b"<", "it is a web page or other text; download the file itself"),
)
_HEADER = 8
_TAR, _TAR_AT = b"ustar", 257


def what_it_is(begin: bytes) -> str:
    """Return what a file is that begins so, and what to do, or "" if that is not known."""
    if not begin:
        return "it is empty; get a new copy"
    if begin[_HEADER : _HEADER + 2] == b'{"':
        return "it is a .safetensors file; give it that suffix"
    if begin[_TAR_AT:].startswith(_TAR):
        return "it is an archive of several files (tar); unpack it, and open the file of the network within it"
    return next((words for magic, words in _KINDS if begin.lstrip().startswith(magic)), "")
