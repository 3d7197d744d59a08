"""Commands that need no window: what `main.py trace` prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine import formula, numbers
from engine.cells import Cell, shape_text
from engine.document import DocumentError
from engine.document_file import read_document
from engine.examples import load_example
from engine.graph import Operation
from engine.trace import Trace, trace_document

BAD_INPUT = 2
"""Exit status where the user's input cannot be used."""


def trace(file: Path | None, example: str | None, as_json: bool) -> int:
    """Print every intermediate of every time step of a document; return the exit status."""
    try:
        if file is not None:
            document, warnings = read_document(file)
        else:
            document, warnings = load_example(example or ""), []
    except DocumentError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    result = trace_document(document)
    if as_json:
        json.dump(trace_members(result), sys.stdout, ensure_ascii=False)
        print()
    else:
        for line in trace_table(result):
            print(line)
    return 0


def described_values(cell: Cell) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield name, symbol, formula and inputs of a step's values in the order computed, inputs first."""
    for item in cell.inputs:
        yield item.name, item.symbol, item.symbol, ()
    for operation in cell.operations:
        yield operation.name, operation.symbol, formula.text(cell, operation.name), operation.inputs


def trace_members(trace: Trace) -> dict[str, Any]:
    """Return a trace as what its JSON says; every number in full double precision."""
    described = list(described_values(trace.cell))
    return {
        **trace.sizes,
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
                    }
                    for name, symbol, written, inputs in described
                ],
            }
            for t, values in enumerate(trace.steps, 1)
        ],
    }


def trace_table(trace: Trace) -> Iterator[str]:
    """Yield the lines of a table that a person reads: symbol, numbers, formula, step by step."""
    sizes = ", ".join(f"{name} = {value}" for name, value in trace.sizes.items())
    yield f"{trace.cell.title}: {sizes}"
    for t, values in enumerate(trace.steps, 1):
        rows = [("value", "shape", "numbers", "formula")]
        for name, _, written, _ in described_values(trace.cell):
            item = trace.cell.described(name)
            rounds = isinstance(item, Operation) and item.kind.rounds
            vector = np.asarray(values[name])
            entries = [numbers.plain(float(value), rounds) for value in vector]
            if len(entries) > 8:
                entries = [*entries[:6], "…", entries[-1]]
            rows.append((name, shape_text(trace.cell.shapes[name], trace.sizes), " ".join(entries), written))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        yield ""
        yield f"t = {t}"
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            yield "  " + "  ".join([*cells, row[3]])
