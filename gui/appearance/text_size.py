"""Sizes of text by what it is for, in pixels at 1080 lines; whoever presents gets larger ones."""

from __future__ import annotations

NOTE, TEXT, LEAD, SYMBOL, TITLE, FORMULA, FIGURE = 13, 15, 17, 20, 22, 30, 46
"""Of notes and numbers at axes, text, a sentence that leads, a symbol that stands alone, a title, a formula, a figure.

Text that is as large as there is room for it may be of another size.
"""
SMALLEST = 10
"""Of a matrix's numbers, at least."""
HALL = 1.6
"""What is read in a hall against what is read at a desk."""
SMALLEST_IN_A_HALL = 24
"""What can still be read in its last row: 18 pt at 96 dots an inch."""


def in_a_hall(size: float) -> float:
    """Return the size in a hall of text that has a size at a desk."""
    return max(HALL * size, SMALLEST_IN_A_HALL)
