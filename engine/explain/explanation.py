"""What is said of a place in a cell's diagram: its name, its purpose, its numbers, and an example of the field.

A number is said only once it is computed: nothing is given away before its operation has run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from ..cell import formula
from ..cell.cell import Cell
from ..cell.graph import ADD, BERNOULLI, CONCATENATE, MULTIPLY, ONE_MINUS, PRODUCT, SIGMOID, TANH, Operation
from ..cell.trace import Trace
from ..document.through_time import CellLine, cell_line
from ..text import numbers
from .field_examples import RELU_AND_DEPTH, WHAT_SAVES, example_of
from .number_line import distance_from_one
from .parts import CELL, LINE, Use, gate_of, letter, other_factor, part_at, parts_of, product_of, use_of


@dataclass(frozen=True)
class Explanation:
    """A place in words."""

    place: str
    name: str
    heading: str
    """The purpose in a few words, "what of C is kept"."""
    role: str
    purpose: str
    """The same in full sentences."""
    latex: str = ""
    """Its formula; "" where it has none."""
    numbers: str = ""
    """Entry 1 worked out, as far as it is computed."""
    example: str = ""
    layer: str = ""
    """The weight matrix whose sum a click on the place shows; "" where there is none."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that is said, line by line."""
        return tuple(line for line in (self.purpose, self.numbers, self.example) if line)


def places_of(cell: Cell) -> tuple[str, ...]:
    """Return every place that can be explained: the cell, its line if it has one, its inputs and operations."""
    line = () if cell_line(cell) is None else (LINE,)
    inputs = (item.name for item in cell.inputs if item not in cell.draws)
    return (CELL, *line, *inputs, *(operation.name for operation in cell.operations))


def explain(
    trace: Trace,
    t: int,
    place: str,
    computed: Collection[str] | None = None,
    style: numbers.Style = numbers.Style.SHORT,
) -> Explanation:
    """Return what is said of a place at time step t (from 0).

    Args:
        trace: the numbers, of vectors without batch axes.
        t: the time step, from 0.
        place: the name of a value, CELL or LINE.
        computed: the values whose numbers may be said; all if None.
        style: how numbers are written.

    Raises KeyError for a place that the cell has not.
    """
    cell = trace.cell
    said = _Numbers(trace, t, frozenset(trace.steps[t]) if computed is None else frozenset(computed), style)
    if place == CELL:
        return _cell(trace)
    if place == LINE:
        return _line(said)
    part = part_at(cell, place)
    if part is None:
        return _between(said, place)
    operation = cell.operation(part.value)
    if operation.is_gate:
        return _gate(said, operation)
    if part.value in cell.carried.values():
        return _state(said, operation) if operation.role == "cell" else _hidden(said, operation)
    if operation.role == "candidate":
        return _candidate(said, operation)
    words = "What the cell answers at this time step; the layers after it may read h instead."
    return _of(said, operation, words, _ended(said.squashed(operation)))


def _ended(worked: str) -> str:
    return f"{worked}." if worked else ""


def heading_of(cell: Cell, name: str) -> tuple[str, str]:
    """Return the name and the purpose in a few words that stand beside the formula of an operation."""
    part = part_at(cell, name)
    if part is not None and part.value == name and cell.operation(name).kind is ADD:
        return part.name, "what is kept plus what is newly written"
    if part is not None:
        return part.name, part.purpose
    return _between_words(cell, name)


