"""The places of everything in a cell's diagram, as data.

Units are pixels of a drawing 1336 wide; the view scales it to the room there is. A layout names the values
and operations of the declared cell and holds no number of its own but places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]

WIDTH, HEIGHT = 1336.0, 704.0
BESIDE = 36.0
"""Room right of the drawing, for the words beside what leaves the cell."""
CELL_WIDTH, CELL_HEIGHT = 88.0, 34.0
LAYER_SIZE = (104.0, 46.0)
KNOT_RADIUS = 22.0
HALO = 9.0
"""How far the glow of an operation that works reaches."""
CELL_LINE, HIDDEN_LINE = 112.0, 566.0


@dataclass(frozen=True)
class Slot:
    """A column of numbers. Of the values that it names it shows the one computed last."""

    values: tuple[str, ...]
    centre: Point
    room: float
    """Height that the column may take; more entries get thinner cells."""
    label: str = "above"
    """The side of its symbol: above, left, right or below."""


@dataclass(frozen=True)
class Node:
    """An operation's shape: a layer (a box whose weights a click opens) or an entry-wise operation (a circle)."""

    text: str
    centre: Point
    role: str
    operations: tuple[str, ...]
    layer: str | None = None
    """Name of the weight matrix of a layer."""
    wide: bool = False


@dataclass(frozen=True)
class Wire:
    """A line that carries a value; it is dashed until the value is computed."""

    value: str
    role: str
    points: tuple[Point, ...]
    arrow: bool = True
    thick: bool = False


UP, ONWARD = "up", "onward"
"""What the labels at the ends of the lines that leave name: the way up out of the cell, and that to the next step."""


@dataclass(frozen=True)
class Label:
    """The room of a name, clear of every line and column: left, top, right, bottom.

    `place` is what it names: a value of the cell, the cell or its line (as in engine/explain/parts.py), UP or ONWARD.
    """

    place: str
    room: tuple[float, float, float, float]
    across: Literal["left", "middle", "right"] = "middle"
    down: Literal["top", "bottom"] = "top"


@dataclass(frozen=True)
class Layout:
    """A cell's drawing. `routes` are the ways that tokens take to each operation."""

    body: tuple[float, float, float, float]
    slots: Mapping[str, Slot]
    nodes: Mapping[str, Node]
    wires: tuple[Wire, ...]
    routes: Mapping[str, tuple[tuple[Point, ...], ...]]
    switch: Point
    """Where a click adds or removes the output y_t."""
    labels: tuple[Label, ...]

    def slot_of(self, name: str) -> str | None:
        """Return the slot that shows a value."""
        return next((key for key, slot in self.slots.items() if name in slot.values), None)

    def node_of(self, operation: str) -> str | None:
        """Return the node that stands for an operation."""
        return next((key for key, node in self.nodes.items() if operation in node.operations), None)
