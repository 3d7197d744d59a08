"""The measure on held-out rows, which training never sees, beside that of the trivial answer.

Where examples are cut out of a file, a network can be right in every batch and wrong about what comes after: only the
held-out rows say whether it forecasts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..text import numbers

_MOST_ROWS = 2**53


@dataclass(frozen=True)
class HeldOut:
    """A network on held-out rows. rows: how many. measure, trivial: of the network and of the trivial answer.

    Both are the task's measure, of which less is better; measure_name and trivial_name are the task's words. beyond: in
    how many rows the target is below or above everything that was trained on.
    Raises ValueError for anything else, for it may come from a file that somebody sends.
    """

    rows: int
    measure_name: str
    measure: float
    trivial_name: str
    trivial: float
    beyond: int = 0

    def __post_init__(self) -> None:
        counts = isinstance(self.rows, int) and isinstance(self.beyond, int)
        counts = counts and 0 <= self.beyond <= self.rows <= _MOST_ROWS and self.rows > 0
        named = isinstance(self.measure_name, str) and isinstance(self.trivial_name, str)
        measured = numbers.is_real(self.measure) and numbers.is_real(self.trivial)
        if not (counts and named and measured):
            raise ValueError("held-out rows, their measure and that of the trivial answer were expected")

    @property
    def is_below_trivial(self) -> bool:
        """Whether the network does better than the trivial answer."""
        return self.measure < self.trivial

    @property
    def words(self) -> str:
        """Both numbers in words: "held-out error 1,383, trivial answer 101"."""
        return f"held-out error {numbers.grouped(self.measure)}, trivial answer {numbers.grouped(self.trivial)}"

    @property
    def members(self) -> dict[str, Any]:
        """What JSON says of it; null for what is no finite number."""
        return {
            "rows": self.rows,
            "measure": {self.measure_name: _finite(self.measure)},
            "trivial": {self.trivial_name: _finite(self.trivial)},
            "beyond": self.beyond,
        }

    @classmethod
    def of(cls, members: Mapping[str, Any] | None) -> HeldOut | None:
        """Return what `members` was made of, None of None; raises ValueError for anything else."""
        if members is None:
            return None
        try:
            ((measure_name, measure),) = members["measure"].items()
            ((trivial_name, trivial),) = members["trivial"].items()
            rows, beyond = members["rows"], members.get("beyond", 0)
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise ValueError("rows, measure and trivial of held-out rows were expected") from error
        measure, trivial = (math.nan if value is None else value for value in (measure, trivial))
        return cls(rows, measure_name, measure, trivial_name, trivial, beyond)


def count_beyond(wanted: NDArray[np.floating[Any]], trained: NDArray[np.floating[Any]]) -> int:
    """Return how many of some values are below or above all those that were trained on."""
    return int(np.count_nonzero((wanted < trained.min()) | (wanted > trained.max())))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
