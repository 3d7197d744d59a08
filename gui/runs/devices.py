"""The devices of this machine by name, asked of torch in a process of its own: the window loads no torch."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from engine.session.child import Child, Ending

Devices = tuple[tuple[str, str], ...]


def _ask(_commands: SimpleQueue[Any], send: Callable[[Devices], None]) -> None:
    from engine.training.devices import available_devices

    send(tuple(available_devices()))


def found_devices() -> Devices:
    """Return (id, name) of every device that torch can compute on. Takes the seconds that torch takes to load."""
    heard: SimpleQueue[Devices | Ending] = SimpleQueue()
    child = Child("training-devices", _ask, (), heard.put, heard.put)
    child.start()
    devices = heard.get()
    child.join()
    if isinstance(devices, Ending):
        raise RuntimeError(f"The process that looks for devices {devices.words}.")
    return devices
