"""Registers the program's file types with the desktop, so that a double click in a file manager opens them.

Follows the Shared MIME-info Database, Desktop Entry and MIME Applications specifications of freedesktop.org. Everything
is written into the user's own data folder and can be taken back.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from engine.errors import ENDED, PlainError, one_line
from engine.file_kinds import FORMATS, Desktop
from engine.shipped import SHIPPED

PROGRAM = "lstm-visualizer"
_UPDATE_S = 60.0
_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
{types}</mime-info>
"""
_ENTRY = """[Desktop Entry]
Type=Application
Name=LSTM Visualizer
Comment=Walk through the LSTM cell number by number, and watch one being trained
Exec={command} %f
Icon={icon}
Terminal=false
Categories=Education;
MimeType={types};
"""
_UPDATES = (
    ("update-mime-database", "mime", "shared-mime-info"),
    ("update-desktop-database", "applications", "desktop-file-utils"),
)
"""Programs that make a desktop take up what was written: name, folder, and the package that has it."""


class FileTypesError(PlainError):
    """The desktop does not know of the files; the message is one sentence."""

    status = ENDED


def data_folder() -> Path:
    """Return where a user's desktop looks for what programs tell it."""
    given = Path(os.environ.get("XDG_DATA_HOME") or "")
    return given if given.is_absolute() else Path.home() / ".local/share"  # as the specification wants it


def files(command: tuple[str, ...]) -> dict[str, str]:
    """Return what is written, by its path below the data folder; command: how the program is started."""
    told = [(each, each.desktop) for each in FORMATS.values() if each.desktop]
    entry = _ENTRY.format(
        command=" ".join(_quoted(word) for word in command),
        icon=SHIPPED / "icons" / "icon.svg",
        types=";".join(desktop.mime for _, desktop in told),
    )
    types = _TYPES.format(types="".join(_type(each.suffixes, desktop) for each, desktop in told))
    return {f"mime/packages/{PROGRAM}.xml": types, f"applications/{PROGRAM}.desktop": entry}


def _type(suffixes: tuple[str, ...], desktop: Desktop) -> str:
    """Return a type of the MIME database: known by its suffix, and under another name by its first bytes."""
    match = ""
    for offset, value in reversed(desktop.magic):
        match = f'<match type="string" offset="{offset}" value="{value}">{match}</match>'
    globs = "".join(f'<glob pattern="*{suffix}" weight="80"/>' for suffix in suffixes)
    magic = f'<magic priority="80">{match}</magic>' if match else ""
    return (
        f'<mime-type type="{desktop.mime}"><comment>{desktop.comment}</comment>'
        f'<sub-class-of type="{desktop.parent}"/>{globs}{magic}</mime-type>\n'
    )


def register(*, remove: bool = False) -> list[Path]:
    """Register the program's files with the desktop, or undo that; return what was written or removed.

    Takes longer than a frame. Raises FileTypesError.
    """
    if not sys.platform.startswith("linux"):
        raise FileTypesError(
            "Files can be registered on a Linux desktop only; open them with Open, drop them on the window, or choose "
            "this program in the file manager's “Open with”."
        )
    folder = data_folder()
    main = Path(__file__).resolve().parents[2] / "main.py"
    paths = []
    try:
        for name, text in files((sys.executable, str(main))).items():
            path = folder / name
            if not remove:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(os.fsencode(text))  # a path need not be UTF-8
            elif not path.exists():
                continue
            else:
                path.unlink()
            paths.append(path)
    except OSError as error:
        where = error.filename or folder
        raise FileTypesError(f"{where}: {error.strerror}; make this a place that you can write to.") from error
    _update(folder)
    return paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py register` can be told."""
    parser.add_argument("--remove", action="store_true", help="undo the registration")


def run(options: argparse.Namespace) -> int:
    """Register or undo that, and print the files; return the exit status."""
    paths = register(remove=options.remove)
    for path in paths:
        print(one_line(f"{'removed' if options.remove else 'wrote'} {path}"))
    if not paths:
        print(one_line(f"nothing to remove in {data_folder()}"))
    return 0


def _update(folder: Path) -> None:
    for program, name, package in _UPDATES:
        if not (folder / name).is_dir():
            continue
        found = shutil.which(program)
        if found is None:
            raise FileTypesError(
                f"{program} was not found, so the desktop does not know of the change yet; install {package}, then try "
                "again."
            )
        try:
            subprocess.run([found, str(folder / name)], capture_output=True, check=True, timeout=_UPDATE_S)
        except (OSError, subprocess.SubprocessError) as error:
            raise FileTypesError(
                f"The desktop does not know of the change yet ({error}); run “{program} {folder / name}” to see why."
            ) from error


def _quoted(word: str) -> str:
    """Return a word of a command as a desktop entry wants it: quoted, and a % doubled."""
    escaped = "".join(f"\\{character}" if character in '"`$\\' else character for character in word)
    return '"{}"'.format(escaped.replace("\\", "\\\\").replace("%", "%%"))
