"""What every view in the middle of the window has in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.cell.trace import Trace
from engine.formats.numbers_file import Table
from gui.appearance.stored import Stored
from gui.appearance.style import fit_text
from gui.appearance.theme import Appearance
from gui.appearance.typeset import Typesetter
from gui.commands.number_taker import number_entries
from gui.commands.popup import popup
from gui.document.cell_model import CellModel
from gui.document.highlight import Light
from gui.jobs.background import Background
from gui.playback.playback import Playback
from gui.playback.walk import Walk
from gui.plots.numbers import Maps, picture_entries, tables_within
from gui.views.hall import Hall
from gui.views.to_come import ToCome

if TYPE_CHECKING:
    from gui.network.following import Following
    from gui.runs.controller import TrainingController
    from gui.runs.recordings import Recordings

_SMALLEST = QSize(320, 120)


@dataclass(frozen=True, eq=False)
class Tools:
    """What a view reads and works with; the same for all of them."""

    model: CellModel
    playback: Playback
    light: Light
    background: Background
    typesetter: Typesetter
    appearance: Appearance
    filling: Callable[[], tuple[str, int]] = lambda: ("xavier", 0)
    """What fills weights that are new: an initialisation and its seed."""
    training: TrainingController | None = None
    """The run in training; views of the training need it."""
    stored: Stored | None = None
    """What is remembered from one start to the next; None where nothing is."""
    recordings: Recordings | None = None
    """Where runs are recorded, and those that were; views of the training need it."""
    following: Following | None = None
    """The network of the run in place of the user's cell; None where there is no training."""
    to_come: ToCome = field(default_factory=ToCome)
    """Whether views of a sequence hide what the playback has not reached."""

    @property
    def shows_whole(self) -> bool:
        """Whether the diagram shows every number of a time step: of a network, unless what is to come is hidden."""
        return self.model.visiting and not self.to_come.hidden


class View(QWidget):
    """One way to look at the cell.

    A view draws from `trace`, the numbers of the open document, at time step `t`. `refresh` is called when
    either has changed or the theme has, and only while the view is on the screen.
    """

    has_timeline: ClassVar[bool] = True
    """Whether the timeline below shows its walk."""
    shows_cell: ClassVar[bool] = True
    """Whether it shows the numbers of the cell, which may be those of a network."""
    message = Signal(str)
    """A sentence for the status line."""
    wanted = Signal(str)
    """The name of another view to bring to the front."""
    asked = Signal(str)
    """A command to carry out, such as "train"."""

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self.tools = tools
        self._timers: list[QTimer] = []
        self._hall = Hall(self)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        tools.playback.moved.connect(self._on_changed)
        tools.playback.renewed.connect(self._on_changed)  # another trace
        tools.appearance.changed.connect(self._on_appearance)

    @property
    def by_steps(self) -> bool:
        """Whether the playback goes by whole time steps here: in views where single operations change nothing."""
        return True

    @property
    def walk(self) -> Walk:
        """What the playback's keys move while this view is in front."""
        return self.tools.playback

    @property
    def pictured(self) -> QWidget:
        """What a picture of the view shows: all of it, or what matters where some of it is there to be clicked."""
        return self

    @property
    def shown_walk(self) -> Walk:
        """What the timeline shows and moves while this view is in front."""
        return self.walk

    @property
    def trace(self) -> Trace | None:
        """The numbers to draw; None before the first are computed."""
        return self.tools.model.latest_trace

    @property
    def t(self) -> int:
        """The time step of the playback, from 0."""
        return self.tools.playback.moment.t

    def px(self, pixels: float) -> int:
        """Return a length given for 1080 lines in pixels of this screen, larger while presenting, as text is."""
        return self.tools.appearance.with_text(pixels)

    def minimumSizeHint(self) -> QSize:
        """Let the window be as small as the cell's diagram allows, whatever other views would like to have."""
        return _SMALLEST

    def end(self) -> None:
        """End this view's background work, without waiting: the window closes."""

    def restyle(self) -> None:
        """Take the present colours and sizes; labels have theirs from the style sheet."""

    def refresh(self) -> None:
        """Draw the present numbers."""
        raise NotImplementedError

    def numbers_shown(self) -> Maps | None:
        """Return the numbers over time steps that its menu copies: all that the cell computes. None: there are none."""
        trace = self.trace
        if trace is None:
            return None
        names = [item.name for item in trace.cell.inputs] + [item.name for item in trace.cell.operations]
        sizes = sum(np.size(trace.steps[0][name]) for name in names)

        def made() -> dict[str, NDArray[np.floating]]:
            return {
                trace.cell.described(name).symbol: np.stack([np.ravel(step[name]) for step in trace.steps])
                for name in names
            }

        return Maps(len(trace.steps) * sizes, made)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        numbers = self.numbers_shown()
        tables = [numbers.named()] if numbers is not None else self.tables()
        popup(self, event.globalPos(), [*number_entries(self, tables), *picture_entries(self)])

    def tables(self) -> list[Table]:
        """Return all numbers that can be copied and saved: those of the whole view, and those of its parts."""
        numbers = self.numbers_shown()
        return [*([numbers.named("Values")] if numbers is not None else []), *tables_within(self)]

    def while_shown(self, interval_ms: int, do: Callable[[], None]) -> QTimer:
        """Do something every so many milliseconds while the view is on the screen; return the timer that runs then."""
        timer = QTimer(self, interval=interval_ms)
        timer.timeout.connect(do)
        self._timers.append(timer)
        return timer

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_appearance()
        for timer in self._timers:
            timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for timer in self._timers:
            timer.stop()

    def _on_appearance(self) -> None:
        if self.isVisible():
            fit_text(self, self.tools.appearance)
            self.restyle()
            self.refresh()
        self._hall.show(self.isVisible() and self.tools.appearance.presenting)

    def _on_changed(self) -> None:
        if self.isVisible():
            self.refresh()
