"""The layout of each declared cell, arranged like the blog post's LSTM as far as the cell resembles it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.cell.cell import Cell
from engine.cell.graph import IDENTITY, SOFTMAX
from engine.explain.parts import CELL, LINE
from gui.diagram.layout import (
    BESIDE,
    CELL_LINE,
    HIDDEN_LINE,
    KNOT_RADIUS,
    LAYER_SIZE,
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

_LEFT, _RIGHT = 56.0, 1272.0  # the columns of what comes in and what goes out
_JOINED, _JOINED_Y = 196.0, 556.0  # the column of [x, h]
_GATES = {"f": 350.0, "i": 532.0, "C": 708.0, "o": 932.0}
_ROLES = {"f": "forget", "i": "input", "C": "candidate", "o": "output"}
_RESULTS = {"f": "f_t", "i": "i_t", "C": "C_tilde", "o": "o_t"}
_OUT = 1040.0  # tanh(C_t) and the product with o_t
_SUM_Y, _GATE_Y, _LAYER_Y, _Z_Y = 206.0, 314.0, 416.0, 500.0
_H_Y, _X_Y, _JOIN = 470.0, 640.0, 128.0  # h_{t-1} and x_t, and where they turn to be joined
_SQUASH_Y = 188.0
_UP = 1212.0  # the copy of h_t that leaves at the top
_PEEP_X, _PEEP_Y = 278.0, 458.0  # right of the symbol of [x, h], however long its column is
_PEEPHOLES: Mapping[str, tuple[str, tuple[Point, ...]]] = {
    "f": ("C_prev", ((_PEEP_X, CELL_LINE), (_PEEP_X, _PEEP_Y), (_GATES["f"], _PEEP_Y))),
    "i": ("C_prev", ((_PEEP_X, CELL_LINE), (_PEEP_X, 226), (438, 226), (438, _PEEP_Y), (_GATES["i"], _PEEP_Y))),
    "o": ("C_t", ((_GATES["o"] + 58, CELL_LINE), (_GATES["o"] + 58, _PEEP_Y), (_GATES["o"], _PEEP_Y))),
}
"""The cell state that each gate sees, and the way of the wire from there."""

_FOOT = (594.0, 668.0)  # the empty foot of the cell, below the line of [x, h]
_ONWARD = (1234.0, WIDTH + BESIDE)  # beside the body, below what leaves it

_DRAWN = "σ→0|1"
"""What the box of a layer says if its gate is drawn at random."""

Path = tuple[Point, ...]

_JOIN_X: Path = ((4.0, _X_Y), (_JOIN, _X_Y), (_JOIN, _JOINED_Y + 16), (_JOINED, _JOINED_Y + 16))
_JOIN_H: Path = ((4.0, _H_Y), (_JOIN, _H_Y), (_JOIN, _JOINED_Y - 16), (_JOINED, _JOINED_Y - 16))


class _Drawing:
    """A layout in the making."""

    def __init__(self, cell: Cell, join_h: Path = _JOIN_H) -> None:
        """Begin with x_t and [x, h]; `join_h` is the way of h_{t-1} into it."""
        self._cell = cell
        self.slots = {
            "x_t": Slot(("x_t",), (_LEFT, _X_Y), 108),
            "xh": Slot(("xh",), (_JOINED, _JOINED_Y), 204),
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
        self.slots[f"z_{gate}"] = Slot(before, (x, _Z_Y), 112, side)
        self.slots[result] = Slot((result,), (x, _GATE_Y), 140, "left")
        self.nodes[f"layer_{gate}"] = Node(text, (x, _LAYER_Y), role, (*before, result), f"W_{gate}")
        branch = ((_JOINED, HIDDEN_LINE), (x, HIDDEN_LINE), (x, _Z_Y))
        self.wires += [
            Wire("xh", "hidden", branch, arrow=False),
            Wire(f"z_{gate}", role, ((x, _Z_Y), (x, _LAYER_Y)), arrow=False),
            Wire(result, role, ((x, _LAYER_Y), (x, _GATE_Y)), arrow=False),
        ]
        self.routes |= dict.fromkeys(before, (((x, _LAYER_Y), (x, _Z_Y)),))
        self.routes |= {f"a_{gate}": (branch,), result: (((x, _Z_Y), (x, _GATE_Y)),)}
        self.name_below(result, x)

    def finished(
        self, top: float, bottom: float, h_y: float, heights: tuple[float, float, float], beyond: float, up: float
    ) -> Layout:
        """Return the layout, its body from `top` to `bottom`, with the output or the copy of h_t that leaves at `up`.

        heights: of z_y, its layer and y_t, above or below h_t at `h_y`. beyond: of the output's switch while there is
        an output; while there is none, the switch is in its place.
        """
        start, switch = (_RIGHT, h_y), heights[1]
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
        return Layout(body, self.slots, self.nodes, tuple(self.wires), self.routes, (_RIGHT, switch), labels)

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
        x = _RIGHT
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


def with_state(cell: Cell) -> Layout:
    """Place an LSTM of any kind, with the gates that it declares."""
    has = {operation.name: operation for operation in cell.operations}
    projected, forgets, drawn = "r_t" in has, "f_t" in has, bool(cell.draws)
    drawing = _Drawing(cell)
    slots, nodes, wires, routes = drawing.slots, drawing.nodes, drawing.wires, drawing.routes
    slots |= {
        "C_prev": Slot(("C_prev",), (_LEFT, CELL_LINE), 136),
        "h_prev": Slot(("h_prev",), (_LEFT, _H_Y), 108),
        "added": Slot(("added",), (812, _SUM_Y), 112, "right"),
        "C_t": Slot(("C_t",), (_RIGHT, CELL_LINE), 136),
        "tanh_C": Slot(("tanh_C",), (_OUT + 94, 266), 112, "below"),
        "h_t": Slot(("h_t",), (_RIGHT, HIDDEN_LINE), 136),
    }
    nodes |= {
        "add": Node("+", (_GATES["C"], CELL_LINE), "cell", ("C_t",)),
        "scale": Node("×", (_GATES["C"], _SUM_Y), "cell", ("added",)),
        "squash": Node("tanh", (_OUT, _SQUASH_Y), "cell", ("tanh_C",), wide=True),
        "expose": Node("×", (_OUT, _GATE_Y), "cell", ("r_t",) if projected else ("h_t",)),
    }
    wires.append(Wire("h_prev", "hidden", _JOIN_H, arrow=False))
    for gate, x in _GATES.items():
        if f"a_{gate}" not in has:
            continue
        text = "tanh" if gate == "C" else _DRAWN if drawn else "σ"
        side = "left" if gate == "o" else "right"  # z_f would be too near the symbol of [x, h]
        drawing.add_gate(gate, x, _RESULTS[gate], _ROLES[gate], text=text, side=side)
        if f"v_{gate}" in has:
            if gate == "f":  # the way down to it leaves no room at the left
                slots["f_t"] = replace(slots["f_t"], label="right")
            seen, peep = _PEEPHOLES[gate]
            wires.append(Wire(seen, "cell", peep, arrow=False))
            routes[f"v_{gate}"] = routes[f"u_{gate}"] = (peep,)
    forget = ((_GATES["f"], _GATE_Y), (_GATES["f"], CELL_LINE + KNOT_RADIUS))
    enter = ((_LEFT, CELL_LINE), (_GATES["f"] - KNOT_RADIUS, CELL_LINE))
    if forgets and "a_i" not in has:  # what is forgotten makes room
        middle = (_GATES["f"] + _GATES["i"]) / 2
        slots["i_t"] = Slot(("i_t",), (_GATES["i"], _GATE_Y), 140, "right")
        nodes["rest"] = Node("1−", (middle, _GATE_Y), "input", ("i_t",))
        turned = ((_GATES["f"], _GATE_Y), (middle - KNOT_RADIUS, _GATE_Y))
        wires += [
            Wire("f_t", "forget", turned),
            Wire("i_t", "input", ((middle + KNOT_RADIUS, _GATE_Y), (_GATES["i"], _GATE_Y)), arrow=False),
        ]
        routes["i_t"] = (turned,)
        drawing.labels.append(Label("i_t", (_GATES["i"] - 86, 392, _GATES["i"] + 86, 460)))
    take_in = ((_GATES["i"], _GATE_Y), (_GATES["i"], _SUM_Y), (_GATES["C"] - KNOT_RADIUS, _SUM_Y))
    propose = ((_GATES["C"], _GATE_Y), (_GATES["C"], _SUM_Y + KNOT_RADIUS))
    keep_on = ((_GATES["f"] + KNOT_RADIUS, CELL_LINE), (_GATES["C"] - KNOT_RADIUS, CELL_LINE))
    rise = ((_GATES["C"], _SUM_Y - KNOT_RADIUS), (_GATES["C"], CELL_LINE + KNOT_RADIUS))
    leave = ((_GATES["C"] + KNOT_RADIUS, CELL_LINE), (WIDTH - 4, CELL_LINE))
    look = ((_OUT, CELL_LINE), (_OUT, _SQUASH_Y - KNOT_RADIUS))
    squashed = ((_OUT, _SQUASH_Y + KNOT_RADIUS), (_OUT, _GATE_Y - KNOT_RADIUS))
    expose = ((_GATES["o"], _GATE_Y), (_OUT - KNOT_RADIUS, _GATE_Y))
    shown = "r_t" if projected else "h_t"
    out_start = (_OUT, _GATE_Y + KNOT_RADIUS)
    if projected:
        slots["r_t"] = Slot(("r_t",), (_OUT, 438), 112, "right")
        nodes["project"] = Node("W", (1140, HIDDEN_LINE), "hidden", ("h_t",), "W_hr")
        to_projection = (out_start, (_OUT, HIDDEN_LINE), (1140 - LAYER_SIZE[0] / 2, HIDDEN_LINE))
        wires.append(Wire("r_t", "hidden", to_projection))
        out: Path = ((1140 + LAYER_SIZE[0] / 2, HIDDEN_LINE), (WIDTH - 4, HIDDEN_LINE))
        routes["h_t"] = (((_OUT, 438), (_OUT, HIDDEN_LINE), (1140, HIDDEN_LINE)),)
    else:
        out = (out_start, (_OUT, HIDDEN_LINE), (WIDTH - 4, HIDDEN_LINE))
    wires += [
        Wire("C_t", "cell", leave, thick=True),
        Wire("i_t", "input", take_in),
        Wire("C_tilde", "candidate", propose),
        Wire("added", "cell", rise),
        Wire("C_t", "cell", look),
        Wire("tanh_C", "cell", squashed),
        Wire("o_t", "output", expose),
        Wire("h_t", "hidden", out),
    ]
    straight = ((_LEFT, CELL_LINE), keep_on[-1])
    if forgets:
        slots["kept"] = Slot(("kept",), (470, CELL_LINE), 112)
        nodes["keep"] = Node("×", (_GATES["f"], CELL_LINE), "cell", ("kept",))
        wires += [
            Wire("C_prev", "cell", ((4, CELL_LINE), enter[-1]), thick=True),
            Wire("kept", "cell", keep_on, thick=True),
            Wire("f_t", "forget", forget),
        ]
        routes["kept"] = (enter, forget)
    else:
        wires.append(Wire("C_prev", "cell", ((4, CELL_LINE), straight[-1]), thick=True))
    routes |= {
        "added": (take_in, propose),
        "C_t": (keep_on if forgets else straight, rise),
        "tanh_C": (((_GATES["C"] + KNOT_RADIUS, CELL_LINE), (_OUT, CELL_LINE), look[1]),),
        shown: (squashed, expose),
    }
    drawing.labels.append(Label(LINE, (750, 34, 1030, CELL_LINE - 13), "left", "bottom"))
    drawing.name_below("h_t", 1120, 92)
    return drawing.finished(6, 672, HIDDEN_LINE, (444.0, 366.0, 282.0), beyond=212.0, up=8)


def rnn(cell: Cell) -> Layout:
    """Place the plain recurrent cell: one layer, whose h returns at the next time step."""
    x = 640.0
    drawing = _Drawing(cell)
    branch = ((_JOINED, HIDDEN_LINE), (x, HIDDEN_LINE), (x, _Z_Y))
    out = ((x, _LAYER_Y), (x, _GATE_Y), (_OUT, _GATE_Y), (_OUT, HIDDEN_LINE), (WIDTH - 4, HIDDEN_LINE))
    drawing.slots |= {
        "h_prev": Slot(("h_prev",), (_LEFT, _H_Y), 108),
        "z_h": Slot(("a_h", "z_h"), (x, _Z_Y), 112, "left"),
        "h_t": Slot(("h_t",), (_RIGHT, HIDDEN_LINE), 136),
    }
    drawing.nodes |= {"layer_h": Node("tanh", (x, _LAYER_Y), "hidden", ("a_h", "z_h", "h_t"), "W_h")}
    drawing.wires += [
        Wire("h_prev", "hidden", _JOIN_H, arrow=False),
        Wire("xh", "hidden", branch, arrow=False),
        Wire("z_h", "hidden", ((x, _Z_Y), (x, _LAYER_Y)), arrow=False),
        Wire("h_t", "hidden", out),
    ]
    drawing.routes |= {
        "a_h": (branch,),
        "z_h": (((x, _LAYER_Y), (x, _Z_Y)),),
        "h_t": (((x, _Z_Y), *out[:-1], (_RIGHT, HIDDEN_LINE)),),
    }
    drawing.name_below("h_t", x, 120)
    return drawing.finished(190, 672, HIDDEN_LINE, (444.0, 366.0, 282.0), beyond=212.0, up=190)


def gru(cell: Cell) -> Layout:
    """Place the GRU: h along the top, its two gates left, the candidate's own layers right."""
    keep, reset, inner, outer, turn = 330.0, 560.0, 740.0, 900.0, 1010.0
    mix_y, x_y = 206.0, 676.0
    drawing = _Drawing(cell, ((_LEFT, CELL_LINE), (_JOIN, CELL_LINE), *_JOIN_H[2:]))
    slots, nodes, wires, routes = drawing.slots, drawing.nodes, drawing.wires, drawing.routes
    slots |= {
        "h_prev": Slot(("h_prev",), (_LEFT, CELL_LINE), 136),
        "kept": Slot(("kept",), (470, CELL_LINE), 84, "below"),
        "z_n": Slot(("a_n", "z_n"), (inner, 350), 88, "right"),
        "reset": Slot(("reset",), (inner, 510), 88, "below"),
        "z_x": Slot(("a_x", "z_x"), (outer, 590), 76, "right"),
        "z_h": Slot(("z_h",), (turn, 510), 100, "right"),
        "h_tilde": Slot(("h_tilde",), (turn, 326), 92, "right"),
        "rest": Slot(("rest",), (outer, mix_y), 88, "below"),
        "added": Slot(("added",), (1138, mix_y), 88),
        "h_t": Slot(("h_t",), (_RIGHT, CELL_LINE), 136),
    }
    nodes |= {
        "keep": Node("×", (keep, CELL_LINE), "hidden", ("kept",)),
        "add": Node("+", (turn, CELL_LINE), "hidden", ("h_t",)),
        "rest": Node("1−", (inner, mix_y), "input", ("rest",)),
        "scale": Node("×", (turn, mix_y), "hidden", ("added",)),
        "layer_n": Node("W", (inner, 276), "candidate", ("a_n", "z_n"), "W_n"),
        "reset": Node("×", (inner, 432), "candidate", ("reset",)),
        "layer_x": Node("W", (outer, x_y), "candidate", ("a_x", "z_x"), "W_x"),
        "sum": Node("+", (outer, 510), "candidate", ("z_h",)),
        "squash": Node("tanh", (turn, 416), "candidate", ("h_tilde",), wide=True),
    }
    wires.append(Wire("h_prev", "hidden", ((_JOIN, CELL_LINE), *_JOIN_H[2:]), arrow=False))
    text = _DRAWN if cell.draws else "σ"
    drawing.add_gate("u", keep, "u_t", "input", text=text, side="right")
    drawing.add_gate("r", reset, "r_t", "forget", text=text, side="right")
    enter = ((_LEFT, CELL_LINE), (keep - KNOT_RADIUS, CELL_LINE))
    update = ((keep, _GATE_Y), (keep, CELL_LINE + KNOT_RADIUS))
    keep_on = ((keep + KNOT_RADIUS, CELL_LINE), (turn - KNOT_RADIUS, CELL_LINE))
    to_n = ((250.0, CELL_LINE), (250.0, 48.0), (654.0, 48.0), (654.0, 276.0), (inner - LAYER_SIZE[0] / 2, 276.0))
    n_down = ((inner, 350.0), (inner, 432.0 - KNOT_RADIUS))
    by_r = ((reset, _GATE_Y), (654.0, _GATE_Y), (654.0, 432.0), (inner - KNOT_RADIUS, 432.0))
    to_x = ((_LEFT, x_y), (outer - LAYER_SIZE[0] / 2, x_y))
    x_up = ((outer, 590.0), (outer, 510.0 + KNOT_RADIUS))
    across = ((inner, 510.0), (outer - KNOT_RADIUS, 510.0))
    to_squash = ((turn, 510.0), (turn, 416.0 + KNOT_RADIUS))
    propose = ((turn, 326.0), (turn, mix_y + KNOT_RADIUS))
    turned = ((keep, mix_y), (inner - KNOT_RADIUS, mix_y))
    mix = ((outer, mix_y), (turn - KNOT_RADIUS, mix_y))
    rise = ((turn, mix_y - KNOT_RADIUS), (turn, CELL_LINE + KNOT_RADIUS))
    wires += [
        Wire("h_prev", "hidden", ((4, CELL_LINE), enter[-1]), thick=True),
        Wire("kept", "hidden", keep_on, thick=True),
        Wire("h_t", "hidden", ((turn + KNOT_RADIUS, CELL_LINE), (WIDTH - 4, CELL_LINE)), thick=True),
        Wire("u_t", "input", update),
        Wire("u_t", "input", turned),
        Wire("rest", "input", ((inner + KNOT_RADIUS, mix_y), mix[-1])),
        Wire("h_prev", "hidden", to_n),
        Wire("z_n", "candidate", n_down),
        Wire("r_t", "forget", by_r),
        Wire("reset", "candidate", ((inner, 432.0 + KNOT_RADIUS), (inner, 510.0)), arrow=False),
        Wire("reset", "candidate", across),
        Wire("x_t", "x", to_x),
        Wire("z_x", "candidate", x_up),
        Wire("z_h", "candidate", ((outer + KNOT_RADIUS, 510.0), (turn, 510.0)), arrow=False),
        Wire("z_h", "candidate", to_squash),
        Wire("h_tilde", "candidate", propose),
        Wire("added", "hidden", rise),
    ]
    routes |= {
        "a_x": (to_x,),
        "z_x": (((outer, x_y), (outer, 590.0)),),
        "a_n": (((_LEFT, CELL_LINE), *to_n),),
        "z_n": (((inner, 276.0), (inner, 350.0)),),
        "reset": (by_r, n_down),
        "z_h": (across, x_up),
        "h_tilde": (to_squash,),
        "kept": (enter, update),
        "rest": (turned,),
        "added": (mix, propose),
        "h_t": (keep_on, rise),
    }
    drawing.labels += [
        Label(LINE, (672, 30, 980, CELL_LINE - 13), "left", "bottom"),
        Label("h_tilde", (turn + 60, 356, 1222, 430), "left"),
    ]
    return drawing.finished(6, 700, CELL_LINE, (244.0, 326.0, 410.0), beyond=484.0, up=8)


LAYOUTS: Mapping[str, Callable[[Cell], Layout]] = {
    "lstm": with_state,
    "peephole": with_state,
    "coupled": with_state,
    "lstm-1997": with_state,
    "rnn": rnn,
    "gru": gru,
}


def layout_of(cell: Cell) -> Layout:
    """Return the layout of a declared cell; raise KeyError for one that has none."""
    return LAYOUTS[cell.name](cell)
