"""Where in our own code something was begun: the innermost lines of engine, gui and tests on the stack.

Looked up at every start of a thread or a timer and for every widget, so no traceback is made and no source is read.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

Origin = tuple[tuple[str, int, str], ...]
"""File, line and function of each place, innermost first."""

_ROOT = Path(__file__).resolve().parents[1]
_OURS = tuple(f"{_ROOT / folder}{os.sep}" for folder in ("engine", "gui", "tests"))
_DEPTH = 4


@cache
def _name(file: str) -> str:
    """Return the path of a file of ours within the project; empty for others, and for those that only look on."""
    if not file.startswith(_OURS) or os.path.basename(file) == "left_behind.py":
        return ""
    return Path(file).relative_to(_ROOT).as_posix()


def is_ours(frame: FrameType | None) -> bool:
    return frame is not None and _name(frame.f_code.co_filename) != ""


def origin(frame: FrameType | None) -> Origin:
    """Return the innermost places of our own code, from a frame outwards."""
    places: list[tuple[str, int, str]] = []
    while frame is not None and len(places) < _DEPTH:
        if name := _name(frame.f_code.co_filename):
            places.append((name, frame.f_lineno, frame.f_code.co_qualname))
        frame = frame.f_back
    return tuple(places)


def makers(frame: FrameType | None) -> tuple[Any, ...]:
    """Return what is being made at a frame, innermost first: the objects whose `__init__` runs."""
    found = []
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__init__" and code.co_argcount:
            found.append(frame.f_locals[code.co_varnames[0]])
        frame = frame.f_back
    return tuple(found)


def in_words(places: Origin) -> str:
    """`gui/jobs/background.py:41 in Background.run < tests/gui/test_x.py:77 in test_y`."""
    return " < ".join(f"{file}:{line} in {function}" for file, line, function in places)
