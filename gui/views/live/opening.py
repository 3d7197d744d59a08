"""When units open: which gate lets something in, and units in the order in which they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.cell.cell import Cell
from engine.runs.snapshot import shown_values

Values = Mapping[str, NDArray[np.floating]]


def writer_of(cell: Cell) -> tuple[str, bool] | None:
    """Return the short name of the gate that lets something new in, and whether it does so where it is closed.

    Of an LSTM ("i", False); of a GRU ("u", True), since 1 - u lets in; None of a cell without such a gate.
    """
    shown = {name: short for short, name in shown_values(cell).items()}
    computed = {operation.name: operation for operation in cell.operations}
    if "added" not in computed:
        return None
    gate = computed["added"].inputs[0]
    if gate in shown:
        return shown[gate], False
    source = computed[gate].inputs[0]
    return (shown[source], True) if source in shown else None


def openness(cell: Cell, values: Values, steps: Sequence[int] | None = None) -> NDArray[np.floating]:
    """Return how far each unit is open, (T, units): 0 lets nothing new in, 1 all of it.

    steps: at which time steps, from 0; None is at each. Of a cell without a gate for it: how far h moves, as a share
    of each unit's largest move at these steps.
    """
    writer = writer_of(cell)
    if writer is not None:
        name, when_closed = writer
        gate = values[name] if steps is None else values[name][list(steps)]
        return 1 - gate if when_closed else gate
    h = values["h"]
    places = np.arange(len(h)) if steps is None else np.asarray(steps)
    with np.errstate(invalid="ignore"):
        moves = np.abs(h[places] - np.where(places[:, np.newaxis] > 0, h[places - 1], 0))
        largest = moves.max(axis=0)
    return moves / np.where(largest > 0, largest, 1)


def widest_at(cell: Cell, values: Values, t: int, most: int) -> int:
    """Return the unit, from 0, that a time step, from 0, opens farthest beyond what is usual.

    What is usual is seen in some of the steps, about `most` numbers.
    """
    some = range(0, len(values["h"]), 1 + values["h"].size // most)
    opened = openness(cell, values, [*some, t])
    return int(np.argmax(np.nan_to_num(opened[-1]) - np.median(np.nan_to_num(opened[:-1]), axis=0)))


def order_of(cell: Cell, values: Values) -> NDArray[np.intp]:
    """Return the units in the order of the time step at which each is widest open; if at the same, as numbered."""
    opened = np.nan_to_num(openness(cell, values), nan=-1.0, posinf=-1.0, neginf=-1.0)
    return np.argsort(opened.argmax(axis=0), kind="stable")
