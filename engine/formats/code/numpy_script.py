"""A NumPy script that rebuilds a cell or a network and prints every number of every time step."""

from __future__ import annotations

from .model import Model
from .script import SHOW, about, check, is_packed, joined, loop, numbers
from .step import NUMPY, functions, step_function

LOADED = "file"
"""Arrays by name, as NumPy has read them."""


def imports(model: Model) -> str:
    """Return what the script imports."""
    return "import base64\nimport io\n\nimport numpy as np" if is_packed(model) else "import numpy as np"


def numpy_script(model: Model) -> str:
    """Return the script; it needs NumPy alone."""
    cell = model.cell
    return joined(
        f'"""{about(model, "NumPy")}\n"""\n\n{imports(model)}',
        functions(cell, NUMPY),
        step_function(cell, NUMPY),
        SHOW,
        numbers(model, "np.array", LOADED) + "\n\n" + loop(model, "np.zeros") + "\n\n" + check(model, "np"),
    )
