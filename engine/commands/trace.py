"""The command `main.py trace`: prints every value of a document, an example or a small cell, as computed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..cell import formula
from ..cell.cell import Cell, shape_text
from ..cell.cells import CELLS
from ..cell.trace import Gradients, Trace, backpropagate
from ..document.document import Document, DocumentError, blank
from ..document.examples import load_example
from ..document.tracing import trace_document
from ..errors import one_line
from ..file_kinds import DOCUMENT, document_module
from ..formats.link import LinkedSettings, is_link, read_link
from ..text import numbers
from .printing import print_json, table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py trace` can be told."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("file", nargs="?", type=Path, help=f"a document ({DOCUMENT.suffix}), or a link to one")
    source.add_argument("--example", metavar="NAME", help="an example that comes with the program")
    source.add_argument(
        "--cell", metavar="NAME", help="a cell, such as gru, with small random weights; three time steps"
    )
    parser.add_argument("--backward", action="store_true", help="also print every gradient of L, the sum of the last h")
    parser.add_argument("--json", action="store_true", help="JSON in full double precision instead of a table")


def run(options: argparse.Namespace) -> int:
    """Print every intermediate of every time step of a document, an example or a cell; return the exit status."""
    warnings: list[str] = []
    if options.file is not None and is_link(str(options.file)):
        document, warnings = _linked(str(options.file))
    elif options.file is not None:
        document, warnings = document_module(options.file).read_document(options.file)
    elif options.cell is not None:
        document = small_document(options.cell)
    else:
        document = load_example(options.example)
    for warning in warnings:
        print(one_line(f"warning: {warning}"), file=sys.stderr)
    result = trace_document(document)
    gradients = gradients_of_last(result) if options.backward else None
    if options.json:
        print_json(trace_members(result, gradients), indent=None, allow_nan=True)
    else:
        for line in trace_table(result, gradients):
            print(line)
    return 0


def _linked(link: str) -> tuple[Document, list[str]]:
    found = read_link(link)
    if isinstance(found, LinkedSettings):
        raise DocumentError("This link holds the settings of a run, no document; open it in the window.")
    return found.document, list(found.warnings)


def small_document(cell_name: str) -> Document:
    """Return a cell with m = 2, n = k = 3, seeded weights and three steps of inputs.

    Raises DocumentError with the names there are for an unknown one.
    """
    if cell_name not in CELLS:
        raise DocumentError(f"There is no cell {cell_name!r}; choose one of {', '.join(CELLS)}")
    generator = np.random.default_rng(1)
    document = blank(2, 3, 3, seed=1, cell_name=cell_name)
    for name, weight in document.weights.items():
        document = document.with_weight(name, generator.uniform(-0.5, 0.5, weight.shape).round(2))
    return document.with_inputs(x=generator.uniform(-1, 1, (3, 2)).round(2))


def gradients_of_last(trace: Trace) -> Gradients:
    """Return every gradient of L, the sum of the entries of y of the last step, or of its h without an output."""
    last = last_value(trace)
    return backpropagate(trace, [*({} for _ in trace.steps[1:]), {last: np.ones_like(trace.steps[-1][last])}])


def last_value(trace: Trace) -> str:
    """Return the name of what the loss reads: y_t, or h_t where there is no output."""
    return "y_t" if "y_t" in trace.steps[-1] else "h_t"


def described_values(cell: Cell) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield name, symbol, formula and inputs of a step's values in the order computed, inputs first."""
    for item in cell.inputs:
        yield item.name, item.symbol, item.symbol, ()
    for operation in cell.operations:
        yield operation.name, operation.symbol, formula.text(cell, operation.name), operation.inputs


def trace_members(trace: Trace, gradients: Gradients | None = None) -> dict[str, Any]:
    """Return a trace as what its JSON says; every number in full double precision.

    With gradients each operation has a "gradient", dL/d(value), and "gradients" those of weights and first state.
    """
    described = list(described_values(trace.cell))
    more: dict[str, Any] = {}
    if gradients is not None:
        more = {
            "loss": f"sum of the entries of {last_value(trace)} at time step {len(trace.steps)}",
            "gradients": {
                "parameters": {name: np.asarray(value).tolist() for name, value in gradients.parameters.items()},
                "initial": {name: np.asarray(value).tolist() for name, value in gradients.initial.items()},
            },
        }

    def gradient(t: int, name: str) -> dict[str, Any]:
        if gradients is None:
            return {}
        return {"gradient": np.asarray(_gradient_of(trace, gradients, t, name)).tolist()}

    return {
        **trace.sizes,
        **more,
        "steps": [
            {
                "t": t,
                "operations": [
                    {
                        "name": name,
                        "symbol": symbol,
                        "formula": written,
                        "inputs": list(inputs),
                        "shape": list(np.shape(values[name])),
                        "value": np.asarray(values[name]).tolist(),
                        **gradient(t - 1, name),
                    }
                    for name, symbol, written, inputs in described
                ],
            }
            for t, values in enumerate(trace.steps, 1)
        ],
    }


def _gradient_of(trace: Trace, gradients: Gradients, t: int, name: str) -> Any:
    """Return dL/d(value) of step t; a value that the loss does not depend on has zeros."""
    value = trace.steps[t][name]
    return gradients.steps[t].get(name, np.zeros_like(value))


def trace_table(trace: Trace, gradients: Gradients | None = None) -> Iterator[str]:
    """Yield the lines of a table that a person reads: value, shape, numbers, formula, step by step.

    With gradients a column more: dL/d(value), L being the sum of the entries of the last h (or y).
    """
    sizes = ", ".join(f"{name} = {value}" for name, value in trace.sizes.items())
    yield f"{trace.cell.title}: {sizes}"
    for t, values in enumerate(trace.steps, 1):
        heads = ("value", "shape", "numbers", *(("gradient",) if gradients else ()), "formula")
        rows: list[tuple[str, ...]] = [heads]
        for name, _, written, _ in described_values(trace.cell):
            item = trace.cell.described(name)
            rounds = item.rounds
            row: list[str] = [name, shape_text(trace.cell.shapes[name], trace.sizes), _entries(values[name], rounds)]
            if gradients is not None:
                row.append(_entries(_gradient_of(trace, gradients, t - 1, name), False))
            rows.append((*row, written))
        yield ""
        yield f"t = {t}"
        for line in table(rows):
            yield f"  {line}"
    if gradients is not None:
        yield ""
        yield f"gradients of the weights, L = sum of {last_value(trace)} at time step {len(trace.steps)}"
        for name, value in gradients.parameters.items():
            yield f"  {name:5} " + "; ".join(_entries(row, False) for row in np.atleast_2d(np.asarray(value)))


def _entries(values: Any, rounds: bool) -> str:
    entries = [numbers.short(float(value), rounds) for value in np.asarray(values)]
    return " ".join(entries if len(entries) <= 8 else [*entries[:6], "…", entries[-1]])
