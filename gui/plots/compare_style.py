"""The look of configurations that are compared: a colour and dashes each, and names with real subscripts."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QStaticText, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.appearance.dashes import OF_RUNS, dashed
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance, Theme, font

MOST_RUNS = 4
"""That are compared with each other: as many as there are colours."""


def in_its_colour(theme: Theme, config: int, rich: str) -> str:
    """Return rich text in the colour of a configuration."""
    return f'<span style="color: {theme.run(config).name()}; font-weight: 600">{rich}</span>'


def rich_name(name: str) -> str:
    """Return a name as rich text: b_f with f as a subscript."""
    return re.sub(r"\b([A-Za-z])_([A-Za-z]+)\b", r"<i>\1</i><sub>\2</sub>", html.escape(name))


def drawn_name(name: str, pixels: int, width: float, lines: int) -> QStaticText:
    """Return a name in bold letters, in at most so many lines of `width` pixels; a name that is too long is cut off."""
    letters = font(pixels, bold=True)
    text = _laid_out(rich_name(name), letters, width)
    most = (lines + 0.5) * QFontMetricsF(letters).height()
    words = name.split(" ")
    while words and (text.size().height() > most or text.size().width() > width):
        words.pop()
        text = _laid_out(rich_name(f"{' '.join(words)} …"), letters, width)
    return text


def _laid_out(rich: str, letters: QFont, width: float) -> QStaticText:
    text = QStaticText(rich)
    text.setTextFormat(Qt.TextFormat.RichText)
    # Without a width, Qt would wrap the text into a block.
    text.setTextOption(_option(QTextOption.WrapMode.NoWrap))
    text.prepare(font=letters)
    if text.size().width() > width:
        text.setTextOption(_option(QTextOption.WrapMode.WordWrap))
        text.setTextWidth(width)
        text.prepare(font=letters)
    return text


def _option(wrap: QTextOption.WrapMode) -> QTextOption:
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(wrap)
    return option


class LineSample(QWidget):
    """A piece of a configuration's line, in its colour and with its dashes."""

    def __init__(self, appearance: Appearance, config: int = 0) -> None:
        super().__init__()
        self._appearance, self._config = appearance, config
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_config(self, config: int) -> None:
        """Show the line of another configuration."""
        self._config = config
        self.update()

    def sizeHint(self) -> QSize:
        letters = self._appearance.text(TEXT)
        return QSize(round(2.6 * letters), letters)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = max(2.0, self._appearance.text(TEXT) / 6)
        pen = QPen(self._appearance.theme.run(self._config), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        painter.setPen(dashed(pen, OF_RUNS[self._config]))
        middle = self.height() / 2
        painter.drawLine(QPointF(1, middle), QPointF(self.width() - 1, middle))
        painter.end()
