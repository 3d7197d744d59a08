"""Only the program's own texts are rich text; every other text is shown as it was written.

Qt guesses: it shows a text that looks like HTML as HTML, with the pictures that it names. Names, notes and columns
come from files of other people, so nothing may be guessed here.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

AS_WRITTEN = """
    QLabel, QToolTip { qproperty-textFormat: PlainText; }
    RichLabel { qproperty-textFormat: RichText; }
"""
"""For the style sheet: labels, tool tips and boxes show their text as it was written, except `RichLabel`."""


class RichLabel(QLabel):
    """A label for the program's own rich text; other words in it are escaped."""

    def __init__(self, text: str = "", *, look: str = "", wrap: bool = False) -> None:
        """look: its name in the style sheet, "muted", "note" …; wrap: long text takes several lines."""
        super().__init__(text, textFormat=Qt.TextFormat.RichText, wordWrap=wrap)
        self.setObjectName(look)


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
