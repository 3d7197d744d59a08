"""An operation drawn in numbers: blocks of entries in brackets, and typeset symbols between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from engine.cell.provenance import Place
from engine.explain.number_line import Block, Piece
from gui.appearance.theme import font
from gui.appearance.typeset import Typesetter

# In parts of the letters' size.
_ROW, _BETWEEN_COLUMNS, _BRACKET, _SERIF, _STROKE, _AROUND_SYMBOL = 1.22, 0.7, 0.3, 0.18, 0.06, 0.4
_TRANSPOSED = 0.55  # size of the T of a transposed row


@dataclass(frozen=True)
class Entry:
    """One number and its box: the entry `place` of the value `name`; dots have no place."""

    name: str
    place: Place | None
    text: str
    box: QRectF


class NumberLine:
    """Pieces laid out in a line whose middle is at y = 0; x begins at 0."""

    def __init__(self, pieces: tuple[Piece, ...], pixels: float, typesetter: Typesetter) -> None:
        self.entries: list[Entry] = []
        self._pixels = pixels
        self._typesetter = typesetter
        self._font = font(pixels)
        self._metrics = QFontMetricsF(self._font)
        self._brackets, self._before = QPainterPath(), QPainterPath()
        self._result = QRectF()
        self._symbols: list[tuple[str, QPointF]] = []
        self._transposed: list[QPointF] = []
        self.width = self.height = 0.0
        self.missing: set[str] = set()
        """Symbols that are still being typeset; when they are ready, the line has to be laid out again."""
        for before, piece in zip((None, *pieces), pieces, strict=False):
            if isinstance(piece, Block):
                if isinstance(before, Block):  # a product: nothing is written between its factors
                    self.width += pixels * _AROUND_SYMBOL
                self._add_block(piece)
            else:
                self._add_symbol(piece)

    def entry_at(self, point: QPointF) -> Entry | None:
        """Return the number at a point, counted from the left end of the middle line."""
        return next((entry for entry in self.entries if entry.place is not None and entry.box.contains(point)), None)

    def paint(
        self,
        painter: QPainter,
        at: QPointF,
        colour: QColor,
        lit: Callable[[Entry], bool] = lambda _entry: False,
        to_come: QPen | None = None,
    ) -> None:
        """Draw with the left end of the middle line at a point; entries that are `lit` get a frame.

        to_come: with it, the result is not there yet, and its place has a frame in this pen.
        """
        entries = [entry for entry in self.entries if to_come is None or not self._result.contains(entry.box)]
        painter.save()
        painter.translate(at)
        painter.setPen(QPen(colour, 2))
        for entry in entries:
            if lit(entry):
                painter.drawRoundedRect(entry.box.adjusted(-3, 1, 3, -1), 3, 3)
        painter.setPen(QPen(colour, max(1.0, self._pixels * _STROKE)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._brackets if to_come is None else self._before)
        painter.setFont(self._font)
        for entry in entries:
            painter.drawText(entry.box, Qt.AlignmentFlag.AlignCenter, entry.text)
        if to_come is not None:
            painter.setPen(to_come)
            painter.drawRoundedRect(self._result, 3, 3)
        painter.setFont(font(self._pixels * _TRANSPOSED))
        for place in self._transposed:
            painter.drawText(place, "T")
        for latex, corner in self._symbols:
            self._typesetter.draw(painter, latex, corner, self._pixels, colour)
        painter.restore()

    def _add_symbol(self, latex: str) -> None:
        formula = self._typesetter.formula(latex)
        if formula is None:
            self.missing.add(latex)
            return
        size, around = formula.size(self._pixels), self._pixels * _AROUND_SYMBOL
        self.width += around
        # A comma is low; centred on its own box it would float.
        top = self._metrics.xHeight() / 2 - size.height() / 2 if latex == "," else -size.height() / 2
        self._symbols.append((latex, QPointF(self.width, top)))
        self.width += size.width() + around
        self.height = max(self.height, size.height())

    def _add_block(self, block: Block) -> None:
        row, gap, bracket = (self._pixels * part for part in (_ROW, _BETWEEN_COLUMNS, _BRACKET))
        columns = zip(*block.texts, strict=True)
        widths = [max(self._metrics.horizontalAdvance(text) for text in column) for column in columns]
        height = row * len(block.rows)
        self._before = QPainterPath(self._brackets)
        start = self.width
        self._add_bracket(self.width, height, 1)
        x = self.width + bracket
        for j, width in enumerate(widths):
            for i, entries in enumerate(block.rows):
                text, place = entries[j]
                box = QRectF(x, -height / 2 + i * row, width, row)
                self.entries.append(Entry(block.name, place, text, box))
            x += width + gap
        x += bracket - gap
        self._add_bracket(x, height, -1)
        if block.transposed:
            self._transposed.append(QPointF(x + bracket * 0.3, -height / 2 + self._pixels * 0.12))
            x += bracket * 0.3 + self._pixels * 0.4
        self.width = x
        self._result = QRectF(start, -height / 2, x - start, height)  # the last block is the result
        self.height = max(self.height, height)

    def _add_bracket(self, x: float, height: float, inward: int) -> None:
        serif = inward * self._pixels * _SERIF
        self._brackets.moveTo(x + serif, -height / 2)
        self._brackets.lineTo(x, -height / 2)
        self._brackets.lineTo(x, height / 2)
        self._brackets.lineTo(x + serif, height / 2)
