"""What the program remembers from one start to the next, read by type.

The file of settings is in the user's folder, where anything may have damaged it. In place of a value of the wrong type
the usual one is used, and the window says so once.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

_LONGEST = 1_000_000  # characters of a text
_LONGEST_LINE = 4096  # characters of an entry of a list


class Stored(QSettings):
    """Settings that are read by type, from a file, or from the place where the system keeps settings.

    what: the words for a value, such as "the theme", for the sentence about values that cannot be used.
    """

    def __init__(self, file: Path | None = None) -> None:
        if file is None:
            super().__init__()
        else:
            super().__init__(str(file), QSettings.Format.IniFormat)
        self._left_out: dict[str, str] = {}

    def text(self, key: str, what: str, usual: str, among: Collection[str] = ()) -> str:
        """Return a text, one of `among` if given."""
        found = self._found(key, what)
        if found is None:
            return usual
        if not isinstance(found, str) or len(found) > _LONGEST or (among and found not in among):
            self.leave_out(key, what)
            return usual
        return found

    def flag(self, key: str, what: str, usual: bool | None) -> bool | None:
        """Return yes or no; usual may be None, if nobody has chosen yet."""
        found = self._found(key, what)
        if found is None or isinstance(found, bool):
            return usual if found is None else found
        known = {"true": True, "false": False}
        if not isinstance(found, str) or found not in known:
            self.leave_out(key, what)
            return usual
        return known[found]

    def number(self, key: str, what: str, usual: float, low: float, high: float) -> float:
        """Return a number from low to high."""
        found = self._found(key, what)
        if found is None:
            return usual
        try:
            value = math.nan if isinstance(found, bool) or not isinstance(found, (str, int, float)) else float(found)
        except (ValueError, OverflowError):
            value = math.nan
        if not low <= value <= high:
            self.leave_out(key, what)
            return usual
        return value

    def lines(self, key: str, what: str, most: int) -> list[str]:
        """Return a list of texts, at most the first `most`."""
        found = self._found(key, what)
        if found is None:
            return []
        entries = [found] if isinstance(found, str) else found  # an INI file returns a list of one so
        if not isinstance(entries, list):
            self.leave_out(key, what)
            return []
        fitting = [entry for entry in entries if isinstance(entry, str) and 0 < len(entry) <= _LONGEST_LINE]
        if len(fitting) < len(entries) and entries != [""]:  # an INI file may return an empty list so
            self.leave_out(key, what)
        return fitting[:most]

    def data(self, key: str, what: str) -> QByteArray | None:
        """Return bytes, None if there are none."""
        found = self._found(key, what)
        if found is None or isinstance(found, QByteArray):
            return found
        if isinstance(found, bytes):
            return QByteArray(found)
        self.leave_out(key, what)
        return None

    def _found(self, key: str, what: str) -> object:
        """Return what is stored, None if nothing is. Qt also returns None for what it cannot read; that is noted."""
        found = self.value(key)
        if found is None and self.contains(key):
            self.leave_out(key, what)
        return found

    def leave_out(self, key: str, what: str) -> None:
        """Note that a value cannot be used."""
        self._left_out[key] = what

    def sentence_of_left_out(self) -> str:
        """Return one sentence about the values that could not be used since the last call, or ""; remove them."""
        missing = list(dict.fromkeys(self._left_out.values()))
        if self.status() is QSettings.Status.FormatError:
            missing.append("damaged lines")
        for key in self._left_out:
            self.remove(key)
        self._left_out = {}
        if not missing:
            return ""
        listed = " and ".join([", ".join(missing[:-1]), missing[-1]] if missing[:-1] else missing)
        return f"Some remembered settings could not be read and have their usual values again: {listed}."
