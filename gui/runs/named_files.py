"""Asks before a file is read that a recording names: a recording may come from anyone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal

from engine.settings.config import TrainingConfig
from engine.settings.files import files_of, without_files, without_idle_files


class NamedFiles(QObject):
    """Knows which files came with a recording's settings, and which of them may be read, in this window."""

    leave_wanted = Signal(object, object)
    """Files (a tuple of paths and of own tasks) are to be read: whoever hears it asks, and calls the second if so."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._foreign: set[str] = set()
        self._agreed: set[str] = set()

    def came_with(self, config: TrainingConfig, own: TrainingConfig) -> TrainingConfig:
        """Return a recording's settings as they may be used here; own: those in force, whose files are the user's.

        A file that its task does not read is left out: another task would read it.
        """
        self._foreign |= {*files_of(config).values()} - {*files_of(own).values()} - self._agreed
        return without_idle_files(config)

    def unread(self, config: TrainingConfig) -> str:
        """Return one sentence about files that may not be read yet; "" where there are none."""
        files = " and ".join(self._strange(config))
        ask = "Train (Ctrl+T) asks whether it may be read"
        return f"This run uses {files}, which has not been read; {ask}" if files else ""

    def asks(self, config: TrainingConfig, then: Callable[[], object], idle: bool = False) -> bool:
        """Ask before files are read that came with a recording, and go on with `then` if so; False where none did.

        idle: also for those that another task would read.
        """
        files = self._strange(config, idle)
        if not files:
            return False

        def agreed() -> None:
            self._agree(files)
            then()

        self.leave_wanted.emit(files, agreed)
        return True

    def chosen(self, config: TrainingConfig, besides: TrainingConfig | None = None) -> None:
        """Take note that the user has chosen these settings, and so their files; not those that stood in `besides`."""
        before = set() if besides is None else {*files_of(besides, idle=True).values()}
        self._agree({*files_of(config).values()} - before)

    def to_keep(self, config: TrainingConfig) -> TrainingConfig:
        """Return the settings that may be in force at the next start, when nobody asks any more."""
        return without_files(config, self._foreign)

    def _agree(self, files: Iterable[str]) -> None:
        self._agreed |= {*files}
        self._foreign -= self._agreed

    def _strange(self, config: TrainingConfig, idle: bool = False) -> tuple[str, ...]:
        return tuple(file for file in files_of(config, idle).values() if file in self._foreign)
