"""The program's name and version, where its own files are, and where the user may keep others.

Its own: examples, tasks, data, icons, fonts, guides.
"""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

NAME = "LSTM Visualizer"
FILES = "lstm-visualizer"
"""What the program's folders are called among those of the user."""
SHIPPED = Path(__file__).parents[1] / "resources"
"""Beside `engine`, in a checkout and in an installed package."""
_LONGEST_PATH = 4096
_NO_TEXT = ("Cc", "Cs", "Zl", "Zp")
"""Kinds of characters that a line of text does not hold: control characters, halves of others, ends of lines."""


def version() -> str:
    """Return the program's version, or "not installed"."""
    from importlib import metadata

    try:
        return metadata.version("lstm-visualizer")
    except metadata.PackageNotFoundError:
        return "not installed"


def is_folder_name(text: str) -> bool:
    """Return whether a text is the whole name of a folder that can be remembered in a line of a file."""
    fits = len(text) <= _LONGEST_PATH and os.path.isabs(text)
    return fits and not any(unicodedata.category(character) in _NO_TEXT for character in text)


def named_folder(variable: str, what: str, refuse: Callable[[str], Exception]) -> Path | None:
    """Return the folder that an environment variable names; it need not exist. None where the variable names none.

    what: what is kept there, "your tasks". refuse: makes the error from its sentence, which is raised where the name
    begins with a home folder that is not there.
    """
    given = os.environ.get(variable, "")
    if not given:
        return None
    try:
        return Path(given).expanduser()
    except RuntimeError as error:  # ~somebody
        raise refuse(
            f"{given}: there is no such home folder; name another folder for {what} with the environment variable "
            f"{variable}."
        ) from error
