"""The dashes of curves, of runs, and of what is still to come: they say without colour what the colours say."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from gui.appearance.theme import Theme

Dashes = tuple[float, ...]
"""Lengths of a dash, a gap, a dash …, in widths of the line; none: the line is solid."""

SOLID: Dashes = ()
OF_ROLES: Mapping[str, Dashes] = {
    "forget": SOLID,
    "input": (9, 3, 1.5, 3, 1.5, 3),
    "candidate": (5, 3),
    "output": (1.5, 2.5),
    "cell": SOLID,
    "hidden": (9, 3, 1.5, 3),
}
"""Of curves by the role of what they show; a role that is not named is solid."""
OF_RUNS: tuple[Dashes, ...] = (SOLID, (6, 3), (1.5, 2.5), (9, 3, 1.5, 3))
"""Of the runs that are compared, in the order of the theme's colours for them."""


def dashed(pen: QPen, dashes: Dashes) -> QPen:
    """Give a pen dashes, and return it."""
    if dashes:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)  # a round end would close the gaps
        pen.setDashPattern(dashes)
    return pen


def role_pen(pen: QPen, role: str) -> QPen:
    """Give a pen the dashes of a role, and return it."""
    return dashed(pen, OF_ROLES.get(role, SOLID))


def to_come(theme: Theme, width: float) -> QPen:
    """Return the pen of what is not computed yet: dashes of one length, whether the line is thick or thin."""
    pen = QPen(QColor(theme.todo), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
    return dashed(pen, (6 / width, 4 / width))
