"""Where the recordings of a user are: named by an environment variable, chosen in the window, or the usual place.

What was chosen stands in a file of its own, so that the commands without a window look in the same folder.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import platformdirs

from ..shipped import FILES, is_folder_name, named_folder
from .about import RecordingError

FOLDER_VARIABLE = "LSTM_VISUALIZER_RUNS"
"""The environment variable that names another folder, before what was chosen."""
_CHOSEN = "runs-folder.txt"
_LONGEST = 8192
"""Characters of that file that are read, more than any name has."""


def runs_folder() -> Path:
    """Return the folder of the user's recordings; it need not exist.

    Raises RecordingError where its name begins with a home folder that is not there.
    """
    return named_folder(FOLDER_VARIABLE, "recordings", RecordingError) or chosen_folder() or usual_folder()


def usual_folder() -> Path:
    """Return the folder of recordings where no other was chosen."""
    return Path(platformdirs.user_data_dir(FILES, appauthor=False)) / "runs"


def chosen_folder() -> Path | None:
    """Return the folder that the user chose; None where there is none, or what was written of it is damaged."""
    try:
        with _place().open(encoding="utf-8") as file:
            written = file.read(_LONGEST).removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return Path(written) if is_folder_name(written) else None


def take_damaged() -> bool:
    """Return whether what was written of the user's choice is no folder's name; it is removed then."""
    if chosen_folder() is not None or not _place().is_file():
        return False
    with suppress(OSError):
        _place().unlink()
    return True


def choose_folder(folder: Path | None) -> None:
    """Remember another folder for recordings, made where there is none yet; None: the usual one again.

    Raises RecordingError where nothing can be written in it, or where the choice cannot be remembered.
    """
    place = _place()
    if folder is not None and not is_folder_name(str(folder.absolute())):
        raise RecordingError(
            f"{folder} cannot be remembered: its name is too long, or holds line breaks or bytes that are no text; "
            "choose another folder."
        )
    try:
        if folder is None:
            place.unlink(missing_ok=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(0, "nothing may be written there")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{folder.absolute()}\n", "utf-8")
    except OSError as error:
        named = folder or place
        raise RecordingError(f"{named} cannot be used ({error.strerror}); choose another folder.") from error


def _place() -> Path:
    return Path(platformdirs.user_config_dir(FILES, appauthor=False)) / _CHOSEN
