"""A part of a view of the training: a title, words beside it, and a plot or a sentence that says what to do."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from engine.runs.samples import pauses
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.plots.axes import fit_ticks, styled_axis
from gui.plots.events import EventMarks
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column, in_row

FILLED = 1 / 10
"""Of an axis: how far apart two recorded moments may be at any rate without a gap between them."""
ALONE = 1 / 120
"""Of an axis: the width of a moment between two gaps; one of a step would be hard to see."""


def nearest(steps: NDArray[np.number], step: float) -> int:
    """Return the index of the entry nearest to a step."""
    return int(np.abs(np.asarray(steps) - step).argmin())


def in_gap(steps: NDArray[np.int64], x: float, right: float) -> bool:
    """Whether x is drawn as a gap between recorded steps (S,), on an axis that ends at `right`."""
    after = int(np.searchsorted(steps, x))
    if not 0 < after < steps.size or min(x - steps[after - 1], steps[after] - x) <= right * ALONE:
        return False
    return bool(pauses(steps, right * FILLED)[1][after - 1])


def nothing_recorded(x: float, known: int) -> str:
    """Return what hovering says in a gap; known: the nearest step that was recorded."""
    return f"Around step {max(1, round(x)):,}: nothing was recorded; the nearest is step {known:,}"


class Part(QWidget):
    """A titled part of a view; `content` is shown as soon as there is something to draw.

    Words and legend are rich text of the program's own.
    """

    hovered = Signal(str)
    """What is under the cursor, for the status line; "" when the cursor leaves."""

    def __init__(self, title: str, appearance: Appearance) -> None:
        super().__init__()
        self.appearance = appearance
        self.title = text_label(title, "strong")
        self.words = RichLabel(look="muted")
        self.words.setMinimumWidth(10)  # long words must not widen the part
        self.legend = RichLabel(look="muted")
        """A line for what colours mean; an empty one takes no room."""
        self.legend.setMinimumWidth(10)
        self.legend.hide()
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.empty.setObjectName("muted")
        self.header = in_row(self.title, (self.words, 1))
        self.content = QWidget()
        self._either = QStackedLayout()
        self._column = in_column(self.header, self.legend, (self._either, 1), inside=self, margins=0)
        for widget in (self.empty, self.content):  # not before the layout has its place: they would be windows
            self._either.addWidget(widget)
        self._plots: list[tuple[pg.PlotWidget, EventMarks | None]] = []

    def add_plot(self, widget: pg.PlotWidget, events: EventMarks | None = None) -> None:
        """Restyle a plot with the part, and say what is under the cursor in it."""
        self._plots.append((widget, events))
        if not widget.accessibleName():
            widget.setAccessibleName(self.title.text())
        widget.scene().sigMouseMoved.connect(lambda point: self._on_moved(widget, point))

    def show_empty(self, sentence: str) -> None:
        """Show a sentence that says what to do in place of the plot; "" shows the plot."""
        self.empty.setText(sentence)
        self._either.setCurrentWidget(self.empty if sentence else self.content)
        if sentence:
            self.words.clear()
        self.legend.setVisible(not sentence and bool(self.legend.text()))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self._either.currentWidget() is self.empty

    def restyle(self) -> None:
        """Use the theme's colours and the present size of text; the style sheet does it for labels."""
        text = self.appearance.text(TEXT)
        self.header.setSpacing(round(0.7 * text))
        self._column.setSpacing(round(0.3 * text))
        for widget, events in self._plots:
            plot = widget.getPlotItem()
            styled_axis(plot, self.appearance)
            fit_ticks(plot, self.appearance)
            if events is not None:
                events.restyle()

    def told(self, widget: pg.PlotWidget, x: float, y: float) -> str:
        """Return words for what is at a point of a plot, in the units of its axes."""
        raise NotImplementedError

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit("")

    def _on_moved(self, widget: pg.PlotWidget, point: QPointF) -> None:
        box = widget.getPlotItem().getViewBox()
        if self.is_empty or not box.sceneBoundingRect().contains(point):
            self.hovered.emit("")
            return
        at = box.mapSceneToView(point)
        self.hovered.emit(self.told(widget, at.x(), at.y()))
