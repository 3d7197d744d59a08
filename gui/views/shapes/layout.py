"""Places the shapes of a cell: grids to one scale, in equations, in rows that fit the room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

from engine.explain.dimensions import Drawn, Equation, Picture
from gui.views.shapes.scale import BRACKETS, Box, Layout, Letters, Measure, Page, Placed, Scale, Sign

_MUCH = 1.7
"""A scale is given up for a larger one where shapes become so many times as large."""
_LADDER = tuple(40 * 0.88**step for step in range(48))
"""Pixels that an entry may have, from largest to smallest; a scale of steps, so that it rarely changes."""


def fit(
    picture: Picture,
    sizes: Mapping[str, int],
    room: QSizeF,
    letters: Sequence[Letters],
    measure: Measure,
    before: Layout | None = None,
) -> Layout:
    """Return everything at its place in a room, as large as it goes.

    Richer letters come first; leaner ones are taken where shapes would be small beside the rich. What fits at the
    scale `before` keeps it, so that a size that grows shows in its own axis and in no other.
    """
    pages = [Page(sizes, these, measure) for these in letters]
    if before is not None and _alike(before.room, room):
        for page in pages:
            scale, large = (Scale(page, sizes, before.entry * by) for by in (1.0, _MUCH))
            if page.letters == before.letters and _fits(picture, scale, room) and not _fits(picture, large, room):
                return _placed(picture, scale, room)
    roomy = _scale(picture, {name: size + 1 for name, size in sizes.items()}, room, pages)
    return _placed(picture, Scale(roomy.page, sizes, roomy.entry), room)


def _alike(room: QSizeF, other: QSizeF) -> bool:
    """Return whether two rooms differ by some lines of text at most."""
    return room.width() == other.width() and abs(room.height() - other.height()) < 0.15 * other.height()


def _scale(picture: Picture, sizes: Mapping[str, int], room: QSizeF, pages: Sequence[Page]) -> Scale:
    """Return the largest scale that fits, with the richest letters beside which shapes are not small."""
    for page in pages:
        low, high = 0, len(_LADDER) - 1
        while low < high:
            middle = (low + high) // 2
            fits = _fits(picture, Scale(page, sizes, _LADDER[middle]), room)
            low, high = (low, middle) if fits else (middle + 1, high)
        scale = Scale(page, sizes, _LADDER[low])
        if scale.extent(picture.joined.rows) >= page.letters.worth * page.letters.symbol:
            break
    return scale


def _fits(picture: Picture, scale: Scale, room: QSizeF) -> bool:
    divider = _divider(picture, scale)
    shelves = _shelves(picture, scale, room.width() - divider - 2 * scale.letters.gap)
    needed = divider + 2 * scale.letters.gap + max(shelf.width for shelf in shelves)
    return needed <= room.width() and max(_height(shelves, scale), _strip_height(picture, scale)) <= room.height()


def _height(shelves: Sequence[_Shelf], scale: Scale) -> float:
    return sum(shelf.height for shelf in shelves) + 2 * scale.letters.gap * (len(shelves) - 1)


def _placed(picture: Picture, scale: Scale, room: QSizeF) -> Layout:
    gap = scale.letters.gap
    strip = _strip(picture, scale, room.height())
    divider = _divider(picture, scale)
    shelves = _shelves(picture, scale, room.width() - divider - 2 * gap)
    needed = _height(shelves, scale)
    spare = max(0.0, room.height() - needed) / (len(shelves) + 1)
    shapes, signs, y = list(strip), [], min(spare, 8 * gap)
    for shelf in shelves:
        x = divider + 2 * gap
        apart = min(max(0.0, room.width() - x - shelf.width) / len(shelf.rows), 8 * gap)
        for row in shelf.rows:
            more, others = _set(row, scale, QPointF(x, y + shelf.above))
            shapes += more
            signs += others
            x += row.width + 3 * gap + apart
        y += shelf.height + 2 * gap + min(spare, 8 * gap)
    return Layout(tuple(shapes), tuple(signs), scale.entry, scale.letters, divider, room)


# ---- what comes in


def _strip_height(picture: Picture, scale: Scale) -> float:
    boxes = [scale.box(drawn) for drawn in picture.given]
    return sum(box.above + box.below for box in boxes) + scale.letters.gap * (len(boxes) - 1)


def _divider(picture: Picture, scale: Scale) -> float:
    """Return where what comes in ends."""
    boxes, joined, gap = [scale.box(drawn) for drawn in picture.given], scale.box(picture.joined), scale.letters.gap
    return max(box.left for box in boxes) + max(box.right for box in boxes) + joined.left + joined.right + 3 * gap


def _strip(picture: Picture, scale: Scale, height: float) -> list[Placed]:
    """Place what comes in below each other, and [x_t, h_{t-1}] beside the two that it consists of."""
    boxes, gap = [scale.box(drawn) for drawn in picture.given], scale.letters.gap
    left, right = max(box.left for box in boxes), max(box.right for box in boxes)
    apart = min(max(0.0, height - _strip_height(picture, scale)) / (len(boxes) + 1), 8 * gap)
    result, y = [], apart
    for drawn, box in zip(picture.given, boxes, strict=True):
        result.append(scale.place(f"given/{drawn.name}", drawn, QPointF(left, y + box.above)))
        y += box.above + box.below + gap + apart
    parts = [placed.body for placed in result if placed.drawn in picture.joined.parts]
    middle = (min(body.top() for body in parts) + max(body.bottom() for body in parts)) / 2
    x = left + right + gap + scale.box(picture.joined).left
    return [*result, scale.place(f"given/{picture.joined.name}", picture.joined, QPointF(x, middle))]


# ---- equations


@dataclass(frozen=True)
class _Row:
    """An equation with the room that it takes."""

    equation: Equation
    boxes: tuple[Box, ...]
    width: float
    above: float
    below: float


@dataclass(frozen=True)
class _Shelf:
    """Equations side by side."""

    rows: tuple[_Row, ...]
    width: float

    @property
    def above(self) -> float:
        return max(row.above for row in self.rows)

    @property
    def height(self) -> float:
        return self.above + max(row.below for row in self.rows)


def _shelves(picture: Picture, scale: Scale, width: float) -> list[_Shelf]:
    """Put the layers side by side as long as there is room, then what is made of them."""
    result: list[_Shelf] = []
    last = [equation for equation in picture.equations if not _reads_joined(picture, equation)]
    layers = [equation for equation in picture.equations if _reads_joined(picture, equation)]
    for group in (layers, last):
        shelf: list[_Row] = []
        used = 0.0
        for row in (_row(equation, scale) for equation in group):
            wider = used + row.width + (3 * scale.letters.gap if shelf else 0)
            if shelf and wider > width:
                result.append(_Shelf(tuple(shelf), used))
                shelf, wider = [], row.width
            shelf.append(row)
            used = wider
        if shelf:
            result.append(_Shelf(tuple(shelf), used))
    return result


def _reads_joined(picture: Picture, equation: Equation) -> bool:
    return any(drawn.name == picture.joined.name for drawn in equation.drawn)


def _row(equation: Equation, scale: Scale) -> _Row:
    boxes = tuple(
        scale.box(piece) if isinstance(piece, Drawn) else _sign_box(piece, scale) for piece in equation.pieces
    )
    width = sum(box.left + box.right for box in boxes)
    return _Row(equation, boxes, width, max(box.above for box in boxes), max(box.below for box in boxes))


def _sign_box(latex: str, scale: Scale) -> Box:
    letters = scale.letters
    if latex in BRACKETS:
        return Box(1.5 * letters.gap, 1.5 * letters.gap, 0, 0, 1.5 * letters.gap, 1.5 * letters.gap)
    half = scale.page.measure(latex, letters.symbol).width() / 2 + letters.gap
    return Box(half, half, 0, 0, half, half)


def _set(row: _Row, scale: Scale, start: QPointF) -> tuple[list[Placed], list[Sign]]:
    """Place an equation from a point on its middle line to the right."""
    shapes: list[Placed] = []
    signs: list[Sign] = []
    x, ends = start.x(), start.x()
    pending: list[Sign] = []  # signs since the last shape, to be moved to the middle of the room there is
    tall = max(1.3 * scale.letters.symbol, *(scale.extent(drawn.rows) for drawn in row.equation.drawn))
    for key, piece, box in zip(_keys(row.equation), row.equation.pieces, row.boxes, strict=True):
        if isinstance(piece, Drawn):
            middle = x + box.left
            shapes.append(scale.place(key, piece, QPointF(middle, start.y())))
            if pending:
                aside = (ends + middle - box.before - pending[0].rect.left() - pending[-1].rect.right()) / 2
                signs += [replace(sign, rect=sign.rect.translated(aside, 0)) for sign in pending]
                pending = []
            ends = middle + box.after
        else:
            pending.append(Sign(key, piece, QRectF(x, start.y() - tall / 2, box.left + box.right, tall)))
        x += box.left + box.right
    return shapes, signs + pending


def _keys(equation: Equation) -> Iterator[str]:
    """Return a key for each piece, which stays while sizes change: "f_t/W_f", "f_t/sign 1"."""
    signs = 0
    for piece in equation.pieces:
        if isinstance(piece, Drawn):
            yield f"{equation.name}/{piece.name}"
        else:
            signs += 1
            yield f"{equation.name}/sign {signs}"
