"""New weights: how a new matrix is filled, or the part by which a matrix has grown."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

INITIALISATIONS = {"zeros": "Zeros", "ones": "Ones", "identity": "Identity-like", "xavier": "Xavier"}
"""Every initialisation with its title."""


def fresh(
    initialisation: str, name: str, shape: tuple[int, ...], blocks: tuple[int, ...] = (), seed: int = 0
) -> NDArray[np.float64]:
    """Return fresh values for one weight.

    Args:
        initialisation: one of INITIALISATIONS. Biases are 1 for "ones" and 0 for the others; "identity" sets
            the diagonal of every column block, so that unit i reads input i and hidden state i; "xavier"
            draws from U(-a, a), a = √(6 / (rows + columns)) (Glorot and Bengio 2010).
        name: the weight's name; with the seed it fixes the draw, whatever order weights are filled in.
        shape: (rows, columns), or (rows,) of a bias.
        blocks: widths of the column blocks of a matrix; one block where empty.
        seed: a non-negative integer.

    Raises:
        ValueError: the initialisation is unknown.
    """
    if initialisation not in INITIALISATIONS:
        raise ValueError(f"initialisation is one of {', '.join(INITIALISATIONS)}, not {initialisation!r}")
    if initialisation == "ones":
        return np.ones(shape)
    if initialisation == "zeros" or len(shape) == 1:
        return np.zeros(shape)
    rows, columns = shape
    if initialisation == "identity":
        return np.hstack([np.eye(rows, width) for width in (blocks or (columns,))])
    bound = np.sqrt(6 / (rows + columns))
    generator = np.random.default_rng((seed, zlib.crc32(name.encode())))
    return generator.uniform(-bound, bound, shape)
