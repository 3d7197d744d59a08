"""The arrays of an HDF5 file of unknown origin, read by a process of their own that may hang or end."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from math import prod
from pathlib import Path

import numpy as np

from ..found import Array, NetworkFileError
from ..names.packages import package
from ..names.stored import Stored, from_bfloat16, widened

LONGEST_S = 30.0
"""Seconds after which a file is given up; one of a gigabyte takes three."""
_LIBRARY = Path(__file__).with_name("library.py")
_BYTES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}


@dataclass
class Arrays:
    """What is in a file. stored: arrays by their path, "layers/lstm/cell/vars/0".

    names: what Keras says that the layer of a group is called, by the group's path. settings: the JSON that old files
    have beside their weights, or "".
    """

    stored: dict[str, Stored] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    settings: str = ""


def answer_of(data: bytes) -> bytes:
    """Return what `library.py` says of a file; raise NetworkFileError where it says nothing."""
    command = [sys.executable, "-P", "-W", "ignore", str(_LIBRARY), str(len(data))]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise NetworkFileError(
            f"HDF5 did not finish reading it within {LONGEST_S:g} s, as happens with damaged files; get a new copy."
        ) from error
    if done.returncode != 0:
        raise NetworkFileError(
            "HDF5 ended with an error while reading it, as happens with damaged files; get a new copy."
        )
    return done.stdout


def arrays_of(data: bytes) -> Arrays:
    """Return the arrays of an HDF5 file that is in memory.

    Raises NetworkFileError for a link to another place, numbers in other files, and a file that is damaged.
    """
    package("h5py", "keras", "a file of Keras")
    answer = answer_of(data)
    line, _, _ = answer.partition(b"\n")
    said = json.loads(line)
    if "error" in said:
        raise NetworkFileError(said["error"])
    found = Arrays(names=said["names"], settings=said["settings"])
    at = len(line) + 1
    for path, (shape, kind, length) in said["arrays"].items():
        found.stored[path] = Stored(tuple(shape), kind, partial(_read, answer, path, tuple(shape), kind, at, length))
        at += length or 0
    return found


def _read(answer: bytes, path: str, shape: tuple[int, ...], kind: str, at: int, length: int | None) -> Array:
    if length is None or length != prod(shape) * _BYTES[kind]:
        raise NetworkFileError(f"{path[:120]} is too large to be read; save the recurrent layers alone.")
    part = memoryview(answer)[at : at + length]
    if kind == "bfloat16":
        return from_bfloat16(bytes(part)).reshape(shape)
    return widened(np.frombuffer(part, f"<f{_BYTES[kind]}").reshape(shape))
