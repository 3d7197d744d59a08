"""The drawing of a cell in the making: what every cell's layout has alike, and where."""

from __future__ import annotations

from dataclasses import replace

from engine.cell.cell import Cell
from engine.cell.graph import IDENTITY, SOFTMAX
from engine.explain.parts import CELL
from gui.diagram.layout import (
    BESIDE,
    CELL_LINE,
    HIDDEN_LINE,
    ONWARD,
    UP,
    WIDTH,
    Label,
    Layout,
    Node,
    Point,
    Slot,
    Wire,
)

LEFT, RIGHT = 56.0, 1272.0
"""The columns of what comes in and what goes out."""
JOIN, JOINED = 128.0, 196.0
"""Where h_{t-1} and x_t turn to be joined, and the column of [x, h]."""
GATE_Y, LAYER_Y, Z_Y, H_Y = 314.0, 416.0, 500.0, 470.0
"""The heights of a gate, of its layer, of what the layer sums up, and of h_{t-1}."""
_JOINED_Y, _X_Y = 556.0, 640.0
_UP = 1212.0  # the copy of h_t that leaves at the top
_FOOT = (594.0, 668.0)  # the empty foot of the cell, below the line of [x, h]
_ONWARD = (1234.0, WIDTH + BESIDE)  # beside the body, below what leaves it

DRAWN = "σ→0|1"
"""What the box of a layer says if its gate is drawn at random."""

Path = tuple[Point, ...]

_JOIN_X: Path = ((4.0, _X_Y), (JOIN, _X_Y), (JOIN, _JOINED_Y + 16), (JOINED, _JOINED_Y + 16))
JOIN_H: Path = ((4.0, H_Y), (JOIN, H_Y), (JOIN, _JOINED_Y - 16), (JOINED, _JOINED_Y - 16))
"""The way of h_{t-1} into [x, h]."""


class Drawing:
    """A layout in the making."""

    def __init__(self, cell: Cell, join_h: Path = JOIN_H) -> None:
        """Begin with x_t and [x, h]; `join_h` is the way of h_{t-1} into it."""
        self._cell = cell
        self.slots = {
            "x_t": Slot(("x_t",), (LEFT, _X_Y), 108),
            "xh": Slot(("xh",), (JOINED, _JOINED_Y), 204),
        }
        self.nodes: dict[str, Node] = {}
        self.wires = [Wire("x_t", "x", _JOIN_X, arrow=False)]
        self.routes: dict[str, tuple[Path, ...]] = {"xh": (_JOIN_X, join_h)}
        self.labels: list[Label] = []

    def name_below(self, value: str, x: float, half: float = 86.0) -> None:
        """Name a value's part in the foot of the cell."""
        self.labels.append(Label(value, (x - half, _FOOT[0], x + half, _FOOT[1])))

    def add_gate(self, gate: str, x: float, result: str, role: str, *, text: str, side: str) -> None:
        """Add a layer above [x, h], with `text` in its box: a_gate to z_gate below it, its result above."""
        names = (f"a_{gate}", f"v_{gate}", f"u_{gate}", f"z_{gate}", f"soft_{gate}")
        before = tuple(name for name in names if name in self._cell.shapes)
        self.slots[f"z_{gate}"] = Slot(before, (x, Z_Y), 112, side)
        self.slots[result] = Slot((result,), (x, GATE_Y), 140, "left")
        self.nodes[f"layer_{gate}"] = Node(text, (x, LAYER_Y), role, (*before, result), f"W_{gate}")
        branch = ((JOINED, HIDDEN_LINE), (x, HIDDEN_LINE), (x, Z_Y))
        self.wires += [
            Wire("xh", "hidden", branch, arrow=False),
            Wire(f"z_{gate}", role, ((x, Z_Y), (x, LAYER_Y)), arrow=False),
            Wire(result, role, ((x, LAYER_Y), (x, GATE_Y)), arrow=False),
        ]
        self.routes |= dict.fromkeys(before, (((x, LAYER_Y), (x, Z_Y)),))
        self.routes |= {f"a_{gate}": (branch,), result: (((x, Z_Y), (x, GATE_Y)),)}
        self.name_below(result, x)

    def finished(
        self, top: float, bottom: float, h_y: float, heights: tuple[float, float, float], beyond: float, up: float
    ) -> Layout:
        """Return the layout, its body from `top` to `bottom`, with the output or the copy of h_t that leaves at `up`.

        heights: of z_y, its layer and y_t, above or below h_t at `h_y`. beyond: of the output's switch while there is
        an output; while there is none, the switch is in its place.
        """
        start, switch = (RIGHT, h_y), heights[1]
        if "y_t" in self._cell.shapes:
            self._add_output(start, *heights)
            switch = beyond
        else:
            self.wires.append(Wire("h_t", "hidden", ((_UP, h_y), (_UP, up))))
            self.labels.append(Label(UP, (1048, top + 8, _UP - 12, top + 100), "right"))
        self.labels.append(Label(CELL, (130, top + 2, 408, top + 38), "left"))
        self._name_onward(h_y)
        body = (112, top, 1228, bottom)
        labels = tuple(self.labels)
        return Layout(body, self.slots, self.nodes, tuple(self.wires), self.routes, (RIGHT, switch), labels)

    def _name_onward(self, h_y: float) -> None:
        """Name what leaves for the next time step: below it, or in the cell where an output stands below it."""
        output, projected = "y_t" in self._cell.shapes, "r_t" in self._cell.shapes
        for y in (CELL_LINE, h_y) if self._cell.has_state else (h_y,):
            if not output:
                self.labels.append(Label(ONWARD, (_ONWARD[0], y + 72, _ONWARD[1], y + 136), "left"))
            elif y == CELL_LINE or not projected:  # the box of a projection is in the way
                self.labels.append(Label(ONWARD, (1056, y - 74, 1220, y - 10), "right", "bottom"))

    def _add_output(self, start: Point, z: float, layer: float, y: float) -> None:
        """Add y_t = g(W_y·h_t + b_y), with h_t at `start`."""
        x = RIGHT
        text = {SOFTMAX: "softmax", IDENTITY: "W"}.get(self._cell.operation("y_t").kind, "σ")
        self.slots["z_y"] = Slot(("a_y", "z_y"), (x, z), 80, "left")
        self.slots["y_t"] = Slot(("y_t",), (x, y), 88, "left")
        if z < start[1]:  # the way up to the output begins where h_t's symbol would be
            self.slots["h_t"] = replace(self.slots["h_t"], label="below")
        self.nodes["layer_y"] = Node(text, (x, layer), "output", ("a_y", "z_y", "y_t"), "W_y")
        rise = (start, (x, z))
        self.wires += [
            Wire("h_t", "hidden", rise, arrow=False),
            Wire("z_y", "output", ((x, z), (x, layer)), arrow=False),
            Wire("y_t", "output", ((x, layer), (x, y)), arrow=False),
        ]
        self.routes |= {"a_y": (rise,), "z_y": (((x, layer), (x, z)),), "y_t": (((x, z), (x, y)),)}
