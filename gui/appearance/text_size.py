"""Sizes of text by purpose, in pixels on a screen of 1080 lines; larger ones for a presentation."""

from __future__ import annotations

NOTE, TEXT, LEAD, SYMBOL, TITLE, FORMULA, FIGURE = 13, 15, 17, 20, 22, 30, 46
"""For notes and numbers at axes, text, a leading sentence, a symbol alone, a title, a formula, a figure.

Text that is fitted to its room may have another size.
"""
SMALLEST = 10
"""The least size of a matrix's numbers."""
HALL = 1.6
"""How much larger text is in a lecture hall than at a desk."""
SMALLEST_IN_A_HALL = 24
"""The least size that can be read in its last row: 18 pt at 96 dots per inch."""


def in_a_hall(size: float) -> float:
    """Return the size in a lecture hall of text that has `size` at a desk."""
    return max(HALL * size, SMALLEST_IN_A_HALL)
