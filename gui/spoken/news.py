"""Says to a screen reader what has just happened, and what a plot shows; costs nothing where nobody listens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

SECOND_MS = 1000
"""A plot says something new once in so long at most."""
MOST = 12
"""The most numbers that are said of a vector; of the others only how many there are."""


def announce(widget: QWidget, words: str) -> None:
    """Have a screen reader say words now, as news of a widget; nothing happens where none listens."""
    if words and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))


def listed(values: NDArray[np.floating] | Sequence[float], written: Callable[[float], str]) -> str:
    """Return numbers one after the other, "0.50, 0.80, 0.90"; the first MOST of a longer vector, and how many more."""
    flat = np.ravel(np.asarray(values, dtype=np.float64))
    said = ", ".join(written(float(value)) for value in flat[:MOST])
    return said if flat.size <= MOST else f"{said} and {flat.size - MOST:,} more"


class NewestTold(QObject):
    """Keeps the name of a plot up to date: what it shows, and its newest value.

    Words are made once a second at most, and only while a screen reader listens; without one the plot keeps its title.
    """

    def __init__(self, widget: QWidget, words: Callable[[], str]) -> None:
        """words: returns what the plot shows, with its newest value."""
        super().__init__(widget)
        self._widget, self._words = widget, words
        self._rest = QTimer(self, singleShot=True, interval=SECOND_MS)
        self._rest.timeout.connect(self._on_rested)
        self._due = False

    def tell(self) -> None:
        """Something new is drawn."""
        if not QAccessible.isActive():
            return
        if self._rest.isActive():
            self._due = True
        else:
            self._say()

    def _say(self) -> None:
        self._due = False
        words = self._words()
        if words and words != self._widget.accessibleName():
            self._widget.setAccessibleName(words)  # Qt tells whoever listens that the name has changed
            self._rest.start()

    def _on_rested(self) -> None:
        if self._due:
            self._say()