@dataclass(frozen=True)
class _Numbers:
    """Writes the numbers of one time step that may be said."""

    trace: Trace
    t: int
    computed: frozenset[str]
    style: numbers.Style

    @property
    def cell(self) -> Cell:
        return self.trace.cell

    def has(self, *names: str) -> bool:
        return all(name in self.computed for name in names)

    def text(self, name: str, entry: int = 0) -> str:
        """Return an entry of a value as it is shown in the diagram."""
        value = float(np.asarray(self.trace.value(self.t, name))[entry])
        return numbers.written(value, self.cell.described(name).rounds, None, self.style)

    def times(self, left: str, right: str) -> str:
        """Return "0.30·(−0.85)"."""
        return f"{self.text(left)}·{_bracketed(self.text(right))}"

    def begin(self, name: str) -> str:
        return "Entry 1: " if np.size(self.trace.value(self.t, name)) > 1 else ""

    def squashed(self, operation: Operation) -> str:
        """Return how σ or tanh makes entry 1, σ written out: "σ(22) = 1/(1 + e^(−22)) = 1.00"; "" if not computed."""
        source = operation.inputs[0]
        if not self.has(operation.name, source) or operation.kind not in (SIGMOID, TANH):
            return ""
        z, result = self.text(source), self._near_one(operation)
        if operation.kind is TANH:
            return f"{self.begin(operation.name)}tanh({z}) = {result}"
        minus = z.removeprefix(numbers.MINUS) if z.startswith(numbers.MINUS) else numbers.MINUS + z
        power = "e^0" if z == "0" else f"e^({minus})"
        return f"{self.begin(operation.name)}σ({z}) = 1/(1 + {power}) = {result}"

    def _near_one(self, operation: Operation) -> str:
        """Return entry 1 of σ, with how far below 1 it is if the decimals cannot show it; of tanh as shown."""
        if operation.kind is not SIGMOID:
            return self.text(operation.name)
        z = np.asarray(self.trace.value(self.t, operation.inputs[0]))[:1]
        value = float(np.asarray(self.trace.value(self.t, operation.name))[0])
        return numbers.written(value, True, float(distance_from_one(SIGMOID, z)[0]), self.style)


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith(numbers.MINUS) or "·" in text else text


def _of(said: _Numbers, operation: Operation, purpose: str, worked: str = "", example: str = "") -> Explanation:
    """Return the explanation of a part with a name of its own."""
    cell = said.cell
    part = parts_of(cell)[operation.name]
    return Explanation(
        operation.name,
        part.name,
        part.purpose,
        part.role,
        purpose,
        formula.latex(cell, operation.name),
        worked,
        example,
        _layer(cell, operation),
    )


def _layer(cell: Cell, operation: Operation) -> str:
    """Return the weight matrix of the layer that ends with an operation; "" where it is none, or has several."""
    found = [item.name for item in cell.parameters if len(item.shape) == 2 and _leads_to(cell, item.name, operation)]
    return found[0] if len(found) == 1 else ""


def _leads_to(cell: Cell, matrix: str, end: Operation) -> bool:
    part = next((part_at(cell, op.name) for op in cell.operations if op.kind is PRODUCT and matrix in op.inputs), None)
    return part is not None and part.value == end.name


def _gate(said: _Numbers, gate: Operation) -> Explanation:
    cell, use = said.cell, use_of(said.cell, gate.name)
    product = product_of(cell, gate.name)
    assert product is not None  # every gate is a factor
    g, other = letter(cell, gate.name), other_factor(product, gate.name)
    what = "tanh(C)" if other == "tanh_C" else letter(cell, other)
    purposes = {
        Use.KEEPS: f"How much of each entry of the old {what} is kept: {g} = 1 keeps all of it, {g} = 0 forgets it.",
        Use.WRITES: f"{what} is how the state would be updated; {g} decides which units are, and how much.",
        Use.TELLS: f"How much of each entry of {what} is passed on: what {g} holds back stays in C, unseen.",
        Use.READS: f"How much of the old {letter(cell, next(iter(cell.carried)))} the candidate reads.",
    }
    verbs = {Use.KEEPS: "is kept", Use.WRITES: "is written", Use.TELLS: "is passed on", Use.READS: "is read"}
    purpose, worked = purposes[use] if use else "", said.squashed(gate)
    if gate.kind is ONE_MINUS and said.has(gate.name, gate.inputs[0]):
        worked = f"{said.begin(gate.name)}1 − {said.text(gate.inputs[0])} = {said.text(gate.name)}"
        purpose = f"{purpose} Here {g} is 1 − {letter(cell, gate.inputs[0])}: what is forgotten makes room."
    if gate.kind is BERNOULLI and said.has(*gate.inputs, gate.name):
        chance, draw = (said.text(name) for name in gate.inputs)
        than = "below" if said.text(gate.name).startswith("1") else "not below"
        worked = f"{said.begin(gate.name)}drawn {draw}, {than} the probability {chance}: {said.text(gate.name)}"
    if use and worked and said.has(product.name) and gate_of(cell, product) == gate.name:
        worked += f", so {said.times(gate.name, other)} = {said.text(product.name)} {verbs[use]}"
    if any(name.startswith("v_") for name in _layer_values(cell, gate)):
        purpose = f"{purpose} It also sees C, through a peephole."
    return _of(said, gate, purpose, _ended(worked), example_of(use, g) if use else "")


