"""Shows a text on coloured ground: lines are broken once, the colours change with every snapshot."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QStaticText
from PySide6.QtWidgets import QWidget

from gui.appearance.colour_maps import colours_of, letters_of
from gui.appearance.hatching import NOT_A_NUMBER, Missing, hatch_cell
from gui.appearance.theme import Theme, font, pale
from gui.widgets.own_keys import OwnKeys

MARKS = {" ": "·", "\n": "↵", "\t": "→", "\f": "↵", "\u00a0": "·", "\ufffd": "?"}
"""What is drawn for a character that has no picture of its own."""
_NARROWEST = 0.5
"""Of a character's place, in its height: a colour has to be seen behind an i as well."""
_BESIDE = 0.08
"""Room beside a letter, in its height."""
_WORTH_A_BREAK = 0.6
"""Letters that let every line stand unbroken are at least so large against others."""
_MEASURED = 100
"""Letters are measured once, in this size."""
_LINE = 1.45
"""Height of a line in sizes of its letters."""
_GAP = 3
_QUIET = 130
"""How opaque a mark is, of 255."""
_MOVES = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_KEYS = (*_MOVES, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


def mark(character: str) -> str:
    """Return what is drawn for a character."""
    return MARKS.get(character, character)


@dataclass(frozen=True)
class Lines:
    """Where each character stands: left edges and widths (T,), the first character of each line."""

    left: Sequence[float]
    width: Sequence[float]
    starts: Sequence[int]

    def line(self, place: int) -> int:
        """Return the line of a character, from 0."""
        return bisect_right(self.starts, place) - 1

    def range_of(self, line: int) -> range:
        """Return the characters of a line."""
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.left)
        return range(self.starts[line], end)

    def nearest(self, line: int, x: float) -> int:
        """Return the character of a line that stands at x, or next to it."""
        found = self.range_of(line)
        return next((place for place in found if x < self.left[place] + self.width[place]), found[-1])


def broken(text: str, widths: Sequence[float], room: float) -> Lines:
    """Break a text after its newlines, and after a space or a hyphen where a line has no room for the next word."""
    starts, left = [0], [0.0] * len(text)
    x, breakable = 0.0, 0
    for place, character in enumerate(text):
        if x + widths[place] > room and place > starts[-1]:
            begin = breakable if breakable > starts[-1] else place
            starts.append(begin)
            x = 0.0
            for again in range(begin, place):
                left[again] = x
                x += widths[again]
        left[place] = x
        x += widths[place]
        if character in " -":
            breakable = place + 1
        elif character == "\n" and place + 1 < len(text):
            starts.append(place + 1)
            x = 0.0
    return Lines(left, widths, starts)


