"""What counts as solved, as numbers: one definition for verdicts, experiments and runs that end with it.

A task has what its source calls so; for a task that says nothing, or something else, a bound can be declared in words.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..setting import ConfigError, brief
from ..text.number_text import NumberTextError, parse_number

LAST = 2000
"""How many of the last training sequences the 1997 paper looks at."""
_USUAL_STEPS, _MOST_STEPS = 100, 10_000
_LONGEST = 200
"""Characters of a goal in words, at most: matching takes time that grows with their square."""
_WORDS = re.compile(
    r"\s*(?P<of>loss|measure)\s*(?:is\s+)?(?P<side>below|above|<|>)\s*(?P<bound>.*?\d\S*?)"
    r"(?:\s+for\s+(?P<steps>[\d,]{1,20})(?:\s+(?:training\s+)?steps?)?(?:\s+in\s+a\s+row)?)?\s*",
    re.IGNORECASE,
)
EXAMPLE = "measure below 20 for 100 steps"
"""How a goal is declared."""


@dataclass(frozen=True)
class Bound:
    """What each of so many training steps in a row has to keep to.

    of: "loss" or "measure", of the step's batch, before the network learnt from it. is_below: whether that is to be
    below the value, or above it; the value itself is excluded.
    """

    of: str
    is_below: bool
    value: float
    steps: int = _USUAL_STEPS

    @property
    def side(self) -> str:
        """Where the value is to be: "below" or "above"."""
        return "below" if self.is_below else "above"

    def holds(self, values: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
        """Return for each step whether it keeps to the bound; NaN never does."""
        kept: NDArray[np.bool_] = values < self.value if self.is_below else values > self.value
        return kept


@dataclass(frozen=True)
class Goal:
    """What the last training sequences must keep to, each judged before the network learnt from it.

    mean: of the mean error of them all; each: of the largest error of a sequence that is right; both bounds are
    excluded, and are infinite where only right and wrong count. wrong_at_most: how many sequences may be wrong. last:
    how many are looked at. sequences: what they are called. parts: of a sequence, if the measure counts these: 10
    symbols. bound: one that was declared; then nothing else counts.
    """

    mean: float = math.inf
    each: float = math.inf
    wrong_at_most: int = 0
    last: int = LAST
    sequences: str = "sequences"
    parts: int = 1
    bound: Bound | None = None

    @property
    def bounds_errors(self) -> bool:
        """Whether errors are bounded, or else only right and wrong count."""
        return self.each < math.inf

    def steps(self, batch_size: int) -> int:
        """Return how many of the last training steps are looked at."""
        return self.bound.steps if self.bound is not None else -(-self.last // batch_size)

    def judged_a_step(self, batch_size: int) -> int:
        """Return how many things of a training step are right or wrong."""
        return 1 if self.bound is not None else batch_size * self.parts


def goal_of_words(words: str) -> Goal | None:
    """Return the goal that is declared in words, as in EXAMPLE; None of no words. Raises ConfigError."""
    if not words.strip():
        return None
    found = _WORDS.fullmatch(words) if len(words) <= _LONGEST else None
    if found is None:
        raise ConfigError(
            f"Goal (goal) is {brief(words)}; write loss or measure, below or above, a number, and for how many "
            f"training steps in a row, as in {EXAMPLE}."
        )
    try:
        value = parse_number(found["bound"])
    except NumberTextError as error:
        raise ConfigError(f"Goal (goal) is {brief(words)}: {error}, as in {EXAMPLE}.") from error
    steps = int(found["steps"].replace(",", "") or 0) if found["steps"] else _USUAL_STEPS
    if not 1 <= steps <= _MOST_STEPS:
        raise ConfigError(f"Goal (goal) has to hold for {steps:,} steps; choose 1 to {_MOST_STEPS:,}.")
    return Goal(bound=Bound(found["of"].lower(), found["side"].lower() in ("below", "<"), value, steps))
