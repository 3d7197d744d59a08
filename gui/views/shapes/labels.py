"""Places what is written at the shapes: symbols, signs, the letters at brackets, and sizes such as 3×6."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from gui.appearance.theme import Theme
from gui.views.shapes.brackets import apart, axis_colour
from gui.views.shapes.scale import BRACKETS, Layout, Letters, Placed, captions, row_label
from gui.views.shapes.stamps import Stamps


@dataclass(frozen=True, eq=False)
class Label:
    """A piece of writing around a point; `key` stays while sizes change, so that it can move."""

    key: str
    text: str
    middle: QPointF
    pixels: float
    colour: QColor


class Labels:
    """Finds the place of everything that is written in a layout."""

    def __init__(self, stamps: Stamps, theme: Theme, letters: Letters, sizes: Mapping[str, int]) -> None:
        self._stamps = stamps
        self._theme = theme
        self._letters = letters
        self._sizes = sizes
        self._found: list[Label] = []

    def of(self, layout: Layout) -> list[Label]:
        """Return all that is written."""
        self._found = []
        ink = QColor(self._theme.ink)
        for sign in layout.signs:
            if sign.latex not in BRACKETS:
                self._add(sign.key, sign.latex, sign.rect.center(), self._letters.symbol, ink)
        for placed in layout.shapes:
            self._symbols(placed)
            self._axes(placed)
            self._captions(placed)
        return self._found

    def _add(self, key: str, text: str, middle: QPointF, pixels: float, colour: QColor) -> None:
        self._found.append(Label(key, text, middle, pixels, colour))

    def _symbols(self, placed: Placed) -> None:
        """Write the symbol above; of [x_t, h_{t-1}] those of its parts at their side."""
        drawn, body, gap, pixels = placed.drawn, placed.body, self._letters.gap, self._letters.symbol
        if not drawn.parts:
            height = self._stamps.size(drawn.latex, pixels).height()
            middle = QPointF(body.center().x(), body.top() - gap - height / 2)
            self._add(placed.key, drawn.latex, middle, pixels, self._theme.role(drawn.role))
        middles = apart([part.rect.center().y() for part in placed.parts], 1.1 * pixels)
        for of_part, y in zip(drawn.parts, middles, strict=False):  # none of them elsewhere
            x = body.right() + gap + self._stamps.size(of_part.latex, pixels).width() / 2
            role = self._theme.role(of_part.role)
            self._add(f"{placed.key} {of_part.name}", of_part.latex, QPointF(x, y), pixels, role)

    def _axes(self, placed: Placed) -> None:
        """Write the letter of each size outside its bracket."""
        drawn, body, gap, pixels = placed.drawn, placed.body, self._letters.gap, self._letters.letter
        middles = apart([placed.of_rows(axis).center().y() for axis in drawn.rows], pixels)
        for axis, y in zip(drawn.rows, middles, strict=True):
            label = row_label(drawn, axis)
            x = body.left() - 2.5 * gap - self._stamps.size(label, pixels).width() / 2
            self._add(f"{placed.key} rows {axis}", label, QPointF(x, y), pixels, axis_colour(self._theme, axis))
        middles = apart([placed.of_columns(axis).center().x() for axis in drawn.columns], pixels)
        for axis, x in zip(drawn.columns, middles, strict=True):
            middle = QPointF(x, body.bottom() + 2.5 * gap + pixels / 2)
            self._add(f"{placed.key} columns {axis}", axis, middle, pixels, axis_colour(self._theme, axis))

    def _captions(self, placed: Placed) -> None:
        """Write the shape below."""
        letters, drawn = self._letters, placed.drawn
        y = placed.body.bottom() + letters.gap + (2 * letters.gap + letters.letter if drawn.columns else 0)
        for number, line in enumerate(captions(drawn, self._sizes, letters.lines)):
            middle = QPointF(placed.body.center().x(), y + 0.62 * letters.caption)
            self._add(f"{placed.key} caption {number}", line, middle, letters.caption, QColor(self._theme.muted))
            y += 1.25 * letters.caption
