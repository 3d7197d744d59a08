"""Where everything in the diagram stands: positions as data, one layout a cell.

Units are pixels of a drawing 1336 wide; the view scales it to the room there is. A layout names the values
and operations of the declared cell and holds no number of its own but places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.cells import Cell

Point = tuple[float, float]

WIDTH, HEIGHT = 1336.0, 704.0
CELL_WIDTH, CELL_HEIGHT = 80.0, 34.0
LAYER_SIZE = (104.0, 46.0)
KNOT_RADIUS = 22.0
CELL_LINE, HIDDEN_LINE = 112.0, 566.0


@dataclass(frozen=True)
class Slot:
    """A column of numbers. It shows the newest of the values it names that is computed."""

    values: tuple[str, ...]
    centre: Point
    room: float
    """Height that the column may take; more entries get thinner cells."""
    label: str = "above"
    """Where the symbol stands: above, left, right or below."""


@dataclass(frozen=True)
class Node:
    """An operation's shape: a layer (box, with the weight that a click opens) or an entry-wise knot (circle)."""

    text: str
    centre: Point
    role: str
    operations: tuple[str, ...]
    layer: str | None = None
    """Name of the weight matrix of a layer."""
    wide: bool = False


@dataclass(frozen=True)
class Wire:
    """A line that carries a value; it is pale until the value is computed."""

    value: str
    role: str
    points: tuple[Point, ...]
    arrow: bool = True
    thick: bool = False


@dataclass(frozen=True)
class Layout:
    """A cell's whole drawing. `routes` are the ways that tokens take to each operation."""

    body: tuple[float, float, float, float]
    slots: Mapping[str, Slot]
    nodes: Mapping[str, Node]
    wires: tuple[Wire, ...]
    routes: Mapping[str, tuple[tuple[Point, ...], ...]]

    def slot_of(self, name: str) -> str | None:
        """Return the slot that shows a value."""
        return next((key for key, slot in self.slots.items() if name in slot.values), None)

    def node_of(self, operation: str) -> str | None:
        """Return the node that stands for an operation."""
        return next((key for key, node in self.nodes.items() if operation in node.operations), None)


_LEFT, _RIGHT = 56.0, 1272.0  # the columns of what comes in and what goes out
_JOINED, _JOINED_Y = 196.0, 556.0  # the column of [x, h]
_GATES = {"f": 350.0, "i": 532.0, "C": 708.0, "o": 932.0}
_ROLES = {"f": "forget", "i": "input", "C": "candidate", "o": "output"}
_RESULTS = {"f": "f_t", "i": "i_t", "C": "C_tilde", "o": "o_t"}
_OUT = 1040.0  # tanh(C_t) and the product with o_t
_SUM_Y, _GATE_Y, _LAYER_Y, _Z_Y = 206.0, 314.0, 416.0, 500.0
_H_Y, _X_Y, _JOIN_X = 470.0, 640.0, 128.0  # h_{t-1} and x_t, and where they turn to be joined
_SQUASH_Y = 188.0
_UP = 1212.0  # the copy of h_t that leaves at the top


def layout_of(cell: Cell) -> Layout:
    """Return the layout of a declared cell; raise KeyError for one that has none."""
    return _LAYOUTS[cell.name](cell)


