"""What stands beside the maps: loss, measure and gradient norms over training, and the words at the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, cast

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from engine.runs.history import History
from engine.tasks.base import TaskFacts
from gui.appearance.rich_text import RichLabel
from gui.appearance.text_size import TEXT
from gui.appearance.theme import Appearance
from gui.commands.views import PANELS, found
from gui.plots.curves import CurvesPlot, curves_of
from gui.views.base import Tools
from gui.widgets.labels import text_label
from gui.widgets.layouts import in_column, in_row
from gui.widgets.segments import Segments

_SIDES, _ENDS = 12, 8
"""Margins of the words."""
_NARROWEST = 10
_HEIGHTS = {"loss": 27, "measure": 19, "gradients": 34}
"""The plots, by the names of their panels, and how they share the height of a column."""
_LEAST = 6.5
"""Letters down that a plot needs with its title; in a column that is too low for all, one is shown at a time."""


class _Plot(Protocol):
    """What a plot of the training offers, wherever it stands."""

    in_title: QWidget

    def show_run(self, history: History, layers: int) -> None: ...

    def show_news(self, history: History, facts: TaskFacts | None) -> None: ...


class Beside(QWidget):
    """Plots of the run, one below the other, or side by side where they have the whole width.

    In a low column there is one at a time, and tabs to choose it.
    """

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self._appearance = tools.appearance
        self.plots: dict[str, QWidget] = {name: found(PANELS[name].place).made(tools) for name in _HEIGHTS}
        for name, plot in self.plots.items():
            plot.setWhatsThis(PANELS[name].sentence)
        self._titles = {name: text_label(PANELS[name].words, "strong") for name in self.plots}
        self.parts = {name: self._titled(name) for name in self.plots}
        for name, plot in self.plots.items():
            plot.setAccessibleName(PANELS[name].words)
            for curves in curves_of(plot):
                curves.call(PANELS[name].words)
        for curves in self.curves:
            curves.begins_with_axes = True
        self._history: History | None = None
        px = self._appearance.px
        self._column = in_column(inside=self, margins=0, spacing=px(8))
        self._across = in_row(spacing=px(14))
        self._is_across: bool | None = None
        self._wanted: Sequence[str] = tuple(self.plots)
        self.tabs = Segments([(name.capitalize(), "") for name in self.plots], self._appearance)
        self.tabs.choose(0)
        self.tabs.chosen.connect(lambda _number: self._show())
        self._column.addWidget(self.tabs)
        self._resized = QTimer(self, singleShot=True, interval=0)  # a part that is just being shown cannot be hidden
        self._resized.timeout.connect(self._show)
        self.arrange(across=False)

    def _titled(self, name: str) -> QWidget:
        """Return a plot under its title, with what it has to say beside that."""
        part, plot = QWidget(), self.plots[name]
        beside = cast("_Plot", plot).in_title
        beside.setMinimumWidth(10)
        header = in_row(self._titles[name], (beside, 1), spacing=8)
        in_column(header, (plot, 1), inside=part, margins=0, spacing=2)
        return part

    @property
    def curves(self) -> list[CurvesPlot]:
        """The plots that may want details of a recording."""
        return [curves for plot in self.plots.values() for curves in curves_of(plot)]

    def arrange(self, across: bool) -> None:
        """Place the plots side by side, or one below the other."""
        if across == self._is_across:
            return
        self._is_across = across
        if across and self._across.parent() is None:
            self._column.addLayout(self._across, 1)
        for name, part in self.parts.items():
            if across:
                self._across.addWidget(part, 1)
            else:
                self._column.addWidget(part, _HEIGHTS[name])

    def news(self, history: History, facts: TaskFacts | None, layers: int) -> list[Callable[[], None]]:
        """Return what draws the new steps of a run, plot by plot; of another run all begin at once."""
        plots = [cast("_Plot", plot) for plot in self.plots.values()]
        if history is not self._history:
            self._history = history
            for plot in plots:
                plot.show_run(history, layers)
        return [partial(plot.show_news, history, facts) for plot in plots]

    def restyle(self) -> None:
        """Use the present size of text."""
        self._column.setSpacing(round(0.6 * self._appearance.text(TEXT)))
        self._show()

    def show_parts(self, names: Sequence[str]) -> None:
        """Show only these plots, of "loss", "measure" and "gradients"."""
        self._wanted = names
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._resized.start()

    def _show(self) -> None:
        """Show what is wanted, or where that has too little height the chosen one of it."""
        low = not self._is_across and self.height() < len(self._wanted) * _LEAST * self._appearance.text(TEXT)
        names = list(self.parts)
        for number, name in enumerate(names):
            self.tabs.offer(number, name in self._wanted)
        if names[self.tabs.choice] not in self._wanted:
            self.tabs.choose(names.index(self._wanted[0]))
        self.tabs.setVisible(low)
        for number, (name, part) in enumerate(self.parts.items()):
            part.setVisible(number == self.tabs.choice if low else name in self._wanted)
            self._titles[name].setVisible(not low)


class Words(QFrame):
    """A quiet field with what happens at the cursor."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.setObjectName("words")
        self.label = RichLabel(wrap=True)
        self.label.setParent(self)  # in no layout: each number that changes would have the window laid out anew
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._least = self._needed = 0

    def put(self, *parts: str) -> None:
        """Write paragraphs of rich text; room that was once needed stays, so that nothing moves with each number."""
        text = "".join(f'<p style="margin:0 0 4px 0">{part}</p>' for part in parts if part)
        if text != self.label.text():
            self.label.setText(text)
            self._make_room()

    def take_at_least(self, height: int) -> None:
        """Take so much room, and more only where it is needed."""
        self._least = height
        self.forget_height()

    def forget_height(self) -> None:
        """Take no more room than is needed now: the width or the letters are others."""
        self._needed = 0
        self._make_room()

    def _make_room(self) -> None:
        if self.label.text() and self.label.width() > _NARROWEST:
            self._needed = max(self._needed, self.label.heightForWidth(self.label.width()) + 2 * _ENDS)
        self.setMinimumHeight(max(self._least, self._needed))

    def sizeHint(self) -> QSize:
        return QSize(_NARROWEST, max(self._least, self._needed))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.label.setGeometry(self.contentsRect().adjusted(_SIDES, _ENDS, -_SIDES, -_ENDS))
        if event.size().width() != event.oldSize().width():
            self.forget_height()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.forget_height()
