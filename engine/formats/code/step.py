"""One time step of a cell as a Python function: a line for each declared operation, its shape beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...cell import formula
from ...cell.cell import Cell
from ...cell.graph import (
    ADD,
    BERNOULLI,
    CONCATENATE,
    IDENTITY,
    MULTIPLY,
    ONE_MINUS,
    PRODUCT,
    SIGMOID,
    SOFTMAX,
    TANH,
    Kind,
    Operation,
)
from .model import shape_in_symbols
from .writing import commented, filled

_PLAIN: Mapping[Kind, str] = {
    PRODUCT: "{0} @ {1}",
    ADD: "{0} + {1}",
    MULTIPLY: "{0} * {1}",
    ONE_MINUS: "1 - {0}",
    IDENTITY: "{0}",
}


@dataclass(frozen=True)
class Dialect:
    """How a library writes each kind of operation, and the functions that it needs written first."""

    kinds: Mapping[Kind, str]
    functions: Mapping[Kind, str]


NUMPY = Dialect(
    MappingProxyType(
        {
            **_PLAIN,
            CONCATENATE: "np.concatenate([{0}, {1}])",
            SIGMOID: "sigmoid({0})",
            TANH: "np.tanh({0})",
            SOFTMAX: "softmax({0})",
            BERNOULLI: "np.where({1} < {0}, 1.0, 0.0)",
        }
    ),
    MappingProxyType(
        {
            SIGMOID: '''\
def sigmoid(z):
    """1 / (1 + e^-z), from e^-|z|, so that nothing overflows and small results keep their digits."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))
''',
            SOFTMAX: '''\
def softmax(z):
    """e^z over the sum of all, from z less its largest, so that nothing overflows."""
    powers = np.exp(z - z.max())
    return powers / powers.sum()
''',
        }
    ),
)
TORCH = Dialect(
    MappingProxyType(
        {
            **_PLAIN,
            CONCATENATE: "torch.cat([{0}, {1}])",
            SIGMOID: "torch.sigmoid({0})",
            TANH: "torch.tanh({0})",
            SOFTMAX: "torch.softmax({0}, dim=0)",
            BERNOULLI: "({1} < {0}).to({0}.dtype)",
        }
    ),
    MappingProxyType({}),
)

BATCH = Dialect(
    MappingProxyType(
        {
            **TORCH.kinds,
            PRODUCT: "{1} @ {0}.T",
            CONCATENATE: "torch.cat([{0}, {1}], dim=-1)",
            SOFTMAX: "torch.softmax({0}, dim=-1)",
        }
    ),
    MappingProxyType({}),
)
"""torch, for batches: vectors of shape (B, k)."""


def functions(cell: Cell, dialect: Dialect) -> str:
    """Return the functions that a step needs and the library does not have; "" for none."""
    used = {operation.kind for operation in cell.operations}
    return "\n\n".join(text for kind, text in dialect.functions.items() if kind in used)


def step_function(cell: Cell, dialect: Dialect) -> str:
    """Return the function `step`: it takes the inputs and the weights by name, and returns every value by name.

    Its docstring has the formulas, its comments the shapes of vectors; the phases of the step stand apart.
    """
    inputs = [item.name for item in cell.inputs]
    names = [*inputs, *(operation.name for operation in cell.operations)]
    lines = [
        filled("def step(", [*inputs, "*", *(item.name for item in cell.parameters)], "):", 0),
        f'    """Compute one time step of the {cell.title}; return every value by its name.',
        "",
        *(f"    {written}" for written in _formulas(cell)),
        '    """',
    ]
    phase = cell.phase_of(cell.operations[0].name)
    for operation in cell.operations:
        if cell.phase_of(operation.name) != phase:
            phase = cell.phase_of(operation.name)
            lines.append("")
        lines.append(_line(operation, cell, dialect))
    lines += ["", filled("return dict(", (f"{name}={name}" for name in names), ")", 4)]
    return "\n".join(lines) + "\n"


def _formulas(cell: Cell) -> list[str]:
    written = [(operation.symbol, formula.text(cell, operation.name)) for operation in cell.named]
    wide = max(len(symbol) for symbol, _ in written)
    return [f"{symbol:<{wide}} = {right}" for symbol, right in written]


def _line(operation: Operation, cell: Cell, dialect: Dialect) -> str:
    code = f"{operation.name} = {dialect.kinds[operation.kind].format(*operation.inputs)}"
    symbol = f"{operation.symbol}  " if operation.spelled_out and "_" not in operation.name else ""
    return commented(code, f"{symbol}{shape_in_symbols(cell.shapes[operation.name])}")
