"""Menus at the cursor: what can be done with what is under it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from gui.appearance.rich_text import without_mnemonics


@dataclass(frozen=True)
class Entry:
    """An entry of such a menu; do: None for one that is there to be read, or that cannot be chosen now."""

    words: str
    do: Callable[[], object] | None
    begins: bool = False
    """Whether a line stands above it."""


def parted(entries: Sequence[Entry]) -> list[Entry]:
    """Return entries with a line above the first."""
    return [replace(each, begins=each.begins or place == 0) for place, each in enumerate(entries)]


def popup(within: QWidget, at_screen: QPoint, entries: Iterable[Entry]) -> QMenu | None:
    """Show a menu at a point of the screen, and return it; None where there is nothing to choose.

    Nothing waits for it, and it goes when it is closed.
    """
    offered = list(entries)
    if not any(entry.do for entry in offered):
        return None
    menu = QMenu(within)
    for entry in offered:
        if entry.begins and not menu.isEmpty():
            menu.addSeparator()
        action = menu.addAction(without_mnemonics(entry.words))
        action.setEnabled(entry.do is not None)
        if entry.do is not None:
            action.triggered.connect(lambda _checked=False, do=entry.do: do())
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at_screen)
    return menu
