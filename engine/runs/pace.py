"""The pace of a run: at full speed, so many steps a second, or one step each time that it is told to.

Written "full", "50/s" and "1". It decides when a step is made and nothing else: the same run at another pace has the
same weights, bit for bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..errors import PlainError
from ..text.number_text import NumberTextError, parse_number

SLOWEST, FASTEST = 0.01, 10_000.0
"""Steps a second of a pace that is neither full speed nor one step at a time."""


class PaceError(PlainError, ValueError):
    """A text that is no pace; its own text is one sentence."""


@dataclass(frozen=True)
class Pace:
    """How many steps are made in a second: inf is full speed, 0 one step each time that it is told to."""

    per_s: float = math.inf

    @property
    def full(self) -> bool:
        """Whether nothing is waited for."""
        return self.per_s == math.inf

    @property
    def one_at_a_time(self) -> bool:
        """Whether each step is asked for."""
        return self.per_s == 0

    def __str__(self) -> str:
        if self.full:
            return "full"
        return "1" if self.one_at_a_time else f"{self.per_s:.10g}/s"


FULL, ONE_AT_A_TIME = Pace(), Pace(0.0)
WATCHED = Pace(50.0)
"""At which somebody who has never seen a run sees its loss fall."""


def pace_of_text(text: str) -> Pace:
    """Return the pace that "full", "1" or "50/s" means; raises PaceError, in one sentence, for another text."""
    written = text.strip().lower().replace(" ", "")
    if written == str(FULL):
        return FULL
    if written == str(ONE_AT_A_TIME):
        return ONE_AT_A_TIME
    number, slash, unit = written.partition("/")
    try:
        per_s = parse_number(number) if slash and unit == "s" else math.nan
    except NumberTextError:
        per_s = math.nan
    if not SLOWEST <= per_s <= FASTEST:  # so is NaN
        raise PaceError(
            f"The pace is “{text[:40]}”; write full, 1 (a step a key), or so many steps a second from {SLOWEST:g} to "
            f"{FASTEST:,.0f}, such as 50/s."
        )
    return Pace(per_s)
