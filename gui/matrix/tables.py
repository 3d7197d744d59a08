"""A matrix as a table to take away: a row for each of its rows, and in .npz one array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.formats.numbers_file import Table, csv_text
from engine.text.numbers import copied


def matrix_table(name: str, values: NDArray[np.float64], columns: Sequence[str] = ()) -> Table:
    """Return a matrix (rows, columns), NaN where it has no number, under its name; columns: what each is called."""

    def write() -> str:
        heads = columns or [f"column {place + 1}" for place in range(values.shape[1])]
        return csv_text(heads, [["" if number != number else copied(number) for number in row] for row in values])

    return Table(name, write, lambda: {name or "matrix": values}, values.size, apart=True)
