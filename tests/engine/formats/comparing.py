"""How far the layers that were read from a file are from the network that was written into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log10
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.formats.found import Found
from engine.formats.running import outputs

T, BATCH = 50, 2
Differences = tuple[float, float | None]
"""From the source framework in float32, and in float64 where it can compute so."""

_RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_PLAIN = "-0123456789"
_SMALLEST = 1e-16


@dataclass(frozen=True)
class Case:
    """One row. compare: writes a random network into a folder, reads it back, and returns the largest differences."""

    file: str
    framework: str
    cell: str
    direction: str
    layers: int
    projection: str
    compare: Callable[[Path], Differences]

    @property
    def key(self) -> str:
        """The row without its numbers."""
        cells = self.file, self.framework, self.cell, self.direction, str(self.layers), self.projection
        return f"| {' | '.join(cells)} |"


def difference(found: Found, name: str, x: NDArray[np.floating], expected: NDArray[np.floating]) -> float:
    """Return max|a − b| / max|b| over all outputs: a of the layers read, b of the framework, both (T, batch, n)."""
    ours = np.stack([outputs(found, name, x[:, b].astype(np.float64)) for b in range(x.shape[1])], axis=1)
    return float(np.abs(ours - expected).max() / np.abs(expected).max())


def bound(value: float) -> str:
    """Return the power of ten above twice a value, as the guide has it: 10⁻⁷. Rounding in another order stays below."""
    power = str(ceil(log10(2 * max(value, _SMALLEST))))
    return f"10{power.translate(str.maketrans(_PLAIN, _RAISED))}"


def number(text: str) -> float:
    """Return what a bound in the guide means."""
    return float(10.0 ** int(text.strip().removeprefix("10").translate(str.maketrans(_RAISED, _PLAIN))))
