"""Reads a theme: a file of colours by role, checked before anything is drawn with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

import platformdirs

from engine.errors import PlainError, did_you_mean, first_line
from engine.shipped import FILES

Colours = dict[str, str | tuple[str, ...]]
"""By role: a colour such as "#0863EC", or several that differ from each other."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_WRITTEN = 'is written as # and six digits, such as "#0863EC"'
_LARGEST = 100_000  # bytes
_OWN, _SHIPPED = "mend the line", "mend the line, or install the program again"


class ThemeError(PlainError, ValueError):
    """A theme cannot be used; its text is one sentence."""


def own_themes_folder() -> Path:
    """Return the folder of the user's own themes; it need not exist."""
    return Path(platformdirs.user_config_dir(FILES, appauthor=False)) / "themes"


def read_colours(path: Path, names: Collection[str], lists: Mapping[str, int]) -> Colours:
    """Return the colours of a theme's file.

    names: the roles that each have one colour. lists: how many colours each of the others has.
    Raises ThemeError if the file cannot be read, or if a colour is missing, wrong, or of no role.
    """
    again = _OWN if path.parent == own_themes_folder() else _SHIPPED
    try:
        if path.stat().st_size > _LARGEST:
            raise ThemeError(f"The theme {path.name} is too large for a file with a line for each role; replace it")
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ThemeError(
            f"The theme {path.name} cannot be read ({error.strerror}); put it back, or choose another one"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"The theme {path.name} is not in TOML: {first_line(error)}; {again}") from error
    known = [*names, *lists]
    for name in found:
        if name not in known:
            raise ThemeError(
                f"The theme {path.name} has a colour for “{name}”, which is no role{did_you_mean(name, known)}"
            )
    for name in known:
        if name not in found:
            raise ThemeError(f"The theme {path.name} has no colour for “{name}”; add it")
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
