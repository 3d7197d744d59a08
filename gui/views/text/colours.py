"""What a text can be coloured by: the values of a cell, their colours, and the ends of their ranges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.cell.cell import plain_symbol
from engine.cell.cells import CELLS
from engine.cell.graph import ONE_MINUS, SIGMOID, Operation
from engine.runs.snapshot import shown_values
from gui.appearance.colour_maps import round_up
from gui.appearance.theme import Theme

_WORDS = {
    "f": "forget gate f",
    "i": "input gate i",
    "o": "output gate o",
    "r": "reset gate r",
    "u": "update gate u",
    "C_tilde": "candidate C̃",
    "h_tilde": "candidate h̃",
    "C": "cell state C",
    "h": "hidden state h",
}


@dataclass(frozen=True)
class ValueSpec:
    """A value that can colour the text: its short name, its words, its colour's role, whether it runs from 0 to 1."""

    name: str
    words: str
    role: str
    gate: bool

    def table(self, theme: Theme) -> NDArray[np.uint8]:
        """Return its 256 colours (256, 3), from the lowest value to the highest."""
        return theme.gate(self.role) if self.gate else theme.diverging


def values_of(cell_name: str, projected: bool = False) -> tuple[ValueSpec, ...]:
    """Return the values of a cell that can colour a text, in the order computed."""
    cell = CELLS[cell_name](projected, "x,h", None)
    specs = []
    for short, name in shown_values(cell).items():
        item = cell.described(name)
        gate = isinstance(item, Operation) and item.kind in (SIGMOID, ONE_MINUS)
        specs.append(ValueSpec(short, _WORDS.get(short, plain_symbol(item)), item.role, gate))
    return tuple(specs)


class ColourScale(QWidget):
    """A strip of the colours, from the lowest value to the highest."""

    def __init__(self) -> None:
        super().__init__()
        self._table: NDArray[np.uint8] = np.zeros((256, 3), dtype=np.uint8)

    def show_table(self, table: NDArray[np.uint8]) -> None:
        """Show 256 colours (256, 3)."""
        self._table = np.ascontiguousarray(table)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        image = QImage(self._table.data, 256, 1, 768, QImage.Format.Format_RGB888)
        QPainter(self).drawImage(self.rect(), image)


class Ranges:
    """The values of the first and the last colour; a range only grows, so that colours stay comparable."""

    def __init__(self) -> None:
        self._limits: dict[tuple[str, int, int], float] = {}

    def of(self, spec: ValueSpec, layer: int, unit: int, values: NDArray[np.floating]) -> tuple[float, float]:
        """Return the range of one unit whose values have come to these: 0 to 1, or as far below 0 as above."""
        if spec.gate:
            return 0.0, 1.0
        key = spec.name, layer, unit
        largest = float(np.abs(values).max(initial=0.0))
        limit = self._limits.get(key, 1.0)
        if np.isfinite(largest) and largest > limit:
            limit = self._limits[key] = round_up(largest)
        return -limit, limit


def places_in_table(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint8]:
    """Return which of 256 colours each value has, same shape; values outside have the first or the last."""
    with np.errstate(invalid="ignore"):  # a network that has diverged is drawn as it is
        places: NDArray[np.uint8] = np.clip((values - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return places
