"""The curves of the gradient flow: which ones a cell has, how each looks and what it is called."""

from __future__ import annotations

from engine.cell.cell import Cell
from engine.cell.graph import PRODUCT
from engine.runs.gradient_flow import DIRECT, LINE, ways
from gui.plots.curves import CurveStyle
from gui.views.flow.lines import Line

TWIN = "twin"
"""The key of the plain RNN's curve among the states."""
_PALER = 120
ROLES = {"C_t": "cell", "h_t": "hidden"}
"""Of the states' colours; the cell state first."""


def states(cell: Cell) -> tuple[str, ...]:
    """Return the states that a cell carries, the cell state first: ("C_t", "h_t")."""
    return tuple(name for name in ROLES if name in cell.carried.values())


def norm_words(state: str) -> str:
    """Return how plain text calls the norm of a state's gradient: "‖∂L/∂C_t‖"."""
    return f"‖∂L/∂{state}‖"


def state_lines(cell: Cell, twin: bool) -> tuple[Line, ...]:
    """Return the curves of a cell's states, by value, and of the plain RNN's h_t below them."""
    lines = [
        Line(name, rf"\left\|\partial L/\partial {name}\right\|", CurveStyle(ROLES[name], width=2), norm_words(name))
        for name in reversed(states(cell))
    ]
    beside = Line(
        TWIN,
        r"\left\|\partial L/\partial h_t\right\|",
        CurveStyle("muted", width=2),
        f"plain RNN {norm_words('h_t')}",
        "plain RNN",
    )
    return (*([beside] if twin else []), *lines)


def way_lines(cell: Cell, from_above: str) -> tuple[Line, ...]:
    """Return the curves of all ways by which a gradient comes back, by the names of `engine.runs.gradient_flow.ways`.

    The last is painted on top. from_above: where what comes in at the step itself is from, "the loss" or "layer 2".
    """
    found = [_way_line(cell, name, state, from_above) for name, state in ways(cell).items()]
    order = {DIRECT: 0, LINE: 3}
    return tuple(sorted(found, key=lambda line: order.get(line.key, 2 if line.style.alpha == 255 else 1)))


def _way_line(cell: Cell, name: str, state: str, from_above: str) -> Line:
    if name == DIRECT:
        return Line(name, "", CurveStyle("hidden", _PALER, 2), f"from {from_above}", f"from {from_above}")
    letter = state[0]
    if name == LINE:
        latex = rf"{letter}_{{t+1}} \to {state}"
        return Line(name, latex, CurveStyle(ROLES[state], width=3), f"along the cell line from {letter}_{{t+1}}")
    operation = cell.operation(name)
    if operation.kind is PRODUCT:
        weight = cell.described(operation.inputs[0])
        # The GRU's product with h alone is one of two of its candidate.
        return Line(name, weight.latex, CurveStyle(weight.role, width=2), f"through {weight.symbol}")
    parameters = {item.name: item for item in cell.parameters}
    peephole = next((parameters[source] for source in operation.inputs if source in parameters), None)
    if peephole is not None:
        style = CurveStyle(peephole.role, _PALER, 2)
        return Line(name, peephole.latex, style, f"through the peephole {peephole.symbol}")
    if state in cell.carried.values() and name == "tanh_C":
        return Line(name, r"h_t \to C_t", CurveStyle("cell", _PALER, 2), "from h_t to C_t")
    style = CurveStyle(operation.role, _PALER, 2)
    return Line(name, operation.latex, style, f"through {operation.symbol}")
