"""The parts of a cell: what each is called and what it is for, read from the cell's declaration.

A gate is for what it multiplies: the old state (it keeps), the candidate (it writes), tanh of the state (it tells), or
the old state on its way into the candidate (it reads).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..cell.cell import Cell
from ..cell.graph import MULTIPLY, ONE_MINUS, Operation

CELL = "cell"
"""The place of the whole cell; every other place is the name of a value."""
LINE = "line"
"""The place of the line that carries the state from one time step to the next."""


class Use(Enum):
    """What a gate is for."""

    KEEPS = "keeps"
    WRITES = "writes"
    TELLS = "tells"
    READS = "reads"


@dataclass(frozen=True)
class Part:
    """A part with a name: the value that it computes or carries, its name, its purpose in a few words, its role."""

    value: str
    name: str
    purpose: str
    role: str


def parts_of(cell: Cell) -> dict[str, Part]:
    """Return the gates, the candidate, the states and the output of a cell by the value that they compute."""
    return {operation.name: Part(operation.name, *_named(cell, operation)) for operation in cell.named}


def part_at(cell: Cell, name: str) -> Part | None:
    """Return the part that a value of a layer belongs to, such as the forget gate for z_f; None for others.

    Raises KeyError for an unknown name.
    """
    item = cell.described(name)
    if isinstance(item, Operation) and item.spelled_out and not _stands_alone(cell, item):
        while isinstance(item, Operation) and item.spelled_out:
            item = next(operation for operation in cell.operations if item.name in operation.inputs)
    return parts_of(cell).get(item.name)


def use_of(cell: Cell, gate: str) -> Use | None:
    """Return what a gate is for; None for a value that is no gate."""
    product = product_of(cell, gate)
    if product is None:
        return None
    other = other_factor(product, gate)
    if other in cell.carried:
        return Use.READS if product.role == "candidate" else Use.KEEPS
    item = cell.described(other)
    if isinstance(item, Operation) and item.role == "candidate":
        return Use.READS if item.spelled_out else Use.WRITES
    return Use.TELLS


def product_of(cell: Cell, gate: str) -> Operation | None:
    """Return the product that a gate is a factor of; None for a value that is no gate."""
    if gate not in {operation.name for operation in cell.gates}:
        return None
    return next(
        (operation for operation in cell.operations if operation.kind is MULTIPLY and gate in operation.inputs), None
    )


def gate_of(cell: Cell, product: Operation) -> str | None:
    """Return the gate among the factors of a product, or what is 1 minus a gate; None where there is none."""
    gates = {operation.name for operation in cell.gates}
    for name in product.inputs:
        item = cell.described(name)
        if name in gates or (isinstance(item, Operation) and item.kind is ONE_MINUS):
            return name
    return None


def other_factor(product: Operation, factor: str) -> str:
    """Return what a product multiplies a factor by."""
    left, right = product.inputs
    return right if left == factor else left


def letter(cell: Cell, name: str) -> str:
    """Return a value's letter without its time step: "f", "C̃", "C"."""
    return cell.described(name).symbol.removesuffix("_t").removesuffix("_{t-1}")


def _stands_alone(cell: Cell, operation: Operation) -> bool:
    """Whether a value that formulas spell out is no part of a layer: f ∘ C, 1 − u, tanh(C), [x, h]."""
    weighed = any(item.name in operation.inputs for item in cell.parameters)
    if operation.kind is MULTIPLY:
        return not weighed
    sources = [cell.described(name) for name in operation.inputs]
    of_layer = any(isinstance(item, Operation) and item.spelled_out for item in sources)
    return not weighed and not of_layer


def _named(cell: Cell, operation: Operation) -> tuple[str, str, str]:
    """Return a part's name, purpose and role."""
    word = operation.word or operation.role
    state = letter(cell, next(iter(cell.carried))) if not cell.has_state else "C"
    if operation.is_gate:
        purposes = {
            Use.KEEPS: f"what of {state} is kept",
            Use.WRITES: "how much is written",
            Use.TELLS: "how much is passed on",
            Use.READS: f"how much of {state} is read",
        }
        use = use_of(cell, operation.name)
        return f"{word} gate", purposes[use] if use else "", operation.role
    if operation.name in cell.carried.values():
        told = "what the cell passes on" if cell.has_state else "kept and passed on"
        return f"{word} state", "carried from step to step" if operation.role == "cell" else told, operation.role
    return word, "what is written" if operation.role == "candidate" else "made from h", operation.role
