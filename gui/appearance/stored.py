"""What the program remembers from one start to the next, read by type.

The file of settings is in the user's folder, where anything may have damaged it. In place of a value of the wrong type
the usual one is used, and the window says so once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, QSettings, Signal

from engine.text.listed import listed

Value = TypeVar("Value")

_LONGEST = 1_000_000  # characters of a text
_LONGEST_LINE = 4096  # characters of an entry of a list


class Stored(QSettings):
    """Settings that are read by type, from a file, or from the place where the system keeps settings.

    what: the words for a value, such as "the theme", for the sentence about values that cannot be used.
    """

    missed = Signal()
    """A value cannot be used; `sentence_of_left_out` says which."""

    def __init__(self, file: Path | None = None) -> None:
        if file is None:
            super().__init__()
        else:
            super().__init__(str(file), QSettings.Format.IniFormat)
        self._left_out: dict[str, str] = {}

    def text(self, key: str, what: str, usual: str, among: Collection[str] = ()) -> str:
        """Return a text, one of `among` if given."""

        def read(found: object) -> str | None:
            fits = isinstance(found, str) and len(found) <= _LONGEST and (not among or found in among)
            return str(found) if fits else None

        return self._read(key, what, usual, read)

    def flag(self, key: str, what: str, usual: bool | None) -> bool | None:
        """Return yes or no; usual may be None, if nobody has chosen yet."""

        def read(found: object) -> bool | None:
            known = {"true": True, "false": False}
            return found if isinstance(found, bool) else known.get(found) if isinstance(found, str) else None

        return self._read(key, what, usual, read)

    def number(self, key: str, what: str, usual: float, low: float, high: float) -> float:
        """Return a number from low to high."""

        def read(found: object) -> float | None:
            try:
                value = float(found) if isinstance(found, (str, int, float)) else math.nan
            except (ValueError, OverflowError):
                return None
            return value if low <= value <= high and not isinstance(found, bool) else None

        return self._read(key, what, usual, read)

    def lines(self, key: str, what: str, most: int) -> list[str]:
        """Return a list of texts, at most the first `most`."""

        def read(found: object) -> list[str] | None:
            entries = [found] if isinstance(found, str) else found  # an INI file returns a list of one so
            if not isinstance(entries, list):
                return None
            fitting = [entry for entry in entries if isinstance(entry, str) and 0 < len(entry) <= _LONGEST_LINE]
            if len(fitting) < len(entries) and entries != [""]:  # an INI file may return an empty list so
                self.leave_out(key, what)
            return fitting[:most]

        return self._read(key, what, [], read)

    def data(self, key: str, what: str) -> QByteArray | None:
        """Return bytes, None if there are none."""
        return self._read(
            key, what, None, lambda found: QByteArray(found) if isinstance(found, bytes | QByteArray) else None
        )

    def _read(self, key: str, what: str, usual: Value, read: Callable[[object], Value | None]) -> Value:
        """Return what `read` makes of a stored value; the usual one if nothing is stored or it cannot be used."""
        found = self.value(key)
        if found is None and not self.contains(key):
            return usual
        value = None if found is None else read(found)  # Qt returns None for what it cannot read
        if value is None:
            self.leave_out(key, what)
            return usual
        return value

    def leave_out(self, key: str, what: str) -> None:
        """Note that a value cannot be used."""
        self._left_out[key] = what
        self.missed.emit()

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
        return f"Some remembered settings could not be read and have their usual values again: {listed(missing)}."
