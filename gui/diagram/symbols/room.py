"""How large the symbols beside the columns may be: as large as they touch nothing, whichever cell is drawn.

A symbol's side is fixed by the layout, and a walk must not move it; but it is wide or narrow, its column long or short,
and in a hall all of them are larger. So letters get smaller until nothing is in their way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPainterPath, QPainterPathStroker

from gui.diagram.layout import HALO, Slot, Wire
from gui.diagram.paths import rounded_path

RING = 5.5
"""How far the ring around a column that is being computed reaches."""
_GAP = 8.0
_ABOVE = 6.0
"""Between a column and its symbol; above it letters have some room below them of their own."""
_CLEAR, _APART = 5.0, 12.0
"""Between a symbol and whatever else there is, and between two symbols, at least."""
_SMALLER = (1.0, 0.96, 0.92, 0.88, 0.84, 0.8, 0.76, 0.72)
"""The sizes that are tried."""


def beside(column: QRectF, side: str, size: QSizeF) -> QRectF:
    """Return where a symbol of a size stands at a side of its column: above, left, right or below."""
    width, height = size.width(), size.height()
    left, top = column.center().x() - width / 2, column.center().y() - height / 2
    if side == "left":
        left = column.left() - _GAP - width
    elif side == "right":
        left = column.right() + _GAP
    else:
        top = column.top() - _ABOVE - height if side == "above" else column.bottom() + _GAP
    return QRectF(left, top, width, height)


def drawn_line(wire: Wire, width: float) -> QPainterPath:
    """Return what a wire of a width covers, with the room that letters keep from it."""
    stroker = QPainterPathStroker()
    stroker.setWidth(width + 2 * _CLEAR)
    return stroker.createStroke(rounded_path(wire.points))


@dataclass(frozen=True, eq=False)
class SymbolRoom:
    """What stands in the way of symbols: shapes of operations with their glow, lines, columns by their slot."""

    shapes: Sequence[QRectF]
    lines: Sequence[QPainterPath]
    columns: Mapping[str, QRectF]

    def letters(self, slots: Mapping[str, Slot], natural: Mapping[str, QSizeF], letters: float) -> dict[str, float]:
        """Return the size of letters for each slot's symbol, at most `letters`.

        natural: how large each symbol is with letters of one unit.
        """
        taken: list[QRectF] = []
        found = {}
        for key, slot in slots.items():
            others = [
                *(shape.adjusted(-HALO, -HALO, HALO, HALO) for shape in self.shapes),
                *(box.adjusted(-RING, -RING, RING, RING) for name, box in self.columns.items() if name != key),
                *taken,
            ]
            place = QRectF()
            for share in _SMALLER:
                place = beside(self.columns[key], slot.label, natural[key] * (letters * share))
                found[key] = letters * share
                if not self._is_in_the_way(place.adjusted(-_CLEAR, -_CLEAR, _CLEAR, _CLEAR), others, place):
                    break
            taken.append(place.adjusted(_CLEAR - _APART, 0, _APART - _CLEAR, 0))
        return found

    def _is_in_the_way(self, roomy: QRectF, boxes: Sequence[QRectF], place: QRectF) -> bool:
        if any(box.intersects(roomy) for box in boxes):
            return True
        return any(line.controlPointRect().intersects(place) and line.intersects(place) for line in self.lines)
