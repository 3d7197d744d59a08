"""What the rows that are done have come to: a column that grows with the walk."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter

_LINE, _HEAD = 1.55, 2.2
"""In parts of the letters' size: from line to line, and the height of the symbol above them."""
_WIDEST = "1 − 8.8·10⁻⁸⁸"


class RowResults(QWidget):
    """A symbol, and below it the results of the rows that are done, the newest at the bottom."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._typesetter = typesetter
        self._appearance = appearance
        self._latex = ""
        self._role = "x"
        self._done = self._rows = 0
        self._written: Callable[[int], str] = str
        self._pixels = 16.0
        typesetter.ready.connect(self._on_ready)
        appearance.changed.connect(self.update)

    def set_letters(self, pixels: float) -> None:
        """Write in letters of so many pixels."""
        self._pixels = pixels
        self._update_width()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.width(), round((_HEAD + 3 * _LINE) * self._pixels))

    def show_results(self, latex: str, role: str, rows: int, done: int, written: Callable[[int], str]) -> None:
        """Show the results of the first `done` of `rows` rows; `written` is asked for those that can be seen."""
        self._latex, self._role, self._rows, self._done, self._written = latex, role, rows, done, written
        self._update_width()
        self.update()

    def lines(self) -> list[tuple[int, str]]:
        """Return row (from 0) and number of each line that there is room for."""
        room = max(1, int((self.height() - _HEAD * self._pixels) / (_LINE * self._pixels)))
        first = max(0, self._done - room)
        return [(row, self._written(row)) for row in range(first, self._done)]

    def _update_width(self) -> None:
        self.setFixedWidth(round(self._index_width() + QFontMetricsF(font(self._pixels)).horizontalAdvance(_WIDEST)))

    def _index_width(self) -> float:
        """Return the room for "row 12" and the gap after it."""
        return QFontMetricsF(font(self._pixels)).horizontalAdvance(f"row {self._rows}   ")

    def _on_ready(self, latex: str) -> None:
        if latex == self._latex:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._done:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, pixels = self._appearance.theme, self._pixels
        left = self._index_width()
        self._typesetter.draw(painter, self._latex, QPointF(left, 0), 1.3 * pixels, theme.role(self._role))
        y, middle = _HEAD * pixels, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(font(pixels))
        for row, text in self.lines():
            painter.setPen(QColor(theme.muted))
            painter.drawText(QRectF(0, y, left, _LINE * pixels), middle, f"row {row + 1}")
            painter.setPen(QColor(theme.ink))
            painter.drawText(QRectF(left, y, self.width() - left, _LINE * pixels), middle, text)
            y += _LINE * pixels
