"""A Jupyter notebook that rebuilds a cell or a network with NumPy, its formulas typeset above the code."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...cell import formula
from .model import Model
from .numpy_script import LOADED, imports
from .script import SHOW, about, check, loop, numbers
from .step import NUMPY, functions, step_function

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(model: Model) -> str:
    """Return the notebook as the JSON of nbformat 4.5, not yet run; it needs NumPy alone."""
    cells = [_cell(number, kind, text) for number, (kind, text) in enumerate(_parts(model), 1)]
    whole = {"cells": cells, "metadata": {"kernelspec": _KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _parts(model: Model) -> Iterator[tuple[str, str]]:
    title, text, *notes = about(model, "NumPy").split("\n\n")
    yield "markdown", "\n\n".join([f"# {model.title}", title, text, *notes])
    formulas = [formula.latex(model.cell, operation.name) for operation in model.cell.named]
    yield "markdown", "## Formulas\n\n" + "\n\n".join(f"${written}$" for written in formulas)
    yield "code", "\n\n\n".join(filter(None, [imports(model), functions(model.cell, NUMPY).strip()]))
    yield "markdown", "## One time step\n\nA line for each operation; the comments give shapes."
    yield "code", step_function(model.cell, NUMPY).strip()
    yield "markdown", "## Weights, inputs and the state before the first step"
    yield "code", numbers(model, "np.array", LOADED)
    yield "markdown", "## Every number of every time step"
    yield "code", f"{SHOW}\n\n{loop(model, 'np.zeros')}"
    yield "markdown", "## Check"
    yield "code", check(model, "np")


def _cell(number: int, kind: str, text: str) -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}
