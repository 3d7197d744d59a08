"""Who makes pictures of what is drawn: menus at the cursor ask the window for it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.commands.popup import Entry


class PictureTaker(QObject):
    """Copies and saves pictures of widgets; a window has one."""

    def copy(self, widget: QWidget) -> None:
        """Copy a picture of a widget."""
        raise NotImplementedError

    def offer(self, widget: QWidget) -> None:
        """Let the user choose what picture of a widget is saved, and where."""
        raise NotImplementedError


def taker_of(widget: QWidget) -> PictureTaker | None:
    """Return who makes pictures of what is in a window; None where nobody does."""
    top = widget.window()
    while (parent := top.parentWidget()) is not None:
        top = parent.window()  # a panel that has come loose is a window of its own
    return top.findChild(PictureTaker)


def taking_entries(widget: QWidget) -> list[Entry]:
    """Return what a menu offers for what is drawn in a widget: to copy or save a picture of it."""
    taker = taker_of(widget)
    if taker is None:
        return []
    return [
        Entry("Copy the picture", lambda: taker.copy(widget)),
        Entry("Save the picture…", lambda: taker.offer(widget)),
    ]
