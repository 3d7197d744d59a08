"""Labels in the looks that the style sheet names."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


def text_label(text: str = "", look: str = "muted", *, wrap: bool = False, cut: bool = False) -> QLabel:
    """Return a label in a look of the style sheet: "muted", "note", "heading" ….

    wrap: long text takes several lines. cut: long text is cut off and does not widen the layout.
    """
    made = QLabel(text, wordWrap=wrap)
    made.setObjectName(look)
    if cut:
        made.setMinimumWidth(10)
    return made
