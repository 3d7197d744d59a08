"""Lengths that a part was given when it was made follow a change of the screen, its resolution or the text's size.

Margins, gaps, fixed sizes and those of icons are given in pixels once. What a part computes anew by itself, it takes
after this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from PySide6.QtCore import QObject, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QDockWidget,
    QGridLayout,
    QLabel,
    QLayout,
    QWidget,
)

from gui.appearance.controls import LEAST_HIGH
from gui.appearance.theme import Appearance
from gui.widgets.layouts import Flow

_KEPT = "lengths"
_NEXT_TO_NOTHING = 10
"""Pixels that say of a least size that there is none."""
_NO_LIMIT = 100_000
"""Sizes from here on are Qt's for "no limit"."""
Lengths = tuple[int, ...]


class _Given(NamedTuple):
    """Lengths as they were given at a scale, and what was made of them last: what differs from that is newer."""

    lengths: Lengths
    scale: float
    last: Lengths


class _Property(NamedTuple):
    """Some lengths of a part: their name, those it has, which of them follow the scale, and how it gets others."""

    name: str
    lengths: Lengths
    grows: Callable[[int], bool]
    put: Callable[[Lengths], object]


def _always(_length: int) -> bool:
    return True


def _is_of_screen(length: int) -> bool:
    """Whether a limit of a size is one that depends on the screen: what is clicked keeps its least height."""
    return _NEXT_TO_NOTHING < length < _NO_LIMIT and not LEAST_HIGH <= length <= LEAST_HIGH + 2


class Rescaling(QObject):
    """Gives everything in a window the lengths of the screen's scale."""

    def __init__(self, window: QWidget, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        appearance.rescaled.connect(self._rescale)

    def _rescale(self, before: float, now: float) -> None:
        _give(self._window, _of_margins(self._window), before, now)
        for part in self._window.findChildren(QWidget):
            # A dock takes its limits from what is in it, Qt's own parts theirs from the style.
            if not isinstance(part, QDockWidget) and not part.objectName().startswith("qt_"):
                _give(part, _of_widget(part), before, now)
        for layout in self._window.findChildren(QLayout):
            if isinstance(layout, QBoxLayout | QGridLayout):
                _give(layout, _of_layout(layout), before, now)


def _give(part: QObject, properties: Iterator[_Property], before: float, now: float) -> None:
    known: dict[str, _Given] = dict(part.property(_KEPT) or {})
    for name, lengths, grows, put in properties:
        given = known.get(name)
        if given is None or given.last != lengths:
            given = _Given(lengths, before, lengths)
        wanted = tuple(round(length * now / given.scale) if grows(length) else length for length in given.lengths)
        known[name] = given._replace(last=wanted)
        if wanted != lengths:
            put(wanted)
    if known:
        part.setProperty(_KEPT, known)


def _of_widget(widget: QWidget) -> Iterator[_Property]:
    least, most = widget.minimumSize(), widget.maximumSize()
    if least.width() or least.height():
        yield _Property(
            "least", (least.width(), least.height()), _is_of_screen, lambda new: widget.setMinimumSize(*new)
        )
    if min(most.width(), most.height()) < _NO_LIMIT:
        yield _Property("most", (most.width(), most.height()), _is_of_screen, lambda new: widget.setMaximumSize(*new))
    if isinstance(widget, QAbstractButton) and not widget.icon().isNull():
        icon = widget.iconSize()
        yield _Property("icon", (icon.width(), icon.height()), _always, lambda new: widget.setIconSize(QSize(*new)))
    if isinstance(widget, Flow):
        yield _Property("gap", (widget.spacing,), _always, lambda new: widget.use_spacing(*new))
    if isinstance(widget, QLabel):
        yield _Property("margin", (widget.margin(),), _always, lambda new: widget.setMargin(*new))


def _of_margins(part: QWidget | QLayout) -> Iterator[_Property]:
    margins = part.contentsMargins()
    sides = margins.left(), margins.top(), margins.right(), margins.bottom()
    yield _Property("margins", sides, _always, lambda new: part.setContentsMargins(*new))


def _of_layout(layout: QBoxLayout | QGridLayout) -> Iterator[_Property]:
    yield from _of_margins(layout)
    if isinstance(layout, QGridLayout):
        gaps = layout.horizontalSpacing(), layout.verticalSpacing()
        yield _Property("gaps", gaps, _always, lambda new: _put_gaps(layout, new))
        return
    yield _Property("gap", (layout.spacing(),), _always, lambda new: layout.setSpacing(*new))


def _put_gaps(layout: QGridLayout, gaps: Lengths) -> None:
    layout.setHorizontalSpacing(gaps[0])
    layout.setVerticalSpacing(gaps[1])
