"""Tab goes through a window as one reads it: card by card, and in each from the top down and from left to right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea, QWidget

_COLUMN = 40
"""Pixels within which left edges count as one: a card and the tabs above it."""


class ReadWindow(QMainWindow):
    """A window whose Tab key follows what is seen, not what was made first."""

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Give the keyboard to the next control, or to the one before."""
        stops = stops_of(self)
        if not stops:
            return False
        at = _place_in(stops, QApplication.focusWidget(), forwards)
        reason = Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason
        stop = stops[(at + (1 if forwards else -1)) % len(stops)]
        stop.setFocus(reason)
        _bring_into_sight(stop)
        return True


def stops_of(window: QMainWindow) -> list[QWidget]:
    """Return what Tab comes to in a window, in the order of reading: the columns of cards from left to right."""
    cards = [part for part in _seen(window) if part.geometry().intersects(window.rect())]  # Qt puts others outside
    parts = sorted(cards, key=lambda part: (part.x() // _COLUMN, part.y()))
    return [stop for part in parts for stop in _within(part)]


def _place_in(stops: list[QWidget], here: QWidget | None, forwards: bool) -> int:
    """Return the index of the stop that has the keyboard; between two stops, where a view has it that is none."""
    while here is not None and not here.isWindow():
        if here in stops:  # also where a field within a control has it
            return stops.index(here)
        inside = [place for place, stop in enumerate(stops) if here.isAncestorOf(stop)]
        if inside:
            return inside[0] - 1 if forwards else inside[0]
        here = here.parentWidget()
    return -1 if forwards else 0


def _within(part: QWidget) -> list[QWidget]:
    """Return a part, if Tab comes to it, and what it comes to inside, in reading order."""
    found = [part] if _takes(part) else []
    return found + [stop for inside in _in_rows(_seen(part)) for stop in _within(inside)]


def _seen(part: QWidget) -> list[QWidget]:
    return [
        child
        for child in part.children()
        if isinstance(child, QWidget) and child.isVisible() and child.isEnabled() and not child.isWindow()
    ]


def _in_rows(parts: list[QWidget]) -> list[QWidget]:
    """Return widgets of one parent row by row; in a row are those that begin above the middle of its first."""
    left, ordered = sorted(parts, key=lambda part: (part.y(), part.x())), list[QWidget]()
    while left:
        first = QRect(QPoint(left[0].x(), left[0].y()), left[0].size())
        row = [part for part in left if part.y() <= first.center().y()]
        ordered += sorted(row, key=lambda part: part.x())
        left = [part for part in left if part not in row]
    return ordered


def _bring_into_sight(stop: QWidget) -> None:
    """Scroll whatever a control is in, so that it can be seen."""
    around = stop.parentWidget()
    while around is not None and not around.isWindow():
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(stop)
        around = around.parentWidget()


def _takes(part: QWidget) -> bool:
    return bool(part.focusPolicy().value & Qt.FocusPolicy.TabFocus.value) and part.focusProxy() is None