def _layer_values(cell: Cell, end: Operation) -> list[str]:
    return [item.name for item in cell.operations if (part := part_at(cell, item.name)) and part.value == end.name]


def _candidate(said: _Numbers, candidate: Operation) -> Explanation:
    cell = said.cell
    c = letter(cell, candidate.name)
    writer = next((gate.name for gate in cell.gates if use_of(cell, gate.name) is Use.WRITES), None)
    who = f"; {letter(cell, writer)} decides which units are" if writer else "; what is not kept is taken from it"
    purpose = f"{c} is how the state would be updated, each entry between −1 and 1{who}."
    return _of(said, candidate, purpose, _ended(said.squashed(candidate)), example_of("candidate", c))


def _sizes(said: _Numbers) -> str:
    n, k = said.trace.sizes["n"], said.trace.sizes["k"]
    same = f"of the same size (n = k = {n})" if n == k else f"here even of different sizes (n = {n}, k = {k})"
    right = formula.text(said.cell, "h_t").replace("_t", "")
    return f"h and C are two different things {same}, and h depends on C: h = {right}."


def _line(said: _Numbers) -> Explanation:
    """Explain the thick line on top."""
    cell, line = said.cell, cell_line(said.cell)
    if line is None:
        raise KeyError(f"{cell.title} has no line that carries its state")
    part = parts_of(cell)[line.state]
    state = letter(cell, line.state)
    purpose = (
        f"The thick line on top is the {part.name} {state}, carried from step to step; the green block is the cell."
    )
    latex, saves = formula.latex(cell, line.state), _what_saves(cell, line)
    return Explanation(
        LINE, part.name, part.purpose, part.role, purpose, latex, _added_up(said), f"{saves} {RELU_AND_DEPTH}"
    )


def _state(said: _Numbers, state: Operation) -> Explanation:
    """Explain the cell state where it is made."""
    cell, line = said.cell, cell_line(said.cell)
    purpose = f"What is kept of the old {letter(cell, state.name)} plus what is newly written. {_sizes(said)}"
    return _of(said, state, purpose, _added_up(said), _what_saves(cell, line) if line is not None else "")


def _what_saves(cell: Cell, line: CellLine) -> str:
    by = f"{letter(cell, line.factor)} alone" if line.factor else "1"
    return WHAT_SAVES.format(by=by, cell="an LSTM" if cell.has_state else "this cell")


def _added_up(said: _Numbers) -> str:
    """Return how entry 1 of the state is made; "" if it is not computed."""
    line = cell_line(said.cell)
    operation = None if line is None else said.cell.operation(line.state)
    if operation is None or not said.has(operation.name, *operation.inputs):
        return ""
    left, right = (_worked_factor(said, name) for name in operation.inputs)
    return f"{said.begin(operation.name)}{left} + {right} = {said.text(operation.name)}."


def _worked_factor(said: _Numbers, name: str) -> str:
    """Return a term of the new state: the product that it is, or its number."""
    item = said.cell.described(name)
    if isinstance(item, Operation) and item.kind is MULTIPLY and said.has(*item.inputs):
        return said.times(*item.inputs)
    return _bracketed(said.text(name))


def _hidden(said: _Numbers, hidden: Operation) -> Explanation:
    cell = said.cell
    begin = _sizes(said) if cell.has_state else "What the cell keeps, and all that it passes on."
    purpose = f"{begin} h_t goes to two places: to the next time step, and up to the output or the next layer."
    worked = _ended(said.squashed(hidden))
    if hidden.kind is MULTIPLY and said.has(hidden.name, *hidden.inputs):
        worked = f"{said.begin(hidden.name)}{said.times(*hidden.inputs)} = {said.text(hidden.name)}."
    if hidden.kind is ADD:
        worked = _added_up(said)
    teller = next((gate.name for gate in cell.gates if use_of(cell, gate.name) is Use.TELLS), None)
    return _of(said, hidden, purpose, worked, example_of("hidden", letter(cell, teller)) if teller else "")


