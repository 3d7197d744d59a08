"""The layout of each declared cell, arranged like the blog post's LSTM as far as the cell resembles it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.cell.cell import Cell
from engine.explain.parts import LINE
from gui.diagram.layout import (
    CELL_LINE,
    HIDDEN_LINE,
    KNOT_RADIUS,
    LAYER_SIZE,
    WIDTH,
    Label,
    Layout,
    Node,
    Point,
    Slot,
    Wire,
)
from gui.diagram.layouts.drawing import (
    DRAWN,
    GATE_Y,
    H_Y,
    JOIN,
    JOIN_H,
    JOINED,
    LAYER_Y,
    LEFT,
    RIGHT,
    Z_Y,
    Drawing,
    Path,
)

_GATES = {"f": 350.0, "i": 532.0, "C": 708.0, "o": 932.0}
_ROLES = {"f": "forget", "i": "input", "C": "candidate", "o": "output"}
_RESULTS = {"f": "f_t", "i": "i_t", "C": "C_tilde", "o": "o_t"}
_OUT = 1040.0  # tanh(C_t) and the product with o_t
_SUM_Y, _SQUASH_Y = 206.0, 188.0
_PEEP_X, _PEEP_Y = 278.0, 458.0  # right of the symbol of [x, h], however long its column is
_PEEPHOLES: Mapping[str, tuple[str, tuple[Point, ...]]] = {
    "f": ("C_prev", ((_PEEP_X, CELL_LINE), (_PEEP_X, _PEEP_Y), (_GATES["f"], _PEEP_Y))),
    "i": ("C_prev", ((_PEEP_X, CELL_LINE), (_PEEP_X, 226), (438, 226), (438, _PEEP_Y), (_GATES["i"], _PEEP_Y))),
    "o": ("C_t", ((_GATES["o"] + 58, CELL_LINE), (_GATES["o"] + 58, _PEEP_Y), (_GATES["o"], _PEEP_Y))),
}
"""The cell state that each gate sees, and the way of the wire from there."""


def with_state(cell: Cell) -> Layout:
    """Place an LSTM of any kind, with the gates that it declares."""
    has = {operation.name: operation for operation in cell.operations}
    projected, forgets, drawn = "r_t" in has, "f_t" in has, bool(cell.draws)
    drawing = Drawing(cell)
    slots, nodes, wires, routes = drawing.slots, drawing.nodes, drawing.wires, drawing.routes
    slots |= {
        "C_prev": Slot(("C_prev",), (LEFT, CELL_LINE), 136),
        "h_prev": Slot(("h_prev",), (LEFT, H_Y), 108),
        "added": Slot(("added",), (812, _SUM_Y), 112, "right"),
        "C_t": Slot(("C_t",), (RIGHT, CELL_LINE), 136),
        "tanh_C": Slot(("tanh_C",), (_OUT + 94, 266), 112, "below"),
        "h_t": Slot(("h_t",), (RIGHT, HIDDEN_LINE), 136),
    }
    nodes |= {
        "add": Node("+", (_GATES["C"], CELL_LINE), "cell", ("C_t",)),
        "scale": Node("×", (_GATES["C"], _SUM_Y), "cell", ("added",)),
        "squash": Node("tanh", (_OUT, _SQUASH_Y), "cell", ("tanh_C",), wide=True),
        "expose": Node("×", (_OUT, GATE_Y), "cell", ("r_t",) if projected else ("h_t",)),
    }
    wires.append(Wire("h_prev", "hidden", JOIN_H, arrow=False))
    for gate, x in _GATES.items():
        if f"a_{gate}" not in has:
            continue
        text = "tanh" if gate == "C" else DRAWN if drawn else "σ"
        side = "left" if gate == "o" else "right"  # z_f would be too near the symbol of [x, h]
        drawing.add_gate(gate, x, _RESULTS[gate], _ROLES[gate], text=text, side=side)
        if f"v_{gate}" in has:
            if gate == "f":  # the way down to it leaves no room at the left
                slots["f_t"] = replace(slots["f_t"], label="right")
            seen, peep = _PEEPHOLES[gate]
            wires.append(Wire(seen, "cell", peep, arrow=False))
            routes[f"v_{gate}"] = routes[f"u_{gate}"] = (peep,)
    forget = ((_GATES["f"], GATE_Y), (_GATES["f"], CELL_LINE + KNOT_RADIUS))
    enter = ((LEFT, CELL_LINE), (_GATES["f"] - KNOT_RADIUS, CELL_LINE))
    if forgets and "a_i" not in has:  # what is forgotten makes room
        middle = (_GATES["f"] + _GATES["i"]) / 2
        slots["i_t"] = Slot(("i_t",), (_GATES["i"], GATE_Y), 140, "right")
        nodes["rest"] = Node("1−", (middle, GATE_Y), "input", ("i_t",))
        turned = ((_GATES["f"], GATE_Y), (middle - KNOT_RADIUS, GATE_Y))
        wires += [
            Wire("f_t", "forget", turned),
            Wire("i_t", "input", ((middle + KNOT_RADIUS, GATE_Y), (_GATES["i"], GATE_Y)), arrow=False),
        ]
        routes["i_t"] = (turned,)
        drawing.labels.append(Label("i_t", (_GATES["i"] - 86, 392, _GATES["i"] + 86, 460)))
    take_in = ((_GATES["i"], GATE_Y), (_GATES["i"], _SUM_Y), (_GATES["C"] - KNOT_RADIUS, _SUM_Y))
    propose = ((_GATES["C"], GATE_Y), (_GATES["C"], _SUM_Y + KNOT_RADIUS))
    keep_on = ((_GATES["f"] + KNOT_RADIUS, CELL_LINE), (_GATES["C"] - KNOT_RADIUS, CELL_LINE))
    rise = ((_GATES["C"], _SUM_Y - KNOT_RADIUS), (_GATES["C"], CELL_LINE + KNOT_RADIUS))
    leave = ((_GATES["C"] + KNOT_RADIUS, CELL_LINE), (WIDTH - 4, CELL_LINE))
    look = ((_OUT, CELL_LINE), (_OUT, _SQUASH_Y - KNOT_RADIUS))
    squashed = ((_OUT, _SQUASH_Y + KNOT_RADIUS), (_OUT, GATE_Y - KNOT_RADIUS))
    expose = ((_GATES["o"], GATE_Y), (_OUT - KNOT_RADIUS, GATE_Y))
    shown = "r_t" if projected else "h_t"
    out_start = (_OUT, GATE_Y + KNOT_RADIUS)
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
    straight = ((LEFT, CELL_LINE), keep_on[-1])
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
    drawing = Drawing(cell)
    branch = ((JOINED, HIDDEN_LINE), (x, HIDDEN_LINE), (x, Z_Y))
    out = ((x, LAYER_Y), (x, GATE_Y), (_OUT, GATE_Y), (_OUT, HIDDEN_LINE), (WIDTH - 4, HIDDEN_LINE))
    drawing.slots |= {
        "h_prev": Slot(("h_prev",), (LEFT, H_Y), 108),
        "z_h": Slot(("a_h", "z_h"), (x, Z_Y), 112, "left"),
        "h_t": Slot(("h_t",), (RIGHT, HIDDEN_LINE), 136),
    }
    drawing.nodes |= {"layer_h": Node("tanh", (x, LAYER_Y), "hidden", ("a_h", "z_h", "h_t"), "W_h")}
    drawing.wires += [
        Wire("h_prev", "hidden", JOIN_H, arrow=False),
        Wire("xh", "hidden", branch, arrow=False),
        Wire("z_h", "hidden", ((x, Z_Y), (x, LAYER_Y)), arrow=False),
        Wire("h_t", "hidden", out),
    ]
    drawing.routes |= {
        "a_h": (branch,),
        "z_h": (((x, LAYER_Y), (x, Z_Y)),),
        "h_t": (((x, Z_Y), *out[:-1], (RIGHT, HIDDEN_LINE)),),
    }
    drawing.name_below("h_t", x, 120)
    return drawing.finished(190, 672, HIDDEN_LINE, (444.0, 366.0, 282.0), beyond=212.0, up=190)


def gru(cell: Cell) -> Layout:
    """Place a GRU: h along the top, its two gates left, the candidate's own layers right.

    r resets what the candidate's product with h is, or, in the form of 2014, h on its way there.
    """
    keep, reset, inner, outer, turn = 330.0, 560.0, 740.0, 900.0, 1010.0
    mix_y, x_y = 206.0, 676.0
    drawing = Drawing(cell, ((LEFT, CELL_LINE), (JOIN, CELL_LINE), *JOIN_H[2:]))
    slots, nodes, wires, routes = drawing.slots, drawing.nodes, drawing.wires, drawing.routes
    slots |= {
        "h_prev": Slot(("h_prev",), (LEFT, CELL_LINE), 136),
        "kept": Slot(("kept",), (470, CELL_LINE), 84, "below"),
        "z_x": Slot(("a_x", "z_x"), (outer, 590), 76, "right"),
        "z_h": Slot(("z_h",), (turn, 510), 100, "right"),
        "h_tilde": Slot(("h_tilde",), (turn, 326), 92, "right"),
        "rest": Slot(("rest",), (outer, mix_y), 88, "below"),
        "added": Slot(("added",), (1138, mix_y), 88),
        "h_t": Slot(("h_t",), (RIGHT, CELL_LINE), 136),
    }
    nodes |= {
        "keep": Node("×", (keep, CELL_LINE), "hidden", ("kept",)),
        "add": Node("+", (turn, CELL_LINE), "hidden", ("h_t",)),
        "rest": Node("1−", (inner, mix_y), "input", ("rest",)),
        "scale": Node("×", (turn, mix_y), "hidden", ("added",)),
        "layer_x": Node("W", (outer, x_y), "candidate", ("a_x", "z_x"), "W_x"),
        "sum": Node("+", (outer, 510), "candidate", ("z_h",)),
        "squash": Node("tanh", (turn, 416), "candidate", ("h_tilde",), wide=True),
    }
    wires.append(Wire("h_prev", "hidden", ((JOIN, CELL_LINE), *JOIN_H[2:]), arrow=False))
    text = DRAWN if cell.draws else "σ"
    drawing.add_gate("u", keep, "u_t", "input", text=text, side="right")
    drawing.add_gate("r", reset, "r_t", "forget", text=text, side="right")
    enter = ((LEFT, CELL_LINE), (keep - KNOT_RADIUS, CELL_LINE))
    update = ((keep, GATE_Y), (keep, CELL_LINE + KNOT_RADIUS))
    keep_on = ((keep + KNOT_RADIUS, CELL_LINE), (turn - KNOT_RADIUS, CELL_LINE))
    to_x = ((LEFT, x_y), (outer - LAYER_SIZE[0] / 2, x_y))
    x_up = ((outer, 590.0), (outer, 510.0 + KNOT_RADIUS))
    result = _reset_after(drawing, reset, inner) if "z_n" in cell.shapes else _reset_before(drawing, reset, inner + 40)
    across = (*result, (outer - KNOT_RADIUS, 510.0))
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
        Wire(cell.operation("z_h").inputs[1], "candidate", across),
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


def _reset_after(drawing: Drawing, reset: float, x: float) -> tuple[Point]:
    """Place r ∘ (W_n·h + b_n) at `x`, with r_t at `reset`; return where the result is."""
    turn = 654.0
    to_n = ((250.0, CELL_LINE), (250.0, 48.0), (turn, 48.0), (turn, 276.0), (x - LAYER_SIZE[0] / 2, 276.0))
    n_down = ((x, 350.0), (x, 432.0 - KNOT_RADIUS))
    by_r = ((reset, GATE_Y), (turn, GATE_Y), (turn, 432.0), (x - KNOT_RADIUS, 432.0))
    end = (x, 510.0)
    drawing.slots |= {
        "z_n": Slot(("a_n", "z_n"), (x, 350), 88, "right"),
        "reset": Slot(("reset",), end, 88, "below"),
    }
    drawing.nodes |= {
        "layer_n": Node("W", (x, 276), "candidate", ("a_n", "z_n"), "W_n"),
        "reset": Node("×", (x, 432), "candidate", ("reset",)),
    }
    drawing.wires += [
        Wire("h_prev", "hidden", to_n),
        Wire("z_n", "candidate", n_down),
        Wire("r_t", "forget", by_r),
        Wire("reset", "candidate", ((x, 432.0 + KNOT_RADIUS), end), arrow=False),
    ]
    drawing.routes |= {
        "a_n": (((LEFT, CELL_LINE), *to_n),),
        "z_n": (((x, 276.0), (x, 350.0)),),
        "reset": (by_r, n_down),
    }
    return (end,)


def _reset_before(drawing: Drawing, reset: float, x: float) -> tuple[Point]:
    """Place W_n·(r ∘ h) at `x`, with r_t at `reset`; return where the result is."""
    knot, y = 694.0, 262.0
    to_reset = ((250.0, CELL_LINE), (250.0, 48.0), (640.0, 48.0), (640.0, y), (knot - KNOT_RADIUS, y))
    by_r = ((reset, GATE_Y), (knot, GATE_Y), (knot, y + KNOT_RADIUS))
    end = (x, 510.0)
    drawing.slots |= {
        "reset": Slot(("reset",), (x, 340), 84, "right"),
        "a_n": Slot(("a_n",), end, 76, "below"),
    }
    drawing.nodes |= {
        "reset": Node("×", (knot, y), "candidate", ("reset",)),
        "layer_n": Node("W", (x, 432), "candidate", ("a_n",), "W_n"),
    }
    drawing.wires += [
        Wire("h_prev", "hidden", to_reset),
        Wire("r_t", "forget", by_r),
        Wire("reset", "candidate", ((knot + KNOT_RADIUS, y), (x, y), (x, 432.0)), arrow=False),
        Wire("a_n", "candidate", ((x, 432.0), end), arrow=False),
    ]
    drawing.routes |= {
        "reset": (((LEFT, CELL_LINE), *to_reset), by_r),
        "a_n": (((x, 340.0), (x, 432.0)),),
    }
    return (end,)


LAYOUTS: Mapping[str, Callable[[Cell], Layout]] = {
    "lstm": with_state,
    "peephole": with_state,
    "coupled": with_state,
    "lstm-1997": with_state,
    "rnn": rnn,
    "gru": gru,
    "gru-2014": gru,
}


def layout_of(cell: Cell) -> Layout:
    """Return the layout of a declared cell; raise KeyError for one that has none."""
    return LAYOUTS[cell.name](cell)
