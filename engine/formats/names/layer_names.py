"""Gives each recurrent layer of a file its place in a stack, and every stack a name of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Level = tuple[str, int]
"""The name of a stack and a number in it, from 0."""


class LayerNames:
    """Which stacks there are, and how many numbers each of their levels passes on."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, int, bool]] = set()
        self._widths: dict[Level, int] = {}

    def place(self, name: str, below: Level | None, m: int, n: int, directions: Sequence[bool]) -> Level:
        """Return the stack and number of a layer of n units that reads m numbers from a level below, if that fits.

        name: what it is called where it begins a stack. directions: whether each of its directions is reverse.
        """
        level = (name, 0)
        if below is not None and self._widths.get(below) == m:
            above = (below[0], below[1] + 1)
            level = above if self._is_free(above, directions) else level
        while not self._is_free(level, directions):
            level = (_next(level[0]), 0)
        self._taken |= {(*level, reverse) for reverse in directions}
        self._widths[level] = self._widths.get(level, 0) + n * len(directions)
        return level

    def width(self, level: Level) -> int:
        """Return how many numbers a level passes on, both directions together; 0 of one that there is not."""
        return self._widths.get(level, 0)

    def join(self, forward: Level, backward: Level) -> None:
        """Make a reverse level part of a forward one, as what reads them has them side by side."""
        self._taken.add((*forward, True))
        self._widths[forward] += self._widths.pop(backward)

    def _is_free(self, level: Level, directions: Iterable[bool]) -> bool:
        return not any((*level, reverse) in self._taken for reverse in directions)


def _next(name: str) -> str:
    """Return "LSTM 2" after "LSTM"."""
    plain, _, number = name.rpartition(" ")
    return f"{plain} {int(number) + 1}" if plain and number.isdecimal() and len(number) < 6 else f"{name} 2"
