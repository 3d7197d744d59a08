"""The results of the rows worked out so far, in a column that grows row by row."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLayout, QWidget

from gui.appearance.math_widgets import MathLabel
from gui.appearance.text_size import LEAD, TITLE
from gui.appearance.theme import Appearance, font
from gui.appearance.typeset import Typesetter

_LINE, _HEAD = 1.55, 2.2
"""In parts of the text's size: from line to line, and the height of the symbol above them."""
_WIDEST = "1 − 8.8·10⁻⁸⁸"


class RowResults(QWidget):
    """A symbol, and below it the results of the rows that are done, the newest at the bottom."""

    def __init__(self, typesetter: Typesetter, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._done = self._rows = 0
        self._written: Callable[[int], str] = str
        self._symbol = MathLabel("", "x", TITLE, typesetter, appearance)
        self._labels: list[tuple[QLabel, QLabel]] = []
        """The number of a row and its result, from the top."""
        self._grid = QGridLayout(self)
        self._grid.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # there are as many lines as have room
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self._symbol, 0, 1, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), round((_HEAD + 3 * _LINE) * self._text))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.width(), 0)

    def show_results(self, latex: str, role: str, rows: int, done: int, written: Callable[[int], str]) -> None:
        """Show the results of the first `done` of `rows` rows; `written` is asked for those that can be seen."""
        self._rows, self._done, self._written = rows, done, written
        self._symbol.role = role
        self._symbol.set_latex(latex)
        self._symbol.setVisible(done > 0)
        metrics = QFontMetrics(font(self._text))
        row = metrics.horizontalAdvance(f"row {rows:,}   ")
        self._grid.setColumnMinimumWidth(0, row)
        self.setFixedWidth(row + metrics.horizontalAdvance(_WIDEST))
        self._fill()

    def lines(self) -> list[tuple[int, str]]:
        """Return row (from 0) and number of each line that there is room for."""
        room = max(1, int((self.height() - _HEAD * self._text) / (_LINE * self._text)))
        first = max(0, self._done - room)
        return [(row, self._written(row)) for row in range(first, self._done)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill()

    @property
    def _text(self) -> int:
        return self._appearance.text(LEAD)

    def _fill(self) -> None:
        """Write the lines; a label that has none waits for the next."""
        lines = self.lines()
        while len(self._labels) < len(lines):
            pair = QLabel(), QLabel()
            for column, (label, name) in enumerate(zip(pair, ("resultRow", "result"), strict=True)):
                label.setObjectName(name)
                self._grid.addWidget(label, len(self._labels) + 1, column)
            self._labels.append(pair)
        self._grid.setRowMinimumHeight(0, round(_HEAD * self._text))
        for place, pair in enumerate(self._labels):
            texts = (f"row {lines[place][0] + 1:,}", lines[place][1]) if place < len(lines) else ("", "")
            self._grid.setRowMinimumHeight(place + 1, round(_LINE * self._text) if place < len(lines) else 0)
            for label, text in zip(pair, texts, strict=True):
                label.setText(text)
                label.setVisible(bool(text))
