"""Symbols over time as a strip of cells, wrapped like a text, with the targets below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPixmap

from engine.tasks.characters import OTHER
from engine.tasks.example import Example
from engine.text.numbers import brief
from gui.appearance.theme import Theme, font
from gui.appearance.vector import in_picture

_SIGNS = {"blank": "·", "space": "␣", "newline": "⏎", "tab": "⇥", "start": "⊢", "end": "⊣", "sign": "?", "other": "□"}
"""One sign for symbols whose names would not fit into a cell."""
_QUIET = ("·", "␣")
_LONGEST_NAME = 3
_LARGEST = 1.8
"""The largest letters, relative to those of the words around."""
_GAP = 0.55
"""Between two lines, in letters."""


class Strip:
    """The symbols and the targets of an example, laid out when they are painted."""

    def __init__(
        self, example: Example, told: NDArray[np.int64] | None = None, right: NDArray[np.bool_] | None = None
    ) -> None:
        """told (T,): the symbol that a network predicts at each step, from 0, -1 for none; right (T,): where it is."""
        assert example.symbols is not None
        self._example = example
        self._signs = short_names(example.input_names)
        self._answer_signs = short_names(example.answer_names)
        self.symbols = [self._signs[place] if place >= 0 else "" for place in example.symbols.tolist()]
        every = example.words.every_step
        self.answers: list[str] | None = None
        """The target's sign at each step; None if there is only one target, or if it is unknown."""
        self.last_answer = ""
        """The target after the last step, in words."""
        if example.answers is not None:
            signs = [self._answer_signs[place] if place >= 0 else "" for place in example.answers.tolist()]
            if every:
                self.answers = signs
            else:
                self.last_answer = example.answer_names[int(example.answers[0])]
        elif example.target is not None:
            values = " ".join(brief(float(value)) for value in example.target.ravel()[:6])
            self.last_answer = "" if every else values
        self.also = self._also_legal()
        self.told: list[str] | None = None
        """The sign of what the network predicts at each step; None if it is not known, or only the last one counts."""
        self._told_places: list[int] = []
        self._wrong: frozenset[int] = frozenset()
        if told is not None and example.words.every_step:
            asked = np.ones(example.steps, np.bool_) if example.answers is None else example.answers >= 0
            self._told_places = np.where(asked, told, -1).tolist()
            self.told = [self._answer_signs[place] if place >= 0 else "" for place in self._told_places]
            self._wrong = frozenset(np.flatnonzero(asked & ~right).tolist()) if right is not None else frozenset()
        self._cell = self._line = 1.0
        self._left = self._top = 0.0
        self._per_line = 1
        self._lines: list[int] = []
        self._stamps: dict[tuple[str, str, str, float, float], QPixmap] = {}

    def _also_legal(self) -> list[str] | None:
        """Return which other symbols a grammar allows at each step."""
        example = self._example
        if example.legal is None or example.answers is None:
            return None
        others = [""] * example.steps
        for t, place in zip(*(found.tolist() for found in example.legal.nonzero()), strict=True):
            if place != example.answers[t]:
                others[t] += self._answer_signs[place]
        return others

    def _rows(self) -> list[tuple[str, str, Sequence[str]]]:
        """Return word, role and signs of each row of a line."""
        rows: list[tuple[str, str, Sequence[str]]] = [("in", "x", self.symbols)]
        if self.answers is not None:
            rows.append(("next" if self.also is not None or self._example.is_text else "out", "output", self.answers))
        if self.also is not None and any(self.also):
            rows.append(("or", "output", self.also))
        if self.told is not None:
            rows.append(("net", "hidden", self.told))
        return rows

    def _lay_out(self, area: QRectF, letters: float) -> float:
        """Choose how many cells a line has; return the size of letters that fit, smaller for many lines."""
        rows = len(self._rows())
        steps = len(self.symbols)
        smallest, letters = 0.62 * letters, _LARGEST * letters
        while True:
            self._cell = 1.3 * letters
            self._left = 3.2 * letters
            self._line = (rows * 1.45 + 0.9 + _GAP) * letters
            self._per_line = max(1, int((area.width() - self._left) // self._cell))
            needed = -(-steps // self._per_line)
            room = max(1, int((area.height() - 2.4 * letters) // self._line))
            if needed <= room or letters <= smallest:
                break
            letters -= 1
        if needed <= room:
            self._lines = list(range(needed))
        else:  # the first and the last lines; those between them are left out
            tail = max(1, room // 2) if room > 1 else 0
            self._lines = [*range(room - tail), *range(needed - tail, needed)]
        return letters

    def paint(self, painter: QPainter, area: QRectF, letters: float, theme: Theme) -> None:
        """Draw the strip in an area."""
        wished = letters
        letters = self._lay_out(area, letters)
        self._top = area.top() + 0.2 * letters
        rows = self._rows()
        small = font(0.72 * letters)
        centre = int(Qt.AlignmentFlag.AlignCenter)
        for place, line in enumerate(self._lines):
            y = self._top + place * self._line
            first = line * self._per_line
            last = min(len(self.symbols), first + self._per_line)
            painter.setFont(small)
            painter.setPen(QColor(theme.muted))
            for t in range(first, last):
                if (t in (first, last - 1) and (t == first or t - first > 3)) or (
                    (t + 1) % 10 == 0 and first + 2 < t < last - 3
                ):
                    painter.drawText(self._box(t - first, y, 0.9 * letters, 3), centre, f"{t + 1:,}")
            for number, (word, role, signs) in enumerate(rows):
                if not any(signs[first:last]):
                    continue
                top = y + (0.9 + 1.45 * number) * letters
                painter.setFont(font(0.8 * letters, bold=True))
                painter.setPen(theme.role(role))
                painter.drawText(
                    QRectF(0, top, self._left - 0.5 * letters, 1.45 * letters),
                    int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                    word,
                )
                box = self._box(0, top, 1.45 * letters)
                if word == "in":
                    painter.setPen(QPen(QColor(theme.edge), 1))
                    painter.setBrush(QColor(theme.ground))
                    inner = box.adjusted(0.5, 0.5, -0.5, -0.5)
                    painter.drawRects(
                        [inner.translated((t - first) * self._cell, 0) for t in range(first, last) if signs[t]]
                    )
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                if word == "net":
                    for t in self._wrong.intersection(range(first, last)):
                        cell = box.translated((t - first) * self._cell, 0)
                        painter.fillRect(cell, QBrush(QColor(theme.wrong), Qt.BrushStyle.BDiagPattern))
                for t in range(first, last):
                    corner = QPointF(box.left() + (t - first) * self._cell, box.top())
                    if signs[t] and in_picture():
                        self._draw_sign(painter, corner, signs[t], role, theme, letters)
                    elif signs[t]:
                        painter.drawPixmap(corner, self._stamp(painter, signs[t], role, theme, letters))
        self._paint_foot(painter, area, wished, letters, theme)

    def _stamp(self, painter: QPainter, sign: str, role: str, theme: Theme, letters: float) -> QPixmap:
        """Return a sign as a picture: thousands of letters are drawn from a few dozen pictures."""
        ratio = painter.device().devicePixelRatioF()
        key = sign, role, theme.name, letters, ratio
        if key not in self._stamps:
            height = 1.45 * letters
            picture = QPixmap(round(ratio * self._cell) + 1, round(ratio * height) + 1)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            draw = QPainter(picture)
            self._draw_sign(draw, QPointF(0, 0), sign, role, theme, letters)
            draw.end()
            self._stamps[key] = picture
        return self._stamps[key]

    def _draw_sign(
        self, painter: QPainter, corner: QPointF, sign: str, role: str, theme: Theme, letters: float
    ) -> None:
        painter.setFont(font(letters * {1: 1.0, 2: 0.85}.get(len(sign), 0.6), bold=True))
        painter.setPen(QColor(theme.muted) if sign in _QUIET else theme.role(role))
        box = QRectF(corner.x(), corner.y(), self._cell, 1.45 * letters)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), sign)

    def _paint_foot(self, painter: QPainter, area: QRectF, wished: float, letters: float, theme: Theme) -> None:
        """Write the target after the last step, how many steps are left out, and what the signs mean."""
        left_out = len(self.symbols) - self._per_line * len(self._lines)
        y = self._top + len(self._lines) * self._line
        x = self._left
        parts: list[tuple[str, QColor, bool]] = []
        if self.last_answer:
            parts.append((f"target after the last step:  {self.last_answer}", theme.role("output"), True))
        if left_out > 0 and self._lines and self._lines[-1] >= len(self._lines):
            parts.append((f"{left_out:,} steps in the middle are left out", QColor(theme.muted), False))
        parts += [(f"{sign}  {name}", QColor(theme.muted), False) for sign, name in self.legend()]
        for words, colour, bold in parts:
            painter.setFont(font(wished if bold else max(letters, 0.85 * wished), bold))
            painter.setPen(colour)
            width = QFontMetricsF(painter.font()).horizontalAdvance(words)
            painter.drawText(QPointF(x, min(y + 1.1 * wished, area.bottom() - 0.3 * wished)), words)
            x += width + 1.5 * wished

    def legend(self) -> list[tuple[str, str]]:
        """Return sign and name of each symbol that occurs under a sign that is not its name."""
        shown = {*self.symbols, *(self.answers or ()), *(self.also or ()), *(self.told or ())}
        pairs = [
            *zip(self._signs, self._example.input_names, strict=True),
            *zip(self._answer_signs, self._example.answer_names, strict=True),
        ]
        return list(dict.fromkeys((sign, name) for sign, name in pairs if sign != name and sign in shown))

    def _box(self, place: int, top: float, height: float, wide: float = 1) -> QRectF:
        extra = (wide - 1) / 2 * self._cell
        return QRectF(self._left + place * self._cell - extra, top, wide * self._cell, height)

    def step_at(self, point: QPointF) -> int | None:
        """Return the time step under a point, from 0; None beside the strip."""
        place, line = int((point.x() - self._left) // self._cell), int((point.y() - self._top) // self._line)
        if not (0 <= place < self._per_line and 0 <= line < len(self._lines)):
            return None
        t = self._lines[line] * self._per_line + place
        return t if t < len(self.symbols) else None

    def words_at(self, t: int) -> str:
        """Return input and target at a time step (from 0), in words."""
        example = self._example
        assert example.symbols is not None
        given = example.symbols[t]
        words = f"t = {t + 1:,}:   input {example.input_names[given] if given >= 0 else 'nothing'}"
        if example.answers is not None and self.answers is not None and example.answers[t] >= 0:
            words += f",   target {example.answer_names[example.answers[t]]}"
        if self._told_places and self._told_places[t] >= 0:
            words += f",   predicted {example.answer_names[self._told_places[t]]}"
        if self.also is not None and example.legal is not None:
            allowed = ", ".join(example.answer_names[place] for place in example.legal[t].nonzero()[0])
            words += f",   legal {allowed}"
        return words


def short_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return a sign of at most three letters for each name; for long names a number, if the signs would be equal."""
    signs = [_SIGNS.get(name, "□" if name == OTHER else name) for name in names]
    cut = [sign if len(sign) <= _LONGEST_NAME else sign[:_LONGEST_NAME] for sign in signs]
    if len(set(cut)) < len(cut):
        return tuple(sign if len(sign) <= _LONGEST_NAME else str(place + 1) for place, sign in enumerate(signs))
    return tuple(cut)
