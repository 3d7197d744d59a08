"""Many damaged inputs for each reader; `make fuzz` gives each a hundred thousand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.readers import READERS, Reader


@pytest.mark.parametrize("name", READERS)
def test_damaged_inputs_are_read_or_refused_in_a_sentence(name: str) -> None:
    count = "200" if name in ("keras", "hdf5") else "1000"  # these read each input in a process of its own
    child = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", name, count], capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stdout + child.stderr


def _fault(path: Path) -> None:
    if b"B" in path.read_bytes():
        raise ValueError("an error that nobody expected")


def _exit(_path: Path) -> None:
    sys.exit(1)


@pytest.mark.parametrize(("read", "words"), [(_fault, "an error that nobody expected"), (_exit, "SystemExit")])
def test_a_reader_that_fails_is_found(read: Callable[[Path], None], words: str) -> None:
    tried, failures = fuzz(Reader("none", lambda: [b"ABC"], ".txt", read), 50, 0)
    assert failures
    assert tried >= len(failures)
    assert words in failures[0][1]
