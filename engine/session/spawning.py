"""Starts child processes from this program's own modules, never from the file that the user started."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import spawn
from typing import Any

_MAIN = "init_main_from_name", "init_main_from_path"
_here = threading.local()
_preparation_data = spawn.get_preparation_data


@contextmanager
def without_main() -> Iterator[None]:
    """Have what this thread starts meanwhile not run the main file of this process again.

    multiprocessing has each child do that, for functions that stand there. None of ours do; and a script that opens
    the window without asking whether it is `__main__` would open another one in the child, which then never works.
    """
    _here.starts_own = True
    try:
        yield
    finally:
        _here.starts_own = False


def _own_preparation_data(name: str) -> dict[str, Any]:
    data: dict[str, Any] = _preparation_data(name)
    if getattr(_here, "starts_own", False):
        data = {key: value for key, value in data.items() if key not in _MAIN}
    return data


spawn.get_preparation_data = _own_preparation_data  # multiprocessing offers no option for this
