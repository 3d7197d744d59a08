"""How wide the columns of the library are: as their texts need, so that no name is cut beside empty space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from PySide6.QtGui import QFontMetrics

from gui.appearance.theme import font
from gui.views.library.rows import HEADS, Column, Row

ELASTIC = (Column.NOTES, Column.NAME, Column.TASK, Column.CELL, Column.VERDICT)
"""Columns of words: they give way where there is not room for all, in this order."""
_MEASURED = 100
"""Lines that are measured; more are on no screen."""
_SORT_MARK, _BESIDE = 16, 14
"""Pixels at 1080 lines beside a heading and beside a text."""
_WIDEST = 420
"""Of a column of words; notes may be as long as a page."""


def needed(rows: Sequence[Row], usual: Mapping[Column, int], pixels: int, scale: float) -> dict[Column, int]:
    """Return the width that each column needs for these rows; usual: the least of those that are no words.

    pixels: size of the text. scale: pixels of this screen for one at 1080 lines.
    """
    found = {}
    for column in Column:
        texts = {row.texts[column] for row in rows[:_MEASURED]}
        widest = max((_advance(text, pixels) for text in texts), default=0) + round(_BESIDE * scale)
        head = _advance(HEADS[column], pixels) + round((_BESIDE + _SORT_MARK) * scale)
        least = 0 if column in ELASTIC else round(usual[column] * scale)
        found[column] = min(max(widest, head, least), round(_WIDEST * scale))
    return found


def shared(wanted: Mapping[Column, int], usual: Mapping[Column, int], room: int, scale: float) -> dict[Column, int]:
    """Return widths that fit the room, if that is possible: words give way; what is left over goes to the notes."""
    widths = dict(wanted)
    for column in ELASTIC:
        missing = sum(widths.values()) - room
        if missing > 0:
            least = min(widths[column], round(usual[column] * scale))
            widths[column] = max(least, widths[column] - missing)
    return widths


@lru_cache(4096)
def _advance(text: str, pixels: int) -> int:
    return QFontMetrics(font(pixels, bold=True)).horizontalAdvance(text)
