"""Layouts in one expression: widgets side by side or one below the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

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


def scrolled(inside: QWidget, *, focus: bool = True) -> QScrollArea:
    """Return a frameless area that scrolls a widget if it is too high; `focus`: whether the keys reach the area."""
    area = QScrollArea(widgetResizable=True)
    area.setWidget(inside)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if not focus:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


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
