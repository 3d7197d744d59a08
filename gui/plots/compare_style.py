"""The look of configurations that are compared: a colour and dashes each, and names with real subscripts."""

from __future__ import annotations

import html
import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QStaticText, QTextOption

from gui.appearance.theme import Theme, font


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
