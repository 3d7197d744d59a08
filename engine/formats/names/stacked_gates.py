"""Weights of gates that a format stacks in one matrix, as the weights of a declared cell.

Every function takes matrices whose rows are the units: of x (g·n, m) and of h (g·n, n), and biases (g·n,), the blocks
of n rows in the order that `letters` names them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def joined(letters: str, of_x: Array, of_h: Array, bias: Array) -> dict[str, Array]:
    """Return W (n, m+n), with columns [x, h], and b (n,) of each gate: of an LSTM "iofC", of a plain RNN "h"."""
    W, b = np.split(np.hstack([of_x, of_h]), len(letters)), np.split(bias, len(letters))
    names = list(enumerate(letters))
    return {f"W_{gate}": W[number] for number, gate in names} | {f"b_{gate}": b[number] for number, gate in names}


def gru(letters: str, of_x: Array, of_h: Array, biases: tuple[Array, Array], reset_after: bool) -> dict[str, Array]:
    """Return the weights of a GRU, whose blocks are r, u and, last, h: the candidate.

    biases: that of x and that of h. reset_after: whether r acts on the product with h and its bias, as in the cell
    "gru"; in "gru-2014" it acts on h, and both biases of the candidate add up.
    """
    both = biases[0] + biases[1]
    weights = joined(letters, of_x, of_h, both)
    size = len(both) // len(letters)
    del weights["W_h"]
    b_h = weights.pop("b_h")
    weights |= {"W_x": of_x[-size:], "W_n": of_h[-size:], "b_x": b_h}
    if reset_after:
        weights |= {"b_x": biases[0][-size:], "b_n": biases[1][-size:]}
    return weights


def coupled(weights: Mapping[str, Array]) -> dict[str, Array]:
    """Return the weights of an LSTM whose forget gate is 1 − i, as the cell "coupled" has them, whose i is 1 − f.

    1 − σ(z) = σ(−z): the forget gate gets the input gate's weights with the opposite sign.
    """
    kept = {name: array for name, array in weights.items() if name[2:] in ("C", "o")}
    return {"W_f": -weights["W_i"], "b_f": -weights["b_i"], **kept}
