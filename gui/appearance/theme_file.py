"""Reads a theme: a file of colours by role, checked before anything is drawn with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from engine.errors import PlainError, did_you_mean, first_line

Colours = dict[str, str | tuple[str, ...]]
"""By role: a colour such as "#0863EC", or several that differ from each other."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_WRITTEN = 'is written as # and six digits, such as "#0863EC"'
_AGAIN = "mend the line, or install the program again"


class ThemeError(PlainError, ValueError):
    """A theme cannot be used; its text is one sentence."""


def read_colours(path: Path, names: Collection[str], lists: Mapping[str, int]) -> Colours:
    """Return the colours of a theme's file.

    names: the roles that each have one colour. lists: how many colours each of the others has.
    Raises ThemeError if the file cannot be read, or if a colour is missing, wrong, or of no role.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ThemeError(
            f"The theme {path.name} cannot be read ({error.strerror}); install the program again"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"The theme {path.name} is not in TOML: {first_line(error)}; {_AGAIN}") from error
    known = [*names, *lists]
    for name in found:
        if name not in known:
            raise ThemeError(
                f"The theme {path.name} has a colour for “{name}”, which is no role{did_you_mean(name, known)}"
            )
    for name in known:
        if name not in found:
            raise ThemeError(f"The theme {path.name} has no colour for “{name}”; add it, or install the program again")
    single: Colours = {name: _checked(found[name], f"“{name}”", path) for name in names}
    return single | {name: _checked_list(found[name], name, count, path) for name, count in lists.items()}


def _checked(value: object, what: str, path: Path) -> str:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise ThemeError(f"In the theme {path.name} {what} is {value!r:.80}; a colour {_WRITTEN}")
    return value


def _checked_list(value: object, name: str, count: int, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) != count:
        raise ThemeError(f"In the theme {path.name} “{name}” is {value!r:.80}; it is a list of {count} colours")
    return tuple(_checked(entry, f"number {place} of “{name}”", path) for place, entry in enumerate(value, 1))
