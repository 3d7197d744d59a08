"""Where a network that is opened is recorded, and the files of what was stopped or is not to be kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from engine.file_kinds import RECORDING
from engine.recording.lock import ENDING
from engine.setting import ELSEWHERE
from engine.settings.config import TrainingConfig
from gui.jobs.background import Background
from gui.runs.recordings import Recordings

_BESIDE = ("", "-wal", "-shm", "-journal", ENDING)
_LATER_MS = 1500
"""Until a process that was stopped is gone."""


class Places(QObject):
    """Names a recording among those of the user; where nothing is to be recorded, one that goes with the window."""

    def __init__(self, recordings: Recordings, parent: QObject) -> None:
        super().__init__(parent)
        self._recordings = recordings
        self._background = Background("recordings-networks", self)
        self._count = 0
        self._begun: Path | None = None
        self._temporary: list[Path] = []

    def place(self, k: int) -> Path:
        """Return where the next network, of k units, is recorded."""
        self._count += 1
        mark = f"{os.getpid()}-n{self._count}"
        if self._recordings.on:
            config = replace(TrainingConfig(), task=ELSEWHERE, cell_size=k)
            self._begun = self._recordings.library.path_for(config, datetime.now(), mark)
        else:
            self._begun = Path(tempfile.gettempdir()) / f"network-{mark}{RECORDING.suffix}"
            self._temporary.append(self._begun)
        return self._begun

    def keep(self) -> None:
        """Take note that the network was recorded."""
        self._begun = None

    def forget(self) -> None:
        """Remove what was begun and is not wanted any more, as soon as nobody writes it."""
        if self._begun is not None:
            QTimer.singleShot(_LATER_MS, self, partial(self._remove_later, self._begun))
            self._begun = None

    def close(self) -> None:
        """Remove what was not to be kept: the window closes."""
        self._background.close()
        _remove([*self._temporary, *filter(None, [self._begun])])

    def _remove_later(self, path: Path) -> None:
        self._background.run(partial(_remove, [path]), lambda _nothing: None)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        for end in _BESIDE:
            Path(f"{path}{end}").unlink(missing_ok=True)
