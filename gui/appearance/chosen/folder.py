"""A folder that the user may choose, remembered from one start to the next."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.shipped import is_folder_name
from gui.appearance.stored import Stored


class ChosenFolder(QObject):
    """A folder with a usual place, in whose stead another one can be chosen."""

    changed = Signal()

    def __init__(self, stored: Stored, key: str, what: str, usual: Path) -> None:
        """what: the words for it in the sentence about what could not be read."""
        super().__init__()
        self._stored, self._key = stored, key
        self.usual = usual
        """Where it is if no other one is chosen."""
        self.chosen: Path | None = None
        """What the user chose; None for the usual place."""
        written = stored.text(key, what, "")
        if is_folder_name(written):
            self.chosen = Path(written)
        elif written:
            stored.leave_out(key, what)

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.chosen or self.usual

    def choose(self, folder: Path | None) -> None:
        """Choose another folder and remember it; None: the usual one again."""
        if folder == self.chosen:
            return
        self.chosen = folder
        if folder is None:
            self._stored.remove(self._key)
        else:
            self._stored.setValue(self._key, str(folder))
        self.changed.emit()
