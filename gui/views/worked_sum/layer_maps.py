"""The numbers of a layer as heatmaps: the matrix, the vector it multiplies, and the vectors that are added later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.cell.graph import CONCATENATE, Operation
from engine.cell.provenance import Place, Selection
from engine.cell.trace import Trace
from engine.explain.worked_sum import Number, WorkedRow
from gui.matrix.axis import Band
from gui.matrix.map import MatrixMap
from gui.views.base import Tools
from gui.views.worked_sum.sum_line import Unit
from gui.widgets.layouts import REST, in_row

_ROLES = {"m": "x", "n": "hidden", "k": "cell", "p": "output"}
"""Colour of a size's label."""


@dataclass(frozen=True)
class _Part:
    """Where an input of [x, h] stands in it."""

    name: str
    start: int
    stop: int


def _parts(trace: Trace, t: int, vector: str) -> tuple[_Part, ...]:
    item = trace.cell.described(vector)
    names = item.inputs if isinstance(item, Operation) and item.kind is CONCATENATE else (vector,)
    found: list[_Part] = []
    for name in names:
        start = found[-1].stop if found else 0
        found.append(_Part(name, start, start + len(trace.value(t, name))))
    return tuple(found)


def _selected(made_of: Mapping[str, Selection], name: str) -> list[Selection]:
    return [made_of[name]] if name in made_of else []


