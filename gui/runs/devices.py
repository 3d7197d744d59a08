"""The devices of this machine by name, asked of torch in a process of its own: the window loads no torch."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def _ask() -> tuple[tuple[str, str], ...]:
    from engine.training.devices import available_devices

    return tuple(available_devices())


def found_devices() -> tuple[tuple[str, str], ...]:
    """Return (id, name) of every device that torch can compute on. Takes the seconds that torch takes to load."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_ask).result()
