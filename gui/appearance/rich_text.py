"""Texts of the program's own that are rich text; every other one is shown as it was written.

Qt guesses: what looks like HTML is laid out as HTML, with the pictures that it names. Names, notes and columns come
from files that somebody sends, so nothing is guessed here.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

AS_WRITTEN = """
    QLabel, QToolTip { qproperty-textFormat: PlainText; }
    RichLabel { qproperty-textFormat: RichText; }
"""
"""For the style sheet: labels, tool tips and boxes show their text as it was written, but for those of our own."""


class RichLabel(QLabel):
    """A label for rich text of the program's own; words from elsewhere stand in it escaped."""

    def __init__(self, text: str = "", *, look: str = "", wrap: bool = False) -> None:
        """look: the name that the style sheet knows it by, "muted", "note" …; wrap: long text takes several lines."""
        super().__init__(text, textFormat=Qt.TextFormat.RichText, wordWrap=wrap)
        self.setObjectName(look)


def without_mnemonics(text: str) -> str:
    """Return a text for a menu, a tab or a button that may have a & of its own."""
    return text.replace("&", "&&")


def rich_symbol(name: str) -> str:
    """Return "C_t" as rich text."""
    letter, _, index = name.partition("_")
    return f"<i>{letter}</i><sub>{index}</sub>"
