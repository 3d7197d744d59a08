"""Computes where cells side by side are drawn, at any zoom: bodies, lines, and the joints between them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath

from gui.diagram.layout import HEIGHT, WIDTH, Layout
from gui.diagram.paths import rounded_path

BODIES_FROM, COLUMNS_FROM, DIAGRAM_FROM = 10.0, 120.0, 500.0
"""Width of a step from which its body is told apart, its gates are drawn, the whole diagram is."""
CELL_LINE, HIDDEN_LINE = 0.19, 0.81
"""Where C and h pass through a small body, as shares of its height from its top."""
_DIAGRAM_SHARE = 0.94
"""Share of a step's width that its diagram takes; between diagrams the lines can be seen."""
ASPECT = _DIAGRAM_SHARE * HEIGHT / WIDTH
"""Height of a diagram over its step's width."""


def body_rect(width: float, height: float) -> QRectF:
    """Return a small cell's body within the room of a step; x_t stands below it."""
    side = 0.09 * width
    return QRectF(side, 3, width - 2 * side, 0.77 * height - 3)


def input_rect(width: float, height: float) -> QRectF:
    """Return the room of x_t within that of a step."""
    body = body_rect(width, height)
    return QRectF(body.left(), 0.83 * height, body.width(), 0.17 * height - 2)


@dataclass(frozen=True)
class Row:
    """Steps side by side: the first begins at `left`, each is `pitch` wide; `top` and `height` are theirs."""

    steps: int
    layout: Layout
    left: float
    pitch: float
    top: float
    height: float

    @property
    def whole(self) -> bool:
        """Whether there is room for diagrams."""
        return self.pitch >= DIAGRAM_FROM

    @property
    def pictured(self) -> bool:
        """Whether each step has a picture of its own."""
        return self.pitch >= COLUMNS_FROM

    @property
    def radius(self) -> float:
        """Radius of a body's corners."""
        return 28 * self.height / HEIGHT if self.whole else min(16.0, self.pitch / 6)

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of a step's picture."""
        return round(self.pitch * (_DIAGRAM_SHARE if self.whole else 1.0)), round(self.height)

    def in_view(self, width: float) -> range:
        """Return the steps of which something is seen."""
        first = max(0, int(-self.left // self.pitch))
        return range(first, max(first, min(self.steps, int((width - self.left) // self.pitch) + 1)))

    def step(self, t: int) -> QRectF:
        """Return the room of a step."""
        return QRectF(self.left + t * self.pitch, self.top, self.pitch, self.height)

    def picture(self, t: int) -> QRectF:
        """Return where a step's picture stands: on whole pixels, for it is not smoothed."""
        width, height = self.picture_size
        left = self.step(t).left() + (self.pitch - width) / 2
        return QRectF(round(left), round(self.top), width, height)

    def body(self, t: int) -> QRectF:
        """Return a step's body."""
        if not self.whole:
            return body_rect(self.pitch, self.height).translated(self.step(t).topLeft())
        left, top, right, bottom = (edge * self.height / HEIGHT for edge in self.layout.body)
        return QRectF(left, top, right - left, bottom - top).translated(self.picture(t).topLeft())

    def input(self, t: int) -> QRectF:
        """Return the room of x_t below a small body."""
        return input_rect(self.pitch, self.height).translated(self.step(t).topLeft())

    def line(self, name: str, leaving: bool = False) -> float:
        """Return the height at which C or h enters a step, or leaves it."""
        if self.whole:
            slot = name if leaving else name.replace("_t", "_prev")
            return self.top + self.layout.slots[slot].centre[1] / HEIGHT * self.height
        body = self.body(0)
        return body.top() + body.height() * (CELL_LINE if name == "C_t" else HIDDEN_LINE)

    def joint(self, name: str, t: int) -> QPainterPath:
        """Return the way of C or h into step t; for t = T, out of the last."""
        if not self.whole:
            middle = self.step(t).left()
            y = self.line(name)
            return rounded_path([(middle - self.pitch / 2, y), (middle + self.pitch / 2, y)])
        reach = self.pitch * (1 - _DIAGRAM_SHARE) / 2 + 5 * self.height / HEIGHT
        x, coming = self.step(t).left(), self.line(name)
        start = self.line(name, leaving=True) if t else coming
        end = self.line(name, leaving=True) if t == self.steps else coming
        return rounded_path([(x - reach, start), (x, start), (x, end), (x + reach, end)], 12)
