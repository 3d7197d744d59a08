"""Cards and labels of the page on a data file."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from gui.appearance.theme import Appearance
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column

_ON_ONE_LINE = ("documentName",)


def card(appearance: Appearance, title: str, *widgets: QWidget) -> QFrame:
    """Return a card with a title; labels take the height they need, what else there is shares the rest."""
    px = appearance.px
    frame = QFrame()
    frame.setObjectName("card")
    heading = text_label(title, "heading")
    heading.setIndent(0)  # as far left as the rows
    layout = in_column(heading, inside=frame, margins=(px(12), px(4), px(12), px(8)), spacing=px(4))
    for widget in widgets:
        layout.addWidget(widget, int(not isinstance(widget, QLabel)))
    return frame


def plain(name: str) -> QLabel:
    """Return a label for words that may be long, and do not widen the page; name: of its style."""
    return text_label(look=name, wrap=name not in _ON_ONE_LINE, cut=True)
