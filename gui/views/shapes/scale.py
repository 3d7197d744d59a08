"""Measures a shape of the cell: its letters, its parts, and the room that it needs at a scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF

from engine.cell.cell import shape_text
from engine.explain.dimensions import Drawn

LARGEST_DRAWN = 64
"""Entries of a longer axis are drawn with a break: so many of them, half from its start and half from its end."""
BRACKETS = ("(", ")")

Measure = Callable[[str, float], QSizeF]
"""Size of LaTeX in letters of so many pixels."""


@dataclass(frozen=True)
class Letters:
    """Sizes in pixels: of symbols, of the letters at brackets and of shapes below, in so many lines."""

    symbol: float
    letter: float
    caption: float
    lines: int
    gap: float
    """What a bracket, its ticks and what is around them are measured in."""
    worth: float
    """Length of [x_t, h_{t-1}] over a symbol's height from which on these letters leave room enough for shapes."""


@dataclass(frozen=True)
class Part:
    """The entries of one size by one size: those columns of W that meet x_t."""

    rows: str
    columns: str
    """Empty in a vector."""
    rect: QRectF


@dataclass(frozen=True)
class Placed:
    """A vector or a matrix at its place."""

    key: str
    drawn: Drawn
    body: QRectF
    parts: tuple[Part, ...]

    def of_rows(self, axis: str) -> QRectF:
        """Return the rectangle of the rows of one size."""
        return next(part.rect for part in self.parts if part.rows == axis)

    def of_columns(self, axis: str) -> QRectF:
        """Return the rectangle of the columns of one size."""
        return next(part.rect for part in self.parts if part.columns == axis)


@dataclass(frozen=True)
class Sign:
    """A sign at its place; its rectangle is as high as what it stands beside."""

    key: str
    latex: str
    rect: QRectF


@dataclass(frozen=True)
class Layout:
    """Everything at its place, with the pixels of one entry."""

    shapes: tuple[Placed, ...]
    signs: tuple[Sign, ...]
    entry: float
    letters: Letters
    divider: float
    """Where what comes in ends."""
    room: QSizeF
    """The room that there is."""

    def shape(self, key: str) -> Placed:
        """Return a shape by its key, "given/x_t" or "f_t/W_f"; raise KeyError if it is not there."""
        return {placed.key: placed for placed in self.shapes}[key]


@dataclass(frozen=True)
class Box:
    """How far a thing reaches from the middle of its body."""

    left: float
    right: float
    above: float
    below: float
    before: float
    """How far left it reaches beside its body, with its brackets: signs stand up to there."""
    after: float


@dataclass(frozen=True)
class _Words:
    """Pixels of what is written at a shape: across at its brackets, at its side, of its symbol, and below."""

    label: float
    side: float
    symbol: QSizeF
    caption: float


class Page:
    """Letters with what has been measured of them, which is the same at every scale."""

    def __init__(self, sizes: Mapping[str, int], letters: Letters, measure: Measure) -> None:
        self.letters = letters
        self.measure = measure
        self._sizes = sizes
        self._words: dict[tuple[str, str], _Words] = {}

    def words(self, drawn: Drawn) -> _Words:
        """Return what is written at a shape."""
        key = (drawn.name, drawn.equal)
        if key not in self._words:
            letters, measure = self.letters, self.measure
            label = max(measure(row_label(drawn, axis), letters.letter).width() for axis in drawn.rows)
            side = max((measure(part.latex, letters.symbol).width() for part in drawn.parts), default=0.0)
            symbol = QSizeF(0, 0) if drawn.parts else measure(drawn.latex, letters.symbol)
            below = captions(drawn, self._sizes, letters.lines)
            caption = max((measure(line, letters.caption).width() for line in below), default=0.0)
            self._words[key] = _Words(label, side, symbol, caption)
        return self._words[key]


class Scale:
    """Everything that sizes depend on: a page, m, n and k, and the pixels of one entry."""

    def __init__(self, page: Page, sizes: Mapping[str, int], entry: float) -> None:
        self.page = page
        self.letters = page.letters
        self.sizes = sizes
        self.entry = entry
        self._boxes: dict[tuple[str, str], Box] = {}

    def extent(self, axes: Sequence[str]) -> float:
        """Return the pixels of an axis; a vector is one entry wide."""
        return sum(map(self.of_part, axes)) if axes else self.of_part("")

    def of_part(self, axis: str) -> float:
        if not axis:
            return max(self.entry, 2 * self.letters.gap)  # a vector's width never gets so thin that its colours go
        return max(min(self.sizes[axis], LARGEST_DRAWN) * self.entry, self.letters.gap)

    def box(self, drawn: Drawn) -> Box:
        """Return the room that a shape takes with its brackets, its symbol and its shape in words."""
        key = (drawn.name, drawn.equal)
        if key not in self._boxes:
            self._boxes[key] = self._box(drawn)
        return self._boxes[key]

    def _box(self, drawn: Drawn) -> Box:
        letters, words = self.letters, self.page.words(drawn)
        gap = letters.gap
        width, height = self.extent(drawn.columns) / 2, self.extent(drawn.rows) / 2
        before, after = width + words.label + 3 * gap, width + (gap + words.side if drawn.parts else 0)
        half = max(words.symbol.width(), words.caption) / 2
        above = height + (0 if drawn.parts else words.symbol.height() + gap)
        below = height + gap + (2 * gap + letters.letter if drawn.columns else 0)
        below += 1.25 * letters.caption * letters.lines
        return Box(max(before, half), max(after, half), above, below, before, after)

    def place(self, key: str, drawn: Drawn, middle: QPointF) -> Placed:
        """Return a shape with the middle of its body at a point."""
        width, height = self.extent(drawn.columns), self.extent(drawn.rows)
        body = QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)
        parts, y = [], body.top()
        for row in drawn.rows:
            x, tall = body.left(), self.of_part(row)
            for column in drawn.columns or ("",):
                wide = self.of_part(column)
                parts.append(Part(row, column, QRectF(x, y, wide, tall)))
                x += wide
            y += tall
        return Placed(key, drawn, body, tuple(parts))


def row_label(drawn: Drawn, axis: str) -> str:
    """Return what stands at the bracket of a row axis: "k", and "n = k" where two sizes must be one."""
    return f"{axis} = {drawn.equal}" if drawn.equal else axis


def captions(drawn: Drawn, sizes: Mapping[str, int], lines: int) -> tuple[str, ...]:
    r"""Return the shape as it stands below, k{\times}(m+n) and 3×6: both, the numbers alone, or nothing."""
    shape = tuple("+".join(axis) for axis in (drawn.rows, drawn.columns) if axis)
    both = shape_text(shape).replace("×", r"{\times}"), shape_text(shape, sizes)
    return both[2 - lines :] if lines else ()
