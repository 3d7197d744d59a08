"""Only the program's own texts are rich text; every other text is shown as it was written.

Qt guesses: it shows a text that looks like HTML as HTML, with the pictures that it names. Names, notes and columns
come from files of other people, so nothing may be guessed here.
"""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

AS_WRITTEN = """
    QLabel, QToolTip { qproperty-textFormat: PlainText; }
    RichLabel { qproperty-textFormat: RichText; }
"""
"""For the style sheet: labels, tool tips and boxes show their text as it was written, except `RichLabel`."""


_TAGS = "b|br|center|div|hr|i|li|ol|p|small|span|strong|sub|sup|table|td|th|tr|u|ul"
_ATTRIBUTE = r"""\s+[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'|\w+)"""
_NO_TAG = re.compile(rf"<(?!/?(?:{_TAGS})(?:{_ATTRIBUTE})*\s*/?>)")
_NO_ENTITY = re.compile(r"&(?!#?\w+;)")


class RichLabel(QLabel):
    """A label for the program's own rich text; words of other people in it are escaped before."""

    def __init__(self, text: str = "", *, look: str = "", wrap: bool = False) -> None:
        """look: its name in the style sheet, "muted", "note" …; wrap: long text takes several lines."""
        super().__init__(_in_own_letters(text), textFormat=Qt.TextFormat.RichText, wordWrap=wrap)
        self.setObjectName(look)

    def setText(self, text: str) -> None:
        super().setText(_in_own_letters(text))


def _in_own_letters(text: str) -> str:
    """Return well-formed rich text with what is bold in the program's semi-bold letters; Qt would draw bolder ones
    by drawing those twice, which smears them."""
    return well_formed(text).replace("<b>", '<span style="font-weight: 600">').replace("</b>", "</span>")


def well_formed(text: str) -> str:
    """Return rich text in which every < begins one of the program's tags, and every & an entity; others are escaped.

    Qt takes "n < k" for the beginning of a tag, and shows nothing of what follows.
    """
    return _NO_TAG.sub("&lt;", _NO_ENTITY.sub("&amp;", text))


def without_mnemonics(text: str) -> str:
    """Return a text for a menu, a tab or a button in which & is only a character."""
    return text.replace("&", "&&")


def rich_symbol(name: str) -> str:
    """Return "C_t" as rich text."""
    letter, _, index = name.partition("_")
    return f"<i>{letter}</i><sub>{index}</sub>"


def with_low_t(text: str) -> str:
    """Return a sentence with the time step of x_t, h_{t-1} … set low."""
    return text.replace("_{t-1}", "ₜ₋₁").replace("_t", "ₜ")
