"""Cells as data: what goes in, which weights there are, and every operation in the order computed.

The equations and symbols are those of the LSTM with forget gate (Hochreiter and Schmidhuber 1997; Gers,
Schmidhuber and Cummins 2000) as commonly taught; the projection is that of Sak, Senior and Beaufays 2014.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from engine.graph import ADD, CONCATENATE, MULTIPLY, PRODUCT, SIGMOID, TANH, Kind, Operation, Shape

ORDERS = ("x,h", "h,x")
"""How the columns of each W stand: those of x_t first, or those of h_{t-1}."""


@dataclass(frozen=True)
class Quantity:
    """Something given to a cell: an input of the step, or a weight."""

    name: str
    shape: Shape
    symbol: str
    latex: str
    role: str


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
    shapes: Mapping[str, Shape] = field(init=False)
    """Symbolic shape of every input, parameter and operation."""

    def __post_init__(self) -> None:
        shapes: dict[str, Shape] = {item.name: item.shape for item in (*self.inputs, *self.parameters)}
        for operation in self.operations:
            shapes[operation.name] = operation.kind.shape([shapes[name] for name in operation.inputs])
        object.__setattr__(self, "shapes", MappingProxyType(shapes))

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


def shape_text(shape: Shape, sizes: Mapping[str, int] | None = None) -> str:
    """Return ("k", "m+n") as "k×(m+n)", or as "3×6" with sizes; a vector is a column, "k×1"."""
    axes = (
        [str(number) for number in size_in_numbers(shape, sizes)]
        if sizes
        else [f"({axis})" if "+" in axis else axis for axis in shape]
    )
    return "×".join(axes if len(axes) > 1 else [*axes, "1"])


def _layer(gate: str, kind: Kind, name: str, symbol: str, latex: str, role: str) -> list[Operation]:
    """Return product, bias and activation of one of the four layers."""
    return [
        Operation(f"a_{gate}", PRODUCT, (f"W_{gate}", "xh"), f"a_{gate}", f"a_{gate}", role, True),
        Operation(f"z_{gate}", ADD, (f"a_{gate}", f"b_{gate}"), f"z_{gate}", f"z_{gate}", role, True),
        Operation(name, kind, (f"z_{gate}",), symbol, latex, role),
    ]


@cache
def lstm(projected: bool = False, order: str = "x,h") -> Cell:
    """Return the LSTM cell.

    f = σ(W_f·[x, h] + b_f), i and o alike, C̃ = tanh(W_C·[x, h] + b_C), C_t = f ∘ C_{t-1} + i ∘ C̃,
    h_t = o ∘ tanh(C_t); where `projected`, h_t = W_hr·(o ∘ tanh(C_t)) with W_hr of n×k.
    In the plain cell n is k, because o ∘ tanh(C_t) is taken entry by entry.
    """
    if order not in ORDERS:
        raise ValueError(f"the column order is one of {ORDERS}, not {order!r}")
    x = Quantity("x_t", ("m",), "x_t", "x_t", "x")
    h = Quantity("h_prev", ("n",), "h_{t-1}", "h_{t-1}", "hidden")
    c = Quantity("C_prev", ("k",), "C_{t-1}", "C_{t-1}", "cell")
    joined = (x, h) if order == "x,h" else (h, x)
    columns = "+".join(item.shape[0] for item in joined)
    roles = {"f": "forget", "i": "input", "C": "candidate", "o": "output"}
    parameters = [Quantity(f"W_{g}", ("k", columns), f"W_{g}", f"W_{g}", role) for g, role in roles.items()]
    parameters += [Quantity(f"b_{g}", ("k",), f"b_{g}", f"b_{g}", role) for g, role in roles.items()]
    latex = r"\left[{},\ {}\right]".format(*(item.latex for item in joined))
    symbol = "[{}, {}]".format(*(item.symbol for item in joined))
    first, second = (item.name for item in joined)
    operations = [
        Operation("xh", CONCATENATE, (first, second), symbol, latex, "hidden", True),
        *_layer("f", SIGMOID, "f_t", "f_t", "f_t", "forget"),
        *_layer("i", SIGMOID, "i_t", "i_t", "i_t", "input"),
        *_layer("C", TANH, "C_tilde", "C̃_t", r"\tilde{C}_t", "candidate"),
        Operation("kept", MULTIPLY, ("f_t", "C_prev"), "f_t ∘ C_{t-1}", r"f_t \circ C_{t-1}", "cell", True),
        Operation("added", MULTIPLY, ("i_t", "C_tilde"), "i_t ∘ C̃_t", r"i_t \circ \tilde{C}_t", "cell", True),
        Operation("C_t", ADD, ("kept", "added"), "C_t", "C_t", "cell"),
        *_layer("o", SIGMOID, "o_t", "o_t", "o_t", "output"),
        Operation("tanh_C", TANH, ("C_t",), "tanh(C_t)", r"\tanh\left(C_t\right)", "cell", True),
    ]
    if projected:
        parameters.append(Quantity("W_hr", ("n", "k"), "W_hr", "W_{hr}", "hidden"))
        operations += [
            Operation("r_t", MULTIPLY, ("o_t", "tanh_C"), "r_t", "r_t", "hidden", True),
            Operation("h_t", PRODUCT, ("W_hr", "r_t"), "h_t", "h_t", "hidden"),
        ]
    else:
        operations.append(Operation("h_t", MULTIPLY, ("o_t", "tanh_C"), "h_t", "h_t", "hidden"))
    return Cell(
        name="lstm",
        title="LSTM with projection" if projected else "LSTM",
        inputs=(x, h, c),
        parameters=tuple(parameters),
        operations=tuple(operations),
        carried=MappingProxyType({"h_prev": "h_t", "C_prev": "C_t"}),
    )
