"""Layouts in one expression: widgets side by side or one below the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QLayoutItem, QScrollArea, QVBoxLayout, QWidget

Box = TypeVar("Box", bound=QBoxLayout)
Part = QWidget | QLayout | int | tuple[QWidget | QLayout, int] | tuple[QWidget, int, Qt.AlignmentFlag]
"""A widget or a layout, alone or with its stretch and its alignment; a number is a gap of so many pixels."""
REST = -1
"""A gap that takes the room that is left."""
Margins = int | tuple[int, int] | tuple[int, int, int, int]
"""In pixels: on every side; left and right, top and bottom; or left, top, right, bottom."""


def in_row(
    *parts: Part, inside: QWidget | None = None, margins: Margins | None = None, spacing: int | None = None
) -> QHBoxLayout:
    """Return a layout of parts side by side, that of the widget `inside` if one is given.

    Margins and spacing are the style's where they are None.
    """
    return _filled(QHBoxLayout(), inside, parts, margins, spacing)


def in_column(
    *parts: Part, inside: QWidget | None = None, margins: Margins | None = None, spacing: int | None = None
) -> QVBoxLayout:
    """Return a layout of parts one below the other; see `in_row`."""
    return _filled(QVBoxLayout(), inside, parts, margins, spacing)


class Flow(QLayout):
    """Widgets side by side like words: in as many rows as the width makes necessary, so that it widens no panel."""

    def __init__(self, *widgets: QWidget, spacing: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # Qt asks until there is none
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._placed(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, room: QRect) -> None:
        wider = room.width() != self.geometry().width()
        super().setGeometry(room)
        self._placed(room, move=True)
        owner = self.parentWidget()
        if wider and owner is not None:
            owner.updateGeometry()  # in another width it may need other lines

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._shown()]
        across = sum(size.width() for size in sizes) + self.spacing() * max(0, len(sizes) - 1)
        return QSize(across, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        widest = max((item.minimumSize().width() for item in self._shown()), default=0)
        return QSize(widest, self._placed(QRect(0, 0, max(widest, self.geometry().width()), 0), move=False))

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _placed(self, room: QRect, *, move: bool) -> int:
        """Place the widgets in rows, from the top; return the height that they need."""
        x, y, row = room.left(), room.top(), 0
        for item in self._shown():
            size = item.sizeHint()
            if x > room.left() and x + size.width() > room.right() + 1:
                x, y, row = room.left(), y + row + self.spacing(), 0
            if move:
                item.setGeometry(QRect(x, y, min(size.width(), room.width()), size.height()))
            x, row = x + size.width() + self.spacing(), max(row, size.height())
        return y + row - room.top()


def scrolled(inside: QWidget, *, focus: bool = True) -> QScrollArea:
    """Return a frameless area that scrolls a widget if it is too high; `focus`: whether the keys reach the area."""
    area = QScrollArea(widgetResizable=True)
    area.setWidget(inside)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if not focus:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def show_instead(shown: QWidget, other: QWidget) -> None:
    """Show a widget in the place of another, which goes first: with both there, either would have half of the room."""
    other.hide()
    shown.show()


def discard(*widgets: QWidget) -> None:
    """Take widgets out of their layout, at once for the eye; they end with this turn of the event loop."""
    for widget in widgets:
        widget.hide()
        widget.deleteLater()


def _filled(
    box: Box, inside: QWidget | None, parts: tuple[Part, ...], margins: Margins | None, spacing: int | None
) -> Box:
    if inside is not None:
        inside.setLayout(box)
    if margins is not None:
        across, down, *others = (margins, margins) if isinstance(margins, int) else margins
        box.setContentsMargins(across, down, *(others or (across, down)))
    if spacing is not None:
        box.setSpacing(spacing)
    for part in parts:
        if part == REST:
            box.addStretch(1)
        elif isinstance(part, int):
            box.addSpacing(part)
        else:
            item, *rest = part if isinstance(part, tuple) else (part,)
            put: Callable[..., None] = box.addLayout if isinstance(item, QLayout) else box.addWidget
            put(item, *rest)
    return box
