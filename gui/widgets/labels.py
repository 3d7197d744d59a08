"""Labels in the looks that the style sheet knows by name."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


def text_label(text: str = "", look: str = "muted", *, wrap: bool = False, cut: bool = False) -> QLabel:
    """Return a label in a look of the style sheet: "muted", "note", "heading" ….

    wrap: long text takes several lines. cut: it is cut off instead of widening what it stands in.
    """
    made = QLabel(text, wordWrap=wrap)
    made.setObjectName(look)
    if cut:
        made.setMinimumWidth(10)
    return made