class ReadingPane(QWidget):
    """Shows a text; the mouse and the arrow keys point at one of its characters."""

    pointed_at = Signal(int)
    """The place of the character that is pointed at now, from 0."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.places: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        """For each character its colour, as a place in the table."""
        self._missing: Missing | None = None
        self.pointed = 0
        self._gate: str | None = None
        self._theme: Theme | None = None
        self._sizes: tuple[int, ...] = (20,)
        self._letters = 20
        self._advance: dict[str, float] = {}
        """Of each character's mark, in sizes of its letters."""
        self._pictures: dict[str, QStaticText] = {}
        """Letters that need not be shaped anew at each paint."""
        self._lines = Lines((), (), (0,))
        self._fitted: tuple[str, float, float] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies below need not be painted, too
        OwnKeys(self, lambda event: event.key() in _KEYS)  # Home is the playback's elsewhere
        self.setMouseTracking(True)
        self.setAccessibleName("Text coloured by one unit; the arrow keys go from character to character")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)

    # ---- what comes

    def show_text(self, text: str) -> None:
        """Show another text; the first character is pointed at."""
        self.text, self.pointed = text, 0
        self.places, self._missing = np.zeros(len(text), dtype=np.uint8), None
        self._fitted = None

    def use_letters(self, sizes: Sequence[int]) -> None:
        """Use the largest of these sizes, in pixels, that lets the whole text be seen; they come largest first."""
        if tuple(sizes) != self._sizes:
            self._sizes, self._fitted = tuple(sizes), None

    def show_colours(
        self, places: NDArray[np.uint8], theme: Theme, gate: str | None, missing: Missing | None = None
    ) -> None:
        """Put each character on a colour: places (T,) in a gate's table, or the usual one; missing (T,) have none."""
        same = (theme, gate) == (self._theme, self._gate) and missing is self._missing
        if not same or not np.array_equal(self.places, places):
            self._theme, self._gate, self._missing, self.places = theme, gate, missing, places
            self.update()

    # ---- where it stands

    def fit(self, width: float, room: float) -> int:
        """Break the lines for a width, and return the height that they take; at most `room`, if letters allow."""
        wanted = (self.text, width, room)
        if wanted != self._fitted:
            self._fitted = wanted
            metrics = QFontMetricsF(font(_MEASURED))
            for character in set(self.text) - self._advance.keys():
                self._advance[character] = metrics.horizontalAdvance(mark(character)) / _MEASURED
            self._choose(width - 2 * _GAP, room)
            self._pictures = {}
            self.update()
        return self._height()

    def _choose(self, width: float, room: float) -> None:
        """Choose the letters, and break the lines: large ones, but somewhat smaller where that spares breaking any."""
        shares = [max(self._advance[character] + _BESIDE, _NARROWEST) for character in self.text]
        total, own_lines = sum(shares), self.text.rstrip("\n").count("\n") + 1
        best: tuple[int, Lines] | None = None
        for size in self._sizes:
            if best is not None and size < _WORTH_A_BREAK * best[0]:
                break
            last = size == self._sizes[-1]
            if total * size / max(width, 1) * round(size * _LINE) > room and not last:
                continue  # too many lines, however they are broken
            lines = broken(self.text, [share * size for share in shares], width)
            fits = len(lines.starts) * round(size * _LINE) + 2 * _GAP <= room
            unbroken = len(lines.starts) == own_lines
            if (fits and (best is None or unbroken)) or (last and best is None):
                best = size, lines
                if unbroken:
                    break
        assert best is not None
        self._letters, self._lines = best

    def _line_height(self) -> int:
        return round(self._letters * _LINE)

    def _height(self) -> int:
        return len(self._lines.starts) * self._line_height() + 2 * _GAP

    def sizeHint(self) -> QSize:
        return QSize(200, self._height())

    def rect_of(self, place: int) -> QRectF:
        """Return where a character stands."""
        line = self._lines.line(place)
        left, width = self._lines.left[place], self._lines.width[place]
        return QRectF(_GAP + left, _GAP + line * self._line_height(), width, self._line_height() - 2)

    def place_at(self, at: QPointF) -> int | None:
        """Return the character at a point, or next to it in its line; None above and below the text."""
        line = int((at.y() - _GAP) // self._line_height())
        if not self.text or not 0 <= line < len(self._lines.starts):
            return None
        return self._lines.nearest(line, at.x() - _GAP)

    # ---- pointing

    def point_at(self, place: int) -> None:
        """Point at a character, from 0."""
        place = min(max(place, 0), max(len(self.text) - 1, 0))
        if place != self.pointed:
            self.pointed = place
            self.update()
            self.pointed_at.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place == self.pointed:
            self.pointed_at.emit(place)  # what is told of it may have changed
        elif place is not None:
            self.point_at(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key not in _KEYS or not self.text:
            super().keyPressEvent(event)
        elif key in _MOVES:
            self.point_at(self.pointed + _MOVES[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.point_at(0 if key == Qt.Key.Key_Home else len(self.text) - 1)
        else:
            line = self._lines.line(self.pointed) + (1 if key == Qt.Key.Key_Down else -1)
            if 0 <= line < len(self._lines.starts):
                middle = self._lines.left[self.pointed] + self._lines.width[self.pointed] / 2
                self.point_at(self._lines.nearest(line, middle))

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._theme.panel))
        if not self.text:
            return
        painter.setFont(font(self._letters))
        height = self._line_height()
        metrics = QFontMetricsF(painter.font())
        letter_top = (height - 2 - metrics.height()) / 2
        first = max(0, (event.rect().top() - _GAP) // height)
        last = min(len(self._lines.starts) - 1, (event.rect().bottom() - _GAP) // height)
        for line in range(first, last + 1):
            top = _GAP + line * height
            for place in self._lines.range_of(line):
                self._paint_character(painter, self._theme, place, top, height - 2, top + letter_top)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.ink), 2))
        painter.drawRoundedRect(self.rect_of(self.pointed), 3, 3)

    def _paint_character(
        self, painter: QPainter, theme: Theme, place: int, top: float, height: float, letter_top: float
    ) -> None:
        character, colour = self.text[place], int(self.places[place])
        left, width = _GAP + self._lines.left[place], self._lines.width[place]
        ground = QRectF(left, top, width, height)
        painter.fillRect(ground, colours_of(theme, self._gate)[colour])
        missing = 0 if self._missing is None else int(self._missing[place])
        if missing:
            hatch_cell(painter, ground, math.nan if missing == NOT_A_NUMBER else math.inf, theme)
        letters = QColor(theme.ink) if missing else letters_of(theme, self._gate)[colour]
        painter.setPen(pale(letters, _QUIET if character in MARKS else 255))
        at = QPointF(left + (width - self._advance[character] * self._letters) / 2, letter_top)
        painter.drawStaticText(at, self._picture(character, painter))

    def _picture(self, character: str, painter: QPainter) -> QStaticText:
        if character not in self._pictures:
            picture = self._pictures[character] = QStaticText(mark(character))
            picture.setTextFormat(Qt.TextFormat.PlainText)
            picture.prepare(font=painter.font())
        return self._pictures[character]
