"""Where everything stands: lanes of one time axis between their labels at the left and their scales at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRectF

_LEAST = 1.55
"""Height of a map in letters of a note, below which one is shown at a time: its name needs as much."""
_WIDE = 62
"""Letters across from which labels and scales have all their words."""
_SHARES = {"input": 1.3, "marks": 0.42, "alone": 0.7, "map": 1.0, "answer": 0.95}
"""How lanes share what height there is, relative to a map; alone: marks without any other input."""


@dataclass(frozen=True)
class Lanes:
    """The lanes of a picture. Each rectangle is as wide as the time axis.

    input: of curves or symbols; None where every input is a mark. marks: None where there are none. answer: None
    where the network's answers are not known.
    """

    input: QRectF | None
    marks: QRectF | None
    maps: tuple[QRectF, ...]
    answer: QRectF | None
    axis: QRectF
    wordy: bool
    """Whether labels have a second line of words."""

    @property
    def time(self) -> QRectF:
        """Everything that stands on the time axis, from the first lane to the axis itself."""
        first = next(lane for lane in (self.input, self.marks, *self.maps, self.axis) if lane is not None)
        return QRectF(first.left(), first.top(), first.width(), self.axis.top() - first.top())

    def x_of(self, t: float, steps: int) -> float:
        """Return where a time step begins, from 0."""
        return self.axis.left() + t * self.axis.width() / steps

    def step_at(self, x: float, steps: int) -> int:
        """Return the time step at a place, from 0; the nearest where it is beside the axis."""
        return min(max(int((x - self.axis.left()) / self.axis.width() * steps), 0), steps - 1)


@dataclass(frozen=True)
class Needs:
    """What is to be placed: which lanes there are, how large letters are, and how long labels and scales."""

    has_input: bool
    has_marks: bool
    has_answer: bool
    letter: int
    note: int
    label: float
    scale: float


@lru_cache(32)
def lay_out(width: float, height: float, maps: int, needs: Needs) -> Lanes:
    """Return the places of so many maps in a picture."""
    note = needs.note
    left, right = needs.label, max(1.0, width - needs.scale)
    left = min(left, right - 1)
    axis = round(1.9 * note)
    gap = max(3, round(0.45 * note))
    marks = "marks" if needs.has_input else "alone"
    parts: list[str] = ["input"] * needs.has_input + [marks] * needs.has_marks + ["map"] * maps
    parts += ["answer"] * needs.has_answer
    room = max(1.0, height - axis - gap * len(parts))
    shares = _with_least(parts, room, needs)
    y = 0.0
    found: dict[str, list[QRectF]] = {"input": [], marks: [], "map": [], "answer": []}
    for kind, share in zip(parts, shares, strict=True):
        top, bottom = round(y), round(y + share)
        found[kind].append(QRectF(round(left), top, round(right) - round(left), max(1, bottom - top)))
        y += share + (0 if kind == "input" and needs.has_marks else gap)
    below = QRectF(round(left), max(1, round(height)) - axis, round(right) - round(left), axis)
    tall = found["map"][0].height() if maps else 0
    return Lanes(
        found["input"][0] if found["input"] else None,
        found[marks][0] if found[marks] else None,
        tuple(found["map"]),
        found["answer"][0] if found["answer"] else None,
        below,
        tall >= 2.6 * note,
    )


def _with_least(parts: Sequence[str], room: float, needs: Needs) -> list[float]:
    """Return heights in which letters fit where letters stand; the maps share the rest."""
    count = max(1, parts.count("map"))
    # One map alone has the room of six; the lanes above and below do not grow with it.
    total = sum(_SHARES[part] for part in parts if part != "map") + max(count, 6)
    unit = room / total
    least = {
        "input": 2.2 * needs.letter,
        "marks": 1.5 * needs.note,
        "alone": 2.8 * needs.letter,
        "answer": 2.3 * needs.note,
    }
    heights = [max(_SHARES[part] * unit, least.get(part, 0.0)) for part in parts]
    fixed = sum(height for part, height in zip(parts, heights, strict=True) if part != "map")
    each = max(1.0, (room - fixed) / count)
    return [each if part == "map" else height for part, height in zip(parts, heights, strict=True)]


def fits(width: float, height: float, maps: int, needs: Needs) -> bool:
    """Return whether so many maps are high enough to be told apart, with their names beside them."""
    return lay_out(width, height, maps, needs).maps[0].height() >= _LEAST * needs.note if maps else True


def is_wide(width: float, letter: int) -> bool:
    """Return whether labels and scales have room for all their words."""
    return width >= _WIDE * letter
