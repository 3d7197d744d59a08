"""The parts of a drawn cell that somebody can go to, each with what is drawn around it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from engine.cell.cell import Cell
from engine.explain.explanation import places_of
from engine.explain.parts import CELL, LINE, part_at
from gui.diagram.column import ColumnItem
from gui.diagram.items import BodyItem, NodeItem, WireItem

_APART, _RADIUS = 7.0, 12.0
"""Between a part and the ring around it, and the radius of that, in the drawing's units."""


@dataclass(frozen=True, eq=False)
class Stop:
    """A part with its place, as engine/explain names it. ring: what is drawn around it, in the scene."""

    place: str
    ring: QPainterPath


def stops_of(scene: QGraphicsScene, cell: Cell) -> list[Stop]:
    """Return the parts of a drawn cell: the block, its line, what comes in, then each layer, circle and result."""
    rings: dict[str, QPainterPath] = {}
    places = set(places_of(cell))
    for item in scene.items():
        place = _place_of(item)
        if place in places and place not in (CELL, LINE) and (part := part_at(cell, place)) is not None:
            place = part.value  # the sum of a layer belongs to its gate
        if place in places:
            rings.setdefault(place, QPainterPath())
            rings[place] = rings[place].united(_ring_of(item))
    for place in [place for place in rings if place not in (CELL, LINE)] if LINE in rings else ():
        rings[LINE] = rings[LINE].subtracted(rings[place])  # the line goes below what stands on it
    return [Stop(place, rings[place]) for place in places_of(cell) if place in rings]


def _place_of(item: QGraphicsItem) -> str:
    if isinstance(item, BodyItem | WireItem):
        return item.place if isinstance(item, BodyItem) or item.place == LINE else ""
    if isinstance(item, NodeItem):
        return item.node.operations[-1]
    return item.slot.values[-1] if isinstance(item, ColumnItem) else ""


def _ring_of(item: QGraphicsItem) -> QPainterPath:
    if isinstance(item, WireItem):
        return item.mapToScene(item.shape())
    ring = QPainterPath()
    rounded = item.mapRectToScene(_room_of(item)).adjusted(-_APART, -_APART, _APART, _APART)
    ring.addRoundedRect(rounded, _RADIUS, _RADIUS)
    return ring


def _room_of(item: QGraphicsItem) -> QRectF:
    if isinstance(item, NodeItem):
        return item.shape_rect()
    return item.column() if isinstance(item, ColumnItem) else item.boundingRect()
