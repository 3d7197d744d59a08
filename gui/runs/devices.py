"""The devices of this machine by name, asked of torch in a process of its own: the window loads no torch."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.errors import PlainError
from engine.session.child import Child, Ending
from gui.jobs.background import Background

Devices = tuple[tuple[str, str], ...]
"""Of each its id and its name."""


class DevicesError(PlainError):
    """The devices cannot be found out; its text is one sentence that says what to do."""


def _ask(_commands: SimpleQueue[Any], send: Callable[[Devices], None]) -> None:
    from engine.training.devices import available_devices

    send(tuple(available_devices()))


class _Search:
    """A process that looks for devices, which takes the seconds that torch takes to load; it begins at once."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[Devices | Ending] = SimpleQueue()
        self._child = Child("training-devices", _ask, (), self._heard.put, self._heard.put)
        self._child.start()

    def wait(self) -> Devices:
        """Return what it has found; raises DevicesError where it ends before."""
        devices = self._heard.get()
        self._child.join()
        if isinstance(devices, Ending):
            raise DevicesError(
                f"The devices cannot be listed: the process that looks for them {devices.words}; close other programs, "
                "then open the settings again."
            )
        return devices

    def end(self) -> None:
        self._child.end(grace_s=0.0)


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
        self._background = Background("devices")
        self._search: _Search | None = None

    def look(self) -> None:
        """Look for them, unless they are known or being looked for."""
        if not self.all and self._search is None:
            self._search = _Search()
            self._background.run(self._search.wait, self._take, self._miss, DevicesError)

    def close(self) -> None:
        """End what is looked for because the window closes; waits for nothing, nor does the end of the program."""
        self._background.close(wait=False)
        if self._search is not None:
            self._search.end()

    def _take(self, devices: Devices) -> None:
        self._search, self.all = None, devices
        self.found.emit(devices)

    def _miss(self, error: Exception) -> None:
        self._search = None
        self.missed.emit(str(error))
