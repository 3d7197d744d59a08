"""Finds what the number under the cursor was computed from, and what it is used for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.cell.backward import Backward
from engine.cell.cell import Cell, size_in_numbers
from engine.cell.graph import Operation
from engine.cell.provenance import Place, Selection, goes_into, made_by
from engine.cell.trace import Trace
from engine.explain.number_line import exact_text
from engine.text import numbers


class Light(QObject):
    """Knows the number that the cursor rests on; who shows numbers hears what is to be lit."""

    changed = Signal(object, object)
    """Two dicts of name to Selection: what the number was made of, and what it goes into."""
    said = Signal(str)
    """One line about the number."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._resting: tuple[Trace, int, str, Place] | None = None
        self._lit = False
        self.t = 0
        """The time step of the number, from 0."""

    def rest_on(self, trace: Trace | None, t: int, name: str, place: Place | None) -> None:
        """Light up the relations of one entry of a value, a weight or an input, at time step t (from 0).

        No place, and one of a cell that was shown before this one, put the light out.
        """
        if trace is None or place is None or t >= len(trace.steps) or not _exists(trace, t, name, place):
            self.leave()
            return
        if self._resting and self._resting[0] is trace and self._resting[1:] == (t, name, place):
            return
        self._resting, self._lit, self.t = (trace, t, name, place), True, t
        sources = made_by(trace.cell, trace.sizes, name, place)
        self.changed.emit(sources, goes_into(trace.cell, trace.sizes, name, place))
        self.said.emit(sentence(trace, t, name, place, sources))

    def rest_on_gradient(self, way: Backward, position: int, t: int, name: str, place: Place) -> None:
        """Light up the relations of one entry of a gradient: it is made of those of what the entry goes into."""
        cell, sizes = way.trace.cell, way.trace.sizes
        gradient = way.known(position, t).get(name)
        if gradient is None:
            self.leave()
            return
        self._resting, self._lit, self.t = None, True, t
        sources = goes_into(cell, sizes, name, place)
        self.changed.emit(sources, made_by(cell, sizes, name, place))
        value = numbers.exact(float(np.asarray(gradient)[place]))
        symbols = ", ".join(f"∂L/∂{cell.described(source).symbol}" for source in sources)
        index = ", ".join(str(i + 1) for i in place)
        line = f"∂L/∂{cell.described(name).symbol}[{index}] = {value}"
        self.said.emit(f"{line}, computed from {symbols}" if symbols else line)

    def point_at(self, trace: Trace, name: str) -> None:
        """Light up a whole value, a weight or an input: somebody speaks of it."""
        shape = size_in_numbers(trace.cell.shapes[name], trace.sizes)
        self._resting, self._lit = None, True
        self.changed.emit({name: tuple(slice(0, size) for size in shape)}, {})

    def leave(self) -> None:
        """Put the light out."""
        if self._lit:
            self._resting, self._lit = None, False
            self.changed.emit({}, {})
            self.said.emit("")


def _exists(trace: Trace, t: int, name: str, place: Place) -> bool:
    if name not in trace.cell.shapes:
        return False
    shape = np.shape(trace.value(t, name))
    return len(shape) == len(place) and all(0 <= i < size for i, size in zip(place, shape, strict=True))


def sentence(trace: Trace, t: int, name: str, place: Place, sources: Mapping[str, Selection]) -> str:
    """Return one line: "f_t[2] = 0.88, computed from row 2 of W_f, x_t, h_{t-1}, b_f[2]"."""
    cell = trace.cell
    index = ", ".join(str(i + 1) for i in place)
    line = f"{cell.described(name).symbol}[{index}] = {exact_text(trace, t, name, place)}"
    parts = []
    for source, selected in sources.items():
        item = cell.described(source)
        if not (isinstance(item, Operation) and item.spelled_out):
            parts.append(_described(cell, trace.sizes, source, selected))
    return f"{line}, computed from {', '.join(parts)}" if parts else line


def _described(cell: Cell, sizes: Mapping[str, int], name: str, selected: Selection) -> str:
    symbol, shape = cell.described(name).symbol, size_in_numbers(cell.shapes[name], sizes)
    rows = selected[0]
    if (rows.start, rows.stop) == (0, shape[0]) and len(shape) == 1:
        return symbol
    which = f"{rows.start + 1}" if rows.stop == rows.start + 1 else f"{rows.start + 1} to {rows.stop}"
    return f"row {which} of {symbol}" if len(shape) == 2 else f"{symbol}[{which}]"
