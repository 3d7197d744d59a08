"""Loads torch's libraries without blocking the other threads of the process."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path


def load_torch_libraries() -> None:
    """Load what `import torch` then finds in memory; does nothing where torch is loaded already.

    An import holds Python's lock while the system reads and links a library: of torch's half a second, and seconds
    from a cold disk, in which no other thread runs: no window, and no answer to a signal. A call through ctypes
    does not hold it. Only for what was tried: Linux, and a torch without NVIDIA's libraries, whose order counts.
    """
    if "torch" in sys.modules or not sys.platform.startswith("linux"):
        return
    torch = importlib.util.find_spec("torch")
    if torch is None or torch.origin is None:
        return
    folder = Path(torch.origin).parent / "lib"
    library = folder / "libtorch_python.so"  # needs all others
    if library.exists() and not (folder / "libtorch_cuda.so").exists():
        dlopen = ctypes.CDLL(None).dlopen
        dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
        dlopen(os.fsencode(library), os.RTLD_NOW)  # where it fails, the import says why
