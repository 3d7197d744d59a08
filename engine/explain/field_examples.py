"""Examples of the field: what the parts of a cell are good for, in language and in an epidemic."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .parts import Use

_EXAMPLES: Mapping[Use | str, str] = MappingProxyType(
    {
        Use.KEEPS: "An outbreak that is over: {g} near 0 lets its old counts go, for they no longer matter.",
        Use.WRITES: "A new subject of a sentence: {g} near 1 writes its number; words without one leave C as it is.",
        Use.TELLS: (
            "A plural noun stays in C until a later verb needs it; then {g} opens, and the verb gets its form. In an"
            " outbreak C may hold how many people are susceptible, told only when new cases depend on it."
        ),
        Use.READS: "The first word of a new sentence: {g} near 0 lets the candidate ignore the sentence before.",
        "candidate": "In an outbreak, {g} is what this week's new cases would change in the count.",
        "hidden": "In a sentence, h tells the number of the noun once {g} opens, though C has held it all along.",
    }
)

WHAT_SAVES = (
    "Back along this line a gradient is multiplied by {by}, by no slope and by no W: that is what saves {cell}."
)
RELU_AND_DEPTH = (
    "ReLU's slope of 1 helps depth: through many layers it does not shrink a gradient, as σ′ (at most 0.25) and tanh′"
    " (at most 1) do. Over time it would not help: the same W would multiply a gradient at every step."
)


def example_of(of: Use | str, letter: str) -> str:
    """Return the example for a gate's use, for the candidate or for the hidden state; letter: the gate that acts."""
    return _EXAMPLES[of].format(g=letter)
