"""Lists the devices of this machine, in a process of its own: the window does not load torch."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.jobs.background import Background

Devices = tuple[tuple[str, str], ...]
"""Of each its id and its name."""
_DIED = (
    "The devices cannot be listed: the process that looks for them {words}; close other programs, then open the "
    "settings again."
)


def _ask(_commands: SimpleQueue[Any], send: Callable[[Devices], None]) -> None:
    from engine.training.devices import available_devices

    send(tuple(available_devices()))


class KnownDevices(QObject):
    """What is known of the devices that torch can compute on."""

    found = Signal(object)
    """Devices, once they are found."""
    missed = Signal(str)
    """Why they are not, in one sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: Devices = ()
        """Empty as long as nothing is known."""
        self._background = Background("devices", self)

    def look(self) -> None:
        """Look for them, unless they are known or being looked for."""
        if not self.all and not self._background.busy:
            self._background.run_in_child(_ask, (), self._take, self._miss, _DIED)

    def _take(self, devices: Devices) -> None:
        self.all = devices
        self.found.emit(devices)

    def _miss(self, error: Exception) -> None:
        self.missed.emit(str(error))
