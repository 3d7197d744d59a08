"""The parts of a picture as a tree that a screen reader walks: for each part a widget that nobody sees.

Qt hears of what is drawn in a scene only through a QAccessibleInterface. One that is written in Python is freed as soon
as Python lets go of it, while Qt keeps its address; and the factory that would make it is asked in Python for every
object of the program. A widget that draws nothing has an interface of Qt's own, which lives exactly as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

_SETTLED_MS = 100
"""How long after a change the tree is brought up to date: tokens travel in between, and no number is new."""


@dataclass(frozen=True)
class SpokenPart:
    """A part. key: what it stays the same by. within: the key of the part that it belongs to; "" for the picture."""

    key: str
    name: str
    about: str
    place: QRect
    within: str = ""


class _Node(QLabel):
    """Has a name, a sentence and a place, and draws nothing; the mouse goes through it, and no key stops at it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("spoken")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw nothing."""


class SpokenTree(QObject):
    """Keeps the widgets of a picture's parts; none is made before a screen reader asks for anything."""

    def __init__(self, within: QWidget, parts: Callable[[], Sequence[SpokenPart]]) -> None:
        """within: where the picture is drawn. parts: returns its parts as they are now, each after what it is in."""
        super().__init__(within)
        self._within, self._parts = within, parts
        self._nodes: dict[str, _Node] = {}
        self._order: tuple[tuple[str, str], ...] = ()
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._follow)

    def changed(self) -> None:
        """The picture shows something else: the tree soon follows."""
        if QAccessible.isActive() and not self._settled.isActive():
            self._settled.start()

    def _follow(self) -> None:
        if not self._within.isVisible():
            return
        parts = self._parts()
        order = tuple((part.key, part.within) for part in parts)
        if order != self._order:
            self._make(parts)
            self._order = order
        for part in parts:
            node = self._nodes[part.key]
            around = self._nodes.get(part.within)
            corner = around.mapTo(self._within, around.rect().topLeft()) if around is not None else QRect().topLeft()
            node.setGeometry(part.place.translated(-corner))
            if node.accessibleName() != part.name:
                node.setAccessibleName(part.name)
            if node.accessibleDescription() != part.about:
                node.setAccessibleDescription(part.about)

    def _make(self, parts: Sequence[SpokenPart]) -> None:
        """Make a widget for each part, in their order; those of another picture go."""
        for node in self._nodes.values():
            if node.parent() is self._within:
                node.hide()
                node.deleteLater()  # with what is in it
        self._nodes = {}
        for part in parts:
            self._nodes[part.key] = _Node(self._nodes.get(part.within, self._within))
        for node in self._nodes.values():
            node.show()
