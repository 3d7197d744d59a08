"""Several words in one sentence."""

from __future__ import annotations

from collections.abc import Iterable


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return words as a sentence has them: "a, b and c"; raises ValueError where there are none."""
    *before, end = words
    return f"{', '.join(before)} {last} {end}" if before else end
