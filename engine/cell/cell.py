"""What a cell is: its inputs, weights and operations, declared as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from .graph import BERNOULLI, Operation, Shape


@dataclass(frozen=True)
class Quantity:
    """Something given to a cell: an input of the step, or a weight."""

    name: str
    shape: Shape
    symbol: str
    latex: str
    role: str
    gate_role: ClassVar[str | None] = None
    rounds: ClassVar[bool] = False


@dataclass(frozen=True)
class Phase:
    """A part of a time step with a name of its own: the operations after the phase before, up to `last`."""

    name: str
    last: str


@dataclass(frozen=True)
class Cell:
    """A declared cell; trace, diagram, formulas and documents all read this and nothing else."""

    name: str
    title: str
    inputs: tuple[Quantity, ...]
    parameters: tuple[Quantity, ...]
    operations: tuple[Operation, ...]
    carried: Mapping[str, str]
    """State inputs and the values that become them at the next step: {"h_prev": "h_t", …}."""
    phases: tuple[Phase, ...] = ()
    """The phases of a time step, in their order; the last one ends with the last operation."""
    shapes: Mapping[str, Shape] = field(init=False)
    """Symbolic shape of every input, parameter and operation."""

    def __post_init__(self) -> None:
        shapes: dict[str, Shape] = {item.name: item.shape for item in (*self.inputs, *self.parameters)}
        becomes = {source: name for name, source in self.carried.items()}
        for operation in self.operations:
            shape = operation.kind.shape([shapes[name] for name in operation.inputs])
            # What is carried over has the size of the state that it becomes: where nothing projects, n is k.
            shapes[operation.name] = shapes[becomes[operation.name]] if operation.name in becomes else shape
        object.__setattr__(self, "shapes", MappingProxyType(shapes))

    @property
    def has_state(self) -> bool:
        """Whether it carries a cell state C beside h; only then can h_t be projected to another size."""
        return "C_prev" in self.carried

    @property
    def draws(self) -> tuple[Quantity, ...]:
        """The inputs that are uniform numbers of [0, 1), one for each unit of a gate that is drawn."""
        used = {operation.inputs[1] for operation in self.operations if operation.kind is BERNOULLI}
        return tuple(item for item in self.inputs if item.name in used)

    @property
    def gates(self) -> tuple[Operation, ...]:
        """Its gates, in the order computed; each can be drawn as 0 or 1 with what it says as the probability."""
        return tuple(operation for operation in self.operations if operation.is_gate)

    @property
    def named(self) -> tuple[Operation, ...]:
        """What it computes under a name of its own: gates, the candidate, what is carried over, an output."""
        return tuple(operation for operation in self.operations if not operation.spelled_out)

    def phase_of(self, name: str) -> str:
        """Return the name of the phase that an operation is in; "" where none is declared."""
        phases = iter(self.phases)
        phase = next(phases, None)
        for operation in self.operations:
            if operation.name == name:
                break
            if phase is not None and operation.name == phase.last:
                phase = next(phases, None)
        return phase.name if phase is not None else ""

    def operation(self, name: str) -> Operation:
        """Return the operation that computes `name`; raise KeyError if there is none."""
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise KeyError(f"{self.title} computes nothing called {name!r}")

    def described(self, name: str) -> Quantity | Operation:
        """Return the declaration of an input, a parameter or an operation."""
        for item in (*self.inputs, *self.parameters):
            if item.name == name:
                return item
        return self.operation(name)


def size_in_numbers(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Return ("k", "m+n") as (3, 6) for sizes {"m": 3, "n": 3, "k": 3}."""
    return tuple(sum(sizes[part] for part in axis.split("+")) for axis in shape)


def sizes_text(sizes: Mapping[str, int]) -> str:
    """Return sizes as "m = 3, n = k = 4096": symbols of one size together."""
    together: dict[int, list[str]] = {}
    for name, size in sizes.items():
        together.setdefault(size, []).append(name)
    return ", ".join(f"{' = '.join(names)} = {size}" for size, names in together.items())


def shape_text(shape: Shape, sizes: Mapping[str, int] | None = None) -> str:
    """Return ("k", "m+n") as "k×(m+n)", or as "3×6" with sizes; a vector is a column, "k×1"."""
    axes = (
        [str(number) for number in size_in_numbers(shape, sizes)]
        if sizes
        else [f"({axis})" if "+" in axis else axis for axis in shape]
    )
    return "×".join(axes if len(axes) > 1 else [*axes, "1"])
