"""Reads, records and writes networks in a process of its own: a hostile or a huge one ends that alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from ...elsewhere.network import config_elsewhere, record_network
from ...errors import PlainError
from ...recording.expected import Expected
from ...text.amounts import bytes_in_words
from ..found import Array, Found, FoundLayer, NetworkFileError, Told
from ..network_files import read_network, write_network
from ..running import inputs_of
from .playing import gates_bytes, refuse_what_does_not_fit

_BETWEEN_S = 0.1
_COPIES = 5
"""How many times as much memory as the gates take their computing, packing and reading needs."""
_MOST_BYTES = 900_000_000
"""Of what is in one entry of SQLite, a billion at most."""
_NO_MEMORY = "There is not enough memory for {name}; close other programs, or save the recurrent layers alone."


def tell_network(commands: SimpleQueue[Any], send: Callable[[object], None], path: Path, told: Told) -> None:
    """Send the `Found` of a file, or a NetworkFileError; the work of an `engine.session.child.Child`."""
    del commands  # the owner ends a child that takes too long
    send(said(partial(read_network, path, told), path))


@dataclass(frozen=True)
class Walked:
    """How far the computing of a network is: so many of all time steps, those of all layers together."""

    steps: int
    of: int


def tell_recording(
    commands: SimpleQueue[Any],
    send: Callable[[object], None],
    path: Path,
    name: str,
    found: Found,
    stack: tuple[FoundLayer, ...],
    x: Array,
    note: str,
) -> None:
    """Record a stack of layers over the sequence x (T, m) that the lowest layer of its file reads; send the path.

    Sends `Walked` meanwhile, and a NetworkFileError where it cannot be. The work of an `engine.session.child.Child`.
    """
    del commands
    total = len(stack) * len(x)
    last = time.monotonic()

    def tell(steps: int) -> None:
        nonlocal last
        if time.monotonic() - last > _BETWEEN_S:
            last = time.monotonic()
            send(Walked(steps, total))

    def work() -> Path:
        check_room(stack, x)
        fed = inputs_of(found, stack[0], x) if stack[0].layer else x
        given = fed[:: -1 if stack[0].reverse else 1]
        record_network(path, name, stack[0].cell, [layer.weights for layer in stack], given, note, tell=tell)
        return path

    send(said(work, path))


def tell_written(commands: SimpleQueue[Any], send: Callable[[object], None], path: Path, found: Found) -> None:
    """Write a network's weights; send sentences on them, or a NetworkFileError.

    The work of an `engine.session.child.Child`.
    """
    del commands
    send(said(lambda: [*found.notes, *write_network(path, found)], path))


def check_room(stack: tuple[FoundLayer, ...], x: Array) -> None:
    """Raise NetworkFileError where there is no memory to record a stack over so many time steps, or no such recording.

    Raises ConfigError for more layers or units than are shown.
    """
    gates = gates_bytes(stack, len(x))
    refuse_what_does_not_fit(_COPIES * gates, f"A network over {len(x):,} time steps")
    bottom = stack[0]
    config = config_elsewhere(bottom.cell, [layer.weights for layer in stack], np.empty((len(x), bottom.m)))
    most = min(Expected(config).snapshot_bytes, _MOST_BYTES)
    if gates + sum(4 * layer.parameters for layer in stack) > most:
        raise NetworkFileError(
            f"{len(x):,} time steps of {len(stack)} layer{'s' * (len(stack) != 1)} of {bottom.k:,} units are more "
            f"than a recording holds ({bytes_in_words(most)}); choose fewer layers or a shorter sequence."
        )


def said(work: Callable[[], object], path: Path) -> object:
    """Return what the work returns, or a NetworkFileError that a window can say."""
    try:
        return work()
    except PlainError as error:
        return NetworkFileError(str(error))
    except MemoryError:
        return NetworkFileError(_NO_MEMORY.format(name=path.name))
