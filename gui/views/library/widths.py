"""How wide the columns of the library are: as their texts need, so that no name is cut beside empty space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from PySide6.QtGui import QFontMetrics

from gui.appearance.theme import font
from gui.views.library.rows import HEADS, Column, Row

ELASTIC = (Column.NOTES, Column.NAME, Column.TASK, Column.CELL, Column.VERDICT)
"""Columns of words: they give way where there is not room for all, in this order."""
_NARROWEST = 0.6
"""Of its usual width, a column of words."""
_MEASURED = 100
"""Lines that are measured; more are on no screen."""
_SORT_MARK, _BESIDE = 16, 14
"""Pixels at 1080 lines beside a heading and beside a text."""
_WIDEST = 420
"""Of the notes, which may be as long as a page."""


def needed(rows: Sequence[Row], pixels: int, scale: float) -> dict[Column, int]:
    """Return the width that each column needs for these rows.

    pixels: size of the text. scale: pixels of this screen for one at 1080 lines.
    """
    found = {}
    for column in Column:
        texts = {row.texts[column] for row in rows[:_MEASURED]}
        widest = max((_advance(text, pixels) for text in texts), default=0) + round(_BESIDE * scale)
        if column == Column.NOTES:
            widest = min(widest, round(_WIDEST * scale))
        found[column] = max(widest, heading(column, pixels, scale) + round(_SORT_MARK * scale))
    return found


def heading(column: Column, pixels: int, scale: float) -> int:
    """Return how wide a column is that shows its heading and no more."""
    return _advance(HEADS[column], pixels) + round(_BESIDE * scale)


def shared(needs: Mapping[Column, int], usual: Mapping[Column, int], room: int) -> dict[Column, int]:
    """Return widths that fit the room, if that is possible: what is left over goes to the notes.

    usual: what a column has where there is room. What they do not need, columns give up first; then those of words
    give way.
    """
    widths = {column: max(need, usual[column]) for column, need in needs.items()}
    narrow = {column: round(_NARROWEST * width) for column, width in usual.items()}
    for least, columns in ((needs, tuple(widths)), (usual, ELASTIC), (narrow, ELASTIC)):
        for column in columns:
            missing = sum(widths.values()) - room
            if column in widths and missing > 0:
                widths[column] = max(min(widths[column], least[column]), widths[column] - missing)
    return widths


@lru_cache(4096)
def _advance(text: str, pixels: int) -> int:
    return QFontMetrics(font(pixels, bold=True)).horizontalAdvance(text)