def _lstm(cell: Cell) -> Layout:
    projected = any(operation.name == "r_t" for operation in cell.operations)
    join_x = ((4.0, _X_Y), (_JOIN_X, _X_Y), (_JOIN_X, _JOINED_Y + 16), (_JOINED, _JOINED_Y + 16))
    join_h = ((4.0, _H_Y), (_JOIN_X, _H_Y), (_JOIN_X, _JOINED_Y - 16), (_JOINED, _JOINED_Y - 16))
    slots = {
        "C_prev": Slot(("C_prev",), (_LEFT, CELL_LINE), 136),
        "h_prev": Slot(("h_prev",), (_LEFT, _H_Y), 108),
        "x_t": Slot(("x_t",), (_LEFT, _X_Y), 108),
        "xh": Slot(("xh",), (_JOINED, _JOINED_Y), 204),
        "kept": Slot(("kept",), (470, CELL_LINE), 112),
        "added": Slot(("added",), (812, _SUM_Y), 112, "right"),
        "C_t": Slot(("C_t",), (_RIGHT, CELL_LINE), 136),
        "tanh_C": Slot(("tanh_C",), (_OUT + 84, 266), 112, "below"),
        "h_t": Slot(("h_t",), (_RIGHT, HIDDEN_LINE), 136),
    }
    nodes = {
        "keep": Node("×", (_GATES["f"], CELL_LINE), "cell", ("kept",)),
        "add": Node("+", (_GATES["C"], CELL_LINE), "cell", ("C_t",)),
        "scale": Node("×", (_GATES["C"], _SUM_Y), "cell", ("added",)),
        "squash": Node("tanh", (_OUT, _SQUASH_Y), "cell", ("tanh_C",), wide=True),
        "expose": Node("×", (_OUT, _GATE_Y), "cell", ("r_t",) if projected else ("h_t",)),
    }
    wires = [
        Wire("x_t", "x", join_x, arrow=False),
        Wire("h_prev", "hidden", join_h, arrow=False),
    ]
    routes: dict[str, tuple[tuple[Point, ...], ...]] = {"xh": (join_x, join_h)}
    for gate, x in _GATES.items():
        result, role = _RESULTS[gate], _ROLES[gate]
        symbol = "tanh" if gate == "C" else "σ"
        layer = (f"a_{gate}", f"z_{gate}", result)
        slots[f"z_{gate}"] = Slot((f"a_{gate}", f"z_{gate}"), (x, _Z_Y), 112, "left")
        slots[result] = Slot((result,), (x, _GATE_Y), 140, "left")
        nodes[f"layer_{gate}"] = Node(symbol, (x, _LAYER_Y), role, layer, f"W_{gate}")
        branch = ((_JOINED, HIDDEN_LINE), (x, HIDDEN_LINE), (x, _Z_Y))
        wires.append(Wire("xh", "hidden", branch, arrow=False))
        wires.append(Wire(f"z_{gate}", role, ((x, _Z_Y), (x, _LAYER_Y)), arrow=False))
        wires.append(Wire(result, role, ((x, _LAYER_Y), (x, _GATE_Y)), arrow=False))
        routes[f"a_{gate}"] = (branch,)
        routes[f"z_{gate}"] = (((x, _LAYER_Y), (x, _Z_Y)),)
        routes[result] = (((x, _Z_Y), (x, _GATE_Y)),)
    forget = ((_GATES["f"], _GATE_Y), (_GATES["f"], CELL_LINE + KNOT_RADIUS))
    enter = ((_LEFT, CELL_LINE), (_GATES["f"] - KNOT_RADIUS, CELL_LINE))
    take_in = ((_GATES["i"], _GATE_Y), (_GATES["i"], _SUM_Y), (_GATES["C"] - KNOT_RADIUS, _SUM_Y))
    propose = ((_GATES["C"], _GATE_Y), (_GATES["C"], _SUM_Y + KNOT_RADIUS))
    keep_on = ((_GATES["f"] + KNOT_RADIUS, CELL_LINE), (_GATES["C"] - KNOT_RADIUS, CELL_LINE))
    rise = ((_GATES["C"], _SUM_Y - KNOT_RADIUS), (_GATES["C"], CELL_LINE + KNOT_RADIUS))
    leave = ((_GATES["C"] + KNOT_RADIUS, CELL_LINE), (WIDTH - 4, CELL_LINE))
    look = ((_OUT, CELL_LINE), (_OUT, _SQUASH_Y - KNOT_RADIUS))
    squashed = ((_OUT, _SQUASH_Y + KNOT_RADIUS), (_OUT, _GATE_Y - KNOT_RADIUS))
    expose = ((_GATES["o"], _GATE_Y), (_OUT - KNOT_RADIUS, _GATE_Y))
    shown = "r_t" if projected else "h_t"
    out_start: Point = (_OUT, _GATE_Y + KNOT_RADIUS)
    if projected:
        slots["r_t"] = Slot(("r_t",), (_OUT, 438), 112, "right")
        nodes["project"] = Node("W", (1140, HIDDEN_LINE), "hidden", ("h_t",), "W_hr")
        to_projection = (out_start, (_OUT, HIDDEN_LINE), (1140 - LAYER_SIZE[0] / 2, HIDDEN_LINE))
        wires.append(Wire("r_t", "hidden", to_projection))
        out: tuple[Point, ...] = ((1140 + LAYER_SIZE[0] / 2, HIDDEN_LINE), (WIDTH - 4, HIDDEN_LINE))
        routes["h_t"] = (((_OUT, 438), (_OUT, HIDDEN_LINE), (1140, HIDDEN_LINE)),)
    else:
        out = (out_start, (_OUT, HIDDEN_LINE), (WIDTH - 4, HIDDEN_LINE))
    wires += [
        Wire("C_prev", "cell", ((4, CELL_LINE), enter[-1]), thick=True),
        Wire("kept", "cell", keep_on, thick=True),
        Wire("C_t", "cell", leave, thick=True),
        Wire("f_t", "forget", forget),
        Wire("i_t", "input", take_in),
        Wire("C_tilde", "candidate", propose),
        Wire("added", "cell", rise),
        Wire("C_t", "cell", look),
        Wire("tanh_C", "cell", squashed),
        Wire("o_t", "output", expose),
        Wire("h_t", "hidden", out),
        Wire("h_t", "hidden", ((_UP, HIDDEN_LINE), (_UP, 8))),
    ]
    routes |= {
        "kept": (enter, forget),
        "added": (take_in, propose),
        "C_t": (keep_on, rise),
        "tanh_C": (((_GATES["C"] + KNOT_RADIUS, CELL_LINE), (_OUT, CELL_LINE), look[1]),),
        shown: (squashed, expose),
    }
    return Layout((112, 6, 1228, 672), slots, nodes, tuple(wires), routes)


_LAYOUTS = {"lstm": _lstm}
