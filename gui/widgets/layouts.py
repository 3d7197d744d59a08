"""Layouts in one expression: widgets side by side or one below the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

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


class Flow(QWidget):
    """Widgets side by side like words: in as many rows as the width makes necessary, so that it widens no panel.

    No layout of Qt's: one that is written in Python and the items in it are freed by both, and the program crashes.
    """

    def __init__(self, *widgets: QWidget, spacing: int) -> None:
        super().__init__()
        self._widgets = widgets
        self.spacing = spacing
        """Pixels between the widgets, and between the rows."""
        for widget in widgets:
            widget.setParent(self)
            widget.installEventFilter(self)
        policy = self.sizePolicy()
        policy.setVerticalPolicy(QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def use_spacing(self, spacing: int) -> None:
        """Take so many pixels between the widgets."""
        self.spacing = spacing
        self._arrange()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._placed(width, move=False)

    def sizeHint(self) -> QSize:
        sizes = [widget.sizeHint() for widget in self._shown()]
        across = sum(size.width() for size in sizes) + self.spacing * max(0, len(sizes) - 1)
        return QSize(across, self._placed(max(across, 1), move=False))

    def minimumSizeHint(self) -> QSize:
        widest = max((widget.sizeHint().width() for widget in self._shown()), default=0)
        return QSize(widest, self._placed(max(widest, self.width()), move=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._placed(self.width(), move=True)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # in another width it may need other rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A widget that is shown, hidden or given other words takes other room.
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._arrange()
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        self._placed(self.width(), move=True)
        self.updateGeometry()

    def _shown(self) -> list[QWidget]:
        return [widget for widget in self._widgets if not widget.isHidden()]

    def _placed(self, width: int, *, move: bool) -> int:
        """Place the widgets in rows, from the top; return the height that they need."""
        x, y, row = 0, 0, 0
        for widget in self._shown():
            size = widget.sizeHint().expandedTo(widget.minimumSize())
            if x > 0 and x + size.width() > width:
                x, y, row = 0, y + row + self.spacing, 0
            if move:
                widget.setGeometry(x, y, min(size.width(), max(width, 1)), size.height())
            x, row = x + size.width() + self.spacing, max(row, size.height())
        return y + row


def scrolled(inside: QWidget, *, focus: bool = True) -> QScrollArea:
    """Return a frameless area that scrolls a widget if it is too high; `focus`: whether the keys reach the area."""
    area = QScrollArea(widgetResizable=True)
    area.setWidget(inside)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if not focus:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def show_instead(shown: QWidget, other: QWidget, takes_keys: bool = False) -> None:
    """Show a widget in the place of another, which goes first: with both there, either would have half of the room.

    takes_keys: whether the widget has the keys now if the other one had them; else Qt gives them to whatever field
    comes next, or the view to one of the widget's.
    """
    with_keys = QApplication.focusWidget() if takes_keys else None
    had_keys = with_keys is not None and (with_keys is other or other.isAncestorOf(with_keys))
    other.hide()
    shown.show()
    if had_keys:
        shown.setFocus()


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
