"""The letters that the program ships: every sign that its texts use can be told from the others."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from gui.appearance.theme import font


def _ink(text: str, bold: bool) -> list[bool]:
    """Return which lines of a picture of a text, 80 pixels high, have ink in them."""
    image = QImage(200, 120, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setFont(font(80, bold))
    painter.drawText(10, 100, text)
    painter.end()
    white = QColor("white").rgb()
    return [any(image.pixel(x, y) != white for x in range(image.width())) for y in range(image.height())]


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("letter", ["C", "h"])
def test_a_tilde_stands_clear_above_its_letter(letter: str, bold: bool) -> None:
    plain, marked = _ink(letter, bold), _ink(f"{letter}\N{COMBINING TILDE}", bold)
    top = plain.index(True)
    tilde = marked.index(True)
    assert tilde < top - 5
    assert not all(marked[tilde:top]), "there is room between the tilde and its letter"
    assert marked[top:] == plain[top:], "the letter itself is the same"