class LayerMaps(QWidget):
    """Shows W, the vector, and every vector that the steps after the product read, all by the trace's numbers."""

    rested = Signal(str, object)
    """The value and the place of the number that the cursor rests on; None for the place when there is none."""
    row_clicked = Signal(int)
    """The row, from 0, of an entry of W that was clicked."""
    edited = Signal(str, object, float)
    """The weight, the place, and the number typed for it."""
    message = Signal(str)
    arrived = Signal()
    """A large matrix or a label is there that was not when the maps were fitted."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._tools = tools
        self._parts: tuple[_Part, ...] = ()
        self._letters = (15.0, 11.0)
        self.matrix = self._new_map("")
        """The map of W."""
        self.vector = self._new_map(None)
        """The map of the vector that W multiplies."""
        self.operands: dict[str, MatrixMap] = {}
        """The maps of what the steps after the product read, by name."""
        self.matrix.hovered.connect(lambda row, column: self._rest(self.matrix.name, (row, column)))
        self.matrix.clicked.connect(lambda row, _column: self.row_clicked.emit(row))
        self.vector.hovered.connect(lambda row, _column: self._rest(*self._origin(row)))
        self._line = in_row(self.matrix, self.vector, REST, inside=self, margins=0, spacing=tools.appearance.px(16))

    def fit(self, width: float, height: float, sizes: Sequence[float], smallest: float) -> None:
        """Write numbers in the first size of letters, in pixels of the screen, with which everything has room.

        Where it has room with none of them, the entries shrink, and numbers below `smallest` are left out.
        """
        for pixels in sizes:
            self._letters = pixels, smallest
            for shown in self._maps():
                shown.set_letters(pixels, smallest)
            hints = [shown.sizeHint() for shown in self._maps()]
            needed = sum(hint.width() for hint in hints) + self._line.spacing() * len(hints)
            if needed <= width and max(hint.height() for hint in hints) <= height:
                break
        for shown, hint in zip(self._maps(), hints, strict=True):
            # As wide as it needs to be; W gives way where there is no room for all.
            shown.setMaximumWidth(max(hint.width(), 24))
            if shown is not self.matrix:
                shown.setMinimumWidth(min(hint.width(), round(width / 5)))
        self.setFixedHeight(round(min(height, max(hint.height() for hint in hints))))

    def show_layer(self, trace: Trace, t: int, row: WorkedRow) -> None:
        """Show the matrix of a row with all that its sum reads, at time step t (from 0)."""
        cell, name = trace.cell, row.matrix
        self._parts = _parts(trace, t, row.vector)
        axes = [[Band(axis, trace.sizes[axis], _ROLES[axis]) for axis in part.split("+")] for part in cell.shapes[name]]
        self.matrix.show_matrix(np.asarray(trace.value(t, name)), name=name, rows=axes[0], columns=axes[1])
        described = [cell.described(part.name) for part in self._parts]
        bands = [
            Band(item.latex, part.stop - part.start, item.role)
            for item, part in zip(described, self._parts, strict=True)
        ]
        vector = np.asarray(trace.value(t, row.vector))
        self.vector.show_matrix(vector, name=cell.described(row.vector).symbol, rows=bands)
        self._show_operands(trace, t, row)

    def mark_row(self, row: int | None) -> None:
        """Mark the row that is being worked out."""
        self.matrix.mark_rows(None if row is None else slice(row, row + 1))

    def show_now(self, row: WorkedRow, unit: Unit | None) -> None:
        """Frame in the colour of now what appears in the sum at this moment; None takes the frames away."""
        blocks: dict[MatrixMap, tuple[slice, slice]] = {}
        if unit is not None and unit.columns is not None:
            blocks[self.matrix] = slice(row.row, row.row + 1), unit.columns
            blocks[self.vector] = unit.columns, slice(0, 1)
        elif unit is not None and not unit.is_result:
            for piece in unit.pieces:
                if isinstance(piece, Number) and piece.name in self.operands:
                    blocks[self.operands[piece.name]] = slice(row.row, row.row + 1), slice(0, 1)
        for shown in self._maps():
            shown.mark_cells(blocks.get(shown))

    def now(self) -> dict[str, QRectF]:
        """Return where these frames stand, each on its map: "matrix", "vector", or what is read by name."""
        names = ("matrix", "vector", *self.operands)
        places = zip(names, (shown.now_rect for shown in self._maps()), strict=True)
        return {name: place for name, place in places if place is not None}

    def show_light(self, made_of: Mapping[str, Selection]) -> None:
        """Frame entries by the name of their value."""
        self.matrix.show_light([(rows, columns) for rows, columns in _selected(made_of, self.matrix.name)])
        self.vector.show_light(
            [
                (slice(part.start + rows.start, part.start + rows.stop), slice(0, 1))
                for part in self._parts
                for (rows,) in _selected(made_of, part.name)
            ]
        )
        for name, shown in self.operands.items():
            shown.show_light([(rows, slice(0, 1)) for (rows,) in _selected(made_of, name)])

    # ---- parts

    def _maps(self) -> list[MatrixMap]:
        return [self.matrix, self.vector, *self.operands.values()]

    def _new_map(self, weight: str | None) -> MatrixMap:
        """Return a map; `weight` names what is edited in it, "" for the matrix in force, None for nothing."""
        tools = self._tools
        shown = MatrixMap(tools.appearance, tools.typesetter, tools.background, editable=weight is not None)
        shown.setAccessibleName("Numbers of the layer")
        shown.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        shown.set_letters(*self._letters)
        shown.message.connect(self.message)
        shown.arrived.connect(self.arrived)
        if weight is not None:
            shown.edited.connect(
                lambda row, column, value: self.edited.emit(
                    weight or shown.name, (row,) if weight else (row, column), value
                )
            )
        return shown

    def _show_operands(self, trace: Trace, t: int, row: WorkedRow) -> None:
        """Show every vector that a step reads beside what the sum has come to."""
        on_the_way = {row.product.name, *(step.operation.name for step in row.steps)}
        names = [n.name for step in row.steps for n in step.operands if n.name not in on_the_way]
        if names != list(self.operands):
            for shown in self.operands.values():
                self._line.removeWidget(shown)
                shown.hide()
                shown.deleteLater()
            self.operands = {name: self._new_operand(trace, name) for name in names}
        for name, shown in self.operands.items():
            item, values = trace.cell.described(name), np.asarray(trace.value(t, name))
            title, role = Band(item.latex, 1, item.role), item.gate_role
            shown.show_matrix(values, name=item.symbol, columns=[title], gate_role=role, rounds=item.rounds)

    def _new_operand(self, trace: Trace, name: str) -> MatrixMap:
        shown = self._new_map(name if name in trace.parameters else None)
        shown.hovered.connect(lambda row, _column: self._rest(name, (row,)))
        self._line.insertWidget(self._line.count() - 1, shown)
        return shown

    def _origin(self, row: int) -> tuple[str, Place]:
        for part in self._parts:
            if part.start <= row < part.stop:
                return part.name, (row - part.start,)
        return "", (-1,)

    def _rest(self, name: str, place: Place) -> None:
        self.rested.emit(name, place if place[0] >= 0 else None)