def _cell(trace: Trace) -> Explanation:
    cell, line = trace.cell, cell_line(trace.cell)
    states = " and ".join(cell.described(name).symbol for name in cell.carried.values())
    purpose = "The green block is the cell: all that is computed at one time step, at every step with the same weights."
    if line is not None:
        purpose += f" The thick line on top is the {parts_of(cell)[line.state].name}."
    numbers_said = f"It reads x_t and what the step before handed on, and hands {states} on to the next."
    return Explanation(CELL, "the cell", cell.title, "cell", purpose, numbers=numbers_said)


def _between(said: _Numbers, place: str) -> Explanation:
    """Explain an input, or a value on the way between parts."""
    cell = said.cell
    item = cell.described(place)
    name, heading = _between_words(cell, place)
    latex = formula.latex(cell, place) if isinstance(item, Operation) else ""
    worked, example, purpose = "", "", f"{heading[:1].upper()}{heading[1:]}."
    if isinstance(item, Operation) and said.has(place, *item.inputs):
        if item.kind is MULTIPLY:
            worked = f"{said.begin(place)}{said.times(*item.inputs)} = {said.text(place)}."
        elif item.kind is TANH:
            worked = f"{said.squashed(item)}."
        elif item.kind is ONE_MINUS:
            worked = f"{said.begin(place)}1 − {said.text(item.inputs[0])} = {said.text(place)}."
    if isinstance(item, Operation):
        gate = gate_of(cell, item) if item.kind is MULTIPLY else None
        if gate is not None and (use := use_of(cell, gate)):
            example = example_of(use, letter(cell, gate))
        elif item.kind is TANH:
            example = RELU_AND_DEPTH
        elif item.kind is CONCATENATE:
            example = _at_once(cell)
    return Explanation(place, name, heading, item.role, purpose, latex, worked, example)


def _reads_apart(cell: Cell) -> bool:
    """Whether a layer reads x_t with a matrix of its own, not [x, h]."""
    return any(item.kind is PRODUCT and item.inputs[1] == "x_t" for item in cell.operations)


def _at_once(cell: Cell) -> str:
    """Return which layers can be computed as one product."""
    reset = next((item for item in cell.operations if item.kind is PRODUCT and item.inputs[1] == "reset"), None)
    if reset is None:
        return "No layer reads another one, so all of them can be computed at once, as one product."
    return "The gates do not read each other, so both are one product; the candidate waits for r."


def _between_words(cell: Cell, name: str) -> tuple[str, str]:
    """Return a name and what it is, of an input or of a value on the way between parts."""
    item = cell.described(name)
    if not isinstance(item, Operation):
        if name in cell.carried:
            what = letter(cell, name)
            return (
                f"old {item.role} state",
                f"the {what} that the time step before handed on; at t = 1 the {what} you set",
            )
        return ("input", "what the cell reads at this time step") if name == "x_t" else ("draw", "a random number")
    if item.kind is CONCATENATE:
        who = "both gates read" if _reads_apart(cell) else "every layer reads"
        return "x and h together", f"what {who}: the entries of both, one after the other"
    if item.kind is TANH:
        return "tanh of C", "C squeezed between −1 and 1, before o decides what of it is passed on"
    if item.kind is ONE_MINUS:
        return "the rest", f"what {letter(cell, item.inputs[0])} does not keep makes room for the candidate"
    gate = gate_of(cell, item)
    if gate is None:
        return "product", "entry by entry"
    g, other = letter(cell, gate), other_factor(item, gate)
    what = "tanh(C)" if other == "tanh_C" else letter(cell, other)
    words = {
        Use.KEEPS: ("what is kept", f"the part of the old {what} that {g} keeps, entry by entry"),
        Use.TELLS: ("what is passed on", f"the part of {what} that {g} passes on, entry by entry"),
        Use.READS: ("what is read", f"the part of the old state that {g} lets the candidate read, entry by entry"),
    }
    use = use_of(cell, gate)
    lets_in = ("what is written", f"the part of {what} that {g} lets in, entry by entry")
    return words.get(use, lets_in) if use else lets_in
