"""The user's own themes: a folder of files like those that ship with the program. For a background thread."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from engine.shipped import SHIPPED
from gui.appearance.theme import OWN, Theme, read_theme
from gui.appearance.theme_file import ThemeError, own_themes_folder

_MOST = 50


@dataclass(frozen=True)
class OwnThemes:
    """What is in the folder. themes: by the name that chooses each; sentences: why a file is none."""

    stamp: int = -1
    """Changes whenever a file of the folder does."""
    themes: dict[str, Theme] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()


def look(seen: OwnThemes) -> OwnThemes:
    """Return what is in the folder, or `seen` itself if no file has changed since."""
    folder = own_themes_folder()
    stamp = _stamp_of(folder)
    if stamp == seen.stamp:
        return seen
    themes, sentences = {}, []
    for path in sorted(folder.glob("*.toml"))[:_MOST]:
        try:
            themes[OWN + path.stem] = read_theme(path)
        except ThemeError as error:
            sentences.append(str(error))
    return OwnThemes(stamp, themes, tuple(sentences))


def copy_theme(theme: Theme) -> Path:
    """Write the colours of a theme into the folder under a new name; return the file. Raises OSError."""
    folder = own_themes_folder()
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"my {theme.name}{number}.toml" for number in ("", *(f" {place}" for place in range(2, _MOST))))
    path = next(folder / name for name in names if not (folder / name).exists())
    own, shipped = (place / f"{theme.name}.toml" for place in (folder, SHIPPED / "themes"))
    path.write_text((own if own.exists() else shipped).read_text("utf-8"), "utf-8")
    return path


def _stamp_of(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat()) for entry in entries]
    except OSError:  # no such folder, or a file went at this moment
        return 0
    return hash(frozenset((name, stat.st_mtime_ns, stat.st_size) for name, stat in found))
