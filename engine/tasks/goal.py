"""What a task's source calls solved, as numbers: one definition for verdicts, experiments and runs that end with it."""

from __future__ import annotations

import math
from dataclasses import dataclass

LAST = 2000
"""How many of the last training sequences the 1997 paper looks at."""


@dataclass(frozen=True)
class Goal:
    """What the last training sequences must keep to, each judged before the network learnt from it.

    mean: of the mean error of them all; each: of the largest error of a sequence that is right; both bounds are
    excluded, and are infinite where only right and wrong count. wrong_at_most: how many sequences may be wrong. last:
    how many are looked at. sequences: what they are called. parts: of a sequence, if the measure counts these: 10
    symbols.
    """

    mean: float = math.inf
    each: float = math.inf
    wrong_at_most: int = 0
    last: int = LAST
    sequences: str = "sequences"
    parts: int = 1

    @property
    def bounds_errors(self) -> bool:
        """Whether errors are bounded, or else only right and wrong count."""
        return self.each < math.inf
